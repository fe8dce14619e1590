"""Held to the issue: a bad definition is refused with the key, what was found and what to do, all at once."""

from __future__ import annotations

import pytest

from smuggling_analysis.assessment.definition import examine_definition, names, read_definition
from smuggling_analysis.problems import BadInput


def said(project, old: str, new: str) -> str:
    project.define(old, new)
    with pytest.raises(BadInput) as refused:
        read_definition("testland", project.root)
    return str(refused.value)


def test_a_good_definition_is_read_whole(project):
    made = read_definition("testland", project.root)
    assert (made.title, made.years, made.evidence["lists"].file) == (
        "Smuggling in Testland",
        (2020,),
        "three-lists/lists.csv",
    )
    assert (made.judgement["volume"].value, made.judgement["volume"].reason) == (1200, "for the test")
    assert names(project.root) == ["testland"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../testland", "is not the name of an assessment"),
        ("Testland", "small letters, digits and hyphens"),
        ("testlnad", "there is no assessment testlnad; did you mean testland? there are: testland"),
        ("", "is not the name"),
    ],
)
def test_a_wrong_name_is_refused_and_near_ones_suggested(project, name, words):
    with pytest.raises(BadInput) as refused:
        read_definition(name, project.root)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("title = ", "titel = ", 'key "titel": this key is unknown; did you mean title?'),
        ('title = "Smuggling in Testland"', "title = 7", 'key "title": found 7, not a text'),
        ('place = "Testland"\n', "", 'key "place": the key is missing'),
        ("[2020]", "2020", 'key "years": found 2020; list the years'),
        ("[2020]", "[true]", "found True, which is not a year; write a whole number from 1900 to 2100"),
        ("[2020]", "[20200]", "found 20200, which is not a year"),
        (
            "three-lists/lists",
            "three-list/lists",
            "there is no source 'three-list/lists.csv' below data/raw; did you mean three-lists/lists.csv?",
        ),
        (
            "three-lists/lists.csv",
            "../../etc/passwd",
            "found '../../etc/passwd', a path that climbs out of data/raw",
        ),
        ("three-lists/lists.csv", "/etc/passwd", "a path from outside the project"),
        (
            "[evidence.lists]",
            "[evidence.list]",
            'key "evidence.list": this role is unknown; did you mean lists?',
        ),
        (
            "[evidence.lists]",
            '[evidence.lists]\nfiel = "x"',
            'key "evidence.lists.fiel": this key is unknown; did you mean file?',
        ),
        ("[evidence.lists]", '[evidence.lists]\nwhere = "Testland"', 'key "evidence.lists.where": found'),
        ('reason = "for the test"', "", "a judgement without a reason; say why this value, in a sentence"),
        ('reason = "for the test"', 'reason = "  "', "a judgement without a reason"),
        ("value = 1200", "", 'key "judgement.volume.value": the key is missing'),
        ("years = [2020]", "years = [2020", "the file is not valid TOML"),
        ("years = [2020]", f"years = [{'9' * 5000}]", "the file is not valid TOML"),
        ("Smuggling in", "Smug\\u202Egling in", 'key "title": found the character U+202E, which cannot be'),
        ("value = 1200", "value = nan", "found nan, which is not a finite number"),
        ("value = 1200", "value = { a = 1 }", 'key "judgement.volume.value": found a table'),
        ('reason = "for the test"', "reason = 3", 'key "judgement.volume.reason": found 3, not a text'),
        ("judgement.volume]\nvalue = 1200", 'judgement.lists-max-order]\nvalue = "two"',
         'key "judgement.lists-max-order.value": found \'two\', allowed is a whole number, 1 or more'),
        ("judgement.volume]\nvalue = 1200", "judgement.lists-max-order]\nvalue = true", "allowed is a whole number"),
        ("judgement.volume]\nvalue = 1200", "judgement.repeats-formula]\nvalue = 3", "allowed is a formula in quotes"),
        ("three-lists/lists.csv", "three-lists/empty.d", "'three-lists/empty.d' is not an ordinary file"),
    ],
)
def test_a_bad_definition_is_refused_with_the_key_and_the_remedy(project, old, new, words):
    (project.root / "data/raw/three-lists/empty.d").mkdir()
    message = said(project, old, new)
    assert words in message
    assert "notebooks/assessments/testland.toml" in message


def test_all_problems_are_said_at_once(project):
    project.define('title = "Smuggling in Testland"', 'titel = "x"')
    message = said(project, 'reason = "for the test"', "")
    assert message.startswith("3 problems:")


def test_evidence_that_is_sound_survives_beside_a_problem(project):
    project.define("[2020]", "2020")
    made, problems = examine_definition("testland", project.root)
    assert made is not None
    assert list(made.evidence) == ["lists"]
    assert len(problems) == 1


def test_a_mark_at_the_start_and_windows_line_ends_are_accepted(project):
    text = project.definition_file.read_text().replace("\n", "\r\n")
    project.definition_file.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_definition("testland", project.root).place == "Testland"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty"),
        (b'title = "Espa\xf1a"', "row 1: the byte 0xF1 is not UTF-8"),
        (b"#" * 1_000_001, "has 1,000,001 bytes"),
    ],
)
def test_a_file_that_is_no_text_is_refused(project, data, words):
    project.definition_file.write_bytes(data)
    with pytest.raises(BadInput) as refused:
        read_definition("testland", project.root)
    assert words in str(refused.value)


def test_a_link_out_of_the_data_folder_is_refused(project, tmp_path):
    (tmp_path / "secret.csv").write_text("a\n1\n")
    (project.root / "data/raw/three-lists/linked.csv").symlink_to(tmp_path / "secret.csv")
    assert "leads out of data/raw" in said(project, "three-lists/lists.csv", "three-lists/linked.csv")
