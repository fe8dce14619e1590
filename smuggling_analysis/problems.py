"""What is wrong with an input, said so that a clerk can mend it.

Every check of every input ends here: one `Problem` per fault, all of them
raised at once as one `BadInput`, before anything has run.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_SHOWN = 20


def shorten(value: object, limit: int = 60) -> str:
    """Show a value found in an input, cut to a length that is safe to print."""
    text = repr(value) if isinstance(value, str) else str(value)
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


@dataclass(frozen=True)
class Problem:
    """One fault of one input.

    Parameters
    ----------
    fact : str
        What was found, and where it breaks the rule.
    remedy : str
        What to do about it.
    file : str
        The file, relative to the project; empty for data made in memory.
    row : object
        The row's number in the file (the header is row 1) or its label in the frame.
    column : str
        The column's name; in a TOML file, the key's.

    Examples
    --------
    >>> print(Problem("found -3, a count cannot be negative", "correct the count", "lists.csv", 4, "count"))
    lists.csv, row 4, column "count": found -3, a count cannot be negative; correct the count
    """

    fact: str
    remedy: str = ""
    file: str = ""
    row: object = None
    column: str = ""

    def __str__(self) -> str:
        places = [self.file] if self.file else []
        if self.row is not None:
            places.append(f"row {self.row}")
        if self.column:
            places.append(f'{"key" if self.file.endswith(".toml") else "column"} "{self.column}"')
        where = ", ".join(places)
        sentence = f"{self.fact}; {self.remedy}" if self.remedy else self.fact
        return f"{where}: {sentence}" if where else sentence


class BadInput(ValueError):
    """Inputs that cannot be used, with every problem found.

    Attributes
    ----------
    problems : tuple of Problem
        All of them, in the order of the input.

    Examples
    --------
    >>> raise BadInput([Problem("the file is empty", "send it again", "police.csv")])
    Traceback (most recent call last):
    ...
    smuggling_analysis.problems.BadInput: police.csv: the file is empty; send it again
    """

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(problems)
        lines = [str(problem) for problem in self.problems[:_SHOWN]]
        if len(self.problems) > _SHOWN:
            lines.append(f"... and {len(self.problems) - _SHOWN} more")
        if len(self.problems) > 1:
            lines.insert(0, f"{len(self.problems)} problems:")
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by the problems, so that a worker's refusal reaches its caller whole."""
        return (type(self), (self.problems,))


def raise_any(problems: Iterable[Problem]) -> None:
    """Raise `BadInput` if there is any problem."""
    found = tuple(problems)
    if found:
        raise BadInput(found)
