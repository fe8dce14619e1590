"""The variants of the reference-population model that a methodologist asks to see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from smuggling_analysis.methods.panel.variants import Variant

METHOD = "hidden_population"
_METHODS = {"poisson": "Poisson pseudo-likelihood", "negative-binomial": "Negative binomial",
            "nls": "Least squares of counts", "ols": "Least squares of logarithms"}
_LINKS = ("cloglog", "logit", "probit")
COVARIATES = "-covariates"
"""How the keys end of variants with covariates."""


def reference_variants(alpha: str | None, beta: str | None) -> tuple[Variant, ...]:
    """Return the variants, in the order in which they are shown."""
    return tuple(_variants(alpha, beta))


def _variants(alpha: str | None, beta: str | None) -> Iterator[Variant]:
    sets: list[tuple[str, str, Mapping[str, Any]]] = [("", "", {})]
    if alpha or beta:
        sets.append((COVARIATES, ", with covariates", {"alpha": alpha, "beta": beta}))
    for method, words in _METHODS.items():
        for suffix, said, options in sets:
            yield Variant(METHOD, f"hidden-population-{method}{suffix}", words + said, {"method": method, **options},
                          words)
    suffix, said, options = sets[-1]
    for link in _LINKS:
        yield Variant(METHOD, f"hidden-population-poisson{suffix}-{link}", f"Poisson, detection by {link}{said}",
                      {"method": "poisson", "link": link, **options}, _METHODS["poisson"])
    yield Variant(METHOD, f"hidden-population-poisson{suffix}-no-gamma", f"Poisson, without gamma{said}",
                  {"method": "poisson", "gamma": None, **options}, _METHODS["poisson"])
