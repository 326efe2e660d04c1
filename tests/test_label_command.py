"""`diplotone label` as a command: what it reads, what a kill leaves, what its document names."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.main import get_command

from service import cli
from service.corpus.errors import CorpusError
from service.label.quotes import read_quotes
from service.label.ratings import open_ratings
from tests.server_process import PATIENCE, ROOT, environment
from training import __main__ as training

QUOTES = [f"Note {i} of the {word}." for i, word in enumerate(("envoys", "clowns", "hosts"))]


def test_quotes_are_read_once_each_from_a_file_that_was_scored_before(tmp_path: Path) -> None:
    path = tmp_path / "scored.csv"
    path.write_text("text,hostility\nfolly,.4\nregret,.2\n,\nfolly,.4\n", encoding="utf-8")
    assert read_quotes(str(path), "text", "utf-8", 100) == (["folly", "regret"], 1)
    lines = path.with_suffix(".jsonl")
    lines.write_text('{"quote": "x"}\n{"quote": null}\n{"quote": "xxxx"}\n', encoding="utf-8")
    assert read_quotes(str(lines), "quote", "utf-8", 3) == (["x"], 2)


@pytest.mark.parametrize("source", ["-", "nowhere.csv", "quotes.txt", "blank.csv", "other.csv"])
def test_a_file_without_quotes_is_one_sentence(tmp_path: Path, source: str) -> None:
    (tmp_path / "blank.csv").write_text("quote,n\n ,1\n", encoding="utf-8")
    (tmp_path / "other.csv").write_text("words\nfolly\n", encoding="utf-8")
    with pytest.raises(CorpusError) as caught:
        read_quotes(source if source == "-" else str(tmp_path / source), "quote", "utf-8", 100)
    assert str(caught.value).endswith((".", "?"))


def label(folder: Path, artifact: Path, *options: str) -> subprocess.Popen[str]:
    (folder / "quotes.csv").write_text("quote\n" + "\n".join(QUOTES) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "service", "label", "quotes.csv", "--port", "0", *options]
    variables = environment(artifact) | {"PYTHONPATH": str(ROOT)}
    variables.pop("DIPLOTONE_PORT")
    return subprocess.Popen(
        command, cwd=folder, env=variables, stderr=subprocess.PIPE, text=True, bufsize=1
    )


def address_of(process: subprocess.Popen[str]) -> str:
    assert process.stderr
    for line in process.stderr:
        if said := re.search(r"http://\S+:\d+", line):
            return said[0]
    pytest.fail("the page was never served")


def test_a_kill_loses_nothing_that_was_answered(
    artifact: Path, tmp_path: Path, database: str
) -> None:
    with label(tmp_path, artifact, "--store", database, "--rater", "ada") as process:
        try:
            with httpx2.Client(base_url=address_of(process), timeout=PATIENCE) as client:
                assert client.get("/label/start").json()["rater"] == "ada"
                state = client.post("/label/next", json={"rater": "ada"}).json()
                for _ in range(2):
                    body = {"rater": "ada", "key": state["quote"]["key"]}
                    body |= {"hostility": 0.1, "formality": 0.2}
                    answer = client.post("/label/rate", json=body)
                    assert answer.status_code == 201
                    state = answer.json()
                skipped = {"rater": "ada", "key": state["quote"]["key"]}
                assert client.post("/label/skip", json=skipped).status_code == 200
        finally:
            process.kill()
    with open_ratings(database) as ratings:
        kept = {rating.key for rating in ratings.read()}
        assert ratings.skipped() == [("ada", state["quote"]["key"])]
    assert len(kept) == 2
    assert state["quote"]["key"] not in kept


def test_without_a_store_the_command_says_what_to_name(artifact: Path, tmp_path: Path) -> None:
    process = label(tmp_path, artifact)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    assert "--store" in said
    assert "DIPLOTONE_FEEDBACK" in said
    assert "Traceback" not in said


def _options(command: Any) -> set[str]:  # noqa: ANN401 - click's, of two kinds
    own = {option for parameter in command.params for option in parameter.opts}
    return own.union(*map(_options, getattr(command, "commands", {}).values()))


def test_every_option_that_the_document_names_exists() -> None:
    text = (ROOT / "docs" / "labelling.md").read_text("utf-8")
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))
    known = _options(get_command(cli.app)) | _options(get_command(training.app))
    assert len(named) > 5
    assert named <= known
