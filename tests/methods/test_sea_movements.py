"""Departures and what became of them, held to UNHCR's dashboard of 2022-23: 7,117 = 5,817 + 573 + 727."""

from dataclasses import replace

import pytest

from smuggling_analysis.indicator import Indicator
from smuggling_analysis.methods.sea_movements import Fates, fates, voyages
from smuggling_analysis.problems import BadInput


def figure(what, value, period="2022-2023", qualifier="", place="Sea"):
    return Indicator(value=value, unit="persons", what=what, place=place, period=period, source="UNHCR",
                     kind="recorded", qualifier=qualifier)


DASHBOARD = [figure("departures", 7117, qualifier="dashboard, 74 boats"), figure("disembarked", 5817),
             figure("dead_or_missing", 573), figure("status_unknown", 727)]


def test_the_dashboard_accounts_for_everyone():
    (found,) = fates(DASHBOARD)
    assert found.unaccounted == 0
    assert found.death_bounds == pytest.approx((573 / 7117, 1300 / 7117))
    assert found.frame()["persons"].tolist() == [7117, 5817, 573, 727, 0]


def test_people_in_no_number_widen_the_bounds():
    low, high = Fates(place="", period="", departures=100, landed=50, deaths=10, unknown=20,
                      source="").death_bounds
    assert (low, high) == (0.1, 0.5)


def test_without_an_unknown_fate_there_is_no_accounting():
    assert fates(DASHBOARD[:3]) == ()


def test_impossible_fates_are_refused():
    with pytest.raises(ValueError, match="departures must be above 0"):
        Fates(place="", period="", departures=0, landed=0, deaths=0, unknown=0, source="")


def test_boats_are_read_from_the_words_beside_the_departures_or_from_their_own_row():
    assert voyages(DASHBOARD)["2022-2023"].boats == 74
    assert voyages([*DASHBOARD, figure("boats", 80)])["2022-2023"].boats == 80


def test_two_figures_of_deaths_give_two_pairs():
    found = voyages([figure("departures", 62000, "2014"), figure("dead_or_missing", 750, "2014"),
                     figure("dead_or_missing", 730, "2014", "revised")])
    assert {name: one.deaths for name, one in found.items()} == {"2014": 750, "2014, revised": 730}


def test_parts_of_a_year_and_other_places_are_not_paired():
    assert not voyages([figure("departures", 25000, "2015-Q1"), figure("dead_or_missing", 300, "2015-Q1")])
    assert not voyages([figure("departures", 700, "2021"),
                        figure("dead_or_missing", 9, "2021", place="Land")])


@pytest.mark.parametrize(("words", "boats"), [
    ("1,039 boats", 1039), ("in 39 boats", 39), ("20-30 boats", None), ("20 to 30 boats", None), ("boats", None)])
def test_the_number_of_boats_is_read_whole_and_a_range_is_no_number(words, boats):
    (found,) = voyages([figure("departures", 3500, "2022", words), figure("dead_or_missing", 34, "2022")]).values()
    assert found.boats == boats


def test_no_pair_takes_the_place_of_another():
    found = voyages([figure("departures", 3500, "2022"), figure("departures", 100, "2022", place="Land"),
                     *(figure("dead_or_missing", deaths, "2022") for deaths in (34, 50, 70)),
                     *(figure("dead_or_missing", deaths, "2022", place="Land") for deaths in (5, 6))])
    assert sorted(one.deaths for one in found.values()) == [5, 6, 34, 50, 70]


def test_a_fraction_of_a_person_is_refused_not_cut_off():
    with pytest.raises(BadInput, match=r"34\.9 dead_or_missing in 2022, a fraction of a person"):
        voyages([figure("departures", 3500, "2022"), figure("dead_or_missing", 34.9, "2022")])


def test_figures_of_two_sources_are_never_one_account():
    other = replace(figure("dead_or_missing", 900), source="another source")
    (found,) = fates([*DASHBOARD, other])
    assert found.deaths == 573
    assert fates([*DASHBOARD, figure("dead_or_missing", 600)]) == ()


def test_a_span_of_months_names_its_rate_in_words():
    rows = [Indicator(value=number, unit="persons", what=what, place="Sea", period="2022-01/2023-12", source="UNHCR",
                      kind="recorded") for what, number in (("departures", 7117), ("dead_or_missing", 573))]
    assert list(voyages(rows)) == ["2022-01 to 2023-12"]
