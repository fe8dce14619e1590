"""What every method of one register takes for granted, for the rows of METHODS."""

from __future__ import annotations

QUESTION = "How many resort to smugglers?"
CLOSED = ("Nobody joins or leaves the population during the period: "
           "nobody is expelled, imprisoned, dies or arrives.")
INDEPENDENT = ("Being seen once does not change the chance of being seen again: "
                "no deterrence, no closer watch.")
LINKED = "The register recognises a person it has seen before."
