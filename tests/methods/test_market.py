"""Revenue and fees, held to closed forms: log-normal variances, beta moments, conversion by hand."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from smuggling_analysis import plots
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.annual_rates import AnnualRates
from smuggling_analysis.evidence.fee_quotes import FeeQuotes
from smuggling_analysis.indicator import Indicator
from smuggling_analysis.methods.market import (
    at_prices_of,
    expert_range,
    fee_by_route,
    revenue,
    revenue_by_route,
    variance_shares,
)


def log_normal(sd, *, joint, unit, value=100.0, draws=40_000, seed=1):
    values = value * np.exp(sd * np.random.default_rng(seed).standard_normal(draws))
    return Estimate.from_draws(values, joint=joint, unit=unit, method=joint, value=value)


def test_shares_of_independent_factors_are_their_log_variances():
    # Var(log R) of a product of independent log-normals is the sum of the squared log SDs: 9 : 16 : 25 of 50.
    parts = {"a": log_normal(0.3, joint="a", unit="persons", seed=1),
             "b": log_normal(0.4, joint="b", unit="x", seed=2),
             "c": log_normal(0.5, joint="c", unit="y", seed=3)}
    shares = variance_shares(parts)
    assert list(shares.values()) == pytest.approx([0.18, 0.32, 0.50], abs=0.01)
    assert sum(shares.values()) == pytest.approx(1)


def test_the_two_ways_to_take_variance_apart_agree_where_both_hold():
    from smuggling_analysis.methods import market

    first, second = (log_normal(sd, joint=str(sd), unit="persons", seed=int(10 * sd)) for sd in (0.3, 0.6))
    logs = [np.log(one.draws.values) for one in (first, second)]
    conditional = [market._first_order(one, logs[0] + logs[1]) for one in logs]
    # Monte Carlo error of a first-order index from 40,000 draws is about 0.01.
    assert conditional == pytest.approx(list(variance_shares({"a": first, "b": second}).values()), abs=0.015)


def test_factors_of_one_joint_distribution_share_what_they_explain():
    # Two perfectly correlated factors each explain everything; a factor that explains nothing gets about 0.
    shared = log_normal(0.5, joint="one", unit="persons")
    shares = variance_shares({"a": shared, "b": shared * 2.0})
    assert list(shares.values()) == pytest.approx([1, 1], abs=0.01)
    from smuggling_analysis.methods import market

    noise = np.random.default_rng(3).standard_normal((2, 20_000))
    assert market._first_order(noise[0], noise[1]) == pytest.approx(0, abs=0.01)


def test_revenue_is_the_product_of_its_ingredients_draw_by_draw():
    volume = log_normal(0.2, joint="v", unit="persons", value=1000)
    fee = log_normal(0.3, joint="f", unit="USD per person", value=200)
    market = revenue(volume, fee, paying_share=0.5)
    assert market.estimate.value == 100_000
    assert market.estimate.unit == "USD"
    # A product of log-normals is log-normal with the log SDs added in squares.
    half = 1.96 * np.hypot(0.2, 0.3)
    assert market.estimate.lower == pytest.approx(100_000 * np.exp(-half), rel=0.02)
    assert market.estimate.upper == pytest.approx(100_000 * np.exp(half), rel=0.02)
    assert market.frame()["ingredient"].tolist() == ["volume", "fee"]


def test_a_paying_share_with_its_own_uncertainty_is_an_ingredient():
    share = expert_range(0.6, 0.8, 1.0, unit="share", population="paying", reason="asked")
    market = revenue(log_normal(0.2, joint="v", unit="persons"),
                     log_normal(0.2, joint="f", unit="USD per person"),
                     paying_share=share)
    assert set(market.decomposition) == {"volume", "fee", "paying share"}
    assert sum(market.decomposition.values()) == pytest.approx(1)


def test_judgement_is_said_once_and_stays_on_the_ingredients():
    volume = expert_range(100, 200, 300, unit="persons", population="volume", reason="two reports differ")
    fee = expert_range(50, 100, 150, unit="USD per person", population="fee", reason="one quote")
    market = revenue(volume, fee)
    assert market.estimate.cautions == (
        "volume and fee: judged, not measured; the reasons stand beside them",
        "volume and fee are taken as unrelated to each other")
    assert "two reports differ" in market.ingredients["volume"].cautions[0]


def test_an_ingredient_that_may_be_zero_is_refused():
    wide = Estimate(value=10, lower=-5, upper=25, unit="persons", method="wald")
    with pytest.raises(NoEstimate, match="the volume may be zero or less"):
        revenue(wide, log_normal(0.2, joint="f", unit="USD per person"))


@pytest.mark.parametrize(("volume", "fee", "share", "message"), [
    ("persons", "USD per boat", 1.0, "is not money"),
    ("persons", "USD per person", 1.2, "at most 1, got 1.2"),
    ("persons", "USD per person", 0, "above 0")])
def test_nonsense_is_refused(volume, fee, share, message):
    with pytest.raises(ValueError, match=message):
        revenue(log_normal(0.1, joint="v", unit=volume), log_normal(0.1, joint="f", unit=fee),
                paying_share=share)


def test_a_judged_range_has_its_limits_as_quantiles_and_half_its_mass_on_either_side():
    judged = expert_range(90, 179, 358, unit="USD per person", population="fee", reason="one quote")
    draws = judged.draws.values
    assert np.quantile(draws, [0.025, 0.5, 0.975]) == pytest.approx([90, 179, 358], rel=0.002)
    assert (judged.lower, judged.value, judged.upper) == (90, 179, 358)


def test_a_judged_share_stays_within_its_limits_and_has_the_moments_of_the_pert_distribution():
    judged = expert_range(0.6, 0.8, 1.0, unit="share", population="paying", reason="asked")
    draws = judged.draws.values
    assert draws.min() >= 0.6
    assert draws.max() <= 1.0
    # PERT: mean (a + 4m + b) / 6; variance (mean - a)(b - mean) / 7.
    assert draws.mean() == pytest.approx(0.8, abs=1e-4)
    assert draws.var() == pytest.approx((0.8 - 0.6) * (1.0 - 0.8) / 7, rel=0.005)


def test_the_same_judgement_gives_the_same_draws_and_another_one_independent_draws():
    def judge(population):
        return expert_range(1, 2, 4, unit="persons", population=population, reason="r")

    assert (judge("a").draws.values == judge("a").draws.values).all()
    # The correlation of 4,000 independent pairs has a standard error of 0.016.
    assert abs(np.corrcoef(judge("a").draws.values, judge("b").draws.values)[0, 1]) < 0.06


@pytest.mark.parametrize(("numbers", "options", "message"), [
    ((3, 2, 4), {}, "low <= value <= high"), ((0, 1, 2), {}, "0 < low < value < high"),
    ((1, 1, 1), {"distribution": "PERT"}, "low < high"),
    ((0.5, 0.8, 1.2), {"unit": "share"}, "between 0 and 1"),
    ((1, 2, 3), {"distribution": "uniform"}, "distribution is one of"),
    ((1, 2, 3), {"reason": " "}, "its reason")])
def test_a_judgement_that_is_none_is_refused(numbers, options, message):
    with pytest.raises(ValueError, match=message):
        expert_range(*numbers, **{"unit": "persons", "population": "p", "reason": "r", **options})


def quotes(*rows):
    columns = ["route_from", "route_to", "year", "low", "high", "currency", "payer"]
    return FeeQuotes.from_table(pd.DataFrame(rows, columns=columns).assign(service="all", source="UNODC"))


def test_fees_are_summed_up_by_route_and_payer():
    summary = fee_by_route(quotes(
        ("Iraq", "UK", 2016, 4000, 4000, "USD", "migrant"), ("Iraq", "UK", 2018, 6000, 10000, "USD", "migrant"),
        ("Iraq", "UK", 2017, None, 20000, "USD", "migrant"), ("Iraq", "UK", 2016, 100, 100, "USD", "driver receives")))
    migrant, driver = summary.to_dict("records")
    # Two quotes have a middle (4,000 and 8,000); "up to 20,000" widens the range alone.
    assert (migrant["quotes"], migrant["median"], migrant["low"], migrant["high"]) == (3, 6000, 4000, 20000)
    assert migrant["years"] == "2016 to 2018"
    assert migrant["reading"] == "3 quotes"
    assert driver["reading"] == "one quote: an indicator, not an estimate"


def test_an_end_that_nobody_quoted_is_not_made_up():
    summary = fee_by_route(quotes(("Iraq", "UK", 2017, None, 20000, "USD", "migrant")))
    assert summary.loc[0, "high"] == 20000
    assert pd.isna(summary.loc[0, "low"])
    texts = [text.get_text() for text in plots.fees(summary).texts]
    assert "up to 20,000 (1)" in texts


def test_fees_of_several_currencies_are_refused():
    with pytest.raises(ValueError, match="GBP, USD: convert them first"):
        fee_by_route(quotes(("a", "b", 2016, 1, 1, "USD", "migrant"),
                            ("a", "b", 2016, 1, 1, "GBP", "migrant")))


def judgement(low, value, high, unit):
    return SimpleNamespace(low=low, value=value, high=high, unit=unit, reason="known")


def test_every_route_with_a_judged_volume_and_fee_has_a_revenue():
    judged = {"cambodia-to-thailand-volume": judgement(10, 20, 30, "persons"),
              "other": judgement(1, 2, 3, "x"),
              "cambodia-to-thailand-fee": judgement(100, 150, 300, "USD per person")}
    found = revenue_by_route(judged, period="2023")
    assert list(found) == ["Cambodia to Thailand"]
    assert found["Cambodia to Thailand"].estimate.value == 3000
    assert found["Cambodia to Thailand"].estimate.period == "2023"


def test_a_volume_without_a_fee_is_refused():
    with pytest.raises(ValueError, match="judge the fee as well"):
        revenue_by_route({"a-volume": judgement(1, 2, 3, "persons")})


def test_published_values_of_other_currencies_are_left_out_when_prices_are_changed():
    prices = AnnualRates((("USD", 2013, 232.957), ("USD", 2023, 304.702)), "price index")
    values = [Indicator(value=192e6, unit=unit, what="market", place="GMS", period="2013", source="UNODC",
                        kind="published estimate") for unit in ("USD", "EUR")]
    (real,) = at_prices_of(2023, values, prices)
    assert real.value == pytest.approx(192e6 * 304.702 / 232.957)


def plain(value, lower, upper, unit):
    return Estimate(value=value, lower=lower, upper=upper, unit=unit, method="given")


@pytest.mark.parametrize(("volume", "fee"), [
    ("persons", "share"), ("share", "USD"), ("persons", "USD"), ("persons", "persons"),
    ("departures", "USD per person")])
def test_a_product_that_is_not_money_is_refused(volume, fee):
    with pytest.raises(ValueError, match="is not money"):
        revenue(plain(100, 50, 200, volume), plain(100, 50, 200, fee))


def test_more_people_than_there_are_cannot_pay():
    with pytest.raises(ValueError, match="more people cannot pay than there are"):
        revenue(plain(100, 50, 200, "persons"), plain(100, 50, 200, "USD per person"),
                paying_share=plain(0.9, 0.5, 1.6, "share"))


def test_a_number_without_uncertainty_is_no_ingredient():
    with pytest.raises(TypeError, match="make a judged one with expert_range"):
        revenue(55_000, plain(100, 50, 200, "USD per person"))


def test_factors_that_do_not_vary_share_no_uncertainty():
    fixed = {"volume": plain(10, 10, 10, "persons"), "fee": plain(7, 7, 7, "USD per person")}
    assert variance_shares(fixed) == {"volume": 0.0, "fee": 0.0}


@pytest.mark.parametrize("unit", ["share", "persons"])
def test_a_level_that_is_no_share_is_refused_by_name(unit):
    with pytest.raises(ValueError, match="confidence_level is a share between 0 and 1, got 95"):
        expert_range(0.1, 0.5, 0.9, unit=unit, population="who pays", reason="known", confidence_level=95)
