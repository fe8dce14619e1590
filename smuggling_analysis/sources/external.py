"""Files that are kept outside the project: where they are looked for, and how to get them.

A source may describe a file that may not be copied into the project, because it holds a row per person or is
somebody else's to give out. Its source.toml names the file in the *reference-data folder*, its checksum, and how
to get it. Only its name ever reaches a message or a report, never the folder it lies in.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from smuggling_analysis.problems import BadInput, Problem, shorten
from smuggling_analysis.sources.source import SourceFile

REFERENCE_DATA = "SMUGGLING_REFERENCE_DATA"
"""The environment variable that names the reference-data folder, or a file of it."""
DEFAULT = "../shared/data/datasets"
SHOWN = "reference data"
"""What messages and reports call the folder."""


def faults_of_external(row: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong with the description of a file that is kept outside the project."""
    name, obtain = row.get("external", ""), row.get("obtain", "")
    if "external" not in row:
        if "obtain" in row:
            yield Problem("obtain says how to get a file that is kept outside the project, and external names none",
                          "add external, or remove obtain")
        return
    if not is_plain(name):
        yield Problem(f"external is {shorten(name)}, which is not the plain name of a file",
                      "write the name without folders, as in register.csv")
    if not obtain.strip():
        yield Problem("external names a file outside the project, and obtain does not say how to get it",
                      "add obtain: who gives it out, under which name, under which licence")


def is_plain(name: str) -> bool:
    """Say whether a name is that of a file in a folder, and leads nowhere else.

    Examples
    --------
    >>> is_plain("register.csv"), is_plain("../register.csv"), is_plain("C:register.csv")
    (True, False, False)
    """
    return bool(name.strip()) and name.isprintable() and not any(sign in name for sign in "/\\:~") \
        and not name.startswith(".")


def place_of(file: SourceFile, root: Path) -> Path:
    """Return where a file that is kept outside the project is looked for.

    The environment variable SMUGGLING_REFERENCE_DATA names the folder, or the file itself; without it the folder
    is `../shared/data/datasets`, seen from the project.
    """
    given = os.environ.get(REFERENCE_DATA, "").strip()
    folder = Path(given) if given else root / DEFAULT
    try:
        return folder if given and folder.is_file() else folder / file.external
    except (OSError, ValueError):  # a path too long, or with a null character, is the path of no file
        return root / DEFAULT / file.external


def at_hand(file: SourceFile, root: Path) -> bool:
    """Say whether a file is where it is looked for; one of the project's own always is, or is a problem."""
    if not file.external:
        return True
    try:
        return place_of(file, root).is_file()
    except (OSError, ValueError):
        return False


def shown_as(file: SourceFile) -> str:
    """Return what messages and reports call the file."""
    return f"{SHOWN}/{file.external}"


def require_at_hand(file: SourceFile, root: Path) -> None:
    """Refuse a file that is not there, with the way to get it.

    Raises
    ------
    BadInput
    """
    if not at_hand(file, root):
        raise BadInput([Problem(
            "this file is kept outside the project, and it is not there",
            f"{file.obtain.strip().rstrip('.')}. Then name the folder it is in, or the file: --reference-data FOLDER, "
            f"or the environment variable {REFERENCE_DATA}", shown_as(file))])
