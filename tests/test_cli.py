"""The command line: held to the issue's exit codes, messages and speed; never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import smuggling_analysis
from smuggling_analysis import cli
from smuggling_analysis.assessment import assess as assessment
from smuggling_analysis.assessment.assess import Published
from smuggling_analysis.assessment.results import Recorded
from smuggling_analysis.estimate import Estimate, NoEstimate

sys.path.insert(0, str(Path(__file__).parent / "assessment"))
from throwaway import Project


@pytest.fixture
def project(tmp_path, monkeypatch):
    made = Project(tmp_path / "project")
    monkeypatch.chdir(made.root)
    return made


def run(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "smuggling_analysis", *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=60,
        check=False,
        env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1"},
    )


def call(monkeypatch, capsys, *arguments: str) -> tuple[int, str, str]:
    """Run the command line in this process."""
    monkeypatch.setattr(sys, "argv", ["smuggling-analysis", *arguments])
    monkeypatch.setenv("COLUMNS", "100")
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return int(ended.value.code or 0), out, err


def test_help_answers_within_a_second():
    begun = time.perf_counter()
    said = run("--help")
    assert said.returncode == 0
    assert "assess" in said.stdout
    assert time.perf_counter() - begun < 1.0


@pytest.mark.parametrize("command", ["assess", "check", "list", "methods", "validate"])
def test_every_command_explains_itself(monkeypatch, capsys, command):
    code, out, _ = call(monkeypatch, capsys, command, "--help")
    assert code == 0
    assert "Usage" in out


def test_version(monkeypatch, capsys):
    assert call(monkeypatch, capsys, "--version") == (
        0,
        f"smuggling-analysis {smuggling_analysis.__version__}\n",
        "",
    )


def test_list_and_check(project, monkeypatch, capsys):
    assert call(monkeypatch, capsys, "list")[1] == "testland  2020  Smuggling in Testland\n"
    code, out, err = call(monkeypatch, capsys, "check", "testland")
    assert (code, err) == (0, "")
    assert "no problem found" in out


def test_check_says_every_problem_on_the_error_stream(project, monkeypatch, capsys):
    project.define('title = "Smuggling in Testland"', "")
    project.source("police,ngo,court\n1,0,0\n")
    code, out, err = call(monkeypatch, capsys, "check", "testland")
    assert (code, out) == (1, "")
    assert err.startswith("error: 2 problems:")
    assert 'data/raw/three-lists/lists.csv, column "count": the column is missing' in err
    assert "cannot be used" in call(monkeypatch, capsys, "list")[1]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["assess", "testland"], 2, "year"),
        (["assess", "testland", "--year", "x"], 2, "year"),
        (["assess", "testland", "--year", "2020", "--jobs", "0"], 2, "jobs"),
        (["assess", "testland", "--year", "2020", "--seed", "-1"], 2, "seed"),
        (["assess", "testland", "--year", "2020", "--only", "extend"], 2, "there is no chapter extend"),
        (["assess", "testland", "--year", "1999"], 1, "not defined for 1999"),
        (["assess", "../../etc", "--year", "2020"], 1, "is not the name of an assessment"),
        (["check", "testlnd"], 1, "did you mean testland?"),
        (["methods", "chapmann"], 2, "did you mean chapman?"),
        (["frobnicate"], 2, "No such command"),
    ],
)
def test_what_cannot_be_done_is_said_and_ends_with_a_code(
    project, monkeypatch, capsys, arguments, code, words
):
    ended, _, err = call(monkeypatch, capsys, *arguments)
    assert ended == code
    assert words in " ".join(err.replace("│", " ").split())


@pytest.fixture
def outside(project, tmp_path, monkeypatch):
    """Keep the project's lists outside of it; return the folder they are in, which nobody has named yet."""
    monkeypatch.setenv("SMUGGLING_REFERENCE_DATA", "")
    folder, inside = tmp_path / "private", project.root / "data/raw/three-lists"
    folder.mkdir()
    (inside / "lists.csv").rename(folder / "kept.csv")
    about = (inside / "source.toml").read_text()
    (inside / "source.toml").write_text(about.replace(
        'reader = "capture_histories"',
        'external = "kept.csv"\nobtain = "Ask the office"\nreader = "capture_histories"'))
    return folder


def test_data_outside_the_project_are_found_by_their_folder_or_as_a_file(outside, monkeypatch, capsys):
    for given in (outside, outside / "kept.csv"):
        code, out, err = call(monkeypatch, capsys, "check", "testland", "--reference-data", str(given))
        assert (code, err) == (0, "")
        assert "no problem found" in out
        monkeypatch.setenv("SMUGGLING_REFERENCE_DATA", "")
    monkeypatch.setenv("SMUGGLING_REFERENCE_DATA", str(outside))
    assert call(monkeypatch, capsys, "check", "testland")[0] == 0


@pytest.mark.parametrize("command", [["check", "testland"], ["assess", "testland", "--year", "2020"]], ids=" ".join)
def test_without_them_the_way_to_get_them_is_said_and_nothing_is_run(outside, project, monkeypatch, capsys, command):
    monkeypatch.setattr("smuggling_analysis.assessment.assess.run_chapters", None)
    for more in ([], ["--reference-data", str(project.root)]):
        code, out, err = call(monkeypatch, capsys, *command, *more)
        assert code == 1
        assert "reference data/kept.csv: this file is kept outside the project, and it is not there" in err
        assert "Ask the office" in err and "--reference-data FOLDER" in err
        assert str(outside) not in out + err
        monkeypatch.setenv("SMUGGLING_REFERENCE_DATA", "")
    assert not (project.root / "reports").exists() or not list((project.root / "reports").rglob("*.html"))


def test_a_folder_that_is_not_there_is_said_at_once(outside, monkeypatch, capsys):
    code, _, err = call(monkeypatch, capsys, "check", "testland", "--reference-data", "nowhere")
    assert code == 2
    assert "does not exist" in " ".join(err.replace("│", " ").split())


def test_the_chapters_look_where_the_command_was_told_to(outside, monkeypatch, capsys):
    """A run hands its chapters' processes the folder, whatever folder the command was called in."""
    asked = []

    def make(name, year, **options):
        asked.append(os.environ["SMUGGLING_REFERENCE_DATA"])
        return Published(options["root"], (), 1.0, "")

    monkeypatch.setattr(assessment, "assess", make)
    relative = os.path.relpath(outside)
    assert call(monkeypatch, capsys, "assess", "testland", "--year", "2020", "--reference-data", relative)[0] == 0
    assert asked == [str(outside.resolve())]


def test_outside_a_project_the_message_says_where_to_go(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code, _, err = call(monkeypatch, capsys, "list")
    assert code == 1
    assert "change to the project's folder" in err


def test_a_definition_with_a_name_that_is_none_spoils_no_list(project, monkeypatch, capsys):
    definition = project.root / "notebooks/assessments/testland.toml"
    definition.with_name("Testland 2020.toml").write_text(definition.read_text())
    code, out, _ = call(monkeypatch, capsys, "list")
    assert code == 0
    assert "cannot be used: name the file with small letters, digits and hyphens" in out
    assert "testland       2020  Smuggling in Testland" in out


def test_methods_are_listed_and_described(monkeypatch, capsys):
    assert "chapman" in call(monkeypatch, capsys, "methods")[1]
    out = call(monkeypatch, capsys, "methods", "chapman")[1]
    for words in ("Assumes:", "Literature:", "Evidence: CaptureHistories", "1951"):
        assert words in out


def test_the_headlines_are_printed_and_a_warning_goes_to_the_error_stream(project, monkeypatch, capsys):
    people = Estimate(
        value=12690.35,
        lower=7186.4,
        upper=18194.3,
        unit="persons",
        method="m",
        population="people",
        rating="B",
        simulated=True,
    )
    results = (
        Recorded("extent", "people", "Q8", True, people, True),
        Recorded("flows", "x", "Q1", False, people),
        Recorded("market", "revenue", "Q7", True, NoEstimate("no fees are known", "fees")),
    )

    def make(name, year, **options):
        assert options["jobs"] == 2
        (options["root"] / "assessment.html").write_text("")
        return Published(options["root"], results, 12.3, "install something")

    monkeypatch.setattr(assessment, "assess", make)
    code, out, err = call(monkeypatch, capsys, "assess", "testland", "--year", "2020", "--jobs", "2")
    assert (code, err) == (0, "warning: install something\n")
    for words in (
        "12,700 (7,190 to 18,200) persons",
        "rated B, SIMULATED DATA",
        "no fees are known",
        "  assessment.html",
    ):
        assert words in out
    assert "Q1" not in out


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (KeyboardInterrupt(), 130, "stopped; the last published report is as it was"),
        (OSError(28, "No space left on device", "reports"), 1, "No space left on device: reports"),
        (RuntimeError("odd"), 1, "unexpected RuntimeError: odd"),
    ],
)
def test_whatever_happens_is_a_sentence_and_a_code(project, monkeypatch, capsys, error, code, words):
    def fail(*arguments, **options):
        raise error

    monkeypatch.setattr(assessment, "assess", fail)
    ended, _, err = call(monkeypatch, capsys, "assess", "testland", "--year", "2020")
    assert ended == code
    assert words in err


def test_a_run_shows_a_line_per_chapter_and_where_the_files_are(project, monkeypatch, capsys):
    project.bare("flows", "print('words')")
    code, out, err = call(
        monkeypatch,
        capsys,
        "assess",
        "testland",
        "--year",
        "2020",
        "--only",
        "flows",
        "--output",
        "elsewhere",
    )
    assert (code, err) == (0, "")
    assert "2 Flows" in out
    assert "elsewhere/testland/2020.only-flows/assessment.html" in out.replace("\n", "")


def test_a_failing_run_from_the_shell_ends_with_a_code_and_no_traceback(project):
    project.bare("flows", "1 / 0")
    said = run("assess", "testland", "--year", "2020", "--only", "flows", folder=project.root)
    assert said.returncode == 1
    assert "notebooks/02-flows.ipynb, cell 4 of 4: ZeroDivisionError" in said.stderr
    assert "FAILED" in said.stdout
    assert "Traceback" not in said.stderr + said.stdout


@pytest.mark.skipif(os.name == "nt", reason="signals are of other systems")
def test_a_run_that_is_asked_to_end_says_so_and_leaves_nothing(project):
    project.bare("flows", "open('started', 'w').close()", "import time; time.sleep(60)")
    going = subprocess.Popen(
        [sys.executable, "-m", "smuggling_analysis", "assess", "testland", "--year", "2020", "--only", "flows"],
        cwd=project.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 40
    while not (project.root / "started").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    going.terminate()
    said = going.communicate(timeout=20)[1]
    assert going.returncode == 130
    assert said == "error: stopped; the last published report is as it was\n"
    assert [path.name for path in (project.root / "reports/testland").iterdir()] == [".2020.only-flows.lock"]
