"""One look for every figure, and the only door from Matplotlib to the page."""

from __future__ import annotations

import base64
import io
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

__all__ = [
    "ACCENT",
    "GREY",
    "INK",
    "WARN",
    "casing",
    "drawable",
    "figure_style",
    "figure_uri",
    "laid_out",
    "literal",
    "metre_axes",
    "nice_step",
    "probability_map",
    "shorten",
]

# Okabe and Ito (2008): told apart by every common colour vision; each mark also has its own shape.
INK: Final = "#1a1a1a"
GREY: Final = "#767676"
ACCENT: Final = "#0072b2"
WARN: Final = "#d55e00"

_RC: Final[Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 8.5,
    "axes.titlesize": 9.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 8.5,
    "axes.linewidth": 0.7,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "legend.fontsize": 8.0,
    "legend.frameon": False,
    "hatch.linewidth": 0.6,
    "svg.fonttype": "path",
    "svg.hashsalt": "subterra",
}


def figure_style() -> AbstractContextManager[None]:
    """Context in which figures are drawn in the look of the page, whatever the user's own is."""
    import matplotlib as mpl

    return mpl.rc_context(_RC)


def figure_uri(
    draw: Callable[[Figure], None], width_in: float, height_in: float, *, dpi: int = 160
) -> str:
    """Draw a figure and return it as a ``data:`` address of an SVG image.

    Parameters
    ----------
    draw : callable
        Takes the empty figure; nothing of pyplot is touched.
    width_in, height_in : float
        Size in inches.
    dpi : int
        Resolution of the parts that are drawn as pixels.

    Returns
    -------
    str
        ``data:image/svg+xml;base64,…``. As an image of its own it cannot run scripts, fetch, or
        clash with ids of other figures, and a strict content policy needs only ``img-src data:``.
    """
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    with figure_style():
        figure = laid_out(draw, width_in, height_in, dpi=dpi)
        out = io.BytesIO()
        # The canvas itself draws once where savefig would draw twice. No date: the same belief
        # gives the same page.
        FigureCanvasSVG(figure).print_svg(out, metadata={"Date": None, "Creator": None})
    return "data:image/svg+xml;base64," + base64.b64encode(out.getvalue()).decode("ascii")


def laid_out(
    draw: Callable[[Figure], None], width_in: float, height_in: float, *, dpi: int = 160
) -> Figure:
    """Draw a figure, in `figure_style`, whose parts are placed when it is written."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_in, height_in), layout="constrained", dpi=dpi)
    FigureCanvasAgg(figure)
    draw(figure)
    return figure


@lru_cache(maxsize=1)
def probability_map() -> Colormap:
    """Colours of probability: cividis reversed and faded to white at zero.

    Lightness falls monotonically from paper white, so that the map keeps its order in grey, needs
    little ink, and leaves dark symbols readable where nothing is suspected.
    """
    from matplotlib import colormaps
    from matplotlib.colors import LinearSegmentedColormap

    at = np.linspace(0.0, 1.0, 256)
    colours = colormaps["cividis_r"](at)[:, :3]
    fade = np.clip(at / 0.12, 0.0, 1.0)[:, None]
    return LinearSegmentedColormap.from_list("subterra", 1.0 - fade * (1.0 - colours))


@lru_cache(maxsize=1)
def _drawable() -> frozenset[int]:
    from matplotlib import font_manager

    path = font_manager.findfont(font_manager.FontProperties(family="DejaVu Sans"))
    return frozenset(font_manager.get_font(path).get_charmap())


def drawable(text: str) -> str:
    """Make a text drawable in one line: no line breaks, only characters that the font has."""
    cleaned = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in text)
    return "".join(c if ord(c) in _drawable() else "\N{WHITE SQUARE}" for c in cleaned)


def literal(text: str) -> str:
    """Make a user's text safe for a figure: drawable, and no formula."""
    return drawable(text).replace("$", r"\$")


def shorten(text: str, length: int = 26) -> str:
    """Cut a label in its middle, where names of files differ least."""
    if len(text) <= length:
        return text
    head = (length - 1) // 2
    return f"{text[:head]}…{text[-(length - 1 - head) :]}"


def casing(width: float = 2.5) -> Sequence[Any]:
    """Path effects: a white edge that lifts a line or label off whatever lies under it."""
    from matplotlib import patheffects

    return [patheffects.withStroke(linewidth=width, foreground="white")]


def nice_step(span: float) -> float:
    """Largest of 1, 2, 5 × 10ᵏ that does not exceed ``span``."""
    base = 10.0 ** np.floor(np.log10(span))
    return float(max(m * base for m in (1.0, 2.0, 5.0) if m * base <= span * (1.0 + 1e-9)))


def metre_axes(ax: Axes, x: str = "East x (m)", y: str = "North y (m)") -> None:
    """Label axes in metres with full numbers: projected coordinates are never abbreviated."""
    from matplotlib.ticker import MaxNLocator

    ax.set_xlabel(x)
    ax.set_ylabel(y)
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.yaxis.set_major_locator(MaxNLocator(6))
    ax.ticklabel_format(style="plain", useOffset=False)
    ax.tick_params(length=3.0, width=0.6)
