"""Speed of the single-register methods, warm: patterns are fitted, not persons; R beside where it is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from register_works import DUTCH, REGISTER_WORKS, TABLES, counts_of

from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods import METHODS

BESIDE = Path(__file__).with_name("beside_r.R")
PATIENCE = 600


@pytest.mark.parametrize("work", REGISTER_WORKS, ids=lambda work: f"{work.name}, {work.data}")
def test_register_work(benchmark, keep, work):
    counts = counts_of(work.data)
    work.call(counts)
    benchmark(work.call, counts)
    ours = benchmark.stats["median"]
    keep("speed, one register", work=work.name, data=work.data, replicates=work.replicates or "",
         reference=work.seconds or "", target=work.target, ours=ours,
         ratio=work.seconds / ours if work.seconds else "")


@pytest.mark.parametrize("work", [work for work in REGISTER_WORKS if work.beside], ids=lambda work: work.beside)
def test_r_beside_ours(benchmark, keep, work):
    """The same work by R and by us in one run: one core each, the same replicates."""
    if not (r := shutil.which("Rscript")):
        pytest.skip("Rscript is not installed: the reference's seconds in the speed table are of another run")
    told = subprocess.run([r, str(BESIDE), work.beside, str(TABLES / f"{work.data}.csv"), str(work.replicates)],
                          capture_output=True, text=True, timeout=PATIENCE, check=True).stdout.strip()
    if told.startswith("absent"):
        pytest.skip(f"not installed in R: {told.removeprefix('absent ')}")
    counts = counts_of(work.data)
    work.call(counts)
    benchmark(work.call, counts)
    ours = benchmark.stats["median"]
    keep("R beside ours, one core each, in this run", work=work.beside, data=work.data, replicates=work.replicates,
         R=float(told), ours=ours, ratio=float(told) / ours)


@pytest.mark.parametrize("name", ["chao", "zelterman", "truncated_count"])
def test_a_thousand_times_the_people_take_no_longer(benchmark, name):
    counts = counts_of("netherlands_1995")
    table = counts.table()
    larger = RepeatCounts.from_table(table.assign(n_persons=1000 * table["n_persons"]),
                                     covariates=counts.covariates)
    benchmark(METHODS[name], larger, formula=DUTCH)
