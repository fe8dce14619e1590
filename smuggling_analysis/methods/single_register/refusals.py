"""Why a likelihood gives no estimate, in words: which parameter, which covariate level, what would help."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register.design import Design
from smuggling_analysis.methods.single_register.divergence import directions
from smuggling_analysis.methods.single_register.families.family import Array, Family
from smuggling_analysis.methods.single_register.fits import FLAT, RUNS_OFF, Fits
from smuggling_analysis.methods.single_register.likelihood import Likelihood
from smuggling_analysis.methods.single_register.naming import in_words, levels_within

_MOVES = 1e-3
_GROUPING = "people of this kind seen once and more often, or a grouping that joins them to others"
_PARAMETERS = {
    "rate": "the rate of being seen",
    "dispersion": "the dispersion",
    "inflation": "the share of those only ever seen once",
    "hurdle": "the share of those seen once",
}
_PLAINER = {
    ("dispersion", "falls to zero"): "the family without dispersion, which fits these counts as well",
    ("dispersion", "grows without end"): "a family without dispersion, or fewer people who differ as much: with "
                                         "dispersion without end any number of people unseen fits the counts",
    ("inflation", "falls to zero"): "the family without inflation: no more people were seen once than it expects",
    ("hurdle", "falls to zero"): "the family without a hurdle, or a grouping in which some were seen once",
}


def refuse_no_maximum(counts: RepeatCounts, family: Family, designs: Mapping[str, Design],
                      kind: NDArray[np.int64], likelihood: Likelihood, fits: Fits) -> NoReturn:
    """Refuse a likelihood without a finite maximum, a flat one, or one whose maximum was not found."""
    verdict = fits.verdicts[0]
    if verdict == RUNS_OFF:
        moves = directions(likelihood, fits.steps[0])[:, kind]
        raise runs_off(counts, family, designs, moves)
    reason = "the likelihood is flat" if verdict == FLAT else "the fit did not converge"
    names = ", ".join(name for design in designs.values() for name in design.names)
    raise NoEstimate(f"{reason}: the counts do not determine the coefficients {names}",
                     "fewer covariates, or more people seen more than once")


def runs_off(counts: RepeatCounts, family: Family, designs: Mapping[str, Design], moves: Array) -> NoEstimate:
    """Say along which ray the likelihood rises for ever; `moves` is (predictors, patterns)."""
    found = [_one_parameter(counts, name, design, family.links[place].name, moves[place])
             for place, (name, design) in enumerate(designs.items()) if (np.abs(moves[place]) > _MOVES).any()]
    separated = [fact for fact, whither in found if whither == "is separated"]
    if separated:
        return NoEstimate(f"the likelihood has no finite maximum: {separated[0]}", _GROUPING)
    fact = " and ".join(fact for fact, _ in found)
    whithers = [(name, whither) for name, (_, whither) in zip(_moving(designs, moves), found, strict=True)]
    remedy = next((_PLAINER[one] for one in reversed(whithers) if one in _PLAINER), _GROUPING)
    return NoEstimate(f"the likelihood has no finite maximum: it rises for ever as {fact}", remedy)


def _moving(designs: Mapping[str, Design], moves: Array) -> list[str]:
    return [name for name, each in zip(designs, moves, strict=True) if (np.abs(each) > _MOVES).any()]


def _one_parameter(counts: RepeatCounts, name: str, design: Design, link: str, moves: Array) -> tuple[str, str]:
    """Say where a parameter goes, and for whom."""
    moving = np.abs(moves) > _MOVES
    if (moves > _MOVES).any() and (moves < -_MOVES).any():
        return (f"by {', '.join(design.covariates)} those seen once are told from the others without exception",
                "is separated")
    upwards = (moves[moving].mean() > 0) != (link == "negative log")
    share = name in ("inflation", "hurdle")
    whither = ("grows to all" if share else "grows without end") if upwards else "falls to zero"
    people = "" if name != "rate" and moving.all() else \
        f" of {in_words(levels_within(counts, design.covariates, moving))}"
    return f"{_PARAMETERS.get(name, f'the {name}')}{people} {whither}", whither


def refuse_unreached(counts: RepeatCounts, designs: Mapping[str, Design], matters: NDArray[np.bool_]) -> None:
    """Refuse where N depends on a predictor of people about whom the likelihood says nothing.

    Parameters
    ----------
    counts : RepeatCounts
        The evidence.
    designs : mapping of str to Design
        By predictor.
    matters : (predictors, patterns) array of bool
        Whether N changes with the predictor of the pattern.
    """
    for (name, design), own in zip(designs.items(), matters, strict=True):
        lost = ~design.reached & own
        if lost.any():
            names = in_words(levels_within(counts, design.covariates, lost))
            raise NoEstimate(f"the {name} of {names} is not determined: nobody of this kind enters the likelihood",
                             "people of this kind seen once or twice, or a coarser grouping")
