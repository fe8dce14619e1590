"""Encounters: held to invariance, to what they say of themselves, and to named problems."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smuggling_analysis.evidence.encounters import COUNTS, Encounters
from smuggling_analysis.evidence.period import Period
from smuggling_analysis.problems import BadInput

TABLE = pd.DataFrame({"place": ["West", "East", "East"], "period": ["2016", "2017", "2016"],
                      "apprehended": [108, 250, 300], "repeats": [9, 30, 40], "turned_back": [20, 60, 50],
                      "got_away": [30, 70, 90]}, index=[2, 3, 4])


def refusal(table, **options):
    with pytest.raises(BadInput) as refused:
        Encounters.from_table(table, **options)
    return str(refused.value)


def test_counts_are_added_and_what_is_not_known_stays_unknown():
    made = Encounters.from_table(TABLE)
    assert (made.total("apprehended"), made.total("repeats"), made.total("first_time")) == (658, 79, 579)
    assert made.total("returned") is None and made.returned is None
    assert made.places == ("East", "East", "West")
    assert not made.apprehended.flags.writeable
    assert repr(made) == "Encounters(658 apprehensions, 79 of them repeats; 3 places and periods)"


def test_first_and_repeat_apprehensions_are_the_apprehensions():
    by_first = TABLE.drop(columns="repeats").assign(first_time=[99, 220, 260])
    assert Encounters.from_table(by_first) == Encounters.from_table(TABLE)
    assert Encounters.from_table(TABLE.assign(first_time=[99, 220, 260])) == Encounters.from_table(TABLE)
    alone = Encounters.from_table(TABLE[["place", "period", "apprehended"]])
    assert alone.first_time is None and alone.total("first_time") is None


@given(st.permutations(range(3)))
def test_rows_in_any_order_are_one_evidence(order):
    made = Encounters.from_table(TABLE)
    assert Encounters.from_table(TABLE.iloc[order]) == made
    assert Encounters.from_table(made.frame()) == made
    assert hash(Encounters.from_table(made.frame())) == hash(made)
    assert sum(part.total("apprehended") for _, part in made.by_place()) == made.total("apprehended")
    assert sum(part.total("got_away") for _, part in made.by_period()) == made.total("got_away")


def test_another_count_or_a_simulated_border_is_other_evidence():
    made = Encounters.from_table(TABLE)
    assert made != Encounters.from_table(TABLE, simulated=True)
    for name in ("apprehended", "repeats", "turned_back", "got_away"):
        assert made != Encounters.from_table(TABLE.assign(**{name: TABLE[name] + 1}))
    assert made != Encounters.from_table(TABLE.drop(columns="got_away"))


def test_places_and_periods_can_be_selected():
    made = Encounters.from_table(TABLE)
    assert made.select(place="East").total("apprehended") == 550
    assert made.select(place=["East", "West"], period="2016").total("repeats") == 49
    assert [str(period) for period, _ in made.by_period()] == ["2016", "2017"]
    with pytest.raises(ValueError, match="no encounters at North; the places are East, West"):
        made.select(place="North")
    with pytest.raises(ValueError, match="no encounters in 2030; the periods reach from 2016 to 2017"):
        made.select(period="2030")
    with pytest.raises(ValueError, match="encounters count apprehended"):
        made.total("people")


def test_periods_that_overlap_are_not_added():
    table = TABLE.assign(place="East", period=["2016-2017", "2017", "2016-H1"])
    with pytest.raises(ValueError, match=r"East: the periods .* overlap, so their counts"):
        Encounters.from_table(table).total("apprehended")


def test_every_problem_is_named():
    table = pd.DataFrame(
        [["East", "2016", 10, 12, 8, 3], ["East", "2016", 10, 2, 12, 3], ["West", "20x6", 10, 2, 5, 3],
         ["West", "2017", -1, 0, 0, 3], ["", "2018", 5, 1, 1, 2.5], ["North", "2018", 9, 2, 3, 6]],
        columns=["place", "period", "apprehended", "repeats", "returned", "first_time"], index=range(2, 8))
    said = refusal(table, origin="border.csv")
    for part in (
        'border.csv, row 2, column "repeats": more repeat apprehensions than apprehensions, 12 of 10; check that both',
        "border.csv, row 3: the same place and period as row 2",
        "row 4, column \"period\": found '20x6'",
        'row 5, column "apprehended": found -1, the smallest count allowed is 0',
        'row 6, column "place": found nothing',
        'row 6, column "first_time": found 2.5, a fraction of an encounter',
        'row 7, column "apprehended": 6 first and 2 repeat apprehensions are 8, not 9; correct one of the three',
    ):
        assert part in said, part


@pytest.mark.parametrize(("changes", "said"), [
    ({"returned": [200, 1, 1]}, 'row 2, column "returned": more people returned than apprehended, 200 of 108'),
    ({"returned": [9, 9, 9], "retried": [10, 1, 1]}, "more returned people tried again than were returned, 10 of 9"),
    ({"recidivists": [1, 31, 1]}, "more people apprehended more than once than repeat apprehensions, 31 of 30"),
    ({"turned_back": [1, None, 1]}, 'row 3, column "turned_back": found nothing'),
    ({"apprehended": [0] * 3, "repeats": [0] * 3, "turned_back": [0] * 3, "got_away": [0] * 3},
     "nobody was apprehended, turned back or seen to get away"),
])
def test_counts_that_cannot_be_are_refused(changes, said):
    assert said in refusal(TABLE.assign(**changes))


def test_columns_may_have_other_names_and_problems_use_them():
    table = TABLE.rename(columns={"apprehended": "arrests", "repeats": "again"})
    names = {"apprehended": "arrests", "repeats": "again"}
    assert Encounters.from_table(table, columns=names) == Encounters.from_table(TABLE)
    assert 'column "again": more repeat' in refusal(table.assign(again=[9, 30, 400]), columns=names)
    assert 'column "arrests": the column is missing' in refusal(TABLE, columns={"apprehended": "arrests"})
    with pytest.raises(ValueError, match="encounters have no people"):
        Encounters.from_table(TABLE, columns={"people": "n"})


def test_nonsense_cannot_be_built():
    one = {"places": ("East",), "periods": (Period.parse("2016"),)}
    for changed, said in (({"apprehended": np.array([1, 2])}, "one number of each count"),
                          ({"apprehended": np.array([-1])}, "must not be negative"),
                          ({"apprehended": np.array([1.5])}, "whole numbers"),
                          ({"apprehended": np.array([2]), "repeats": np.array([3])}, "repeats is part of apprehended")):
        with pytest.raises(ValueError, match=said):
            Encounters(**one, **changed)
    with pytest.raises(ValueError, match="no place and period twice"):
        Encounters(places=("East",) * 2, periods=one["periods"] * 2, apprehended=np.array([1, 2]))


def test_the_apprehensions_that_the_united_states_publish_by_month_can_be_taken():
    folder = Path(os.environ.get("SMUGGLING_REFERENCE_DATA", "../shared/data/datasets"))
    file = folder / "us_swb_encounters_monthly.csv"
    if not file.is_file():
        pytest.skip(f"no {file.name} in the reference data")
    published = pd.read_csv(file).query("component == 'U.S. Border Patrol' and type == 'Apprehensions'")
    table = published.groupby("month", as_index=False)["n"].sum().assign(place="US southwest border")
    made = Encounters.from_table(table, columns={"period": "month", "apprehended": "n"})
    assert made.total("apprehended") == published["n"].sum()
    assert made.select(period="2017-10/2018-09").total("apprehended") == published.loc[
        published["month"].between("2017-10", "2018-09"), "n"].sum()
    assert all(getattr(made, name) is None for name in COUNTS)
