"""Tiny real things, built once a session in seconds: a network, its artifact, a scorer."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

from model.artifact import CARD, NETWORK, TOKENIZER, BaseModelSource
from model.encoder import TextEncoder
from model.intervals import Band, Calibration
from model.scorer import ToneScorer
from model.scores import SCALES
from training.base import find_base
from training.config import TrainConfig
from training.export import export_fp32, export_int8
from training.package import write_manifest

ROOT = Path(__file__).parent.parent


def tiny_network(seed: int = 1) -> BertForSequenceClassification:
    """A two-layer BERT of 32 units with a wide head, so that its scores differ between texts."""
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=30522,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        initializer_range=0.3,
        num_labels=2,
        id2label=dict(enumerate(SCALES)),
        label2id={scale: i for i, scale in enumerate(SCALES)},
        problem_type="multi_label_classification",
    )
    network = BertForSequenceClassification(config).eval()
    torch.nn.init.normal_(network.bert.pooler.dense.weight, std=0.1)
    torch.nn.init.normal_(network.classifier.weight, std=0.5)
    return network


def tiny_artifact(folder: Path, version: str = "0.0.1", seed: int = 1) -> Path:
    """Write a complete artifact (and its run folder's safetensors) around a tiny network."""
    folder.mkdir(parents=True)
    base, _ = find_base("all-MiniLM-L6-v2")
    network = tiny_network(seed)
    network.save_pretrained(folder)
    AutoTokenizer.from_pretrained(base).save_pretrained(folder)
    export_fp32(folder, folder / "fp32.onnx")
    encoder = TextEncoder.load(folder / TOKENIZER, 64)
    texts = encoder.encode([f"They sent note {i} and regret it, clowns." for i in range(40)])
    export_int8(folder / "fp32.onnx", folder / NETWORK, texts)
    (folder / CARD).write_text("# A tiny network for tests\n", encoding="utf-8")
    bands = (
        Band(upto=0.5, below=0.1, above=0.2, rows=50),
        Band(upto=1, below=0.2, above=0.1, rows=50),
    )
    write_manifest(
        folder,
        TrainConfig(name="tiny", version=version, window_tokens=64),
        BaseModelSource(name="tiny", sha256="0" * 64),
        Calibration(method="made up", coverage=0.9, bands=dict.fromkeys(SCALES, bands)),
        {"sha256": "0" * 64},
        {},
    )
    return folder


@pytest.fixture(scope="session")
def make_network() -> Callable[..., BertForSequenceClassification]:
    return tiny_network


@pytest.fixture(scope="session")
def make_artifact() -> Callable[..., Path]:
    return tiny_artifact


@pytest.fixture(scope="session")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a tiny artifact; copy it before changing it."""
    return tiny_artifact(tmp_path_factory.mktemp("artifact") / "tiny")


@pytest.fixture(scope="session")
def scorer(artifact: Path) -> Iterator[ToneScorer]:
    scorer = ToneScorer.load(artifact, threads=2)
    yield scorer
    scorer.close()
