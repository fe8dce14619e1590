"""The panel: every method side by side, the gate's verdicts, what cannot be tested, and one number or none."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.methods.panel.fitted import Fitted
from smuggling_analysis.methods.reliability import CAUTION, REFUSED, Judgement

if TYPE_CHECKING:
    import pandas as pd

    from smuggling_analysis.indicator import Indicator

_SHOWN = ["label", "value", "lower", "upper", "weight", "verdict", "reasons"]


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Panel:
    """Every admissible method of one kind of evidence, in one frozen object.

    Each kind of evidence has a panel of its own, with what else its methodologists ask to see: `ListPanel`,
    `RegisterPanel`, `ReferencePanel`, `EncounterPanel`. A piece that could not be made holds the `NoEstimate` that
    says why; a piece that was not asked for is None.

    Parameters
    ----------
    evidence : CaptureHistories, RepeatCounts, ReferenceCounts or Encounters
        What the methods were applied to.
    fitted : tuple of Fitted
        What each variant gave, before the gate and after it.
    verdict : Judgement
        On the headline: its findings hold what the methods say against each other.
    published : tuple of Indicator
        Published values of the same population.
    """

    evidence: Any
    fitted: tuple[Fitted, ...]
    verdict: Judgement
    published: tuple[Indicator, ...] = ()

    def __post_init__(self) -> None:
        for name in self._mappings():
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def __getstate__(self) -> dict[str, Any]:
        """Pickle with plain mappings: the read-only views of them cannot be pickled."""
        return {**self.__dict__, **{name: dict(getattr(self, name)) for name in self._mappings()}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        views = {name: MappingProxyType(state[name]) for name in self._mappings()}
        self.__dict__.update(state, **views)

    def _mappings(self) -> tuple[str, ...]:
        """Name the attributes that are mappings."""
        return tuple(one.name for one in fields(self) if one.default_factory is dict)

    @property
    def headline(self) -> Estimate | NoEstimate:
        """The estimate recommended, with its cautions; or the refusal of any, with what the methods say."""
        return self.verdict.result

    @property
    def frame(self) -> pd.DataFrame:
        """One row per variant: key, label, method, family, value, lower, upper, se, weight, verdict, reasons.

        A number that the gate refused stays in the row, with the verdict "refused": it is there to be seen, not to
        be quoted. `weight` is the share in a synthesis over the families that pass (`synthesis.weighed`).
        """
        return frame_of(self.fitted)

    @property
    def observed(self) -> float | None:
        """How many were observed of what the panel is about; None where none were."""
        return float(self.evidence.n_observed)

    @property
    def findings(self) -> pd.DataFrame:
        """The gate's findings, one row each: key, label, rule, consequence, measured, threshold, finding, helps."""
        import pandas as pd

        judged = [(one.key, one.label, one.judgement) for one in self.fitted if one.judgement is not None]
        rows = [[key, label, one.rule, one.consequence, one.measured, one.threshold, one.said, one.helps]
                for key, label, found in [*judged, ("headline", "Headline", self.verdict)] for one in found.findings]
        return pd.DataFrame(rows, columns=["key", "label", "rule", "consequence", "measured", "threshold", "finding",
                                           "helps"])

    def __getitem__(self, key: str) -> Fitted:
        """Return what the variant of this key gave."""
        found = {one.key: one for one in self.fitted}
        if key not in found:
            raise KeyError(f"the panel has no variant {key!r}; it has {', '.join(found)}")
        return found[key]

    def __repr__(self) -> str:
        counts = [f"{sum(_verdict(one) == verdict for one in self.fitted)} {words}" for verdict, words in
                  (("passed", "passed"), (CAUTION, "with cautions"), (REFUSED, "refused"))]
        headline = self.headline
        said = (f"headline {headline!r}" if isinstance(headline, Estimate) else f"no headline: {headline.reason}")
        return f"{type(self).__name__}({len(self.fitted)} variants on {self.evidence!r}: {', '.join(counts)}; {said})"

    def _repr_html_(self) -> str:
        headline = self.headline
        said = repr(headline) if isinstance(headline, Estimate) else f"No headline. {headline}"
        shown = self.frame[_SHOWN]
        written = {name: shown[name].map(_written) for name in ("value", "lower", "upper")}
        table = shown.assign(**written).to_html(index=False, float_format="{:.2f}".format, escape=True)
        return f"<p><b>{escape(said)}</b></p>{table}"


def frame_of(fitted: Iterable[Fitted]) -> pd.DataFrame:
    """Return one row per variant, as in `Panel.frame`."""
    import pandas as pd

    return pd.DataFrame([{
        "key": one.key, "label": one.label, "method": one.variant.method, "family": one.variant.family,
        **_numbers(one), "weight": one.weight, "verdict": _verdict(one), "reasons": _reasons(one)} for one in fitted])


def _numbers(one: Fitted) -> dict[str, float]:
    given = one.given if one.given is not None else one.result
    if not isinstance(given, Estimate):
        return dict.fromkeys(("value", "lower", "upper", "se"), math.nan)
    return {"value": given.value, "lower": given.lower, "upper": given.upper,
            "se": math.nan if given.se is None else given.se}


def _verdict(one: Fitted) -> str:
    if isinstance(one.result, NoEstimate):
        return REFUSED
    return "passed" if one.judgement is None else one.judgement.verdict


def _reasons(one: Fitted) -> str:
    if one.judgement is None:
        return one.result.reason if isinstance(one.result, NoEstimate) else ""
    aside = [one.variant.aside] if one.variant.aside else []
    return "; ".join([*aside, *([one.judgement.reasons] if one.judgement.reasons else [])])


def _written(value: float) -> str:
    return "" if math.isnan(value) else "no limit" if math.isinf(value) else f"{value:,.0f}"
