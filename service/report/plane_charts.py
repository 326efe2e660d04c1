"""The plane hostility x formality: where the rows lie, and where the groups' means do."""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import ListedColormap, LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from model.levels import LEVELS
from model.scores import SCALES
from service.report.drawing import Picture, shortened
from service.report.means import Mean, Means
from service.report.shares import SQUARES

Square = tuple[int, int, int]
_GREYS = ListedColormap([str(round(0.9 - 0.6 * i / 39, 3)) for i in range(40)])
"""From light to middle grey, so that black marks stay clear on every square. Fewer than 50, which
matplotlib draws as shapes; more would be an image."""


def plane(squares: Sequence[Square], means: Mapping[str, Means]) -> Picture:
    """Draw the number of rows in each square of the plane, and the numbered means of groups.

    Args:
        squares: what ``density`` returned, at least one.
        means: by group in the order of their numbers; a single mean gets a cross instead.
    """
    rows = sum(count for *_, count in squares)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        _squares(figure, axes, squares)
        _level_lines(axes)
        _numbered(axes, means)
        axes.set(xlabel="hostility", ylabel="formality", xlim=(0, 1), ylim=(0, 1), aspect="equal")
        _legend(figure, means)

    alt = (
        f"Density of {rows:,} rows over hostility and formality, darker where more rows lie, with "
        f"the means of {len(means)} groups."
    )
    return Picture("plane", alt, (5.2, 5.6 + _legend_height(means)), draw)


def means_close_up(means: Mapping[str, Means]) -> Picture:
    """Draw the same means with their 95% intervals, on a part of the plane that just holds them."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for mean in means.values():
            _cross(axes, mean["hostility"], mean["formality"])
        _numbered(axes, means)
        axes.margins(0.12)
        axes.grid()
        axes.set(xlabel="mean hostility", ylabel="mean formality")
        _legend(figure, means)

    alt = f"Mean hostility and formality of {len(means)} groups with their 95% intervals."
    return Picture("means", alt, (5.2, 4.2 + _legend_height(means)), draw)


def _squares(figure: Figure, axes: Axes, squares: Sequence[Square]) -> None:
    side = 1 / SQUARES
    patches = [Rectangle((x * side, y * side), side, side) for x, y, _ in squares]
    most = max(count for *_, count in squares)
    norm = LogNorm(1, max(most, 10))
    drawn = PatchCollection(patches, cmap=_GREYS, norm=norm, lw=0.3, edgecolor="face")
    drawn.set_array([count for *_, count in squares])
    axes.add_collection(drawn)
    bar = figure.colorbar(
        drawn, ax=axes, label="rows in a square", location="bottom", shrink=0.5, aspect=30, pad=0.01
    )
    bar.outline.set_linewidth(0.4)
    bar.ax.xaxis.set_major_formatter(mpl.ticker.FuncFormatter(lambda value, _: f"{value:,.0f}"))
    bar.ax.minorticks_off()


def _level_lines(axes: Axes) -> None:
    """Draw where levels begin, and write their names along the upper and the right edge."""
    for scale in SCALES:
        levels, across = LEVELS[scale], scale == "hostility"
        ends = [*(level.start for level in levels[1:]), 1.0]
        for level, end in zip(levels, ends, strict=True):
            middle = (level.start + end) / 2
            if level.start:
                (axes.axvline if across else axes.axhline)(level.start, lw=0.4, c="0.6", ls=":")
            at = (middle, 1.01) if across else (1.01, middle)
            turn = {"rotation": 45, "ha": "left", "va": "bottom"} if across else {"va": "center"}
            axes.text(*at, level.name, fontsize=7, color="0.25", **turn)


def _cross(axes: Axes, x: Mean, y: Mean) -> None:
    """Draw both intervals of a group's means."""
    if x.low is not None and x.high is not None:
        axes.plot([x.low, x.high], [y.value, y.value], color="0.35", lw=1.1)
    if y.low is not None and y.high is not None:
        axes.plot([x.value, x.value], [y.low, y.high], color="0.35", lw=1.1)


def _numbered(axes: Axes, means: Mapping[str, Means]) -> None:
    for number, mean in reversed(list(enumerate(means.values(), 1))):
        at = mean["hostility"].value, mean["formality"].value
        if len(means) == 1:
            axes.plot(*at, marker="P", ms=11, mfc="white", mec="black", mew=1.2)
            continue
        axes.plot(*at, marker="o", ms=10, mfc="white", mec="black", mew=0.8)
        axes.annotate(str(number), at, ha="center", va="center_baseline", fontsize=6.5, zorder=5)


def _legend(figure: Figure, means: Mapping[str, Means]) -> None:
    if len(means) == 1:
        handle = Line2D([], [], ls="", marker="P", ms=9, mfc="white", mec="black")
        figure.legend([handle], ["mean of all rows"], loc="outside lower center", frameon=False)
        return
    names = [f"{i}  {shortened(name)}" for i, name in enumerate(means, 1)]
    handles = [Line2D([], [], ls="") for _ in names]
    figure.legend(
        *(handles, names), loc="outside lower left", ncols=2, frameon=False, handlelength=0,
        handletextpad=0, fontsize=8,
    )  # fmt: skip


def _legend_height(means: Mapping[str, Means]) -> float:
    return 0.25 + 0.17 * ((len(means) + 1) // 2)
