"""Errors in the lists: held to closed forms, to people drawn one by one, and to tables of every kind."""

import math

import numpy as np
import pytest

from smuggling_analysis import CaptureHistories, NoEstimate
from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods.multiple_systems import (
    ErrorSensitivity,
    definition_share,
    erroneous_enumerations,
    lincoln_petersen,
    list_definitions,
    loglinear,
)
from smuggling_analysis.methods.multiple_systems.sensitivity.expected_tables import answering, without_entries
from smuggling_analysis.simulate import independent_lists

NEAR = 1e-9
TWO = CaptureHistories.from_counts({"police": 600, "ngo": 400, ("police", "ngo"): 120}, lists=["police", "ngo"])
THREE = CaptureHistories.from_counts(
    {"police": 620, "ngo": 410, "court": 300, ("police", "ngo"): 120, ("police", "court"): 90, ("ngo", "court"): 55,
     ("police", "ngo", "court"): 31}, lists=["police", "ngo", "court"])


def values(found, of):
    return found.frame.loc[found.frame["of"] == of, "value"].to_numpy()


def test_with_two_lists_the_estimate_falls_by_the_share_of_wrong_entries():
    # The dual-system estimate less erroneous enumerations: (n1 - e n1) n2 / m (Hogan 1993).
    shares = np.array([0.0, 0.05, 0.2, 0.5])
    found = erroneous_enumerations(TWO, shares=shares.tolist(), method="lincoln_petersen")
    whole = 720 * 520 / 120
    for name in TWO.lists:
        np.testing.assert_allclose(values(found, name), whole * (1 - shares), rtol=1e-12)
    np.testing.assert_allclose(values(found, "all lists"), whole * (1 - shares) ** 2, rtol=1e-12)
    assert found.frame.loc[found.frame["of"] == "police", "entries"].tolist() == pytest.approx(720 * shares)
    chapman = erroneous_enumerations(TWO, shares=[0.2], method="chapman")
    assert values(chapman, "ngo") == pytest.approx(721 * (520 * 0.8 + 1) / 121 - 1, rel=1e-12)


def test_the_conclusion_turns_where_algebra_says():
    estimate = lincoln_petersen(TWO)
    found = erroneous_enumerations(TWO, shares=[0, 0.4], method="lincoln_petersen")
    tips = found.tipping.set_index("of")["rate"]
    # Found by halving a step of 0.4 twelve times.
    assert tips["police"] == pytest.approx(1 - estimate.lower / estimate.value, abs=0.4 / 2**12)
    assert tips["all lists"] == pytest.approx(1 - math.sqrt(estimate.lower / estimate.value), abs=0.4 / 2**12)
    assert found.tipping_point == pytest.approx(tips.min())
    held = erroneous_enumerations(TWO, shares=[0, 0.4], method="lincoln_petersen", against=2500)
    assert held.tipping.set_index("of")["rate"]["ngo"] == pytest.approx(1 - 2500 / estimate.value, abs=0.4 / 2**12)
    assert "2,500" in held.sentence
    never = erroneous_enumerations(TWO, shares=[0, 0.01], method="lincoln_petersen")
    assert never.tipping_point is None
    assert "never leaves the interval" in never.sentence


@pytest.mark.parametrize("shares", [0.4, [0.3, 0.4]])
def test_the_conclusion_turns_at_the_same_share_though_nought_was_not_asked_for(shares):
    estimate = lincoln_petersen(TWO)
    found = erroneous_enumerations(TWO, shares=shares, method="lincoln_petersen").tipping.set_index("of")
    assert found.loc["police", "rate"] == pytest.approx(1 - estimate.lower / estimate.value, abs=0.4 / 2**12)
    thinned = definition_share(TWO, "police", shares=0.3, leaves="person", method="lincoln_petersen", against=3000)
    # Leaving with the person changes n2 = 520 alone: 120 s / (400 + 120 s), n1 and the overlap as one.
    assert thinned.tipping_point == pytest.approx((520 - 3000 * 120 / 720) / 120, abs=0.7 / 2**12)


def test_a_dear_method_turns_on_the_straight_line_between_two_shares():
    found = erroneous_enumerations(THREE, shares=[0, 0.1, 0.3], method="model_average", against=3000)
    row = found.tipping.set_index("of").loc["all lists"]
    low, high = values(found, "all lists")[[0, 1]] if row["rate"] <= 0.1 else values(found, "all lists")[[1, 2]]
    assert low >= 3000 >= high
    assert 0 < row["rate"] < 0.3
    assert row["value"] == 3000
    assert "below" in row["note"]


def test_entries_that_match_at_random_leave_independent_lists_where_they_were():
    found = erroneous_enumerations(TWO, shares=[0, 0.1, 0.5], matched="at random", method="lincoln_petersen")
    np.testing.assert_allclose(found.frame["value"], 720 * 520 / 120, rtol=1e-12)
    # Of three independent lists the expected table is that of independent lists with smaller chances.
    chances = np.array([0.3, 0.2, 0.1])
    on = np.arange(8)[:, None] >> np.arange(3) & 1
    cells = 1e6 * np.where(on, chances, 1 - chances).prod(axis=1)
    cells[0] = 0
    less = np.where(on, chances * [1, 0.75, 1], 1 - chances * [1, 0.75, 1]).prod(axis=1) * 1e6
    less[0] = 0
    np.testing.assert_allclose(without_entries(3, 1, 0.25)(cells), less, rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize("model", ["[1,2,3]", "[12,3]", "[12,13]"])
def test_fractions_of_people_are_estimated_as_they_are(model):
    # A table a thousand times as large has the same shares in whole people, and a thousand times the population.
    share = 0.125
    found = erroneous_enumerations(THREE, shares={"police": share}, model=model).frame.iloc[0]
    cells = 1000 * THREE.dense()
    wrong = share * cells[[1, 3, 5, 7]].sum()
    assert wrong == int(wrong)
    cells[1] -= int(wrong)
    on = (np.arange(1, 8)[:, None] >> np.arange(3) & 1).astype(bool)
    large = loglinear(CaptureHistories(THREE.lists, on, cells[None, 1:]), model=model)
    assert 1000 * found["value"] == pytest.approx(large.value, rel=NEAR)


@pytest.mark.parametrize("interval", ["profile", "log-normal", "wald"])
def test_limits_on_changed_tables_are_those_of_the_method(interval):
    # A change to whole numbers: 100 police entries fewer, counted so from the start.
    counts = {**{("police",): 520}, "ngo": 410, "court": 300, ("police", "ngo"): 120, ("police", "court"): 90,
              ("ngo", "court"): 55, ("police", "ngo", "court"): 31}
    counted = loglinear(CaptureHistories.from_counts(counts, lists=THREE.lists), model="[12,3]", interval=interval)
    row = erroneous_enumerations(THREE, shares={"police": 100 / 861}, model="[12,3]", interval=interval).frame.iloc[0]
    assert [row["value"], row["lower"], row["upper"]] == pytest.approx(
        [counted.value, counted.lower, counted.upper], rel=1e-8)


# A method that samples answers in seconds, a hundred times over in minutes.
ANY_METHOD = [pytest.param(name, marks=[pytest.mark.slow] * ("chains" in row.options)) for name, row in METHODS.items()
              if row.evidence == "CaptureHistories"]
FOUR = independent_lists(5000, {"police 2010": 0.3, "ngo 2010": 0.25, "police 2011": 0.2, "ngo 2011": 0.2}, rng=1)
SHAPES = (TWO, THREE, CaptureHistories(("2010", "2011", "2012"), THREE.patterns, THREE.counts), FOUR,
          CaptureHistories(THREE.lists, THREE.patterns, np.array([THREE.totals // 3, THREE.totals - THREE.totals // 3]),
                           ("sex",), (("f",), ("m",))))


def fitting(name):
    """A table a method takes, and options that keep it quick."""
    histories = next(shape for shape in SHAPES if not METHODS[name].lacks(shape))
    return histories, {"replicates": 50} if "replicates" in METHODS[name].options else {}


@pytest.mark.parametrize("name", ANY_METHOD)
def test_without_errors_every_methods_estimate_is_exactly_the_original(name):
    histories, options = fitting(name)
    for found in (erroneous_enumerations(histories, shares=[0, 0.05], method=name, **options),
                  erroneous_enumerations(histories, shares=[0], matched="at random", method=name, **options),
                  definition_share(histories, histories.lists[1], shares=[1, 0.9], method=name, **options)):
        unchanged = found.frame[found.frame["rate"] == 0]
        assert len(unchanged)
        for row in unchanged.itertuples():
            assert (row.value, row.lower, row.upper) == (
                found.original.value, found.original.lower, found.original.upper)
            assert row.change == 0
            assert not row.turned


@pytest.mark.parametrize("name", ["lincoln_petersen", "chapman", "loglinear", "sample_coverage"])
def test_with_fewer_people_on_one_list_alone_no_method_finds_more_people(name):
    histories, options = fitting(name)
    model = {"selection": None} if name == "loglinear" else {}  # chosen anew, the model may change
    found = erroneous_enumerations(histories, method=name, **options, **model)
    for of in (*histories.lists, "all lists"):
        assert (np.diff(values(found, of)) < 0).all()


def test_the_correction_finds_a_population_of_known_size():
    # 15 % of the police list are strangers on no other list; truth 4,000; forty tables fix the mean to 1 %.
    rng = np.random.default_rng(3)
    naive, corrected = [], []
    for _ in range(40):
        people = independent_lists(4000, {"police": 0.3, "ngo": 0.25, "court": 0.2}, rng=rng)
        cells = people.dense()
        true = int(people.overlaps().loc["police", "police"])
        strangers = round(true * 0.15 / 0.85)
        cells[1] += strangers
        on = (np.arange(1, 8)[:, None] >> np.arange(3) & 1).astype(bool)
        observed = CaptureHistories(people.lists, on, cells[None, 1:], simulated=True)
        found = erroneous_enumerations(observed, shares={"police": strangers / (true + strangers)}, model="[1,2,3]")
        naive.append(found.original.value)
        corrected.append(found.frame["value"].iloc[0])
        assert found.simulated
    error = np.std(corrected, ddof=1) / math.sqrt(40)
    assert abs(np.mean(corrected) - 4000) < 4 * error
    assert np.mean(naive) > 4000 + 20 * error


def test_more_wrong_entries_than_people_on_that_list_alone_is_a_row_with_the_reason():
    few = CaptureHistories.from_counts({"a": 10, "b": 100, ("a", "b"): 90}, lists=["a", "b"])
    found = erroneous_enumerations(few, shares=[0, 0.1, 0.2], method="lincoln_petersen")
    last = found.frame[(found.frame["of"] == "a") & (found.frame["rate"] == 0.2)].iloc[0]
    assert "20 % of the entries of a are 20, more than the 10 people on that list alone" in last["refusal"]
    assert math.isnan(last["value"])
    assert not math.isnan(values(found, "b")[2])
    assert found.swing.set_index("of")["refused"].to_dict() == {"a": 1, "b": 0, "all lists": 1}


def test_shares_may_be_given_by_list():
    found = erroneous_enumerations(THREE, shares={"ngo": [0, 0.1], "police": 0.2}, model="[1,2,3]")
    assert found.frame[["of", "rate"]].values.tolist() == [
        ["police", 0.2], ["ngo", 0.0], ["ngo", 0.1], ["these lists together", 0.0], ["these lists together", 0.2]]
    together = found.frame.iloc[-1]
    assert together["entries"] == pytest.approx(0.2 * 861 + 0.1 * 616)
    assert together["value"] < values(found, "police")[0]


@pytest.mark.parametrize(("options", "said"), [
    ({"shares": 1.5}, "from 0 to 1"), ({"shares": []}, "from 0 to 1"), ({"shares": {"cour": 0.1}}, "cour"),
    ({"shares": {}}, "at least one"), ({"matched": "always"}, "matched is one of"), ({"method": "chaos"}, "chaos"),
    ({"against": -1}, "against"), ({"selection": "best"}, "selection is one of"),
    ({"shares": float("nan")}, "from 0 to 1"), ({"shares": "all"}, "from 0 to 1")])
def test_options_that_make_no_sense_are_refused_in_words(options, said):
    with pytest.raises(ValueError, match=said):
        erroneous_enumerations(THREE, **options)


def test_the_order_of_lists_changes_nothing():
    turned = THREE.select(["court", "police", "ngo"])
    for matched in ("never", "at random"):
        one, other = (erroneous_enumerations(table, matched=matched).frame.set_index(["of", "rate"])
                      for table in (THREE, turned))
        assert other.loc[one.index, "value"].to_numpy() == pytest.approx(one["value"].to_numpy(), rel=NEAR)


def test_the_table_of_thinned_entries_is_what_people_thinned_one_by_one_average_to():
    rng = np.random.default_rng(5)
    cells, share, draws = THREE.dense(), 0.3, 2000
    on = np.flatnonzero(np.arange(8) >> 1 & 1)
    gone = rng.binomial(cells[on], share, size=(draws, 4))
    left = np.tile(cells, (draws, 1))
    left[:, on] -= gone
    left[:, on ^ 2] += gone
    left[:, 0] = 0
    expected = without_entries(3, 1, share)(cells.astype(float))
    error = left.std(axis=0) / math.sqrt(draws)
    assert (np.abs(left.mean(axis=0) - expected) <= 4 * error + 1e-9).all()


def test_persons_who_do_not_meet_the_definition_leave_every_list():
    found = definition_share(TWO, "police", shares=[1, 0.5, 0.25], leaves="person", method="lincoln_petersen")
    expected = [720 * s * (400 + 120 * s) / (120 * s) for s in (1, 0.5, 0.25)]
    assert found.frame["value"].tolist() == pytest.approx(expected, rel=1e-12)
    assert found.frame["share"].tolist() == [1, 0.5, 0.25]


def test_a_definition_nobody_meets_is_a_row_with_a_reason():
    found = definition_share(TWO, "police", shares=[1, 0], method="lincoln_petersen")
    assert math.isnan(found.frame["value"].iloc[1])
    assert found.frame["refusal"].iloc[1]
    with pytest.raises(ValueError, match="not among them: coast guard"):
        definition_share(TWO, "coast guard")
    with pytest.raises(ValueError, match="leaves is one of"):
        definition_share(TWO, "police", leaves="both")


def test_definitions_stand_side_by_side_and_a_refusal_is_one_of_them():
    none = CaptureHistories.from_counts({"police": 60, "ngo": 40}, lists=["police", "ngo"])
    sure = CaptureHistories.from_counts({"police": 60, "ngo": 40, ("police", "ngo"): 100}, lists=["police", "ngo"])
    found = list_definitions({"all": TWO, "sure": sure, "certain": none}, method="lincoln_petersen", against=1000)
    assert found.frame["definition"].tolist() == ["all", "sure", "certain"]
    assert found.frame["observed"].tolist() == [1120, 200, 100]
    assert found.frame["turned"].tolist() == [False, True, False]
    assert "needs people who are on both lists" in found.frame["refusal"].iloc[2]
    assert found.original.value == lincoln_petersen(TWO).value
    assert "ranges from 224 (sure) to 3,120 (all)" in found.sentence
    assert "1 without an estimate" in found.sentence
    with pytest.raises(NoEstimate, match="by no definition"):
        list_definitions({"certain": none}, method="lincoln_petersen")
    with pytest.raises(ValueError, match="got none"):
        list_definitions({})


def test_a_table_the_method_refuses_is_refused():
    none = CaptureHistories.from_counts({"police": 60, "ngo": 40}, lists=["police", "ngo"])
    with pytest.raises(NoEstimate, match="people who are on both"):
        erroneous_enumerations(none, method="lincoln_petersen")


def test_strata_keep_their_parts_where_a_method_uses_them():
    parts = CaptureHistories(TWO.lists, TWO.patterns, np.array([[60, 300, 150], [60, 300, 250]]), ("sex",),
                             (("f",), ("m",)))
    found = erroneous_enumerations(parts, shares={"police": [0, 0.25]}, method="stratified")
    # Each stratum loses a share of its own people on the police list alone: 180 of 600.
    assert isinstance(found, ErrorSensitivity)
    assert found.frame["value"].iloc[1] < found.frame["value"].iloc[0]
    assert answering(parts, "stratified", {}).after(lambda cells: cells * 0.0).reason == "nobody is left on any list"
