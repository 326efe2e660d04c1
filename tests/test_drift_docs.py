"""The pages on versions and drift: their commands run, options and names are those there are."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.main import get_command

from model.artifact import RELEASED, read_artifact
from service.cli import app
from service.drift.distance import DIFFERENT, SHIFTED
from service.metrics import Metrics
from tests.scored_files import run
from training.__main__ import app as training_app
from training.gates import MEDIAN_SHIFT

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
VERSIONS, DRIFT = ((DOCS / name).read_text("utf-8") for name in ("versions.md", "drift.md"))


def _commands(page: str) -> list[list[str]]:
    blocks = re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return [shlex.split(line, comments=True) for block in blocks for line in block.splitlines()]


def test_the_commands_on_drift_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIPLOTONE_ARTIFACT", str(RELEASED))
    (tmp_path / "statements.csv").write_bytes((DOCS / "examples" / "statements.csv").read_bytes())
    batch, own, other = (command[1:] for command in _commands(DRIFT))
    assert run(tmp_path, *batch).exit_code == 0
    assert run(tmp_path, *own).exit_code == (0 if read_artifact(RELEASED).manifest.reference else 2)
    done = run(tmp_path, *other)
    assert done.exit_code == 0
    assert "looks like scored.csv" in done.stdout


def test_the_commands_on_versions_run(
    make_artifact: Callable[..., Path], artifact: Path, tmp_path: Path
) -> None:
    make_artifact(tmp_path / "RUN", "0.2.0", seed=2)
    (tmp_path / "quotes.csv").write_text("quote\nWe thank them.\nlol clowns\n", encoding="utf-8")
    compare, serve, again, promote = _commands(VERSIONS)
    assert serve[0].partition("=")[0] == "DIPLOTONE_ALSO"
    assert promote[:4] == ["python", "-m", "training", "promote"]
    assert "RUN" in promote
    names = {"OLD": "released", "NEW": "RUN", "diplotone": "-m service"}
    assert [names.get(word, word) for word in compare] == [names.get(w, w) for w in again]
    command = [sys.executable, "-m", "service", *again[1:], "--no-page"]
    env = os.environ | {"DIPLOTONE_ARTIFACT": str(artifact), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "From tiny 0.0.1 to tiny 0.2.0, 2 rows" in done.stdout


@pytest.mark.parametrize(("page", "name"), [(VERSIONS, "compare"), (DRIFT, "drift")])
def test_every_option_is_described_and_none_that_is_not_there(page: str, name: str) -> None:
    program = training_app if name == "compare" else app
    command = get_command(program).commands[name]  # type: ignore[attr-defined]
    there = {o for p in command.params for o in (*p.opts, *p.secondary_opts) if o[:2] == "--"}
    cells = re.findall(r"^\| (`--.*?) \|", page, re.MULTILINE)
    told = {option for cell in cells for option in re.findall(r"--[a-z-]+", cell)}
    assert told == there - {"--help"}


def test_bounds_and_names_are_those_of_the_code() -> None:
    assert f"at most {MEDIAN_SHIFT:.2f}".replace("0.", ".") in VERSIONS
    assert f"Below {SHIFTED:g}".replace("0.", ".") in DRIFT
    assert f"from {DIFFERENT:g}".replace("0.", ".") in DRIFT
    metrics = Metrics()
    metrics.count_scores([])
    families = {family.name for family in metrics.registry.collect()}
    told = re.findall(r"^\| `(diplotone_\w+?)(?:_total)?(?:\{\w+\})?` \|", DRIFT, re.MULTILINE)
    assert len(told) == 4
    assert set(told) <= families
