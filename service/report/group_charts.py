"""Groups in order, and two groups beside each other."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from model.scores import Scale
from service.report.comparison import Comparison
from service.report.drawing import COLOURS, Picture, shortened
from service.report.layout import MODEL_INTERVAL
from service.report.ranking import Place


def ranking_chart(places: Sequence[Place], scale: Scale) -> Picture:
    """Draw the groups' means in order, with the interval of the mean and the model's."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for row, place in enumerate(places):
            mean = place.mean
            if mean.model_low is not None and mean.model_high is not None:
                axes.plot([mean.model_low, mean.model_high], [row, row], color="0.65", lw=1, ls=":")
            if mean.low is not None and mean.high is not None:
                axes.plot([mean.low, mean.high], [row, row], color=COLOURS[scale], lw=4, alpha=0.5)
            face = COLOURS[scale] if mean.low is not None else "white"
            axes.plot(mean.value, row, "o", ms=5, mfc=face, mec=COLOURS[scale])
        names = [f"{shortened(place.name)} ({place.mean.rows:,})" for place in places]
        axes.set_yticks(range(len(places)), names)
        axes.set(ylim=(len(places) - 0.4, -0.6), xlim=(0, 1), xlabel=f"mean {scale}")
        axes.grid(axis="x")
        handles = [
            Line2D([], [], ls="", marker="o", ms=5, color=COLOURS[scale]),
            Line2D([], [], lw=4, alpha=0.5, color=COLOURS[scale]),
            Line2D([], [], lw=1, ls=":", color="0.65"),
        ]
        labels = ["mean", "95% interval of it", MODEL_INTERVAL]
        figure.legend(
            *(handles, labels), loc="outside upper left", ncols=3, frameon=False, fontsize=8,
            columnspacing=1.2,
        )  # fmt: skip

    alt = f"{len(places)} groups in the order of their mean {scale}, with intervals."
    return Picture(f"{scale}-ranking", alt, (5.6, 1.2 + 0.3 * len(places)), draw)


def comparison_chart(found: Comparison, pair: tuple[str, str], scale: Scale) -> Picture:
    """Draw how the scores of two groups are spread: outlines, one solid and one dashed."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        looks = (("-", COLOURS[scale], 1.8), ("--", "black", 1.4))
        for shares, mean, (line, colour, thick) in zip(
            found.histograms, found.means, looks, strict=True
        ):
            edges = np.linspace(0, 1, len(shares) + 1)
            axes.stairs(shares, edges, ls=line, color=colour, lw=thick)
            axes.plot(mean, 0, marker="^", ms=8, mfc=colour, mec="black", clip_on=False, zorder=5)
        handles = [Line2D([], [], ls=line, color=c, lw=w) for line, c, w in looks]
        names = [f"{shortened(n)} ({r:,})" for n, r in zip(pair, found.rows, strict=True)]
        figure.legend(handles, names, loc="outside upper left", frameon=False, fontsize=8)
        axes.set(xlabel=f"{scale} (triangles: means)", ylabel="share of rows", xlim=(0, 1))
        axes.set_ylim(bottom=0)
        axes.grid()

    alt = f"Spread of {scale} of {pair[0]} and of {pair[1]}."
    return Picture(f"{scale}-comparison", alt, (4.6, 3.2), draw)
