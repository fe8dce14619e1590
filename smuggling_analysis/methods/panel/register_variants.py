"""The variants of each method of one register that a methodologist asks to see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from smuggling_analysis.methods.panel.variants import LOWER_BOUND, Variant
from smuggling_analysis.methods.single_register.families import CUTS, DISTRIBUTIONS, FAMILIES

_BOUNDS = {"chao": "Chao's lower bound", "zelterman": "Zelterman",
           "one_inflated_chao": "Chao's lower bound, those seen once aside"}
BOUNDS_FITTED = {"chao": "chao", "zelterman": "zelterman", "one_inflated_chao": "one-inflated chao"}
"""What `fit_register` calls the bounds."""
SUFFIXES = ("-covariates", "-time-at-risk")
"""How the keys end of variants that take something into account."""
_ASIDE = {"chao": LOWER_BOUND, "one_inflated_chao": LOWER_BOUND}
_FREQUENCIES = {
    "jackknife": ("Jackknife, order chosen by test", "jackknife", ""),
    "abundance_coverage": ("Sample coverage (ACE)", "sample coverage", ""),
    "chao_bunge": ("Chao and Bunge, gamma-distributed rates", "negative binomial", ""),
    "mixture_likelihood": ("Any mixture of rates, by likelihood", "mixtures", LOWER_BOUND),
    "ratio_regression": ("Ratio regression", "ratio regression", ""),
}


@dataclass(frozen=True, kw_only=True)
class Assumed:
    """What a set of variants takes into account.

    Parameters
    ----------
    key, words : str
        What is added to the variants' keys and labels.
    options : mapping
        Their options.
    """

    key: str
    words: str
    options: Mapping[str, Any]


def assumed(formula: str | None, exposure: str | None, ends_when_seen: bool) -> tuple[Assumed, ...]:
    """Return what variants take into account, from nothing to all that is known."""
    found = [Assumed(key="", words="", options={})]
    if formula:
        found.append(Assumed(key=SUFFIXES[0], words=", with covariates", options={"formula": formula}))
    if exposure:
        ends = {"ends_when_seen": True} if ends_when_seen else {}
        both = {"exposure": exposure, **ends, **({"formula": formula} if formula else {})}
        found.append(Assumed(key=SUFFIXES[1], words=", with covariates and time at risk" if formula else
                             ", with time at risk", options=both))
    return tuple(found)


def register_variants(formula: str | None, exposure: str | None, ends_when_seen: bool) -> tuple[Variant, ...]:
    """Return the variants, in the order in which they are shown."""
    from smuggling_analysis.methods import METHODS

    sets = assumed(formula, exposure, ends_when_seen)
    bounds = [Variant(method, method.replace("_", "-") + given.key, words + given.words, given.options,
                      "two neighbouring counts", _ASIDE.get(method, ""))
              for method, words in _BOUNDS.items() for given in sets if "ends_when_seen" not in given.options]
    counts = [Variant(method, method.replace("_", "-"), words, {}, family, aside)
              for method, (words, family, aside) in _FREQUENCIES.items() if method in METHODS]
    return (*_families(sets), *bounds, *counts)


def _families(sets: tuple[Assumed, ...]) -> Iterator[Variant]:
    for cut in CUTS:
        for name, distribution in DISTRIBUTIONS.items():
            family = cut.name.format(name)
            title = FAMILIES[family].title
            # Those seen once tell nothing of the others wherever a cut sets them apart.
            apart = distribution.title if cut.name == "{}" else f"{distribution.title}, ones apart"
            for given in sets:
                if "ends_when_seen" in given.options and FAMILIES[family].departing is None:
                    continue
                label = f"{title[:1].upper()}{title[1:]}{given.words}"
                yield Variant("truncated_count", f"truncated-count-{family.replace(' ', '-')}{given.key}", label,
                              {"family": family, **given.options}, apart)
