"""What each source can tell about each question, as a score."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

SCORES = {0: "nothing", 1: "published figures", 2: "persons, linkable by nobody but the producer",
          3: "persons that can be linked"}


def capacity_scores(register: Iterable[Any], questions: Iterable[str]) -> pd.DataFrame:
    """Score every source against every question, from 0 to 3 (`SCORES`).

    Parameters
    ----------
    register : SourceRegister, or iterable of RegisteredSource
        The sources.
    questions : iterable of str
        "Q1", "Q2" ...

    Returns
    -------
    DataFrame
        Sources (by title) as index, questions as columns.

    Examples
    --------
    >>> from smuggling_analysis.evidence.source_register import RegisteredSource
    >>> police = RegisteredSource(title="Arrests", producer="Police", unit="persons", place="Norway",
    ...                           period="2023", person_level=True, linkable="yes", frequency="yearly",
    ...                           licence="on request", questions=("Q8",))
    >>> capacity_scores([police], ["Q7", "Q8"]).loc["Arrests"].tolist()
    [0, 3]
    """
    questions = list(questions)
    rows = {source.title: [_score(source) if question in source.questions else 0 for question in questions]
            for source in register}
    return pd.DataFrame.from_dict(rows, orient="index", columns=questions)


def _score(source: Any) -> int:
    if not source.person_level:
        return 1
    return 3 if source.linkable == "yes" else 2
