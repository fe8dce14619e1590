"""One register: how many people it never saw, from how often it saw the others.

`chao` and `zelterman` use those seen once and twice, `one_inflated_chao` twice and three times;
`truncated_count` fits a distribution to all counts, with covariates by formula. The distributions are rows of
`FAMILIES`: adding one is one file and one row. `jackknife`, `abundance_coverage`, `chao_bunge` and
`mixture_likelihood` assume no distribution, or next to none, and know no covariates.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smuggling_analysis.methods.single_register.bounds import chao as chao
    from smuggling_analysis.methods.single_register.bounds import one_inflated_chao as one_inflated_chao
    from smuggling_analysis.methods.single_register.bounds import zelterman as zelterman
    from smuggling_analysis.methods.single_register.families import FAMILIES as FAMILIES
    from smuggling_analysis.methods.single_register.frequency_counts.abundance_coverage import (
        abundance_coverage as abundance_coverage,
    )
    from smuggling_analysis.methods.single_register.frequency_counts.chao_bunge import chao_bunge as chao_bunge
    from smuggling_analysis.methods.single_register.frequency_counts.jackknife import jackknife as jackknife
    from smuggling_analysis.methods.single_register.frequency_counts.mixture_likelihood import (
        mixture_likelihood as mixture_likelihood,
    )
    from smuggling_analysis.methods.single_register.truncated import truncated_count as truncated_count

_PUBLIC = {"FAMILIES": "families", "abundance_coverage": "frequency_counts.abundance_coverage", "chao": "bounds",
           "chao_bunge": "frequency_counts.chao_bunge", "jackknife": "frequency_counts.jackknife",
           "mixture_likelihood": "frequency_counts.mixture_likelihood", "one_inflated_chao": "bounds",
           "truncated_count": "truncated", "zelterman": "bounds"}

__all__ = ["FAMILIES", "abundance_coverage", "chao", "chao_bunge", "jackknife", "mixture_likelihood",
           "one_inflated_chao", "truncated_count", "zelterman"]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_PUBLIC[name]}"), name)
    globals()[name] = found
    return found
