"""The README is run: its request, its table, its Python, its commands and its settings."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from model.artifact import RELEASED
from model.levels import LEVELS
from model.scores import SCALES
from service.app import create_app
from service.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
# int8 kernels differ between processors by less than this.
TOLERANCE = 0.02


def _block(language: str, holding: str = "") -> str:
    return next(body for kind, body in BLOCKS if kind == language and holding in body)


def _numbers(text: str) -> list[float]:
    return [float(n) for n in re.findall(r"\d?\.\d+", text)]


def _command(block: str) -> list[str]:
    return shlex.split(block.replace("\\\n", " "))


@pytest.fixture
def released(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DIPLOTONE_ARTIFACT", raising=False)


def test_a_request_and_its_answer_stand_within_the_first_25_lines() -> None:
    head = "\n".join(README.splitlines()[:25])
    assert "curl" in head
    assert '"hostility"' in head
    assert '"sha256"' in head


@pytest.mark.usefixtures("released")
def test_the_request_of_the_readme_gives_its_answer() -> None:
    command = _command(_block("sh", "curl"))
    body = command[command.index("-d") + 1]
    wanted = json.loads(_block("json"))
    with TestClient(create_app(Settings())) as client:
        answer = client.post(
            "/v1/score", content=body, headers={"Content-Type": "application/json"}
        )
    found = answer.json()
    assert answer.status_code == 200
    assert found["model"] == wanted["model"]
    assert found["warnings"] == wanted["warnings"]
    assert set(found) == set(wanted)
    for scale in SCALES:
        for end in ("score", "low", "high"):
            assert found[scale][end] == pytest.approx(wanted[scale][end], abs=TOLERANCE)


@pytest.mark.usefixtures("released")
def test_the_command_of_the_readme_prints_its_table() -> None:
    command = _command(_block("sh", "diplotone score"))
    assert command[0] == ".venv/bin/diplotone"
    done = subprocess.run(
        [sys.executable, "-m", "service", *command[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "100"},
    )
    wanted = _block("", "hateful sophistry")
    assert _numbers(done.stdout) == pytest.approx(_numbers(wanted), abs=TOLERANCE)
    assert all(quote[:12] in done.stdout for quote in command[2:])


@pytest.mark.usefixtures("released")
def test_the_python_of_the_readme_runs() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _block("python")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    rows = [line.split() for line in done.stdout.splitlines()]
    assert len(rows) == 2
    assert float(rows[0][0]) > float(rows[1][0])


def test_the_levels_of_the_readme_are_those_of_the_code() -> None:
    table = [row.split("|") for row in README.splitlines() if row.startswith("| 0")]
    for scale, first in (("hostility", 1), ("formality", 4)):
        stated = [(r[first].strip(), r[first + 1].strip()) for r in table if r[first].strip()]
        wanted = [(f"{level.start:g}", level.name) for level in LEVELS[scale]]  # type: ignore[index]
        assert stated == wanted


def test_every_setting_stands_in_the_readme() -> None:
    named = set(re.findall(rf"{PREFIX}[A-Z_]+", README))
    assert named == {PREFIX + field.upper() for field in Settings.model_fields}


def test_every_make_target_of_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z]+)", README)) <= targets


def test_every_link_of_the_readme_leads_somewhere() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_released_artifact_is_small_and_was_trained_from_a_commit() -> None:
    manifest = json.loads((RELEASED / "manifest.json").read_text("utf-8"))
    assert sum(path.stat().st_size for path in RELEASED.iterdir()) < 26_000_000
    assert (RELEASED / "model.onnx").stat().st_size < 25_000_000
    assert re.fullmatch(r"[0-9a-f]{40}", manifest["git_commit"])
    assert manifest["config"]["rows"] is None
    assert manifest["data"]["sources"]
    assert all(source["rows_had"] for source in manifest["data"]["sources"])
