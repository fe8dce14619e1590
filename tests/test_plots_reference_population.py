"""Figures of a reference population: what is drawn is what was estimated."""

import numpy as np
import pytest

from smuggling_analysis import plots
from smuggling_analysis import reference_population as rp
from smuggling_analysis.plots import theme
from smuggling_analysis.simulate import reference_counts

COUNTS = reference_counts(countries=40, periods=2, frailty=0.4, rng=3)
FITTED = rp.fit(COUNTS)


def texts(ax):
    return " | ".join(text.get_text() for text in ax.texts)


def test_the_profile_is_drawn_with_its_cut_and_its_limits():
    ax = plots.gamma_profile(FITTED, source="made up")
    profile = FITTED.gamma_profile
    curve = ax.lines[0]
    assert curve.get_ydata().max() == pytest.approx(0.0, abs=1e-9) and ax.get_xscale() == "log"
    assert np.interp(np.log(profile.lower), np.log(curve.get_xdata()), curve.get_ydata()) == pytest.approx(
        -profile.limit, abs=1e-6)
    assert ax.lines[1].get_ydata()[0] == -profile.limit
    assert "hidden" in texts(ax) and theme.WATERMARK in texts(ax)
    with pytest.raises(ValueError, match="gamma was given"):
        plots.gamma_profile(rp.fit(COUNTS, gamma=0.01))


def test_every_row_is_a_point_and_those_with_nobody_are_rings():
    ax = plots.fitted_counts(FITTED)
    seen, none = ax.collections
    assert len(seen.get_offsets()) == (COUNTS.observed > 0).sum()
    assert len(none.get_offsets()) == (COUNTS.observed == 0).sum() and (none.get_offsets()[:, 1] == 0.5).all()
    assert set(seen.get_offsets()[:, 1]) == set(COUNTS.observed[COUNTS.observed > 0])
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log") and "country" in texts(ax)


def test_groups_stand_with_their_intervals_and_the_apprehended():
    found = rp.hidden_population_by(COUNTS, ["period"])
    ax = plots.hidden_populations(found)
    drawn, seen = ax.lines[0], ax.lines[-1]
    assert drawn.get_ydata() == pytest.approx(found.frame()["value"])
    assert seen.get_ydata() == pytest.approx(found.frame()["observed"])
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["period 1", "period 2"]
    two = plots.hidden_populations(rp.hidden_population_by(COUNTS.marking("far", ["country 001"]), ["period", "far"]))
    assert [text.get_text() for text in two.get_legend().get_texts()] == ["0", "1"]


def test_countries_are_in_order_of_what_their_absence_changes():
    found = rp.leave_one_country_out(FITTED)
    ax = plots.countries_left_out(found)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == found.frame["country"].head(15).tolist()
    assert ax.lines[-1].get_xdata() == pytest.approx(found.frame["others_change"].head(15))
    assert found.most in ax.get_title(loc="left")


def test_methods_stand_beside_each_other_and_a_refused_one_is_a_cross():
    found = rp.compare_methods(reference_counts(alpha=0.5, beta=0.2, gamma=0.4, dispersion=0.3, rng=1))
    ax = plots.method_forest(found)
    frame = found.frame.set_index("method")
    assert frame.loc["ols", "refusal"] and ax.get_xscale() == "log"
    crosses = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "x"]
    points = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o"]
    assert frame.loc["ols", "plain"] in crosses
    assert points == pytest.approx(found.frame["value"].dropna().tolist())
    assert "refused" in texts(ax) and f"{found.observed:,} apprehended" in texts(ax)
