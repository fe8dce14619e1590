"""A cut: how a distribution of counts becomes a model of those seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from smuggling_analysis.methods.single_register.families.distribution import Distribution
from smuggling_analysis.methods.single_register.families.family import Family


@dataclass(frozen=True, kw_only=True)
class Cut:
    """One row of `CUTS`.

    Parameters
    ----------
    name : str
        The family's name, with {} for the distribution's.
    family : function of a distribution
        Makes the family.
    """

    name: str
    family: Callable[[Distribution], Family]
