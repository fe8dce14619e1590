"""How time and memory grow with lists, models, replicates and people; each size in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

MEASURED = Path(__file__).with_name("measured.py")
SIZES = {
    "lists": (3, 5, 7, 9, 11), "models": (3, 4, 5, 6), "replicates": (100, 1000, 10_000),
    "people by count": (1, 1000, 1_000_000), "people by record": (10_000, 100_000, 1_000_000)}
MODELS = {3: 8, 4: 113, 5: 6_893, 6: 32_768}


def measured(kind, size):
    told = subprocess.run([sys.executable, str(MEASURED), kind, str(size)], capture_output=True, text=True,
                          check=True)
    return json.loads(told.stdout)


@pytest.mark.parametrize("kind", SIZES)
def test_growth(benchmark, keep, kind):
    found = benchmark.pedantic(lambda: [measured(kind, size) for size in SIZES[kind]], rounds=1)
    for size, figures in zip(SIZES[kind], found, strict=True):
        keep("memory and growth", grows=kind, size=MODELS[size] if kind == "models" else size,
             cells=2**size if kind == "lists" else "", seconds=figures["seconds"],
             peak_megabytes=round(figures["megabytes"], 1))
