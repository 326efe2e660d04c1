"""``evaluate``: a labelled file, or the held-out splits, scored by the released artifact."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from data.readers import read_quotes
from model.artifact import read_artifact
from training.base import find_base
from training.baselines import fit_baselines
from training.config import TrainConfig
from training.evaluate import Figures, artifact_figures, labels_of
from training.metrics import figure_cells
from training.rows import Rows


def evaluate_rows(rows: Rows, file: Path | None, artifact: Path, config: TrainConfig) -> Figures:
    """Return the figures of the artifact and the baselines on each set of rows.

    Args:
        rows: splits; the baselines are fitted on their training rows.
        file: labelled JSONL to evaluate on, or None for the held-out splits.
        artifact: folder of the artifact.
        config: names the base encoder of the frozen baseline.

    Raises:
        DataError: the file is malformed.
        ArtifactError: the artifact cannot be trusted.
    """
    sets = {file.name: read_quotes(file)} if file else rows.held_out
    read_artifact(artifact)  # a fault in it is told before the baselines take their minute
    base, _ = find_base(config.base_model)
    train = rows.quotes("train")
    baselines = fit_baselines([q.text for q in train], labels_of(train), base)
    return artifact_figures(artifact, sets, baselines)


def print_figures(figures: Figures, console: Console) -> None:
    """Print the figures of each set as two tables: by system and by source."""
    for title, part in figures.items():
        table = _table(f"{title}: {part['rows']} rows", "system")
        for system, scales in part["systems"].items():
            for scale, row in scales.items():
                table.add_row(system, scale, *figure_cells(row))
        console.print(table)
        if len(part["sources"]) > 1:
            table = _table(f"{title}: by source", "source")
            for source, scales in part["sources"].items():
                for scale, row in scales.items():
                    if scale != "rows":
                        table.add_row(f"{source} ({scales['rows']})", scale, *figure_cells(row))
            console.print(table)


def _table(title: str, first: str) -> Table:
    table = Table(first, "scale", title=title, title_justify="left")
    for name in ("Pearson", "Spearman", "MAE", "coverage", "width"):
        table.add_column(name, justify="right")
    return table
