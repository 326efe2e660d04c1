"""``diplotone article``, as a process of its own on the tiny artifact, and what it refuses."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from model.scorer import ToneScorer
from service.app import create_app
from service.corpus.errors import CorpusError
from service.press.source import read_source
from service.settings import Settings

ROOT = Path(__file__).parent.parent
ARTICLE = (
    "“This is an insult,” Foreign Minister Ida Solberg told reporters.\r\n\r\n"
    "“[red]Nonsense,” replied Anton Keller. “She told me ‘go away’ and left.” The “gift” was gone."
)

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def article(artifact: Path, tmp_path: Path) -> Run:
    def run(*args: str, **more: Any) -> subprocess.CompletedProcess[str]:  # noqa: ANN401
        env = {k: v for k, v in os.environ.items() if not k.startswith("DIPLOTONE_")}
        env |= {"DIPLOTONE_ARTIFACT": str(artifact), "PYTHONPATH": str(ROOT), "COLUMNS": "120"}
        return subprocess.run(
            [sys.executable, "-m", "service", "article", *args],
            env=env, capture_output=True, encoding="utf-8", cwd=tmp_path, timeout=600, **more,
        )  # fmt: skip

    return run


def test_json_is_what_http_answers(article: Run, scorer: ToneScorer, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbf" + ARTICLE.encode())
    done = article("a.txt", "--title", "Barbs", "--json", "--sentences", "--explain")
    assert (done.returncode, done.stderr) == (0, "")
    body = {"text": ARTICLE, "title": "Barbs", "sentences": True, "explain": True}
    with TestClient(create_app(Settings(deadline_seconds=600), scorer)) as client:
        answer = client.post("/v1/articles", json=body).json()
    assert json.loads(done.stdout) == answer
    assert len(answer["quotes"]) == 5


def test_the_table_shows_quotes_then_speakers_then_who_answers(article: Run) -> None:
    done = article("-", "--title", "[b]Barbs", "--sentences", input=ARTICLE)
    assert (done.returncode, done.stderr) == (0, "")
    shown = done.stdout
    order = ["[b]Barbs", "insult", "[red]Nonsense", "go away", "gift", "Speakers", "most in 0"]
    places = [shown.index(part) for part in [*order, "Anton Keller (1, 2) answers Ida Solberg (0)"]]
    assert places == sorted(places)
    assert "sentence" in shown
    assert "mention" in shown


def test_what_cannot_be_read_ends_with_2_and_a_sentence(article: Run) -> None:
    done = article("-", input=" \n")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "diplotone: error: standard input: The article is blank; send its text.\n"
    )


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "a.txt: The article is blank"),
        (b"\xef\xbb\xbf\r\n", "a.txt: The article is blank"),
        (b"caf\xe9", "a.txt is not UTF-8 (byte 3)"),
        (b"x" * 51, "a.txt: The article has 51 characters and the limit is 50"),
        ("é".encode() * 51, "a.txt: The article has 51 characters and the limit is 50"),
        (b"x" * 5_000, "a.txt: the article has more characters than the limit of 50"),
    ],
)
def test_a_file_that_is_no_article_is_named_with_its_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raw: bytes, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_bytes(raw)
    with pytest.raises(CorpusError) as refused:
        read_source("a.txt", 50)
    assert str(refused.value).startswith(said)
    assert str(refused.value).endswith(".")


def test_a_file_that_is_not_there_or_no_file_is_named(tmp_path: Path) -> None:
    for source in (tmp_path / "none.txt", tmp_path):
        with pytest.raises(CorpusError, match="cannot be read: "):
            read_source(str(source), 50)


def test_a_terminal_is_asked_for_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)
    with pytest.raises(CorpusError, match="give a FILE"):
        read_source("-", 50)


def test_line_ends_stay_and_offsets_with_them(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbfone\r\ntwo\rthree\n")
    assert read_source(str(path), 50) == "one\r\ntwo\rthree\n"
