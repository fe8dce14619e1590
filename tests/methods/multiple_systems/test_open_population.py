"""Open populations: held to the truth they were simulated with, to invariance, and to refusals in words."""

import numpy as np
import pandas as pd
import pytest

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods.multiple_systems import open_population, open_population_fit
from smuggling_analysis.simulate import open_lists

YEARS = {"2017": 0.5, "2018": 0.4, "2019": 0.5, "2020": 0.3, "2021": 0.4, "2022": 0.5}
STAYING = [0.8, 0.7, 0.6, 0.8, 0.7]
ARRIVALS = [8000, 3000, 2000, 3000, 1000, 3000]
TABLES = ("abundance", "survival", "arrivals", "capture")


@pytest.fixture(scope="module")
def register():
    return open_lists(ARRIVALS, STAYING, YEARS, rng=11)


@pytest.fixture(scope="module")
def found(register):
    return open_population_fit(register.histories)


def relative_to_se(table, truth):
    return ((table["estimate"].astype(float) - truth) / table["se"].astype(float)).dropna().abs()


def test_every_number_lies_near_the_truth(register, found):
    assert (relative_to_se(found.abundance, register.present) < 3.5).all()
    assert (relative_to_se(found.survival, STAYING) < 3.5).all()
    assert (relative_to_se(found.arrivals, register.arrived) < 3.5).all()
    assert (relative_to_se(found.capture, list(YEARS.values())) < 3.5).all()
    assert abs(found.total.value - register.between) < 3.5 * found.total.se
    assert list(found.abundance["estimate"].isna()) == [True, *[False] * 4, True]
    assert list(found.survival["estimate"].isna()) == [*[False] * 4, True]
    assert list(found.arrivals["estimate"].isna()) == [True, *[False] * 3, True]


def test_the_method_returns_the_total_of_the_full_result(register, found):
    total = open_population(register.histories)
    assert (total.value, total.lower, total.upper) == (found.total.value, found.total.lower, found.total.upper)
    assert total.diagnostics["abundance"]["2018"] == found.abundance.estimate["2018"]
    assert total.diagnostics["survival"]["2021 to 2022"] is None
    assert total.fingerprint == register.histories.fingerprint and total.simulated
    assert any("cannot be told" in caution for caution in total.cautions)


def test_equal_capture_probabilities_tell_every_period():
    years = dict.fromkeys(YEARS, 0.4)
    register = open_lists(ARRIVALS, STAYING, years, rng=5)
    found = open_population_fit(register.histories, capture="equal")
    for table in TABLES:
        assert getattr(found, table).notna().all(axis=None)
    assert (relative_to_se(found.abundance, register.present) < 3.5).all()
    assert (relative_to_se(found.arrivals, register.arrived) < 3.5).all()
    assert abs(found.total.value - register.total) < 3.5 * found.total.se
    assert found.fit.loc["trap effect", "freedom"] == 1


def test_a_closed_population_is_one_where_everybody_stays_and_nobody_comes():
    register = open_lists([5000, 0, 0, 0, 0, 0], [1.0] * 5, YEARS, rng=2)
    found = open_population_fit(register.histories)
    survival, arrivals = (table["estimate"].dropna().astype(float) for table in (found.survival, found.arrivals))
    assert (survival > 0.95).all()
    assert (arrivals < 250).all()
    held = [caution for caution in found.cautions if "held at" in caution]
    assert len(held) == (survival == 1).sum() + (found.parameters.estimate[2:6] == 0).sum()
    assert found.total.value == pytest.approx(5000, rel=0.02)


def test_the_order_of_rows_and_of_named_periods_changes_nothing(register, found):
    table = register.histories.table().sample(frac=1, random_state=1)
    shuffled = table[[*list(YEARS)[::-1], "count"]]
    again = open_population_fit(CaptureHistories.from_table(shuffled))
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(again, name), getattr(found, name), rtol=1e-10)


def test_periods_without_dates_take_the_order_they_are_given(register, found):
    waves = dict(zip(YEARS, "fbadec", strict=True))
    table = register.histories.table().rename(columns=waves)
    again = open_population_fit(CaptureHistories.from_table(table), periods=list(waves.values()))
    assert again.total.value == pytest.approx(found.total.value, rel=1e-12)
    with pytest.raises(ValueError, match=r"needs lists that are periods and named so.*periods="):
        open_population(CaptureHistories.from_table(table))


def test_doubling_every_count_doubles_people_and_leaves_shares(register, found):
    double = open_population_fit(register.histories.with_counts(2 * register.histories.counts))
    for name, factor in (("abundance", 2), ("arrivals", 2), ("survival", 1), ("capture", 1)):
        np.testing.assert_allclose(getattr(double, name)["estimate"].dropna().astype(float),
                                   factor * getattr(found, name)["estimate"].dropna().astype(float), rtol=1e-7)
    assert double.total.value == pytest.approx(2 * found.total.value, rel=1e-8)
    assert double.total.se == pytest.approx(np.sqrt(2) * found.total.se, rel=1e-6)


def test_a_trap_effect_is_found_where_there_is_one_and_not_where_there_is_none(found):
    register = open_lists(ARRIVALS, STAYING, YEARS, trap_odds_ratio=2.0, rng=11)
    trapped = open_population_fit(register.histories)
    assert trapped.fit.loc["trap effect", "p_value"] < 1e-6
    assert trapped.effects.estimate[("trap effect", "all periods")] == pytest.approx(np.log(2), abs=0.25)
    assert any("depends on whether they were seen" in caution for caution in trapped.cautions)
    assert found.fit.loc["trap effect", "p_value"] > 0.001
    assert not any("depends on" in caution for caution in found.cautions)


def test_people_passing_by_are_found_and_leaving_them_out_mends_survival():
    register = open_lists(ARRIVALS, STAYING, YEARS, passing_by=0.4, rng=3)
    plain = open_population_fit(register.histories)
    assert plain.fit.loc["passers-by", "p_value"] < 1e-6
    assert any("passing by" in caution for caution in plain.cautions)
    kept = open_population_fit(register.histories, excluded="seen once")
    assert (relative_to_se(kept.survival, STAYING) < 3.5).all()
    assert (relative_to_se(plain.survival, STAYING) > 3.5).any()
    assert any("left out of the fit" in caution for caution in kept.cautions)
    assert kept.total.value >= register.histories.n_observed


def test_a_history_left_out_is_not_fitted_and_stays_in_the_total(register):
    pair = ("2017", "2022")
    found = open_population_fit(register.histories, excluded=[pair])
    kept = found.residuals
    on = (kept["2017"] == 1) & (kept["2022"] == 1) & (kept.iloc[:, 1:5].sum(axis=1) == 0)
    assert not on.any()
    assert found.total.observed == register.histories.n_observed
    assert found.fit.loc["fitted", "df"] == open_population_fit(register.histories).fit.loc["fitted", "df"] - 1
    with pytest.raises(ValueError, match="is not made of the periods"):
        open_population(register.histories, excluded=[("2050",)])
    with pytest.raises(ValueError, match="excluded is 'seen once'"):
        open_population(register.histories, excluded="transients")


def test_thirty_periods_take_no_table_of_two_to_the_thirty():
    months = {f"{2019 + place // 12}-{place % 12 + 1:02d}": 0.5 for place in range(30)}
    register = open_lists([800, *[200] * 29], [0.8] * 29, months, rng=4)
    found = open_population_fit(register.histories)
    assert len(found.abundance) == 30
    assert abs(found.total.value - register.total) < 500
    assert found.fit.loc["fitted", "df"] > 1e9


def test_a_model_that_does_not_fit_says_so():
    register = open_lists([60_000, 6000, 6000], [0.8, 0.8], dict.fromkeys(["2019", "2020", "2021"], 0.4), rng=1)
    histories = register.histories
    counts = histories.counts.copy()
    counts[0, histories.patterns.all(axis=1)] *= 3
    found = open_population_fit(histories.with_counts(counts))
    assert any("does not fit" in caution for caution in found.cautions)


def three(**counts):
    lists = ["2019", "2020", "2021"]
    named = {tuple(name for name, on in zip(lists, history.removeprefix("h"), strict=True) if on == "1"): number
             for history, number in counts.items()}
    return CaptureHistories.from_counts(named, lists=lists)


@pytest.mark.parametrize(("histories", "reason"), [
    (three(h100=5, h010=7, h110=3), "nobody was seen in 2021"),
    (three(h100=50, h010=70, h001=60), r"nobody, or hardly anybody|cannot tell"),
    (CaptureHistories.from_counts({"2019": 5, "2020": 5, ("2019", "2020"): 3}, lists=["2019", "2020"]),
     "2 periods cannot tell")])
def test_tables_that_cannot_answer_are_refused_with_the_reason(histories, reason):
    with pytest.raises(NoEstimate, match=reason):
        open_population(histories)


def test_more_than_everybody_staying_and_fewer_than_nobody_coming_are_held_at_the_bound_and_said():
    found = open_population_fit(three(h100=50, h010=70, h001=60, h101=20))
    assert found.survival.estimate["2019 to 2020"] == 1
    assert found.survival.loc["2019 to 2020", ["se", "lower", "upper"]].isna().all()
    said = " ".join(found.cautions)
    assert "between 2019 and 2020 the counts would have more than everybody stay" in said
    assert "between 2020 and 2021 the counts would have fewer than nobody arrive" in said
    assert "present in 2020 or seen in 2019 or 2021" in said


def test_a_period_in_which_everybody_was_seen_says_so():
    found = open_population_fit(three(h100=30, h010=20, h001=25, h110=40, h011=35, h111=30))
    assert found.capture.estimate["2020"] == pytest.approx(1, abs=1e-7)
    assert found.abundance.estimate["2020"] == pytest.approx(125, rel=1e-6)
    assert found.total.value == pytest.approx(180, rel=1e-6)
    assert any("everybody present in 2020 was seen" in caution for caution in found.cautions)


def test_counts_of_a_billion_keep_their_precision():
    small = {"h100": 30, "h010": 20, "h001": 25, "h110": 40, "h101": 9, "h011": 35, "h111": 30}
    one = open_population(three(**small))
    large = open_population(three(**{history: number * 10**8 for history, number in small.items()}))
    assert large.value == pytest.approx(1e8 * one.value, rel=1e-9)


@pytest.mark.parametrize("options", [{"capture": "constant"}, {"confidence_level": 2}, {"periods": ["2019"]}])
def test_options_that_mean_nothing_are_refused(options):
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        open_population(three(h100=30, h010=20, h001=25, h110=40, h101=9, h011=35, h111=30), **options)


def test_periods_that_overlap_are_refused():
    histories = CaptureHistories.from_counts({("2019", "2020"): 5, ("2020", "2020-Q1"): 3, "2020-Q1": 2, "2019": 4},
                                             lists=["2019", "2020", "2020-Q1"])
    with pytest.raises(ValueError, match="overlap"):
        open_population(histories)


def test_the_table_of_methods_offers_it_for_lists_named_by_periods_only(register):
    assert METHODS["open_population"].lacks(register.histories) == ""
    assert "needs lists that are periods" in METHODS["open_population"].lacks(
        CaptureHistories.from_counts({"police": 5, "ngo": 4, "court": 3}, lists=["police", "ngo", "court"]))


def odd_table(rng):
    """A table of zeros, repeats, lists inside others and counts up to a billion."""
    periods = int(rng.integers(3, 6))
    patterns = np.arange(1, 2**periods)[:, None] >> np.arange(periods) & 1 == 1
    counts = rng.poisson(rng.choice([0.3, 3, 300, 1e8]), len(patterns)) * (rng.random(len(patterns)) < 0.5)
    kind = rng.integers(4)
    if kind == 1:
        patterns[:, 1] = patterns[:, 0]
    elif kind == 2:
        patterns[:, 1] &= patterns[:, 0]
    frame = pd.DataFrame(patterns.astype(int), columns=[str(2015 + place) for place in range(periods)])
    frame["count"] = counts
    frame = frame[frame.iloc[:, :-1].any(axis=1)]
    return frame.groupby(list(frame.columns[:-1]), as_index=False)["count"].sum()


@pytest.mark.parametrize("options", [{}, {"capture": "equal"}, {"excluded": "seen once"}], ids=str)
def test_odd_tables_give_sound_numbers_or_a_reason(options):
    rng, answered = np.random.default_rng(7), 0
    for _ in range(25):
        table = odd_table(rng)
        if table["count"].sum() == 0:
            continue
        histories = CaptureHistories.from_table(table)
        try:
            found = open_population_fit(histories, **options)
        except NoEstimate:
            continue
        answered += 1
        assert found.total.value >= histories.n_observed - 1e-6
        assert np.isfinite([found.total.lower, found.total.upper, found.total.se]).all()
        # Nothing runs to infinity unnoticed: a hundred times the people seen is refused or cautioned.
        assert found.total.value < 100 * histories.n_observed or len(found.cautions) > 1
        for name in TABLES:
            table = getattr(found, name).astype(float)
            assert not np.isinf(table.to_numpy()).any()
            assert (table["estimate"].dropna() >= 0).all()
        assert (found.survival["estimate"].dropna() <= 1).all()
    assert answered >= 5


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say():
    """250 populations: 95 % intervals of every kind of number, within what 250 can tell."""
    rng, held = np.random.default_rng(1), {name: [] for name in (*TABLES[:3], "total", "everybody")}
    years = dict.fromkeys(list(YEARS)[:5], 0.4)
    for _ in range(250):
        register = open_lists(ARRIVALS[:5], STAYING[:4], years, rng=rng)
        found = open_population_fit(register.histories)
        for name, truth in (("abundance", register.present), ("survival", register.stayed),
                            ("arrivals", register.arrived)):
            table = getattr(found, name).astype(float)
            inside = (table["lower"] <= truth) & (truth <= table["upper"])
            held[name] += list(inside[table["estimate"].notna()])
        held["total"].append(found.total.lower <= register.between <= found.total.upper)
        total = open_population(register.histories, capture="equal")
        held["everybody"].append(total.lower <= register.total <= total.upper)
    for name, inside in held.items():
        assert 0.91 < np.mean(inside) <= 1.0, (name, np.mean(inside))
