"""Charts of an evaluation as inline SVG: one small panel each, so that a page can stack them.

Text stays text (it is searched, copied and read aloud) and takes the page's own font. Nothing in
a chart refers outside of it.
"""

import io
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from model.intervals import Calibration
from model.scores import Scale
from training.breakdown import Bin
from training.ladders import Ladders
from training.metrics import Column, interval_ends

COLOURS: dict[str, str] = {"hostility": "#b2182b", "formality": "#2166ac"}
"""Red and blue that stay apart for colour-blind readers and in grey."""

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,  # a source may be called $x$
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9,
    "grid.alpha": 0.3,
}
MOST_SHAPES = 1_500
"""Points beyond which a scatter is embedded as pixels, which keeps the page small."""
NAME = 40
"""Characters of a group's name that an axis has room for."""

Linked = tuple[float, float]

Rows = Mapping[str, Mapping[str, float | None]]
"""Figures by group, as ``groups_of`` returns them for one kind and scale."""


def scatter(scores: Column, labels: Column, scale: Scale, calibration: Calibration) -> Markup:
    """Draw label against score of every row, over the band that the intervals span."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        line = np.linspace(0, 1, 201)
        ends = interval_ends(line, scale, calibration)
        axes.fill_between(line, ends[:, 0], ends[:, 1], color="black", alpha=0.08, lw=0)
        pixels = len(scores) > MOST_SHAPES
        axes.scatter(scores, labels, s=9, alpha=0.45, lw=0, color=COLOURS[scale], rasterized=pixels)
        _unit_square(axes, "label")

    alt = f"Scatter of {len(scores)} labels against {scale} scores, with the interval band."
    return _svg(draw, (4, 4), alt)


def threshold_curve(old: Column, new: Column, scale: Scale, linked: Sequence[Linked]) -> Markup:
    """Draw new against old score of every row, and the line that takes a threshold along.

    Args:
        old: scores of one artifact, shape (rows,).
        new: those of another, likewise.
        scale: their scale.
        linked: pairs of an old threshold and the new one.
    """

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        pixels = len(old) > MOST_SHAPES
        axes.scatter(old, new, s=7, alpha=0.25, lw=0, color=COLOURS[scale], rasterized=pixels)
        _unit_square(axes, "new score")
        axes.set_xlabel("old score")
        axes.plot([a for a, _ in linked], [b for _, b in linked], "o-", ms=3, lw=1.2, color="black")

    return _svg(
        draw, (4, 4), f"New against old {scale} of {len(old)} rows, with the threshold line."
    )


def reliability_diagram(bins: Sequence[Bin], scale: Scale, coverage: float) -> Markup:
    """Draw the mean label of rows of like score, and below it the intervals' coverage."""

    def draw(figure: Figure) -> None:
        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        x = [bin.score for bin in bins]
        colour = COLOURS[scale]
        errors = [1.96 * bin.error for bin in bins]
        top.errorbar(x, [bin.label for bin in bins], errors, fmt="o-", ms=4, lw=1, color=colour)
        _unit_square(top, "mean label")
        top.set_xlabel("")
        middles = [bin.middle for bin in bins]
        bottom.bar(middles, [bin.coverage for bin in bins], width=0.08, color=colour, alpha=0.4)
        for bin in bins:
            bottom.text(bin.middle, 0.06, f"{bin.rows}", fontsize=6.5, ha="center")
        bottom.axhline(coverage, color="black", lw=0.8, ls="--")
        bottom.set(xlabel="score", ylabel="coverage", ylim=(0, 1.05))

    return _svg(draw, (4, 4.6), f"Reliability of {scale}: mean label and coverage by score.")


def errors(by_scale: Mapping[str, Rows], what: str) -> Markup:
    """Draw the mean absolute error by group with its bootstrap interval, both scales."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        _bars(axes, by_scale, "mae", limits=True)
        axes.set(xlabel="mean absolute error", xlim=(0, None))
        _legend(figure, axes)

    return _svg(draw, _height(by_scale), f"Mean absolute error by {what}.")


def intervals(by_scale: Mapping[str, Rows], what: str, coverage: float) -> Markup:
    """Draw coverage and mean width of the intervals by group, both scales."""

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2, sharey=True)
        _bars(left, by_scale, "coverage")
        left.axvline(coverage, color="black", lw=0.8, ls="--")
        left.set(xlabel="coverage", xlim=(0, 1.02))
        _bars(right, by_scale, "width")
        right.set(xlabel="mean width", xlim=(0, None))
        _legend(figure, left)

    return _svg(draw, _height(by_scale), f"Coverage and width of the intervals by {what}.")


def ladder_curves(ladders: Ladders, scale: Scale) -> Markup:
    """Draw one line a contrast set: how the score rises with the label along its rungs."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        faint = max(0.12, min(0.7, 12 / len(ladders.ladders)))
        for ladder in ladders.ladders:
            axes.plot(
                *(ladder.labels, ladder.scores), "o-", ms=2.5, lw=0.9, alpha=faint, c=COLOURS[scale]
            )
        _unit_square(axes, "score")
        axes.set_xlabel("label")

    return _svg(draw, (4, 4), f"Score against label along {len(ladders.ladders)} contrast sets.")


def bars(values: Mapping[str, Mapping[str, float]], axis: str, top: float | None = None) -> Markup:
    """Draw plain bars: for each series (a scale, or any one name) a value by group."""
    rows: dict[str, Rows] = {
        series: {group: {"value": value} for group, value in groups.items()}
        for series, groups in values.items()
    }

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        _bars(axes, rows, "value")
        axes.set(xlabel=axis, xlim=(0, top))
        if len(rows) > 1:
            _legend(figure, axes)

    return _svg(draw, _height(rows), f"Bars: {axis} by group.")


def _bars(axes: Axes, by_series: Mapping[str, Rows], figure: str, limits: bool = False) -> None:
    """Draw a group of bars for each name, the first on top, one bar a series."""
    names = list(dict.fromkeys(name for rows in by_series.values() for name in rows))
    thick = 0.8 / len(by_series)
    for i, (series, rows) in enumerate(by_series.items()):
        colour = COLOURS.get(series, "#555555")
        places = [names.index(name) + (i - (len(by_series) - 1) / 2) * thick for name in rows]
        values = [row[figure] or 0.0 for row in rows.values()]
        axes.barh(places, values, height=thick * 0.9, color=colour, alpha=0.75, label=series)
        if limits:
            for place, row in zip(places, rows.values(), strict=True):
                ends = [row.get(f"{figure}_low"), row.get(f"{figure}_high")]
                if None not in ends:
                    axes.plot(ends, [place, place], color="black", lw=1)  # type: ignore[arg-type]
    labels = [name if len(name) <= NAME else f"{name[: NAME - 1]}…" for name in names]
    axes.set_yticks(range(len(names)), labels)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.grid(axis="x")
    axes.set_axisbelow(True)


def _legend(figure: Figure, axes: Axes) -> None:
    """Name the series above the panel, where no bar can lie."""
    handles, names = axes.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper left", ncols=len(names), frameon=False)


def _unit_square(axes: Axes, vertical: str) -> None:
    axes.plot([0, 1], [0, 1], color="black", lw=0.8, ls=":")
    axes.set(xlabel="score", ylabel=vertical, xlim=(-0.01, 1.01), ylim=(-0.01, 1.01))
    axes.grid()


def _height(by_series: Mapping[str, Rows]) -> tuple[float, float]:
    names = {name for rows in by_series.values() for name in rows}
    return 5.2, 1.3 + 0.36 * len(names)


def _svg(draw: Callable[[Figure], None], size: tuple[float, float], alt: str) -> Markup:
    """Return the drawn figure as an SVG element that may stand inside a page."""
    stream = io.StringIO()
    salt = f"{alt}{size}"
    with mpl.rc_context(STYLE | {"svg.hashsalt": salt}), warnings.catch_warnings():
        # Only the layout asks matplotlib's own font, which lacks the signs of some names.
        warnings.filterwarnings("ignore", message="Glyph")
        figure = Figure(figsize=size, layout="constrained")
        draw(figure)
        figure.savefig(
            stream,
            format="svg",
            transparent=True,
            dpi=150,
            metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")),
        )
    return _inline(stream.getvalue(), alt)


def _inline(svg: str, alt: str) -> Markup:
    """Drop what only a file of its own needs: prolog, name spaces, style, ids of groups."""
    body = svg[svg.index(">", svg.index("<svg")) + 1 :]
    body = re.sub(r"<style.*?</style>", "", body, count=1, flags=re.DOTALL)
    body = re.sub(r'<g id="[^"]*"', "<g", body)
    width, height = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups()  # type: ignore[union-attr]
    opening = Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
        width, height, escape(alt)
    )
    return opening + Markup(body)  # noqa: S704 - matplotlib escapes the text of its own SVG
