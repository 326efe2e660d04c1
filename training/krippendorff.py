"""Krippendorff's alpha for degrees: how far raters agree beyond what chance would give."""

from collections.abc import Iterable, Sequence

import numpy as np


def alpha(units: Iterable[Sequence[float]]) -> float | None:
    """Return Krippendorff's alpha with the interval metric, the squared difference.

    K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011, University of
    Pennsylvania), section C. Ratings may be missing: a unit with fewer than two does not count.

    Args:
        units: the ratings of each text.

    Returns:
        1 for perfect agreement, 0 for that of chance, below 0 for less; None where there are
        fewer than two units with two ratings, or all of their ratings are equal.
    """
    rated = [np.asarray(unit, np.float64) for unit in units if len(unit) > 1]
    if len(rated) < 2:
        return None
    together = np.concatenate(rated)
    # The squared differences of all ordered pairs of n values add up to 2 n sum((x - mean)^2),
    # and a unit of m ratings counts m of them, its m (m - 1) pairs weighing 1 / (m - 1) each.
    observed = sum(float(unit.var(ddof=1)) * len(unit) for unit in rated) / len(together)
    expected = float(together.var(ddof=1))
    return 1 - observed / expected if expected > 0 else None
