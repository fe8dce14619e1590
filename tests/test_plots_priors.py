"""The prior table and the posterior as figures: what is drawn is what was computed."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from smuggling_analysis import CaptureHistories, plots
from smuggling_analysis.methods.multiple_systems import bayesian_graphical_posterior, prior_table
from smuggling_analysis.simulate import independent_lists

TABLES = Path(__file__).parent / "published" / "capture_tables"


def people(name):
    return CaptureHistories.from_table(pd.read_csv(TABLES / f"{name}.csv"))


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_the_medians_are_drawn_and_the_observed_number_marked():
    table = prior_table(people("UKdat_5"), deltas=[2**-5, 2**-3, 1], priors=["inverse"])
    ax = plots.prior_sensitivity(table, source="Home Office")
    line = ax.get_lines()[0]
    assert line.get_ydata().tolist() == table.frame["median"].tolist()
    assert line.get_xdata() == pytest.approx(table.frame["delta"])
    assert "2,744 observed" in texts(ax)
    assert ax.get_title(loc="left") == "The prior decides: medians differ by a factor of 8.19"
    assert ax.get_yscale() == "log"
    assert [label.get_text() for label in ax.get_legend().get_texts()] == [
        "prior on N: 1/N", "hollow: the prior alone decides N"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1/32", "1/8", "1"]


def test_priors_without_a_posterior_are_left_out():
    table = prior_table(people("diabetes"), deltas=[2**-4, 1])
    ax = plots.prior_sensitivity(table)
    assert ax.get_title(loc="left").startswith("The prior decides little")
    assert ax.get_yscale() == "linear"
    assert [line.get_xdata().size for line in ax.get_lines()[:3:2]] == [2, 1]


def test_too_many_priors_are_refused():
    histories = people("diabetes")
    table = prior_table(histories, deltas=[1], priors=dict.fromkeys("abcde", "inverse"))
    with pytest.raises(ValueError, match="up to 4 priors"):
        plots.prior_sensitivity(table)


def test_the_posterior_is_filled_by_its_graphs():
    found = bayesian_graphical_posterior(people("UKdat_5"))
    ax = plots.posterior(found, source="Home Office")
    sizes, heights = ax.get_lines()[0].get_data()
    assert heights == pytest.approx(found.mass_at(sizes))
    labels = [label.get_text() for label in ax.get_legend().get_texts()]
    assert labels[0] == "[123,25,34]: 44 %"
    assert labels[-1].startswith("all other graphs")
    assert len(labels) == 5
    assert ax.get_title(loc="left") == "median 23,000, 95 % interval 10,400 to 33,500; 2,744 observed"
    parts = found.mass_by_graph(sizes, 4)
    assert (parts.sum(axis=0) <= heights * (1 + 1e-9)).all()
    assert parts.shape == (4, sizes.size)


def test_a_spike_is_cut_and_named():
    found = bayesian_graphical_posterior(people("Artificial_3"))
    ax = plots.posterior(found)
    assert ax.get_xscale() == "log"
    share = found.mass_at([found.observed])[0]
    assert any(f"{100 * share:.0f} % at 96 alone" in text for text in texts(ax))
    sizes, heights = ax.get_lines()[0].get_data()
    assert ax.get_ylim()[1] < heights.max()
    assert np.all(np.diff(sizes) > 0)


def test_simulated_people_are_marked():
    histories = independent_lists(800, {"a": 0.4, "b": 0.3, "c": 0.3}, rng=1)
    for ax in (plots.posterior(bayesian_graphical_posterior(histories)),
               plots.prior_sensitivity(prior_table(histories, deltas=[0.5]))):
        assert "SIMULATED DATA" in texts(ax)
