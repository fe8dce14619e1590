"""What an assessment did not do: questions without evidence, methods that were not used and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

QUESTIONS = {
    "Q1": "Why do people entrust others with their lives?",
    "Q2": "What do migrants experience?",
    "Q3": "What are the human and social costs?",
    "Q4": "Does smuggling fuel irregular migration?",
    "Q5": "How are exploitation, trafficking and smuggling connected?",
    "Q6": "What shapes the market?",
    "Q7": "What is the extent of the market?",
    "Q8": "How many resort to smugglers?",
    "Q9": "How many are abandoned?",
    "Q10": "How many lose their lives?",
}


def unanswered(recorded: Iterable[Any]) -> pd.DataFrame:
    """Say for every question of the assessment what the report has on it.

    Parameters
    ----------
    recorded : iterable of recorded results
        Each with `question` ("Q8") and `result`.

    Returns
    -------
    DataFrame
        `question, asked, estimates, indicators, refused, answer`, one row per question, Q1 to Q10.

    Examples
    --------
    >>> unanswered([]).loc[7, ["asked", "answer"]].tolist()
    ['How many resort to smugglers?', 'no evidence']
    """
    kinds = ("Estimate", "Indicator", "NoEstimate")
    found = [(item.question, type(item.result).__name__) for item in recorded]
    rows = []
    for key, asked in QUESTIONS.items():
        counts = [found.count((key, kind)) for kind in kinds]
        rows.append({"question": key, "asked": asked, "estimates": counts[0], "indicators": counts[1],
                     "refused": counts[2], "answer": _answer(*counts)})
    return pd.DataFrame(rows)


# Words of a survey's indicators, and the question they speak to.
_WORDS = {"abuse": "Q2", "violence": "Q2", "exploited": "Q5", "traffick": "Q5", "journey again": "Q1",
          "repeat": "Q1", "decision": "Q1", "smuggled": "Q8", "smuggler": "Q8"}


def question_of(indicator: str) -> str:
    """Return the question that a survey's indicator speaks to; an empty text where none does.

    Examples
    --------
    >>> question_of("sexual violence, smuggled women"), question_of("survey respondents")
    ('Q2', '')
    """
    return next((question for word, question in _WORDS.items() if word in indicator), "")


def methods_used(methods: Mapping[str, Any], recorded: Iterable[Any],
                 reasons: Mapping[str, str]) -> pd.DataFrame:
    """List every method, whether the report used it, whether any number came of it, and why not where it did not.

    Parameters
    ----------
    methods : mapping
        `METHODS`.
    recorded : iterable of recorded results
        The report's results; the key of each begins with its method's name ("death-rate-2023").
    reasons : mapping
        Method name to the reason it could not be used, from the method chooser.

    Returns
    -------
    DataFrame
        `method, title, question, evidence, used, gave_estimate, why_not`. A method whose every number was refused,
        by itself or by the reliability gate, was used all the same.
    """
    by_method: dict[str, list[Any]] = {}
    for item in recorded:
        if name := _method_of(item.key, methods):
            by_method.setdefault(name, []).append(item.result)
    rows = []
    for row in methods.values():
        used = row.name in by_method and not reasons.get(row.name)
        rows.append({"method": row.name, "title": row.title, "question": row.question, "evidence": row.evidence,
                     "used": used, "gave_estimate": used and any(map(_is_estimate, by_method[row.name])),
                     "why_not": "" if used else reasons.get(row.name) or _NOT_CALLED_FOR})
    return pd.DataFrame(rows)


def _method_of(key: str, methods: Iterable[str]) -> str:
    """Return the longest method name that a key begins with: "chao-bunge" is not one of "chao"."""
    return max((name for name in methods if f"{key}-".startswith(f"{name.replace('_', '-')}-")), key=len, default="")


def _is_estimate(result: Any) -> bool:
    return type(result).__name__ == "Estimate"


def answers(recorded: Iterable[Any]) -> str:
    """Write in Markdown which questions were estimated, which have only indicators, and which nothing.

    Examples
    --------
    >>> answers([]).splitlines()[0][:44]
    '- **no evidence**: Why do people entrust oth'
    """
    table = unanswered(recorded)
    lines = []
    for kind in ("estimated", "indicators only", "no estimate possible", "no evidence"):
        rows = table[table["answer"] == kind]
        asked = [f"{row['asked']} ({row['question']})" for row in rows.to_dict("records")]
        lines += [f"- **{kind}**: {' '.join(asked)}"] if asked else []
    return "\n".join(lines)


_NOT_CALLED_FOR = "not called for by this assessment"


def _answer(estimates: int, indicators: int, refused: int) -> str:
    if estimates:
        return "estimated"
    if indicators:
        return "indicators only"
    return "no estimate possible" if refused else "no evidence"
