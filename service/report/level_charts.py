"""Shares of levels as stacked bars, from light to dark, so that they read the same in grey."""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from model.levels import LEVELS
from model.scores import Scale
from service.report.drawing import Picture, shortened

_MAPS = {"hostility": "Reds", "formality": "Blues"}
_DARK = 1.5  # sum of red, green and blue below which white is read better
_NAMED_FROM = 0.07  # shares that have room for a number


def shades(scale: Scale) -> list[str]:
    """Return a colour for each level, the higher the darker."""
    places = np.linspace(0.04, 1.0, len(LEVELS[scale]))
    return [mpl.colors.to_hex(colour) for colour in mpl.colormaps[_MAPS[scale]](places)]


def levels_by_group(counts: Mapping[str, Sequence[int]], scale: Scale) -> Picture:
    """Draw the share of each level in each group, one bar a group.

    Args:
        counts: by group, the rows in each level, the lowest first.
        scale: which scale.
    """

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        table = np.array(list(counts.values()), dtype=float)
        table /= table.sum(axis=1, keepdims=True)
        ends = table.cumsum(axis=1)
        for level, colour in enumerate(shades(scale)):
            left = ends[:, level] - table[:, level]
            axes.barh(
                range(len(counts)), table[:, level], left=left, color=colour, ec="0.3", lw=0.4
            )
            for row, share in enumerate(table[:, level]):
                if share >= _NAMED_FROM:
                    ink = "white" if sum(mpl.colors.to_rgb(colour)) < _DARK else "black"
                    axes.text(
                        *(left[row] + share / 2, row, f"{share:.0%}"),
                        color=ink, ha="center", va="center", fontsize=7.5,
                    )  # fmt: skip
        names = [f"{shortened(name)} ({sum(row):,})" for name, row in counts.items()]
        axes.set_yticks(range(len(counts)), names)
        axes.set(ylim=(len(counts) - 0.4, -0.6), xlim=(0, 1), xlabel="share of rows")
        level_legend(figure, scale)

    alt = f"Share of the levels of {scale} in {len(counts)} groups."
    return Picture(f"{scale}-levels", alt, (6.2, 1.4 + 0.33 * len(counts)), draw)


def level_bars(
    axes: Axes, places: np.ndarray, counts: np.ndarray, scale: Scale, width: float
) -> None:
    """Draw upright stacked bars of shares.

    Args:
        axes: where to.
        places: left edge of each bar.
        counts: rows by bar and level.
        scale: which scale.
        width: of a bar.
    """
    shares = counts / counts.sum(axis=1, keepdims=True)
    ends = shares.cumsum(axis=1)
    edge = {"ec": "0.3", "lw": 0.3} if len(places) <= 60 else {"lw": 0}
    for level, colour in enumerate(shades(scale)):
        bottom = ends[:, level] - shares[:, level]
        axes.bar(places, shares[:, level], width, bottom=bottom, color=colour, align="edge", **edge)


def level_legend(figure: Figure, scale: Scale) -> None:
    """Name the levels above the panel, in the order of the bars."""
    handles = [Patch(facecolor=colour, edgecolor="0.3", lw=0.4) for colour in shades(scale)]
    names = [level.name for level in LEVELS[scale]]
    figure.legend(
        *(handles, names), loc="outside upper left", ncols=4, frameon=False, fontsize=8,
        handlelength=1.2,
    )  # fmt: skip
