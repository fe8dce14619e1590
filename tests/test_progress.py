"""Progress is shown to whoever is looking, after two seconds, and to nobody else."""

import io
import sys

import pytest

from smuggling_analysis import progress
from smuggling_analysis.progress import Bar, followed


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def watch(monkeypatch):
    """Put a stream in the place of the standard error; called in the test, since pytest swaps it before."""
    monkeypatch.delenv("SMUGGLING_ANALYSIS_WORKSPACE", raising=False)
    monkeypatch.setenv("TERM", "xterm")

    def watching(stream):
        monkeypatch.setattr(sys, "stderr", stream)
        return stream
    return watching


@pytest.fixture
def at_once(monkeypatch):
    monkeypatch.setattr(progress, "QUIET_SECONDS", 0.0)


def test_long_work_says_what_it_does(watch, at_once):
    seen = watch(Terminal())
    assert list(followed(range(3), 3, "replicates")) == [0, 1, 2]
    assert "replicates" in seen.getvalue()


def test_short_work_is_silent(watch):
    seen = watch(Terminal())
    list(followed(range(3), 3, "replicates"))
    assert seen.getvalue() == ""


def test_a_chapter_of_a_run_is_silent(watch, at_once, monkeypatch):
    seen = watch(Terminal())
    monkeypatch.setenv("SMUGGLING_ANALYSIS_WORKSPACE", "anywhere")
    list(followed(range(3), 3, "replicates"))
    assert seen.getvalue() == ""


def test_nobody_is_looking_at_a_pipe(watch, at_once):
    seen = watch(io.StringIO())
    list(followed(range(3), 3, "replicates"))
    assert seen.getvalue() == ""


def interrupted():
    with Bar() as bar:
        bar.show("models", 1, 10)
        raise KeyboardInterrupt


def test_an_interruption_gives_the_cursor_back(watch, at_once):
    seen = watch(Terminal())
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert "\x1b[?25h" in seen.getvalue()


def test_work_within_work_shows_one_bar(watch, at_once):
    """Two live displays at once are an error to the library that draws them."""
    seen = watch(Terminal())
    with Bar() as outer, Bar() as inner:
        outer.show("strata", 1, 2)
        inner.show("replicates", 1, 2)
    with Bar() as later:
        later.show("models", 1, 2)
    assert "strata" in seen.getvalue() and "models" in seen.getvalue()
    assert "replicates" not in seen.getvalue()
