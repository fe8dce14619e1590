"""The record of a run: estimates.csv and estimates.json to compute with, run.json to review by."""

from __future__ import annotations

import json
import math
import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from smuggling_analysis import __version__
from smuggling_analysis.assessment.results import Recorded, to_plain
from smuggling_analysis.assessment.run import Outcome
from smuggling_analysis.assessment.workspace import write_csv
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.indicator import Indicator
from smuggling_analysis.sources.checksum import sha256_of

# Estimates and indicators each have columns of their own: the two are never mixed in one.
COLUMNS = ("chapter", "key", "question", "headline", "kind", "simulated", "what", "place", "period", "unit",
           "estimate", "lower", "upper", "confidence_level", "interval", "se", "observed", "rating", "method",
           "indicator", "indicator_low", "indicator_high", "qualifier", "source", "reason", "needed",
           "cautions", "fingerprint")


def write_estimates(folder: Path, recorded: Sequence[Recorded]) -> None:
    """Write estimates.csv and estimates.json: the same bytes for the same results."""
    rows = [_row(one) for one in recorded]
    write_csv(folder / "estimates.csv", COLUMNS, ([row.get(name) for name in COLUMNS] for row in rows))
    plain, _ = to_plain(recorded)
    for row in plain:
        row.pop("joint", None)
    _write_json(folder / "estimates.json", plain)


def write_run(folder: Path, *, name: str, year: int, seed: int, root: Path, inputs: Mapping[str, str],
              outcomes: Mapping[str, Outcome], seconds: float) -> None:
    """Write run.json: what went in, what made it, what came out.

    Parameters
    ----------
    folder : Path
        The report's folder; every file in it is recorded with its SHA-256.
    name, year, seed
        The parameters of the run.
    root : Path
        The project's folder.
    inputs : mapping of str to str
        SHA-256 of every input, by its path in the project.
    outcomes : mapping of str to Outcome
        What became of each chapter.
    seconds : float
        Wall time of the whole run so far.
    """
    outputs = {path.relative_to(folder).as_posix(): sha256_of(path.read_bytes())
               for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "run.json"}
    _write_json(folder / "run.json", {
        "assessment": name, "year": year, "seed": seed, "made_by": f"smuggling-analysis {__version__}",
        "commit": _commit(root), "python": platform.python_version(), "system": platform.system(),
        "machine": platform.machine(), "packages": _packages(), "inputs": dict(inputs), "outputs": outputs,
        "seconds": round(seconds, 2),
        "chapters": {key: {"status": one.status, "seconds": round(one.seconds, 2)}
                     for key, one in outcomes.items()},
    })


def _row(one: Recorded) -> dict[str, Any]:
    shared = {"chapter": one.chapter, "key": one.key, "question": one.question, "headline": one.headline,
              "kind": one.kind, "simulated": one.simulated}
    return shared | _numbers(one.result)


def _numbers(result: Estimate | Indicator | NoEstimate) -> dict[str, Any]:
    if isinstance(result, NoEstimate):
        return {"reason": result.reason, "needed": result.needed}
    if isinstance(result, Indicator):
        return {"what": result.what, "place": result.place, "period": result.period, "unit": result.unit,
                "indicator": result.value, "indicator_low": result.low, "indicator_high": result.high,
                "qualifier": result.qualifier, "source": result.source, "method": result.kind}
    return {"what": result.population, "place": result.place, "period": result.period, "unit": result.unit,
            "estimate": result.value, "lower": result.lower, "upper": result.upper,
            "confidence_level": result.confidence_level, "interval": result.interval, "se": result.se,
            "observed": result.observed, "rating": result.rating, "method": result.method,
            "cautions": result.cautions, "fingerprint": result.fingerprint}


def _write_json(path: Path, content: Any) -> None:
    text = json.dumps(_strict(content), indent=1, ensure_ascii=False, allow_nan=False, default=str)
    path.write_text(text + "\n", encoding="utf-8")


def _strict(item: Any) -> Any:
    """Write what JSON has no number for as a text: an unbounded limit is "inf"."""
    if isinstance(item, float) and not math.isfinite(item):
        return repr(item)
    if isinstance(item, Mapping):
        return {str(key): _strict(value) for key, value in item.items()}
    if isinstance(item, (list, tuple)):
        return [_strict(value) for value in item]
    return item


def _packages() -> dict[str, str]:
    """Return the versions of the packages this one depends on."""
    try:
        wanted = metadata.requires("smuggling-analysis") or []
    except metadata.PackageNotFoundError:
        return {}
    found = {}
    for requirement in sorted(line for line in wanted if "extra ==" not in line):
        name = re.split(r"[^A-Za-z0-9_.-]", requirement, maxsplit=1)[0]
        found[name] = metadata.version(name)
    return found


def _commit(root: Path) -> str | None:
    """Return the commit of the project's code, marked where files differ from it; None without git."""
    def git(*arguments: str) -> str:
        return subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True,
                              check=True, timeout=20).stdout.strip()

    try:
        changed = git("status", "--porcelain", "--untracked-files=no")
        return git("rev-parse", "HEAD") + (", with changes" if changed else "")
    except (OSError, subprocess.SubprocessError):
        return None
