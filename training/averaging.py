"""Averages the weights of two runs that started from the same network.

Networks fine-tuned from one starting point on different data lie in one valley of the loss, and
their mean is often better than either at no cost in serving (Wortsman et al. 2022, "Model soups").
Both runs need the same base and seed: the pooling layer and the head start from the seed.
"""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from model.artifact import TOKENIZER
from training.base import WEIGHTS
from training.errors import ConfigError
from training.restore import weights_of

FITTED_WEIGHTS = "fitted.safetensors"
"""The run's own weights, kept so that a resumed run averages them once and not twice."""

_WORDS = "word_embeddings.weight"


def average_with(run: Path, other: Path) -> None:
    """Put the mean of a run's own weights and another run's into its folder.

    A token that only this run has keeps its own vector.

    Args:
        run: run folder whose network has been fitted.
        other: run folder or artifact of a network of the same shape but for its vocabulary.

    Raises:
        ConfigError: the other folder holds no such network.
    """
    own_path = run / FITTED_WEIGHTS
    if not own_path.exists():
        (run / WEIGHTS).replace(own_path)
    own = load_file(own_path)
    try:
        others = weights_of(other)
        tokens = _vocabulary(other)
    except (OSError, ValueError, KeyError) as cause:
        raise ConfigError(f"average_with = {other}: no network there ({cause}).") from cause
    mean = {}
    for name, weight in own.items():
        theirs = others.get(name)
        if theirs is not None and name.endswith(_WORDS):
            theirs = _aligned(weight, theirs, _vocabulary(run), tokens)
        if theirs is None or theirs.shape != weight.shape:
            raise ConfigError(f"average_with = {other}: its network has no {name} of this shape.")
        mean[name] = (weight + theirs) / 2
    draft = run / f"{WEIGHTS}.draft"
    save_file(mean, draft, metadata={"format": "pt"})
    draft.replace(run / WEIGHTS)


def _vocabulary(run: Path) -> dict[str, int]:
    content: dict[str, Any] = json.loads((run / TOKENIZER).read_text("utf-8"))
    vocabulary: dict[str, int] = content["model"]["vocab"]
    return vocabulary


def _aligned(
    own: torch.Tensor, theirs: torch.Tensor, mine: dict[str, int], yours: dict[str, int]
) -> torch.Tensor | None:
    """Return the others' word vectors in the order of one's own tokens."""
    if own.shape[1] != theirs.shape[1]:
        return None
    found = own.clone()
    shared = [(number, yours[token]) for token, number in mine.items() if token in yours]
    rows, places = (torch.tensor(column) for column in zip(*shared, strict=True))
    found[rows] = theirs[places]
    return found
