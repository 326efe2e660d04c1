"""Pictures of a run: how it learned, and where its scores agree and disagree with the labels."""

import csv
from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from model.intervals import Calibration
from model.scores import SCALES
from training.charts import COLOURS, STYLE
from training.evaluate import Scored
from training.loop import LOG
from training.metrics import interval_ends

CURVES = "learning_curves.png"
PAGE = "evaluation.png"


def plot_learning_curves(run: Path) -> None:
    """Draw training loss and the validation figures over the steps, from the run's log."""
    series = _read_log(run / LOG)
    figure, (left, right) = _canvas(1, 2, (10, 4))
    for name, label in (("loss", "training"), ("eval_loss", "validation")):
        left.plot(*_column(series, name), marker="o" if name[0] == "e" else None, label=label)
    left.set(title="Loss (binary cross-entropy)", xlabel="step")
    for scale in SCALES:
        name = f"eval_{scale}_pearson"
        right.plot(*_column(series, name), marker="o", color=COLOURS[scale], label=scale)
    right.set(title="Validation Pearson r", xlabel="step")
    for axes in (left, right):
        axes.legend()
        axes.grid(alpha=0.3)
    figure.savefig(run / CURVES, dpi=110)


def plot_evaluation(run: Path, splits: Mapping[str, Scored], calibration: Calibration) -> None:
    """Draw a page: labels against scores, errors along the scale, and error by source."""
    with mpl.rc_context(STYLE):
        figure, grid = _canvas(len(SCALES), 2 * len(splits) + 1, (5 * (2 * len(splits) + 1), 9))
        for row, scale in enumerate(SCALES):
            cells = list(grid[row])
            for name, scored in splits.items():
                _scatter(cells.pop(0), scored, row, f"{name}: {scale}")
                _residuals(cells.pop(0), scored, row, calibration, f"{name}: error and interval")
            _by_source(cells.pop(0), splits, row, f"{scale}: mean absolute error by source")
        figure.savefig(run / PAGE, dpi=80)


def _canvas(rows: int, columns: int, size: tuple[float, float]) -> tuple[Figure, np.ndarray]:
    mpl.use("agg")  # a server has no screen
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(rows, columns)
    return figure, np.atleast_1d(axes)


def _read_log(path: Path) -> list[tuple[int, str, float]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return [(int(r["step"]), r["name"], float(r["value"])) for r in csv.DictReader(stream)]


def _column(series: list[tuple[int, str, float]], name: str) -> tuple[list[int], list[float]]:
    points = [(step, value) for step, key, value in series if key == name]
    return [step for step, _ in points], [value for _, value in points]


def _scatter(axes: Axes, scored: Scored, column: int, title: str) -> None:
    scale = SCALES[column]
    axes.scatter(
        scored.points[:, column], scored.labels[:, column], s=8, alpha=0.4, color=COLOURS[scale]
    )
    axes.plot([0, 1], [0, 1], color="black", lw=0.8)
    axes.set(title=title, xlabel="score", ylabel="label", xlim=(0, 1), ylim=(0, 1))


def _residuals(
    axes: Axes, scored: Scored, column: int, calibration: Calibration, title: str
) -> None:
    scale = SCALES[column]
    scores = scored.points[:, column]
    axes.scatter(scores, scored.labels[:, column] - scores, s=8, alpha=0.4, color=COLOURS[scale])
    line = np.linspace(0, 1, 400)
    ends = interval_ends(line, scale, calibration)
    axes.fill_between(line, ends[:, 0] - line, ends[:, 1] - line, color="black", alpha=0.12)
    axes.axhline(0, color="black", lw=0.8)
    axes.set(title=title, xlabel="score", ylabel="label minus score", xlim=(0, 1), ylim=(-1, 1))


def _by_source(axes: Axes, splits: Mapping[str, Scored], column: int, title: str) -> None:
    errors: dict[str, float] = {}
    for scored in splits.values():
        gap = np.abs(scored.points[:, column] - scored.labels[:, column])
        for source in sorted({q.source for q in scored.quotes}):
            mask = np.array([q.source == source for q in scored.quotes])
            errors[f"{source} ({mask.sum()})"] = float(gap[mask].mean())
    names = sorted(errors, key=lambda name: errors[name])
    axes.barh(names, [errors[name] for name in names], color=COLOURS[SCALES[column]])
    axes.set(title=title)
