"""Several linked versions of the same lists: who is whom is not certain, and each version is one answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, Protocol, TypeVar

from smuggling_analysis.draws import digest


class OfLists(Protocol):
    """Evidence about lists: capture histories, censored or not, or the people themselves."""

    @property
    def lists(self) -> tuple[str, ...]:
        """The lists' names."""

    @property
    def simulated(self) -> bool:
        """Whether the people are simulated."""

    @property
    def fingerprint(self) -> str:
        """What the evidence is known by."""


E = TypeVar("E", bound=OfLists)


@dataclass(frozen=True, eq=False)
class LinkedVersions(Generic[E]):
    """The same lists linked in several ways, each as plausible as its weight.

    Make one with `of`: from the draws of a probabilistic linkage, from linkages under several thresholds, or with
    `multiple_systems.linked_versions` from known error rates. Every method of lists takes it in place of one version.
    Equal versions are kept once, with their weights added; the order in which they were given is forgotten.

    Parameters
    ----------
    versions : tuple of CaptureHistories, or of CensoredHistories, or of ListedPeople
        Distinct versions, in the order of their fingerprints.
    weights : tuple of float
        Their shares, adding up to 1.
    number : float
        How many equally weighted versions those given are worth: their number, where the weights are equal.

    Examples
    --------
    >>> from smuggling_analysis import CaptureHistories
    >>> strict, lenient = (CaptureHistories.from_counts(
    ...     {"police": 60 - both, "ngo": 40 - both, ("police", "ngo"): both}, lists=["police", "ngo"])
    ...     for both in (9, 12))
    >>> LinkedVersions.of([strict, lenient, strict])
    LinkedVersions(2 versions of 2 lists: police, ngo)
    """

    versions: tuple[E, ...]
    weights: tuple[float, ...]
    number: float

    def __post_init__(self) -> None:
        if not self.versions or len(self.versions) != len(self.weights):
            raise ValueError("linked versions are one version of the lists or more, each with its weight")
        if not math.isclose(sum(self.weights), 1.0, rel_tol=1e-9) or min(self.weights) <= 0.0:
            raise ValueError(f"the weights of linked versions are above 0 and add up to 1, got {self.weights}")
        named = [version.fingerprint for version in self.versions]
        if named != sorted(set(named)):
            raise ValueError("linked versions are distinct, in the order of their fingerprints: make them with `of`")
        _require_same_lists(self.versions)

    @classmethod
    def of(cls, versions: Sequence[E], *, weights: Sequence[float] | None = None) -> LinkedVersions[E]:
        """Take versions of the same lists.

        Parameters
        ----------
        versions : sequence of CaptureHistories, or of CensoredHistories, or of ListedPeople
            One or more, of one kind, with the same lists in the same order and the same strata's variables.
        weights : sequence of float, optional
            How plausible each is, above 0; equal by default.

        Raises
        ------
        ValueError
            If there is none, their lists differ, or a weight is not above 0.
        """
        given = [1.0] * len(versions) if weights is None else [float(weight) for weight in weights]
        if len(given) != len(versions) or not versions:
            raise ValueError(f"each version needs its weight: got {len(versions)} versions and {len(given)} weights")
        if not all(0.0 < weight < math.inf for weight in given):
            raise ValueError(f"a version's weight is a number above 0, got {given}")
        whole = math.fsum(given)
        shares: dict[str, list[float]] = {}
        for version, weight in zip(versions, given, strict=True):
            shares.setdefault(version.fingerprint, []).append(weight / whole)
        by_name = {version.fingerprint: version for version in versions}
        named = sorted(by_name)
        number = float(len(given)) if weights is None else whole**2 / math.fsum(weight**2 for weight in given)
        return cls(tuple(by_name[name] for name in named), tuple(math.fsum(shares[name]) for name in named), number)

    @property
    def lists(self) -> tuple[str, ...]:
        """The lists' names."""
        return self.versions[0].lists

    @property
    def n_lists(self) -> int:
        """Number of lists."""
        return len(self.lists)

    @property
    def simulated(self) -> bool:
        """Whether the people of any version are simulated."""
        return any(version.simulated for version in self.versions)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the versions' fingerprints and weights."""
        return digest("LinkedVersions", [version.fingerprint for version in self.versions],
                      [f"{weight:.12g}" for weight in self.weights])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LinkedVersions) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __repr__(self) -> str:
        many = len(self.versions)
        return f"LinkedVersions({many} version{'s' * (many > 1)} of {self.n_lists} lists: {', '.join(self.lists)})"


def _require_same_lists(versions: Sequence[OfLists]) -> None:
    first = versions[0]
    for version in versions[1:]:
        if type(version) is not type(first):
            raise ValueError("linked versions are evidence of one kind, got "
                             f"{type(first).__name__} and {type(version).__name__}")
        if version.lists != first.lists:
            raise ValueError("linked versions are of the same lists in the same order, got "
                             f"{', '.join(first.lists)} and {', '.join(version.lists)}")
        one, other = (getattr(each, "stratified_by", ()) for each in (first, version))
        if one != other:
            raise ValueError("the strata of linked versions are made by the same variables, got "
                             f"{', '.join(one) or 'none'} and {', '.join(other) or 'none'}")
