"""What is installed here: the model, its versions, and whether the training room is there."""

import importlib.metadata
import importlib.util
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from model.errors import ArtifactError
from service.errors import SettingsError

if TYPE_CHECKING:
    from model.artifact import Artifact
    from model.scorer import ToneScorer
    from service.settings import Settings

DISTRIBUTION = "diplotone"


def missing_extra(what: str, extra: str, libraries: Sequence[str]) -> str | None:
    """Return a sentence that says how to install an extra, or None where its libraries are here.

    Args:
        what: what needs them, as the sentence begins: "A report".
        extra: name of the extra.
        libraries: modules that it installs.
    """
    missing = [name for name in libraries if importlib.util.find_spec(name) is None]
    if not missing:
        return None
    return (
        f"{what} needs {' and '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not "
        f"installed here; install the extra with `pip install '.[{extra}]'` in the checkout, or "
        "everything with `make setup`."
    )


def load_scorer(folder: Path | None) -> "ToneScorer":
    """Load the scorer for a command.

    Args:
        folder: the artifact named by a flag, which wins over the variable.

    Raises:
        ArtifactError: the artifact cannot be used.
        SettingsError: a variable cannot be used.
    """
    from service.settings import Settings

    return served_scorer(Settings.load(artifact=folder))


def served_scorer(settings: "Settings") -> "ToneScorer":
    """Load the scorer that the settings name; ArtifactError when it cannot be trusted."""
    from model.scorer import ToneScorer

    return ToneScorer.load(
        settings.artifact, threads=settings.threads, max_characters=settings.max_characters
    )


def model_card(folder: Path | None) -> dict[str, Any]:
    """Verify the artifact and return what it says of itself, ready for JSON.

    Raises:
        ArtifactError: a file is missing or altered.
        SettingsError: a variable cannot be used.
    """
    artifact = verified_artifact(folder)
    manifest = artifact.manifest
    return {
        "folder": str(artifact.folder.resolve()),
        "name": manifest.name,
        "version": manifest.version,
        "sha256": artifact.sha256,
        "created": manifest.created,
        "base_model": manifest.base_model.name,
        "base_model_sha256": manifest.base_model.sha256,
        "data_sha256": manifest.data.get("sha256"),
        "git_commit": manifest.git_commit,
        "window_tokens": manifest.window_tokens,
        "interval_coverage": manifest.calibration.coverage,
        "metrics": manifest.metrics,
        "files_verified": len(manifest.files),
    }


def version() -> str:
    """Return name and version of the distribution."""
    try:
        return f"{DISTRIBUTION} {importlib.metadata.version(DISTRIBUTION)}"
    except importlib.metadata.PackageNotFoundError:
        return f"{DISTRIBUTION} (not installed)"


def version_line() -> str:
    """Return the versions of distribution and model, or why there is no model."""
    try:
        manifest = verified_artifact(None).manifest
    except (ArtifactError, SettingsError) as error:
        return f"{version()}, no model: {error}"
    return f"{version()}, model {manifest.name} {manifest.version}"


def start_training(arguments: Sequence[str]) -> NoReturn:
    """Become ``python -m training``, so that its exit code and every signal are its own.

    Raises:
        SettingsError: the training extra is not installed.
    """
    missing = [name for name in ("torch", "training") if importlib.util.find_spec(name) is None]
    if missing:
        raise SettingsError(
            f"Training needs {' and '.join(missing)}, which is not installed here; run "
            "`make setup`."
        )
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, "-m", "training", *arguments])  # noqa: S606


def verified_artifact(folder: Path | None) -> "Artifact":
    """Verify the artifact of a command without loading it.

    Raises:
        ArtifactError: a file is missing or altered.
        SettingsError: a variable cannot be used.
    """
    from model.artifact import default_folder, read_artifact
    from service.settings import Settings

    return read_artifact(Settings.load(artifact=folder).artifact or default_folder())
