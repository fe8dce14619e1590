"""One piece of work in a process of its own: seconds and peak memory, as JSON.

    python benchmarks/measured.py "people by count" 1000000

Memory is the peak above what the process held just before, after everything was imported and compiled.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from works import table

from smuggling_analysis import CaptureHistories
from smuggling_analysis.methods.multiple_systems import loglinear, loglinear_models
from smuggling_analysis.simulate import independent_lists

Job = Callable[[], Any]
_MEGABYTE = 1 << 20


def lists(n_lists: int) -> Job:
    """Stepwise over two-list terms: the work grows with the cells, 2**lists."""
    histories = independent_lists(20_000, {f"list {place}": 0.1 for place in range(n_lists)}, rng=1)
    return lambda: loglinear(histories, selection="stepwise", interval="log-normal")


def models(n_lists: int) -> Job:
    """Every model of three, four and five lists, and every two-way model of six: 8, 113, 6,893, 32,768."""
    histories = independent_lists(20_000, {f"list {place}": 0.1 for place in range(n_lists)}, rng=1)
    return lambda: loglinear_models(histories).fits.bic


def replicates(number: int) -> Job:
    """A bootstrap that repeats the stepwise choice, five lists."""
    histories = table("UKdat_5")
    return lambda: loglinear(histories, selection="stepwise", interval="bootstrap", replicates=number, rng=1)


def people_by_count(times: int) -> Job:
    """The published table with every count so many times larger: the same bootstrap."""
    histories = table("UKdat_5")
    larger = histories.with_counts(histories.counts * times)
    return lambda: loglinear(larger, selection="stepwise", interval="bca", replicates=100, rng=1)


def people_by_record(number: int) -> Job:
    """One row per person: counting them, and the estimate."""
    drawn = np.random.default_rng(1).random((number, 5)) < [0.5, 0.3, 0.2, 0.2, 0.1]
    drawn[:, 0] |= ~drawn.any(axis=1)
    people = pd.DataFrame(drawn.astype(np.int8), columns=list("abcde"))

    def estimate() -> Any:
        return loglinear(CaptureHistories.from_records(people, lists=list("abcde")), selection="stepwise",
                         interval="log-normal")
    return estimate


JOBS: dict[str, tuple[Callable[[int], Job], int]] = {
    "lists": (lists, 3), "models": (models, 3), "replicates": (replicates, 20),
    "people by count": (people_by_count, 1), "people by record": (people_by_record, 100)}
"""Each kind of growth and its smallest size, which warms the process."""


def _held_and_peak() -> tuple[int, int]:
    """Bytes held now and at the peak since it was last forgotten; without /proc, the peak of the process."""
    told = Path("/proc/self/status")
    if not told.exists():
        unit = 1 if sys.platform == "darwin" else 1024
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
        return peak, peak
    fields = dict(line.split(":", 1) for line in told.read_text().splitlines())
    held, peak = (1024 * int(fields[name].split()[0]) for name in ("VmRSS", "VmHWM"))
    return held, peak


def _forget_peak() -> None:
    forget = Path("/proc/self/clear_refs")
    if forget.exists():
        forget.write_text("5")


def main(kind: str, size: int) -> None:
    make, smallest = JOBS[kind]
    make(smallest)()
    job = make(size)
    _forget_peak()
    before, _ = _held_and_peak()
    start = time.perf_counter()
    job()
    seconds = time.perf_counter() - start
    _, peak = _held_and_peak()
    print(json.dumps({"seconds": seconds, "megabytes": max(0, peak - before) / _MEGABYTE}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
