"""The part of the page that shows how scores moved from one artifact to another."""

from typing import Any

from model.scores import SCALES
from training.charts import threshold_curve
from training.evaluate import Figures
from training.page_sections import MOST_ROWS, shortened
from training.score_map import Moved, movers, score_map

FIGURES = {
    "median_old": "median, old",
    "median_new": "median, new",
    "median_shift": "its shift",
    "mean_shift": "mean shift",
    "mean_move": "mean distance",
    "p95_move": "95% within",
    "levels_changed": "change level",
    "pearson": "Pearson",
    "spearman": "Spearman",
}
"""Figures of ``score_map`` and their names in tables."""


def moved_section(moved: Moved) -> dict[str, Any]:
    """Return charts, tables and sentences for the template."""
    found = score_map(moved)
    scales: Figures = found["scales"]
    charts = []
    for i, scale in enumerate(SCALES):
        line = [
            (place["old"], place["new"])
            for place in scales[scale]["thresholds"]
            if place["new"] is not None
        ]
        charts.append((scale, threshold_curve(moved.old[:, i], moved.new[:, i], scale, line)))
    return {
        "old": found["old"],
        "new": found["new"],
        "rows": f"{found['rows']:,} {'row' if found['rows'] == 1 else 'rows'}",
        "glance": [{"scale": scale, "text": shift_sentence(row)} for scale, row in scales.items()],
        "charts": charts,
        "head": ["scale", *FIGURES.values()],
        "figures": [(scale, *figure_cells(row)) for scale, row in scales.items()],
        "thresholds": [
            (scale, *cells) for scale, row in scales.items() for cells in threshold_cells(row)
        ],
        "movers": [(scale, moved_rows(moved, i)) for i, scale in enumerate(SCALES)],
    }


def shift_sentence(row: Figures) -> str:
    """Say in a sentence how a scale moved."""
    return (
        f"the median moves from {row['median_old']:.3f} to {row['median_new']:.3f}, a score by "
        f"{row['mean_move']:.3f} on average, and {row['levels_changed']:.1%} of the rows change "
        "their level."
    )


def figure_cells(row: Figures) -> list[str]:
    """Return the figures of a scale as the cells of a table, in the order of ``FIGURES``."""
    cells = []
    for name in FIGURES:
        value = row[name]
        form = "+z.3f" if name.endswith("_shift") else ".1%" if name == "levels_changed" else ".3f"
        cells.append("" if value is None else f"{value:{form}}")
    return cells


def threshold_cells(row: Figures) -> list[tuple[str, ...]]:
    """Return for each threshold: old, new, rows at or above, their share."""
    return [
        (
            f"{place['old']:.3g}",
            "" if place["new"] is None else f"{place['new']:.3f}",
            f"{place['rows']:,}",
            f"{place['share']:.1%}",
        )
        for place in row["thresholds"]
    ]


def moved_rows(moved: Moved, column: int, most: int = MOST_ROWS) -> list[dict[str, str]]:
    """Return the rows that move farthest on a scale, with both scores and the text."""
    return [
        {
            "old": f"{moved.old[row, column]:.3f}",
            "new": f"{moved.new[row, column]:.3f}",
            "text": shortened(moved.texts[row]),
        }
        for row in movers(moved, column, most)
    ]
