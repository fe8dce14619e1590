"""Writing a study down: two tables anybody can read, and where they come from."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Sequence
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from smuggling_analysis.validation.coverage import ValidationTable
from smuggling_analysis.validation.journal import code_fingerprint
from smuggling_analysis.validation.scenarios import SCENARIOS

if TYPE_CHECKING:
    from smuggling_analysis.validation.calibrations import Calibration

_MACHINE = ("numpy", "numba", "scipy")


def write_study(folder: Path, table: ValidationTable, calibrations: Sequence[Calibration], *,
                seconds: float, day: date) -> None:
    """Write `coverage.csv`, `calibration.csv` and `provenance.json` into an empty folder.

    Parameters
    ----------
    folder : Path
        Of the study alone: whoever publishes it puts it in its place as a whole.
    table : ValidationTable
    calibrations : sequence of Calibration
    seconds : float
        How long the study took.
    day : date
        When it ended.
    """
    from smuggling_analysis.validation.calibrations import calibration_frame

    frames = {"coverage.csv": table.frame, "calibration.csv": calibration_frame(calibrations)}
    sums = {name: _write_csv(folder / name, frame) for name, frame in frames.items()}
    structures = {one.structure: one.words for one in SCENARIOS.values()
                  if one.structure in set(table.frame["structure"])}
    provenance: dict[str, Any] = {
        "what": "estimates of simulated populations of known size", "date": day.isoformat(),
        "made_by": f"smuggling-analysis {metadata.version('smuggling-analysis')}", "code": code_fingerprint(),
        "seed": table.seed, "replicates": table.replicates, "fits": len(table.fits), "simulated": True,
        "seconds": round(seconds),
        "structures": structures, "machine": _machine(), "sha256": sums}
    text = json.dumps(provenance, indent=1, ensure_ascii=False, allow_nan=False)
    (folder / "provenance.json").write_text(text + "\n", encoding="utf-8")


def _write_csv(path: Path, frame: pd.DataFrame) -> str:
    """Write a table, six digits a number, the same bytes on any system; return its SHA-256."""
    data = frame.to_csv(index=False, float_format="%.6g", lineterminator="\n").encode()
    path.write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def _machine() -> dict[str, Any]:
    """Say in words what it ran on, and nothing of whose it is or where."""
    packages = {name: metadata.version(name) for name in _MACHINE}
    return {"system": platform.system(), "machine": platform.machine(), "processors": os.cpu_count(),
            "python": platform.python_version(), **packages}
