"""The journal of a study: finished tasks, one a line, so that an interruption loses little."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from smuggling_analysis.draws import digest


@cache
def code_fingerprint() -> str:
    """Return the SHA-256 of the package's source: what was finished by other code is not gone on from."""
    here = Path(__file__).parents[1]
    return digest(*((path.relative_to(here).as_posix(), path.read_bytes()) for path in sorted(here.rglob("*.py"))))


class Journal:
    """A file that finished work is appended to, and read from when a study goes on.

    Work is found by its identity, so a study with more replicates or more methods goes on from a smaller one, and
    what belongs to another seed, other options or other code is passed over. A line an interruption tore is not read.

    Parameters
    ----------
    path : Path, optional
        The file; without it nothing is kept.

    Examples
    --------
    >>> with Journal(None) as journal:
    ...     journal.finished("task", {"answer": 42})
    ...     journal.held
    {}
    """

    def __init__(self, path: Path | None):
        self.path = path
        self.held: dict[str, Any] = {} if path is None or not path.exists() else dict(_read(path))
        self._file: TextIO | None = None

    def __enter__(self) -> Journal:
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("a", encoding="utf-8")
            if self._file.tell() and not _ends_a_line(self.path):
                self._file.write("\n")
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None,
                 trace: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def finished(self, identity: str, work: Any) -> None:
        """Write down a finished piece of work, and see it onto the disk."""
        if self._file is not None:
            self._file.write(json.dumps({"task": identity, "work": work}, allow_nan=False) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())


def _read(path: Path) -> Iterable[tuple[str, Any]]:
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                entry = json.loads(line)
                yield entry["task"], entry["work"]
            except (ValueError, KeyError, TypeError):
                continue


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
