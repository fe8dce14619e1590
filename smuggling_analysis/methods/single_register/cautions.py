"""What a reader must be told beside an estimate from one register."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register.goodness import Fitted
from smuggling_analysis.methods.single_register.naming import in_words, levels

FEW_SEEN_AGAIN = 10
FEW_OF_A_LEVEL = 5
FAR = 10.0
# Above this a count of sightings is taken for a mistake, and its fit is not looked at.
MOST_TIMES = 10_000


def cautions_on(counts: RepeatCounts, covariates: Sequence[str], left_out: Sequence[str], size: float,
                fitted: Fitted | None, *, least: int = 1) -> Iterator[str]:
    """Yield the cautions: few people seen again, far extrapolation, poor fit, columns left out.

    `least` is the number of times seen above which people tell of the rate: 2 where ones are set apart.
    """
    again = int(counts.persons[:, counts.times > least].sum())
    often = "more than once" if least == 1 else "more than twice"
    if again < FEW_SEEN_AGAIN:
        yield f"rests on few people seen {often}: {again} of {counts.n_observed:,}"
    elif thin := _thin_levels(counts, covariates, least):
        yield f"few people were seen {often}: {in_words(thin)}"
    if size > FAR * counts.n_observed:
        yield (f"extrapolates far: {size / counts.n_observed:,.0f} people for each one seen, "
               "so that small errors of the model grow large")
    if counts.times.max() > MOST_TIMES:
        yield (f"somebody was seen {counts.times.max():,} times: check that the column counts sightings and "
               "is not a date or a number of a case")
    if fitted is not None and fitted.poor:
        worst = fitted.worst
        yield (f"the distribution fits poorly (chi-square {fitted.chi_square:,.1f} over "
               f"{len(fitted.cells)} cells; people seen {worst.times}: {worst.seen:,.0f}, expected "
               f"{worst.expected:,.1f}): people differ more than the model says, which makes the estimate "
               "too low, or being seen changes the chance of being seen again")
    if left_out:
        yield f"left out because the data cannot tell them from the other terms: {', '.join(left_out)}"


def _thin_levels(counts: RepeatCounts, covariates: Sequence[str], least: int) -> list[str]:
    found = []
    for covariate in covariates:
        if isinstance(counts.patterns[0][counts.covariates.index(covariate)], str):
            for level, rows in levels(counts, covariate):
                again = int(counts.persons[rows][:, counts.times > least].sum())
                if again < FEW_OF_A_LEVEL:
                    found.append(f"{covariate} = {level} ({again} of {counts.persons[rows].sum():,})")
    return found
