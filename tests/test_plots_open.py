"""The figure of an open population: people by period, staying below, what cannot be told marked."""

import pytest
from matplotlib.figure import Figure

from smuggling_analysis import plots
from smuggling_analysis.methods.multiple_systems import open_population_fit, robust_design_fit
from smuggling_analysis.simulate import open_lists

YEARS = {"2019": 0.5, "2020": 0.4, "2021": 0.5, "2022": 0.5}
REGISTER = open_lists([800, 200, 200, 200], [0.7, 0.7, 0.7], YEARS, rng=1)


@pytest.fixture(scope="module")
def population():
    return open_population_fit(REGISTER.histories)


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_two_axes_of_its_own_with_what_cannot_be_told_marked_and_simulated_data_watermarked(population):
    ax = plots.abundance_by_period(population, source="a register")
    above, below = ax.figure.axes
    assert above is ax
    assert ax.get_ylabel() == "persons"
    assert texts(above).count("cannot\nbe told") == 2
    assert texts(below).count("cannot\nbe told") == 1
    assert "SIMULATED DATA" in texts(above)
    assert [tick.get_text() for tick in below.get_xticklabels()] == list(YEARS)
    assert "a register" in ax.figure.get_supxlabel()


def test_points_are_the_estimates_and_lie_within_the_axes(population):
    ax = plots.abundance_by_period(population)
    line = ax.lines[0]
    told = population.abundance.dropna().astype(float)
    assert list(line.get_ydata()) == list(told["estimate"])
    assert ax.get_ylim()[1] > told["upper"].max()


def test_axes_given_are_drawn_on():
    ax = Figure().subplots()
    lists = {year: {"police": 0.4, "ngo": 0.3} for year in YEARS}
    register = open_lists([800, 200, 200, 200], [0.7, 0.7, 0.7], lists, rng=1)
    assert plots.abundance_by_period(robust_design_fit(register.histories), ax=ax) is ax
    assert len(ax.figure.axes) == 1
    assert texts(ax) == ["SIMULATED DATA"]
    ax.figure.draw_without_rendering()


def test_staying_at_its_bound_is_drawn_without_an_interval():
    register = open_lists([900, 0, 0, 0], [1.0, 1.0, 1.0], YEARS, rng=3)
    found = open_population_fit(register.histories)
    on_bound = found.survival["estimate"].notna() & found.survival["lower"].isna()
    assert on_bound.any()
    ax = plots.abundance_by_period(found)
    assert len(ax.figure.axes[1].lines[1].get_xdata()) == on_bound.sum()
