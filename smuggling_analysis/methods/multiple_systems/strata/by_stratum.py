"""Any method on lists, stratum by stratum: separately, or with small strata borrowing from the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.linked.every_version import takes_linked_versions
from smuggling_analysis.methods.multiple_systems.strata.pooled_strata import POOLINGS
from smuggling_analysis.methods.multiple_systems.strata.result import (
    Stratified,
    nobody_in,
    observed_in,
    whole_of,
)
from smuggling_analysis.methods.multiple_systems.strata.together import estimate_together
from smuggling_analysis.methods.multiple_systems.strata.total import sum_of
from smuggling_analysis.progress import followed


@takes_linked_versions
def stratified(histories: CaptureHistories, **options: Any) -> Estimate:
    """Estimate a population as the sum over its strata; `stratified_estimates` gives the strata, too.

    Parameters
    ----------
    histories : CaptureHistories
        Lists with strata.
    **options
        As in `stratified_estimates`.

    Returns
    -------
    Estimate
        The sum, in persons. `diagnostics` holds each stratum's estimate, the refusals, and the estimate from
        the strata added together.

    Notes
    -----
    On populations of known size (`smuggling_analysis.published_validation`) what holds for the method
    used in each stratum holds for the sum.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"sex": list("fffmmm"), "a": [1, 0, 1] * 2, "b": [0, 1, 1] * 2,
    ...                       "count": [30, 40, 12, 60, 50, 10]})
    >>> histories = CaptureHistories.from_table(table, strata=["sex"])
    >>> stratified(histories, method="lincoln_petersen").value
    602.0
    """
    return stratified_estimates(histories, **options).sum


def stratified_estimates(histories: CaptureHistories, *, by: Sequence[str] | str | None = None,
                         method: str = "loglinear", pooling: str | None = None,
                         pooling_sd: float | tuple[float, float] | None = None,
                         order: Sequence[str] | None = None, draws: int = 4000,
                         confidence_level: float = 0.95,
                         rng: int | np.random.Generator | None = None, n_jobs: int = 1,
                         **options: Any) -> Stratified:
    """Estimate each stratum by any method on lists, their sum, and the strata added together.

    Where lists reach women and men, or years, differently, one table of all of them is biased and the sum
    over strata is not; but small strata may have no estimate, or a poor one. With pooling each stratum keeps
    its own log-linear parameters, shrunk towards the strata's mean or towards the neighbouring years', by as
    much as the data ask for.

    Parameters
    ----------
    histories : CaptureHistories
        Lists with strata.
    by : str or sequence of str, optional
        Which of `histories.stratified_by` make the strata; the others are added together. All by default.
    method : str
        A method of METHODS on lists; with pooling "loglinear".
    pooling : {None, "strata", "neighbours"}
        Strata apart; shrunk towards their mean; or along an ordered variable towards the next ones, within
        equal values of the other variables.
    pooling_sd : float or (float, float), optional
        Fixes how much strata differ: the standard deviation of their log-linear parameters, for the lists'
        own terms and the dependences between lists. 0 makes them common, a large number leaves strata apart.
        With "neighbours", the standard deviation of the change over one unit of the ordered variable.
    order : sequence of str, optional
        The ordered variable's values from first to last; numbers need none.
    draws : int
        Draws with pooling.
    confidence_level : float
        The intervals' level.
    rng : int, Generator or None
        Randomness of the method or of the draws.
    n_jobs : int
        Workers, one stratum each; the result does not depend on it.
    **options
        Of the method; with pooling `model`, `selection`, `max_order` and `threshold`. A model is chosen once
        with pooling, on the strata added together; otherwise in each stratum.

    Returns
    -------
    Stratified
        With `.estimates`, `.sum`, `.pooled`, `.cautions` and `.frame()`. The sum's interval takes separate
        strata as independent and adds their draws, implied by their intervals where there are none; with
        pooling the draws are joint and carry the uncertainty about the pooling sd.

    Raises
    ------
    ValueError
        If there are no strata, a variable or method is unknown, or options do not go together.
    NoEstimate
        If no stratum has an estimate, or of some people it was not recorded to which stratum they belong.

    References
    ----------
    Sutherland, J. M., Schwarz, C. J. and Rivest, L.-P. (2007). Multilist population estimation with
    incomplete and partial stratification. Biometrics 63(3), 910-916.

    Breslow, N. E. and Clayton, D. G. (1993). Approximate inference in generalized linear mixed models.
    Journal of the American Statistical Association 88(421), 9-25.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"sex": list("fffmmm"), "a": [1, 0, 1] * 2, "b": [0, 1, 1] * 2,
    ...                       "count": [30, 40, 0, 60, 50, 10]})
    >>> histories = CaptureHistories.from_table(table, strata=["sex"])
    >>> found = stratified_estimates(histories, method="lincoln_petersen")
    >>> found.estimates[("f",)].reason, found.sum.value
    ('Lincoln-Petersen two-list estimator needs people who are on both lists; nobody is', 490.0)
    >>> pooled = stratified_estimates(histories, pooling="strata", model="[1,2]", pooling_sd=0.5, rng=1)
    >>> round(pooled.estimates[("f",)].value)
    528
    """
    strata = _by(histories, by)
    generator = np.random.default_rng(rng)
    if pooling is None:
        if pooling_sd is not None or order is not None:
            raise ValueError("pooling_sd and order belong to pooling='strata' or 'neighbours'")
        return _apart(strata, method, confidence_level, generator, n_jobs, options)
    if pooling not in POOLINGS:
        raise ValueError(f"pooling is None or one of {', '.join(POOLINGS)}, got {pooling!r}")
    if order is not None and (pooling != "neighbours" or isinstance(order, str) or len(set(order)) < len(order)):
        raise ValueError("order, with pooling='neighbours', is a list of distinct values from first to last, got "
                         f"{order!r}")
    if method != "loglinear":
        raise ValueError(f"pooling shrinks log-linear parameters, so method is 'loglinear', not {method!r}")
    if not isinstance(draws, (int, np.integer)) or draws < 100:
        raise ValueError(f"an interval needs 100 draws or more, better 4,000; got {draws}")
    if not 0 < confidence_level < 1:
        raise ValueError(f"confidence_level is a share between 0 and 1, got {confidence_level}")
    return estimate_together(strata, pooling, pooling_sd, order, draws, confidence_level, generator, options)


def _by(histories: CaptureHistories, by: Sequence[str] | str | None) -> CaptureHistories:
    """Return the histories with only these strata, the others added together."""
    if not histories.stratified_by:
        raise ValueError("these histories have no strata: name them when the table is read, for example "
                         "from_table(table, strata=['sex'])")
    wanted = histories.stratified_by if by is None else (by,) if isinstance(by, str) else tuple(by)
    if not wanted or len(set(wanted)) < len(wanted) or not set(wanted) <= set(histories.stratified_by):
        raise ValueError(f"by names some of {', '.join(histories.stratified_by)}, got {by!r}")
    kept = histories.restratified(wanted)
    if unsaid := kept.n_not_recorded:
        names = " or ".join(kept.partly_recorded)
        raise NoEstimate(
            f"of {unsaid:,} of {kept.n_observed:,} people {names} was not recorded: they belong to strata already "
            "there and make none of their own",
            f"loglinear with covariates={list(wanted)!r} (covariate_model), which shares them out over the strata, or "
            "strata by what was recorded of everybody")
    return kept


def _apart(strata: CaptureHistories, name: str, confidence_level: float, rng: np.random.Generator,
           n_jobs: int, options: Mapping[str, Any]) -> Stratified:
    from joblib import Parallel, delayed

    from smuggling_analysis.methods import METHODS

    usable = [row.name for row in METHODS.values()
              if row.evidence == "CaptureHistories" and row.name != "stratified"]
    if name not in usable:
        raise ValueError(f"method is one of {', '.join(usable)}, got {name!r}")
    row = METHODS[name]
    level = {"confidence_level": confidence_level} if "confidence_level" in row.options else {}
    parts = dict(strata.by_stratum())
    seeds = rng.spawn(len(parts) + 1)

    def one(part: CaptureHistories, own: np.random.Generator) -> Estimate | NoEstimate:
        if lacking := row.lacks(part):
            return NoEstimate(f"{row.title} {lacking}", "lists of that stratum that meet it")
        try:
            return row(part, **options, **level, **({"rng": own} if "rng" in row.options else {}))
        except NoEstimate as refusal:
            return refusal

    work = Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")(
        delayed(one)(part, own) for part, own in zip(parts.values(), seeds[1:], strict=True))
    answers = list(followed(work, len(parts), "strata"))
    found = dict(zip(parts, answers, strict=True))
    results = {label: found.get(label) or nobody_in(label) for label in strata.strata}
    pooled = one(strata.pooled(), seeds[0])
    total = sum_of(results, observed_in(strata), strata, name, confidence_level, joint=False,
                   told={"added_together": pooled.value if isinstance(pooled, Estimate) else None})
    return whole_of(strata, results, total, pooled)
