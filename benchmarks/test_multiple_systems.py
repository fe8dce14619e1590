"""Log-linear work timed on the published tables; the single fit beside statsmodels' GLM, with the ratio."""

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from smuggling_analysis import CaptureHistories
from smuggling_analysis.methods.multiple_systems import loglinear, loglinear_models
from smuggling_analysis.methods.multiple_systems.fitting import fit
from smuggling_analysis.methods.multiple_systems.models import Model

TABLES = Path(__file__).parents[1] / "tests" / "published" / "capture_tables"


def table(name):
    return CaptureHistories.from_table(pd.read_csv(TABLES / f"{name}.csv"))


@pytest.mark.parametrize("name", ["Kosovo", "UKdat_5", "NewOrl_5", "UKdat"])
def test_every_model(benchmark, name):
    """113, 6,893, 6,893 and 32,768 models: N, SE, deviance, AIC, BIC, existence, identifiability."""
    histories = table(name)
    found = benchmark.pedantic(lambda: loglinear_models(histories).fits.bic, warmup_rounds=1, rounds=3)
    benchmark.extra_info["models"] = len(found)


@pytest.mark.parametrize(("name", "selection"), [
    ("UKdat_5", "stepwise"), ("UKdat", "stepwise"), ("Kosovo", "bic"), ("UKdat_5", "bic")])
def test_bca_of_1000_replicates_that_repeat_the_selection(benchmark, name, selection):
    histories = table(name)
    max_order = 2 if (name, selection) == ("UKdat_5", "bic") else None
    benchmark.pedantic(loglinear, args=(histories,),
                       kwargs={"selection": selection, "max_order": max_order, "interval": "bca", "rng": 1},
                       warmup_rounds=0, rounds=1)


def test_profile_interval(benchmark):
    histories = table("UKdat")
    benchmark(loglinear, histories, selection=None)


def test_one_fit_beside_statsmodels(benchmark):
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
    if benchmark.stats:
        benchmark.extra_info["times faster than statsmodels"] = round(theirs / benchmark.stats["median"], 1)
