"""The look of every figure: size, letters, colours, the source line, the watermark."""

from __future__ import annotations

import functools
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 6.5
SMALLEST_TEXT = 8
_MOST_LONG_NUMBERS = 6
INK, GREY, PALE = "#222222", "#6e6e6e", "#d9d9d9"
# Told apart by colour-blind readers (after Okabe and Ito), and darker to lighter in grey print.
BLUE, SKY, RED = "#0072B2", "#56B4E9", "#A63C00"
FILLS = ("#0B3C5D", "#3E8FC0", "#A9D3EC", "#E9E2D0", "#E69F00", "#A63C00")
WATERMARK = "SIMULATED DATA"
LONGEST_LABEL = 160
# The first draws what it can; the others draw the letters it lacks, where they are installed.
FAMILIES = ("DejaVu Sans", "Noto Sans", "Noto Sans Thai", "Noto Sans Khmer", "Noto Sans Lao", "Noto Sans Myanmar",
            "Noto Sans Arabic", "Noto Sans Bengali", "Noto Sans CJK SC", "Leelawadee UI", "Khmer UI", "Thonburi",
            "Khmer Sangam MN", "Tahoma")

_RC: dict[Any, Any] = {
    "font.size": 8.5, "axes.labelsize": 8.5, "axes.titlesize": 9,
    "xtick.labelsize": SMALLEST_TEXT, "ytick.labelsize": 8.5, "legend.fontsize": SMALLEST_TEXT,
    "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK,
    "axes.edgecolor": GREY, "axes.linewidth": 0.8, "axes.spines.top": False, "axes.spines.right": False,
    "axes.grid": False, "grid.color": PALE, "grid.linewidth": 0.6, "axes.axisbelow": True,
    "legend.frameon": False, "lines.linewidth": 1.6, "hatch.linewidth": 0.6, "figure.facecolor": "white",
    "axes.formatter.use_mathtext": False, "text.parse_math": False,
}

_Drawing = TypeVar("_Drawing", bound=Callable[..., Any])


@contextmanager
def look() -> Iterator[None]:
    """Draw in the package's look; settings outside are left as they were."""
    import matplotlib

    with matplotlib.rc_context({**_RC, "font.family": list(families())}):
        yield
        shown = matplotlib.is_interactive()
    # A notebook's first figure turns this on, and it is to stay on for the next.
    matplotlib.interactive(shown)


@functools.cache
def families() -> tuple[str, ...]:
    """Return the families of `FAMILIES` that are installed: matplotlib warns of every one that is not."""
    from matplotlib.font_manager import fontManager

    installed = set(fontManager.get_font_names())
    return (FAMILIES[0], *(name for name in FAMILIES[1:] if name in installed))


def drawing(function: _Drawing) -> _Drawing:
    """Make a plot function draw in the package's look."""
    @functools.wraps(function)
    def drawn(*args: Any, **options: Any) -> Any:
        with look():
            return function(*args, **options)
    return drawn  # type: ignore[return-value]


def axes(ax: Axes | None, height: float, *, width: float = WIDTH) -> Axes:
    """Return `ax`, or the axes of a new figure of this size in inches."""
    return new_figure(height, width=width).subplots() if ax is None else ax


def new_figure(height: float, *, width: float = WIDTH) -> Figure:
    """Return a figure of this size in inches: shown below its cell in a notebook, held by no window elsewhere."""
    options: dict[str, Any] = {"figsize": (width, height), "layout": "constrained"}
    if _in_notebook():
        import matplotlib.pyplot as plt

        return plt.figure(**options)
    from matplotlib.figure import Figure

    return Figure(**options)


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None


def outlined() -> list[Any]:
    """Return the effect that gives words a white rim, to be read across lines and points."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=2.5, foreground="white")]


def source_line(ax: Axes, source: str) -> None:
    """Write the source below the figure."""
    if source:
        line = "\n".join(textwrap.wrap(f"Source: {source}", 105))
        ax.figure.supxlabel(line, x=0.01, ha="left", fontsize=SMALLEST_TEXT, color=GREY)


def watermark(ax: Axes, simulated: bool) -> None:
    """Write across the axes that their data is simulated, if it is."""
    if simulated:
        ax.text(0.5, 0.5, WATERMARK, transform=ax.transAxes, ha="center", va="center", fontsize=26,
                rotation=20, color=RED, alpha=0.25, zorder=10, weight="bold", family=FAMILIES[0])


def thousands(ax: Axes, axis: str = "x") -> None:
    """Write the ticks of an axis with thousands separators, millions as words."""
    from matplotlib.ticker import AutoLocator, FuncFormatter, MaxNLocator

    def written(value: float, _: int) -> str:
        if abs(value) >= 1e6:
            return f"{value / 1e6:,g} million"
        return f"{value:,.10g}"

    side = getattr(ax, f"{axis}axis")
    side.set_major_formatter(FuncFormatter(written))
    if axis == "x" and isinstance(side.get_major_locator(), AutoLocator):
        # Long numbers beside each other need room.
        side.set_major_locator(MaxNLocator(_MOST_LONG_NUMBERS, steps=[1, 2, 2.5, 5, 10]))


def log_ticks(ax: Axes, axis: str = "x", most: int = 6) -> None:
    """Give a logarithmic axis round ticks (1, 2, 5 in each decade while there is room), `most` decades written out."""
    from matplotlib.ticker import LogLocator, NullFormatter

    low, high = sorted(getattr(ax, f"get_{axis}lim")())
    # Labels stand beside each other on the x-axis, so fewer of them fit there.
    room = 30 if axis == "x" else 300
    subs = (1.0, 2.0, 5.0) if low > 0 and high / low <= room else (1.0,)
    side = getattr(ax, f"{axis}axis")
    # Asked for fewer decades than there are, the locator leaves out every other one, or more.
    side.set_major_locator(LogLocator(subs=subs, numticks=20 if len(subs) > 1 or axis == "y" else most + 1))
    side.set_minor_formatter(NullFormatter())
    thousands(ax, axis)


def written(value: object) -> str:
    """Write a value of a covariate: numbers with four digits, everything else as it is."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def shortened(text: str, limit: int = LONGEST_LABEL) -> str:
    """Cut a label that runs on, with an ellipsis."""
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def wrapped(text: str, width: int, limit: int = LONGEST_LABEL) -> str:
    """Break a label into lines; cut it where it runs on."""
    text = shortened(text, limit)
    return "\n".join(textwrap.wrap(text, width)) or text
