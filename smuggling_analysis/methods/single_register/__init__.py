"""One register: how many people it never saw, from how often it saw the others.

`chao` and `zelterman` use those seen once and twice, `one_inflated_chao` twice and three times;
`truncated_count` fits a distribution to all counts, with covariates by formula. The distributions are rows of
`FAMILIES`: adding one is one file and one row.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smuggling_analysis.methods.single_register.bounds import chao as chao
    from smuggling_analysis.methods.single_register.bounds import one_inflated_chao as one_inflated_chao
    from smuggling_analysis.methods.single_register.bounds import zelterman as zelterman
    from smuggling_analysis.methods.single_register.families import FAMILIES as FAMILIES
    from smuggling_analysis.methods.single_register.truncated import truncated_count as truncated_count

_PUBLIC = {"FAMILIES": "families", "chao": "bounds", "one_inflated_chao": "bounds", "truncated_count": "truncated",
           "zelterman": "bounds"}

__all__ = ["FAMILIES", "chao", "one_inflated_chao", "truncated_count", "zelterman"]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_PUBLIC[name]}"), name)
    globals()[name] = found
    return found
