"""Contradictions between sources, held to the one documented: 573 against 348 + 569, Andaman Sea 2022-23."""

import pandas as pd

from smuggling_analysis.evidence.journeys import Journeys
from smuggling_analysis.indicator import Indicator
from smuggling_analysis.methods.side_by_side import contradictions, contradictions_frame, implied_by_share


def figure(value, period, source="UNHCR (2024), Update", what="dead", unit="persons", place="Sea", **given):
    return Indicator(value=value, unit=unit, what=what, place=place, period=period, source=source,
                     kind="recorded", **given)


def test_parts_that_cover_a_period_are_compared_with_the_whole():
    (found,) = contradictions([figure(573, "2022-01/2023-12", "Dashboard"), figure(348, "2022"),
                               figure(569, "2023")])
    assert [account.sum for account in found.accounts] == ["573", "348 + 569 = 917"]
    assert found.bars == {"Dashboard": [("2022-01 to 2023-12", 573.0)],
                          "UNHCR (2024)": [("2022", 348.0), ("2023", 569.0)]}


def test_parts_that_agree_are_no_contradiction():
    assert not contradictions([figure(32600, "2015"), figure(31000, "2015-H1"), figure(1600, "2015-H2")])


def test_parts_with_a_gap_are_not_compared():
    assert not contradictions([figure(100, "2015"), figure(10, "2015-Q1"), figure(10, "2015-Q3")])


def test_two_figures_of_one_period_are_told_apart():
    (found,) = contradictions([figure(750, "2014", qualifier="at the time"),
                               figure(730, "2014", qualifier="revised")])
    assert list(found.bars) == ["UNHCR (2024)", "UNHCR (2024) (revised)"]
    assert round(found.factor, 3) == 1.027


def test_other_places_units_counts_and_shares_are_other_things():
    assert not contradictions([figure(1, "2014"), figure(2, "2014", place="Land"),
                               figure(3, "2014", what="landed"),
                               figure(4, "2014", unit="boats"), figure(0.1, "2014", unit="share"),
                               figure(0.2, "2014", unit="share")])


def test_the_frame_has_a_row_per_account():
    frame = contradictions_frame(contradictions([figure(750, "2014"), figure(730, "2014")]))
    assert frame["figure"].tolist() == ["750", "730"]


def flows(share=0.8, entries=124761):
    return Journeys.from_table(pd.DataFrame({
        "origin": ["KHM", "CLM"], "destination": ["THA", "THA"], "point": "", "period": ["2009", "2018"],
        "indicator": ["entered_irregularly", "share_ferried_by_smugglers"], "value": [entries, share],
        "low": None, "high": None, "unit": ["persons", "share"], "source": "UNODC"}))


def test_a_published_share_of_entries_stands_beside_the_published_number():
    # UNODC 2015, p. 57: 55,000 smuggled a year; 124,761 irregular entries in 2009; as many as 80 % smuggled.
    published = [figure(55000, "2013", what="smuggled", place="Cambodia to Thailand",
                        unit="persons per year")]
    (found,) = implied_by_share(flows(), published)
    assert [round(account.total) for account in found.accounts] == [55000, 99809]
    assert found.accounts[1].parts[0].qualifier == "80 % of 124,761 irregular entries of 2009"


def test_without_a_published_number_for_the_corridor_nothing_is_implied():
    assert implied_by_share(flows(), [figure(1, "2013", place="Norway")]) == ()


def test_the_share_of_another_corridor_is_never_taken():
    published = [figure(55000, "2013", place="Cambodia to Thailand", unit="persons per year")]

    def totals(*origins):
        frame = pd.DataFrame({
            "origin": ["KHM", *origins], "destination": "THA", "point": "", "period": "2009",
            "indicator": ["entered_irregularly", *["share_ferried_by_smugglers"] * len(origins)],
            "value": [1000.0, *(0.1 * (place + 1) for place in range(len(origins)))], "low": None, "high": None,
            "unit": ["persons", *["share"] * len(origins)], "source": "UNODC"})
        return [round(account.total) for one in implied_by_share(Journeys.from_table(frame), published)
                for account in one.accounts]

    assert totals("LAO") == []
    assert totals("LAO", "CLM") == [55000, 200]
    assert totals("LAO", "CLM", "KHM") == [55000, 300]
