"""Reference counts: held to invariance, to what they say of themselves, and to named problems."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smuggling_analysis import ReferenceCounts
from smuggling_analysis.problems import BadInput

TABLE = pd.DataFrame({"country": ["Nepal", "Georgia", "Nepal", "Georgia"], "sex": ["m", "m", "f", "f"],
                      "year": [2023, 2023, 2023, 2023], "observed": [3, 70, 1, 20], "auxiliary": [0, 22, 0, 4],
                      "reference": [368, 1837, 40, 700]}, index=[2, 3, 4, 5])
MADE = ReferenceCounts.from_table(TABLE, covariates=["sex", "year"])


def refusal(table, **options):
    with pytest.raises(BadInput) as refused:
        ReferenceCounts.from_table(table, **options)
    return str(refused.value)


def test_what_was_counted_is_kept_in_the_order_of_country_and_covariates():
    assert MADE.countries == ("Georgia", "Georgia", "Nepal", "Nepal")
    assert MADE.values == (("f", 2023.0), ("m", 2023.0), ("f", 2023.0), ("m", 2023.0))
    assert (MADE.observed.tolist(), MADE.auxiliary.tolist(), MADE.reference.tolist()) == (
        [20, 70, 1, 3], [4, 22, 0, 0], [700, 1837, 40, 368])
    assert MADE.n_observed == 94 and MADE.periods == ("year",) and not MADE.observed.flags.writeable
    assert repr(MADE) == "ReferenceCounts(94 people observed in 4 rows of 2 countries)"


@given(st.permutations(range(4)))
def test_rows_in_any_order_are_one_evidence(order):
    again = ReferenceCounts.from_table(TABLE.iloc[order], covariates=["sex", "year"])
    assert again == MADE and hash(again) == hash(MADE)
    assert ReferenceCounts.from_table(MADE.table(), covariates=["sex", "year"]) == MADE


def test_another_count_name_or_a_simulation_is_other_evidence():
    for name in ("observed", "auxiliary", "reference"):
        assert ReferenceCounts.from_table(TABLE.assign(**{name: TABLE[name] + 1}), covariates=["sex", "year"]) != MADE
    assert ReferenceCounts.from_table(TABLE, covariates=["sex", "year"], simulated=True) != MADE
    assert ReferenceCounts.from_table(TABLE.rename(columns={"sex": "s"}), covariates=["s", "year"]) != MADE


def test_rows_are_selected_and_told_apart():
    assert MADE.select(sex="m").n_observed == 73
    assert MADE.select(country=["Nepal"], sex=["f", "m"]).n_observed == 4
    assert MADE.where(year=2023).all()
    assert {label: part.n_observed for label, part in MADE.by("sex")} == {("f",): 21, ("m",): 73}
    assert MADE.labels("country", "sex")[1] == ("Georgia", "m") and MADE.labels() == [()] * 4
    with pytest.raises(ValueError, match="no row has sex = x; found are f, m"):
        MADE.select(sex="x")
    with pytest.raises(ValueError, match="the covariates are country, sex, year; not among them: age"):
        MADE.column("age")
    with pytest.raises(ValueError, match="no row is left"):
        MADE.keeping_rows(np.zeros(4, dtype=bool))


def test_counts_add_up_over_what_is_not_kept():
    both = MADE.keeping(["year"])
    assert both.observed.tolist() == [90, 4] and both.reference.tolist() == [2537, 408]
    assert MADE.regroup("country", {"Nepal": "Asia", "Georgia": "Asia"}).observed.tolist() == [21, 73]
    assert MADE.regroup("sex", {"f": "all", "m": "all"}).n_observed == 94
    with pytest.raises(ValueError, match="no row has country = Laos"):
        MADE.regroup("country", {"Laos": "Asia"})


def test_countries_are_marked_for_a_formula():
    marked = MADE.marking("nepali", ["Nepal"])
    assert marked.column("nepali") == [0.0, 0.0, 1.0, 1.0] and marked.covariates == ("sex", "year", "nepali")
    assert marked != MADE and marked.observed.tolist() == MADE.observed.tolist()
    for name, countries, said in (("sex", ["Nepal"], "a column sex already"), ("a", ["Laos"], "no row is of Laos"),
                                  ("country", ["Nepal"], "a column country already")):
        with pytest.raises(ValueError, match=said):
            MADE.marking(name, countries)


def test_a_stratum_in_which_nobody_was_observed_is_left_out():
    none = ReferenceCounts.from_table(TABLE.assign(observed=[0, 70, 0, 20]), covariates=["sex", "year"])
    assert [label for label, _ in none.by("country")] == [("Georgia",)]


def test_every_problem_is_named():
    table = pd.DataFrame(
        [["Laos", "f", 1, 2, 3], ["Laos", "f", 1, 2, 3], ["Nepal", "m", -1, 2, 3], ["Nepal", None, 1, 2.5, 3],
         [None, "m", 1, 2, 0]], columns=["country", "sex", "observed", "auxiliary", "reference"], index=range(2, 7))
    said = refusal(table, covariates=["sex"], origin="counts.csv")
    for part in ("counts.csv, row 3: the same country and covariates as row 2",
                 'row 4, column "observed": found -1, the smallest count allowed is 0',
                 'row 5, column "auxiliary": found 2.5, a fraction of a person',
                 'row 5, column "sex": the country or covariate is missing',
                 'row 6, column "reference": found 0, the smallest count allowed is 1',
                 'row 6, column "country": the country or covariate is missing'):
        assert part in said, part
    assert "nobody was observed" in refusal(TABLE.assign(observed=0), covariates=["sex", "year"])
    assert 'column "reference": the column is missing' in refusal(TABLE.drop(columns="reference"))


def test_nonsense_cannot_be_built():
    one = {"countries": ("A", "B"), "covariates": (), "values": ((), ()), "observed": np.array([1, 2]),
           "auxiliary": np.array([0, 0]), "reference": np.array([1, 1])}
    assert ReferenceCounts(**one).n_observed == 3
    for changed, said in (({"observed": np.array([1])}, r"one count per row, \(2,\), got \(1,\)"),
                          ({"reference": np.array([1, 0])}, "reference must not lie below 1"),
                          ({"auxiliary": np.array([-1, 0])}, "auxiliary must not lie below 0"),
                          ({"countries": ("B", "A")}, "sorted"), ({"countries": ("A", "A")}, "distinct")):
        with pytest.raises(ValueError, match=said):
            ReferenceCounts(**{**one, **changed})
    with pytest.raises(ValueError, match="named once each and none is called 'country'"):
        ReferenceCounts.from_table(TABLE, covariates=["country"])
