"""Completes a run folder into an artifact: the manifest, written last and in one step."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from model.artifact import (
    FILES,
    MANIFEST,
    Artifact,
    BaseModelSource,
    Manifest,
    file_sha256,
    read_artifact,
)
from model.familiarity import Familiarity
from model.intervals import Calibration
from model.reference import Reference
from training.config import TrainConfig


def draft_manifest(
    config: TrainConfig,
    base: BaseModelSource,
    calibration: Calibration,
    familiarity: Familiarity | None = None,
    data: dict[str, Any] | None = None,
    metrics: dict[str, Any] | None = None,
    files: dict[str, str] | None = None,
    commit: str | None = None,
    reference: Reference | None = None,
) -> Manifest:
    """Return the manifest of a run as far as it is known; it names files without their folders."""
    settings = {key: folder_name(v) if isinstance(v, Path) else v for key, v in config}
    return Manifest(
        layout=2 if familiarity else 1,
        name=config.name,
        version=config.version or "0.0.0",
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        base_model=base,
        data=data or {},
        config=settings,
        git_commit=commit,
        window_tokens=config.window_tokens,
        calibration=calibration,
        familiarity=familiarity,
        reference=reference,
        metrics=metrics or {},
        files=files or {},
    )


def folder_name(path: Path) -> str:
    """Return what to call a file, or a folder: by name and version where an artifact lies in it."""
    if not (path / MANIFEST).exists():
        return path.name
    manifest = read_artifact(path).manifest
    return f"{manifest.name}-{manifest.version}"


def write_manifest(
    run: Path,
    config: TrainConfig,
    base: BaseModelSource,
    calibration: Calibration,
    familiarity: Familiarity,
    data: dict[str, Any],
    metrics: dict[str, Any],
    commit: str | None = None,
    reference: Reference | None = None,
) -> Artifact:
    """Write the manifest of a run folder whose other files are complete, and verify the whole.

    The manifest appears in one step and last, so a run folder without one is an unfinished run.

    Args:
        run: the run folder.
        config: settings of the run.
        base: the encoder it started from.
        calibration: the interval table.
        familiarity: by what a text counts as unlike the training texts.
        data: hash and counts of the rows.
        metrics: headline figures by split.
        commit: commit of the code that trained it, as ``git_commit`` gave it at the start.
        reference: what the rows looked like that it was tested on.
    """
    files = {name: file_sha256(run / name) for name in FILES}
    manifest = draft_manifest(
        config, base, calibration, familiarity, data, metrics, files, commit, reference
    )
    draft = run / f"{MANIFEST}.draft"
    draft.write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    draft.replace(run / MANIFEST)
    return read_artifact(run)


def git_commit() -> str | None:
    """Return the checkout's commit, marked where files differ from it; None outside one."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--match="]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
            cwd=Path(__file__).parent,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None
