"""What a run says while it runs: one line per chapter."""

from __future__ import annotations

import threading
from types import TracebackType

from rich.console import Console
from rich.text import Text

from smuggling_analysis.assessment.chapters import ChapterRow
from smuggling_analysis.assessment.run import Outcome

_MARKS = {"done": ("done", "green"), "failed": ("FAILED", "bold red"), "not run": ("not run", "yellow")}


class Progress:
    """Prints a line as each chapter ends; on a terminal, also what is at work now."""

    def __init__(self, console: Console):
        self._console, self._running, self._lock = console, dict[str, str](), threading.Lock()
        self._status = console.status("") if console.is_terminal else None

    def __enter__(self) -> Progress:
        if self._status:
            self._status.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        if self._status:
            self._status.stop()

    def say(self, line: str) -> None:
        """Show what is at work when no chapter is."""
        if self._status:
            self._status.update(line)

    def started(self, row: ChapterRow) -> None:
        """Note that a chapter has started."""
        with self._lock:
            self._running[row.name] = row.title
            self._update()

    def ended(self, outcome: Outcome) -> None:
        """Print the line of a chapter that has ended."""
        word, style = _MARKS[outcome.status]
        time = f"{outcome.seconds:6.1f} s" if outcome.seconds else " " * 8
        self._console.print(Text.assemble("  ", f"{outcome.row.heading:<36.36}", time, "  ", (word, style)))
        with self._lock:
            self._running.pop(outcome.row.name, None)
            self._update()

    def _update(self) -> None:
        if self._status:
            self._status.update(f"running: {', '.join(self._running.values()) or '...'}")
