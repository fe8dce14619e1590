"""FAMILIES: every distribution of counts under every cut, by name.

Adding a distribution is one file and one row of `DISTRIBUTIONS`; adding a cut is one row of `CUTS`. Names are
read from the right: in "one-inflated truncated poisson" a truncated Poisson distribution is inflated at one; in
"one-inflated poisson" the population's counts are inflated, and those seen at all are what is left of them.
"""

from __future__ import annotations

from smuggling_analysis.methods.single_register.families.cut import Cut
from smuggling_analysis.methods.single_register.families.distribution import Distribution
from smuggling_analysis.methods.single_register.families.family import Family
from smuggling_analysis.methods.single_register.families.geometric import GEOMETRIC
from smuggling_analysis.methods.single_register.families.hurdle import hurdle, hurdle_truncated
from smuggling_analysis.methods.single_register.families.inflated import one_inflated, one_inflated_truncated
from smuggling_analysis.methods.single_register.families.negative_binomial import NEGATIVE_BINOMIAL
from smuggling_analysis.methods.single_register.families.poisson import POISSON
from smuggling_analysis.methods.single_register.families.truncated import zero_one_truncated, zero_truncated

__all__ = ["CUTS", "DISTRIBUTIONS", "FAMILIES", "Cut", "Distribution", "Family"]

DISTRIBUTIONS: dict[str, Distribution] = {
    "poisson": POISSON,
    "geometric": GEOMETRIC,
    "negative-binomial": NEGATIVE_BINOMIAL,
}

CUTS: tuple[Cut, ...] = (
    Cut(name="{}", family=zero_truncated),
    Cut(name="zero-one-truncated {}", family=zero_one_truncated),
    Cut(name="one-inflated {}", family=one_inflated),
    Cut(name="one-inflated truncated {}", family=one_inflated_truncated),
    Cut(name="hurdle {}", family=hurdle),
    Cut(name="hurdle truncated {}", family=hurdle_truncated),
)

FAMILIES: dict[str, Family] = {
    cut.name.format(name): cut.family(distribution)
    for cut in CUTS for name, distribution in DISTRIBUTIONS.items()
}
