"""Errors in lists and links on any table: an answer that makes sense, or a refusal in words."""

import math
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smuggling_analysis import CaptureHistories, Estimate, NoEstimate
from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods.multiple_systems import (
    corrected_counts,
    definition_share,
    erroneous_enumerations,
    link_errors,
    linkage_sensitivity,
    list_definitions,
)

# A method that samples takes minutes for hundreds of answers; on any table it is tested by itself.
ANY_METHOD = [name for name, row in METHODS.items()
              if row.evidence == "CaptureHistories" and "chains" not in row.options]
FAST = ["loglinear", "lincoln_petersen", "chapman"]
PATIENCE = timedelta(seconds=60)
QUICK = {"deadline": PATIENCE, "derandomize": True, "suppress_health_check": list(HealthCheck)}


@st.composite
def tables(draw, most_lists=5):
    """Tables as they come: sparse, a list empty, twice or inside another, a billion people."""
    n_lists = draw(st.integers(2, most_lists))
    count = st.one_of(st.just(0), st.integers(0, 5), st.integers(0, 2000), st.integers(0, 10**9))
    cells = draw(st.dictionaries(st.integers(1, 2**n_lists - 1), count, min_size=1, max_size=24))
    one, other = draw(st.permutations(range(n_lists)))[:2]
    kind = draw(st.sampled_from(["plain", "plain", "empty", "twice", "inside"]))
    held = {}
    for cell, people in cells.items():
        on_one = cell >> one & 1
        moved = {"plain": cell, "empty": cell & ~(1 << one), "twice": cell & ~(1 << other) | on_one << other,
                 "inside": cell | on_one << other}[kind]
        if moved:
            held[moved] = held.get(moved, 0) + people
    if not any(held.values()):
        held = {1: 1}
    on = np.array(list(held))[:, None] >> np.arange(n_lists) & 1
    return CaptureHistories(tuple(f"list {place}" for place in range(n_lists)), on.astype(bool),
                            np.array(list(held.values()))[None, :])


def analyses(histories, method, options):
    """Every analysis of errors, as calls."""
    first = histories.lists[0]
    return [lambda: erroneous_enumerations(histories, shares=[0, 0.1, 0.9], method=method, **options),
            lambda: erroneous_enumerations(histories, shares=[0.5], matched="at random", method=method, **options),
            lambda: linkage_sensitivity(histories, missed=[0.1, 0.6], false=[0.2], method=method, **options),
            lambda: definition_share(histories, first, shares=[1, 0.5, 0], method=method, **options),
            lambda: definition_share(histories, first, shares=[0.5], leaves="person", method=method, **options),
            lambda: list_definitions({"all": histories, "some": histories.select(histories.lists[:2])}
                                     if histories.patterns[:, :2].any() else {"all": histories},
                                     method=method, **options)]


def require_sense(found):
    assert isinstance(found.original, Estimate)
    assert found.sentence.endswith(".")
    for row in found.frame.to_dict("records"):
        if row["refusal"]:
            assert math.isnan(row["value"])
            continue
        assert math.isfinite(row["value"])
        assert row["value"] > 0
        assert row["lower"] <= row["upper"]
    assert found.lowest <= found.highest
    if hasattr(found, "tipping"):
        assert found.tipping["note"].all()
        assert len(found.swing) == found.frame["of"].nunique()


def attempt(analysis):
    """An answer, or the refusal in its place."""
    try:
        return analysis()
    except NoEstimate as refusal:
        return refusal


def fuzz(histories, method):
    options = {"replicates": 20} if "replicates" in METHODS[method].options else {}
    for analysis in analyses(histories, method, options):
        found = attempt(analysis)
        if isinstance(found, NoEstimate):
            assert found.reason
            assert found.needed
        else:
            require_sense(found)
    found = attempt(lambda: link_errors(histories, missed=0.2, false=0.1, method=method))
    if isinstance(found, Estimate):
        assert math.isfinite(found.value)
        assert found.value >= found.observed * (1 - 1e-12)


@pytest.mark.parametrize("method", FAST)
@settings(max_examples=20, **QUICK)
@given(histories=tables(most_lists=4))
def test_any_table_gives_an_answer_or_a_refusal(method, histories):
    fuzz(histories, method)


@pytest.mark.slow
@pytest.mark.parametrize("method", ANY_METHOD)
@settings(max_examples=8, **QUICK)
@given(histories=tables(most_lists=4))
def test_any_table_gives_an_answer_or_a_refusal_by_any_method(method, histories):
    fuzz(histories, method)


@settings(max_examples=60, **QUICK)
@given(histories=tables(), missed=st.floats(0, 0.6), false=st.floats(0, 0.6))
def test_corrected_counts_are_counts_of_the_same_records(histories, missed, false):
    try:
        table = corrected_counts(histories, missed=missed, false=false)
    except NoEstimate:
        return
    assert np.isfinite(table["corrected"]).all()
    assert (table["corrected"] >= 0).all()
    assert table["count"].sum() == histories.n_observed
    on = table[list(histories.lists)].to_numpy()
    sizes = on.T @ table["count"].to_numpy()
    np.testing.assert_allclose(on.T @ table["corrected"].to_numpy(), sizes, rtol=1e-6, atol=1e-6 * sizes.max())


@settings(max_examples=40, **QUICK)
@given(st.integers(1, 10**9), st.integers(1, 10**9), st.integers(1, 10**9), st.floats(0, 0.9), st.floats(0, 0.9))
def test_more_missed_links_mean_fewer_people_and_more_false_links_mean_more(one, other, both, missed, false):
    histories = CaptureHistories.from_counts({"a": one, "b": other, ("a", "b"): both}, lists=["a", "b"])
    try:
        found = linkage_sensitivity(histories, missed=missed, false=false, method="lincoln_petersen").frame
    except NoEstimate:
        return
    for of, sign in (("missed links", -1), ("false links", 1)):
        values = found.loc[(found["of"] == of), "value"].dropna().to_numpy()
        assert (sign * np.diff(values) >= -1e-9 * values.max()).all()
