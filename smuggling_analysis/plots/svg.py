"""A figure as SVG: the same bytes for the same figure, watermarked where its data is simulated."""

from __future__ import annotations

import io
from typing import Any


def svg_of(drawn: Any, salt: str, *, watermark: str = "") -> bytes:
    """Return the SVG of a figure, or of the figure its axes belong to, and close the figure.

    Parameters
    ----------
    drawn : matplotlib Figure or Axes
        What was drawn. Closing it keeps a notebook from showing it a second time.
    salt : str
        Makes the identifiers inside the SVG the same in every run, and different between figures.
    watermark : str
        Words laid across the figure, "SIMULATED DATA" for one; none when empty, and not a second time where
        the figure has them already.

    Returns
    -------
    bytes
        SVG without date or program version; texts are outlines, so that every reader sees the same letters.

    Raises
    ------
    TypeError
        If it is neither a figure nor axes.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> svg_of(Figure(), "empty").startswith(b"<?xml")
    True
    """
    import matplotlib
    import matplotlib.pyplot as plt
    from matplotlib.text import Text

    figure = getattr(drawn, "figure", drawn)
    if not hasattr(figure, "savefig"):
        raise TypeError(f"a figure or its axes is needed, got {type(drawn).__name__}")
    if watermark and all(text.get_text() != watermark for text in figure.findobj(Text)):
        figure.text(0.5, 0.5, watermark, rotation=24, ha="center", va="center", fontsize=34, weight="bold",
                    color="#8a1c1c", alpha=0.22, zorder=1000)
    written = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": salt, "svg.fonttype": "path"}):
        figure.savefig(written, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    return written.getvalue()
