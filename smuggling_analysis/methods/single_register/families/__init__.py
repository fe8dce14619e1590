"""FAMILIES: the count distributions that `truncated_count` can fit. Adding one is one file and one row."""

from __future__ import annotations

from smuggling_analysis.methods.single_register.families.family import Family
from smuggling_analysis.methods.single_register.families.zero_truncated_poisson import ZERO_TRUNCATED_POISSON

__all__ = ["FAMILIES", "Family"]

FAMILIES: dict[str, Family] = {
    "poisson": ZERO_TRUNCATED_POISSON,
}
