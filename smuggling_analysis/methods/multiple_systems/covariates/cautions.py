"""What a reader must know of a model of lists x covariates, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.covariates.selection import TableChoice, TableChooser
from smuggling_analysis.methods.multiple_systems.covariates.strata_totals import StrataTotals
from smuggling_analysis.methods.multiple_systems.covariates.table_existence import boundary_parts
from smuggling_analysis.methods.multiple_systems.log_linear.overlap_cautions import table_cautions

_LEAST_FIT, _MUCH_LOST, _WIDE_SPREAD, _MOST_NAMED = 0.001, 0.5, 1.5, 4
_MANY_FAILED, _FEWEST_BEYOND = 0.05, 5


def covariate_cautions(histories: CaptureHistories, choice: TableChoice, rule: TableChooser, totals: StrataTotals,
                       told: Mapping[str, Any], left_out: tuple[str, ...]) -> Iterator[str]:
    """Say what the table and the model cannot show."""
    yield from table_cautions(histories.pooled())
    if left_out:
        yield (f"the strata of {', '.join(left_out)} were added together: if the lists reach them differently the "
               "estimate is biased")
    yield from _recording_cautions(histories, totals, told)
    parts = boundary_parts(choice.fits)
    if parts:
        more = len(parts) - _MOST_NAMED
        yield ("on the boundary: the model takes it that nobody at all is "
               + "; ".join(parts[:_MOST_NAMED]) + (f"; nor in {more} more parts" if more > 0 else ""))
    if told["df"] <= 0:
        yield "the model has as many parameters as there are counts, so the counts cannot contradict it"
    elif _chance(told["deviance"], told["df"]) < _LEAST_FIT:
        yield f"the model fits poorly: deviance {told['deviance']:,.1f} on {told['df']} degrees of freedom"
    if choice.near and max(choice.near) >= _WIDE_SPREAD * min(choice.near):
        yield (f"the choice of model decides much: {len(choice.near)} models visited within 10 points of the best "
               f"range from {min(choice.near):,.0f} to {max(choice.near):,.0f}")
    if rule.criterion and rule.search != "every model":
        yield (f"the model was found by steps among {choice.visited:,} models visited: a better one may have been "
               "passed over")


def _recording_cautions(histories: CaptureHistories, totals: StrataTotals, told: Mapping[str, Any]) -> Iterator[str]:
    if not told.get("not_recorded"):
        return
    yield (f"of {told['not_recorded']:,} people {' or '.join(histories.partly_recorded)} was not recorded; they are "
           "completed as if it were missing at random given the lists and what was recorded")
    if totals.lost > _MUCH_LOST:
        yield (f"what was not recorded costs {totals.lost:.0%} of the information on the unseen: the completion "
               "decides much")
    if told.get("other_summits"):
        yield ("the likelihood has several summits: the highest found was taken, and the standard error speaks of it "
               "alone")


def _chance(deviance: float, df: int) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(df, max(deviance, 0.0)))
