"""What a run was begun with, by hash: a run that is resumed must find the same."""

import json
from collections.abc import Mapping
from pathlib import Path

from model.artifact import MANIFEST, BaseModelSource, file_sha256
from training.config import TrainConfig
from training.errors import TrainingError
from training.rows import Rows

INPUTS = "inputs.json"
FILES = {"feedback": "file of feedback", "corpus": "corpus", "keep_out": "file to keep out"}
FOLDERS = {"teacher": "teacher", "start_from": "run to start from", "average_with": "other run"}
ROWS = "labelled rows"
"""All of them together: changes with the others, and with the labels that lie in this checkout."""
SHOWN = 12

Inputs = Mapping[str, str]


def inputs_of(config: TrainConfig, rows: Rows, base: BaseModelSource) -> dict[str, str]:
    """Return what a run reads: by what to call it, its SHA-256 or what is known of it.

    Args:
        config: names files and folders.
        rows: what was read.
        base: the base model.

    Raises:
        TrainingError: a file cannot be read.
    """
    found = {}
    try:
        for setting, name in FILES.items():
            if path := getattr(config, setting):
                found[f"the {name} {path}"] = file_sha256(path)
        for setting, name in FOLDERS.items():
            if (path := getattr(config, setting)) and (path / MANIFEST).exists():
                found[f"the {name} {path}"] = file_sha256(path / MANIFEST)
    except OSError as cause:
        raise TrainingError(f"{cause.filename} cannot be read: {cause.strerror}.") from cause
    found[f"the base model {base.name}"] = base.sha256
    for report in rows.reports:
        had = f"{report.rows_had:,} of {report.rows_wanted:,} rows"  # whatever place they came from
        found[f"the public source {report.source}"] = had
    return found | {f"the {ROWS}": rows.data_hash}


def write_inputs(run: Path, inputs: Inputs) -> None:
    """Keep in a new run folder what the run is begun with."""
    (run / INPUTS).write_text(json.dumps(inputs, indent=2) + "\n", encoding="utf-8")


def check_inputs(run: Path, now: Inputs) -> None:
    """Compare what a run was begun with and what it would go on with.

    A run that an earlier version began, which kept nothing of the kind, is let through.

    Raises:
        TrainingError: something has changed, which is named, or the record cannot be read.
    """
    if not (run / INPUTS).exists():
        return
    try:
        then: Inputs = json.loads((run / INPUTS).read_text("utf-8"))
        changed = [name for name in {**then, **now} if then.get(name) != now.get(name)]
    except (OSError, ValueError, AttributeError) as cause:
        raise TrainingError(f"{run / INPUTS} cannot be read; start a new run.") from cause
    if len(changed) > 1:  # whatever else has changed explains the rows
        changed = [name for name in changed if not name.endswith(ROWS)]
    if changed:
        told = (f"{name} ({_told(then.get(name))}, now {_told(now.get(name))})" for name in changed)
        raise TrainingError(
            f"{run} was begun with other inputs than it would go on with: {', '.join(told)}; put "
            "back what it was begun with, or start a new run without --resume."
        )


def _told(value: str | None) -> str:
    if value is None:
        return "none"
    return value if " " in value else f"SHA-256 {value[:SHOWN]}"
