"""The published validation study: how often each method's interval held the truth on populations of known size."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from smuggling_analysis.problems import BadInput, Problem
from smuggling_analysis.sources.checksum import sha256_of
from smuggling_analysis.sources.project import find_root

STUDY = "data/processed/validation"
FILES = ("provenance.json", "coverage.csv", "calibration.csv")
_COLUMNS = {
    "coverage.csv": ("method", "key", "label", "given", "scenario", "structure", "evidence", "shape", "lists", "size",
                     "overlap", "drawn", "answered", "refused", "cautioned", "bias", "median_error", "rmse", "coverage",
                     "coverage_low", "coverage_high", "width", "seconds", "verdict"),
    "calibration.csv": ("method", "prior", "studies", "refused", "draws", "ranks", "p_value", "verdict"),
}
_REMEDY = "run make validate, or restore the folder as it was committed"


@dataclass(frozen=True, eq=False)
class Study:
    """A published study.

    Parameters
    ----------
    coverage : DataFrame
        One row per method, variant and scenario; the columns of `ValidationTable.frame`.
    calibration : DataFrame
        One row per Bayesian method: whether its posterior is right on average over its own prior.
    made_by, date : str
        The version of the package that made it, and when.
    replicates, seed : int
    structures : mapping of str to str
        What each kind of population is like.
    """

    coverage: pd.DataFrame
    calibration: pd.DataFrame
    made_by: str
    date: str
    replicates: int
    seed: int
    structures: dict[str, str]


def published_validation(root: Path | None = None) -> Study | None:
    """Read the project's published validation study; None where there is none.

    Parameters
    ----------
    root : Path, optional
        The project's folder; found from the working folder where it is not given.

    Raises
    ------
    BadInput
        If its files are not those that were written together, or lack a column.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     published_validation(Path(folder)) is None
    True
    """
    folder = (find_root() if root is None else root) / STUDY
    if not folder.is_dir():
        return None
    try:
        held = {name: (folder / name).read_bytes() for name in FILES}
        told = json.loads(held[FILES[0]])
        coverage, ranks = (_table(name, held[name], told["sha256"]) for name in FILES[1:])
        return Study(coverage, ranks, str(told["made_by"]), str(told["date"]), int(told["replicates"]),
                     int(told["seed"]), dict(told["structures"]))
    except BadInput:
        raise
    except OSError as fault:
        raise _refused(Path(fault.filename or FILES[0]).name, "the file cannot be read") from fault
    except (ValueError, KeyError, TypeError) as fault:
        raise _refused(FILES[0], "the record of where the tables come from is damaged") from fault


def _table(name: str, data: bytes, sums: Any) -> pd.DataFrame:
    if not isinstance(sums, dict) or sums.get(name) != sha256_of(data):
        raise _refused(name, "the table is not the one its record was written with")
    frame = pd.read_csv(io.BytesIO(data))
    if missing := [column for column in _COLUMNS[name] if column not in frame.columns]:
        raise _refused(name, f"the table lacks {', '.join(missing)}")
    # A method that takes nothing into account beside others of its name has an empty text there.
    return frame.assign(given=frame["given"].astype(object).fillna("")) if "given" in frame else frame


def _refused(name: str, fact: str) -> BadInput:
    return BadInput([Problem(fact, _REMEDY, f"{STUDY}/{name}")])
