"""Held to the promise: at every moment the target is the last published report or the new one, whole."""

from __future__ import annotations

import subprocess
import sys

import pytest

from smuggling_analysis.assessment import publish


@pytest.fixture
def target(tmp_path):
    return tmp_path / "reports" / "testland" / "2020"


def filled(folder, text):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "assessment.html").write_text(text)
    return folder


def read(folder):
    return (folder / "assessment.html").read_text()


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_report_replaces_the_last_one_and_leaves_nothing_behind(target, monkeypatch, can_exchange):
    if not can_exchange:
        monkeypatch.setattr(publish, "_exchanged", lambda one, other: False)
    for text in ("first", "second"):
        with publish.locked(target):
            publish.publish(filled(publish.scratch_for(target), text), target)
        assert read(target) == text
    assert {path.name for path in target.parent.iterdir()} == {"2020", ".2020.lock"}


@pytest.mark.skipif(sys.platform != "linux", reason="renameat2 is of Linux")
def test_linux_exchanges_in_one_step(tmp_path):
    one, other = filled(tmp_path / "one", "1"), filled(tmp_path / "other", "2")
    assert publish._exchanged(one, other)
    assert (read(one), read(other)) == ("2", "1")


def test_a_run_killed_between_two_renames_is_recovered(target):
    filled(target.parent / ".2020.previous", "last")
    filled(target.parent / ".2020.scratch", "new")
    with publish.locked(target):
        assert read(target) == "last"
        assert not (target.parent / ".2020.scratch").exists()


def test_what_a_killed_run_left_is_removed(target, tmp_path):
    filled(target, "last")
    scratch = filled(target.parent / ".2020.scratch", "half")
    private = filled(tmp_path / "sa-private", "sockets")
    (scratch / ".private").symlink_to(private)
    with publish.locked(target):
        assert not scratch.exists()
        assert not private.exists()
        assert read(target) == "last"


def test_a_second_run_is_refused_with_the_process_that_holds_it(target):
    code = (
        "import sys, pathlib; from smuggling_analysis.assessment import publish\n"
        "with publish.locked(pathlib.Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(target)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout.readline() == "held\n"
    with pytest.raises(publish.Busy, match=f"process {other.pid}"), publish.locked(target):
        pass
    other.communicate("")
    with publish.locked(target):
        pass


def test_failed_work_is_kept_in_place_of_the_last_failed_work(target):
    for text in ("one", "two"):
        with publish.locked(target):
            place = publish.keep_failed(filled(publish.scratch_for(target), text), target)
    assert place.name == "2020.failed"
    assert read(place) == "two"
    publish.remove_failed(target)
    assert not place.exists()


def test_a_report_protected_from_writing_is_replaced_and_removed_like_any(tmp_path, monkeypatch):
    target, scratch = tmp_path / "2020", tmp_path / ".2020.scratch"
    for folder in (target, scratch):
        (folder / "tables").mkdir(parents=True)
        (folder / "tables/a.csv").write_text(folder.name)
    (target / "tables").chmod(0o555)
    target.chmod(0o555)
    removed: list[int] = []
    real = publish.shutil.rmtree
    monkeypatch.setattr(publish.shutil, "rmtree", lambda folder: (
        removed.append((folder / "tables").stat().st_mode & 0o777), real(folder)))
    publish.publish(scratch, target)
    assert (target / "tables/a.csv").read_text() == ".2020.scratch"
    assert removed == [0o700]  # root could remove it anyway: the mode tells
    assert not scratch.exists()
