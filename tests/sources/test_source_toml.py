"""source.toml read strictly. Held to: the message for every way to get it wrong, all of them at once."""

from __future__ import annotations

import re

import pytest

from smuggling_analysis.problems import BadInput
from smuggling_analysis.sources.load import check_source, load_register, load_source

FILE = "data/raw/police/source.toml"


def problems(project, folder: str = "police") -> list[str]:
    with pytest.raises(BadInput) as refused:
        load_source(folder, project.root)
    return [str(problem) for problem in refused.value.problems]


def change(project, old: str, new: str) -> None:
    path = project.root / FILE
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


CHANGES = {
    "missing key": (
        'title = "Police records"',
        "",
        "the key title is missing; add it: a text in quotation marks",
    ),
    "unknown key": (
        'title = "Police',
        'titel = "x"\ntitle = "Police',
        "unknown key 'titel'; did you mean title? the keys are title, producer",
    ),
    "empty text": ('citation = "Police (2023), Yearbook."', 'citation = " "', "citation is empty; fill it"),
    "wrong kind": (
        "simulated = false",
        'simulated = "no"',
        "simulated is 'no', allowed is true or false; correct it",
    ),
    "date with a time": (
        "2024-06-30",
        "2024-06-30T12:00:00",
        "retrieved is 2024-06-30 12:00:00, allowed is a date such as 2026-11-23; correct it",
    ),
    "no period": (
        'period = "2013"',
        'period = "c.2013"',
        "period: found 'c.2013', allowed is a period written as 2015,",
    ),
    "linkable": (
        'linkable = "yes"',
        'linkable = "perhaps"',
        "linkable in [capacity] is 'perhaps'; allowed are yes, no, only by the producer",
    ),
    "capacity": (
        "person_level = true\n",
        "",
        "the key person_level is missing in [capacity]; add it: true or false",
    ),
    "reader": (
        'reader = "capture_histories"',
        'reader = "capture_history"',
        "there is no reader 'capture_history' in [files.\"table.csv\"]; did you mean capture_histories? "
        "the readers are capture_histories, censored_histories, repeat_counts, repeat_records, reference_counts",
    ),
    "checksum": ('sha256 = "', 'sha256 = "xyz', 'in [files."table.csv"] is'),
    "file key": (
        'description = "One row',
        'describtion = "x"\ndescription = "One row',
        "unknown key 'describtion' in [files.\"table.csv\"]; did you mean description?",
    ),
    "file that climbs": (
        '[files."table.csv"',
        '[files."../../secret.csv"',
        "found 'police/../../secret.csv', a path that climbs out of data/raw",
    ),
    "broken line": ("simulated = false", "simulated = ", "row 10: not valid TOML: Invalid value (at line 10"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_faulty_description_is_refused_with_its_remedy(project, case: str) -> None:
    old, new, message = CHANGES[case]
    project.add()
    change(project, old, new)
    said = problems(project)
    assert all(line.startswith(FILE) for line in said)
    assert any(message in line for line in said), said


def test_every_problem_is_said_at_once(project) -> None:
    project.add()
    change(project, 'title = "Police records"', "")
    change(project, 'reader = "capture_histories"', 'reader = "histories"')
    change(project, "person_level = true", "person_level = 1")
    assert len(problems(project)) == 3


def test_toml_that_is_no_text_or_no_end_is_refused(project) -> None:
    project.add()
    path = project.root / FILE
    path.write_bytes(b'title = "x"\nplace = "Krak\xf3w"\n')
    assert problems(project) == [f"{FILE}, row 2: the byte 0xF3 is not UTF-8; save the file as UTF-8"]
    path.write_text("a = " + "9" * 100_000)
    assert "not valid TOML" in problems(project)[0]
    path.write_text("a = " + "[" * 100_000)
    assert "not valid TOML" in problems(project)[0]
    path.write_bytes(b"")
    assert problems(project) == [f"{FILE}: the file is empty; send it again"]
    with path.open("wb") as stream:
        stream.truncate(2**31)
    assert "the file has 2,147,483,648 bytes, the most allowed is 1,048,576" in problems(project)[0]


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(project) -> None:
    project.add()
    path = project.root / FILE
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_source("police", project.root).title == "Police records"


def test_an_absent_source_is_refused_with_its_neighbours(project) -> None:
    project.add(folder="uk-2013")
    assert problems(project, "uk-2031") == [
        "data/raw/uk-2031: the source 'uk-2031' does not exist; did you mean uk-2013? the sources are uk-2013"
    ]
    (project.root / "data/raw/notes").mkdir()
    assert "the source 'notes' has no source.toml" in problems(project, "notes")[0]


def test_a_source_holds_what_its_description_says(project) -> None:
    project.add(
        simulated=True, more='[lists]\npolice = "Police"\n[aggregates.CLM]\nname = "Three countries"\n'
    )
    source = load_source("police", project.root)
    assert source.simulated
    assert source.lists["police"] == "Police"
    assert source.aggregates["CLM"] == "Three countries"
    assert source.files["table.csv"].options["count"] == "count"
    assert source.entry().questions == ("Q8",)


def test_the_register_names_each_source_once_and_every_problem(project) -> None:
    project.add()
    assert len(load_register(["police", "police"], project.root)) == 1
    with pytest.raises(BadInput, match=r"2 problems"):
        load_register(["police", "polise", "plice"], project.root)


def test_files_that_no_description_covers_are_named(project) -> None:
    project.add()
    (project.root / "data/raw/police/old.csv").write_text("a,b\n1,2\n")
    assert [str(problem) for problem in check_source("police", project.root)] == [
        'data/raw/police/old.csv: source.toml does not describe this file; add a table [files."old.csv"], '
        "or remove the file"
    ]
    assert "did you mean police?" in str(check_source("polise", project.root)[0])


def test_a_checksum_still_to_be_filled_in_is_told(project) -> None:
    right = project.add()
    text = (project.root / FILE).read_text()
    sha256 = re.findall(r"[0-9a-f]{64}", text)[0]
    change(project, sha256, "the checksum of step 3")
    assert problems(project) == [
        f"{FILE}: sha256 in [files.\"{right.split('/')[1]}\"] is 'the checksum of step 3', allowed are 64 of the "
        f"letters 0-9 and a-f; if the file there is as received, write {sha256}"
    ]


def test_a_question_that_is_none_and_a_period_not_yet_begun_are_refused(project) -> None:
    project.add()
    text = (project.root / FILE).read_text()
    change(project, re.findall(r"questions = .*", text)[0], 'questions = ["Q8", "Q88"]')
    change(project, 'period = "2013"', 'period = "2031"')
    found = problems(project)
    assert "questions in [capacity] are ['Q88']; allowed are Q1 to Q10 and O1 to O7" in found[0]
    assert "the period 2031 begins after 2024-06-30, when the source was retrieved" in found[1]
