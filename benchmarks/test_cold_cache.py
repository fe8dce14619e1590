"""What a machine pays once: compiling the kernels into an empty cache."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

COLD = Path(__file__).with_name("cold.py")


def everything_once(cache):
    told = subprocess.run([sys.executable, str(COLD)], capture_output=True, text=True, check=True,
                          env={**os.environ, "NUMBA_CACHE_DIR": str(cache)})
    return json.loads(told.stdout)


def test_every_method_of_several_lists_with_a_cold_cache(benchmark, keep, tmp_path):
    cold = benchmark.pedantic(everything_once, args=(tmp_path,), rounds=1)
    warm = everything_once(tmp_path)
    keep("cold cache", what="every method of several lists, cold cache", seconds=cold["seconds"])
    keep("cold cache", what="the same, warm cache", seconds=warm["seconds"])
    for kernel, seconds in sorted(cold["kernels"].items(), key=lambda item: -item[1]):
        keep("cold cache", what=kernel, seconds=seconds)
