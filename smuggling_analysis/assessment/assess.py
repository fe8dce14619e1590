"""An assessment from definition to published report: check, run, render, record, publish."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from smuggling_analysis.assessment import publish as place
from smuggling_analysis.assessment.chapters import CHAPTERS, ChapterRow, needed_for
from smuggling_analysis.assessment.inputs import Inputs, check_inputs
from smuggling_analysis.assessment.notebooks import Kernels
from smuggling_analysis.assessment.pdf import NoPdf, write_pdf
from smuggling_analysis.assessment.progress import Progress
from smuggling_analysis.assessment.record import write_estimates, write_run
from smuggling_analysis.assessment.render import chapter_section, provenance_section, render_page
from smuggling_analysis.assessment.results import Recorded
from smuggling_analysis.assessment.run import Outcome, run_chapters
from smuggling_analysis.assessment.workspace import Workspace


class RunFailed(Exception):
    """A chapter failed, or the report could not be put together; the message says what and where."""


@dataclass(frozen=True)
class Published:
    """A published report.

    Parameters
    ----------
    folder : Path
        Where it is.
    recorded : tuple of Recorded
        All results, in the order of the report.
    seconds : float
        Wall time of the run.
    warning : str
        What could not be made, and what to install; empty when all was.
    """

    folder: Path
    recorded: tuple[Recorded, ...]
    seconds: float
    warning: str = ""


@dataclass(frozen=True)
class _Order:
    """What was asked for."""

    name: str
    year: int
    seed: int
    jobs: int
    root: Path
    chapters: tuple[ChapterRow, ...]


def assess(name: str, year: int, *, root: Path, seed: int = 1, jobs: int | None = None, only: str = "",
           output: Path | None = None, console: Console | None = None,
           chapters: Sequence[ChapterRow] = CHAPTERS) -> Published:
    """Make an assessment and publish it.

    Parameters
    ----------
    name, year
        Which assessment, for which year.
    root : Path
        The project's folder.
    seed : int
        Seed of every random number.
    jobs : int, optional
        Chapters at a time; by default two, or the number of processors where that is less.
    only : str
        Run this chapter and those it depends on; the result goes to a folder of its own.
    output : Path, optional
        Where reports go; by default `reports/` in the project.
    console : Console, optional
        Where progress is shown; nowhere by default.
    chapters : sequence of ChapterRow
        The chapters there are.

    Raises
    ------
    BadInput
        With every problem of the inputs, before anything has run.
    RunFailed
        If a chapter fails: the published report stays as it was, the work is kept beside it.
    Busy
        If another run works on the same report.
    """
    begun = time.perf_counter()
    wanted = needed_for(only, chapters) if only else tuple(chapters)
    inputs = check_inputs(name, root, year=year, chapters=wanted)
    order = _Order(name, year, seed, jobs or min(2, os.cpu_count() or 1), root, wanted)
    target = (output or root / "reports") / name / (f"{year}.only-{only}" if only else str(year))
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise RunFailed(f"{target} is not a folder: a report cannot be published there")
    with place.locked(target), Progress(console or Console(quiet=True)) as progress:
        scratch = place.scratch_for(target)
        outcomes = _run(order, scratch, progress)
        if any(outcome.status != "done" for outcome in outcomes.values()):
            raise RunFailed(_failure(outcomes, place.keep_failed(scratch, target), target))
        progress.say("putting the report together")
        recorded = Workspace(scratch).read_results(row.name for row in wanted)
        write_estimates(scratch, recorded)
        warning = _render(order, inputs, scratch)
        write_run(scratch, name=name, year=year, seed=seed, root=root, inputs=inputs.checksums,
                  outcomes=outcomes, seconds=time.perf_counter() - begun)
        place.publish(scratch, target)
        place.remove_failed(target)
    return Published(target, tuple(recorded), time.perf_counter() - begun, warning)


def _run(order: _Order, scratch: Path, progress: Progress) -> dict[str, Outcome]:
    parameters = {"assessment": order.name, "year": order.year, "seed": order.seed}
    with Kernels(order.root, scratch) as kernels:
        try:
            return run_chapters(order.chapters, lambda row: kernels.execute(row, parameters), jobs=order.jobs,
                                started=progress.started, ended=progress.ended, interrupted=kernels.stop)
        except KeyboardInterrupt:
            place.discard(scratch)
            raise


def _render(order: _Order, inputs: Inputs, scratch: Path) -> str:
    sections = [chapter_section(row, scratch / "chapters" / row.notebook) for row in order.chapters]
    sections.append(provenance_section(inputs.definition, order.year, order.seed, inputs.checksums))
    html = render_page(inputs.definition, order.year, sections, simulated=inputs.simulated)
    (scratch / "assessment.html").write_text(html, encoding="utf-8")
    try:
        return write_pdf(html, scratch / "assessment.pdf")
    except NoPdf as reason:
        return str(reason)


def _failure(outcomes: dict[str, Outcome], kept: Path, target: Path) -> str:
    words = {"failed": "failed", "not run": "was not run"}
    lines = [f"the chapter {one.row.title} {words[status]}: {one.message}" for status in words
             for one in outcomes.values() if one.status == status]
    state = "the last published report is as it was" if target.exists() else "nothing is published"
    return "\n".join([*lines, f"The work of this run is kept in {kept}; {state}."])
