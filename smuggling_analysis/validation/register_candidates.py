"""How the methods of one register are validated: every family, with and without what the register records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register.families import FAMILIES
from smuggling_analysis.simulate.registers import TIME_AT_RISK

_BOUNDS = {"chao": "Chao's lower bound", "zelterman": "Zelterman",
           "one_inflated_chao": "Chao's lower bound, those seen once aside"}
# Families of many parameters take their time, and show in fewer populations what they do.
_SLOW = 0.5


@dataclass(frozen=True)
class Recorded:
    """What a candidate takes into account if the register records it.

    Parameters
    ----------
    key, words : str
        What is added to keys, and to labels behind a comma.
    option : str
        The method's option.
    covariate : str
        The covariate it names.
    with_it : mapping
        Options that go with it.
    """

    key: str
    words: str
    option: str
    covariate: str
    with_it: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, counts: RepeatCounts) -> Mapping[str, Any] | None:
        """Return the options, None where the register does not record it."""
        return {self.option: self.covariate, **self.with_it} if self.covariate in counts.covariates else None


RECORDED = (Recorded("-covariates", "with covariates", "formula", "sex"),
            Recorded("-time-at-risk", "with time at risk", "exposure", TIME_AT_RISK, {"ends_when_seen": True}))


def _ways(key: str, label: str, *, leaving: bool = False, **asked: Any) -> Iterator[dict[str, Any]]:
    """Yield a candidate that takes the register as it is, and one for each thing that may be recorded."""
    yield {"key": key, "label": label, **asked}
    for recorded in RECORDED if leaving else RECORDED[:1]:
        yield {"key": key + recorded.key, "label": f"{label}, {recorded.words}", "given": recorded.words,
               "needs": recorded, **asked}


def _families() -> Iterator[dict[str, Any]]:
    for name, family in FAMILIES.items():
        slow = {"effort": _SLOW} if len(family.predictors) > 1 else {}
        yield from _ways(f"truncated-count-{name.replace(' ', '-')}", f"{family.title[:1].upper()}{family.title[1:]}",
                         leaving=family.departing is not None, options={"family": name}, **slow)


OF_REGISTERS: dict[str, tuple[dict[str, Any], ...]] = {
    "truncated_count": tuple(_families()),
    **{method: tuple(_ways(method.replace("_", "-"), label)) for method, label in _BOUNDS.items()},
}
"""By method, what each of its candidates is called and asked."""
