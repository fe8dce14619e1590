"""The method chooser: which methods the evidence at hand allows, which it does not and why.

Where none applies the answer is a refusal that names the data which would make an estimate possible. The
chooser's table of designs grows with METHODS: a design is offered once a method for its evidence exists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods.registry import Method


@dataclass(frozen=True)
class Design:
    """One way to count people who hide: the evidence it takes and the data an agency would have to give.

    Parameters
    ----------
    evidence : str
        The evidence type's name, as in METHODS.
    called : str
        What a reader calls that evidence.
    leads_to : str
        The family of methods it opens.
    data : str
        What would have to be collected or shared for it.
    lacks : callable
        `lacks(evidence)` says what such evidence lacks for a size, whatever the method; empty where nothing.
    in_particular : callable, optional
        `in_particular(evidence)` says which of those methods this very evidence opens.
    """

    evidence: str
    called: str
    leads_to: str
    data: str
    lacks: Callable[[Any], str] = lambda evidence: ""
    in_particular: Callable[[Any], str] | None = None

    def opened(self, evidence: Any) -> str:
        """Say which methods evidence of this design opens."""
        return self.leads_to if self.in_particular is None else self.in_particular(evidence)


def _no_overlap(histories: Any) -> str:
    return "" if (histories.patterns.sum(axis=1) > 1).any() else "nobody is on more than one of the lists"


def _by_number_of_lists(histories: Any) -> str:
    return "Chapman's estimate with a dependence band" if histories.n_lists == 2 else (
        "multiple systems estimation, every method in one panel")


def _no_repeats(encounters: Any) -> str:
    # Shares of the attempts seen can be had without; how many there were cannot.
    return "" if encounters.repeats is not None else "it is not recorded who had been apprehended before"


def _by_retries(encounters: Any) -> str:
    return "repeated trials" if encounters.retried is not None else (
        "repeated trials, if it is stated which share of those returned does not try again")


DESIGNS = (
    Design("CaptureHistories", "linked lists of people", "multiple systems estimation",
           "two or, better, three lists of people kept by different agencies for the same place and year, "
           "with a keyed pseudonym that shows which people are on more than one list",
           _no_overlap, _by_number_of_lists),
    Design("CensoredHistories", "linked lists whose small counts were suppressed",
           "multiple systems estimation from ranges",
           "the table of how many people are on exactly which lists, with small counts as ranges (fewer than 5) "
           "where they cannot be published, and the lists' totals"),
    Design("ListedPeople", "linked lists with what is known of each person", "doubly robust estimation",
           "the same lists person by person, with age, sex, origin or whatever else decides who is listed, "
           "analysed where the records are kept"),
    Design("RepeatCounts", "registers that show repeats", "truncated counts and Chao's lower bound",
           "one register (arrests, returns, shelter stays) in which the same person can be recognised, as "
           "the number of people recorded once, twice, three times"),
    Design("ReferenceCounts", "counts by country of origin", "the reference-population model",
           "apprehended, otherwise recorded and registered foreigners by country of origin and sex"),
    Design("Encounters", "people returned and caught again", "repeated trials",
           "people returned at a border and how many of them were caught again", _no_repeats, _by_retries),
    Design("RelationalCounts", "answers about people one knows", "network scale-up",
           "a survey that asks how many people of the hidden group, and of groups of known size, each "
           "respondent knows"),
    Design("RecruitmentChains", "surveys by referral", "respondent-driven sampling",
           "a survey in which migrants recruit one another, with who recruited whom and how many each knows"),
    Design("SurveyResponses", "surveys of migrants", "share who used a smuggler x an independent flow",
           "a survey with a known design that asks migrants whether they used a smuggler, and an independent "
           "count of the flow"),
)


@dataclass(frozen=True)
class Verdict:
    """Whether one method can use the evidence under one role.

    Parameters
    ----------
    method : str
        Its name in METHODS.
    role : str
        The evidence's role in the assessment; empty where there is no evidence of the kind it takes.
    lacks : str
        What is missing, in words; empty where the method applies.
    opens : str
        What the evidence opens, in words, where there is any.
    """

    method: str
    role: str
    lacks: str
    opens: str = ""


@dataclass(frozen=True)
class Choice:
    """What the evidence at hand allows.

    Parameters
    ----------
    verdicts : tuple of Verdict
        One per method and role, in the order of METHODS.

    Examples
    --------
    >>> choose({}).refusal().reason.partition(" and no ")[0]
    'no estimate is possible: there are no linked lists of people'
    """

    verdicts: tuple[Verdict, ...]

    @property
    def applicable(self) -> tuple[tuple[str, Method], ...]:
        """The role and the method of every method that applies."""
        return tuple((verdict.role, METHODS[verdict.method])
                     for verdict in self.verdicts if not verdict.lacks)

    def methods_for(self, role: str) -> tuple[str, ...]:
        """Return the names of the methods that apply to the evidence under `role`."""
        return tuple(method.name for own, method in self.applicable if own == role)

    def frame(self) -> pd.DataFrame:
        """Return one row per method and role: `method, title, evidence, role, applies, why_not`."""
        rows = [{"method": verdict.method, "title": METHODS[verdict.method].title,
                 "evidence": _called(METHODS[verdict.method].evidence), "role": verdict.role,
                 "applies": not verdict.lacks, "why_not": verdict.lacks} for verdict in self.verdicts]
        return pd.DataFrame(rows, columns=["method", "title", "evidence", "role", "applies", "why_not"])

    def by_evidence(self) -> pd.DataFrame:
        """Return one row per kind of evidence: `evidence, at_hand, methods, cannot`.

        `methods` are those that apply, `cannot` those that do not, each with what is missing.
        """
        rows = []
        for design in _offered():
            own = self._of(design)
            apply = [METHODS[one.method].title for one in own if not one.lacks]
            lacking = [f"{METHODS[one.method].title} ({one.lacks})" for one in own if one.lacks and one.role]
            rows.append({"evidence": design.called, "at_hand": any(one.role for one in own),
                         "methods": "; ".join(dict.fromkeys(apply)), "cannot": "; ".join(dict.fromkeys(lacking))})
        return pd.DataFrame(rows, columns=["evidence", "at_hand", "methods", "cannot"])

    def refusal(self) -> NoEstimate | None:
        """Return the refusal in words if no method applies, with the data that would help; else None."""
        if self.applicable:
            return None
        at_hand = list(dict.fromkeys(verdict.lacks for verdict in self.verdicts if verdict.role))
        absent = [design.called for design in _offered()
                  if not any(verdict.role for verdict in self._of(design))]
        reasons = [*at_hand, *([f"there are no {' and no '.join(absent)}"] if absent else [])]
        needed = "; or ".join(design.data for design in _offered())
        return NoEstimate(f"no estimate is possible: {'; '.join(reasons)}", f"any one of these: {needed}")

    def paragraph(self) -> str:
        """Return the chooser's answer as a paragraph for the report."""
        if refused := self.refusal():
            return f"**{_capital(refused.reason)}.** What would make one possible: {refused.needed}."
        ways = dict.fromkeys(f"{design.called}, which allow {verdict.opens}" for design in _offered()
                             for verdict in self._of(design) if verdict.role and not verdict.lacks)
        return f"The evidence at hand: {'; '.join(ways)}."

    def _of(self, design: Design) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if METHODS[verdict.method].evidence == design.evidence]


def choose(evidences: Mapping[str, Any]) -> Choice:
    """Choose the methods for the size of a hidden population that the evidence at hand allows.

    Parameters
    ----------
    evidences : mapping
        Role to evidence, as in an assessment: `{"lists": CaptureHistories, "repeats": RepeatCounts}`. A role
        whose evidence is None is passed over, and so is evidence of a kind that no design takes.

    Returns
    -------
    Choice
        A verdict per method and role.

    Examples
    --------
    >>> from smuggling_analysis.evidence.repeat_counts import RepeatCounts
    >>> choice = choose({"repeats": RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37})})
    >>> "chao" in choice.methods_for("repeats"), choice.refusal() is None
    (True, True)
    """
    present = {role: evidence for role, evidence in evidences.items() if evidence is not None}
    verdicts: list[Verdict] = []
    designs = {design.evidence: design for design in DESIGNS}
    for method in METHODS.values():
        if (design := designs.get(method.evidence)) is None:
            continue
        suited = [(role, evidence) for role, evidence in present.items()
                  if type(evidence).__name__ == method.evidence]
        verdicts += [Verdict(method.name, role, method.lacks(evidence) or design.lacks(evidence),
                             design.opened(evidence)) for role, evidence in suited]
        if not suited:
            verdicts.append(Verdict(method.name, "", f"no {_called(method.evidence)} at hand"))
    return Choice(tuple(verdicts))


def data_for(evidence: str) -> str:
    """Return the data an agency would have to give for evidence of this type.

    Examples
    --------
    >>> data_for("Encounters")
    'people returned at a border and how many of them were caught again'
    """
    return next(design.data for design in DESIGNS if design.evidence == evidence)


def _offered() -> list[Design]:
    taken = {method.evidence for method in METHODS.values()}
    return [design for design in DESIGNS if design.evidence in taken]


def _called(evidence: str) -> str:
    return next((design.called for design in DESIGNS if design.evidence == evidence), evidence)


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
