"""The panel of encounters at a border as the extent chapter shows it: each function one part of the page."""

from __future__ import annotations

from typing import Any

from smuggling_analysis import numerals, plots, tables
from smuggling_analysis.assessment.definition import Judgement
from smuggling_analysis.assessment.extent.parts import sentence, show_table
from smuggling_analysis.assessment.judgements import STATED_SHARES
from smuggling_analysis.assessment.show import literal
from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.judgement import expert_range
from smuggling_analysis.methods.repeated_trials import StatedShare

_LABELS = {"apprehended": "apprehensions", "repeats": "of people apprehended before", "returned": "people put back",
           "retried": "who tried again", "recidivists": "people apprehended more than once",
           "turned_back": "turned back", "got_away": "seen to get away"}


def asked_of(chapter: Any) -> dict[str, StatedShare]:
    """Return what the judgements state of the shares that nobody counted, by the panel's option."""
    return {option: _stated(judged, words) for key, (option, words) in STATED_SHARES.items()
            if (judged := chapter.judgements.get(key)) is not None}


def _stated(judged: Judgement, words: str) -> StatedShare:
    """Read a judged share: one number, or a range within which the value is the likeliest."""
    if judged.low is None or judged.high is None or judged.low == judged.high:
        return StatedShare.fixed(judged.value, reason=judged.reason)
    return StatedShare.of_estimate(expert_range(judged.low, judged.value, judged.high, unit="share", population=words,
                                                reason=judged.reason))


def show_encounters(chapter: Any, encounters: Any, about: Any) -> None:
    """Show what was counted, and what is stated because nobody counted it."""
    chapter.text(f"## {literal(about.title)}\n\n{literal(about.notes)}")
    if instead := chapter.stand_in("encounters"):
        chapter.no_evidence(instead)
    chapter.table("encounters", encounters.frame(), "What was counted at the border: events, not persons.",
                  labels=_LABELS)
    told = [f"- {words}: {_range(judged)}. {sentence(judged.reason)}" for key, (_, words) in STATED_SHARES.items()
            if (judged := chapter.judgements.get(key)) is not None]
    chapter.text("What no count says and is stated instead:\n\n" + "\n".join(map(literal, told)) if told else
                 "Nothing is stated of the shares that no count says.")


def _range(judged: Judgement) -> str:
    value = numerals.percent(judged.value)
    return value if judged.low is None else f"{value} ({numerals.span(judged.low, judged.high, unit='share')})"


def show_beside(chapter: Any, panel: Any) -> None:
    """Record and show the other quantities, and the shares of attempts, each with its verdict."""
    for one in panel.beside:
        chapter.record(one.key, one.result)
    chapter.text("### Entries, attempts, and the shares of them\n\nThe same counts answer other questions, too. "
                 "Attempts and entries are events: one person can make several.")
    show_table(chapter, "encounters-beside", tables.beside(panel),
               "What else the counts say, and the gate's verdict on it.")
    if isinstance(panel.flow, NoEstimate):
        chapter.no_evidence(sentence(f"No flow is drawn: {panel.flow.reason}"))
        return
    chapter.figure("encounters-flow", plots.border_flow(panel.flow),
                   "How attempts to enter ended: counted ones in full, estimated ones hatched, with their interval.",
                   f"{numerals.said(panel.flow.attempts)}, by how they ended.")


def show_what_it_rests_on(chapter: Any, panel: Any) -> None:
    """Show what becomes of the number as more, or fewer, of those returned are deterred."""
    band = panel.deterrence
    if band is None:
        return
    chapter.text("### What the number rests on\n\nWhoever does not try again after being put back is not apprehended "
                 "again, and looks like one who passed unseen.")
    if isinstance(band, NoEstimate):
        chapter.no_evidence(sentence(f"Not shown: {band.reason}"))
        return
    chapter.text(literal(sentence(band.sentence)))
    chapter.figure("encounters-deterrence", plots.deterrence_sensitivity(band),
                   f"The number of {panel.quantity} against the share of those returned that does not try again.",
                   sentence(band.sentence))
    show_table(chapter, "encounters-deterrence-table", tables.tried(band, "deterrence"),
               "The estimate at each share deterred.")
