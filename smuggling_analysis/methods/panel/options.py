"""The options of a panel, checked before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

DESCRIBED = ("population", "place", "period")
# Two chains show whether they agree, and two replicates a spread.
_LEAST = {"replicates": 2, "chains": 2, "max_order": 1, "n_jobs": 1}


def check_options(numbers: Mapping[str, Any], described: Mapping[str, Any]) -> None:
    """Refuse what would otherwise become a failure of every method it reaches.

    Raises
    ------
    ValueError
        If a number is not a whole one, or too small.
    TypeError
        If an option is unknown, or describes the estimates by something else than a text.
    """
    for name, given in numbers.items():
        least = _LEAST[name]
        if not isinstance(given, (int, np.integer)) or (given < least and (name, given) != ("n_jobs", -1)):
            raise ValueError(f"{name} is a whole number, {least} or more, got {given!r}")
    if wrong := [name for name, given in described.items() if name not in DESCRIBED or not isinstance(given, str)]:
        raise TypeError(f"panel takes {', '.join(DESCRIBED)} as texts, and no option of this name or kind: "
                        f"{', '.join(wrong)}")


def whom_of(described: Mapping[str, str]) -> str:
    """Return whom a refusal is about, in words."""
    return ", ".join(described[name] for name in DESCRIBED if described.get(name))
