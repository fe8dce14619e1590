"""Trace and rank plots: what they show is what the chains hold."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from smuggling_analysis import plots
from smuggling_analysis.chains import Chains


def chains(apart=0.0, number=4, draws=400, seed=1):
    rng = np.random.default_rng(seed)
    values = 10_000 + 500 * rng.standard_normal((number, draws)) + apart * np.arange(number)[:, None]
    return Chains(values=values, method="demonstration", others={"classes in use": rng.integers(2, 5, values.shape)})


def texts(ax):
    return [text.get_text() for text in ax.figure.findobj(match=lambda part: hasattr(part, "get_text"))]


def bars(ax, number):
    """Heights of the bars, one row a chain."""
    return np.array([bar.get_height() for bar in ax.patches]).reshape(number, -1)


def test_a_trace_shows_every_chain_and_says_how_they_agree():
    drawn = chains()
    ax = plots.trace(drawn)
    lines = ax.get_lines()
    assert len(lines) == 4
    assert (lines[2].get_ydata() == drawn.values[2]).all()
    assert any(text.startswith("4 chains of 400 draws: R-hat 1.0") for text in texts(ax))
    assert ax.get_ylabel() == "persons"


def test_a_long_trace_is_thinned_and_says_so():
    ax = plots.trace(chains(draws=4000))
    assert ax.get_xlabel() == "draw (one in 3 is shown)"
    assert len(ax.get_lines()[0].get_xdata()) <= 1500


def test_wide_chains_are_drawn_on_a_logarithmic_scale():
    wide = Chains(values=np.exp(np.random.default_rng(1).normal(10, 1, (2, 100))))
    assert plots.trace(wide).get_yscale() == "log"
    assert plots.trace(chains()).get_yscale() == "linear"


def test_ranks_of_chains_that_agree_are_even_within_the_band():
    ax = plots.ranks(chains(draws=2000))
    heights = bars(ax, 4)
    assert heights.mean() == pytest.approx(1, abs=1e-9)
    band = ax.collections[0].get_paths()[0].get_extents()
    half = band.height / 2
    assert np.mean(np.abs(heights - 1) < half) > 0.85
    assert half == pytest.approx(1.96 * np.sqrt(19 / 2000 * 3 / 4), rel=0.2)


def test_ranks_of_chains_that_differ_lean():
    heights = bars(plots.ranks(chains(apart=1000.0)), 4)
    assert heights[0, :5].mean() > 2 > 0.2 > heights[0, -5:].mean()
    assert heights[3, -5:].mean() > 2


def test_equal_draws_share_their_rank():
    same = Chains(values=np.full((3, 50), 7.0))
    assert (bars(plots.ranks(same), 3) == 1).all()


def test_another_quantity_is_drawn_by_its_name():
    assert plots.trace(chains(), quantity="classes in use").get_ylabel() == "classes in use"
    assert "classes in use" in plots.ranks(chains(), quantity="classes in use").get_xlabel()
    with pytest.raises(ValueError, match="the chains hold no 'fee', but classes in use"):
        plots.trace(chains(), quantity="fee")


def test_one_chain_has_no_ranks_to_compare():
    with pytest.raises(ValueError, match="there is one only"):
        plots.ranks(chains(number=1))
    assert len(plots.trace(chains(number=1)).get_lines()) == 1


def test_axes_given_are_used_sources_named_and_simulated_people_watermarked():
    for draw in (plots.trace, plots.ranks):
        ax = Figure().subplots()
        assert draw(chains(), ax=ax, source="a register", simulated=True) is ax
        assert "SIMULATED DATA" in texts(ax)
        assert any("Source: a register" in text for text in texts(ax))
