"""Methods of lists that take several linked versions in place of one."""

from __future__ import annotations

import inspect
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np

from smuggling_analysis.draws import Draws, digest
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.linked_versions import LinkedVersions
from smuggling_analysis.methods.multiple_systems.linked.combining import Combined, Floats, combined
from smuggling_analysis.progress import followed

E = TypeVar("E")
P = ParamSpec("P")

ENOUGH_VERSIONS = 5
"""With fewer versions the variance between them is hardly known: this package's mark."""
_MOST_SENTENCES = 5
_NUMBER = re.compile(r"\d[\d,.]*")


def takes_linked_versions(method: Callable[Concatenate[E, P], Estimate],
                          ) -> Callable[Concatenate[E | LinkedVersions[Any], P], Estimate]:
    """Let a method of lists take `LinkedVersions` in place of its evidence.

    Each distinct version is fitted once, with its own stream of the same `rng`, and the estimates are combined as
    `combining` says. Where the versions are all equal, the answer is the method's own. A version that is refused is
    counted and said; the others share its weight.

    Examples
    --------
    >>> from smuggling_analysis import CaptureHistories
    >>> from smuggling_analysis.methods.multiple_systems import chapman
    >>> drawn = LinkedVersions.of([CaptureHistories.from_counts(
    ...     {"police": 60 - both, "ngo": 40 - both, ("police", "ngo"): both}, lists=["police", "ngo"])
    ...     for both in (9, 10, 11, 12, 13)])
    >>> found = chapman(drawn)
    >>> round(found.value), round(found.diagnostics["share_due_to_linkage"], 2)
    (208, 0.34)
    """
    named = tuple(inspect.signature(method).parameters)

    @wraps(method)
    def either(*args: Any, **options: Any) -> Estimate:
        evidence = args[0] if args else options.get(named[0])
        if not isinstance(evidence, LinkedVersions):
            return method(*args, **options)
        options.pop(named[0], None)
        return _over_versions(method, evidence, args[1:], options, "rng" in named or "rng" in options)

    return either


@dataclass(frozen=True, eq=False)
class _Answers:
    """What a method said of each version."""

    linked: LinkedVersions[Any]
    found: tuple[Estimate | NoEstimate, ...]

    @property
    def made(self) -> list[Estimate]:
        return [each for each in self.found if isinstance(each, Estimate)]

    @property
    def refusals(self) -> list[NoEstimate]:
        return [each for each in self.found if isinstance(each, NoEstimate)]

    @property
    def weights(self) -> Floats:
        """The shares of the versions that have an estimate."""
        return self._kept / self._kept.sum()

    @property
    def number(self) -> float:
        """How many equally weighted versions those with an estimate are worth: two at least where there are two.

        Of less than two no variance is known, though the second hardly counts; with two its part fades with its weight.
        """
        return max(float(min(2, len(self.made))), self.linked.number * float(self._kept.sum()))

    @property
    def _kept(self) -> Floats:
        return np.array([weight for weight, each in zip(self.linked.weights, self.found, strict=True)
                         if isinstance(each, Estimate)])


def _over_versions(method: Callable[..., Estimate], linked: LinkedVersions[Any], args: Sequence[Any],
                   options: dict[str, Any], chance: bool) -> Estimate:
    versions = linked.versions
    if len(versions) == 1:
        return _alone(method(versions[0], *args, **options), linked)
    streams: Sequence[dict[str, Any]] = [{}] * len(versions)
    if chance:
        streams = [{"rng": own} for own in np.random.default_rng(options.pop("rng", None)).spawn(len(versions))]

    def one(version: Any, stream: dict[str, Any]) -> Estimate | NoEstimate:
        try:
            return method(version, *args, **options, **stream)
        except NoEstimate as refusal:
            return refusal

    work = (one(version, stream) for version, stream in zip(versions, streams, strict=True))
    answers = _Answers(linked, tuple(followed(work, len(versions), "linked versions")))
    if not answers.made:
        reason, needed = Counter((each.reason, each.needed) for each in answers.refusals).most_common(1)[0][0]
        raise NoEstimate(f"none of {len(versions)} linked versions has an estimate; most often because {reason}",
                         needed)
    return _joined(answers)


def _alone(found: Estimate, linked: LinkedVersions[Any]) -> Estimate:
    """Return the estimate of versions that are all equal: the links decide nothing."""
    told = {"linked_versions": 1, "refused_versions": 0, "between_variance": 0.0, "share_due_to_linkage": 0.0,
            "per_version": [_row(linked.versions[0], 1.0, found)]}
    return replace(found, diagnostics={**found.diagnostics, **told}, fingerprint=linked.fingerprint, identity="")


def _joined(answers: _Answers) -> Estimate:
    made, linked = answers.made, answers.linked
    whole = combined(made, answers.weights, answers.number)
    first, observed = made[0], [each.observed for each in made if each.observed is not None]
    methods = Counter(each.method for each in made).most_common()
    named = methods[0][0] + (f" and {len(methods) - 1} more" if len(methods) > 1 else "")
    draws = None if whole.draws is None else Draws.of(
        whole.draws, digest(linked.fingerprint, [each.identity for each in made]))
    shown = "equal-tailed, of the versions' draws mixed" if whole.draws is not None else (
        "Rubin's rules, on the logarithm of the people beyond the fewest observed")
    return Estimate(
        value=whole.value, lower=whole.lower, upper=whole.upper, unit=first.unit, se=whole.se, draws=draws,
        method=f"{named}, over {len(made)} linked versions", confidence_level=first.confidence_level,
        population=first.population, place=first.place, period=first.period,
        observed=min(observed) if len(observed) == len(made) else None, interval=shown,
        diagnostics=_diagnostics(answers, whole), cautions=tuple(_cautions(answers, whole)),
        fingerprint=linked.fingerprint, unbounded=math.isinf(whole.upper), simulated=linked.simulated)


def _diagnostics(answers: _Answers, whole: Combined) -> dict[str, Any]:
    rows = [_row(*each) for each in zip(answers.linked.versions, answers.linked.weights, answers.found, strict=True)]
    return {"linked_versions": len(rows), "refused_versions": len(answers.refusals),
            "within_variance": _finite(whole.within), "between_variance": whole.between,
            "total_variance": _finite(whole.total),
            "share_due_to_linkage": whole.due_to_linkage, "per_version": rows}


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _row(version: Any, weight: float, found: Estimate | NoEstimate) -> dict[str, Any]:
    named = {"fingerprint": version.fingerprint, "weight": weight}
    if isinstance(found, NoEstimate):
        return {**named, "refused": found.reason}
    return {**named, "value": found.value, "lower": found.lower, "upper": found.upper, "se": found.se,
            "observed": found.observed, "method": found.method, "cautions": list(found.cautions)}


def _cautions(answers: _Answers, whole: Combined) -> Iterator[str]:
    made, refusals = answers.made, answers.refusals
    yield from _said(made)
    if refusals:
        why = Counter(each.reason for each in refusals).most_common(1)[0][0]
        yield (f"{len(refusals)} of {len(answers.found)} linked versions have no estimate and are left out, most often "
               f"because {why}")
    if len(made) < ENOUGH_VERSIONS:
        yield (f"what the links decide is hardly known from {len(made)} linked version{'s' * (len(made) > 1)}: "
               f"{ENOUGH_VERSIONS} or more would tell")
    if whole.due_to_linkage > 0.5:
        yield (f"the links decide more than the counts: {100 * whole.due_to_linkage:.0f} % of the variance lies "
               "between linked versions")


def _said(made: Sequence[Estimate]) -> Iterator[str]:
    """Yield the versions' cautions, each once; those that differ in their numbers alone are one."""
    forms: dict[str, Counter[str]] = {}
    for each in made:
        # Of sentences of one form the first counts, so that a form has as many as versions that say it.
        for form, sentence in {_NUMBER.sub("#", said): said for said in reversed(each.cautions)}.items():
            forms.setdefault(form, Counter())[sentence] += 1
    told = [(sentences.total(), sentences.most_common(1)[0][0], len(sentences)) for sentences in forms.values()]
    yield from (sentence for times, sentence, kinds in told if times == len(made) and kinds == 1)
    some = sorted((each for each in told if each[0] < len(made) or each[2] > 1), key=lambda each: -each[0])
    for times, sentence, kinds in some[:_MOST_SENTENCES]:
        own = ", each with its own numbers" if kinds > 1 else ""
        yield f"in {times} of {len(made)} linked versions{own}: {sentence}"
    if len(some) > _MOST_SENTENCES:
        yield f"{len(some) - _MOST_SENTENCES} more cautions of some versions are in the diagnostics"
