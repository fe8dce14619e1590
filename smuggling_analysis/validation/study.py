"""The whole study that is published: coverage of every method, calibration of the Bayesian ones."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from smuggling_analysis.draws import digest
from smuggling_analysis.validation.calibrations import CalibratedMethod, Calibration, calibration
from smuggling_analysis.validation.coverage import FEWEST, NOMINAL, VERDICTS, ValidationTable
from smuggling_analysis.validation.harness import validate
from smuggling_analysis.validation.journal import Journal, code_fingerprint
from smuggling_analysis.validation.priors import CALIBRATED
from smuggling_analysis.validation.publication import write_study


def make_study(folder: Path, *, replicates: int = 200, seed: int = 1, n_jobs: int = 2,
               journal: Path | None = None) -> str:
    """Validate every method, calibrate the Bayesian ones and write both tables into a folder.

    Parameters
    ----------
    folder : Path
        An empty folder.
    replicates : int
        Populations drawn of each scenario, and of each Bayesian method's prior.
    seed : int
    n_jobs : int
        Processes.
    journal : Path, optional
        Where finished work is kept until the study is done.

    Returns
    -------
    str
        What came out, in a few lines.

    Raises
    ------
    ValidationFailed, CalibrationFailed
        If a fit ended in an error; nothing is written then.
    """
    began = time.monotonic()
    table = validate(replicates=replicates, rng=seed, n_jobs=n_jobs, journal=journal)
    with Journal(journal) as kept:
        calibrations = [_calibrated(one, replicates, seed, n_jobs, kept) for one in CALIBRATED.values()]
    seconds = time.monotonic() - began
    write_study(folder, table, calibrations, seconds=seconds, day=datetime.now(UTC).date())
    return "\n".join(_told(table, calibrations, seconds))


def _calibrated(one: CalibratedMethod, studies: int, seed: int, n_jobs: int, kept: Journal) -> Calibration:
    """Calibrate a method, unless the journal holds what came of it."""
    identity = digest("calibration", code_fingerprint() if kept.path else "", one.method, one.prior, studies, seed)
    if identity in kept.held:
        held = kept.held[identity]
        return Calibration(method=one.method, prior=one.prior, ranks=np.array(held["ranks"], dtype=np.int64),
                           draws=held["draws"], bins=held["bins"], refused=held["refused"])
    found = calibration(one, studies=studies, rng=seed, n_jobs=n_jobs)
    kept.finished(identity, {"ranks": found.ranks.tolist(), "draws": found.draws, "bins": found.bins,
                             "refused": found.refused})
    return found


def _told(table: ValidationTable, calibrations: list[Calibration], seconds: float) -> list[str]:
    frame = table.frame
    counts = frame["verdict"].value_counts()
    said = [f"{len(table.fits):,} fits of {frame['key'].nunique()} ways to estimate on {frame['scenario'].nunique()} "
            f"populations, in {seconds:.0f} s",
            f"the {NOMINAL:.0%} interval covers, of {len(frame)} pairs: "
            + ", ".join(f"{word} {counts[word]}" for word in VERDICTS if word in counts)
            + f" (under {FEWEST})" * (VERDICTS[-1] in counts)]
    return said + [f"ranks of {one.method}: {one.verdict}, p = {one.p_value:.3f}" for one in calibrations]
