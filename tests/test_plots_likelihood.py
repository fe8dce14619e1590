"""Profile likelihood, bootstrap and model space: what is drawn is what was computed, on the UK and Netherlands
tables and where there is little to draw."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from smuggling_analysis import CaptureHistories, NoEstimate, plots
from smuggling_analysis.estimate import Estimate
from smuggling_analysis.methods.multiple_systems import likelihood_curve, loglinear, loglinear_models
from smuggling_analysis.plots.models import _marked
from smuggling_analysis.simulate import independent_lists

TABLES = Path(__file__).parent / "published" / "capture_tables"


@pytest.fixture(scope="module")
def uk():
    return CaptureHistories.from_table(pd.read_csv(TABLES / "UKdat_5.csv"))


@pytest.fixture(scope="module")
def netherlands():
    return CaptureHistories.from_table(pd.read_csv(TABLES / "Ned_5.csv"))


def texts(ax):
    return [text.get_text() for text in ax.texts]


# Profile likelihood


@pytest.mark.parametrize("level", [0.95, 0.8])
def test_the_curve_holds_the_profile_interval(level, uk):
    estimate = loglinear(uk, selection="stepwise", confidence_level=level)
    curve = likelihood_curve(uk, estimate.diagnostics["model"], confidence_level=level)
    assert (curve.lower, curve.upper) == (estimate.lower, estimate.upper)
    assert curve.value == estimate.diagnostics["multinomial_value"]
    heights = dict(zip(curve.sizes.tolist(), curve.loglikelihood.tolist(), strict=True))
    assert heights[curve.value] == 0.0
    # The limits are where the likelihood has fallen by half a chi-squared quantile.
    assert [heights[curve.lower], heights[curve.upper]] == pytest.approx([curve.cut] * 2, abs=1e-6)
    assert curve.loglikelihood.max() == 0.0
    assert curve.loglikelihood.min() < -5


def test_the_curve_rises_to_its_top_and_falls_from_it(netherlands):
    curve = likelihood_curve(netherlands, loglinear(netherlands).diagnostics["model"])
    top = int(curve.loglikelihood.argmax())
    assert (np.diff(curve.loglikelihood[: top + 1]) > 0).all()
    assert (np.diff(curve.loglikelihood[top:]) < 0).all()
    assert curve.sizes[0] > curve.observed


def test_the_plot_draws_curve_cut_limits_and_the_observed_number(uk):
    curve = likelihood_curve(uk, "[1,2,3,4,5]")
    ax = plots.profile_likelihood(curve)
    drawn = [line for line in ax.lines if len(line.get_xdata()) == len(curve.sizes)]
    np.testing.assert_array_equal(drawn[0].get_ydata(), curve.loglikelihood)
    assert [curve.lower] * 2 in [list(line.get_xdata()) for line in ax.lines]
    assert [curve.upper] * 2 in [list(line.get_xdata()) for line in ax.lines]
    assert any("2,744 observed" in text for text in texts(ax))
    assert any("95 % interval" in text for text in texts(ax))


def test_an_open_upper_end_is_said():
    # One person on both lists: the likelihood falls so little upwards that it sets no limit.
    histories = CaptureHistories.from_counts({"a": 40, "b": 30, ("a", "b"): 1}, lists=["a", "b"])
    curve = likelihood_curve(histories, "[1,2]", confidence_level=1 - 1e-12)
    assert np.isinf(curve.upper)
    ax = plots.profile_likelihood(curve)
    assert "the likelihood sets no upper limit" in texts(ax)
    assert "no upper limit" in ax.get_title(loc="left")


def test_several_curves_stand_in_one_figure_with_their_numbers(uk):
    models = {"independent": "[1,2,3,4,5]", "stepwise": "[12,13,24,25,35,45]"}
    ax = plots.profile_likelihood({name: likelihood_curve(uk, model) for name, model in models.items()})
    said = [text.get_text() for text in ax.get_legend().get_texts()]
    assert said[0].startswith("independent [1,2,3,4,5]: 13,400")
    with pytest.raises(ValueError, match="between one and 4 curves"):
        plots.profile_likelihood({})
    with pytest.raises(ValueError, match="not of one confidence level"):
        plots.profile_likelihood({"a": likelihood_curve(uk, "[1,2,3,4,5]"),
                                  "b": likelihood_curve(uk, "[1,2,3,4,5]", confidence_level=0.9)})
    with pytest.raises(ValueError, match="not of one table"):
        plots.profile_likelihood({"a": likelihood_curve(uk, "[1,2,3,4,5]"),
                                  "b": likelihood_curve(uk.drop("LA"), "[1,2,3,4]")})


def test_a_model_without_an_estimate_has_no_curve():
    histories = CaptureHistories.from_table(pd.read_csv(TABLES / "Artificial_3.csv"))
    with pytest.raises(NoEstimate, match="no maximum likelihood estimate"):
        likelihood_curve(histories, "[12,3]")
    with pytest.raises(ValueError, match="confidence_level"):
        likelihood_curve(histories, "[1,2,3]", confidence_level=2.0)


@pytest.mark.parametrize("counts", [{("a", "b"): 5}, {"a": 1, "b": 1, ("a", "b"): 1},
                                    {"a": 10**9, "b": 10**9, ("a", "b"): 10**6}, {"a": 5, ("a", "b"): 50}])
def test_odd_tables_have_a_curve_or_a_refusal(counts):
    histories = CaptureHistories.from_counts(counts, lists=["a", "b"])
    try:
        curve = likelihood_curve(histories, "[1,2]")
    except NoEstimate:
        return
    assert np.isfinite(curve.loglikelihood).all()
    assert (curve.sizes >= curve.observed).all()
    plots.profile_likelihood(curve).figure.draw_without_rendering()


# Bootstrap


def two_heaps(share=0.5, **options):
    rng = np.random.default_rng(1)
    few = int(1000 * share)
    draws = np.append(rng.normal(10_000, 500, few), rng.normal(30_000, 1500, 1000 - few))
    return Estimate.from_draws(draws, joint="demo", unit="persons", method="demo", observed=2000, **options)


def test_every_replicate_is_drawn_or_counted(uk):
    estimate = loglinear(uk, max_order=2, interval="bootstrap", replicates=300, rng=1)
    ax = plots.bootstrap(estimate)
    drawn = sum(bar.get_height() for bar in ax.patches)
    beyond = sum(int(text.replace("←", "").split()[0].replace(",", "")) for text in texts(ax) if "further" in text)
    assert drawn + beyond == estimate.draws.values.size
    assert "300 replicates" in ax.get_title(loc="left")


def test_two_heaps_are_told_apart_and_one_is_one():
    assert plots.bootstrap(two_heaps()).get_title(loc="left") == "1,000 replicates with 2 peaks, near 10,000 and 29,900"
    assert plots.bootstrap(two_heaps(0.0)).get_title(loc="left") == "1,000 replicates with one peak"
    ax = plots.bootstrap(two_heaps())
    assert len([line for line in ax.lines if line.get_marker() == "v"]) == 2


def test_the_interval_and_the_estimate_stand_below(uk):
    estimate = two_heaps()
    ax = plots.bootstrap(estimate)
    assert [estimate.lower, estimate.upper] in [list(line.get_xdata()) for line in ax.lines]
    assert [estimate.value] in [list(line.get_xdata()) for line in ax.lines if line.get_marker() == "o"]


def test_draws_that_bca_moved_are_called_so(uk):
    estimate = loglinear(uk, selection="stepwise", interval="bca", replicates=200, rng=1)
    assert "moved by BCa" in plots.bootstrap(estimate).get_title(loc="left")


def test_wild_replicates_are_counted_not_drawn():
    draws = np.append(np.linspace(900, 1100, 995), [1e5, 1e6, 1e7, 1e9, 1e12])
    estimate = Estimate.from_draws(draws, joint="wild", unit="persons", method="demo")
    ax = plots.bootstrap(estimate)
    assert any("further up, to" in text for text in texts(ax))
    assert ax.get_xlim()[1] < 1e4


def test_an_estimate_without_draws_or_with_one_value_is_refused(uk):
    with pytest.raises(ValueError, match="has no draws: ask for interval='bootstrap'"):
        plots.bootstrap(loglinear(uk, selection=None))
    same = Estimate.from_draws([5.0, 5.0, 5.0], joint="same", unit="persons", method="demo")
    with pytest.raises(ValueError, match="the draws are all 5"):
        plots.bootstrap(same)


# Model space


def test_the_models_within_reach_and_their_spread_are_said(uk):
    models = loglinear_models(uk)
    ax = plots.model_space(models)
    low, high, near = models.spread
    assert f"within 10 of the best: {near} models" in texts(ax)
    assert {f"{float(f'{low:.3g}'):,.0f}", f"{float(f'{high:.3g}'):,.0f}"} <= set(texts(ax))
    points = sum(len(drawn.get_offsets()) for drawn in ax.collections if hasattr(drawn, "get_sizes")
                 and len(drawn.get_sizes()))
    shown = models.frame["bic"] <= models.frame["bic"].min() + 20
    assert points == shown.sum()


def test_a_points_area_grows_with_its_weight(uk):
    ax = plots.model_space(loglinear_models(uk, max_order=2))
    sizes = max((drawn for drawn in ax.collections if len(getattr(drawn, "get_sizes", list)())),
                key=lambda drawn: len(drawn.get_offsets()))
    order = np.argsort(sizes.get_offsets()[:, 0])
    assert (np.diff(sizes.get_sizes()[order]) <= 0).all()


def test_a_selected_model_is_named_and_one_that_is_best_is_named_once(uk):
    models = loglinear_models(uk)
    stepwise = loglinear(uk, selection="stepwise").diagnostics["model"]
    ax = plots.model_space(models, selected={"stepwise": stepwise})
    assert any(text.startswith("stepwise: 11,300 [12,13,24,25,35,45]") for text in texts(ax))
    twice = plots.model_space(models, selected={"chosen": models.frame["model"][0]})
    assert any(text.startswith("best, chosen: ") for text in texts(twice))
    far = plots.model_space(models, selected={"independent": "[1,2,3,4,5]"})
    assert far.get_xlim()[1] > 50
    with pytest.raises(ValueError, match="the table holds no estimate"):
        plots.model_space(models, selected={"unknown": "[99]"})


def test_models_under_one_name_are_one_row():
    frame = pd.DataFrame({"model": ["[1,2]", "[12]"], "value": [1.0, 2.0]})
    assert list(_marked(frame, {"best": "[1,2]", "given": "[1,2]"})["call"]) == ["best, given"]


def test_a_table_without_an_estimate_is_refused():
    apart = CaptureHistories.from_counts({"a": 5, "b": 5, "c": 5}, lists=["a", "b", "c"])
    with pytest.raises(ValueError, match="no model of the table has an estimate"):
        plots.model_space(loglinear_models(apart))


def test_simulated_people_are_watermarked_in_each():
    histories = independent_lists(3000, {"a": 0.2, "b": 0.2, "c": 0.1}, rng=1)
    drawn = [plots.model_space(loglinear_models(histories)),
             plots.profile_likelihood(likelihood_curve(histories, "[12,3]")),
             plots.bootstrap(loglinear(histories, interval="bootstrap", replicates=60, rng=1))]
    assert all("SIMULATED DATA" in texts(ax) for ax in drawn)


def test_axes_given_are_used(uk):
    for draw in (lambda ax: plots.profile_likelihood(likelihood_curve(uk, "[1,2,3,4,5]"), ax=ax),
                 lambda ax: plots.bootstrap(two_heaps(), ax=ax),
                 lambda ax: plots.model_space(loglinear_models(uk, max_order=2), ax=ax)):
        ax = Figure().subplots()
        assert draw(ax) is ax
