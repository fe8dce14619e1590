"""Speed of the reference-population model on the Polish counts, warm, beside what uncounted took on one quiet core."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from smuggling_analysis import ReferenceCounts
from smuggling_analysis.methods import reference_population as rp

FILE = "poland_irregular_migration_2019_2024.csv"
MODELS = {"intercept": {}, "year x ukr + sex / year": {"alpha": "year * ukr + sex", "beta": "year"}}
# Seconds of uncounted 2.1.0 on R 4.2.2; all but the first two while the machine did other work, up to three times
# too long.
REFERENCE = {("poisson", "intercept"): 0.039, ("poisson", "year x ukr + sex / year"): 0.44,
             ("negative-binomial", "intercept"): 0.107, ("negative-binomial", "year x ukr + sex / year"): 0.55,
             ("nls", "intercept"): 0.093, ("nls", "year x ukr + sex / year"): 1.77,
             ("ols", "intercept"): 0.032, ("ols", "year x ukr + sex / year"): 0.087}
TARGETS = {("poisson", "year x ukr + sex / year"): 0.05}
BOOTSTRAP_TARGET = 5.0


@pytest.fixture(scope="module")
def poland() -> ReferenceCounts:
    folder = Path(os.environ.get("SMUGGLING_REFERENCE_DATA", "../shared/data/datasets"))
    if not (folder / FILE).is_file():
        pytest.skip(f"no {FILE} in the reference data")
    counts = ReferenceCounts.from_table(
        pd.read_csv(folder / FILE, dtype={"year": str}), observed="m_border_guard", auxiliary="n_police",
        reference="N_insured_zus", country="country_code", covariates=["year", "sex"])
    return counts.marking("ukr", ["UKR"])


def _kept(keep, benchmark, what: str, reference: float | None, target: float | None) -> None:
    ours = benchmark.stats.stats.median
    keep("reference population", what=what, seconds=ours, target=target or "", reference=reference or "",
         ratio=reference / ours if reference else "")


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("method", ["poisson", "negative-binomial", "nls", "ols"])
def test_a_fit(benchmark, keep, poland, method, model):
    benchmark.pedantic(rp.fit, args=(poland,), kwargs={"method": method, "covariance": "HC3", **MODELS[model]},
                       rounds=9, warmup_rounds=2)
    _kept(keep, benchmark, f"{method}, {model}", REFERENCE[method, model], TARGETS.get((method, model)))


def test_499_replicates(benchmark, keep, poland):
    fitted = rp.fit(poland, **MODELS["year x ukr + sex / year"])
    benchmark.pedantic(rp.hidden_population_by, args=(fitted, ["year"]),
                       kwargs={"interval": "bootstrap", "replicates": 499, "rng": 1}, rounds=3, warmup_rounds=1)
    _kept(keep, benchmark, "499 replicates by country", None, BOOTSTRAP_TARGET)


def test_every_country_left_out(benchmark, keep, poland):
    fitted = rp.fit(poland, **MODELS["year x ukr + sex / year"])
    benchmark.pedantic(rp.leave_one_country_out, args=(fitted,), rounds=3, warmup_rounds=1)
    _kept(keep, benchmark, "145 countries left out", None, None)


def test_a_fit_with_clusters_and_an_estimate(benchmark, keep, poland):
    benchmark.pedantic(rp.hidden_population, args=(poland,), kwargs=MODELS["year x ukr + sex / year"], rounds=5,
                       warmup_rounds=1)
    _kept(keep, benchmark, "an estimate, clustered, with gamma's profile", None, None)
