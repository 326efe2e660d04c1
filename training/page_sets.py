"""The part of the evaluation page that shows one set of rows: its tables, charts and sentences."""

from typing import Any

from model.intervals import Calibration
from model.scores import SCALES
from training.breakdown import SHOWN, compared_with, reliability, shown_cells, shown_heads
from training.charts import errors, intervals, reliability_diagram, scatter
from training.evaluate import Figures, Scored, own_figures
from training.metrics import ranged, ranged_cells

MOST_SOURCES = 30
"""Sources shown, the largest first."""

ABOUT = {
    "test": "Quotes of a voice that was written for diplotone and never trained on.",
    "test_real": "Sentences of public documents that training never saw.",
    "feedback": "Texts that people rated or corrected and that training left out. They were often "
    "picked because a model was wrong or unsure of them, so errors are larger than elsewhere.",
    "validation": "Rows that training did not fit, but by which it chose the epoch and made the "
    "intervals: these figures flatter.",
}
OWN = "A labelled file."

KINDS = {
    "source": ("By source", "Groups are the rows' sources: those of ten rows or more, at most 30."),
    "length": ("By length", "Groups are numbers of words, counted between white space."),
    "label": (
        "By label",
        "Groups are bands of the label: where on the scale the errors are. Scores that lean to "
        "the middle have a bias above 0 in the lowest band and below 0 in the highest.",
    ),
    "score": (
        "By score",
        "Groups are bands of the score, which a user sees: how often the intervals hold the "
        "label there, and how wide they are.",
    ),
}


def set_section(
    anchor: str,
    title: str,
    scored: Scored,
    figures: Figures,
    calibration: Calibration,
) -> dict[str, Any]:
    """Return what the template shows of one set of rows.

    Args:
        anchor: its address inside the page.
        title: name of the set.
        scored: its rows with the scorer's points.
        figures: its figures, as ``figures_of`` returns them.
        calibration: the scorer's interval table.
    """
    return {
        "id": anchor,
        "title": title,
        "about": ABOUT.get(title, OWN),
        "rows": f"{figures['rows']:,} {'row' if figures['rows'] == 1 else 'rows'}",
        "seen": figures.get("seen"),
        "glance": _glance(own_figures(figures), calibration),
        "systems": [
            (system, scale, *ranged_cells(row))
            for system, by_scale in figures["systems"].items()
            for scale, row in by_scale.items()
        ],
        "differences": _differences(figures),
        "scales": _scales(scored, calibration),
        "kinds": [
            _kind(kind, by_scale, calibration.coverage)
            for kind, by_scale in figures["groups"].items()
            if any(len(rows) > 1 for rows in by_scale.values())
        ],
    }


def _scales(scored: Scored, calibration: Calibration) -> list[dict[str, Any]]:
    scales = []
    for i, scale in enumerate(SCALES):
        columns = scored.points[:, i], scored.labels[:, i], scale, calibration
        diagram = reliability_diagram(reliability(*columns), scale, calibration.coverage)
        scales.append({"scale": scale, "scatter": scatter(*columns), "reliability": diagram})
    return scales


def _glance(figures: Figures, calibration: Calibration) -> list[dict[str, str]]:
    return [
        {
            "scale": scale,
            "mae": ranged(row, "mae"),
            "pearson": ranged(row, "pearson"),
            "coverage": f"{row['coverage']:.1%}",
            "meant": f"{calibration.coverage:.0%}",
            "width": f"{row['width']:.3f}",
        }
        for scale, row in figures.items()
    ]


def _differences(figures: Figures) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for system, scale in compared_with(figures):
        row = figures["differences"][system][scale]
        r, mae = (ranged(row, key, signed=True) + _verdict(row, key) for key in ("pearson", "mae"))
        rows.append((system, scale, r, mae))
    return rows


def _verdict(row: Figures, key: str) -> str:
    low, high = row[f"{key}_low"], row[f"{key}_high"]
    if low <= 0 <= high:
        return ", not told apart"
    return ", better" if (low > 0) == (key == "pearson") else ", worse"


def _kind(kind: str, by_scale: Figures, coverage: float) -> dict[str, Any]:
    """Return charts and table of one way to group the rows."""
    title, about = KINDS[kind]
    if kind == "source":
        by_scale = {scale: _largest(rows) for scale, rows in by_scale.items()}
    charts = []
    if "mae" in SHOWN[kind]:
        caption = f"Mean absolute error by {kind}, with its 95% interval."
        charts.append((errors(by_scale, kind), caption))
    if "coverage" in SHOWN[kind]:
        svg = intervals(by_scale, kind, coverage)
        charts.append((svg, f"Coverage (dashed: promised) and mean width by {kind}."))
    table = [
        (group, scale, str(row["rows"]), *shown_cells(row, kind))
        for scale, rows in by_scale.items()
        for group, row in rows.items()
    ]
    head = [kind, "scale", "rows", *shown_heads(kind)]
    return {"title": title, "about": about, "charts": charts, "table": table, "head": head}


def _largest(rows: Figures) -> Figures:
    names = sorted(rows, key=lambda name: -rows[name]["rows"])[:MOST_SOURCES]
    return {name: rows[name] for name in sorted(names)}
