"""The chapters of an assessment: one row each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class ChapterRow:
    """One chapter.

    Parameters
    ----------
    name : str
        What notebooks and files call it: "extent".
    notebook : str
        The file below `notebooks/`.
    title : str
        The heading in the report.
    number : str
        The number of its headings, figures and tables: "3", "A".
    after : tuple of str
        The chapters whose results it reads.
    """

    name: str
    notebook: str
    title: str
    number: str
    after: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """The number and the title; the key findings stand before the numbered chapters."""
        return self.title if self.number == "0" else f"{self.number} {self.title}"


_BODY = ("sources", "flows", "extent", "deaths", "market")

# In the order of the report.
CHAPTERS: tuple[ChapterRow, ...] = (
    ChapterRow("key-findings", "00-key-findings.ipynb", "Key findings", "0", _BODY),
    ChapterRow("sources", "01-sources.ipynb", "Sources and gaps", "1"),
    ChapterRow("flows", "02-flows.ipynb", "Flows", "2"),
    ChapterRow("extent", "03-extent.ipynb", "Extent: the hidden population", "3"),
    ChapterRow("deaths", "04-deaths.ipynb", "Deaths and abandonment", "4"),
    ChapterRow("market", "05-market.ipynb", "The market", "5", ("extent",)),
    ChapterRow("methods", "A-methods.ipynb", "Methods", "A", _BODY),
    ChapterRow("data", "B-data.ipynb", "Data", "B", _BODY),
)


def find_chapter(name: str, chapters: Sequence[ChapterRow] = CHAPTERS) -> ChapterRow:
    """Return the chapter of this name.

    Raises
    ------
    ValueError
        If there is none; the message names those there are.

    Examples
    --------
    >>> find_chapter("extent").number
    '3'
    """
    for row in chapters:
        if row.name == name:
            return row
    known = ", ".join(row.name for row in chapters)
    raise ValueError(f"there is no chapter {name!r}: the chapters are {known}")


def needed_for(name: str, chapters: Sequence[ChapterRow] = CHAPTERS) -> tuple[ChapterRow, ...]:
    """Return the chapter of this name and all it depends on, in the order of the report.

    Examples
    --------
    >>> [row.name for row in needed_for("market")]
    ['extent', 'market']
    """
    wanted, pending = {name}, [find_chapter(name, chapters)]
    while pending:
        for earlier in pending.pop().after:
            if earlier not in wanted:
                wanted.add(earlier)
                pending.append(find_chapter(earlier, chapters))
    return tuple(row for row in chapters if row.name in wanted)
