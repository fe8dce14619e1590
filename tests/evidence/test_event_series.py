"""Event series: held to sums that count nobody twice, and to one form whatever the order of rows."""

import numpy as np
import pandas as pd
import pytest

from smuggling_analysis.evidence.event_series import EventSeries
from smuggling_analysis.problems import BadInput

TABLE = pd.DataFrame({"place": ["Sea", "Land", "Sea"], "period": ["2015", "2014", "2014"], "count": [7, 3, 5],
                      "incidents": [2, 1, 1], "quality": [1.5, None, 3.0], "complete": ["no", "yes", "YES"]})
OPTIONS = {
    "unit": "deaths",
    "what": "dead",
    "incidents": "incidents",
    "quality": "quality",
    "complete": "complete",
}


def test_points_are_sorted_and_frozen():
    series = EventSeries.from_table(TABLE, **OPTIONS)
    assert series.frame()["place"].tolist() == ["Land", "Sea", "Sea"]
    assert series.frame()["count"].tolist() == [3, 5, 7]
    assert series.incidents.tolist() == [1, 1, 2]
    assert series.complete.tolist() == [True, True, False]
    assert np.isnan(series.quality[0])
    with pytest.raises(ValueError, match="read-only"):
        series.counts[0] = 1


def test_the_order_of_rows_does_not_matter_but_simulation_does():
    series = EventSeries.from_table(TABLE, **OPTIONS)
    assert series == EventSeries.from_table(TABLE.iloc[::-1], **OPTIONS)
    assert series != EventSeries.from_table(TABLE, **OPTIONS, simulated=True)
    assert series.fingerprint != EventSeries.from_table(TABLE, unit="deaths", what="dead").fingerprint


def test_selection_and_total():
    series = EventSeries.from_table(TABLE, **OPTIONS)
    assert series.total == 15
    assert series.select(place="Sea").total == 12
    assert series.select(period="2014").total == 8
    assert series.select(place=["Sea", "Land"], period="2014-2015").total == 15
    assert series.reported().total == 8
    with pytest.raises(ValueError, match="no events of Air; the places are Land, Sea"):
        series.select(place="Air")
    with pytest.raises(ValueError, match="no events in 2020; the periods reach from 2014 to 2015"):
        series.select(period="2020")


def test_overlapping_periods_are_not_added():
    table = pd.DataFrame({"place": ["A", "A"], "period": ["2015", "2015-Q1"], "count": [10, 4]})
    with pytest.raises(
        ValueError, match=r"A: the periods 2015-Q1 and 2015 overlap|A: the periods 2015 and 2015-Q1 overlap"
    ):
        _ = EventSeries.from_table(table, unit="deaths", what="dead").total


def test_a_long_period_that_holds_a_later_one_is_not_added():
    # The first overlaps the third, though neither neighbours the other in order of their start.
    table = pd.DataFrame({"place": ["A"] * 3, "period": ["2015", "2015-01", "2015-06"], "count": [10, 1, 1]})
    with pytest.raises(ValueError, match="overlap"):
        _ = EventSeries.from_table(table, unit="deaths", what="dead").total


def test_every_problem_is_named():
    table = pd.DataFrame(
        {
            "place": ["A", "A", None, "B"],
            "period": ["2015", "2015", "2016", "x"],
            "count": [1, 2, -3, 1],
            "complete": ["yes", "yes", "yes", "maybe"],
        },
        index=[2, 3, 4, 5],
    )
    with pytest.raises(BadInput) as refused:
        EventSeries.from_table(table, unit="deaths", what="dead", complete="complete", origin="deaths.csv")
    said = str(refused.value)
    for part in (
        'deaths.csv, row 4, column "place": found nothing, a text is needed',
        'deaths.csv, row 4, column "count": found -3, the smallest count allowed is 0',
        "deaths.csv, row 5, column \"period\": found 'x', allowed is a period",
        "row 5, column \"complete\": found 'maybe', allowed are yes and no; say whether",
        "deaths.csv, row 3: the same place and period as row 2; add the two counts",
    ):
        assert part in said


def test_nonsense_cannot_be_built():
    series = EventSeries.from_table(TABLE, **OPTIONS)
    points = {"places": series.places, "periods": series.periods, "complete": series.complete, "what": "dead"}
    with pytest.raises(ValueError, match="whole numbers"):
        EventSeries(**points, counts=np.array([1.5, 1, 1]), unit="deaths")
    with pytest.raises(ValueError, match="must not be negative"):
        EventSeries(**points, counts=np.array([-1, 1, 1]), unit="deaths")
    with pytest.raises(ValueError, match="which unit"):
        EventSeries(**points, counts=np.array([1, 1, 1]), unit="")
    with pytest.raises(ValueError, match="each of its points"):
        EventSeries(**points, counts=np.array([1, 1]), unit="deaths")
