"""The whole of a run on a throw-away project, with real kernels.

Held to the issue: same seed, same bytes for any number of jobs; a failing chapter is named and the others'
work kept; `kill -9` leaves the published report byte-identical and the next run clean.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import pytest

from smuggling_analysis.assessment import assess as module
from smuggling_analysis.assessment.assess import RunFailed, assess
from smuggling_analysis.assessment.chapters import find_chapter
from smuggling_analysis.assessment.notebooks import ChapterFailed, Kernels
from smuggling_analysis.assessment.pdf import INSTALL, NoPdf
from smuggling_analysis.problems import BadInput

EXTENT, MARKET, FLOWS = map(find_chapter, ("extent", "market", "flows"))
READ = "earlier = chapter.recorded()\nprint([one.key for one in earlier], flush=True)"


def made(project, *chapters, **options):
    return assess("testland", 2020, root=project.root, chapters=chapters, **options)


def fingerprints(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def without_pdf(monkeypatch):
    """Leave the PDF out: most of what is tested here does not need it."""

    def refuse(html, target):
        raise NoPdf(INSTALL)

    monkeypatch.setattr(module, "write_pdf", refuse)


def test_a_report_is_published_whole_and_equal_for_any_number_of_jobs(project, tmp_path):
    project.notebook("market", READ, "market = chapter.record('both', 2 * earlier[0].result, 'Q7')")
    one = made(project, EXTENT, FLOWS, MARKET, jobs=1, output=tmp_path / "one")
    two = made(project, EXTENT, FLOWS, MARKET, jobs=2, output=tmp_path / "two")
    assert {path.name for path in one.folder.iterdir()} == {
        "assessment.html",
        "assessment.pdf",
        "estimates.csv",
        "estimates.json",
        "run.json",
        "chapters",
        "results",
    }
    first, second = fingerprints(one.folder), fingerprints(two.folder)
    assert {name for name in first if first[name] != second[name]} == {"run.json"}
    assert [one.key for one in two.recorded] == ["people-extent", "people-flows", "both"]
    check_record(one.folder)
    check_executed(one.folder / "chapters" / MARKET.notebook, project.root)


def check_record(folder: Path) -> None:
    run = json.loads((folder / "run.json").read_text())
    there = fingerprints(folder)
    there.pop("run.json")
    assert run["outputs"] == there
    assert run["inputs"]["data/raw/three-lists/lists.csv"]
    assert {chapter["status"] for chapter in run["chapters"].values()} == {"done"}


def check_executed(path: Path, root: Path) -> None:
    """The executed notebook shows what ran, with this interpreter, and nothing of this machine."""
    text = path.read_text()
    assert "people-extent" in text
    assert "injected-parameters" in text
    for place in (str(root), sys.prefix, str(Path.home()) + "/"):
        assert place not in text
    assert nbformat.read(path, as_version=4).metadata.papermill.parameters.seed == 1


def test_a_failing_chapter_is_named_and_the_work_of_the_others_kept(project, without_pdf):
    for name in ("extent", "flows", "market"):
        project.bare(name, "print('words')")
    published = made(project, EXTENT, FLOWS)
    before = fingerprints(published.folder)
    project.bare("extent", "fine = 1", "1 / 0")
    with pytest.raises(RunFailed) as failed:
        made(project, EXTENT, FLOWS, MARKET)
    message = str(failed.value)
    assert "notebooks/03-extent.ipynb, cell 5 of 5: ZeroDivisionError: division by zero" in message
    assert "the chapter The market was not run: it needs extent, which failed" in message
    assert "2020.failed; the last published report is as it was" in message
    assert fingerprints(published.folder) == before
    kept = published.folder.parent / "2020.failed"
    assert "words" in (kept / "chapters/02-flows.ipynb").read_text()
    assert "ZeroDivisionError" in (kept / "chapters/03-extent.ipynb").read_text()
    project.bare("extent", "fine = 1")
    made(project, EXTENT)
    assert not kept.exists()


def test_a_kernel_that_dies_is_reported_and_nothing_is_published(project, without_pdf):
    project.bare(
        "flows", "import os, sys\nsys.__stderr__.write('last words')\nsys.__stderr__.flush()\nos._exit(3)"
    )
    with pytest.raises(RunFailed, match=r"02-flows\.ipynb: its process ended in the middle of a cell") as failed:
        made(project, FLOWS)
    assert "nothing is published" in str(failed.value)
    assert not (project.root / "reports/testland/2020").exists()


@pytest.mark.parametrize(("cell", "words"), [
    ("import time; time.sleep(30)", "a cell took more than 1 seconds: it may have no end"),
    ("raise ValueError('x' * 5000 + chr(27) + '[2J')", "cell 4 of 4: ValueError: xxx"),
])
def test_a_cell_without_end_and_an_error_without_end_are_cut(project, tmp_path, cell, words):
    project.bare("flows", cell)
    (tmp_path / "scratch").mkdir()
    kernels = Kernels(project.root, tmp_path / "scratch", cell_seconds=1)
    with kernels, pytest.raises(ChapterFailed) as failed:
        kernels.execute(find_chapter("flows"), {"assessment": "testland", "year": 2020, "seed": 1})
    assert words in str(failed.value)
    assert len(str(failed.value)) < 2_200
    assert "\x1b" not in str(failed.value)


def test_one_chapter_goes_to_a_folder_of_its_own(project, without_pdf):
    for name in ("extent", "market"):
        project.bare(name)
    published = made(project, EXTENT, FLOWS, MARKET, only="market")
    assert published.folder.name == "2020.only-market"
    assert {path.name for path in (published.folder / "chapters").iterdir()} == {
        EXTENT.notebook,
        MARKET.notebook,
    }
    assert not (published.folder.parent / "2020").exists()


def test_the_page_is_published_even_where_the_pdf_cannot_be_made(project, without_pdf):
    project.bare("flows")
    published = made(project, FLOWS)
    assert "apt-get install libpango-1.0-0" in published.warning
    assert (published.folder / "assessment.html").is_file()
    assert not (published.folder / "assessment.pdf").exists()


def test_nothing_runs_where_an_input_is_wrong(project):
    project.define("[2020]", "2020")
    with pytest.raises(BadInput):
        made(project, FLOWS)
    assert not (project.root / "reports").exists()


def test_a_target_that_is_no_folder_is_refused(project):
    (project.root / "reports/testland").mkdir(parents=True)
    (project.root / "reports/testland/2020").write_text("a file")
    with pytest.raises(RunFailed, match="is not a folder"):
        made(project, FLOWS)


STOPPED = """
import sys
from pathlib import Path
from smuggling_analysis.assessment import assess as module
from smuggling_analysis.assessment.chapters import find_chapter
module.assess("testland", 2020, root=Path(sys.argv[1]), chapters=[find_chapter("flows")])
"""


def test_a_stopped_run_leaves_the_last_report_as_it_was_and_the_next_run_clean(
    project, without_pdf, monkeypatch
):
    temporary = Path(tempfile.mkdtemp(prefix="t-"))  # short: sockets have short names only
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    project.bare("flows")
    published = made(project, FLOWS)
    before = fingerprints(published.folder)
    for stop in (signal.SIGINT, signal.SIGKILL):
        mark = project.root / f"begun-{stop}"
        project.bare(
            "flows", f"import os, time\nopen({str(mark)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)"
        )
        run = subprocess.Popen(
            [sys.executable, "-c", STOPPED, str(project.root)],
            stderr=subprocess.DEVNULL,
            env={**os.environ, "TMPDIR": str(temporary)},
        )
        kernel = int(wait_for(mark))
        run.send_signal(stop)
        assert run.wait(20) != 0
        assert fingerprints(published.folder) == before
        wait_until_gone(kernel)
        left = {path.name for path in published.folder.parent.iterdir()} - {"2020", ".2020.lock"}
        assert left == (set() if stop == signal.SIGINT else {".2020.scratch"})
    project.bare("flows", "print('again')")
    made(project, FLOWS)
    assert "again" in (published.folder / "assessment.html").read_text()
    assert {path.name for path in published.folder.parent.iterdir()} == {"2020", ".2020.lock"}
    assert not list(temporary.iterdir())
    temporary.rmdir()


def wait_for(path: Path) -> str:
    for _ in range(300):
        if path.exists() and path.read_text():
            return path.read_text()
        time.sleep(0.1)
    raise AssertionError(f"{path} never came")


def wait_until_gone(process: int) -> None:
    for _ in range(100):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return
        if (
            Path(f"/proc/{process}/stat").exists()
            and Path(f"/proc/{process}/stat").read_text().split()[2] == "Z"
        ):
            return
        time.sleep(0.1)
    raise AssertionError("the kernel outlived its run")
