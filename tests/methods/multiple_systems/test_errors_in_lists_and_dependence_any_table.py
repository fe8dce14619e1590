"""Dependence, and lists left out, merged, held out or added, on any table: an answer that makes sense, or a refusal."""

import math
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smuggling_analysis import CaptureHistories, Estimate, NoEstimate
from smuggling_analysis.methods.multiple_systems import (
    assumed_away,
    dependence_band,
    dropped_lists,
    held_out_lists,
    leave_one_list_out,
    merged_lists,
    trajectory,
)

QUICK = {"deadline": timedelta(seconds=60), "derandomize": True, "suppress_health_check": list(HealthCheck)}
ANALYSES = (assumed_away, dependence_band, dropped_lists, held_out_lists, leave_one_list_out, merged_lists, trajectory)


@st.composite
def tables(draw):
    """Sparse tables of up to four lists: one may be empty, twice or inside another, or hold a billion people."""
    n_lists = draw(st.integers(2, 4))
    count = st.one_of(st.just(0), st.integers(0, 5), st.integers(0, 2000), st.integers(0, 10**9))
    cells = draw(st.dictionaries(st.integers(1, 2**n_lists - 1), count, min_size=1, max_size=15))
    if not any(cells.values()):
        cells = {1: 1}
    on = np.array(list(cells))[:, None] >> np.arange(n_lists) & 1
    kind = draw(st.sampled_from(["plain", "plain", "twice", "inside"]))
    if kind != "plain":
        on[:, 1] = on[:, 0] if kind == "twice" else on[:, 0] | on[:, 1]
    seen = on.any(axis=1)
    counts = np.array(list(cells.values()))
    if not counts[seen].any():
        on, counts, seen = np.array([[1] + [0] * (n_lists - 1)]), np.array([1]), np.array([True])
    return CaptureHistories(tuple(f"list {place}" for place in range(n_lists)), on[seen].astype(bool),
                            counts[seen][None, :])


def attempt(analysis, histories):
    try:
        return analysis(histories)
    except NoEstimate as refusal:
        return refusal


@pytest.mark.parametrize("analysis", ANALYSES)
@settings(max_examples=12, **QUICK)
@given(histories=tables())
def test_any_table_gives_an_answer_or_a_refusal(analysis, histories):
    found = attempt(analysis, histories)
    if isinstance(found, NoEstimate):
        assert found.reason
        assert found.needed
        return
    assert isinstance(found.original, Estimate)
    assert found.sentence.strip()
    for row in found.frame.to_dict("records"):
        if row.get("refusal"):
            assert math.isnan(row.get("value", math.nan))
        elif "value" in row:
            assert math.isfinite(row["value"])
            assert not row["lower"] > row["upper"]
