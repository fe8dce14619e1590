"""Files that are kept outside the project: hostile descriptions, other files in their place, and what is said of them.

Held to: nothing is read but the file described, byte for byte; no message names a folder.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from smuggling_analysis.problems import BadInput
from smuggling_analysis.sources.external import REFERENCE_DATA, faults_of_external, is_plain, place_of
from smuggling_analysis.sources.load import check, check_source, is_at_hand, load, load_source

NAME = "histories_outside.csv"
CONTENT = b"police,ngo,count\n1,0,60\n0,1,40\n1,1,12\n"


@pytest.fixture
def outside(tmp_path, monkeypatch) -> Path:
    """Return the reference-data folder, which the environment names."""
    folder = tmp_path / "private" / "datasets"
    folder.mkdir(parents=True)
    monkeypatch.setenv(REFERENCE_DATA, str(folder))
    return folder


@pytest.fixture
def path(project) -> str:
    """Return the path by which `load` knows a file that lies outside the project."""
    known = project.add(CONTENT)
    place = project.root / "data/raw" / known
    place.unlink()
    about = place.with_name("source.toml")
    text = about.read_text(encoding="utf-8").replace(
        'reader = "capture_histories"',
        f'reader = "capture_histories"\nexternal = "{NAME}"\nobtain = "Ask the police for table 7."')
    about.write_text(text, encoding="utf-8")
    return known


def described(project, path):
    folder, _, name = path.partition("/")
    return load_source(folder, project.root).files[name]


def problem(project, path, outside):
    (found,) = check(path, project.root)
    assert str(outside.parent) not in str(found), "a folder is named"
    return str(found)


def test_the_file_described_is_read_from_the_folder(project, path, outside):
    (outside / NAME).write_bytes(CONTENT)
    assert load(path, root=project.root).n_observed == 112
    assert is_at_hand(path, project.root)
    assert not check_source("police", project.root)


def test_the_environment_may_name_the_file_itself(project, path, outside, monkeypatch):
    elsewhere = outside / "as it was sent.csv"
    elsewhere.write_bytes(CONTENT)
    monkeypatch.setenv(REFERENCE_DATA, str(elsewhere))
    assert load(path, root=project.root).n_observed == 112


def test_without_the_environment_the_folder_is_beside_the_project(project, path, monkeypatch):
    monkeypatch.delenv(REFERENCE_DATA, raising=False)
    assert not is_at_hand(path, project.root)
    beside = project.root.parent / "shared/data/datasets"
    beside.mkdir(parents=True)
    (beside / NAME).write_bytes(CONTENT)
    assert load(path, root=project.root).n_observed == 112


def test_a_file_that_is_not_there_is_a_problem_that_says_how_to_get_it_and_no_problem_of_the_source(
        project, path, outside):
    said = problem(project, path, outside)
    assert said == (f"reference data/{NAME}: this file is kept outside the project, and it is not there; Ask the "
                    "police for table 7. Then name the folder it is in, or the file: --reference-data FOLDER, or the "
                    f"environment variable {REFERENCE_DATA}")
    assert not check_source("police", project.root)


def test_a_changed_file_is_refused_unread_with_the_way_to_the_right_one(project, path, outside):
    (outside / NAME).write_bytes(CONTENT.replace(b"60", b"SECRET"))
    said = problem(project, path, outside)
    assert f"reference data/{NAME}" in said
    assert "get the file as it was described: Ask the police for table 7." in said
    assert "SECRET" not in said


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_link_leads_to_the_file_described_or_to_nothing(project, path, outside):
    link, target = outside / NAME, outside.parent / "kept elsewhere.csv"
    target.write_bytes(CONTENT)
    link.symlink_to(target)
    assert load(path, root=project.root).n_observed == 112
    target.write_bytes(b"root:x:0:0:SECRET\n")
    said = problem(project, path, outside)
    assert "get the file as it was described" in said and "SECRET" not in said
    target.unlink()
    assert "it is not there" in problem(project, path, outside)
    link.unlink()
    link.symlink_to(NAME)  # a link to itself
    assert "it is not there" in problem(project, path, outside)


def test_a_folder_of_the_files_name_is_no_file(project, path, outside):
    (outside / NAME).mkdir()
    assert "it is not there" in problem(project, path, outside)
    assert not is_at_hand(path, project.root)


@pytest.mark.parametrize("given", ["", "   ", "\0", "x" * 5_000, "no/such/folder"],
                         ids=["empty", "blank", "null", "long", "none"])
def test_a_folder_that_is_none_has_no_file(project, path, monkeypatch, given):
    monkeypatch.setattr("os.environ", {**os.environ, REFERENCE_DATA: given})
    assert place_of(described(project, path), project.root).name == NAME
    assert not is_at_hand(path, project.root)
    assert "it is not there" in str(check(path, project.root)[0])


HOSTILE = ["", " ", "..", ".hidden", "../up.csv", "/etc/passwd", "a/b.csv", "a\\b.csv", "C:up.csv", "~/x.csv", "~x.csv",
           "new\nline.csv", "null\0.csv", "bell\x07.csv", "\u202egnp.csv"]


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_name_that_leads_elsewhere_is_a_fault_of_the_description(name):
    assert not is_plain(name)
    (fault,) = faults_of_external({"external": name, "obtain": "ask"})
    assert "which is not the plain name of a file" in str(fault)


@pytest.mark.parametrize("name", ["../secret.csv", "/etc/passwd", "..", "~/secret.csv"])
def test_a_source_with_such_a_name_reads_nothing(project, path, outside, name):
    (outside.parent / "secret.csv").write_bytes(CONTENT)
    about = project.root / "data/raw/police/source.toml"
    about.write_text(about.read_text(encoding="utf-8").replace(NAME, name), encoding="utf-8")
    with pytest.raises(BadInput, match="not the plain name of a file"):
        load(path, root=project.root)


def test_what_a_description_must_say():
    assert not list(faults_of_external({}))
    assert not list(faults_of_external({"external": NAME, "obtain": "ask"}))
    assert "does not say how to get it" in str(next(faults_of_external({"external": NAME})))
    assert "does not say how to get it" in str(next(faults_of_external({"external": NAME, "obtain": " "})))
    assert "external names none" in str(next(faults_of_external({"obtain": "ask"})))
