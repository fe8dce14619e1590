"""What a variant gave: an estimate, or its refusal, before the gate and after it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.interruption import interrupted
from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods.chooser import data_for
from smuggling_analysis.methods.panel.variants import Variant
from smuggling_analysis.methods.reliability import Judgement
from smuggling_analysis.problems import shorten


@dataclass(frozen=True, eq=False)
class Fitted:
    """What a variant gave, and what the gate made of it.

    Parameters
    ----------
    variant : Variant
        What was asked.
    result : Estimate or NoEstimate
        What may be published: the estimate with its cautions, or the refusal of method or gate.
    headline : bool
        Whether it is the panel's headline.
    given : Estimate, optional
        The estimate as the method gave it, which a refusal by the gate strikes out.
    judgement : Judgement, optional
        The gate's.
    weight : float
        Its share where the families that pass are weighed together.
    """

    variant: Variant
    result: Estimate | NoEstimate
    headline: bool = False
    given: Estimate | None = None
    judgement: Judgement | None = None
    weight: float = 0.0

    @property
    def key(self) -> str:
        """Names the result."""
        return self.variant.key

    @property
    def label(self) -> str:
        """What a table calls it."""
        return self.variant.label

    @property
    def passed(self) -> bool:
        """Whether there is an estimate that the gate did not refuse."""
        return isinstance(self.result, Estimate)


def attempt(variant: Variant, evidence: Any, described: Mapping[str, Any]) -> Estimate | NoEstimate:
    """Apply a variant to evidence; whatever stops it becomes a refusal in words."""
    method = METHODS[variant.method]
    if variant.refused is not None:
        return variant.refused
    if lacking := method.lacks(evidence):
        fact, _, remedy = lacking.partition(": ")
        return NoEstimate(f"{method.title} cannot be used: {fact}", remedy or data_for(method.evidence))
    return guarded(method.title, lambda: estimate_in(method(evidence, **variant.options)).described(**described))


def guarded(title: str, work: Callable[[], Any]) -> Any:
    """Return what `work` gives; whatever stops it becomes a refusal in words, and is not the panel's end."""
    try:
        return work()
    except NoEstimate as refusal:
        return refusal
    except Exception as fault:
        if interrupted(fault):
            raise KeyboardInterrupt from fault
        told = shorten(" ".join(str(fault).split()), 200).strip("'\"")
        return NoEstimate(f"{title} stopped with an error ({type(fault).__name__}: {told})",
                          "a report of this failure, with the table it happened on")


def estimate_in(found: Any) -> Estimate:
    """Return the estimate of everybody within an answer that holds more."""
    return found if isinstance(found, Estimate) else found.total


def estimates_of(panel: Iterable[Fitted]) -> dict[str, Estimate]:
    """Return the panel's estimates by label."""
    return {fitted.label: fitted.result for fitted in panel if isinstance(fitted.result, Estimate)}


def refusals_of(panel: Iterable[Fitted]) -> dict[str, NoEstimate]:
    """Return the panel's refusals by label."""
    return {fitted.label: fitted.result for fitted in panel if isinstance(fitted.result, NoEstimate)}


def spread(panel: Iterable[Fitted]) -> tuple[float, float]:
    """Return the lowest and the highest estimate of a panel."""
    values = [one.value for one in estimates_of(panel).values()]
    if not values:
        raise NoEstimate("no method of the panel gave an estimate", "see each method's refusal")
    return min(values), max(values)
