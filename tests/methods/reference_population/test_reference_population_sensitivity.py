"""Influence, dependence, frailty, the bootstrap: held to refits one by one, to closed forms and to what is known."""

import numpy as np
import pandas as pd
import pytest
from polish_counts import poland

from smuggling_analysis import NoEstimate, ReferenceCounts
from smuggling_analysis.methods.reference_population import (
    compare_methods,
    dependence_band,
    exceedance,
    fit,
    frailty_sensitivity,
    hidden_population,
    hidden_population_by,
    leave_one_country_out,
    wald_difference,
    wald_total,
)
from smuggling_analysis.methods.reference_population.criteria import CRITERIA
from smuggling_analysis.methods.reference_population.fitting import refit
from smuggling_analysis.methods.reference_population.weighted_bootstrap import replicate
from smuggling_analysis.simulate import reference_counts

COUNTS = reference_counts(countries=40, periods=2, frailty=0.3, rng=6)


@pytest.mark.parametrize("method", CRITERIA)
def test_a_country_left_out_at_once_is_a_fit_without_it(method):
    fitted = fit(COUNTS, method=method, alpha="period")
    frame = leave_one_country_out(fitted).frame.set_index("country")
    assert (frame["refusal"] == "").all() and frame["share"].sum() == pytest.approx(1.0)
    for country in ("country 003", "country 039"):
        alone = fit(COUNTS.keeping_rows(~COUNTS.where(country=country)), method=method, alpha="period")
        assert frame.loc[country, "others"] == pytest.approx(alone.hidden.sum(), rel=1e-6)
        kept = fitted.hidden[~COUNTS.where(country=country)].sum()
        assert frame.loc[country, "others_change"] == pytest.approx(alone.hidden.sum() / kept - 1, abs=1e-6)


def test_a_country_with_coefficients_of_its_own_says_so():
    marked = COUNTS.marking("last", ["country 039"])
    found = leave_one_country_out(fit(marked, alpha="last"))
    row = found.frame.set_index("country").loc["country 039"]
    assert "coefficients of its own" in row["refusal"] and np.isnan(row["value"]) and row["others"] > 0
    alone = fit(COUNTS.keeping_rows(~COUNTS.where(country="country 039")))
    assert row["others"] == pytest.approx(alone.hidden.sum(), rel=1e-6)
    assert found.sentence.startswith(f"Without {found.most} the model has")
    with pytest.raises(NoEstimate, match="none can be left out"):
        leave_one_country_out(fit(COUNTS.select(country=["country 038", "country 039"]), gamma=0.01))


def test_whole_weights_are_rows_repeated():
    """A replicate in which a country has weight 3 is the fit in which its rows stand three times."""
    fitted = fit(COUNTS)
    weights = np.where(COUNTS.where(country="country 030"), 3.0, 1.0)[np.newaxis, fitted.data.order]
    found = refit(fitted.data, fitted.data.objective.having(weights=weights), fitted.at)
    table = COUNTS.table()
    again = [table[table["country"] == "country 030"].assign(country=name) for name in ("copy 1", "copy 2")]
    repeated = ReferenceCounts.from_table(pd.concat([table, *again]), covariates=["period"], simulated=True)
    assert found.at[0] == pytest.approx(fit(repeated).at, rel=1e-7)


def test_the_bootstrap_has_the_spread_of_the_jackknife():
    """Of many countries of which none is most of it; 600 replicates tell a standard deviation to 3 %."""
    fitted = fit(reference_counts(alpha=0.6, countries=400, frailty=0.3, rng=1))
    drawn = replicate(fitted, replicates=600, rng=1)
    assert drawn.failed == 0 and drawn.alpha.shape == (600, 400)
    spread = np.log(drawn.sums(np.ones((1, 400), dtype=bool))[:, 0]).std()
    delta = hidden_population(fitted)
    assert spread / (delta.se / delta.value) == pytest.approx(1.0, abs=0.2)
    found = hidden_population(fitted, interval="bootstrap", replicates=600, rng=1)
    assert found.interval.startswith("percentiles of 600 bootstrap replicates")
    assert found.diagnostics["bootstrap_median"] == pytest.approx(np.median(found.draws.values))


def test_a_bootstrap_replicate_is_the_fit_under_its_weights():
    fitted = fit(COUNTS)
    weights = np.random.default_rng(1).exponential(size=(3, 40))
    own = np.unique(np.array(COUNTS.countries), return_inverse=True)[1][fitted.data.order]
    found = refit(fitted.data, fitted.data.objective.having(weights=weights[:, own]), fitted.at)
    for place in range(3):
        alone = refit(fitted.data, fitted.data.objective.having(weights=weights[place:place + 1, own]), fitted.at)
        assert found.at[place] == pytest.approx(alone.at[0], rel=1e-9)


def test_bounds_are_closed_forms_and_turn_where_they_should():
    fitted = fit(COUNTS)
    original = hidden_population(fitted)
    rates = dependence_band(fitted, strengths=[2, 4], against=0.4 * original.value)
    assert rates.frame["dependence"].tolist() == [0.25, 0.5, 1, 2, 4]
    answered = rates.frame.dropna()
    assert (answered["value"] * answered["dependence"]).tolist() == pytest.approx([original.value] * len(answered))
    assert rates.tipping_point == pytest.approx(2.5, rel=1e-8)
    assert "crosses" in rates.sentence and rates.turned
    odds = dependence_band(fitted, kind="odds ratio", strengths=[1e9], against=2 * original.value)
    chance = np.minimum(fitted.detection, 1)
    seen = original.value * (fitted.hidden * chance).sum() / fitted.hidden.sum()
    assert odds.frame["value"].iloc[-1] == pytest.approx(seen, rel=1e-6) or np.isnan(odds.frame["value"].iloc[-1])
    share = seen / original.value
    assert odds.tipping_point == pytest.approx((1 - share) / (2 - share), rel=1e-8)
    kept = dependence_band(fitted, strengths=[1.01])
    assert kept.tipping_point is None and "stays within the interval" in str(kept)


def test_a_refitted_dependence_is_the_fit_of_counts_on_another_scale():
    """With everything detected twice as often as the model says, half the counts fit what all of them did."""
    counts = reference_counts(countries=60, alpha=0.8, rng=6)
    fitted = fit(counts, gamma=0.005)
    band = dependence_band(fitted, kind="refitted", strengths=[2])
    objective = fitted.data.objective.having(offset=np.log([2.0]))
    score = objective.score(objective.rows(refit(fitted.data, objective, fitted.at).at, np.zeros(1, dtype=int)))
    assert np.abs(score).max() < 1e-6
    values = band.frame["value"].tolist()
    assert values[0] > values[1] > values[2]
    assert values[1] == pytest.approx(band.original.value)


def test_dependence_options_are_checked():
    with pytest.raises(ValueError, match="kind is one of relative rate, odds ratio, refitted"):
        dependence_band(fit(COUNTS), kind="correlation")
    with pytest.raises(ValueError, match="strengths are numbers from 1"):
        dependence_band(fit(COUNTS), strengths=[0.5])


def test_a_frailty_of_no_strength_changes_nothing_and_more_changes_more():
    found = frailty_sensitivity(fit(COUNTS), with_alpha=[0, 0.1], with_counts=[0, 0.1, 0.2])
    frame = found.frame.set_index(["with_alpha", "with_counts"])
    assert frame.loc[(0, 0.2)].tolist() == [found.value, found.value]
    assert frame["upper"].is_monotonic_increasing
    target = frame.loc[(0.1, 0.1), "lower"]
    assert found.needed(target) == pytest.approx(0.1) and found.needed(found.value) == 0
    assert found.needed_with_alpha(target) < 0.1
    assert "%" in found.sentence(target)
    with pytest.raises(ValueError, match="not in least squares"):
        frailty_sensitivity(fit(COUNTS, method="ols"))
    with pytest.raises(ValueError, match="with_alpha holds shares"):
        frailty_sensitivity(fit(COUNTS), with_alpha=[1.0])


def test_exceedance_is_the_share_of_draws_or_of_the_log_normal():
    fitted = fit(COUNTS)
    delta, drawn = hidden_population(fitted), hidden_population(fitted, interval="bootstrap", replicates=100, rng=1)
    assert exceedance(delta, delta.value) == pytest.approx(0.5)
    assert exceedance(delta, delta.upper) == pytest.approx(0.025, rel=1e-6)
    assert exceedance(drawn, float(np.sort(drawn.draws.values)[89])) == 0.1
    with pytest.raises(ValueError, match="value is a number of people"):
        exceedance(delta, 0)


def test_tests_carry_their_null_hypothesis():
    found = hidden_population_by(fit(COUNTS, alpha="period"), ["period"])
    equal = wald_difference(found, "period 1", "period 2")
    assert equal.null == "the hidden population of period 1 is equal to that of period 2"
    assert equal.difference == pytest.approx(-wald_difference(found, "period 2", "period 1").difference)
    assert equal.limits[0] < equal.difference < equal.limits[1]
    less, more = (wald_total(found, "period 1", 5000, alternative=one).p_value for one in ("less", "greater"))
    assert less + more == pytest.approx(1.0)
    with pytest.raises(ValueError, match="alternative is one of"):
        wald_total(found, "period 1", 5000, alternative="unequal")
    with pytest.raises(ValueError, match="there is no group period 9"):
        wald_total(found, "period 9", 5000)


def test_methods_that_disagree_say_by_how_much():
    close = compare_methods(reference_counts(rng=1), methods=["poisson", "negative-binomial"])
    assert close.factor == pytest.approx(1.0, abs=0.1) and close.cautions == ()
    wild = compare_methods(reference_counts(alpha=0.8, dispersion=0.3, rng=1))
    assert set(wild.frame["method"]) == set(CRITERIA)
    assert wild.factor > 3 and "differ by a factor of" in wild.cautions[0] and wild.cautions[0] in wild.sentence
    none = compare_methods(COUNTS, gamma=None)
    assert (none.frame["refusal"] != "").all() and none.sentence == "Fewer than two methods have an estimate"


def test_on_the_polish_counts_they_differ_by_a_factor_of_fifty():
    """uncounted says 24,000 to 1.26 million of the same four fits (tests/published/uncounted)."""
    found = compare_methods(poland())
    assert found.factor == pytest.approx(50, abs=2)
    assert "differ by a factor of 50: from 25,000 (least squares of logarithms) to 1.3 million" in found.sentence
    assert "hidden, and 27,105 of them were apprehended" in found.frame.set_index("method").loc["ols", "refusal"]
