"""The works that are timed: what is done, on which table, and what the reference took for it.

Seconds of the references were measured on one quiet core (R 4.2.2); where R and the package are installed
they are run again beside ours, in the same run, and the ratio is of those two.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from smuggling_analysis import CaptureHistories, panel
from smuggling_analysis.methods import multiple_systems as ms

TABLES = Path(__file__).parents[1] / "tests" / "published" / "capture_tables"


STRATA = {"ScotPWID": ["region", "sex", "age"]}


def table(name: str) -> CaptureHistories:
    if name in STRATA:
        rows = pd.read_csv(TABLES.with_name("covariate_tables") / f"{name}.csv")
        return CaptureHistories.from_table(rows, strata=STRATA[name])
    return CaptureHistories.from_table(pd.read_csv(TABLES / f"{name}.csv"))


@dataclass(frozen=True, kw_only=True)
class Work:
    """One row of the table of speed.

    Parameters
    ----------
    name : str
        What is done.
    data : str
        The table it is done on.
    call : callable
        `call(histories, replicates, n_jobs)`.
    reference : str
        What the reference took, in words.
    seconds : float, optional
        The same as a number, where it did the same work.
    target : float
        The seconds to reach, warm, on two cores.
    replicates : int
        Bootstrap replicates; 0 where there are none.
    beside : tuple of (str, int)
        Calls of `beside_r.R` and the replicates both sides do there.
    """

    name: str
    data: str
    call: Callable[[CaptureHistories, int, int], Any]
    reference: str
    seconds: float | None
    target: float
    replicates: int = 0
    beside: tuple[tuple[str, int], ...] = ()


def _every_model(histories: CaptureHistories, replicates: int, n_jobs: int) -> Any:
    return ms.loglinear_models(histories).fits.bic


def _every_two_way_model(histories: CaptureHistories, replicates: int, n_jobs: int) -> Any:
    return ms.loglinear_models(histories, max_order=2).fits.bic


def _search(histories: CaptureHistories, replicates: int, n_jobs: int) -> Any:
    return ms.search_models(histories, budget=math.inf, progress=False, n_jobs=n_jobs)


def _sample_coverage(histories: CaptureHistories, replicates: int, n_jobs: int) -> Any:
    return ms.sample_coverage(histories, estimator="one-step", replicates=replicates, rng=1)


def _thresholding(histories: CaptureHistories, replicates: int, n_jobs: int) -> Any:
    return ms.bayesian_thresholding(histories, n_jobs=n_jobs, rng=1)


def _latent_class(histories: CaptureHistories, replicates: int, n_jobs: int) -> Any:
    return ms.latent_class_chains(histories, n_jobs=n_jobs, rng=1)


def _hierarchical(**options: Any) -> Callable[[CaptureHistories, int, int], Any]:
    def call(histories: CaptureHistories, replicates: int, n_jobs: int) -> Any:
        return ms.bayesian_loglinear_chains(histories, covariates=histories.stratified_by, chains=4, draws=4500,
                                            burn_in=500, n_jobs=n_jobs, rng=1, **options)
    return call


def _bca(**options: Any) -> Callable[[CaptureHistories, int, int], Any]:
    def call(histories: CaptureHistories, replicates: int, n_jobs: int) -> Any:
        return ms.loglinear(histories, interval="bca", replicates=replicates, n_jobs=n_jobs, rng=1, **options)
    return call


def _panel(histories: CaptureHistories, replicates: int, n_jobs: int) -> Any:
    return panel(histories, max_order=2, replicates=replicates, n_jobs=n_jobs, rng=1)


def _decomposable(histories: CaptureHistories, replicates: int, n_jobs: int) -> Any:
    posterior = ms.bayesian_graphical_posterior(histories, least_hidden=1, most_hidden=50_000)
    return posterior.mass_at(histories.n_observed + np.arange(1, 50_001))


WORKS = (
    Work(name="every model, 5 lists (6,893)", data="UKdat_5", call=_every_model, target=0.2, seconds=9.0,
         reference="9 s for 3,354 of them (MultipleSystemsEstimation)",
         beside=(("MultipleSystemsEstimation every model", 0),)),
    Work(name="every two-way model, 5 lists (1,024)", data="UKdat_5", call=_every_two_way_model, target=0.2,
         seconds=5.6, reference="5.6 s (Rcapture)", beside=(("Rcapture every two-way model", 0),)),
    Work(name="stepwise BCa, 5 lists", data="UKdat_5", call=_bca(selection="stepwise"), target=2.0,
         seconds=130.0, reference="130 s (SparseMSE)", replicates=1000,
         beside=(("SparseMSE stepwise BCa", 100),)),
    Work(name="stepwise BCa, 6 lists", data="UKdat", call=_bca(selection="stepwise"), target=5.0,
         seconds=155.0, reference="322 s (SparseMSE), 155 s (MultipleSystemsEstimation)", replicates=1000,
         beside=(("SparseMSE stepwise BCa", 50), ("MultipleSystemsEstimation stepwise BCa", 100))),
    Work(name="BIC over 113 models, BCa, 4 lists", data="Kosovo", call=_bca(selection="bic"), target=2.0,
         seconds=22.0, reference="22 s (MultipleSystemsEstimation, a pre-selected few)", replicates=1000,
         beside=(("MultipleSystemsEstimation BIC BCa", 200),)),
    Work(name="BIC over 1,024 models, BCa, 5 lists", data="UKdat_5", call=_bca(selection="bic", max_order=2),
         target=10.0, seconds=75.0, reference="75 s (MultipleSystemsEstimation, a pre-selected 50)",
         replicates=1000, beside=(("MultipleSystemsEstimation two-way BIC BCa", 100),)),
    Work(name="every two-way model, 6 lists (32,768)", data="UKdat", call=_every_two_way_model, target=4.0,
         seconds=None, reference="minutes"),
    Work(name="every model within 10 of the best BIC, 6 lists (of 7,785,061)", data="UKdat", call=_search,
         target=900.0, seconds=None, reference="out of reach"),
    Work(name="sample coverage, 3 lists", data="HAV", call=_sample_coverage, target=0.1, seconds=2.2,
         reference="2 s (CARE1)", replicates=1000, beside=(("CARE1 low coverage", 1000),)),
    Work(name="decomposable averaging, 5 lists, 50,000 values of N", data="UKdat_5", call=_decomposable, target=0.3,
         seconds=22.9, reference="23 s (dga, C++)"),
    Work(name="thresholding, 5 lists, 4 x 2,500 draws worth 7,000", data="UKdat_5", call=_thresholding, target=0.2,
         seconds=0.42, reference="0.4 s for 10,000 draws worth 220 (MultipleSystemsEstimation)",
         beside=(("MultipleSystemsEstimation bayesthresh", 0),)),
    Work(name="latent class, 10 classes, 6 lists: 4 chains, worth about 6,000 draws", data="UKdat", call=_latent_class,
         target=6000 / 750, seconds=6000 / 150, reference="150 effective draws a second (LCMCR)"),
    Work(name="latent class, 10 classes, 4 lists: 4 chains, worth about 2,300 draws", data="Kosovo", call=_latent_class,
         target=2300 / 750, seconds=2300 / 150, reference="150 effective draws a second (LCMCR)"),
    Work(name="the whole panel, 6 lists, 4 chains", data="UKdat", call=_panel, target=60.0, seconds=None,
         reference="hours by hand in five packages", replicates=1000),
    Work(name="averaging over two-way models, 5 lists, 20,000 iterations", data="UKdat_5", call=_hierarchical(),
         target=3.0, seconds=38.0, reference="38 s, worth 5 independent draws (conting)"),
    Work(name="averaging over two-way models, 4 lists x 3 covariates, 20,000 iterations", data="ScotPWID",
         call=_hierarchical(), target=10.0, seconds=109.0, reference="109 s, worth 10 independent draws (conting)"),
    Work(name="the same, shrinkage prior and an over-covering list", data="ScotPWID",
         call=_hierarchical(prior="shrinkage", over_covering=("S4",)), target=10.0, seconds=111.0,
         reference="111 s, worth 25 independent draws (conting)"),
)
