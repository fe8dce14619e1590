"""Publishing: one run at a time, and a report that is replaced whole or not at all.

A run works in a scratch folder beside its target. When all is done the two change places in one step of
the file system. Wherever a run is killed, the target is the last published report or the new one.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_EXCHANGE = 2  # RENAME_EXCHANGE of renameat2 (Linux), RENAME_SWAP of renamex_np (macOS)
_HERE = -100  # AT_FDCWD: paths are taken from the working folder


class Busy(Exception):
    """Another run works on the same report."""


@contextmanager
def locked(target: Path) -> Iterator[None]:
    """Hold the lock of a report; recover it, and remove what killed runs left.

    Raises
    ------
    Busy
        If another process holds it.
    """
    import fcntl

    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / f".{target.name}.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise Busy(f"another run is making {target} (process {lock.read().strip() or 'unknown'}): "
                       "wait until it ends, or end it") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        _recover(target)
        try:
            yield
        finally:
            lock.truncate(0)


def scratch_for(target: Path) -> Path:
    """Make the scratch folder of a run, beside its target; the target's lock must be held."""
    place = target.parent / f".{target.name}.scratch"
    place.mkdir()
    return place


def publish(scratch: Path, target: Path) -> None:
    """Put the scratch folder in the target's place; what was there is removed afterwards."""
    if not target.exists():
        scratch.rename(target)
        return
    if not _exchanged(scratch, target):
        previous = _previous(target)
        target.rename(previous)
        scratch.rename(target)
        scratch = previous
    with suppress(OSError):  # the report is published; the next run removes what is left
        _remove(scratch)


def keep_failed(scratch: Path, target: Path) -> Path:
    """Keep a failed run's work beside the report, in place of the last failed run's; return where."""
    place = failed_place(target)
    shutil.rmtree(place, ignore_errors=True)
    scratch.rename(place)
    return place


def remove_failed(target: Path) -> None:
    """Remove the work of an earlier failed run, once a later one has succeeded."""
    shutil.rmtree(failed_place(target), ignore_errors=True)


def discard(scratch: Path) -> None:
    """Remove the scratch folder of a run that was stopped."""
    shutil.rmtree(scratch, ignore_errors=True)


def failed_place(target: Path) -> Path:
    """Return where the work of a failed run is kept."""
    return target.parent / f"{target.name}.failed"


def _previous(target: Path) -> Path:
    return target.parent / f".{target.name}.previous"


def _recover(target: Path) -> None:
    previous, scratch = _previous(target), target.parent / f".{target.name}.scratch"
    if previous.exists() and not target.exists():
        previous.rename(target)
    private = scratch / ".private"
    if private.is_symlink() and Path(os.readlink(private)).name.startswith("sa-"):
        shutil.rmtree(os.readlink(private), ignore_errors=True)
    for left in (previous, scratch):
        if left.exists():
            _remove(left)


def _remove(folder: Path) -> None:
    """Remove a folder, with the parts of it that somebody protected from writing."""
    for place, _, _ in os.walk(folder):
        os.chmod(place, 0o700)
    shutil.rmtree(folder)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; False where the system or the file system cannot."""
    library = ctypes.CDLL(None, use_errno=True)
    first, second = os.fsencode(one.absolute()), os.fsencode(other.absolute())
    if sys.platform == "linux" and hasattr(library, "renameat2"):
        return library.renameat2(_HERE, first, _HERE, second, _EXCHANGE) == 0
    if sys.platform == "darwin" and hasattr(library, "renamex_np"):
        return library.renamex_np(first, second, _EXCHANGE) == 0
    return False
