"""Where a long run stands, written so that an interruption loses little and a wrong file is refused.

The file is numpy's uncompressed archive of plain arrays: reading it runs nothing.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.draws import digest
from smuggling_analysis.problems import BadInput, Problem

_MOST_BYTES = 2**31
Arrays = Mapping[str, NDArray[Any]]
Layout = Mapping[str, tuple[str, int]]
"""Each array's kind of number ("i", "f") and number of dimensions."""


def save(path: Path, asked: str, arrays: Arrays) -> None:
    """Write the arrays of a run; the file is whole or is the one before.

    Parameters
    ----------
    path : Path
        The file.
    asked : str
        Names the table and the options, so that no other run goes on from here.
    arrays : mapping of str to array
        Numbers only.
    """
    unfinished = path.with_name(path.name + ".part")
    with open(unfinished, "wb") as file:
        np.savez(file, asked=np.array(asked), seal=np.array(_seal(asked, arrays)), **arrays)  # type: ignore[arg-type]
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, path)


def load(path: Path, asked: str, layout: Layout) -> dict[str, NDArray[Any]] | None:
    """Read the arrays of a run; None if the file does not exist yet.

    Raises
    ------
    BadInput
        If the file is no checkpoint, is damaged, or belongs to another table or other options.
    """
    if not path.exists():
        return None
    try:
        held = _read(path, layout)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, NotImplementedError,
            MemoryError) as fault:
        raise refused(path, "this is not a checkpoint of a search, or it is damaged") from fault
    if str(held.pop("asked")) != asked:
        raise refused(path, "this checkpoint belongs to another table or to other options")
    if str(held.pop("seal")) != _seal(asked, held):
        raise refused(path, "this checkpoint is damaged")
    return held


def refused(path: Path, fact: str) -> BadInput:
    """Return what is said of a checkpoint that cannot be used."""
    return BadInput([Problem(fact, "delete it to begin anew, or name another file", path.name)])


def _read(path: Path, layout: Layout) -> dict[str, NDArray[Any]]:
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    names = {"asked", "seal", *layout}
    if (len(entries) != len(names) or {entry.filename for entry in entries} != {f"{name}.npy" for name in names}
            or any(entry.compress_type != zipfile.ZIP_STORED for entry in entries)
            or sum(entry.file_size for entry in entries) > _MOST_BYTES):
        raise ValueError("other arrays than a checkpoint's")
    with np.load(path, allow_pickle=False) as archive:
        held = {name: archive[name] for name in names}
    for name, (kind, dimensions) in layout.items():
        if held[name].dtype.kind != kind or held[name].ndim != dimensions:
            raise ValueError(f"{name} is not as it should be")
    for name in ("asked", "seal"):
        if held[name].dtype.kind != "U" or held[name].ndim != 0:
            raise ValueError(f"{name} is not a text")
    return held


def _seal(asked: str, arrays: Arrays) -> str:
    return digest(asked, *((name, str(arrays[name].dtype), arrays[name].shape, arrays[name].tobytes())
                           for name in sorted(arrays)))
