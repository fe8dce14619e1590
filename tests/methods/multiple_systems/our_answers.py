"""Our estimates on the published tables, made once; None where we refuse."""

import json
import math
from functools import cache
from pathlib import Path

import pandas as pd

from smuggling_analysis import CaptureHistories, NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods import multiple_systems as methods

PUBLISHED = Path(__file__).parents[2] / "published"
COUNTED = {"BBS2001": {"occasions": 50, "up_to": 20}, "ill": {"occasions": math.inf}}


def content(path):
    return json.loads(path.read_text()) if path.suffix == ".json" else pd.read_csv(path)


@cache
def histories(name):
    return CaptureHistories.from_table(pd.read_csv(PUBLISHED / "capture_tables" / f"{name}.csv"))


@cache
def closed(name, model, form=None, bias_corrected=False):
    """A closed-population estimate of a table or of numbers of captures; None where we refuse."""
    try:
        if name in COUNTED:
            evidence = RepeatCounts.from_table(pd.read_csv(PUBLISHED / "Rcapture" / f"{name}.csv"))
            return methods.closed_population(evidence, model=model, heterogeneity=form, **COUNTED[name])
        return methods.closed_population(histories(name), model=model, heterogeneity=form,
                                         bias_corrected=bias_corrected)
    except NoEstimate:
        return None


@cache
def log_linear(name, **options):
    try:
        return methods.loglinear(histories(name), **{"interval": "log-normal", **options})
    except NoEstimate:
        return None


@cache
def table_of_models(name, max_order=None, heterogeneity=None):
    made = methods.loglinear_models(histories(name), max_order=max_order, heterogeneity=heterogeneity)
    return made.frame.set_index("model")


def sizes_of_pairs():
    return pd.read_csv(PUBLISHED / "CARE1" / "pairs.csv").set_index(["dataset", "one", "other"])


def two_lists(row):
    counts = {"a": row["first"] - row["both"], "b": row["second"] - row["both"], ("a", "b"): row["both"]}
    return CaptureHistories.from_counts({key: int(count) for key, count in counts.items()}, lists=["a", "b"])
