"""Ctrl-C, also where it is pressed inside compiled code."""

from __future__ import annotations


def interrupted(fault: BaseException | None) -> bool:
    """Say whether somebody pressed Ctrl-C: compiled code that was running tells it as the cause of a SystemError.

    Examples
    --------
    >>> interrupted(KeyboardInterrupt()), interrupted(SystemError("something else"))
    (True, False)
    """
    while isinstance(fault, SystemError):
        fault = fault.__cause__
    return isinstance(fault, KeyboardInterrupt)
