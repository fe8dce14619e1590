"""The works on one register that are timed, and what singleRcapture took for them.

Seconds of the reference were measured on one quiet core (R 4.2.2, singleRcapture 1.1.0); where R and the package are
installed they are run again beside ours, in the same run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from smuggling_analysis import NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods.single_register import FAMILIES, one_inflated_chao, truncated_count
from smuggling_analysis.simulate.registers import register

TABLES = Path(__file__).parents[1] / "tests" / "published" / "singleRcapture"
DUTCH, FARMS = "gender + age + nation", "log_size + log_distance + C_TYPE"


@cache
def counts_of(data: str) -> RepeatCounts:
    """The Dutch register; the 1,858 farms; 12,000 farms like them, no two alike; people who differ."""
    if data == "netherlands_1995":
        return RepeatCounts.from_table(pd.read_csv(TABLES / f"{data}.csv"),
                                       covariates=["gender", "age", "nation", "reason"])
    if data == "people who differ":
        return register({"women": 2000, "men": 3000}, {"women": 0.5, "men": 0.9}, heterogeneity=0.7, rng=3)
    farms = pd.read_csv(TABLES / "carcass_submissions.csv")
    if data == "12,000 farms":
        rng = np.random.default_rng(1)
        farms = farms.iloc[rng.integers(0, len(farms), 12_000)].reset_index(drop=True)
        for name in ("log_size", "log_distance"):
            farms[name] += rng.normal(0.0, 0.05, len(farms))
    return RepeatCounts.from_records(farms, count="TOTAL_SUB", covariates=["log_size", "log_distance", "C_TYPE"])


@dataclass(frozen=True, kw_only=True)
class RegisterWork:
    """One row of the table of speed.

    Parameters
    ----------
    name : str
        What is done.
    data : str
        The register it is done on.
    call : callable
        `call(counts)`; a refusal is an answer, too.
    target : float
        The seconds to reach, warm, on two cores.
    seconds : float, optional
        What the reference took for the same work.
    beside : str
        A call of `beside_r.R`, with the replicates it does.
    replicates : int
        Bootstrap replicates; 0 where there are none.
    """

    name: str
    data: str
    call: Callable[[RepeatCounts], Any]
    target: float
    seconds: float | None = None
    beside: str = ""
    replicates: int = 0


def _answer(method: Callable[..., Any], **options: Any) -> Callable[[RepeatCounts], Any]:
    def call(counts: RepeatCounts) -> Any:
        try:
            return method(counts, **options)
        except NoEstimate as refused:
            return refused
    return call


def _bootstrap(resampling: str, theirs: float) -> RegisterWork:
    # The reference's seconds are of 500 replicates.
    return RegisterWork(
        name=f"zero-truncated Poisson, {resampling} bootstrap", data="netherlands_1995", target=0.5, replicates=1000,
        call=_answer(truncated_count, formula=DUTCH, interval="bootstrap", resampling=resampling, rng=1),
        seconds=2 * theirs, beside=f"singleRcapture {resampling} bootstrap")


BOUNDS = {"chao": METHODS["chao"], "zelterman": METHODS["zelterman"], "one-inflated chao": one_inflated_chao}
_MEASURED = {"chao": 0.029, "zelterman": 0.020, "poisson": 0.027, "geometric": 0.027}

REGISTER_WORKS = (
    *(RegisterWork(name=f"{family}, no covariates", data="netherlands_1995", target=0.005,
                   call=_answer(truncated_count, family=family)) for family in FAMILIES),
    *(RegisterWork(name=f"{name}, no covariates", data="netherlands_1995", target=0.005, call=_answer(method))
      for name, method in BOUNDS.items()),
    *(RegisterWork(name=f"{family}, {DUTCH}", data="netherlands_1995", seconds=_MEASURED.get(family),
                   target=0.2 if "negative" in family else 0.02,
                   call=_answer(truncated_count, family=family, formula=DUTCH)) for family in FAMILIES),
    *(RegisterWork(name=f"{name}, {DUTCH}", data="netherlands_1995", target=0.02, seconds=_MEASURED.get(name),
                   call=_answer(method, formula=DUTCH)) for name, method in BOUNDS.items()),
    *(RegisterWork(name=f"{family}, a covariate", data="people who differ", target=0.2,
                   call=_answer(truncated_count, family=family, formula="group"))
      for family in FAMILIES if "negative" in family),
    *(RegisterWork(name=f"{family}, {FARMS}", data=data, target=0.2 if "negative" in family else 0.015,
                   call=_answer(truncated_count, family=family, formula=FARMS))
      for data in ("farms", "12,000 farms") for family in ("poisson", "geometric", "negative-binomial")),
    _bootstrap("parametric", 12.6), _bootstrap("semi-parametric", 5.1), _bootstrap("non-parametric", 4.5),
    *(RegisterWork(name=f"{family}, parametric bootstrap", data="netherlands_1995", target=0.5, replicates=1000,
                   call=_answer(truncated_count, family=family, formula="gender", interval="bootstrap", rng=1))
      for family in ("geometric", "one-inflated poisson", "hurdle geometric")),
    RegisterWork(name="negative-binomial, BCa", data="people who differ", target=0.5, replicates=1000,
                 call=_answer(truncated_count, family="negative-binomial", formula="group", interval="bca", rng=1)),
    RegisterWork(name=f"poisson, {FARMS}, semi-parametric bootstrap", data="farms", target=2.0, replicates=1000,
                 call=_answer(truncated_count, formula=FARMS, interval="bootstrap", resampling="semi-parametric",
                              rng=1)),
)
