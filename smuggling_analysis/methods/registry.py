"""The shape of one row of the table of methods."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

Requirement = Callable[[Any], str]
"""Looks at evidence and says in words what is missing; an empty text means nothing is."""


@dataclass(frozen=True)
class Citation:
    """One publication, resolved: authors, year, title, where, and its DOI where it has one."""

    text: str
    doi: str = ""

    def __str__(self) -> str:
        return f"{self.text} doi:{self.doi}" if self.doi else self.text


@dataclass(frozen=True, kw_only=True)
class Method:
    """One method: what it is called, takes, answers and assumes.

    Parameters
    ----------
    name : str
        The function's name, unique among all methods.
    module : str
        The module below `smuggling_analysis.methods` that exports it: "multiple_systems".
    title : str
        What a report calls it: "Chapman's two-list estimator".
    evidence : str
        The evidence type's name: "CaptureHistories".
    question : str
        The question it answers, as in the assessment: "How many resort to smugglers?"
    idea : str
        One or two sentences that a minister's adviser can follow.
    formula : str
        The estimator in LaTeX, without dollar signs; may be empty.
    assumptions : tuple of str
        What must hold, one sentence each, the most doubtful first.
    citations : tuple of Citation
        The literature it was written from.
    requires : Requirement
        Says what the evidence lacks for this method.
    options : tuple of str
        Names of its keyword options.

    Examples
    --------
    >>> from smuggling_analysis.methods import METHODS
    >>> METHODS["chapman"].evidence
    'CaptureHistories'
    """

    name: str
    module: str
    title: str
    evidence: str
    question: str
    idea: str
    assumptions: tuple[str, ...]
    citations: tuple[Citation, ...]
    formula: str = ""
    requires: Requirement = lambda evidence: ""
    options: tuple[str, ...] = ()

    @property
    def function(self) -> Callable[..., Any]:
        """The function itself, imported on first use."""
        return getattr(import_module(f"smuggling_analysis.methods.{self.module}"), self.name)

    def __call__(self, evidence: Any, **options: Any) -> Any:
        """Apply the method to evidence."""
        return self.function(evidence, **options)

    def lacks(self, evidence: Any) -> str:
        """Say in words what `evidence` lacks for this method; an empty text means it applies.

        Of several linked versions, what all of them lack: those that lack nothing can be combined.
        """
        from smuggling_analysis.evidence.linked_versions import LinkedVersions

        if isinstance(evidence, LinkedVersions):
            lacking = [self.lacks(version) for version in evidence.versions]
            return lacking[0] if all(lacking) else ""
        kind = type(evidence).__name__
        if kind != self.evidence:
            return f"{self.title} needs {self.evidence}, not {kind}"
        return self.requires(evidence)
