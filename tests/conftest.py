"""Tiny real things, built once a session in seconds: a network, its artifact, a scorer.

Also the raw files of made-up public sources, with the labels that address sentences in them.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from filelock import FileLock
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

from data.records import RealLabel
from data.slices import normalise, slice_hash
from data.sources import Source
from model.artifact import CARD, MANIFEST, NETWORK, TOKENIZER, BaseModelSource
from model.encoder import TextEncoder
from model.familiarity import Familiarity
from model.intervals import Band, Calibration
from model.scorer import ToneScorer
from model.scores import SCALES
from tests.databases import emptied, has_postgresql, postgresql
from training.base import find_base
from training.config import TrainConfig
from training.export import export_fp32, export_int8
from training.familiarity import write_surprisal
from training.package import write_manifest

ROOT = Path(__file__).parent.parent


def pytest_configure() -> None:
    """Hear Ctrl-C even where a shell started the tests in the background with it ignored.

    Programs that the tests start inherit that, and some tests interrupt them.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


SPEECH = "Mr. President,\n\twe regret &amp; deplore this.  Thank you."
WESTERN = "The caf\u00e9 talks failed. Nobody is to blame."
SPEAKER = "First line\r\nof the first, with a comma."
LONG = "x" * 140_000 + " End of it."  # longer than the csv module reads by default
POST = "Hello \U0001f600 world"
RAW_FILES = {
    "speeches": {
        "Session 1 - 1946/a b.txt": SPEECH.encode(),
        "Session 1 - 1946/old.txt": WESTERN.encode("cp1252"),
    },
    "council": {
        "base.csv": f'Speech,Sentence\r\ns1,"{SPEAKER}"\r\ns1,Second.\r\ns2,{LONG}\r\n'.encode()
    },
    "posts": {"2014.json": json.dumps([{"text": POST}, {"text": 5}]).encode()},
}


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
    texts = [f"They sent note {i} and regret it, clowns." for i in range(40)]
    export_int8(folder / "fp32.onnx", folder / NETWORK, encoder.encode(texts))
    write_surprisal(folder, encoder, texts)
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
        Familiarity(mean=10, deviation=4, limit=100, share=0),
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
    """Folder of a tiny artifact; copy it before changing it. Tests side by side share one."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "artifact" / "tiny"
    with FileLock(f"{folder.parent}.lock"):
        if not (folder / MANIFEST).exists():  # written last
            tiny_artifact(folder)
    return folder


@pytest.fixture
def tiny_everywhere(artifact: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the tiny artifact the one that commands load when none is named."""
    monkeypatch.setenv("DIPLOTONE_ARTIFACT", str(artifact))


@pytest.fixture(scope="session")
def scorer(artifact: Path) -> Iterator[ToneScorer]:
    scorer = ToneScorer.load(artifact, threads=2)
    yield scorer
    scorer.close()


@pytest.fixture(scope="session")
def raw_files() -> dict[str, dict[str, bytes]]:
    """The raw files of three made-up sources, one of each format, by source and file."""
    return RAW_FILES


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """A mirror folder that holds all raw files."""
    for source, files in RAW_FILES.items():
        for file, raw in files.items():
            path = tmp_path / "mirror" / source / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
    return tmp_path / "mirror"


@pytest.fixture(scope="session")
def raw_labels() -> list[RealLabel]:
    """Labels of the raw files: two of the speeches, three of the council, one of the posts."""
    rows = [
        ("speeches", "Session 1 - 1946/a b.txt", None, None, SPEECH, SPEECH[:46]),
        ("speeches", "Session 1 - 1946/old.txt", None, None, WESTERN, WESTERN[:23]),
        ("council", "base.csv", 0, "Sentence", SPEAKER, "First line\r\nof"),
        ("council", "base.csv", 1, "Sentence", "Second.", "Second."),
        ("council", "base.csv", 2, "Sentence", LONG, "End of it."),
        ("posts", "2014.json", 0, "text", POST, "world"),
    ]
    return [
        RealLabel(
            source=source,
            file=file,
            record=record,
            field=field,
            start=content.index(part),
            end=content.index(part) + len(part),
            sha256=slice_hash(normalise(part)),
            hostility=0.4,
            formality=0.7,
        )
        for source, file, record, field, content, part in rows
    ]


@pytest.fixture(scope="session")
def make_sources() -> Callable[[str], dict[str, Source]]:
    """Register the raw files as sources that lie at an address."""
    formats = {"speeches": "text", "council": "csv", "posts": "json"}
    return lambda address: {
        name: Source(
            name=name,
            description="made up",
            repository="some/where",
            commit="a" * 40,
            address=address,
            licence="none",
            format=formats[name],  # type: ignore[arg-type]
            document_field="Speech" if name == "council" else None,
            files={file: hashlib.sha256(raw).hexdigest() for file, raw in files.items()},
        )
        for name, files in RAW_FILES.items()
    }


@pytest.fixture
def batch(artifact: Path, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Run `diplotone batch` in a folder of its own, on the tiny artifact."""

    def run(*args: str, **more: Any) -> subprocess.CompletedProcess[bytes]:  # noqa: ANN401
        env = {k: v for k, v in os.environ.items() if not k.startswith("DIPLOTONE_")}
        env |= {"DIPLOTONE_ARTIFACT": str(artifact), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "service", "batch", *args]
        return subprocess.run(command, env=env, capture_output=True, cwd=tmp_path, **more)

    return run


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A PostgreSQL of this session's own."""
    if not has_postgresql():
        pytest.skip("PostgreSQL is not installed here: there is no initdb, or no pg_ctl")
    with postgresql() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a database without tables, as `--store` takes it."""
    if request.param == "sqlite":
        return str(tmp_path / "feedback.db")
    return emptied(request.getfixturevalue("postgresql_server"))
