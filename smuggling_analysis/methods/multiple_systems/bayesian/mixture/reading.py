"""What a reader must know of a posterior of latent classes, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from smuggling_analysis.chains import Chains, rhat
from smuggling_analysis.methods.multiple_systems.bayesian.mixture.class_prior import ClassPrior
from smuggling_analysis.methods.multiple_systems.bayesian.mixture.sampler import IN_USE, LARGEST

NOTED_FACTOR = 1.2
"""If the median differs by more than this between priors nobody could choose between, the estimate says so."""
HEAVY_TAIL = 1.25
"""Above this ratio of mean to median a few very large populations carry the mean."""
FULL = 0.05
"""If all classes are in use in more than this share of the draws, more classes might change the answer."""
DIFFERENT = {LARGEST: 1.05, IN_USE: 1.25}
"""R-hat of how people fall into classes above which chains explain the lists differently."""


def posterior_cautions(drawn: Chains, prior: ClassPrior, others: Mapping[str, float]) -> Iterator[str]:
    """Say where classes run out, the tail is heavy, the prior matters, or chains use other classes."""
    median, mean = float(np.median(drawn.values)), float(drawn.values.mean())
    full = float((drawn.others[IN_USE] >= prior.classes).mean())
    if prior.classes == 1:
        yield "with one class the lists are taken to be independent"
    elif full > FULL:
        yield (f"all {prior.classes} classes are in use in {100 * full:.0f} % of the draws: with more classes the "
               "answer may be another")
    if mean > HEAVY_TAIL * median:
        yield (f"the posterior has a heavy tail: its mean of {mean:,.0f} lies far above its median of {median:,.0f}, "
               "and the upper limit is poorly known")
    known = {"the prior used": median, **others}
    low, high = min(known, key=known.__getitem__), max(known, key=known.__getitem__)
    if known[high] > NOTED_FACTOR * known[low]:
        yield (f"the prior matters: the median is {known[low]:,.0f} with {low} and {known[high]:,.0f} with {high}")
    if drawn.values.shape[0] == 1:
        yield "there is one chain only, so nothing shows whether another would have agreed"
    if any(rhat(drawn.others[name]) > most for name, most in DIFFERENT.items()):
        yield ("the chains divide people into classes differently: one may have missed a way to explain the lists")
