"""Checksums: whether a file is still the one its source describes."""

from __future__ import annotations

import hashlib
import re

from smuggling_analysis.problems import Problem

FORM = re.compile(r"[0-9a-f]{64}")


def sha256_of(data: bytes) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal.

    Examples
    --------
    >>> sha256_of(b"")[:12]
    'e3b0c44298fc'
    """
    return hashlib.sha256(data).hexdigest()


def changed(data: bytes, expected: str, file: str) -> list[Problem]:
    """Return the problem that a file is not the one described, if it is not."""
    found = sha256_of(data)
    if found == expected:
        return []
    return [
        Problem(
            f"the file has changed: its SHA-256 is {found}, its source.toml says {expected}",
            "restore the file as received; if the change is meant, say why in the notes of source.toml and "
            "put the new SHA-256 there",
            file,
        )
    ]
