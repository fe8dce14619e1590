"""What every method of one register takes for granted, for the rows of METHODS."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smuggling_analysis.evidence.repeat_counts import RepeatCounts

QUESTION = "How many resort to smugglers?"
CLOSED = ("Nobody joins or leaves the population during the period: "
           "nobody is expelled, imprisoned, dies or arrives.")
INDEPENDENT = ("Being seen once does not change the chance of being seen again: "
                "no deterrence, no closer watch.")
LINKED = "The register recognises a person it has seen before."


def needs_anyone_again(counts: RepeatCounts) -> str:
    """Say what a register lacks in which nobody was seen more than once."""
    return "" if counts.times.max() > 1 else "nobody was seen more than once"
