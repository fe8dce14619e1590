"""Figures of a border: what is drawn is what was estimated."""

import pandas as pd
import pytest

from smuggling_analysis import Encounters, plots
from smuggling_analysis.methods.repeated_trials import StatedShare, deterrence_band, flow
from smuggling_analysis.plots import theme
from smuggling_analysis.simulate import border

PRIOR = StatedShare.uniform(0.3, 0.5, reason="for the figure")


def counted(**counts):
    return Encounters.from_table(pd.DataFrame({"place": ["border"], "period": ["2016"], **counts}, index=[0]))


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_bars_are_the_outcomes_and_the_estimated_one_has_its_interval():
    found = flow(counted(apprehended=9000, repeats=2000, turned_back=1500, got_away=4000), deterrence=PRIOR,
                 giving_up=0.2, rng=1)
    ax = plots.border_flow(found, source="a border")
    assert [bar.get_width() for bar in ax.patches] == pytest.approx(found.frame()["value"].tolist())
    assert [bar.get_hatch() for bar in ax.patches] == ["", "", "", "////"]
    line = next(one for one in ax.lines if one.get_color() == theme.INK)
    assert list(line.get_xdata()) == pytest.approx([found.entries.lower - 4000, found.entries.upper - 4000])
    assert [tick.get_text() for tick in ax.get_yticklabels()][::-1][-1] != ""
    assert "9,000" in texts(ax)
    whole = plots.border_flow(flow(counted(apprehended=90, repeats=20), deterrence=0.2, rng=1))
    assert "entered, estimated" in [tick.get_text() for tick in whole.get_yticklabels()]


@pytest.mark.parametrize("quantity", ["entries", "attempts", "persons", "apprehension", "interdiction"])
def test_the_band_goes_through_every_number_and_the_tipping_point_is_marked(quantity):
    band = deterrence_band(counted(apprehended=9000, repeats=2000, got_away=4000), deterrence=PRIOR,
                           quantity=quantity, draws=500)
    ax = plots.deterrence_sensitivity(band)
    line = next(one for one in ax.lines if one.get_color() == theme.BLUE and len(one.get_xdata()) > 1)
    assert line.get_ydata() == pytest.approx(band.frame["value"].dropna().to_numpy())
    marked = [one.get_xdata()[0] for one in ax.lines
              if one.get_color() == theme.RED and len(set(one.get_xdata())) == 1]
    assert marked == [band.tipping_point]
    assert "the counts\ncontradict it" in texts(ax)
    assert ax.get_ylabel() == ("share of attempts" if band.original.unit == "share" else quantity)
    assert ("4,000 seen" in texts(ax)) == (quantity == "entries")


def test_a_conclusion_that_holds_is_said_to_hold_and_simulated_borders_are_marked():
    made = border({"all": 5000}, {"all": 0.35}, deterrence=0.4, rng=1)
    band = deterrence_band(made.encounters, deterrence=PRIOR, against=10.0, draws=500)
    ax = plots.deterrence_sensitivity(band)
    assert ax.get_title(loc="left") == "the estimate does not cross 10"
    assert theme.WATERMARK in texts(ax)
    assert theme.WATERMARK in texts(plots.border_flow(flow(made.encounters, deterrence=PRIOR, rng=1)))


def test_numbers_far_apart_are_drawn_on_a_logarithmic_axis():
    band = deterrence_band(counted(apprehended=10_000, repeats=990), deterrence=0.1, draws=500,
                           shares=[0.0, 0.5, 0.8, 0.9])
    assert plots.deterrence_sensitivity(band).get_yscale() == "log"
