"""Tables of the panels of registers and reference counts: the numbers are the panel's own, and simulated ones say so.

Held to: the evidence and the panel that are laid out, the counts of the Dutch register of 1995, and the published
number of its Poisson regression.
"""

import math

import pandas as pd
import pytest

import smuggling_analysis as sa
from smuggling_analysis import tables
from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods.chooser import DESIGNS, choose
from smuggling_analysis.simulate import reference_counts, register, register_with_departures
from smuggling_analysis.tables.page import WATERMARK
from smuggling_analysis.tables.panel import _worst_of_each_rule

FEW = {"rng": 1, "replicates": 20}
POISSON = "truncated-count-poisson-covariates"


@pytest.fixture(scope="module")
def dutch():
    return sa.panel(sa.load("netherlands-1995/repeat_counts.csv"), formula="gender + age + nation", **FEW)


@pytest.fixture(scope="module")
def made_up():
    return sa.panel(register({"old": 3_000, "young": 3_000}, {"old": 0.8, "young": 1.2}, rng=2), formula="group", **FEW)


@pytest.fixture(scope="module")
def countries():
    counts = reference_counts(alpha=0.8, gamma=0.05, periods=3, rng=1)
    return sa.panel(counts, alpha="period", where={"period": "period 2"}, **FEW)


def real(panel):
    """The same counts, as if nobody had made them up."""
    return sa.ReferenceCounts.from_table(panel.counts.table(), covariates=panel.counts.covariates)


# Registers.


def test_distributions_are_the_panels_best_bic_first(dutch):
    frame = tables.distributions(dutch).frame.set_index("key")
    tried = [one.key for one in dutch.fitted if one.variant.method == "truncated_count" and one.given is not None]
    assert set(frame.index) == set(tried)
    row = frame.loc[POISSON]
    assert row["value"] == pytest.approx(12_690.35, abs=0.01)  # van der Heijden et al. (2003)
    assert row["verdict"] == "refused"
    assert row["bic"] == dutch[POISSON].given.diagnostics["bic"]
    known = frame["bic"].dropna()
    assert known.is_monotonic_increasing
    assert (frame["above_best"].dropna() == known - known.min()).all()
    # Those of people seen twice or more are of others: their likelihood compares with none.
    assert frame.index[frame["bic"].isna()].str.contains("zero-one-truncated").all()
    assert (frame.loc[frame["bic"].notna(), "above_best"] >= 0).all()


def test_the_bic_of_people_who_leave_when_they_are_seen_compares_among_themselves():
    """Theirs is a likelihood of how often and until when; that of the others is of how often alone."""
    counts = register_with_departures({"a": 2_000}, {"a": 0.8}, departs=0.4, parts=52, rng=1)
    panel = sa.panel(counts, exposure="time_at_risk", ends_when_seen=True, sensitivity=False, rng=1, replicates=50)
    table = tables.distributions(panel)
    leaving = table.frame["key"].isin([one.key for one in panel.fitted if "ends_when_seen" in one.variant.options])
    count = int(leaving.sum())
    assert 0 < count < len(table.frame) and leaving.head(count).all(), "first"
    for part in (table.frame[leaving], table.frame[~leaving]):
        assert part["above_best"].min() == 0
        assert part["bic"].dropna().is_monotonic_increasing
    assert "how often and until when" in table.formatting["note"][-1]


def test_frequencies_are_the_registers_and_the_never_seen_are_what_is_estimated_beyond_them(dutch):
    frame = tables.register_frequencies(dutch, (POISSON, dutch.best)).frame.set_index("times_caught")
    assert frame["observed"].dropna().to_dict() == {1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1}
    label = dutch[POISSON].label
    assert frame.loc[0, label] == pytest.approx(dutch[POISSON].given.value - 1880, rel=1e-9)
    assert pd.isna(frame.loc[0, "observed"])
    assert frame.loc[1:, label].sum() == pytest.approx(1880, abs=0.5)


def test_tests_of_distributions_are_the_panels(dutch):
    frame = tables.distribution_tests(dutch).frame
    assert len(frame) == len(dutch.surplus) + len(dutch.wider)
    first = next(iter(dutch.surplus.values()))
    assert frame["statistic"].iloc[0] == first.statistic
    assert frame["null"].iloc[0] == first.null


def test_strata_add_up_to_the_estimate_and_the_observed(dutch):
    for name, split in dutch.strata.items():
        frame = tables.strata(split).frame
        assert frame.columns[0] == name
        assert frame["observed"].sum() == 1880
        assert frame["value"].sum() == pytest.approx(dutch[dutch.best].given.value, rel=1e-9)
        assert frame["share_seen"].tolist() == pytest.approx((frame["observed"] / frame["value"]).tolist())


def test_people_left_out_begin_with_those_without_whom_there_is_no_estimate(dutch):
    frame = tables.people_left_out(dutch.influence).frame
    assert len(frame) <= 12
    factors = frame["factor"].fillna(math.inf)
    assert factors.is_monotonic_decreasing
    assert (frame["refusal"].ne("") == frame["factor"].isna()).all()
    assert factors[factors < math.inf].iloc[0] == dutch.influence.factor
    assert "why there is none" in tables.people_left_out(dutch.influence).html().lower()


def test_tables_of_a_simulated_register_say_so_and_others_do_not(dutch, made_up):
    for panel, marked in ((dutch, False), (made_up, True)):
        name = next(iter(panel.strata))
        for table in (tables.distributions(panel), tables.register_frequencies(panel, (POISSON,)),
                      tables.distribution_tests(panel), tables.people_left_out(panel.influence),
                      tables.strata(panel.strata[name], simulated=panel.counts.simulated), tables.verdicts(panel),
                      tables.gate_findings(panel)):
            assert (WATERMARK in table.html()) == marked


# Reference counts.


def test_counts_are_sums_over_rows_by_period_and_by_country(countries):
    counts = countries.counts
    by_period = tables.reference_counts(counts, "period").frame.set_index("period")
    assert by_period["observed"].sum() == counts.n_observed
    assert by_period.loc["period 2", "auxiliary"] == counts.auxiliary[counts.where(period="period 2")].sum()
    largest = tables.reference_counts(counts).frame
    assert len(largest) == 12
    assert largest["observed"].is_monotonic_decreasing
    every = counts.table().groupby("country")["observed"].sum()
    assert largest["observed"].tolist() == every.nlargest(12).tolist()


def test_models_are_those_fitted_with_their_numbers_and_verdicts(countries):
    frame = tables.reference_models(countries).frame.set_index("key")
    assert set(frame.index) == set(countries.fits)
    for key, row in frame.iterrows():
        fitted, one = countries.fits[key], countries[key]
        assert (row["bic"], row["log_likelihood"]) == (fitted.bic, fitted.log_likelihood)
        assert float(row["gamma"]) == pytest.approx(fitted.gamma, rel=0.05)  # two digits, as a reader has it
        assert row["value"] == one.given.value
        assert row["verdict"] == (one.judgement.verdict if one.passed else "refused")


def test_coefficients_are_the_fits(countries):
    best = countries.fits[countries.best]
    frame = tables.coefficients(best).frame.set_index("coefficient")
    assert frame["value"].to_dict() == dict(best.coefficients)
    assert frame["se"].to_dict() == dict(best.coefficient_se)


def test_periods_stand_beside_what_was_published_of_them(countries):
    published = [sa.Indicator(value=50_000.0, unit="persons", what="people", place="Testland", period="period 2",
                              source="a report", kind="published estimate")]
    frame = tables.periods(countries, published).frame.set_index("period")
    assert frame["value"].to_dict() == countries.periods.set_index("period")["value"].to_dict()
    assert frame["published"].fillna(0).to_dict() == {"period 1": 0, "period 2": 50_000, "period 3": 0}
    first, second = frame["change"].iloc[:2]
    row = frame.loc["period 2"]
    assert first == ""
    assert second == f"{row['times']:.2f} ({row['times_lower']:.2f} to {row['times_upper']:.2f})"
    assert row["times"] == pytest.approx(row["value"] / frame.loc["period 1", "value"])
    assert "published by others" in tables.periods(countries, published).html().lower()
    assert "published by others" not in tables.periods(countries).html().lower()


def test_countries_left_out_and_dependence_are_the_panels(countries):
    left, source = tables.countries_left_out(countries.countries).frame, countries.countries.frame
    assert left["country"].tolist() == source["country"].head(12).tolist()
    assert left["factor"].tolist() == pytest.approx((1 + source["others_change"].head(12)).tolist())
    steps = tables.dependence_steps(countries.dependence)
    assert steps.frame.equals(countries.dependence.frame)


def test_tables_of_simulated_counts_say_so_and_others_do_not(countries):
    other = sa.panel(real(countries), alpha="period", where={"period": "period 2"}, **FEW)
    for panel, marked in ((countries, True), (other, False)):
        for table in (tables.reference_counts(panel.counts), tables.reference_models(panel), tables.periods(panel),
                      tables.coefficients(panel.fits[panel.best]), tables.countries_left_out(panel.countries),
                      tables.dependence_steps(panel.dependence)):
            assert (WATERMARK in table.html()) == marked


# The gate's findings.


def findings(*rows):
    return pd.DataFrame([{"consequence": consequence, "rule": rule, "finding": f"measured {measured:g}", "helps": "h",
                          "label": [label], "beyond": measured, "threshold": threshold}
                         for consequence, rule, label, measured, threshold in rows])


def test_of_more_than_three_like_findings_the_most_extreme_stands_for_all():
    frame = _worst_of_each_rule(findings(
        ("refused", "width", "a", 11.0, 10.0), ("refused", "width", "b", 40.0, 10.0),
        ("refused", "width", "c", 12.0, 10.0), ("refused", "width", "d", 13.0, 10.0),
        ("caution", "width", "e", 4.0, 3.0)))
    assert len(frame) == 2
    worst = frame.iloc[0]
    assert worst["finding"] == "measured 40; and like findings, the most extreme of which this is"
    assert worst["label"] == ["a", "b", "c", "d"]
    assert frame.iloc[1]["finding"] == "measured 4"


def test_three_are_told_one_by_one_and_so_is_what_methods_say_themselves():
    three = findings(*[("caution", "width", name, 4.0, 3.0) for name in "abc"])
    assert _worst_of_each_rule(three).equals(three)
    own = findings(*[("refused", "method", name, math.nan, math.nan) for name in "abcde"])
    assert len(_worst_of_each_rule(own)) == 5


@pytest.mark.parametrize(("measured", "threshold", "worst"), [
    ((0.04, 1e-9, 0.03, 0.02), 0.05, 1), ((0.01, 0.0, 0.02, 0.03), 0.05, 1), ((0.1, 0.2, 0.9, 0.3), 0.0, 0),
    ((3.0, 2.0, math.inf, 5.0), 1.0, 2)], ids=["below", "nothing", "threshold of nothing", "without end"])
def test_the_most_extreme_is_the_furthest_on_either_side(measured, threshold, worst):
    rows = findings(*[("caution", "rule", str(place), figure, threshold) for place, figure in enumerate(measured)])
    (row,) = _worst_of_each_rule(rows).to_dict("records")
    assert row["finding"].startswith(f"measured {measured[worst]:g};")


def test_the_findings_of_a_panel_concern_the_methods_they_are_of(dutch):
    laid_out = tables.gate_findings(dutch).frame
    assert laid_out["consequence"].is_monotonic_decreasing
    found = dutch.findings
    assert set(laid_out["consequence"]) == set(found["consequence"])
    told = laid_out[laid_out["finding"].str.contains("so poor a fit has a chance of")]
    assert told["concerns"].str.contains(dutch[POISSON].label, regex=False).any()


# The chooser.


def test_the_chooser_by_evidence_has_each_kind_once_with_its_methods():
    repeats = sa.RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37})
    choice = choose({"repeats": repeats, "encounters": sa.Encounters.from_table(pd.DataFrame(
        {"place": ["border"], "period": ["2016"], "apprehended": [500], "got_away": [90]}))})
    frame = choice.by_evidence().set_index("evidence")
    taken = {row.evidence for row in METHODS.values()}
    assert frame.index.tolist() == [design.called for design in DESIGNS if design.evidence in taken]
    assert frame.index[frame["at_hand"]].tolist() == ["registers that show repeats", "people returned and caught again"]
    own = frame.loc["registers that show repeats"]
    assert own["methods"].split("; ") == [METHODS[name].title for name in choice.methods_for("repeats")]
    border = frame.loc["people returned and caught again"]
    assert border["methods"] == ""
    assert "(it is not recorded who had been apprehended before)" in border["cannot"]
    assert not frame.loc["counts by country of origin", "methods"] and not frame.loc["counts by country of origin",
                                                                                     "cannot"]
