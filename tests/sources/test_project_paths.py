"""Paths stay inside the project. Held to: nothing outside data/raw is named by climbing, link or root."""

from __future__ import annotations

from pathlib import Path

import pytest

from smuggling_analysis.problems import BadInput
from smuggling_analysis.sources.load import load
from smuggling_analysis.sources.project import find_root, inside

OUTSIDE = {
    "../secret.csv": "found '../secret.csv', a path that climbs out of data/raw",
    "police/../../../etc/passwd": "a path that climbs out of data/raw",
    "/etc/passwd": "found '/etc/passwd', a path from outside the project",
    "~/table.csv": "a path from outside the project",
    "C:/table.csv": "a path from outside the project",
    "police\\table.csv": "a path with backslashes, where forward slashes are needed",
    "": "found '', no path",
    "police/\x00table.csv": "found 'police/\\x00table.csv', a path with control characters",
}


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_path_out_of_the_project_is_refused(project, path: str) -> None:
    project.add()
    with pytest.raises(BadInput) as refused:
        load(path, root=project.root)
    assert OUTSIDE[path] in str(refused.value)
    assert str(refused.value).endswith("; name a file below data/raw, as in source/table.csv")


@pytest.mark.parametrize("where", ["file", "folder", "source.toml"])
def test_a_link_out_of_the_project_is_refused(project, tmp_path: Path, where: str) -> None:
    path = project.add()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    folder = project.root / "data/raw/police"
    if where == "folder":
        folder.rename(elsewhere / "police")
        folder.symlink_to(elsewhere / "police")
    else:
        name = "table.csv" if where == "file" else "source.toml"
        (folder / name).rename(elsewhere / name)
        (folder / name).symlink_to(elsewhere / name)
    with pytest.raises(BadInput, match="a path whose link leads out of data/raw"):
        load(path, root=project.root)


def test_a_link_in_a_circle_or_a_name_without_end_is_refused(project) -> None:
    link = project.root / "data/raw/loop"
    link.symlink_to(link)
    with pytest.raises(BadInput, match="a path whose link leads out of data/raw"):
        inside(project.root, "loop/table.csv")
    with pytest.raises(BadInput, match="a path whose link leads out of data/raw"):
        inside(project.root, "a" * 5_000)


def test_a_link_within_the_folder_is_accepted(project) -> None:
    project.add()
    place = project.root / "data/raw/police"
    (place / "table.csv").rename(place / "received.csv")
    (place / "table.csv").symlink_to(place / "received.csv")
    assert load("police/table.csv", root=project.root).n_observed == 112


def test_the_project_is_found_from_below_and_missed_from_outside(project, tmp_path: Path,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    project.add()
    monkeypatch.chdir(project.root / "data/raw/police")
    assert find_root() == project.root.resolve()
    assert load("police/table.csv").n_observed == 112
    with pytest.raises(BadInput, match="is in no project: no folder from there upwards holds data/raw and "
                                       "notebooks/assessments; change to the project's folder, or name it"):
        find_root(tmp_path)
