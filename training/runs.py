"""Run folders: one a version, opened new or resumed, and never written over."""

from pathlib import Path

from model.artifact import MANIFEST, read_artifact
from training.config import TrainConfig
from training.errors import TrainingError
from training.inputs import Inputs, write_inputs

CONFIG = "training.json"


def open_run(
    config: TrainConfig, runs: Path, released: Path, inputs: Inputs
) -> tuple[TrainConfig, Path]:
    """Make a new run folder and return it with the configuration that names its version.

    Args:
        config: settings of the run.
        runs: folder of the run folders.
        released: the released artifact.
        inputs: what the run is begun with, which is kept in its folder.

    Raises:
        TrainingError: the named version has a run already, or the folder cannot be made.
    """
    version = config.version or _next(runs, released, config.name)
    config = config.model_copy(update={"version": version})
    run = run_folder(runs, config.name, version)
    try:
        run.mkdir(parents=True)
        write_inputs(run, inputs)  # first: a folder without a configuration is not resumed
        (run / CONFIG).write_text(config.model_dump_json(indent=2) + "\n", encoding="utf-8")
    except FileExistsError as cause:
        raise TrainingError(
            f"{run} exists already; name another --version, or go on with --resume."
        ) from cause
    except OSError as cause:
        raise TrainingError(f"{run} cannot be made: {cause.strerror}.") from cause
    return config, run


def resume_run(runs: Path) -> tuple[TrainConfig, Path]:
    """Return the newest unfinished run and the configuration it was started with.

    Raises:
        TrainingError: there is none, or its configuration cannot be read.
    """
    open_ones = [path.parent for path in runs.glob(f"*/{CONFIG}")]
    open_ones = [run for run in open_ones if not (run / MANIFEST).exists()]
    if not open_ones:
        raise TrainingError(f"No unfinished run in {runs}; start one without --resume.")
    run = max(open_ones, key=lambda path: (path / CONFIG).stat().st_mtime)
    try:
        return TrainConfig.model_validate_json((run / CONFIG).read_bytes()), run
    except ValueError as cause:
        raise TrainingError(f"{run / CONFIG} cannot be read; start a new run.") from cause


def run_folder(runs: Path, name: str, version: str) -> Path:
    """Return the folder of a run."""
    return runs / f"{name}-{version}"


def _next(runs: Path, released: Path, name: str) -> str:
    """Return the next free version: a minor step from the released one, then patch steps."""
    if (released / MANIFEST).exists():
        major, minor = read_artifact(released).manifest.version.split(".")[:2]
        start = (int(major), int(minor) + 1)
    else:
        start = (1, 0)
    patch = 0
    while run_folder(runs, name, f"{start[0]}.{start[1]}.{patch}").exists():
        patch += 1
    return f"{start[0]}.{start[1]}.{patch}"
