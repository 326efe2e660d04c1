"""``docs/articles.md`` is run: its command, its JSON, its Python and its limits."""

import io
import json
import re
import shlex
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from service.articles.records import Kind
from service.press.limits import MAX_ARTICLE_CHARACTERS, MAX_ARTICLE_QUOTES
from service.press.schemas import ArticleAnswer, ArticleRequest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "articles.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
# int8 kernels differ between processors by less than this.
TOLERANCE = 0.02
RENEW = "run the command of docs/articles.md and put its output there"

_NUMBER = re.compile(r"\b[01]\.\d\d\b")
# Names of levels, which move with the numbers, and where the table folds.
_LOOSE = re.compile(rf"{_NUMBER.pattern} \w+|[\s│┃━─┏┓┡┩┗┛└┘├┤┬┴┼┳╇]+")


def block(language: str, holding: str = "") -> str:
    return next(body for kind, body in BLOCKS if kind == language and holding in body)


def run(command: list[str], folder: Path, text: str | None = None) -> str:
    assert command[:2] == ["diplotone", "article"]
    done = subprocess.run(
        [sys.executable, "-m", "service", *command[1:]],
        cwd=folder, input=text, capture_output=True, encoding="utf-8", timeout=600, check=True,
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "100", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    return done.stdout


def test_the_command_prints_its_table(tmp_path: Path) -> None:
    (tmp_path / "barbs.txt").write_text(block("text"), encoding="utf-8")
    shown, wanted = run(shlex.split(block("sh", "barbs.txt")), tmp_path), block("", "Speakers")
    numbers = [[float(n) for n in _NUMBER.findall(table)] for table in (shown, wanted)]
    assert numbers[0] == pytest.approx(numbers[1], abs=TOLERANCE), RENEW
    assert _LOOSE.sub(" ", shown).split() == _LOOSE.sub(" ", wanted).split(), RENEW


def rounded(value: object, numbers: list[float]) -> Any:  # noqa: ANN401
    """Return JSON without its scores, levels and hash; the scores go into a list."""
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if k not in ("level", "sha256")}
        return {k: rounded(v, numbers) for k, v in kept.items()}
    if isinstance(value, list):
        return [rounded(v, numbers) for v in value]
    if isinstance(value, float):
        numbers.append(value)
        return "a score"
    return value


def test_the_pipe_prints_its_json(tmp_path: Path) -> None:
    said, _, command = block("sh", "--json").partition("|")
    _, text = shlex.split(said)
    found, wanted = json.loads(run(shlex.split(command), tmp_path, text)), json.loads(block("json"))
    ArticleAnswer.model_validate(wanted)
    numbers: tuple[list[float], list[float]] = ([], [])
    assert rounded(found, numbers[0]) == rounded(wanted, numbers[1]), RENEW
    assert numbers[0] == pytest.approx(numbers[1], abs=TOLERANCE), RENEW


def test_the_python_runs_and_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DIPLOTONE_ARTIFACT", raising=False)
    output = io.StringIO()
    with redirect_stdout(output):
        exec(compile(block("python"), "docs/articles.md", "exec"), {})  # noqa: S102 - our own page
    (line,) = output.getvalue().splitlines()
    (quote,) = json.loads(block("json"))["quotes"]
    assert line.startswith("Ida Solberg ")
    assert line.endswith(quote["text"])
    score = float(line.removeprefix("Ida Solberg ").split()[0])
    assert score == pytest.approx(quote["hostility"]["score"], abs=TOLERANCE)


def test_fields_kinds_and_limits_are_those_of_the_code() -> None:
    request = PAGE.partition("| field of the request")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", request)) == set(ArticleRequest.model_fields)
    kinds = PAGE.partition("| kind | what it is")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)`", kinds, re.MULTILINE)) == set(Kind.__args__)  # type: ignore[attr-defined]
    for limit in (MAX_ARTICLE_CHARACTERS, MAX_ARTICLE_QUOTES):
        assert f"{limit:,}" in PAGE
    sent = shlex.split(block("sh", "curl").replace("\\\n", " "))
    ArticleRequest.model_validate_json(sent[sent.index("-d") + 1])


def test_the_figures_are_those_of_the_readme_of_the_articles() -> None:
    readme = (ROOT / "data" / "articles" / "README.md").read_text("utf-8")
    for half in ("dev", "test"):
        (row,) = re.findall(rf"^\| {half}[ ,].*%.*", PAGE, re.MULTILINE)
        (wanted,) = re.findall(rf"^\| {half} .*%.*", readme, re.MULTILINE)
        assert re.findall(r"[\d.]+%", row) == re.findall(r"[\d.]+%", wanted)[:4]
