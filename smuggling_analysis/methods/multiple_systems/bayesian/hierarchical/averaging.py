"""Bayesian averaging over hierarchical log-linear models of lists, and of lists x covariates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from smuggling_analysis.draws import digest
from smuggling_analysis.estimate import Estimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.evidence_table import EvidenceTable
from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.prior_dominance import Dominance, dominance
from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.priors import PRIORS
from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.results import LogLinearChains, chains_of, told
from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.sampling import Sampled, sample
from smuggling_analysis.methods.multiple_systems.linked.every_version import takes_linked_versions
from smuggling_analysis.methods.multiple_systems.log_linear.overlap_cautions import table_cautions

_NEEDED = "more draws, or lists that share more people"


@takes_linked_versions
def bayesian_loglinear(histories: CaptureHistories, *, prior: str = "unit_information", max_order: int = 2,
                       covariates: Sequence[str] = (), over_covering: Sequence[str] = (), chains: int = 4,
                       draws: int = 2500, burn_in: int = 500, n_jobs: int = 1, confidence_level: float = 0.95,
                       rng: int | np.random.Generator | None = None) -> Estimate:
    """Estimate a population by averaging over hierarchical log-linear models (King and Brooks 2001).

    Every hierarchical model of the lists has the same prior probability; each draw holds a model, its coefficients
    and the people not seen. So the interval holds what is not known of the model, too. The intercept has a flat
    prior, the other coefficients normal ones around nought.

    Parameters
    ----------
    histories : CaptureHistories
        Two lists or more.
    prior : {"unit_information", "shrinkage", "thresholding"}
        "unit_information": as much as one cell of the table says (Ntzoufras, Dellaportas and Forster 2003); with
        two levels a variable every coefficient that sums to zero has variance 1. "shrinkage": the variance has an
        inverse gamma prior itself, of shape and scale 0.0005 (Sabanes Bove and Held 2011). "thresholding": see
        `bayesian_thresholding`, which is then called with this function's options.
    max_order : int
        The most lists and covariates in one interaction. All lists together are in none: no table can show it.
    covariates : sequence of str
        Variables that make the strata, to be modelled with the lists in one table; the strata of others are added
        together.
    over_covering : sequence of str
        Lists that also hold people outside the population. Of those seen on such lists alone, between none and all
        belong to it, as the model has it (Overstall et al. 2014).
    chains, draws, burn_in : int
        Chains, draws kept of each, and iterations dropped before them.
    n_jobs : int
        Threads; the result does not depend on it.
    confidence_level : float
        The interval's level.
    rng : int, Generator or None
        Randomness of the chains.

    Returns
    -------
    Estimate
        In persons: posterior median and equal-tailed interval. `observed` are those who certainly belong.
        `diagnostics` holds the chains' measures, the models and interactions with their posterior probabilities and
        Monte Carlo errors, the people by stratum, and what a narrower and a wider prior would give.

    Raises
    ------
    ValueError
        If an option makes no sense or there are too many lists and covariates.
    NoEstimate
        If nobody is on two lists, the posterior is improper or has no end, the prior decides the number, or the
        chains do not agree.

    Notes
    -----
    On populations of known size (`smuggling_analysis.published_validation`) the interval holds the truth
    under dependence between pairs of lists, and misses it where people differ much in how easily they are
    met; with many lists and sparse overlaps the method often refuses.

    Given the model's coefficients the people not seen are a Poisson number that nothing else depends on, so the
    chains run on the counted cells and draw them at the end. See `kernels.bayesian_loglinear` for the moves.

    References
    ----------
    King, R. and Brooks, S. P. (2001). On the Bayesian analysis of population size. Biometrika 88(2), 317-336.

    Ntzoufras, I., Dellaportas, P. and Forster, J. J. (2003). Bayesian variable and link determination for generalised
    linear models. Journal of Statistical Planning and Inference 111, 165-180.

    Overstall, A. M. and King, R. (2014). conting: an R package for Bayesian analysis of complete and incomplete
    contingency tables. Journal of Statistical Software 58(7), 1-27.

    Overstall, A. M., King, R., Bird, S. M., Hutchinson, S. J. and Hay, G. (2014). Incomplete contingency tables with
    censored cells with application to estimating the number of people who inject drugs in Scotland. Statistics in
    Medicine 33(9), 1564-1579. doi:10.1002/sim.6047

    Sabanes Bove, D. and Held, L. (2011). Hyper-g priors for generalized linear models. Bayesian Analysis 6(3),
    387-410.

    Examples
    --------
    >>> histories = CaptureHistories.from_counts(
    ...     {"police": 600, "ngo": 400, "court": 300, ("police", "ngo"): 120, ("police", "court"): 35,
    ...      ("ngo", "court"): 25, ("police", "ngo", "court"): 9}, lists=["police", "ngo", "court"])
    >>> found = bayesian_loglinear(histories, rng=1)
    >>> found.lower < 5700 < found.upper
    True
    >>> found.diagnostics["models"][0]["model"]
    'ngo x police, court'
    """
    if prior == "thresholding":
        return _thresholded(histories, max_order, covariates, over_covering, confidence_level=confidence_level,
                            chains=chains, draws=draws, burn_in=burn_in, n_jobs=n_jobs, rng=rng)
    run = _run(histories, prior, max_order, covariates, over_covering, chains, draws, burn_in, n_jobs, rng)
    made = run.chains.estimate(
        needed=_NEEDED, confidence_level=confidence_level, observed=float(run.evidence.certain.sum()),
        fingerprint=histories.fingerprint, simulated=histories.simulated, cautions=tuple(_cautions(histories, run)),
        diagnostics=_diagnostics(run, confidence_level))
    run.dominance.require_data()
    return made


def bayesian_loglinear_chains(histories: CaptureHistories, *, prior: str = "unit_information", max_order: int = 2,
                              covariates: Sequence[str] = (), over_covering: Sequence[str] = (), chains: int = 4,
                              draws: int = 2500, burn_in: int = 500, n_jobs: int = 1,
                              rng: int | np.random.Generator | None = None) -> LogLinearChains:
    """Return the draws behind `bayesian_loglinear`, chain by chain, with the models they visited.

    Parameters and errors are those of `bayesian_loglinear`, without "thresholding"; chains that do not agree, and
    a population that the prior decides, are returned all the same.

    Returns
    -------
    LogLinearChains
        Of the population, in persons, with tables of models, interactions and coefficients, and the strata's draws.

    References
    ----------
    King, R. and Brooks, S. P. (2001). On the Bayesian analysis of population size. Biometrika 88(2), 317-336.

    Examples
    --------
    >>> histories = CaptureHistories.from_counts(
    ...     {"police": 600, "ngo": 400, "court": 300, ("police", "ngo"): 120, ("police", "court"): 35,
    ...      ("ngo", "court"): 25, ("police", "ngo", "court"): 9}, lists=["police", "ngo", "court"])
    >>> made = bayesian_loglinear_chains(histories, draws=1000, rng=1)
    >>> made.values.shape, made.interactions["interaction"].tolist()
    ((4, 1000), ['court x ngo', 'court x police', 'ngo x police'])
    """
    return _run(histories, prior, max_order, covariates, over_covering, chains, draws, burn_in, n_jobs, rng).chains


@dataclass(frozen=True, eq=False)
class _Run:
    """Everything one run found."""

    evidence: EvidenceTable
    sampled: Sampled
    chains: LogLinearChains
    dominance: Dominance


def _run(histories: CaptureHistories, prior: str, max_order: int, covariates: Sequence[str],
         over_covering: Sequence[str], chains: int, draws: int, burn_in: int, n_jobs: int,
         rng: int | np.random.Generator | None) -> _Run:
    if prior not in PRIORS:
        raise ValueError(f"prior is one of {', '.join((*PRIORS, 'thresholding'))}, got {prior!r}")
    if chains < 1 or draws < 100 or burn_in < 0:
        raise ValueError(f"it takes one chain or more and 100 draws or more of each; got {chains} chains, {draws} "
                         f"draws, burn_in {burn_in}")
    evidence = EvidenceTable.of(histories, max_order=max_order, covariates=covariates, over_covering=over_covering)
    # The stream's own number goes into the draws' name: draws of one seed are one joint distribution.
    stream = int(np.random.default_rng(rng).integers(2**63))
    sampled = sample(evidence, PRIORS[prior], streams=np.random.default_rng(stream).spawn(chains), draws=draws,
                     burn_in=burn_in, n_jobs=n_jobs)
    method = f"hierarchical log-linear models averaged, {PRIORS[prior].title}"
    named = digest(histories.fingerprint, method, evidence.space.max_order, sorted(covariates), sorted(over_covering),
                   chains, draws, burn_in, stream)
    return _Run(evidence, sampled, chains_of(evidence, sampled, method=method, burn_in=burn_in, joint=named),
                dominance(sampled, PRIORS[prior]))


def _diagnostics(run: _Run, confidence_level: float) -> dict[str, Any]:
    far, near = run.sampled.accepted.tolist()
    return {**told(run.chains, confidence_level), "accepted_between_models": far, "accepted_within_a_model": near,
            "under_a_narrower_prior": run.dominance.narrower, "under_a_wider_prior": run.dominance.wider}


def _cautions(histories: CaptureHistories, run: _Run) -> Iterator[str]:
    covariates, doubtful = run.evidence.table.covariates, run.evidence.doubtful
    yield from table_cautions(histories.pooled() if covariates else histories)
    if left_out := [name for name in histories.stratified_by if covariates and name not in covariates]:
        yield (f"the strata of {', '.join(left_out)} were added together: if the lists reach them differently the "
               "estimate is biased")
    if doubtful:
        belong = float(np.median(run.sampled.belong))
        yield (f"{doubtful:,.0f} people are on {' and '.join(run.evidence.over_covering)} alone, which also hold "
               f"people outside the population; the model has it that {belong:,.0f} of them belong, and they are not "
               "among those observed")
    yield from run.dominance.cautions()


def _thresholded(histories: CaptureHistories, max_order: int, covariates: Sequence[str],
                 over_covering: Sequence[str], **options: Any) -> Estimate:
    from smuggling_analysis.methods.multiple_systems.bayesian.thresholding.estimator import bayesian_thresholding

    if max_order != 2 or covariates or over_covering:
        raise ValueError("the thresholding prior is of pairs of lists: it takes max_order=2, no covariates and no "
                         "over_covering lists")
    return bayesian_thresholding(histories, **options)
