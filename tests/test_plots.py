"""Figures: axes in, axes out; readable at 6.5 inches; units on the axes; simulated data watermarked."""

import functools
import subprocess
import sys
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from smuggling_analysis import plots
from smuggling_analysis.chains import Chains
from smuggling_analysis.estimate import Estimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.evidence.event_series import EventSeries
from smuggling_analysis.indicator import Indicator
from smuggling_analysis.methods import reference_population, repeated_trials
from smuggling_analysis.methods.market import expert_range, revenue
from smuggling_analysis.methods.multiple_systems import (
    assumed_away,
    bayesian_graphical_posterior,
    dependence_band,
    held_out_lists,
    leave_one_list_out,
    likelihood_curve,
    loglinear,
    open_population_fit,
    prior_table,
    trajectory,
)
from smuggling_analysis.methods.panel import panel
from smuggling_analysis.methods.single_register import fit_register, leave_one_cell_out, leave_one_level_out
from smuggling_analysis.plots import theme
from smuggling_analysis.simulate import border, open_lists, reference_counts, register

LISTS = CaptureHistories.from_counts({"police": 60, "ngo": 40, ("police", "ngo"): 12},
                                     lists=["police", "ngo"])
THREE_LISTS = CaptureHistories.from_counts(
    {"police": 60, "ngo": 40, "court": 30, ("police", "ngo"): 12, ("police", "court"): 9, ("ngo", "court"): 5,
     ("police", "ngo", "court"): 3}, lists=["police", "ngo", "court"])
SERIES = EventSeries.from_table(
    pd.DataFrame({"place": ["women", "men"] * 2, "period": ["2015-01"] * 2 + ["2015-02"] * 2,
                  "count": [3, 4, 5, 6],
                  "whole": ["yes", "yes", "no", "no"]}), unit="persons", what="returned", complete="whole")
PUBLISHED = Indicator(low=8000, high=13000, unit="persons", what="victims", place="UK", period="2013",
                      source="Silverman, B. W. (2014), Modern Slavery", kind="published estimate")


def estimate(**changed) -> Estimate:
    given = {"value": 9000, "lower": 7000, "upper": 12000, "unit": "persons", "method": "chao",
             "observed": 1880}
    return Estimate(**{**given, **changed})


def judged(**changed):
    volume = expert_range(100, 200, 400, unit="persons", population="volume", reason="known")
    fee = expert_range(50, 100, 300, unit="USD per person", population="fee", reason="known")
    return revenue(volume, fee)


class Models:
    frame = pd.DataFrame({"model": ["[1,2]", "[12]", "[1]"], "value": [100.0, 150.0, np.nan],
                          "bic": [10.0, 12.0, np.nan], "exists": [True, True, False],
                          "identified": [True, True, False]})


FEES = pd.DataFrame({"route": ["a to b", "c to d"], "quotes": [1, 3], "median": [np.nan, 200.0],
                     "low": [100.0, 90.0],
                     "high": [100.0, 900.0], "currency": "USD"})
CHAINS = Chains(values=9000 + 500 * np.random.default_rng(1).standard_normal((4, 400)), method="demonstration")
COVERAGE = pd.DataFrame({"scenario": ["independent", "dependent"], "structure": ["lists", "dependence"],
                         "shape": "3 lists of 1,000", "label": "Chao", "coverage": [0.95, 0.4],
                         "answered": [200, 150]})
RANKS = pd.DataFrame({"method": ["graphs", "classes"], "ranks": ["9 11 10 10", "2 5 3 10"], "p_value": [0.9, 0.07]})
BORDER = border({"all": 20_000}, {"all": 0.35}, turned_back=0.1, deterrence=0.4, giving_up=0.2, detection=0.6,
                rng=1).encounters
REGISTER = open_lists([800, 200, 200, 200], [0.7] * 3, {"2019": 0.5, "2020": 0.4, "2021": 0.5, "2022": 0.5}, rng=1)


@functools.cache
def panelled():
    return panel(LISTS, rng=1, sensitivity=False, published=[PUBLISHED])


@functools.cache
def registered():
    return fit_register(register({"f": 3_000, "m": 6_000}, {"f": 0.4, "m": 0.8}, covariate="sex", rng=1), formula="sex")


@functools.cache
def by_country():
    return reference_population.fit(reference_counts(countries=40, periods=2, rng=3))


DRAWN = {
    "trace": lambda ax=None: plots.trace(CHAINS, ax=ax),
    "ranks": lambda ax=None: plots.ranks(CHAINS, ax=ax),
    "posterior": lambda ax=None: plots.posterior(bayesian_graphical_posterior(THREE_LISTS), ax=ax),
    "prior_sensitivity": lambda ax=None: plots.prior_sensitivity(prior_table(THREE_LISTS), ax=ax),
    "validation_coverage": lambda ax=None: plots.validation_coverage(COVERAGE, ax=ax),
    "calibration_ranks": lambda ax=None: plots.calibration_ranks(RANKS, ax=ax),
    "abundance_by_period": lambda ax=None: plots.abundance_by_period(open_population_fit(REGISTER.histories), ax=ax),
    "dependence": lambda ax=None: plots.dependence(dependence_band(THREE_LISTS), ax=ax),
    "dependence, interaction": lambda ax=None: plots.dependence(assumed_away(LISTS, against=200.0), ax=ax),
    "border_flow": lambda ax=None: plots.border_flow(
        repeated_trials.flow(BORDER, deterrence=0.4, giving_up=0.2, rng=1), ax=ax),
    "deterrence_sensitivity": lambda ax=None: plots.deterrence_sensitivity(
        repeated_trials.deterrence_band(BORDER, deterrence=0.4, giving_up=0.2, draws=500), ax=ax),
    "rootogram": lambda ax=None: plots.rootogram(registered(), ax=ax),
    "ratio_plot": lambda ax=None: plots.ratio_plot(registered().counts, ax=ax),
    "register_residuals": lambda ax=None: plots.register_residuals(registered(), ax=ax),
    "register_influence": lambda ax=None: plots.register_influence(leave_one_cell_out(registered()), ax=ax),
    "register_influence, levels": lambda ax=None: plots.register_influence(leave_one_level_out(registered()), ax=ax),
    "gamma_profile": lambda ax=None: plots.gamma_profile(by_country(), ax=ax),
    "fitted_counts": lambda ax=None: plots.fitted_counts(by_country(), ax=ax),
    "hidden_populations": lambda ax=None: plots.hidden_populations(
        reference_population.hidden_population_by(by_country(), ["period"]), ax=ax),
    "countries_left_out": lambda ax=None: plots.countries_left_out(
        reference_population.leave_one_country_out(by_country()), ax=ax),
    "method_forest": lambda ax=None: plots.method_forest(
        reference_population.compare_methods(by_country().counts), ax=ax),
    "left_out": lambda ax=None: plots.left_out(leave_one_list_out(THREE_LISTS), ax=ax),
    "held_out": lambda ax=None: plots.held_out(held_out_lists(THREE_LISTS), ax=ax),
    "trajectory": lambda ax=None: plots.trajectory(trajectory(THREE_LISTS, every_choice=True), ax=ax),
    "tornado": lambda ax=None: plots.tornado(
        [dependence_band(THREE_LISTS), leave_one_list_out(THREE_LISTS)], ax=ax),
    "panel_forest": lambda ax=None: plots.panel_forest(panelled(), ax=ax),
    "forest": lambda ax=None: plots.forest({"Chao": estimate()}, published=[PUBLISHED], observed=1880, ax=ax),
    "forest, open": lambda ax=None: plots.forest(
        {"Chao": estimate(upper=float("inf"), unbounded=True)}, log=True, ax=ax),
    "rates": lambda ax=None: plots.rates({"2023": estimate(unit="deaths per 1,000 departures")}, ax=ax),
    "contradictions": lambda ax=None: plots.contradictions(
        {"a": [("2022", 348), ("2023", 569)], "b": [("2022-23", 573)]}, unit="deaths", ax=ax),
    "overlap": lambda ax=None: plots.overlap(LISTS, ax=ax),
    "heterogeneity": lambda ax=None: plots.heterogeneity(THREE_LISTS, ax=ax),
    "first_captures": lambda ax=None: plots.first_captures(THREE_LISTS, further=2, ax=ax),
    "model_space": lambda ax=None: plots.model_space(Models(), ax=ax),
    "profile_likelihood": lambda ax=None: plots.profile_likelihood(likelihood_curve(LISTS, "[1,2]"), ax=ax),
    "profile_likelihood, two": lambda ax=None: plots.profile_likelihood(
        {"one": likelihood_curve(LISTS, "[1,2]"), "other": likelihood_curve(LISTS, "[1,2]")}, ax=ax),
    "bootstrap": lambda ax=None: plots.bootstrap(
        loglinear(LISTS, interval="bootstrap", replicates=60, rng=1), ax=ax),
    "observed_and_hidden": lambda ax=None: plots.observed_and_hidden(estimate(), ax=ax),
    "series": lambda ax=None: plots.series(SERIES, breaks={"2015-02": "a new form"}, ax=ax),
    "monthly": lambda ax=None: plots.monthly(SERIES, ax=ax),
    "fees": lambda ax=None: plots.fees(FEES, base_year=2023, ax=ax),
    "density": lambda ax=None: plots.density(judged().estimate, published={"UNODC": 20_000.0}, ax=ax),
    "decomposition": lambda ax=None: plots.decomposition(judged(), ax=ax),
    "capacity": lambda ax=None: plots.capacity(
        pd.DataFrame({"Q8": [1, 3]}, index=["police", "ngo"]),
        labels={0: "no", 1: "some", 2: "more", 3: "all"}, ax=ax),
    "completeness": lambda ax=None: plots.completeness({"police": "2010-2015", "old": "1939-1999"},
                                                       since=1990, ax=ax),
}


@pytest.mark.parametrize("name", DRAWN)
def test_axes_given_are_axes_returned(name):
    ax = Figure().subplots()
    assert DRAWN[name](ax) is ax


@pytest.mark.parametrize("name", DRAWN)
def test_a_figure_of_its_own_is_as_wide_as_the_page_and_its_letters_are_8_points_or_more(name):
    figure = DRAWN[name]().figure
    figure.draw_without_rendering()
    assert figure.get_figwidth() == theme.WIDTH
    small = [text.get_text() for text in figure.findobj(Text)
             if text.get_visible() and text.get_text().strip() and text.get_fontsize() < theme.SMALLEST_TEXT]
    assert not small


@pytest.mark.parametrize("name", DRAWN)
def test_texts_do_not_stand_on_one_another(name):
    figure = DRAWN[name]().figure
    figure.draw_without_rendering()
    boxes = [(text.get_text(), text.get_window_extent()) for text in figure.findobj(Text)
             if text.get_visible() and text.get_text().strip() and not text.get_rotation()]
    shrunk = [(words, box.shrunk(0.9, 0.6)) for words, box in boxes]
    clashes = [(first, second) for (first, one), (second, other) in combinations(shrunk, 2)
               if one.overlaps(other) and first != second]
    assert not clashes


@pytest.mark.parametrize(("name", "unit"), [("forest", "persons"), ("rates", "deaths per 1,000 departures"),
                                            ("contradictions", "deaths"), ("observed_and_hidden", "persons")])
def test_the_unit_stands_on_the_axis(name, unit):
    assert unit in DRAWN[name]().get_xlabel()


def test_every_plot_is_drawn_here():
    assert {name.split(",")[0] for name in DRAWN} == set(plots.__all__)


def test_importing_the_plots_loads_no_matplotlib():
    script = ("import sys, smuggling_analysis.plots; "
              "print([name in sys.modules for name in ('matplotlib', 'seaborn')])")
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[False, False]"


def test_drawing_leaves_no_figure_behind_and_no_setting_changed():
    import matplotlib
    import matplotlib.pyplot as plt

    before = dict(matplotlib.rcParams)
    for draw in DRAWN.values():
        draw()
    assert dict(matplotlib.rcParams) == before
    assert not plt.get_fignums()


def test_periods_that_are_not_complete_are_hatched():
    bars = plots.series(SERIES).patches
    assert {bar.get_hatch() for bar in bars} == {"", "////"}


def test_the_interval_drawn_is_the_interval_given():
    ax = plots.forest({"Chao": estimate()})
    assert [7000, 12000] in [list(line.get_xdata()) for line in ax.lines]


def test_an_open_interval_ends_in_an_arrow_within_the_axes():
    ax = DRAWN["forest, open"]()
    arrows = [line for line in ax.lines if line.get_marker() == ">"]
    assert len(arrows) == 1
    assert arrows[0].get_xdata()[0] <= ax.get_xlim()[1]


def test_simulated_data_is_watermarked():
    simulated = CaptureHistories.from_counts({"a": 2, ("a", "b"): 1}, lists=["a", "b"], simulated=True)
    for ax in (plots.overlap(simulated), plots.forest({"x": estimate(simulated=True)}),
               plots.observed_and_hidden(estimate(simulated=True))):
        assert theme.WATERMARK in [text.get_text() for text in ax.texts]
    assert theme.WATERMARK not in [text.get_text() for text in plots.overlap(LISTS).texts]


def test_fills_differ_in_grey_print():
    from matplotlib.colors import to_rgb

    greys = sorted(np.dot((0.2126, 0.7152, 0.0722), to_rgb(fill)) for fill in theme.FILLS[:4])
    assert min(np.diff(greys)) > 0.08


def test_a_dollar_sign_is_not_mathematics():
    figure = plots.contradictions({"US$5 and US$6": [("a", 1.0)]}, unit="$ x $").figure
    figure.draw_without_rendering()


LONG = "A place whose name goes on " * 120


@pytest.mark.parametrize("draw", [
    lambda: plots.forest({LONG: estimate(unit=LONG)}),
    lambda: plots.rates({LONG: estimate(unit=LONG)}),
    lambda: plots.contradictions({LONG: [(LONG, 3.0), ("2023", 4.0)]}, unit=LONG),
    lambda: plots.completeness({LONG: "2010-2015"}),
    lambda: plots.overlap(CaptureHistories.from_counts({LONG: 2, (LONG, "b"): 1}, lists=[LONG, "b"])),
])
def test_a_name_without_end_is_cut_with_an_ellipsis(draw):
    texts = [text.get_text() for text in draw().figure.findobj(Text)]
    assert any("…" in text for text in texts)
    assert max(len(text) for text in texts) < 200


def test_letters_the_first_family_lacks_come_from_an_installed_one_without_a_warning(monkeypatch, caplog):
    from matplotlib.font_manager import fontManager

    theme.families.cache_clear()
    monkeypatch.setattr(fontManager, "get_font_names", lambda: ["Noto Sans Thai", "DejaVu Sans", "Other"])
    assert theme.families() == ("DejaVu Sans", "Noto Sans Thai")
    monkeypatch.undo()
    theme.families.cache_clear()
    plots.completeness({"Register": "2010-2015"}).figure.canvas.draw()
    assert "findfont" not in caplog.text
    assert theme.families()[0] == "DejaVu Sans"
