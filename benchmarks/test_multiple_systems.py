"""Log-linear work timed on the published tables, warm, on two cores; R and statsmodels beside it."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from works import TABLES, WORKS, table

from smuggling_analysis.methods.multiple_systems import loglinear
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import fit
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model

BESIDE = Path(__file__).with_name("beside_r.R")
# A second or two of R start, and the longest call many times over.
PATIENCE = 600


@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)
def test_work(benchmark, keep, work):
    histories = table(work.data)
    work.call(histories, 20, 2)
    benchmark.pedantic(work.call, args=(histories, work.replicates, 2), rounds=3)
    ours = benchmark.stats["median"]
    keep("speed", work=work.name, data=work.data, replicates=work.replicates or "",
         reference=work.reference, target=work.target, ours=ours,
         ratio=work.seconds / ours if work.seconds else "")


@pytest.mark.parametrize(("work", "theirs", "replicates"), [
    pytest.param(work, theirs, replicates, id=f"{theirs}, {work.data}")
    for work in WORKS for theirs, replicates in work.beside])
def test_r_beside_ours(benchmark, keep, work, theirs, replicates):
    """The same work by R and by us in one run: one core each, the same replicates."""
    if not (r := shutil.which("Rscript")):
        pytest.skip("Rscript is not installed: the reference's seconds in the speed table are of another run")
    told = subprocess.run([r, str(BESIDE), theirs, str(TABLES / f"{work.data}.csv"), str(replicates)],
                          capture_output=True, text=True, timeout=PATIENCE, check=True).stdout.strip()
    if told.startswith("absent"):
        pytest.skip(f"not installed in R: {told.removeprefix('absent ')}")
    histories = table(work.data)
    work.call(histories, max(replicates, 2), 1)
    benchmark.pedantic(work.call, args=(histories, replicates, 1), rounds=3)
    ours = benchmark.stats["median"]
    keep("R beside ours, one core each, in this run", work=theirs, data=work.data,
         replicates=replicates or "", R=float(told), ours=ours, ratio=float(told) / ours)


def test_profile_interval(benchmark):
    histories = table("UKdat")
    benchmark(loglinear, histories, selection=None)


def test_one_fit_beside_statsmodels(benchmark, keep):
    import statsmodels.api as sm

    histories = table("UKdat_5")
    cells = histories.dense().astype(float)
    model = Model.parse("[123,25,34]", histories.lists)
    every, terms = np.arange(1, cells.size), np.array(model.terms)
    design = ((every[:, None] & terms) == terms).astype(float)
    benchmark(fit, cells, [model])
    start = time.perf_counter()
    for _ in range(20):
        sm.GLM(cells[1:], design, family=sm.families.Poisson()).fit()
    theirs = (time.perf_counter() - start) / 20
    ours = benchmark.stats["median"]
    keep("statsmodels beside ours", work="one fit, 5 lists", statsmodels=theirs, ours=ours,
         ratio=theirs / ours)
