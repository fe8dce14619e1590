"""Where a project is on disk, and which paths stay inside it."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path, PurePosixPath

from smuggling_analysis.problems import BadInput, Problem, shorten

RAW = "data/raw"
ASSESSMENTS = "notebooks/assessments"


def find_root(start: str | Path | None = None) -> Path:
    """Return the project's folder: the nearest one upwards that holds data/raw and notebooks/assessments.

    Parameters
    ----------
    start : path, optional
        Where to begin; by default the current folder.

    Raises
    ------
    BadInput
        If no folder upwards is a project.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     (Path(folder) / "data/raw/police").mkdir(parents=True)
    ...     (Path(folder) / "notebooks/assessments").mkdir(parents=True)
    ...     find_root(Path(folder) / "data/raw/police") == Path(folder).resolve()
    True
    """
    here = Path.cwd() if start is None else Path(start)
    for folder in (here.resolve(), *here.resolve().parents):
        if (folder / RAW).is_dir() and (folder / ASSESSMENTS).is_dir():
            return folder
    raise BadInput(
        [
            Problem(
                f"{shorten(here.resolve().name)} is in no project: no folder from there upwards holds "
                f"{RAW} and {ASSESSMENTS}",
                "change to the project's folder, or name it",
            )
        ]
    )


def inside(root: Path, path: str, within: str = RAW) -> Path:
    """Return where a path of the project is, refusing one that leads out of it.

    Parameters
    ----------
    root : Path
        The project's folder.
    path : str
        The path below `within`, with forward slashes: "uk-2013/capture_histories.csv".
    within : str
        The folder it must stay in, relative to the project.

    Raises
    ------
    BadInput
        If the path is empty, absolute, climbs with "..", or a link on the way leads out of `within`.

    Examples
    --------
    >>> inside(Path("project"), "../secret.csv")
    Traceback (most recent call last):
    ...
    smuggling_analysis.problems.BadInput: found '../secret.csv', a path that climbs out of data/raw; ...
    """
    fault = _fault_of(path, within)
    if not fault:
        base = root.resolve() / within
        if not _resolved(base / path).is_relative_to(base):
            fault = f"a path whose link leads out of {within}"
    if fault:
        raise BadInput([Problem(f"found {shorten(path)}, {fault}",
                                f"name a file below {within}, as in source/table.csv")])
    return root.resolve() / within / path


def shown(path: Path, root: Path) -> str:
    """Return a file's path relative to the project, for messages."""
    return path.relative_to(root.resolve()).as_posix()


def _fault_of(path: str, within: str) -> str:
    if not path.strip() or path.strip() == ".":
        return "no path"
    if not path.isprintable():
        return "a path with control characters"
    if path.startswith(("/", "~")) or re.match(r"[A-Za-z]:", path):
        return "a path from outside the project"
    if "\\" in path:
        return "a path with backslashes, where forward slashes are needed"
    if ".." in PurePosixPath(path).parts:
        return f"a path that climbs out of {within}"
    return ""


def _resolved(path: Path) -> Path:
    try:
        with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
            path.stat()
        return path.resolve()
    except (OSError, RuntimeError):
        # Links that run in a circle lead nowhere, and nowhere is not inside.
        return Path("/")
