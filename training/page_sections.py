"""Sections of the evaluation page beyond the figures by set: worst rows, ladders, swaps, behaviour.

Each function returns plain values and charts for the template.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from model.intervals import Calibration
from model.scores import SCALES
from training.charts import bars, ladder_curves
from training.evaluate import Figures, Scored
from training.ladders import ladders_of

MOST_ROWS = 25
"""Worst rows shown for each scale."""
LONGEST_TEXT = 400
"""Characters of a text that are shown."""
FLATTEST = 3
"""Ladders shown with their texts for each scale."""
MOST_FAILED = 100
"""Failed cases shown."""

RANGES = ("mean_range", "p95_range", "p99_range", "max_range", "mean_sd")

Row = dict[str, str]


def worst_rows(sets: Mapping[str, Scored], column: int, calibration: Calibration) -> list[Row]:
    """Return the rows of all sets with the largest errors on a scale, the largest first."""
    found = []
    for title, scored in sets.items():
        scores, labels = scored.points[:, column], scored.labels[:, column]
        gaps = np.abs(scores - labels)
        for row in np.argsort(-gaps, kind="stable")[:MOST_ROWS]:
            found.append((float(gaps[row]), title, scored, int(row)))
    found.sort(key=lambda entry: -entry[0])
    rows = []
    for _, title, scored, row in found[:MOST_ROWS]:
        score = float(scored.points[row, column])
        low, high = calibration.interval(SCALES[column], score)
        rows.append(
            {
                "text": shortened(scored.quotes[row].text),
                "source": scored.quotes[row].source,
                "set": title,
                "label": f"{scored.labels[row, column]:.3f}",
                "score": f"{score:.3f}",
                "interval": f"{low:.2f} to {high:.2f}",
            }
        )
    return rows


def shortened(text: str) -> str:
    """Return the text, or its beginning where it is long."""
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"


def ladder_section(sets: Mapping[str, Scored]) -> list[dict[str, Any]]:
    """Return for each scale with ladders their curves and what they show."""
    section = []
    for scale, found in ladders_of(sets.values()).items():
        titles = [t for t, s in sets.items() if ladders_of([s]).get(scale)]
        caption = (
            f"{len(found.ladders)} contrast sets of {', '.join(titles)}. Of {found.pairs} pairs of "
            f"quotes whose labels lie .1 or more apart, {found.ordered:.1%} score in the right "
            f"order. Within a set the score rises by {found.rise:.2f} when the label rises by 1."
        )
        chart = ladder_curves(found, scale)
        section.append({"scale": scale, "chart": chart, "caption": caption})
    return section


def flattest(sets: Mapping[str, Scored]) -> list[Row]:
    """Return the rungs of the ladders whose scores rise least, a few for each scale."""
    rows = []
    for scale, found in ladders_of(sets.values()).items():
        by_rise = sorted(found.ladders, key=lambda ladder: ladder.rise)
        for ladder in by_rise[:FLATTEST]:
            for text, label, score in zip(ladder.texts, ladder.labels, ladder.scores, strict=True):
                row = {"set": ladder.name, "scale": scale, "text": shortened(text)}
                rows.append(row | {"label": f"{label:.3f}", "score": f"{score:.3f}"})
    return rows


def swaps_section(swaps: Figures) -> dict[str, Any]:
    """Return the ranges by kind of name, and the templates that moved most."""
    kinds: Figures = swaps["kinds"]
    charts = []
    for key, what in (("mean_range", "mean range"), ("p99_range", "99th percentile of the range")):
        values: Figures = {s: {kind: kinds[kind][s][key] for kind in kinds} for s in SCALES}
        charts.append((bars(values, what), f"The {what} of the score, by kind of name."))
    table = [
        (kind, scale, str(row["templates"]), str(row["fillers"]))
        + tuple(f"{row[scale][key]:.3f}" for key in RANGES)
        for kind, row in kinds.items()
        for scale in SCALES
    ]
    worst = [
        (shortened(str(row["template"])), row["kind"], row["scale"], row["lowest"], row["highest"])
        + tuple(f"{row[key]:.3f}" for key in ("range", "lowest_score", "highest_score"))
        for row in swaps["worst"][:MOST_ROWS]
    ]
    return {"templates": swaps["templates"], "charts": charts, "table": table, "worst": worst}


def behaviour_section(behaviour: Figures) -> dict[str, Any]:
    """Return the share of cases passed by group, and the cases that failed."""
    groups: Figures = behaviour["groups"]
    rates = {"passed": {name: row["rate"] for name, row in groups.items()}}
    failed = [_in_words(case) for case in behaviour["failed"][:MOST_FAILED]]
    return {
        "cases": behaviour["cases"],
        "passed": behaviour["passed"],
        "chart": bars(rates, "share passed", top=1),
        "table": [
            (name, str(row["cases"]), str(row["passed"]), f"{row['rate']:.1%}")
            for name, row in groups.items()
        ],
        "failed": failed,
        "more": len(behaviour["failed"]) - len(failed),
    }


def _in_words(case: object) -> str:
    if isinstance(case, Mapping):
        return "; ".join(f"{key}: {shortened(str(value))}" for key, value in case.items())
    return shortened(str(case))
