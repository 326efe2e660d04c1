"""The mean of two runs' weights: token by token, once, and only of networks that fit."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from model.artifact import TOKENIZER
from training.averaging import FITTED_WEIGHTS, average_with
from training.base import WEIGHTS
from training.errors import ConfigError

WORDS = "bert.embeddings.word_embeddings.weight"


@pytest.fixture
def run(artifact: Path, tmp_path: Path) -> Path:
    return copied(artifact, tmp_path / "run")


@pytest.fixture
def other(make_artifact: Callable[..., Path], tmp_path: Path) -> Path:
    return make_artifact(tmp_path / "other", "0.0.2", 2)


def copied(artifact: Path, folder: Path) -> Path:
    folder.mkdir()
    for name in (WEIGHTS, TOKENIZER):
        shutil.copyfile(artifact / name, folder / name)
    return folder


def test_every_weight_is_the_mean_and_a_resumed_run_averages_once(run: Path, other: Path) -> None:
    own, theirs = load_file(run / WEIGHTS), load_file(other / WEIGHTS)
    average_with(run, other)
    average_with(run, other)
    found = load_file(run / WEIGHTS)
    assert found.keys() == own.keys()
    for name, weight in found.items():
        torch.testing.assert_close(weight, (own[name] + theirs[name]) / 2)
    assert (run / FITTED_WEIGHTS).exists()


def test_an_artifact_is_averaged_with_by_the_weights_that_int8_kept(run: Path, other: Path) -> None:
    own, theirs = load_file(run / WEIGHTS), load_file(other / WEIGHTS)
    (other / WEIGHTS).unlink()
    average_with(run, other)
    for name, weight in load_file(run / WEIGHTS).items():
        if not name.startswith("classifier"):  # which holds the correction of the logits too
            step = theirs[name].abs().max() / 100
            mean = (own[name] + theirs[name]) / 2
            torch.testing.assert_close(weight, mean, atol=step, rtol=0, msg=name)


def test_tokens_meet_their_like_and_a_token_of_ones_own_keeps_its_vector(
    run: Path, other: Path
) -> None:
    content = json.loads((other / TOKENIZER).read_text("utf-8"))
    vocabulary = content["model"]["vocab"]
    vocabulary["regret"], vocabulary["attack"] = vocabulary["attack"], vocabulary["regret"]
    del vocabulary["music"]
    (other / TOKENIZER).write_text(json.dumps(content), encoding="utf-8")
    own, theirs = load_file(run / WEIGHTS)[WORDS], load_file(other / WEIGHTS)[WORDS]
    average_with(run, other)
    found = load_file(run / WEIGHTS)[WORDS]
    place = json.loads((run / TOKENIZER).read_text("utf-8"))["model"]["vocab"]
    mixed = (own[place["regret"]] + theirs[place["attack"]]) / 2
    torch.testing.assert_close(found[place["regret"]], mixed)
    torch.testing.assert_close(found[place["music"]], own[place["music"]])


def test_what_cannot_be_averaged_with_is_named(run: Path, other: Path) -> None:
    with pytest.raises(ConfigError, match="average_with = nowhere"):
        average_with(run, Path("nowhere"))
    weights = load_file(other / WEIGHTS)
    weights["classifier.weight"] = torch.zeros(3, 32)
    save_file(weights, other / WEIGHTS)
    with pytest.raises(ConfigError, match=r"no classifier\.weight of this shape"):
        average_with(run, other)
