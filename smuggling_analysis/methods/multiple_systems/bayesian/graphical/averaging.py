"""The estimate from the average over decomposable graphs, and what a reader must know of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.bayesian.graphical.exact_average import bayesian_graphical_posterior
from smuggling_analysis.methods.multiple_systems.bayesian.graphical.posterior import GraphicalPosterior
from smuggling_analysis.methods.multiple_systems.bayesian.graphical.weights import Prior
from smuggling_analysis.methods.multiple_systems.linked.every_version import takes_linked_versions
from smuggling_analysis.methods.multiple_systems.log_linear.overlap_cautions import table_cautions

MOST_UNINFORMED = 0.5
"""There is no estimate where graphs of which the prior alone decides N hold more than this of the posterior."""
SOME_UNINFORMED = 0.05
"""From this share on the estimate says so."""
MOST_APART = 1.5
"""The prior decides much where two usual prior counts give medians further apart than this ratio."""
_OTHER_DELTA = 1.0
_AT_THE_LIMIT = 0.95
_NEEDED = ("people found on several lists, so that the data and not the prior choose the graph; or lists that are kept "
           "longer, or a further one")


@takes_linked_versions
def bayesian_graphical(histories: CaptureHistories, *, delta: float | None = None, prior: Prior = "inverse",
                       least_hidden: int = 0, most_hidden: int | None = None,
                       confidence_level: float = 0.95) -> Estimate:
    """Estimate a population by averaging over every decomposable graph of dependence between lists.

    A graph joins lists that depend on one another. The probability of each graph and each population follows
    exactly from the counts and two priors: `delta` people, in thought, with each history, and `prior` on N. Where
    few people are on several lists both decide the number, and the estimate says so or is refused: `prior_table`
    shows how much.

    Parameters
    ----------
    histories : CaptureHistories
        Three to seven lists; strata are added together.
    delta : float, optional
        The prior count of each of the 2**lists histories; by default one spread over all, 2**-lists.
    prior : {"inverse", "uniform"}, function or array
        Prior on the population, as in `bayesian_graphical_posterior`.
    least_hidden : int
        The fewest hidden people considered.
    most_hidden : int, optional
        The most considered; by default as many as matter.
    confidence_level : float
        The probability that the interval holds.

    Returns
    -------
    Estimate
        In persons: the posterior median, an equal-tailed interval, the posterior standard deviation as `se` where it
        has one, draws. `diagnostics` holds `mean, sd` (None where the tail is too long for one), `mode`,
        `quantiles`, the graphs of most probability with their means, the share of the posterior that nobody
        informs (`uninformed`), and the median at other prior counts (`medians_by_delta`).

    Raises
    ------
    ValueError
        If there are fewer than three or more than seven lists, or an option cannot be used.
    NoEstimate
        If graphs of which the prior alone decides N hold most of the posterior, or it has no total.

    Notes
    -----
    On populations of known size (`smuggling_analysis.published_validation`) the interval holds the truth
    under dependence between lists, and misses it where people differ in how easily they are met.

    References
    ----------
    Madigan, D. and York, J. C. (1997). Bayesian methods for estimation of the size of a closed population.
    Biometrika 84(1), 19-31.

    Examples
    --------
    >>> children = CaptureHistories.from_counts(
    ...     {"clinic": 60, "death": 49, ("clinic", "death"): 4, "birth": 247, ("clinic", "birth"): 112,
    ...      ("death", "birth"): 142, ("clinic", "death", "birth"): 12}, lists=["clinic", "death", "birth"])
    >>> found = bayesian_graphical(children, delta=1)
    >>> found.value, found.lower, found.upper, round(found.diagnostics["mean"], 1)
    (732.0, 681.0, 800.0, 734.6)
    """
    if not 0 < confidence_level < 1:
        raise ValueError(f"confidence_level is a share between 0 and 1, got {confidence_level}")
    options: dict[str, Any] = {"prior": prior, "least_hidden": least_hidden, "most_hidden": most_hidden}
    posterior = bayesian_graphical_posterior(histories, delta=delta, **options)
    refuse_uninformed(posterior)
    medians = _medians(histories, posterior, options)
    lower, upper = posterior.interval(confidence_level)
    return Estimate(
        value=posterior.quantile(0.5), lower=lower, upper=upper, unit="persons", confidence_level=confidence_level,
        method=f"bayesian_graphical, delta {posterior.delta:g}, prior {posterior.prior}", observed=posterior.observed,
        se=posterior.sd, interval="equal-tailed, of the posterior", draws=posterior.draws(),
        diagnostics=_diagnostics(posterior, medians),
        cautions=(*table_cautions(histories), *posterior_cautions(posterior, limited=most_hidden is not None),
                  *_prior_caution(medians, posterior.delta)),
        fingerprint=histories.fingerprint, simulated=histories.simulated)


def refuse_uninformed(posterior: GraphicalPosterior) -> None:
    """Raise `NoEstimate` where graphs that nobody informs hold most of the posterior."""
    if posterior.uninformed > MOST_UNINFORMED:
        raise NoEstimate(
            f"{100 * posterior.uninformed:.3g} % of the posterior lies with graphs for which nobody tells how many "
            "are hidden (above all the one in which all lists depend on one another): with delta "
            f"{posterior.delta:g} the prior decides the number, not the data", _NEEDED)


def posterior_cautions(posterior: GraphicalPosterior, *, limited: bool) -> Iterator[str]:
    """Say what a reader must know of one posterior; `limited` where the caller set the most hidden people."""
    if posterior.uninformed > SOME_UNINFORMED:
        yield (f"{100 * posterior.uninformed:.2g} % of the posterior lies with graphs of which the prior alone decides "
               "the number of hidden people")
    if posterior.mode <= posterior.observed + posterior.least_hidden:
        yield ("the most probable number of hidden people is the least considered: the posterior only falls, so its "
               "median and interval lean on the prior")
    if posterior.mean is None or posterior.sd is None:
        missing = "mean" if posterior.mean is None else "standard deviation"
        yield f"the posterior has so long a tail that its {missing} means nothing; the median and the interval do"
    if limited and posterior.quantile(0.99) > posterior.observed + _AT_THE_LIMIT * posterior.most_hidden:
        yield (f"the posterior is cut off at {posterior.most_hidden:,} hidden people, the limit that was given: "
               "without it the number would be higher")


def _medians(histories: CaptureHistories, posterior: GraphicalPosterior,
             options: dict[str, Any]) -> dict[float, int | None]:
    """Return the median with the prior counts asked for, by default, and of one person with each history."""
    found: dict[float, int | None] = {posterior.delta: posterior.quantile(0.5)}
    for delta in (2.0**-histories.n_lists, _OTHER_DELTA):
        if delta not in found:
            try:
                found[delta] = bayesian_graphical_posterior(histories, delta=delta, **options).quantile(0.5)
            except NoEstimate:
                found[delta] = None
    return dict(sorted(found.items()))


def _prior_caution(medians: dict[float, int | None], delta: float) -> Iterator[str]:
    told = {one: median for one, median in medians.items() if median is not None}
    if max(told.values()) > MOST_APART * min(told.values()):
        others = " and ".join(f"{median:,} with delta {one:g}" for one, median in told.items() if one != delta)
        yield (f"the prior decides much: in place of {told[delta]:,} with delta {delta:g} the median is {others}; see "
               "prior_table")


_QUANTILES = (0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975)


def _diagnostics(posterior: GraphicalPosterior, medians: dict[float, int | None]) -> dict[str, Any]:
    leading = posterior.leading(10)
    return {
        "mean": posterior.mean, "sd": posterior.sd, "mode": posterior.mode, "delta": posterior.delta,
        "prior": posterior.prior, "quantiles": {f"{100 * share:g}%": posterior.quantile(share) for share in _QUANTILES},
        "model": leading["model"][0], "informing": int(leading["informing"][0]), **posterior.told(),
        "uninformed": posterior.uninformed, "medians_by_delta": {f"{one:g}": median for one, median in medians.items()},
        "graphs_visited": posterior.visited, "graphs_left_out_hold_at_most": posterior.left_out,
        "least_hidden": posterior.least_hidden, "most_hidden": posterior.most_hidden, "beyond": posterior.beyond}
