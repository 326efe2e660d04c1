"""Fits the interval table on rows that training did not fit.

Split conformal prediction (Papadopoulos et al. 2002; Lei et al. 2018) with the signed errors'
two tails taken apart, in bands of the predicted score (Mondrian, Vovk et al. 2003). The bands
hold equal numbers of rows; within each, the margin on either side is the smallest error that holds
1 - a/2 of all rows, one to come included, with a = 1 - coverage, which bounds the miss on that side
at a/2 for exchangeable rows.

Rows of public statements weigh more than written ones (weighted conformal prediction, Tibshirani et
al. 2019): they are what is scored in use, and the written rows were chosen to be hard.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from data.records import PUBLIC, Quote
from model.intervals import Band, Calibration
from model.plan import Points
from model.scores import SCALES
from training.evaluate import Scored
from training.metrics import Column, agreements

ROWS_A_BAND = 150
LEAST_ROWS = 40
"""Sources with fewer held-out rows say nothing of coverage."""
MAX_BANDS = 8
_ROUNDING = 1e-9
"""Keeps a share that should equal the bound from missing it by a last digit."""
PUBLIC_WEIGHT = 2.0
"""What a row of a public statement weighs, beside a written one; see ``training/README.md``."""
METHOD = "weighted split conformal by score band, signed errors"


def fit_calibration(
    points: Points, labels: Points, coverage: float, weights: Column | None = None
) -> Calibration:
    """Return the table for scores and labels of shape (rows, 2).

    Args:
        points: scores of held-out rows.
        labels: their labels.
        coverage: nominal share of labels inside, 0 to 1.
        weights: of the rows, above 0; all alike by default. See ``row_weights``.
    """
    weights = np.ones(len(points)) if weights is None else weights
    bands = {
        scale: tuple(_bands(points[:, i], labels[:, i], weights, (1 - coverage) / 2))
        for i, scale in enumerate(SCALES)
    }
    return Calibration(method=METHOD, coverage=coverage, bands=bands)


def row_weights(quotes: Sequence[Quote]) -> Column:
    """Return what each row weighs in the calibration, shape (rows,)."""
    return np.array([PUBLIC_WEIGHT if q.source.startswith(PUBLIC) else 1.0 for q in quotes])


def left_out_coverage(parts: Sequence[Scored], coverage: float) -> dict[str, dict[str, Any]]:
    """Calibrate without each source in turn, and return how its rows fare.

    The network has seen rows of most of these sources; the intervals have not. What holds for a
    source that neither has seen is the figure of ``corpus/news-quotes``, which training never gets.

    Args:
        parts: held-out rows with scores, of one network.
        coverage: nominal coverage.

    Returns:
        ``{source: {"rows", scale: {"coverage", "width"}}}`` for sources of ``LEAST_ROWS`` or more.
    """
    names = np.array([quote.source for part in parts for quote in part.quotes])
    points = np.concatenate([part.points for part in parts])
    labels = np.concatenate([part.labels for part in parts])
    weights = row_weights([quote for part in parts for quote in part.quotes])
    found: dict[str, dict[str, Any]] = {}
    for source in sorted(set(names)):
        out = names == source
        if out.sum() < LEAST_ROWS or out.all():
            continue
        table = fit_calibration(points[~out], labels[~out], coverage, weights[~out])
        found[source] = {"rows": int(out.sum())}
        for scale, row in agreements(points[out], labels[out], table).items():
            found[source][scale] = {key: row[key] for key in ("coverage", "width")}
    return found


def no_calibration(coverage: float) -> Calibration:
    """Return the table of a network that was not calibrated yet: every interval is 0 to 1."""
    widest = (Band(upto=1, below=1, above=1, rows=1),)
    return Calibration(method="none", coverage=coverage, bands=dict.fromkeys(SCALES, widest))


def _bands(scores: Column, labels: Column, weights: Column, tail: float) -> list[Band]:
    count = min(MAX_BANDS, max(1, len(scores) // ROWS_A_BAND))
    inner = np.unique(np.quantile(scores, np.arange(1, count) / count).round(4))
    bounds = [float(bound) for bound in inner if 0 < bound < 1] + [1.0]
    bands, low = [], -1.0
    for bound in bounds:
        mask = (scores > low) & (scores <= bound)
        if not mask.any():
            continue
        error, weight = labels[mask] - scores[mask], weights[mask]
        below, above = _margin(-error, weight, tail), _margin(error, weight, tail)
        bands.append(Band(upto=bound, below=below, above=above, rows=int(mask.sum())))
        low = bound
    return bands


def _margin(error: Column, weight: Column, tail: float) -> float:
    """Return the conformal quantile of one side, 1 where there are too few rows for one."""
    order = np.argsort(error)
    # The row to come counts among all, with the largest weight, and is taken to err the most.
    share = np.cumsum(weight[order]) / (weight.sum() + weight.max())
    rank = int(np.searchsorted(share, 1 - tail - _ROUNDING))
    if rank >= len(error):
        return 1.0
    return float(np.clip(error[order[rank]], 0, 1).round(4))
