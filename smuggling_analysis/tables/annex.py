"""The annexes' texts: a page for each method."""

from __future__ import annotations

from typing import Any


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
