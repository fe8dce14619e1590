"""Journeys: held to sums that count nobody twice and mix nothing, and to contradictions kept side by side."""

import pandas as pd
import pytest

from smuggling_analysis.evidence.journeys import Journeys
from smuggling_analysis.problems import BadInput

NAMES = ["origin", "destination", "point", "period", "indicator", "value", "low", "high", "unit", "source"]


def flows(*rows):
    return pd.DataFrame(rows, columns=NAMES, index=range(2, len(rows) + 2), dtype=object)


SOUND = flows(("THA", "KHM", "Poipet", "2015-01", "returned", "10", "", "", "persons", "A"),
              ("THA", "KHM", "Poipet", "2015-02", "returned", "20", "", "", "persons", "A"),
              ("THA", "KHM", "Pailin", "2015-01", "returned", "3", "", "", "persons", "A"),
              ("THA", "LAO", "", "2015", "returned", "5", "", "", "persons", "A"),
              ("KHM", "THA", "", "2009", "entered", "124761", "", "", "persons", "B"),
              ("KHM", "THA", "", "2009", "entered", "", "50000", "60000", "persons", "C"))


def test_corridors_add_up():
    sums = Journeys.from_table(SOUND).by_corridor("returned")
    assert sums.to_dict("records") == [
        {"origin": "THA", "destination": "KHM", "value": 33.0, "unit": "persons", "flows": 3},
        {"origin": "THA", "destination": "LAO", "value": 5.0, "unit": "persons", "flows": 1}]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            ("THA", "KHM", "Poipet", "2015-01", "returned", "9", "", "", "persons", "B"),
            "2015-01 and 2015-01 overlap at Poipet",
        ),
        (
            ("THA", "KHM", "", "2015", "returned", "9", "", "", "persons", "A"),
            "people would be counted twice",
        ),
        (
            ("THA", "KHM", "Poipet", "2016", "returned", "9", "", "", "trips", "A"),
            "persons and trips cannot be added",
        ),
        (
            ("THA", "KHM", "Poipet", "2016", "returned", "", "1", "2", "persons", "A"),
            "a range without a figure",
        ),
    ],
)
def test_what_cannot_be_added_is_not(row, said):
    journeys = Journeys.from_table(pd.concat([SOUND, flows(row).set_axis([9])]))
    with pytest.raises(ValueError, match=said):
        journeys.by_corridor("returned")


def test_shares_are_not_added():
    table = flows(
        ("A", "B", "x", "2015", "share", ".5", "", "", "share", "S"),
        ("A", "B", "y", "2015", "share", ".6", "", "", "share", "S"),
    )
    with pytest.raises(ValueError, match="shares cannot be added"):
        Journeys.from_table(table).by_corridor("share")


def test_sources_that_disagree_stand_side_by_side():
    entered = Journeys.from_table(SOUND).select(indicator="entered")
    assert entered.frame()[["value", "low"]].isna().to_numpy().tolist() == [[False, True], [True, False]]


def test_selection():
    journeys = Journeys.from_table(SOUND)
    assert len(journeys.select(origin="THA", destination=["KHM"], point="Poipet", period="2015-Q1")) == 2
    assert journeys.indicators == ("returned", "entered")
    with pytest.raises(
        ValueError, match="no flow has the point Aranya; there are Poipet, Pailin, \\(empty\\)"
    ):
        journeys.select(point="Aranya")
    with pytest.raises(
        ValueError, match="no flow lies within 2020; the periods are 2015-01, 2015-02, 2015, 2009"
    ):
        journeys.select(period="2020")


def test_fingerprint_ignores_order():
    assert Journeys.from_table(SOUND).fingerprint == Journeys.from_table(SOUND.iloc[::-1]).fingerprint
    assert Journeys.from_table(SOUND).fingerprint != Journeys.from_table(SOUND, simulated=True).fingerprint


def test_every_problem_is_named():
    table = flows(
        ("THA", "", "", "2015", "x", "-1", "", "", "persons", "A"),
        ("THA", "KHM", "", "x", "x", "", "", "", "persons", "A"),
        ("THA", "KHM", "", "2015", "x", "7", "8", "9", "", "A"),
        ("THA", "KHM", "", "2015", "x", "7", "8", "9", "p", "A"),
        ("THA", "KHM", "", "2016", "x", "7", "", "", "p", "A"),
        ("THA", "KHM", "", "2016", "x", "8", "", "", "p", "A"),
    )
    with pytest.raises(BadInput) as refused:
        Journeys.from_table(table, origin="flows.csv")
    said = str(refused.value)
    for part in ('row 2, column "destination": found nothing', "row 2, column \"value\": found '-1'",
                 "row 3, column \"period\": found 'x'", 'row 4, column "unit": found nothing',
                 'row 5, column "value": the figure 7 lies outside its range 8 to 9',
                 "flows.csv, row 7: the same flow, period and source as row 6"):
        assert part in said
