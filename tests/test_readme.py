"""The README's example is run, and its output held to what it shows."""

import doctest
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_example_gives_the_output_it_shows(monkeypatch):
    monkeypatch.chdir(ROOT)
    result = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert result.attempted > 5 and result.failed == 0
