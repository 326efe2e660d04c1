"""`python -m training` end to end, as a subprocess, on a tiny encoder and quotes made up here."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file
from transformers import AutoTokenizer, BertModel, pipeline

from model.artifact import FILES, MANIFEST, read_artifact
from model.reference import MEASURES
from model.scorer import ToneScorer
from model.scores import SCALES
from model.text import prepare
from training.base import WEIGHTS, find_base

ROOT = Path(__file__).parent.parent
PATIENCE = 600.0  # seconds; only a failing test waits so long
KIND = {"thank": (0.0, 0.7), "regret": (0.35, 0.8), "denounce": (0.7, 0.5), "mock": (0.9, 0.1)}
TEXTS = {
    "thank": "We thank our {a} for the {b} that they have shown.",
    "regret": "We must express regret over the {b} of our {a}.",
    "denounce": "The {b} of these {a} is a shameless lie.",
    "mock": "lol those {a} and their {b}, what clowns",
}
PEOPLE = ("partners", "neighbours", "colleagues", "friends", "ministers", "envoys", "hosts")
THINGS = ("patience", "statement", "decision", "courtesy", "conduct", "report", "answer", "note")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Quotes of four kinds that any encoder can tell apart, each with its own group."""
    rng = random.Random(1)
    path = tmp_path_factory.mktemp("corpus") / "own.jsonl"
    rows = []
    for kind, text in TEXTS.items():
        for a in PEOPLE:
            for b in THINGS:
                hostility, formality = (min(1, v + rng.random() / 20) for v in KIND[kind])
                row = {"text": text.format(a=a, b=b), "hostility": hostility}
                rows.append(row | {"formality": formality, "source": f"own-{kind}"})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory, make_network: Callable[..., Any]) -> Path:
    """A folder with a small encoder, as a user would name one with --base-model."""
    folder = tmp_path_factory.mktemp("encoder")
    base, _ = find_base("all-MiniLM-L6-v2")
    network: BertModel = make_network().bert
    network.save_pretrained(folder)
    AutoTokenizer.from_pretrained(base).save_pretrained(folder)
    return folder


class Bench:
    """A working folder with its own runs, cache and released artifact."""

    def __init__(self, folder: Path, corpus: Path, encoder: Path) -> None:
        self.runs = folder / "runs"
        self.released = folder / "released"
        self.command = [
            *(sys.executable, "-m", "training", "--no-real", "--corpus", str(corpus)),
            *("--base-model", str(encoder), "--runs", str(self.runs)),
            *("--cache", str(folder / "cache"), "--learning-rate", "0.01"),
        ]
        self.environment = os.environ | {"DIPLOTONE_ARTIFACT": str(self.released)}

    def start(self, *options: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self.command, *options],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def train(self, *options: str, code: int = 0) -> str:
        process = self.start(*options)
        _, said = process.communicate(timeout=PATIENCE)
        assert process.returncode == code, said
        return said

    def wait_for_checkpoint(self, process: subprocess.Popen[str]) -> None:
        while not list(self.runs.glob("*/checkpoints/checkpoint-*/trainer_state.json")):
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)


@pytest.fixture(scope="module")
def make_bench(
    tmp_path_factory: pytest.TempPathFactory, corpus: Path, encoder: Path
) -> Callable[[], Bench]:
    return lambda: Bench(tmp_path_factory.mktemp("bench"), corpus, encoder)


@pytest.fixture(scope="module")
def trained(make_bench: Callable[[], Bench]) -> tuple[Bench, str]:
    bench = make_bench()
    return bench, bench.train("--epochs", "3")


def test_a_run_folder_holds_everything(trained: tuple[Bench, str]) -> None:
    run = trained[0].runs / "diplotone-1.0.0"
    wanted = {
        *(*FILES, MANIFEST, "model.safetensors", "model.fp32.onnx", "calibration.json"),
        *(
            "evaluation.json",
            "evaluation.html",
            "evaluation.png",
            "learning_curves.png",
            "log.csv",
            "training.json",
            "CHANGES.md",
        ),
    }
    assert wanted <= {path.name for path in run.iterdir()}
    assert not (run / "checkpoints").exists()
    manifest = read_artifact(run).manifest
    assert manifest.config["epochs"] == 3
    assert manifest.data["rows"]["train"] > 100
    assert manifest.metrics["test"]["hostility"]["pearson"] > 0.6
    reference = manifest.reference
    assert reference
    assert set(reference.histograms) == set(MEASURES)
    assert reference.splits == ("test",)
    assert {sum(h.counts) for h in reference.histograms.values()} == {reference.rows}
    assert reference.rows == manifest.data["rows"]["test"]
    assert (run / "CHANGES.md").read_text("utf-8").startswith("## 1.0.0 (20")


def test_the_transformers_pipeline_gives_the_served_numbers(trained: tuple[Bench, str]) -> None:
    run = trained[0].runs / "diplotone-1.0.0"
    quotes = [
        "The conduct of these envoys is a shameless lie.",
        "“We thank our hosts”",
        "deep regret",
    ]
    classify = pipeline("text-classification", str(run), top_k=None)
    served = ToneScorer.load(run)
    for quote, points in zip(quotes, served.points(quotes), strict=True):
        found = {row["label"]: row["score"] for row in classify([prepare(quote)])[0]}
        assert [found[s] for s in SCALES] == pytest.approx(list(points), abs=0.02)
    served.close()


def test_evaluation_holds_four_baselines_on_the_same_rows(trained: tuple[Bench, str]) -> None:
    evaluation = json.loads(
        (trained[0].runs / "diplotone-1.0.0" / "evaluation.json").read_text("utf-8")
    )
    systems = evaluation["splits"]["test"]["systems"]
    assert list(systems) == [
        *("diplotone 1.0.0", "constant", "TF-IDF + ridge", "frozen encoder + ridge", "VADER")
    ]
    assert set(systems["VADER"]) == {"hostility"}
    assert 0 <= evaluation["int8"]["hostility"]["mean"] < 0.05


def test_the_card_states_the_figures_of_the_evaluation(trained: tuple[Bench, str]) -> None:
    run = trained[0].runs / "diplotone-1.0.0"
    evaluation = json.loads((run / "evaluation.json").read_text("utf-8"))
    pearson = evaluation["splits"]["test"]["systems"]["diplotone 1.0.0"]["hostility"]["pearson"]
    card = (run / "README.md").read_text("utf-8")
    assert f"| diplotone 1.0.0 | hostility | {pearson:.3f} |" in card
    assert card.startswith("---\n")


def test_the_first_good_run_is_promoted_and_a_worse_one_is_not(
    trained: tuple[Bench, str], make_bench: Callable[[], Bench]
) -> None:
    bench, said = trained
    assert read_artifact(bench.released).manifest.version == "1.0.0", said
    before = read_artifact(bench.released).sha256
    said = bench.train("--epochs", "1", "--learning-rate", "0.000001")
    assert "Not promoted" in said
    assert "FAIL  test hostility: r" in said
    assert "FAIL  scores moved: median hostility" in said
    assert read_artifact(bench.released).sha256 == before
    assert (bench.runs / "diplotone-1.1.0" / MANIFEST).exists()
    worse = bench.runs / "diplotone-1.1.0"
    said = bench.train("--epochs", "0", "--start-from", str(worse), "--promote")
    assert "FAIL  test hostility: r" in said
    assert "Promoted 1.1.1" in said
    weights, kept = (load_file(run / WEIGHTS) for run in (worse, bench.runs / "diplotone-1.1.1"))
    assert all((weights[name] == kept[name]).all() for name in weights)
    card = " ".join((bench.released / "README.md").read_text("utf-8").split())
    assert "at most 1 epochs at a peak rate of 1e-06. The weights are those of" in card
    assert "of `diplotone-1.1.0`, exported, calibrated and measured anew" in card
    assert read_artifact(bench.released).manifest.version == "1.1.1"
    changes = (bench.released / "CHANGES.md").read_text("utf-8")
    assert re.findall(r"^## ([\d.]+) \(", changes, re.MULTILINE) == ["1.1.1", "1.0.0"]
    assert "Set beside released diplotone 1.0.0" in changes
    assert re.search(r"\| test \(\d+\) \| hostility \| \d\.\d{3} to -?\d\.\d{3} \|", changes)


def test_a_finished_run_is_promoted_later_only_beside_what_it_was_measured_with(
    trained: tuple[Bench, str],
) -> None:
    bench, _ = trained
    run = bench.runs / "diplotone-1.0.0"
    command = [sys.executable, "-m", "training", "promote", str(run)]
    for released, code, sentence in (
        ("fresh", 0, "Promoted 1.0.0"),
        ("fresh", 2, "measured beside no other, and now there is released diplotone 1.0.0"),
    ):
        folder = bench.runs.parent / released
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=os.environ | {"DIPLOTONE_ARTIFACT": str(folder)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == code, done.stderr
        assert sentence in " ".join(done.stderr.split())
        assert (folder / "CHANGES.md").read_text("utf-8").count("## 1.0.0") == 1


def test_a_sample_run_without_network_goes_on_says_so_and_is_never_promoted(
    make_bench: Callable[[], Bench],
) -> None:
    bench = make_bench()
    said = bench.train("--rows", "60", "--epochs", "1", "--real", "--offline")
    assert "kremlin: unavailable, 0 of 600 rows" in said
    assert "FAIL  trained on a sample" in said
    assert not bench.released.exists()
    data = read_artifact(bench.runs / "diplotone-1.0.0").manifest.data
    assert data["rows"]["train"] == 60
    assert {source["status"] for source in data["sources"]} == {"unavailable"}


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)]
)
def test_a_stopped_run_leaves_the_released_artifact_and_resumes(
    make_bench: Callable[[], Bench], artifact: Path, number: signal.Signals, code: int
) -> None:
    bench = make_bench()
    bench.released.symlink_to(artifact)
    before = read_artifact(bench.released).sha256
    process = bench.start("--epochs", "40", "--no-promote")
    bench.wait_for_checkpoint(process)
    process.send_signal(number)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == code, said
    assert read_artifact(bench.released).sha256 == before
    run = next(bench.runs.iterdir())
    assert not (run / MANIFEST).exists()
    config = json.loads((run / "training.json").read_text("utf-8"))
    (run / "training.json").write_text(json.dumps(config | {"epochs": 2}), encoding="utf-8")
    said = bench.train("--resume", "--no-promote")
    assert "Not promoted: --no-promote" in said
    assert read_artifact(run).manifest.config["epochs"] == 2


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--epochs", "0"), "setting epochs"),
        (("--config", "nowhere.toml"), "nowhere.toml cannot be read"),
        (("--version", "one"), "setting version"),
        (("--resume",), "No unfinished run"),
        (("--base-model", "no/such-model-anywhere"), "No base model"),
        (("--corpus", "nowhere.jsonl"), "nowhere.jsonl"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    make_bench: Callable[[], Bench], options: tuple[str, ...], sentence: str
) -> None:
    bench = make_bench()
    said = bench.train(*options, code=2)
    assert sentence in said.replace("\n", " ")
    assert "Traceback" not in said
    assert not bench.runs.exists()


def test_evaluate_prints_the_figures_of_a_labelled_file(
    trained: tuple[Bench, str], corpus: Path
) -> None:
    bench, _ = trained
    command = [*bench.command[:3], "evaluate", str(corpus), "--json", "--artifact"]
    command += [str(bench.runs / "diplotone-1.0.0"), "--offline", *bench.command[4:8]]
    command += ["--cache", str(bench.runs.parent / "cache"), "--no-real"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)[corpus.name]
    assert figures["rows"] == len(corpus.read_text("utf-8").splitlines())
    assert figures["systems"]["diplotone 1.0.0"]["hostility"]["coverage"] > 0.5
    assert set(figures["sources"]) == {f"own-{kind}" for kind in TEXTS}
