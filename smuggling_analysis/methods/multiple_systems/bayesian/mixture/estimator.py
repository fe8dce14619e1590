"""The latent-class estimate."""

from __future__ import annotations

import numpy as np

from smuggling_analysis.chains import Chains
from smuggling_analysis.estimate import Estimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.bayesian.mixture.class_prior import ClassPrior
from smuggling_analysis.methods.multiple_systems.bayesian.mixture.other_priors import medians_under_other_priors
from smuggling_analysis.methods.multiple_systems.bayesian.mixture.reading import posterior_cautions
from smuggling_analysis.methods.multiple_systems.bayesian.mixture.sampler import (
    CONCENTRATION,
    IN_USE,
    UNSEEN,
    latent_class_chains,
)
from smuggling_analysis.methods.multiple_systems.linked.every_version import takes_linked_versions
from smuggling_analysis.methods.multiple_systems.log_linear.overlap_cautions import table_cautions

_NEEDED = "longer chains (draws, burn_in), lists that share more people, or a method that fits one model"


@takes_linked_versions
def latent_class(histories: CaptureHistories, *, classes: int = 10, shape: float = 0.25, rate: float = 0.25,
                 chains: int = 4, draws: int = 2500, burn_in: int = 1000, confidence_level: float = 0.95,
                 n_jobs: int = 2, rng: int | np.random.Generator | None = None) -> Estimate:
    """Estimate a population of latent classes of people, each found by the lists in its own way.

    People belong to classes that nobody recorded. Within a class the lists are independent, and each has its own
    chance to find someone; classes that differ make the lists depend on one another. How many classes there are is
    not fixed: a Dirichlet process, cut off at `classes`, gives few of them most people (Manrique-Vallier 2016).
    The chances are uniform beforehand, and the prior of the population is proportional to 1/N.

    Where a large class is hard to find for every list, the estimate is too low: of 4,000 people, 2,500 of whom are
    on each of four lists with a chance near 0.1 and the others near 0.4, it sees about 3,200. A fifth list helps.

    Parameters
    ----------
    histories : CaptureHistories
        From 3 to 20 lists; strata are added together.
    classes : int
        The most classes there may be.
    shape, rate : float
        Of the Gamma prior of the concentration: the smaller that is, the fewer classes hold people.
    chains : int
        Markov chains, each from a start of its own; whether they agree is checked.
    draws, burn_in : int
        Draws of each chain that are kept, and iterations before them that are not.
    confidence_level : float
        The interval's level.
    n_jobs : int
        Threads; the answer does not depend on it.
    rng : int, Generator or None
        Seed or source of randomness.

    Returns
    -------
    Estimate
        In persons: posterior median, equal-tailed interval, draws. `diagnostics` holds mean, sd, R-hat, effective
        sample sizes, the mean number of classes in use, the median concentration and chance of being unseen, and
        the median population under other priors of the concentration and of N.

    Raises
    ------
    ValueError
        If an option is out of its range.
    NoEstimate
        If there are fewer than three lists, a list holds nobody, nobody is on two lists, or the chains do not
        agree on one number.

    Notes
    -----
    On populations of known size (`smuggling_analysis.published_validation`) the interval holds the truth
    where the lists are nearly independent. It misses it where one list leads to another, where overlaps
    are sparse, and, against its purpose, where people differ much in how easily they are met: a class
    that the lists hardly meet leaves too little trace.

    References
    ----------
    Manrique-Vallier, D. (2016). Bayesian population size estimation using Dirichlet process mixtures. Biometrics
    72(4), 1246-1254.

    Examples
    --------
    Killings in Kosovo in 1999, by four lists (Ball et al. 2002).

    >>> killings = CaptureHistories.from_counts(
    ...     {"EXH": 1131, "ABA": 845, "OSCE": 936, "HRW": 306, ("EXH", "ABA"): 177, ("EXH", "OSCE"): 228,
    ...      ("EXH", "HRW"): 106, ("ABA", "OSCE"): 217, ("ABA", "HRW"): 31, ("OSCE", "HRW"): 123,
    ...      ("EXH", "ABA", "OSCE"): 181, ("EXH", "ABA", "HRW"): 18, ("EXH", "OSCE", "HRW"): 42,
    ...      ("ABA", "OSCE", "HRW"): 32, ("EXH", "ABA", "OSCE", "HRW"): 27}, lists=["EXH", "ABA", "OSCE", "HRW"])
    >>> found = latent_class(killings, rng=1)
    >>> 10_200 < found.value < 10_700, found.diagnostics["rhat"] < 1.02
    (True, True)
    """
    prior = ClassPrior(classes, shape, rate)
    drawn = latent_class_chains(histories, classes=classes, shape=shape, rate=rate, chains=chains, draws=draws,
                                burn_in=burn_in, n_jobs=n_jobs, rng=rng)
    return estimate_of(drawn, histories, prior, confidence_level)


def estimate_of(drawn: Chains, histories: CaptureHistories, prior: ClassPrior, confidence_level: float) -> Estimate:
    """Make the estimate of chains through latent classes with a prior.

    Raises
    ------
    NoEstimate
        If the chains do not agree on one number.
    """
    others = medians_under_other_priors(drawn, prior)
    return drawn.estimate(
        needed=_NEEDED, confidence_level=confidence_level, observed=histories.n_observed,
        fingerprint=histories.fingerprint, simulated=histories.simulated,
        cautions=(*table_cautions(histories), *posterior_cautions(drawn, prior, others)),
        diagnostics={"classes": prior.classes, "shape": prior.shape, "rate": prior.rate,
                     "classes_in_use": float(drawn.others[IN_USE].mean()),
                     "concentration": float(np.median(drawn.others[CONCENTRATION])),
                     "chance_unseen": float(np.median(drawn.others[UNSEEN])),
                     "medians_under_other_priors": others})
