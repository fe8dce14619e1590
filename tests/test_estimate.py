"""Estimates: held to the arithmetic of distributions whose products and sums are known in closed form."""

import copy
import math
import pickle
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smuggling_analysis.draws import Draws
from smuggling_analysis.estimate import Estimate, NoEstimate

Z = NormalDist().inv_cdf(0.975)


def make(value=100.0, lower=80.0, upper=130.0, **fields):
    return Estimate(**{"value": value, "lower": lower, "upper": upper, "unit": "persons", "method": "test", **fields})


def lognormal(median, sigma, method, **fields):
    return make(median, median * math.exp(-Z * sigma), median * math.exp(Z * sigma), method=method, **fields)


@pytest.mark.parametrize(("fields", "said"), [
    ({"value": math.nan}, "not a number"),
    ({"lower": math.nan}, "not a number"),
    ({"value": math.inf, "upper": math.inf, "unbounded": True}, "must be finite"),
    ({"lower": 140.0}, "lies above the upper"),
    ({"upper": math.inf}, "declared with unbounded=True"),
    ({"se": -1.0}, "not negative"),
    ({"observed": 101}, "below the 101.0 observed"),
    ({"confidence_level": 95}, "share between 0 and 1"),
    ({"unit": ""}, "needs a unit"),
    ({"rating": "E"}, "rating is A, B, C or D"),
])
def test_nonsense_is_refused_with_a_sentence(fields, said):
    with pytest.raises(ValueError, match=said):
        make(**fields)


def test_an_interval_that_leaves_out_its_point_is_kept_with_a_caution():
    assert "the interval leaves out its own point" in make(value=131.0).cautions


def test_a_lower_limit_below_the_observed_is_kept_with_a_caution():
    assert "the lower limit lies below the number observed" in make(observed=90).cautions


def test_an_estimate_cannot_be_changed():
    estimate = make(diagnostics={"deviance": 3.0})
    with pytest.raises(AttributeError):
        estimate.value = 3.0
    with pytest.raises(TypeError):
        estimate.diagnostics["deviance"] = 0.0
    with pytest.raises(ValueError, match="read-only"):
        estimate.with_draws().draws.values[0] = 0.0


def test_implied_draws_give_the_interval_back():
    drawn = make(150.0, 110.0, 260.0, observed=100).with_draws().draws.values
    lower, middle, upper = np.quantile(drawn, [0.025, 0.5, 0.975])
    # Draws are quantiles at evenly spaced probabilities: the limits differ by less than one step of the tail.
    assert (lower, middle, upper) == pytest.approx((110, 150, 260), rel=1e-3)
    assert drawn.min() > 100


def test_a_product_of_lognormals_is_lognormal():
    volume = lognormal(1000.0, 0.3, "volume")
    fee = lognormal(200.0, 0.4, "fee", unit="USD per person")
    revenue = volume * fee
    assert revenue.unit == "USD" and revenue.value == 200_000
    assert np.log(revenue.draws.values).std() == pytest.approx(0.5, rel=0.05)
    assert any(caution.startswith("combined as independent") for caution in revenue.cautions)


def test_draws_of_one_joint_stay_aligned():
    rng = np.random.default_rng(1)
    men = rng.gamma(50.0, 2.0, 5000)
    women = 300.0 - men
    total = (Estimate.from_draws(men, joint="posterior", unit="persons", method="men")
             + Estimate.from_draws(women, joint="posterior", unit="persons", method="women"))
    assert total.draws.values.std() == pytest.approx(0, abs=1e-9)
    assert not any("independent" in caution for caution in total.cautions)


def test_two_methods_run_with_one_seed_are_not_mistaken_for_correlated():
    first = Estimate.from_draws(np.random.default_rng(7).normal(10, 1, 5000), joint="a", unit="persons", method="a")
    second = Estimate.from_draws(np.random.default_rng(7).normal(10, 1, 5000), joint="b", unit="persons", method="b")
    difference = first - second
    assert difference.draws.values.std() == pytest.approx(math.sqrt(2), rel=0.05)


def test_dividing_a_product_by_its_factor_gives_the_other_factor_back():
    volume, fee = lognormal(1000.0, 0.3, "volume"), lognormal(200.0, 0.4, "fee", unit="USD per person")
    back = (volume * fee) / fee
    assert back.unit == "persons"
    np.testing.assert_allclose(np.sort(back.draws.values), np.sort(volume.with_draws().draws.values), rtol=1e-12)


def test_an_estimate_less_itself_is_nothing():
    estimate = make()
    assert (estimate - estimate).draws.values.std() == pytest.approx(0, abs=1e-12)


def test_an_estimate_described_in_other_words_is_still_itself():
    estimate = make()
    share = estimate.described(place="Cambodia", population="clients") / estimate
    assert (share.lower, share.upper) == (1, 1)


def test_sums_of_estimates_work_with_sum():
    assert sum([make(), make(method="other")]).value == 200


@pytest.mark.parametrize("compute", [
    lambda a: a * 2, lambda a: 2 * a, lambda a: a / 0.5, lambda a: a + a,
])
def test_scaling_scales_point_and_limits(compute):
    doubled = compute(make().with_draws())
    drawn = make().with_draws().draws.values
    assert doubled.value == 200 and doubled.unit == "persons"
    assert doubled.lower == pytest.approx(2 * np.quantile(drawn, 0.025))


def test_units_must_agree_in_sums():
    with pytest.raises(ValueError, match=r"cannot compute persons \+ deaths"):
        make() + make(unit="deaths")


def test_division_by_what_may_be_zero_is_refused():
    with pytest.raises(NoEstimate, match="may be zero"):
        make() / make(1.0, -2.0, 4.0)
    with pytest.raises(ZeroDivisionError):
        make() / 0


def test_an_unbounded_interval_cannot_be_computed_with():
    with pytest.raises(NoEstimate, match="unbounded"):
        make(upper=math.inf, unbounded=True) * 2


def test_cautions_fingerprints_and_simulation_travel_along():
    result = make(cautions=("boundary",), simulated=True, fingerprint="f") * make(method="other")
    assert "boundary" in result.cautions and result.simulated
    assert result.fingerprint and result.fingerprint != (make(fingerprint="g") * make(method="other")).fingerprint


def test_the_wider_confidence_level_is_kept():
    assert (make(confidence_level=0.9) + make(confidence_level=0.99, method="other")).confidence_level == 0.99


def test_draws_must_be_finite():
    with pytest.raises(ValueError, match="1 are not finite"):
        Draws.of([1.0, math.inf], "joint")


def test_refusals_and_estimates_survive_the_way_back_from_a_worker():
    refusal = pickle.loads(pickle.dumps(NoEstimate("no overlap", "identifiers")))
    assert (refusal.reason, refusal.needed) == ("no overlap", "identifiers")


@given(st.floats(1, 1e6), st.floats(0.01, 0.99), st.floats(1.01, 20.0))
def test_arithmetic_is_deterministic(value, down, up):
    def compute():
        a = make(value, value * down, value * up)
        return a * make(3.0, 2.0, 4.0, unit="USD per person")
    first, second = compute(), compute()
    assert (first.lower, first.upper) == (second.lower, second.upper)


def test_words_can_change_but_numbers_cannot():
    assert make().described(place="Cambodia").place == "Cambodia"
    with pytest.raises(TypeError, match="it cannot set value"):
        make().described(value=3.0)


def test_estimates_are_copied_and_pickled_whole():
    estimate = make(diagnostics={"deviance": 1.5}).with_draws()
    for twin in (pickle.loads(pickle.dumps(estimate)), copy.deepcopy(estimate)):
        assert twin.to_dict() == estimate.to_dict()
        assert (twin - estimate).upper == 0.0
        with pytest.raises(TypeError):
            twin.diagnostics["deviance"] = 0.0


@pytest.mark.parametrize(("level", "shown"), [(0.95, "95% interval"), (0.999, "99.9% interval"), (0.29, " 29% ")])
def test_the_level_is_shown_as_it_is(level, shown):
    assert shown in repr(make(confidence_level=level))


def test_the_last_bits_of_a_number_do_not_change_the_draws():
    """Another processor, or another order of summation, may round otherwise; the report is to stay the same."""
    here = Estimate(value=500.0, lower=400.0, upper=650.0, unit="persons", method="chapman")
    there = Estimate(value=np.nextafter(500.0, 501.0), lower=400.0, upper=650.0, unit="persons", method="chapman")
    fee = Estimate(value=150.0, lower=120.0, upper=200.0, unit="USD per person", method="survey mean")
    assert (here * fee).lower == pytest.approx((there * fee).lower, rel=1e-12)
