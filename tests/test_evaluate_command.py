"""`diplotone evaluate` as a subprocess, with tiny artifacts: page, tables, JSON, refusals."""

import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
VERBS = ("thank", "regret", "deplore", "despise", "greet", "warn", "inform", "mock")


def _rows() -> list[dict[str, object]]:
    rng = random.Random(1)
    return [
        {
            "text": f"We {VERBS[i % 8]} them in note {i}" + " again" * rng.randrange(20),
            "hostility": rng.random(),
            "formality": rng.random(),
            "source": f"own/{i % 3}",
        }
        for i in range(90)
    ]


@pytest.fixture
def evaluate(artifact: Path, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `diplotone evaluate` in a folder of its own, a tiny artifact being the released one."""
    rows = "\n".join(map(json.dumps, _rows()))
    (tmp_path / "own.jsonl").write_text(rows, encoding="utf-8")
    env = {k: v for k, v in os.environ.items() if not k.startswith("DIPLOTONE_")}
    env |= {"DIPLOTONE_ARTIFACT": str(artifact), "PYTHONPATH": str(ROOT)}
    options = ["--no-real", "--offline", "--corpus", "own.jsonl", "--base-model", str(artifact)]
    options += ["--cache", "cache"]

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "service", "evaluate", *args, *options]
        return subprocess.run(
            command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=240
        )

    return run


def test_another_artifact_is_evaluated_beside_the_released_one(
    evaluate: Callable[..., subprocess.CompletedProcess[str]],
    make_artifact: Callable[..., Path],
    tmp_path: Path,
) -> None:
    other = make_artifact(tmp_path / "other", "0.0.2", seed=2)
    done = evaluate("own.jsonl", "--artifact", str(other))
    assert done.returncode == 0, done.stderr
    assert "Page: runs/evaluation.html" in done.stderr
    page = (tmp_path / "runs" / "evaluation.html").read_text("utf-8")
    for name in ("tiny 0.0.2", "released tiny 0.0.1", "TF-IDF + ridge"):
        assert name in done.stdout
        assert name in page
    leads = re.findall(r"│ released tiny 0.0.1 +│ hostility +│ +([+-][^│]+?) │", done.stdout)
    assert len(leads) == 1
    assert leads[0] in page
    assert "stand among the rows that training fits" in page


def test_json_writes_no_page_and_the_released_artifact_has_no_rival(
    evaluate: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    done = evaluate("own.jsonl", "--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)["own.jsonl"]
    assert figures["rival"] is None
    assert figures["rows"] == 90
    row = figures["systems"]["tiny 0.0.1"]["formality"]
    assert row["mae_low"] < row["mae"] < row["mae_high"]
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("half.jsonl", "--no-page"), "half.jsonl, line 1, field formality: missing"),
        (("own.jsonl", "--page", "own.jsonl/page.html"), "cannot be written to own.jsonl/page"),
        (("own.jsonl", "--artifact", "nowhere"), "No artifact at nowhere"),
    ],
)
def test_what_cannot_be_evaluated_is_one_sentence_with_exit_code_2(
    evaluate: Callable[..., subprocess.CompletedProcess[str]],
    tmp_path: Path,
    args: tuple[str, ...],
    sentence: str,
) -> None:
    row = {"text": "deep regret", "hostility": 0.3}
    (tmp_path / "half.jsonl").write_text(json.dumps(row), encoding="utf-8")
    done = evaluate(*args)
    assert done.returncode == 2, done.stderr
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not list(tmp_path.rglob("*.html"))
