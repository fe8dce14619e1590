"""Tables of indicators: kinds are not mixed up, contradictions stay, nothing is filled in."""

import pandas as pd
import pytest

from smuggling_analysis.evidence.indicators import read_indicators
from smuggling_analysis.problems import BadInput


def figures(*rows, names=("place", "period", "what", "value", "low", "high", "unit", "qualifier", "source")):
    return pd.DataFrame(rows, columns=list(names), index=range(2, len(rows) + 2), dtype=object)


def test_a_documented_contradiction_is_kept():
    # UNHCR on the Andaman Sea: dashboard 573 for 2022-23, briefings 348 and 569.
    table = figures(("Sea", "2022-2023", "dead", "573", "", "", "persons", "dashboard", "UNHCR dashboard"),
                    ("Sea", "2022", "dead", "348", "", "", "persons", "at least", "UNHCR 2023"),
                    ("Sea", "2023", "dead", "569", "", "", "persons", "", "UNHCR 2024"))
    read = read_indicators(table, kind="recorded")
    assert [indicator.value for indicator in read] == [573.0, 348.0, 569.0]
    assert [indicator.period for indicator in read] == ["2022-2023", "2022", "2023"]
    assert read[1].qualifier == "at least"


def test_a_table_may_say_kind_and_source_itself_or_not():
    table = pd.DataFrame(
        {
            "place": ["A", "B"],
            "period": ["2015"] * 2,
            "what": ["x"] * 2,
            "value": [1, 2],
            "unit": ["persons"] * 2,
            "kind": ["recorded", "survey share"],
            "source": ["S", "T"],
        }
    )
    assert [indicator.kind for indicator in read_indicators(table)] == ["recorded", "survey share"]
    assert read_indicators(table.drop(columns="source"), source="All")[1].source == "All"
    with pytest.raises(BadInput, match='column "kind": the column is missing'):
        read_indicators(table.drop(columns="kind"))


def test_every_problem_is_named():
    table = figures(
        ("", "2015", "x", "1", "", "", "persons", "", "S"),
        ("A", "soon", "x", "1", "", "", "persons", "", "S"),
        ("A", "2015", "x", "", "", "", "persons", "", "S"),
        ("A", "2015", "x", "1", "2", "3", "persons", "", "S"),
        ("A", "2015", "x", "12%", "", "", "share", "", "S"),
        ("A", "2016", "x", "-5", "", "", "change", "", "S"),
        ("A", "2016", "x", "-5", "", "", "change", "", "S"),
    )
    with pytest.raises(BadInput) as refused:
        read_indicators(table, kind="recorded", origin="facts.csv")
    said = str(refused.value)
    for part in (
        'row 2, column "place": found nothing',
        "row 3, column \"period\": found 'soon'",
        'row 4, column "value": found no',
        'row 5, column "value": the figure 1 lies outside its range 2 to 3',
        "found '12%', which is a percentage",
        "facts.csv, row 8: the same figure as row 7",
    ):
        assert part in said
    with pytest.raises(
        BadInput, match="found 'guess', allowed are recorded, published estimate, survey share"
    ):
        read_indicators(table.iloc[[5]], kind="guess")
