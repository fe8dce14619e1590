"""Figures of one register: what is drawn is what was fitted."""

import numpy as np
import pandas as pd
import pytest

from smuggling_analysis import numerals, plots
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register import (
    fit_register,
    frequency_fit,
    leave_one_cell_out,
    leave_one_level_out,
    leave_one_out,
    ratio_regression,
    residuals,
)
from smuggling_analysis.plots import theme

DUTCH = RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1})
TABLE = pd.DataFrame({"sex": ["f", "f", "f", "m", "m", "m", "m", "x", "x"], "times_caught": [1, 2, 3, 1, 2, 3, 7, 1, 2],
                      "n_persons": [300, 60, 8, 500, 50, 9, 1, 40, 1]})
BY_SEX = RepeatCounts.from_table(TABLE, covariates=["sex"])


def texts(ax):
    return [text.get_text() for text in ax.texts]


def rows_of(ax):
    return [tick.get_text() for tick in ax.get_yticklabels()][::-1]


def test_bars_hang_from_the_expected_and_are_as_long_as_the_observed():
    found = frequency_fit(fit_register(DUTCH))
    ax = plots.rootogram(found, source="the police")
    tops = [bar.get_y() + bar.get_height() for bar in ax.patches]
    assert np.square(tops) == pytest.approx(found.frame["expected"].to_numpy())
    assert np.square([bar.get_height() for bar in ax.patches]) == pytest.approx(found.frame["observed"].to_numpy(float))
    red = [bar.get_x() + bar.get_width() / 2 for bar in ax.patches if theme.RED.lower() in str(_hex(bar)).lower()]
    assert red == pytest.approx([2, 3, 4])
    assert ax.get_title(loc="left") == "zero-truncated Poisson: fewer seen twice than expected, more seen 4 times"
    assert rows_of(ax)[-1] == "0"


def _hex(bar):
    from matplotlib.colors import to_hex

    return to_hex(bar.get_facecolor())


def test_a_fit_that_holds_is_said_to_hold_and_a_fit_is_taken_for_its_frequencies():
    ax = plots.rootogram(fit_register(DUTCH, family="one-inflated geometric"))
    assert ax.get_title(loc="left").endswith("people were seen about as often as expected")


def test_without_whom_there_is_no_estimate_comes_first():
    found = leave_one_cell_out(fit_register(BY_SEX, formula="sex"))
    ax = plots.register_influence(found)
    assert rows_of(ax)[0] == "x, seen twice (1 left out)"
    assert texts(ax).count("no estimate without") == 1
    drawn = sorted(line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o")
    assert drawn == pytest.approx(sorted(found.frame["value"].dropna()))
    assert "1 cannot be left out" in ax.get_title(loc="left")


def test_levels_and_persons_are_named_and_rows_are_limited():
    by_level = plots.register_influence(leave_one_level_out(fit_register(BY_SEX, formula="sex")))
    assert set(rows_of(by_level)) == {"sex = f (368 left out)", "sex = m (560 left out)", "sex = x (41 left out)"}
    one = leave_one_out(fit_register(BY_SEX, formula="sex"))
    assert len(rows_of(plots.register_influence(one, most=3))) == 3
    assert "m, seen 7 times (1 left out)" in rows_of(plots.register_influence(one))


def test_ratios_are_drawn_with_the_lines_carried_back():
    ax = plots.ratio_plot(DUTCH, models=["poisson", "log"])
    points = next(line for line in ax.lines if line.get_linestyle() == "None" and len(line.get_xdata()) == 5)
    assert points.get_ydata() == pytest.approx([2 * 183 / 1645, 3 * 37 / 183, 4 * 13 / 37, 5 / 13, 6])
    told = ratio_regression(DUTCH, model="log").diagnostics["fitted_ratios"]
    line = next(line for line in ax.lines if "log:" in line.get_label())
    assert line.get_ydata() == pytest.approx([(x + 1) * ratio for x, ratio in told.items()])
    said = ratio_regression(DUTCH, model="poisson")
    words = numerals.with_interval(said.value, said.lower, said.upper, digits=numerals.DIGITS)
    assert f"poisson: {words}" in [text.get_text() for text in ax.get_legend().get_texts()]


def test_a_line_that_the_ratios_do_not_determine_is_named():
    ax = plots.ratio_plot(RepeatCounts.from_frequencies({1: 50, 2: 5}), models=["log", "poisson"])
    assert "log: no estimate" in [text.get_text() for text in ax.get_legend().get_texts()]


def test_residuals_are_those_of_the_fit_and_the_farthest_are_named():
    fit = fit_register(BY_SEX, formula="sex")
    ax = plots.register_residuals(fit)
    drawn = np.concatenate([disc.get_offsets()[:, 1] for disc in ax.collections])
    assert sorted(drawn) == pytest.approx(sorted(residuals(fit)["pearson"]))
    assert "m, 1 seen 7 times" in texts(ax)
    off = residuals(fit).query("pearson > 2")["n_persons"].sum()
    assert ax.get_title(loc="left") == f"{off} of 969 people are more than 2 standard deviations off"


@pytest.mark.parametrize("draw", [
    lambda counts: plots.rootogram(fit_register(counts)),
    lambda counts: plots.register_influence(leave_one_out(fit_register(counts))),
    lambda counts: plots.ratio_plot(counts, models=["poisson"]),
    lambda counts: plots.register_residuals(fit_register(counts)),
])
def test_simulated_registers_are_marked(draw):
    assert theme.WATERMARK in texts(draw(RepeatCounts.from_frequencies({1: 80, 2: 20, 3: 4}, simulated=True)))
    assert theme.WATERMARK not in texts(draw(RepeatCounts.from_frequencies({1: 80, 2: 20, 3: 4})))
