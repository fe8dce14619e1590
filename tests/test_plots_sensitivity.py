"""Figures of sensitivity: what is drawn is what was computed, also where there is little to draw."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from smuggling_analysis import CaptureHistories, plots
from smuggling_analysis.methods.multiple_systems import (
    assumed_away,
    dependence_band,
    dropped_lists,
    held_out_lists,
    leave_one_list_out,
    loglinear,
    merged_lists,
    trajectory,
)
from smuggling_analysis.plots import theme
from smuggling_analysis.simulate import dependent_lists

TABLES = Path(__file__).parent / "published" / "capture_tables"


@pytest.fixture(scope="module")
def uk():
    return CaptureHistories.from_table(pd.read_csv(TABLES / "UKdat_5.csv"))


@pytest.fixture(scope="module")
def original(uk):
    return loglinear(uk)


def two(both=12):
    return CaptureHistories.from_counts({"police": 60, "ngo": 40, ("police", "ngo"): both}, lists=["police", "ngo"])


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_the_band_goes_through_every_estimate_and_its_tipping_points_are_marked(uk, original):
    band = dependence_band(uk, original=original)
    ax = plots.dependence(band, source="five lists")
    line = next(one for one in ax.lines if one.get_color() == theme.BLUE and len(one.get_xdata()) > 1)
    assert line.get_ydata() == pytest.approx(band.band["value"].to_numpy())
    assert ax.get_xscale() == "log"
    tips = band.tips[band.lists]
    marked = [tip for tip in (tips.below, tips.above) if tip is not None]
    assert marked
    dashed = [one.get_xdata()[0] for one in ax.lines if one.get_color() == theme.RED and len(set(one.get_xdata())) == 1]
    assert set(dashed) == set(marked)
    assert sum(text.startswith("turns at") for text in texts(ax)) == len(marked)
    assert "all pairs" in texts(ax)


def test_the_observed_line_and_the_threshold_are_drawn():
    ax = plots.dependence(dependence_band(two(), against=400.0))
    assert "112 observed" in texts(ax)
    assert ax.get_title(loc="left") == "red: where the estimate crosses 400"
    unmoved = plots.dependence(dependence_band(two(), against=1e9))
    assert unmoved.get_title(loc="left") == "the estimate does not cross 1,000 million"


def test_the_odds_ratios_are_written_as_fractions_below_one():
    ax = plots.dependence(dependence_band(two()))
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["1/10", "1/5", "1/2", "1", "2", "5", "10"]
    wide = plots.dependence(dependence_band(two(), odds_ratios=[1e-6, 1e6]))
    assert len(wide.get_xticklabels()) <= 13


def test_the_interaction_of_all_lists_is_drawn_by_the_same_function(uk, original):
    ax = plots.dependence(assumed_away(uk, original=original))
    assert ax.get_xlabel() == "odds ratio: interaction of all lists at once"


def test_variants_stand_below_the_original_and_refusals_say_so(uk, original):
    left, dropped = (function(uk, original=original) for function in (leave_one_list_out, dropped_lists))
    ax = plots.left_out([left, dropped])
    names = [tick.get_text() for tick in ax.get_yticklabels()]
    assert names == ["all lists", *left.frame["variant"], *dropped.frame["variant"]]
    refused = plots.left_out(leave_one_list_out(two()))
    assert texts(refused).count("refused") == 2


def test_results_of_different_estimates_are_not_drawn_together(uk, original):
    with pytest.raises(ValueError, match="different estimates"):
        plots.left_out([leave_one_list_out(uk, original=original), leave_one_list_out(two())])
    with pytest.raises(ValueError, match="different estimates"):
        plots.tornado([dependence_band(uk, original=original), dependence_band(two())])
    with pytest.raises(ValueError, match="no result"):
        plots.tornado([])


def test_held_out_lists_are_drawn_as_shares_of_the_truth(uk, original):
    found = held_out_lists(uk, original=original)
    ax = plots.held_out(found)
    known = found.frame.dropna(subset=["value"])
    points = [one.get_xdata()[0] for one in ax.lines if one.get_marker() == "o"]
    assert sorted(points) == pytest.approx(sorted(known["ratio"]))
    assert texts(plots.held_out(held_out_lists(two()))) == ["refused", "refused"]


def test_a_trajectory_has_a_point_for_every_number_of_lists(uk, original):
    found = trajectory(uk, original=original, every_choice=True)
    ax = plots.trajectory(found)
    points = [one.get_ydata()[0] for one in ax.lines if one.get_marker() == "o"]
    assert points == pytest.approx(found.frame["value"].dropna().tolist())
    assert len(ax.get_xticklabels()) == 4


def test_a_trajectory_that_begins_with_a_refusal_says_so():
    histories = CaptureHistories.from_counts(
        {"a": 60, "b": 50, "c": 10, ("a", "c"): 20, ("b", "c"): 20}, lists=["a", "b", "c"])
    found = trajectory(histories, order=["a", "b", "c"], model="[1,2,3]")
    assert math.isnan(found.frame["value"].iloc[0])
    assert "refused" in texts(plots.trajectory(found))


def test_the_tornado_has_the_widest_on_top_and_every_bar_spans_its_result(uk, original):
    results = {name: function(uk, original=original) for name, function in (
        ("dependence", dependence_band), ("interaction", assumed_away), ("left out", leave_one_list_out),
        ("merged", merged_lists))}
    ax = plots.tornado(results)
    names = [tick.get_text() for tick in ax.get_yticklabels()]
    widths = {name: result.span[1] / result.span[0] for name, result in results.items()}
    assert names == sorted(results, key=lambda name: -widths[name])
    ends = sorted(round(bar.get_x() + bar.get_width()) for container in ax.containers for bar in container)
    assert ends == sorted(round(end) for result in results.values() for end in result.span)


def test_simulated_data_is_watermarked_and_axes_are_taken_as_given():
    histories = dependent_lists(3000, {"a": 0.3, "b": 0.2, "c": 0.2}, {("a", "b"): 2.0}, rng=1)
    drawn = ((plots.dependence, dependence_band(histories)), (plots.left_out, leave_one_list_out(histories)),
             (plots.held_out, held_out_lists(histories)), (plots.trajectory, trajectory(histories)),
             (plots.tornado, [dependence_band(histories)]))
    for function, result in drawn:
        given = Figure().subplots()
        ax = function(result, ax=given, source="simulated")
        assert ax is given
        assert theme.WATERMARK in texts(ax)
        ax.figure.canvas.draw()


def test_an_interval_without_an_upper_limit_is_drawn_to_the_edge():
    histories = CaptureHistories.from_counts({"a": 30, "b": 25, "c": 20, ("a", "b"): 1, ("a", "c"): 2, ("b", "c"): 1},
                                             lists=["a", "b", "c"])
    for function, result in ((plots.left_out, leave_one_list_out(histories)), (plots.trajectory, trajectory(histories)),
                             (plots.dependence, dependence_band(histories))):
        ax = function(result)
        ax.figure.canvas.draw()
        assert np.isfinite(ax.get_xlim()).all()
        assert np.isfinite(ax.get_ylim()).all()
