"""Progress of work that takes longer than a reader likes to wait without a word.

It is shown to whoever is looking, on a terminal or below a notebook's cell, after two seconds, and taken away at
the end; a run that publishes a report shows its own progress, so its chapters show none.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

QUIET_SECONDS = 2.0
_RUN = "SMUGGLING_ANALYSIS_WORKSPACE"
_Part = TypeVar("_Part")
# Work within work, and work in several threads, shows one bar: the first to ask.
_ONE_AT_A_TIME = threading.Lock()


class Bar:
    """A bar that appears when work takes longer than two seconds.

    Parameters
    ----------
    wanted : bool
        Whether to show anything at all.

    Examples
    --------
    >>> with Bar() as bar:
    ...     bar.show("models visited", 10, 113)
    """

    def __init__(self, wanted: bool = True) -> None:
        self._screen = _screen() if wanted else None
        self._began = time.monotonic()
        self._shown: Any = None

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown is not None:
            self._shown.close()
            self._shown = None
            _ONE_AT_A_TIME.release()

    def show(self, words: str, done: float, total: float | None = None) -> None:
        """Say what was done, and how much of the total if that is known."""
        if self._screen is None or time.monotonic() - self._began < QUIET_SECONDS:
            return
        if self._shown is None:
            if not _ONE_AT_A_TIME.acquire(blocking=False):
                return
            self._shown = self._screen()
        self._shown.update(words, done, total)


def followed(parts: Iterable[_Part], total: int, words: str) -> Iterator[_Part]:
    """Pass the parts of a piece of work on as they come, and show how many have.

    Examples
    --------
    >>> list(followed([1, 4, 9], 3, "squares"))
    [1, 4, 9]
    """
    with Bar() as bar:
        for done, part in enumerate(parts, start=1):
            bar.show(words, done, total)
            yield part


def _screen() -> type[_Terminal] | type[_Cell] | None:
    """Return who is looking: a terminal, a notebook, or nobody."""
    if os.environ.get(_RUN):
        return None
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if shell is not None and hasattr(shell, "kernel"):
        return _Cell
    return _Terminal if sys.stderr is not None and sys.stderr.isatty() else None


class _Terminal:
    """A bar on the standard error stream."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._bar = Progress(BarColumn(bar_width=20), TextColumn("{task.description}"), TimeElapsedColumn(),
                             console=Console(stderr=True), transient=True)
        self._bar.start()
        self._task = self._bar.add_task("")

    def update(self, words: str, done: float, total: float | None) -> None:
        self._bar.update(self._task, description=words, completed=done, total=total)

    def close(self) -> None:
        self._bar.stop()


class _Cell:
    """A line below a notebook's cell."""

    def __init__(self) -> None:
        from IPython.display import display

        self._line = display({"text/plain": ""}, raw=True, display_id=True)
        self._last = 0.0

    def update(self, words: str, done: float, total: float | None) -> None:
        # Four times a second is enough to read, and keeps a long loop from flooding the page.
        if time.monotonic() - self._last > 0.25:
            share = "" if not total else f" ({min(done / total, 1.0):.0%})"
            self._line.update({"text/plain": f"{words}{share}"}, raw=True)
            self._last = time.monotonic()

    def close(self) -> None:
        self._line.update({"text/plain": ""}, raw=True)
