"""``compare``: the same rows scored by two artifacts; how the scores moved, and who is nearer."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from data.errors import DataError
from data.tables import Table
from model.artifact import Artifact
from model.errors import QuoteError
from model.intervals import Calibration
from model.plan import Points
from model.scorer import ToneScorer
from model.scores import SCALES
from training.config import artifact_folder
from training.evaluate import Figures, Rival, Scored, artifact_name, figures_of, labels_of
from training.metrics import ranged
from training.page_moved import FIGURES, figure_cells, moved_rows, threshold_cells
from training.report import WIDTH
from training.score_map import THRESHOLDS, Moved, movers, score_map

SHOWN = 5
"""Rows that are printed for each scale; the page and the JSON have more."""
MOST_ROWS = 25


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that was found; ``sets`` and ``figures`` are empty where there are no labels.

    Attributes:
        calibration: the new artifact's interval table.
        moved: the rows with both scores.
        figures: what ``score_map`` returned, with ``movers`` by scale and, where there are labels,
            ``labelled`` (what ``figures_of`` returned, the new artifact first) and ``nearer`` (name
            by scale, None where these rows do not tell the two apart).
        sets: the labelled rows with the new artifact's scores, by the file's name.
    """

    calibration: Calibration
    moved: Moved
    figures: Figures
    sets: dict[str, Scored]


def compare_artifacts(
    old: Path, new: Path, table: Table, thresholds: Sequence[float] = ()
) -> Comparison:
    """Score the rows with both artifacts.

    Args:
        old: folder of the artifact whose thresholds are known, or ``released``.
        new: folder of the other one, likewise.
        table: the rows.
        thresholds: old thresholds to map beside the usual ones.

    Raises:
        ArtifactError: an artifact cannot be trusted.
        DataError: a row cannot be scored.
    """
    (before, old_points), (after, new_points) = (_scored(one, table) for one in (old, new))
    names = artifact_name(before), artifact_name(after)
    if names[0] == names[1]:
        names = f"{names[0]} ({before.sha256[:12]})", f"{names[1]} ({after.sha256[:12]})"
    if names[0] == names[1]:
        raise DataError(new, "is the same artifact as the old one; name another")
    moved = Moved(names, table.texts, old_points, new_points, (*THRESHOLDS, *thresholds))
    figures = score_map(moved)
    figures["movers"] = {s: _movers(moved, i, table.lines) for i, s in enumerate(SCALES)}
    sets: dict[str, Scored] = {}
    if table.quotes:
        scored = Scored(table.quotes, labels_of(table.quotes), new_points)
        rival = Rival(names[0], old_points, before.manifest.calibration)
        figures["labelled"] = figures_of(scored, names[1], after.manifest.calibration, rival=rival)
        figures["nearer"] = {scale: _nearer(figures["labelled"], scale, names) for scale in SCALES}
        sets[table.path.name] = scored
    return Comparison(after.manifest.calibration, moved, figures, sets)


def _scored(folder: Path, table: Table) -> tuple[Artifact, Points]:
    scorer = ToneScorer.load(artifact_folder(folder))
    try:
        return scorer.artifact, scorer.points(table.texts)
    except QuoteError as cause:
        line = None if cause.index is None else table.lines[cause.index]
        raise DataError(table.path, f"cannot be scored. {cause}", line) from cause
    finally:
        scorer.close()


def _movers(moved: Moved, column: int, lines: Sequence[int]) -> list[Figures]:
    return [
        {
            "line": lines[row],
            "old": float(moved.old[row, column]),
            "new": float(moved.new[row, column]),
            "text": moved.texts[row],
        }
        for row in movers(moved, column, MOST_ROWS)
    ]


def _nearer(labelled: Figures, scale: str, names: tuple[str, str]) -> str | None:
    """Name the artifact with the smaller error; None where its 95% interval holds 0."""
    lead = labelled["differences"][names[0]][scale]
    if lead["mae_low"] <= 0 <= lead["mae_high"]:
        return None
    return names[1] if lead["mae_high"] < 0 else names[0]


def print_comparison(found: Comparison, console: Console) -> None:
    """Print the map, the rows that move most, and with labels which artifact is nearer."""
    if not console.is_terminal:
        console.width = max(console.width, WIDTH)
    figures = found.figures
    head = f"From {figures['old']} to {figures['new']}, {figures['rows']:,} rows"
    grid = _grid(head, ("scale", *FIGURES.values()))
    thresholds = _grid("Thresholds", ("scale", "old", "new", "rows at or above", "share"))
    for scale, row in figures["scales"].items():
        grid.add_row(scale, *figure_cells(row))
        for cells in threshold_cells(row):
            thresholds.add_row(scale, *cells)
    console.print(grid, thresholds)
    for i, scale in enumerate(SCALES):
        grid = _grid(f"{scale}: the rows that move most", ("old", "new", "text"))
        grid.columns[-1].justify = "left"
        for row in moved_rows(found.moved, i, SHOWN):
            grid.add_row(*map(Text, (row["old"], row["new"], row["text"])))
        console.print(grid)
    for scale, nearer in figures.get("nearer", {}).items():
        console.print(_verdict(figures, scale, nearer), markup=False, highlight=False)


def _verdict(figures: Figures, scale: str, nearer: str | None) -> str:
    systems = figures["labelled"]["systems"]
    errors = ", ".join(f"{name} {ranged(row[scale], 'mae')}" for name, row in systems.items())
    said = f"{nearer} is nearer to the labels" if nearer else "these rows do not tell the two apart"
    return f"{scale}: {said}; mean absolute error: {errors}."


def _grid(title: str, names: Sequence[str]) -> Grid:
    grid = Grid(title=Text(title, "italic"), title_justify="left")
    for i, name in enumerate(names):
        grid.add_column(name, justify="right" if i or name == "old" else "left")
    return grid
