"""Held to the table of chapters: each starts when what it reads is done; a failure stops its heirs only."""

from __future__ import annotations

import threading
import time

import pytest

from smuggling_analysis.assessment.chapters import CHAPTERS, find_chapter, needed_for
from smuggling_analysis.assessment.notebooks import ChapterFailed
from smuggling_analysis.assessment.run import run_chapters


def test_the_table_of_chapters_is_sound():
    known = [row.name for row in CHAPTERS]
    assert len(set(known)) == len(known)
    assert all(set(row.after) <= set(known) for row in CHAPTERS)
    assert known[0] == "key-findings"


def test_needed_for_follows_dependencies_of_dependencies():
    assert [row.name for row in needed_for("market")] == ["extent", "market"]
    assert len(needed_for("key-findings")) == 6


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_every_chapter_runs_once_and_after_what_it_reads(jobs):
    done: list[str] = []
    lock = threading.Lock()
    at_work = [0, 0]

    def execute(row):
        with lock:
            assert set(row.after) <= set(done)
            at_work[0] += 1
            at_work[1] = max(at_work)
        time.sleep(0.01)
        with lock:
            at_work[0] -= 1
            done.append(row.name)

    outcomes = run_chapters(CHAPTERS, execute, jobs=jobs)
    assert sorted(done) == sorted(row.name for row in CHAPTERS)
    assert {one.status for one in outcomes.values()} == {"done"}
    assert at_work[1] <= jobs


def test_a_failure_stops_what_depends_on_it_and_nothing_else():
    def execute(row):
        if row.name == "extent":
            raise ChapterFailed("cell 4")

    outcomes = run_chapters(CHAPTERS, execute, jobs=2)
    status = {name: one.status for name, one in outcomes.items()}
    assert status["extent"] == "failed"
    assert outcomes["extent"].message == "cell 4"
    assert {name for name in status if status[name] == "not run"} == {
        "market",
        "key-findings",
        "methods",
        "data",
    }
    assert {name for name in status if status[name] == "done"} == {"sources", "flows", "deaths"}
    assert outcomes["market"].message == "it needs extent, which failed"


def test_an_interrupt_ends_what_is_at_work_and_goes_on():
    ended = threading.Event()

    def execute(row):
        ended.wait(10)

    def begin(row):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_chapters(
            [find_chapter("flows"), find_chapter("sources")],
            execute,
            jobs=2,
            started=lambda row: begin(row) if row.name == "flows" else None,
            interrupted=ended.set,
        )
    assert ended.is_set()
