"""Tone over time: means with two bands and the changes found, and shares of levels."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import matplotlib.dates as mdates
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from model.scores import Scale
from service.report.dates import Unit
from service.report.drawing import COLOURS, Picture
from service.report.layout import MODEL_INTERVAL
from service.report.level_charts import level_bars, level_legend
from service.report.means import Mean
from service.report.timeline import Timeline

_SIZE = (7.2, 3.9)
_BAND = {"color": "0.88", "lw": 0}


def tone_over_time(timeline: Timeline, scale: Scale) -> Picture:
    """Draw one scale's means over time with both bands, the changes, and the number of rows."""
    means = [mean[scale] for mean in timeline.means]
    every = timeline.unit.name

    def draw(figure: Figure) -> None:
        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(5, 1))
        days = _days(timeline.starts)
        _bands(top, days, means, scale)
        _steps(top, days, timeline, scale)
        top.set(ylabel=f"mean {scale}", ylim=(0, 1))
        top.grid()
        bottom.bar(
            days, [mean.rows for mean in means], 0.9 * timeline.unit.days, color="0.5", align="edge"
        )
        bottom.set(ylabel="rows")
        _time_axis(bottom, days, timeline.unit)
        _legend(figure, scale, bool((found := timeline.changes[scale]) and found.places))

    alt = f"Mean {scale} by {every} with the interval of the mean and the model's interval."
    return Picture(f"{scale}-over-time", alt, _SIZE, draw)


def levels_over_time(timeline: Timeline, scale: Scale) -> Picture:
    """Draw the share of each level in each stretch of time."""
    unit = timeline.level_unit

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        days = _days(list(timeline.levels[scale]))
        counts = np.array(list(timeline.levels[scale].values()))
        level_bars(axes, days, counts, scale, 0.9 * unit.days)
        axes.set(ylabel="share of rows", ylim=(0, 1))
        _time_axis(axes, days, unit)
        level_legend(figure, scale)

    alt = f"Share of the levels of {scale} by {unit.name}."
    return Picture(f"{scale}-levels-over-time", alt, _SIZE, draw)


def _bands(axes: Axes, days: np.ndarray, means: Sequence[Mean], scale: Scale) -> None:
    values = np.array([mean.value for mean in means])
    lows, highs, model_lows, model_highs = (
        np.array([np.nan if end is None else end for end in ends], dtype=float)
        for ends in zip(*((m.low, m.high, m.model_low, m.model_high) for m in means), strict=True)
    )
    if len(days) == 1:  # a band without width
        axes.vlines(days, model_lows, model_highs, color="0.8", lw=2 * _thick(1))
    axes.fill_between(days, model_lows, model_highs, **_BAND)  # type: ignore[arg-type]
    for ends in (model_lows, model_highs):
        axes.plot(days, ends, color="0.5", lw=0.7, ls=":")
    axes.vlines(days, lows, highs, color=COLOURS[scale], alpha=0.45, lw=_thick(len(days)))
    axes.plot(days, values, "-", lw=0.8, color=COLOURS[scale])
    sure = ~np.isnan(lows)
    axes.plot(days[sure], values[sure], "o", ms=3, color=COLOURS[scale])
    axes.plot(days[~sure], values[~sure], "o", ms=3, mfc="white", mec=COLOURS[scale])


def _steps(axes: Axes, days: np.ndarray, timeline: Timeline, scale: Scale) -> None:
    """Draw the levels between changes, and a mark where each new one begins."""
    found = timeline.changes[scale]
    if not found or not found.places:
        return
    pieces = pairwise([0, *found.places, len(days)])
    for (a, b), level in zip(pieces, found.levels, strict=True):
        axes.plot([days[a], days[b - 1]], [level, level], color="black", lw=1.8)
    for i, place in enumerate(found.places):
        axes.axvline(days[place], color="black", lw=0.9, ls="--")
        shown = timeline.starts[place].strftime(timeline.unit.form)
        at = days[place], 0.98 - 0.05 * (i % 4)  # neighbours must not cover each other
        axes.annotate(
            shown, at, (3, 0), textcoords="offset points", fontsize=7.5, va="top", ha="left"
        )


def _legend(figure: Figure, scale: Scale, changes: bool) -> None:
    colour = COLOURS[scale]
    handles: list[Line2D | Patch] = [
        Line2D([], [], marker="o", ms=4, lw=0.8, color=colour),
        Line2D([], [], lw=5, color=colour, alpha=0.45),
        Patch(facecolor="0.88", edgecolor="0.5", ls=":"),
    ]
    names = ["mean (hollow: no interval)", "95% interval of the mean", MODEL_INTERVAL]
    if changes:
        handles.append(Line2D([], [], color="black", lw=1.8))
        names.append("level between changes")
    figure.legend(handles, names, loc="outside upper left", ncols=2, frameon=False, fontsize=8)


def _days(starts: Sequence[date]) -> np.ndarray:
    """Return days since 1970, which is matplotlib's own count."""
    return np.array(starts, dtype="datetime64[D]").astype(float)


def _thick(count: int) -> float:
    return max(1.2, min(5.0, 240 / count))


def _time_axis(axes: Axes, days: np.ndarray, unit: Unit) -> None:
    locator = mdates.AutoDateLocator(minticks=3, maxticks=8)  # type: ignore[no-untyped-call]
    formatter = mdates.ConciseDateFormatter(locator)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(formatter)
    ends = np.array([days[0] - unit.days, days[-1] + 2 * unit.days])
    axes.set_xlim(*ends.clip(*_days([date.min, date.max])))
