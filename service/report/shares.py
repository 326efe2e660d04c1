"""How many rows fall in each level and in each square of the plane."""

from typing import Any

import polars as pl

from model.levels import LEVELS
from model.scores import DECIMALS, SCALES, Scale

SQUARES = 40
"""Squares along each side of the plane; the levels begin at edges of them."""


def level_counts(rows: pl.LazyFrame, by: pl.Expr) -> dict[Scale, dict[Any, list[int]]]:
    """Count rows by level.

    Args:
        rows: scored rows.
        by: what else divides them.

    Returns:
        For each scale, by what divides them, the rows in each level, the lowest first.
    """
    found: dict[Scale, dict[Any, list[int]]] = {}
    for scale in SCALES:
        starts = [level.start for level in LEVELS[scale]]
        place = pl.sum_horizontal((pl.col(scale) >= start).cast(pl.Int32) for start in starts)
        counted = (
            rows.select(by.alias("by"), (place - 1).alias("level"))
            .group_by("by", "level")
            .len()
            .collect(engine="streaming")
        )
        counts: dict[Any, list[int]] = {}
        for key, level, count in counted.iter_rows():
            counts.setdefault(key, [0] * len(starts))[level] = count
        found[scale] = dict(sorted(counts.items(), key=lambda item: (item[0] is None, item[0])))
    return found


def density(rows: pl.LazyFrame) -> list[tuple[int, int, int]]:
    """Return column, row and count of each square of the plane that holds a row.

    Columns go with hostility and rows with formality, from 0 to ``SQUARES`` - 1.
    """
    # In whole units of the last decimal, since 0.075 / 0.025 is less than 3.
    unit = 10**DECIMALS
    places = [
        ((pl.col(scale) * unit).round().cast(pl.Int64) * SQUARES // unit)
        .clip(0, SQUARES - 1)
        .alias(scale)
        for scale in SCALES
    ]
    counted = rows.select(places).group_by(SCALES).len().sort(SCALES).collect(engine="streaming")
    return list(counted.iter_rows())
