"""The annexes: a page for each method, and lists of source files, judgements and results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd


def method_page(method: Any) -> str:
    """Return a method as Markdown: idea, formula, assumptions, literature.

    Parameters
    ----------
    method : Method
        A row of METHODS.

    Examples
    --------
    >>> from smuggling_analysis.methods import METHODS
    >>> method_page(METHODS["chapman"]).splitlines()[0]
    '### Chapman two-list estimator'
    """
    parts = [f"### {method.title}", method.idea]
    if method.formula:
        parts.append(f"$${method.formula}$$")
    parts.append("What must hold, the most doubtful first:")
    parts.append("\n".join(f"- {assumption}" for assumption in method.assumptions))
    parts.append("Literature:")
    parts.append("\n".join(f"- {citation}" for citation in method.citations))
    return "\n\n".join(parts)


def source_files(sources: Mapping[str, Any]) -> pd.DataFrame:
    """List the files of sources.

    Parameters
    ----------
    sources : mapping of folder to Source

    Returns
    -------
    DataFrame
        `folder, title, citation, licence, retrieved, file, description, sha256`, one row per file; and
        `simulated`, if any source is.
    """
    rows = [{"folder": folder, "title": source.title, "citation": source.citation, "licence": source.licence,
             "retrieved": source.retrieved.isoformat(), "file": name, "description": file.description,
             "sha256": file.sha256}
            for folder, source in sources.items() for name, file in source.files.items()]
    frame = pd.DataFrame(rows, columns=["folder", "title", "citation", "licence", "retrieved", "file",
                                        "description", "sha256"])
    simulated = {folder: bool(source.simulated) for folder, source in sources.items()}
    return frame.assign(simulated=frame["folder"].map(simulated)) if any(simulated.values()) else frame


def judgements(given: Mapping[str, Any]) -> pd.DataFrame:
    """List judgements: `judgement, value, low, high, unit, reason, source`."""
    rows = [{"judgement": key, "value": _written(one.value), "low": one.low, "high": one.high,
             "unit": one.unit, "reason": one.reason, "source": one.source} for key, one in given.items()]
    return pd.DataFrame(rows, columns=["judgement", "value", "low", "high", "unit", "reason", "source"])


def _written(value: Any) -> str:
    return f"{value:,.15g}" if isinstance(value, (int, float)) else str(value)


def result_list(recorded: Iterable[Any]) -> pd.DataFrame:
    """List recorded results: `chapter, key, question, kind, what`."""
    from smuggling_analysis.tables.results import described

    rows = [{"chapter": one.chapter, "key": one.key, "question": one.question, "kind": one.kind,
             "what": described(one.result)} for one in recorded]
    return pd.DataFrame(rows, columns=["chapter", "key", "question", "kind", "what"])
