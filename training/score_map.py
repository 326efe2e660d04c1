"""How scores move from one artifact to another: the map that a threshold must follow.

A threshold on the old scores is taken to the one on the new scores that keeps the same share of
rows above it: equipercentile linking (Kolen and Brennan 2014, Test Equating, Scaling, and Linking).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import pearsonr, spearmanr

from model.levels import level_of
from model.plan import Points
from model.scores import DECIMALS, SCALES, Scale
from training.evaluate import Figures, Rival, Scored
from training.metrics import Column

THRESHOLDS = tuple(step / 20 for step in range(1, 20))
"""Old thresholds that are mapped: .05 to .95."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The same rows with the scores of two artifacts.

    Attributes:
        names: name and version of the old artifact and of the new one.
        texts: the rows.
        old: scores of the old artifact, shape (rows, 2).
        new: scores of the new one, likewise.
        thresholds: old thresholds to map, 0 to 1.
    """

    names: tuple[str, str]
    texts: Sequence[str]
    old: Points
    new: Points
    thresholds: Sequence[float] = THRESHOLDS


def moved_from(
    rivals: Mapping[str, Rival], scored: Mapping[str, Scored], name: str
) -> Moved | None:
    """Put the sets together that a rival has scored too; None where there is none.

    Args:
        rivals: the old artifact's scores by set.
        scored: the new artifact's.
        name: what to call the new one.
    """
    if not rivals:
        return None
    return Moved(
        (next(iter(rivals.values())).name, name),
        [quote.text for split in rivals for quote in scored[split].quotes],
        np.concatenate([rival.points for rival in rivals.values()]),
        np.concatenate([scored[split].points for split in rivals]),
    )


def score_map(moved: Moved) -> Figures:
    """Return how the scores moved, of one row at least.

    Returns:
        ``{"old", "new", "rows", "scales": {scale: figures}}``; the figures are ``median_old``,
        ``median_new``, ``median_shift`` (new minus old), ``mean_shift``, ``mean_move`` and
        ``p95_move`` (of the distances), ``levels_changed`` (share of rows), ``pearson``,
        ``spearman`` (None where either side is constant) and ``thresholds``: for each one ``old``,
        ``rows`` and ``share`` at or above it, and ``new``, which keeps that share; None where no
        row, or every row, lies above.
    """
    old, new = (np.round(points, DECIMALS) for points in (moved.old, moved.new))
    return {
        "old": moved.names[0],
        "new": moved.names[1],
        "rows": len(old),
        "scales": {
            scale: _figures(scale, old[:, i], new[:, i], moved.thresholds)
            for i, scale in enumerate(SCALES)
        },
    }


def movers(moved: Moved, column: int, most: int) -> list[int]:
    """Return the rows that move farthest on a scale, the farthest first."""
    gaps = np.abs(moved.new[:, column] - moved.old[:, column])
    return [int(row) for row in np.argsort(-gaps, kind="stable")[:most]]


def _figures(scale: Scale, old: Column, new: Column, thresholds: Sequence[float]) -> Figures:
    shift = new - old
    before, after = float(np.median(old)), float(np.median(new))
    changed = [level_of(scale, a) != level_of(scale, b) for a, b in zip(old, new, strict=True)]
    constant = np.ptp(old) == 0 or np.ptp(new) == 0
    return {
        "median_old": before,
        "median_new": after,
        "median_shift": after - before,
        "mean_shift": float(shift.mean()),
        "mean_move": float(np.abs(shift).mean()),
        "p95_move": float(np.quantile(np.abs(shift), 0.95)),
        "levels_changed": float(np.mean(changed)),
        "pearson": None if constant else float(pearsonr(old, new)[0]),
        "spearman": None if constant else float(spearmanr(old, new)[0]),
        "thresholds": [_linked(old, new, threshold) for threshold in sorted(set(thresholds))],
    }


def _linked(old: Column, new: Column, threshold: float) -> Figures:
    above = int((old >= threshold).sum())
    linked = None
    if 0 < above < len(new):
        falling = np.sort(new)[::-1]
        # Half way between the last row that stays above and the first that stays below.
        linked = round(float(falling[above - 1] + falling[above]) / 2, DECIMALS)
    return {"old": threshold, "rows": above, "share": above / len(old), "new": linked}
