"""What a reader must be told beside an estimate from a reference population."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis import numerals
from smuggling_analysis.evidence.reference_counts import ReferenceCounts
from smuggling_analysis.methods.reference_population.covariance import CLUSTERED
from smuggling_analysis.methods.reference_population.model import GAMMA_BOUNDS, THETA_BOUNDS
from smuggling_analysis.methods.reference_population.objective import Array
from smuggling_analysis.methods.reference_population.reference_fit import ReferenceFit

MOVES = 1.25
FEW_COUNTRIES = 20
ONE_COUNTRY = 1 / 3
WIDE = 10.0


def cautions_on(fitted: ReferenceFit, members: NDArray[np.bool_], limits: tuple[float, float]) -> Iterator[str]:
    """Yield the cautions on a sum over some rows, (rows,) array of bool, with its limits."""
    yield from _same_people(fitted.counts, members)
    yield from _of_gamma(fitted)
    if fitted.theta is not None and fitted.theta >= 0.99 * THETA_BOUNDS[1]:
        yield "the dispersion grows without end: counts vary no more than Poisson, which is what was fitted"
    yield from _of_exponents(fitted, members)
    yield from _of_rows(fitted.counts, members)
    yield from _of_countries(fitted, members)
    if limits[1] > WIDE * max(limits[0], 1.0):
        yield (f"the counts hardly determine the number: the upper limit is "
               f"{numerals.number(limits[1] / max(limits[0], 1e-9), digits=2)} times the lower")
    if fitted.model.method == "ols" and (fitted.counts.observed == 0).any():
        yield "least squares of log (m + 1): a typical count, not a mean, so that the number is too low"
    if left_out := (*fitted.data.alpha.left_out, *fitted.data.beta.left_out):
        yield f"left out because the data cannot tell them from the other terms: {', '.join(left_out)}"


def _same_people(counts: ReferenceCounts, members: NDArray[np.bool_]) -> Iterator[str]:
    for name in counts.periods:
        own = {label for label, inside in zip(counts.labels(name), members, strict=True) if inside}
        if len(own) > 1:
            yield (f"adds up the populations of {len(own)} values of {name}: people who stay are counted in each, so "
                   f"that it is no number of people; estimate each {name} by itself")


def _of_gamma(fitted: ReferenceFit) -> Iterator[str]:
    place = fitted.data.objective.gamma_place
    if place is None:
        return
    if fitted.held[place]:
        low = fitted.gamma < np.sqrt(GAMMA_BOUNDS[0] * GAMMA_BOUNDS[1])
        yield (f"gamma lies on its {'lower' if low else 'upper'} bound of {fitted.gamma:.2g}: " + (
            "rows with nobody in the second source say nothing of the number" if low else
            "the second source hardly tells rows apart"))
    profile = fitted.gamma_profile
    if profile.most > MOVES * profile.least:
        yield (f"gamma is hardly determined: between {profile.lower:.2g} and {profile.upper:.2g} the counts fit as "
               f"well, and all rows together become {numerals.number(profile.least, digits=2)} to "
               f"{numerals.number(profile.most, digits=2)}")


def _of_exponents(fitted: ReferenceFit, members: NDArray[np.bool_]) -> Iterator[str]:
    alpha = fitted.alpha[members]
    if (alpha >= 1).any():
        yield (f"alpha is 1 or more in {_of(alpha >= 1)} (at most {alpha.max():.2f}): more people hidden than "
               "registered")
    if (alpha <= 0).any():
        yield f"alpha is 0 or less in {_of(alpha <= 0)}: fewer people hidden where more are registered"
    beta = fitted.beta[members]
    if (beta <= 0).any():
        yield (f"beta is 0 or less in {_of(beta <= 0)}: detection does not rise with the second source's rate, which "
               "the model takes for granted")
    sure = fitted.detection[members] > 1
    if sure.any():
        yield (f"detection is above 1 in {_of(sure)}: more people apprehended than are hidden; a bounded link keeps it "
               "below")


def _of_rows(counts: ReferenceCounts, members: NDArray[np.bool_]) -> Iterator[str]:
    observed, reference = counts.observed[members], counts.reference[members]
    more = observed > reference
    if more.any():
        yield (f"more people were apprehended than are registered in {_of(more)} ({observed[more].sum():,} people): "
               "N to a power below 1 cannot hold them")


def _of_countries(fitted: ReferenceFit, members: NDArray[np.bool_]) -> Iterator[str]:
    countries = np.array(fitted.counts.countries)
    names, own = np.unique(countries[members], return_inverse=True)
    every = len(set(fitted.counts.countries))
    if fitted.covariance_kind == CLUSTERED and every < FEW_COUNTRIES:
        yield f"rests on {every} countries: with so few, clustered standard errors are too small"
    sizes = np.bincount(own, weights=fitted.hidden[members])
    shares = sizes / max(float(sizes.sum()), 1e-300)
    if len(names) > 2 and shares.max() > ONE_COUNTRY:
        yield f"{names[shares.argmax()]} alone is {numerals.percent(float(shares.max()))} of the number"


def _of(rows: NDArray[np.bool_] | Array | Sequence[bool]) -> str:
    """Say how many of the rows."""
    return f"{int(np.sum(rows)):,} of {len(rows):,} rows"
