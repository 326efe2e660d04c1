"""``evaluate``: a labelled file, or the held-out splits, scored by an artifact and its rivals."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from data.readers import read_quotes
from model.artifact import default_folder, read_artifact
from model.intervals import Calibration
from model.text import prepare
from training.breakdown import compared_with, shown_cells, shown_heads
from training.config import TrainConfig
from training.evaluate import (
    Figures,
    Scored,
    artifact_name,
    figures_of,
    fitted_baselines,
    released_rivals,
    score_artifact,
)
from training.ladders import ladder_rows
from training.metrics import ranged, ranged_cells
from training.rows import Rows

WIDTH = 120
"""Columns of a table that no terminal limits."""

FIGURES = ("Pearson", "Spearman", "MAE", "coverage", "width")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All that one evaluation found; what ``write_page`` takes.

    Attributes:
        name: the artifact's name and version.
        calibration: its interval table.
        sets: rows with its scores; a set without figures is there for its contrast sets.
        figures: figures of every system by set.
    """

    name: str
    calibration: Calibration
    sets: dict[str, Scored]
    figures: dict[str, Figures]


def evaluate_rows(rows: Rows, file: Path | None, artifact: Path, config: TrainConfig) -> Evaluation:
    """Score each set of rows with the artifact, the released one and the baselines.

    The released artifact (``default_folder``) joins in where it is there and another one is
    evaluated.

    Args:
        rows: splits; the baselines are fitted on their training rows.
        file: labelled JSONL to evaluate on, or None for the held-out splits.
        artifact: folder of the artifact.
        config: names the base encoder of the frozen baseline.

    Raises:
        DataError: the file is malformed.
        ArtifactError: an artifact cannot be trusted.
        TrainingError: a row cannot be scored.
    """
    quotes = {file.name: read_quotes(file)} if file else rows.held_out
    read_artifact(artifact)  # a fault in it is told before the baselines take their minute
    scored, sets = score_artifact(artifact, quotes | ({} if file else ladder_rows(rows)))
    rivals = released_rivals(default_folder(), artifact, quotes)
    baselines = fitted_baselines(rows, config)
    calibration, name = scored.manifest.calibration, artifact_name(scored)
    seen = {prepare(text) for text in rows.dataset["train"]["text"]}
    figures = {
        title: figures_of(sets[title], name, calibration, baselines, rivals.get(title))
        | {"seen": sum(prepare(quote.text) in seen for quote in part)}
        for title, part in quotes.items()
    }
    return Evaluation(name, calibration, sets, figures)


def print_figures(figures: Mapping[str, Figures], console: Console) -> None:
    """Print the figures of each set as tables: by system, the differences, and by group."""
    if not console.is_terminal:
        console.width = max(console.width, WIDTH)
    for title, part in figures.items():
        head = f"{title}: {part['rows']} {'row' if part['rows'] == 1 else 'rows'}"
        if part.get("seen"):
            head += f", {part['seen']} of them training rows"
        table = _table(head, "system", FIGURES)
        for system, scales in part["systems"].items():
            for scale, row in scales.items():
                _add(table, system, scale, *ranged_cells(row))
        console.print(table)
        _print_differences(title, part, console)
        _print_groups(title, part["groups"], console)


def _print_differences(title: str, figures: Figures, console: Console) -> None:
    table = _table(
        f"{title}: figures of the first system minus those of", "system", ("Pearson", "MAE")
    )
    for system, scale in compared_with(figures):
        row = figures["differences"][system][scale]
        _add(table, system, scale, *(ranged(row, key, signed=True) for key in ("pearson", "mae")))
    if table.rows:
        console.print(table)


def _print_groups(title: str, groups: Figures, console: Console) -> None:
    for kind, by_scale in groups.items():
        if any(len(rows) > 1 for rows in by_scale.values()):
            table = _table(f"{title}: by {kind}", kind, shown_heads(kind))
            for scale, rows in by_scale.items():
                for group, row in rows.items():
                    _add(table, f"{group} ({row['rows']})", scale, *shown_cells(row, kind))
            console.print(table)


def _table(title: str, first: str, names: Iterable[str]) -> Table:
    table = Table(first, "scale", title=Text(title, "italic"), title_justify="left")
    for name in names:
        table.add_column(name, justify="right")
    return table


def _add(table: Table, *cells: str) -> None:
    """Add a row of plain text: a source may be called [/red], which is no markup."""
    table.add_row(*map(Text, cells))
