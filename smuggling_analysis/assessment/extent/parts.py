"""What the extent chapter shows of every panel, whatever its evidence: each function one part of the page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from smuggling_analysis import numerals, plots, tables
from smuggling_analysis.assessment.show import literal
from smuggling_analysis.estimate import Estimate, NoEstimate

_MOST_ROWS = 14
"""So many methods fit on a page with their headings and reasons."""


def record_panel(chapter: Any, panel: Any, prefix: str) -> None:
    """Record every method of a panel, and the headline or its refusal; show the refusal at the head of the page."""
    for one in panel.fitted:
        chapter.record(one.key, one.result, question="Q8", headline=one.headline)
    if isinstance(panel.headline, NoEstimate):
        chapter.refusal("Q8", panel.headline, key=f"{prefix}-headline", headline=True)
    else:
        best = panel.headline
        chapter.text(f"For the key findings we take **{literal(numerals.said(best))}**, by {literal(best.method)}. "
                     f"{literal(' '.join(sentence(caution) for caution in best.cautions))}")


def show_methods(chapter: Any, panel: Any, source: str, prefix: str, seen: str = "people were seen") -> None:
    """Show what each method says, with the gate's verdicts, beside published values."""
    values = [one.given.value for one in panel.fitted if one.given is not None]
    refused = sum(not one.passed for one in panel.fitted)
    span = numerals.span(min(values, default=None), max(values, default=None), digits=3)
    observed = "" if panel.observed is None else f"{panel.observed:,.0f} {seen}. "
    chapter.text(f"### What each method says\n\n{observed}{len(panel.fitted)} methods were tried; the "
                 f"gate passed {len(panel.fitted) - refused} and refused {refused}. What they say, the refused ones "
                 f"too: {span}.")
    for place, (words, keys) in enumerate(_forest_pages(panel), start=1):
        chapter.figure(f"{prefix}-forest" + (f"-{place}" if place > 1 else ""),
                       plots.panel_forest(panel, only=keys, source=source),
                       f"{sentence(words)[:-1]} by family, with its interval and the gate's verdict, beside published "
                       "values of the same population. Grey, hollow and dashed: refused.",
                       f"{len(keys)} methods; all say {span} persons. {observed}".strip())
    show_table(chapter, f"{prefix}-methods", tables.verdicts(panel),
               "Every method, its estimate, and the gate's verdict.")
    show_table(chapter, f"{prefix}-findings", tables.gate_findings(panel),
               "What the reliability gate found; its rules and their sources stand at the end of this chapter.")


def _forest_pages(panel: Any) -> list[tuple[str, tuple[str, ...]]]:
    """Divide a panel's methods into forests that fit on a page, by what is in them: those that passed first.

    A panel of few methods is one forest; in one of many, methods without a number are in the table only.
    """
    if len(panel.fitted) <= _MOST_ROWS:
        return [("every method", tuple(one.key for one in panel.fitted))]
    groups = {"methods that passed": [one.key for one in panel.fitted if one.passed],
              "methods that the gate refused": [one.key for one in panel.fitted
                                                if not one.passed and one.given is not None]}
    pages = []
    for words, keys in groups.items():
        number = math.ceil(len(keys) / _MOST_ROWS)
        each = math.ceil(len(keys) / max(number, 1))
        for page in range(number):
            part = f", part {page + 1} of {number}," if number > 1 else ""
            pages.append((words + part, tuple(keys[page * each:(page + 1) * each])))
    return pages


def show_gate(chapter: Any, *kinds: str) -> None:
    """Show the rules of the reliability gate for these kinds of evidence."""
    if kinds:
        chapter.text("## The reliability gate\n\nEvery estimate is put to these rules. Where a rule's threshold is "
                     "this package's own mark, its source is where the trouble is described.")
    for kind in kinds:
        show_table(chapter, f"gate-{tables.kind_in_words(kind).replace(' ', '-')}", tables.gate_rules(kind),
                   f"The rules of the reliability gate for {tables.kind_in_words(kind)}.")


def published_beside(published: Iterable[Any] | None, period: str) -> Sequence[Any]:
    """Return the published numbers of persons of the same period."""
    return [one for one in published or () if one.period == period and one.unit == "persons"]


def observed_and_hidden(chapter: Any, panel: Any, source: str, prefix: str) -> None:
    """Show how many were seen and how many were not, where there is a headline."""
    best = panel.headline
    if isinstance(best, Estimate):
        chapter.figure(f"{prefix}-observed", plots.observed_and_hidden(best, source=source),
                       "People observed, and people estimated but not observed.",
                       f"{panel.observed:,.0f} observed of an estimated {best.value:,.0f}.")


def show_table(chapter: Any, name: str, made: Any, caption: str) -> None:
    """Show a table that was laid out."""
    chapter.table(name, made.frame, caption, **made.formatting)


def sentence(text: str) -> str:
    """Begin with a capital and end with a full stop."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."
