"""Every method of several lists once, in a process of its own: what compiling took, by kernel, as JSON.

numba keeps compiled code in the folder named by NUMBA_CACHE_DIR: if it is empty everything is compiled.
"""

from __future__ import annotations

import contextlib
import json
import time

from numba.core.event import install_recorder

from smuggling_analysis import NoEstimate
from smuggling_analysis.methods import METHODS
from smuggling_analysis.simulate import independent_lists

CHANCES = {"police": 0.3, "clinic": 0.25, "school": 0.2, "hotline": 0.15}


def compiled(events: list) -> dict[str, float]:
    """Seconds by kernel, without those of the kernels it calls."""
    seconds: dict[str, float] = {}
    opened: list[list] = []
    for at, event in events:
        kernel = event.data["dispatcher"].py_func
        name = f"{kernel.__module__.rpartition('.')[2]}.{kernel.__name__}"
        if event.is_start:
            opened.append([name, at, 0.0])
            continue
        _, since, within = opened.pop()
        seconds[name] = seconds.get(name, 0.0) + (at - since) - within
        if opened:
            opened[-1][2] += at - since
    return seconds


def run_everything() -> None:
    for row in METHODS.values():
        if row.evidence != "CaptureHistories":
            continue
        ways = [{}, {"interval": "bca"}] if {"interval", "n_jobs"} <= set(row.options) else [{}]
        for n_lists in (4, 2):
            histories = independent_lists(4000, dict(list(CHANCES.items())[:n_lists]), rng=1)
            if not row.lacks(histories):
                for options in ways:
                    few = {"replicates": 20} if "replicates" in row.options else {}
                    with contextlib.suppress(NoEstimate, ValueError):
                        row(histories, **few, **options)
                break


if __name__ == "__main__":
    start = time.perf_counter()
    with install_recorder("numba:compile") as recorder:
        run_everything()
    print(json.dumps({"seconds": time.perf_counter() - start, "kernels": compiled(recorder.buffer)}))
