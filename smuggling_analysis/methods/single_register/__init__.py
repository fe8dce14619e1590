"""One register: how many people it never saw, from how often it saw the others.

`chao` and `zelterman` use those seen once and twice, `one_inflated_chao` twice and three times;
`truncated_count` fits a distribution to all counts, with covariates by formula. The distributions are rows of
`FAMILIES`: adding one is one file and one row. `ratio_regression` reads the shape of how people differ off the counts.

`fit_register` keeps a fit to be looked at: `residuals`, `frequency_fit`, `leave_one_out` and its kin, `by_stratum`;
`one_inflation_test` asks whether more people were seen once than a family allows.

`jackknife`, `abundance_coverage`, `chao_bunge` and `mixture_likelihood` assume no distribution, or next to none, and
know no covariates.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smuggling_analysis.methods.single_register.any_fit import fit_register as fit_register
    from smuggling_analysis.methods.single_register.bounds import chao as chao
    from smuggling_analysis.methods.single_register.bounds import one_inflated_chao as one_inflated_chao
    from smuggling_analysis.methods.single_register.bounds import zelterman as zelterman
    from smuggling_analysis.methods.single_register.cell_residuals import residuals as residuals
    from smuggling_analysis.methods.single_register.families import FAMILIES as FAMILIES
    from smuggling_analysis.methods.single_register.frequencies import frequency_fit as frequency_fit
    from smuggling_analysis.methods.single_register.frequency_counts.abundance_coverage import (
        abundance_coverage as abundance_coverage,
    )
    from smuggling_analysis.methods.single_register.frequency_counts.chao_bunge import chao_bunge as chao_bunge
    from smuggling_analysis.methods.single_register.frequency_counts.jackknife import jackknife as jackknife
    from smuggling_analysis.methods.single_register.frequency_counts.mixture_likelihood import (
        mixture_likelihood as mixture_likelihood,
    )
    from smuggling_analysis.methods.single_register.influence import leave_one_cell_out as leave_one_cell_out
    from smuggling_analysis.methods.single_register.influence import leave_one_level_out as leave_one_level_out
    from smuggling_analysis.methods.single_register.influence import leave_one_out as leave_one_out
    from smuggling_analysis.methods.single_register.one_inflation import one_inflation_test as one_inflation_test
    from smuggling_analysis.methods.single_register.ratio_models import RATIO_MODELS as RATIO_MODELS
    from smuggling_analysis.methods.single_register.ratios import ratio_regression as ratio_regression
    from smuggling_analysis.methods.single_register.strata import by_stratum as by_stratum
    from smuggling_analysis.methods.single_register.truncated import truncated_count as truncated_count
    from smuggling_analysis.methods.single_register.wider_family import wider_family_test as wider_family_test

_PUBLIC = {"FAMILIES": "families", "RATIO_MODELS": "ratio_models", "abundance_coverage":
           "frequency_counts.abundance_coverage", "by_stratum": "strata", "chao": "bounds", "chao_bunge":
           "frequency_counts.chao_bunge", "fit_register": "any_fit", "frequency_fit": "frequencies", "jackknife":
           "frequency_counts.jackknife", "leave_one_cell_out": "influence", "leave_one_level_out": "influence",
           "leave_one_out": "influence", "mixture_likelihood": "frequency_counts.mixture_likelihood",
           "one_inflated_chao": "bounds", "one_inflation_test": "one_inflation", "ratio_regression": "ratios",
           "residuals": "cell_residuals", "truncated_count": "truncated", "wider_family_test": "wider_family",
           "zelterman": "bounds"}

__all__ = ["FAMILIES", "RATIO_MODELS", "abundance_coverage", "by_stratum", "chao", "chao_bunge", "fit_register",
           "frequency_fit", "jackknife", "leave_one_cell_out", "leave_one_level_out", "leave_one_out",
           "mixture_likelihood", "one_inflated_chao", "one_inflation_test", "ratio_regression", "residuals",
           "truncated_count", "wider_family_test", "zelterman"]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_PUBLIC[name]}"), name)
    globals()[name] = found
    return found
