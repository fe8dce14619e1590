"""Any border at all: a finite answer that holds what was seen, or a refusal in words."""

import math

import pandas as pd
from border_counts import counted
from hypothesis import given, settings
from hypothesis import strategies as st

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.encounters import Encounters
from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods.repeated_trials import StatedShare, flow

ROWS = [name for name, row in METHODS.items() if row.evidence == "Encounters"]
numbers = st.one_of(st.integers(0, 5), st.integers(0, 2000), st.integers(0, 10**9))
shares = st.one_of(st.none(), st.sampled_from([0.0, 0.5, 1.0]), st.floats(0.0, 1.0),
                   st.builds(lambda low, width: StatedShare.uniform(low, min(1.0, low + width), reason="r"),
                             st.floats(0.0, 0.9), st.floats(0.01, 1.0)))


def answer(make):
    try:
        return make()
    except NoEstimate as refusal:
        return refusal


@st.composite
def borders(draw):
    rows = []
    optional = [name for name in ("returned", "turned_back", "got_away", "retried", "recidivists")
                if draw(st.booleans())]
    for place in range(draw(st.integers(1, 3))):
        apprehended = draw(numbers)
        repeats = draw(st.integers(0, apprehended))
        row = {"place": f"p{place}", "period": "2016", "apprehended": apprehended, "repeats": repeats,
               "returned": draw(st.integers(0, apprehended)), "turned_back": draw(numbers), "got_away": draw(numbers)}
        row["retried"] = draw(st.integers(0, row["returned"]))
        row["recidivists"] = draw(st.integers(0, repeats))
        rows.append(row)
    table = pd.DataFrame(rows)
    kept = ["place", "period", "apprehended", *(["repeats"] if draw(st.booleans()) else []), *optional]
    if not table[[name for name in ("apprehended", "turned_back", "got_away") if name in kept]].to_numpy().any():
        table.loc[0, "apprehended"] = 1
    if "repeats" not in kept and "recidivists" in kept:
        kept.remove("recidivists")
    return Encounters.from_table(table[kept])


@settings(max_examples=150, deadline=None)
@given(borders(), st.sampled_from(ROWS), shares, shares, st.floats(0.01, 1.0))
def test_every_method_answers_finitely_or_refuses(encounters, name, first, second, third):
    row = METHODS[name]
    given_options = {"deterrence": first, "giving_up": second, "recognition": third, "detection": third}
    options = {key: number for key, number in given_options.items() if key in row.options and number is not None}
    found = answer(lambda: row(encounters, rng=1, draws=200, **options))
    if isinstance(found, NoEstimate):
        assert found.reason
        assert found.needed
        return
    assert all(math.isfinite(number) for number in (found.value, found.lower, found.upper, found.se))
    assert found.lower <= found.upper and found.lower >= 0
    assert found.observed is None or found.lower >= found.observed * (1 - 1e-9)
    if found.unit == "share":
        assert 0 <= found.value <= 1 and found.upper <= 1
    assert row.lacks(encounters) == ""


@settings(max_examples=60, deadline=None)
@given(borders(), st.floats(0.0, 0.6))
def test_rows_in_any_order_are_one_answer(encounters, deterrence):
    turned = Encounters.from_table(encounters.frame().iloc[::-1])
    assert turned == encounters
    answers = []
    for evidence in (encounters, turned):
        try:
            answers.append(flow(evidence, deterrence=deterrence, rng=1, draws=200).entries.value)
        except NoEstimate as refusal:
            answers.append(str(refusal))
    assert answers[0] == answers[1]


def test_a_single_repeat_and_a_thousand_million_have_answers():
    for counts in ({"apprehended": 2, "repeats": 1}, {"apprehended": 10**9, "repeats": 1},
                   {"apprehended": 10**12, "repeats": 10**12 - 1}):
        found = flow(counted(**counts), deterrence=0.0, rng=1)
        assert math.isfinite(found.entries.upper)
        assert found.attempts.lower >= counts["apprehended"]
