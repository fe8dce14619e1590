"""The plots of how often and when people were caught: what they show, on odd tables too."""

import math

import numpy as np
import pytest

from smuggling_analysis import plots
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.multiple_systems import closed_population
from smuggling_analysis.plots import theme
from smuggling_analysis.simulate import heterogeneous_lists

THREE = CaptureHistories.from_counts(
    {"a": 60, "b": 40, "c": 30, ("a", "b"): 12, ("a", "c"): 9, ("b", "c"): 5, ("a", "b", "c"): 3},
    lists=["a", "b", "c"])
ILL = RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1})


def points(ax):
    """The observed points, as drawn."""
    return ax.containers[0].lines[0].get_data()


def test_points_are_people_per_possible_history():
    places, heights = points(plots.heterogeneity(THREE))
    assert places.tolist() == [1, 2, 3]
    np.testing.assert_allclose(heights, [130 / 3, 26 / 3, 3])


def test_without_end_of_occasions_the_factorial_takes_its_place():
    _, heights = points(plots.heterogeneity(ILL))
    counts = [1645, 183, 37, 13, 1, 1]
    expected = [count * math.factorial(k) for k, count in enumerate(counts, start=1)]
    np.testing.assert_allclose(heights, expected)


@pytest.mark.parametrize(("evidence", "options"), [(THREE, {}), (ILL, {"occasions": 40})])
def test_each_line_ends_at_the_people_never_caught(evidence, options):
    ax = plots.heterogeneity(evidence, models=["M0", "Mh chao"], **options)
    for place, form in enumerate([None, "chao"]):
        ours = closed_population(evidence, model="Mh" if form else "M0", heterogeneity=form, **options)
        ends = [line for line in ax.lines if line.get_label() not in ("", "_nolegend_")
                and not line.get_label().startswith("_")][place]
        assert ends.get_xdata()[0] == 0
        assert ends.get_ydata()[0] == pytest.approx(ours.diagnostics["unseen"], rel=1e-9)


def test_a_straight_line_is_m0():
    ax = plots.heterogeneity(THREE, models=["M0"])
    line = next(line for line in ax.lines if line.get_label().startswith("M0"))
    steps = np.diff(np.log(line.get_ydata()))
    np.testing.assert_allclose(steps, steps[0], rtol=1e-9)


def test_a_model_without_an_estimate_is_named_not_drawn():
    once = RepeatCounts.from_frequencies({1: 50})
    ax = plots.heterogeneity(once, models=["M0", "Mh darroch"], occasions=4)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["M0: no estimate",
                                                                        "Mh darroch: no estimate"]
    rising = CaptureHistories.from_counts({"a": 5, "b": 50}, lists=["a", "b"])
    legend = plots.first_captures(rising, models=["Mb"]).get_legend()
    labels = [text.get_text() for text in legend.get_texts()]
    assert labels == ["Mb: no estimate"]


def test_first_captures_are_those_of_the_histories():
    ax = plots.first_captures(THREE, models=["M0", "Mt", "Mb"], further=2)
    places, heights = points(ax)
    assert heights.tolist() == [84, 45, 30]
    assert places.tolist() == [1, 2, 3]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "b", "c", "+1", "+2"]


def test_a_model_that_tells_lists_apart_is_refused():
    with pytest.raises(ValueError, match="do not tell lists apart"):
        plots.heterogeneity(THREE, models=["Mth chao"])


def test_axes_are_taken_and_returned_and_texts_large_enough():
    from matplotlib.figure import Figure
    from matplotlib.text import Text

    for draw in (lambda ax: plots.heterogeneity(THREE, ax=ax), lambda ax: plots.first_captures(THREE, ax=ax)):
        ax = Figure().subplots()
        assert draw(ax) is ax
        texts = [text for text in ax.findobj(Text) if text.get_text()]
        assert min(text.get_fontsize() for text in texts) >= theme.SMALLEST_TEXT


def test_simulated_people_are_watermarked():
    histories = heterogeneous_lists(500, dict.fromkeys("abcd", 0.3), spread=0.5, rng=1)
    for ax in (plots.heterogeneity(histories), plots.first_captures(histories)):
        assert theme.WATERMARK in [text.get_text() for text in ax.texts]
