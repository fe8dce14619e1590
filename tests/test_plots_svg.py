"""SVG: the same bytes every time, one watermark, nothing that is no figure."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from smuggling_analysis.plots.svg import svg_of


def figure(*words: str) -> Figure:
    made = Figure(figsize=(2, 1))
    for word in words:
        made.text(0.5, 0.5, word)
    return made


def test_the_same_figure_is_the_same_bytes():
    assert svg_of(figure("a"), "salt") == svg_of(figure("a"), "salt")


def test_a_watermark_is_laid_once():
    plain, marked = svg_of(figure("MARK"), "salt"), svg_of(figure(), "salt", watermark="MARK")
    assert marked != svg_of(figure(), "salt")
    assert svg_of(figure("MARK"), "salt", watermark="MARK") == plain


def test_what_is_no_figure_is_refused():
    with pytest.raises(TypeError, match="a figure or its axes is needed, got str"):
        svg_of("figure", "salt")
