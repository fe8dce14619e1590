"""Chapters in the order of what they depend on, side by side where independent.

A chapter's work happens in its notebook's kernel, a process of its own with one thread; all that happens
here is waiting, so threads suffice, start at once, and leave the interrupt to the main thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Literal

from smuggling_analysis.assessment.chapters import ChapterRow
from smuggling_analysis.assessment.notebooks import ChapterFailed

Status = Literal["done", "failed", "not run"]


@dataclass(frozen=True)
class Outcome:
    """What became of a chapter: its status, its seconds, and why it failed or was not run."""

    row: ChapterRow
    status: Status
    seconds: float = 0.0
    message: str = ""


def run_chapters(rows: Sequence[ChapterRow], execute: Callable[[ChapterRow], None], *, jobs: int,
                 started: Callable[[ChapterRow], None] = lambda row: None,
                 ended: Callable[[Outcome], None] = lambda outcome: None,
                 interrupted: Callable[[], None] = lambda: None) -> dict[str, Outcome]:
    """Run every chapter as soon as those it depends on are done.

    Parameters
    ----------
    rows : sequence of ChapterRow
        The chapters; dependencies on chapters that are not among them are ignored.
    execute : callable
        Runs one chapter; raises `ChapterFailed`.
    jobs : int
        Chapters at a time.
    started, ended : callable
        Told when a chapter starts and what became of it.
    interrupted : callable
        Called on Ctrl-C, before the interrupt goes on; it must end what `execute` waits for.

    Returns
    -------
    mapping of chapter name to Outcome
        A chapter whose predecessor failed is not run; independent ones are.
    """
    by_name = {row.name: row for row in rows}
    order = TopologicalSorter({row.name: [name for name in row.after if name in by_name] for row in rows})
    order.prepare()
    outcomes: dict[str, Outcome] = {}
    running: dict[Future[Outcome], str] = {}

    def settle(outcome: Outcome) -> None:
        outcomes[outcome.row.name] = outcome
        order.done(outcome.row.name)
        ended(outcome)

    with ThreadPoolExecutor(jobs) as pool:
        try:
            while order.is_active():
                for name in sorted(order.get_ready(), key=list(by_name).index):
                    if lost := _lost(by_name[name], outcomes):
                        settle(Outcome(by_name[name], "not run", message=f"it needs {lost}, which failed"))
                    else:
                        running[pool.submit(_timed, by_name[name], execute, started)] = name
                if running:
                    finished, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in finished:
                        del running[future]
                        settle(future.result())
        except BaseException:
            for future in running:
                future.cancel()
            interrupted()
            raise
    return outcomes


def _lost(row: ChapterRow, outcomes: Mapping[str, Outcome]) -> str:
    return ", ".join(name for name in row.after if name in outcomes and outcomes[name].status != "done")


def _timed(row: ChapterRow, execute: Callable[[ChapterRow], None],
           started: Callable[[ChapterRow], None]) -> Outcome:
    started(row)
    begun = time.perf_counter()
    try:
        execute(row)
    except ChapterFailed as failure:
        return Outcome(row, "failed", time.perf_counter() - begun, str(failure))
    return Outcome(row, "done", time.perf_counter() - begun)
