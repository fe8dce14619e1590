"""How the methods of encounters at a border are validated: told what a survey says, or what the counts do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from smuggling_analysis.evidence.encounters import Encounters

NO_SIZES = ("apprehension_probability", "partial_apprehension", "model_interdiction_rate", "interdiction_rate",
            "interdiction_effectiveness", "entry_attempts")
"""Shares of attempts are no sizes, and attempts are entries and what was counted: right where entries are."""

_COUNTED = {"persons_attempting": ("Persons", "persons"), "successful_entries": ("Entries", "entries")}


def _by_place(encounters: Encounters) -> Mapping[str, Any] | None:
    return {"by_place": True} if len(set(encounters.places)) > 1 else None


def _ways(method: str, words: str, of: str) -> Iterator[dict[str, Any]]:
    key = method.replace("_", "-")
    yield {"key": key, "label": f"{words} by repeated trials", "of": of}
    yield {"key": f"{key}-by-place", "label": f"{words} by repeated trials, place by place", "of": of,
           "given": "place by place", "needs": _by_place}


OF_ENCOUNTERS: dict[str, tuple[dict[str, Any], ...]] = {
    method: tuple(_ways(method, words, of)) for method, (words, of) in _COUNTED.items()}
"""By method, what each of its candidates is called and asked."""
