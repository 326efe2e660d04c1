"""``diplotone article -o``: articles in, a table of their quotes out, in every format."""

import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import Result

from model.errors import ToneError
from model.scorer import ToneScorer
from service.corpus.rows import COLUMNS
from service.press import collection
from service.press.collection import QUOTE_COLUMNS, Reading, collect, open_table
from service.press.scoring import score_article
from tests.scored_files import run

pytestmark = pytest.mark.usefixtures("tiny_everywhere")

ROOT = Path(__file__).parent.parent
CORPORA = (ROOT / "docs" / "corpora.md").read_text("utf-8")
ARTICLES = ROOT / "docs" / "examples" / "articles"
MENTION = "Boats crossed the so-called “green line” in the middle of the strait.\n"
READING = Reading(200_000, 2_000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    articles = tmp_path / "articles"
    articles.mkdir()
    for path in ARTICLES.iterdir():
        (articles / path.name).write_bytes(path.read_bytes())
    (articles / "zz-mention.txt.gz").write_bytes(gzip.compress(MENTION.encode()))
    (articles / "picture.png").write_bytes(b"\x89PNG")
    return tmp_path


def article(folder: Path, *args: str) -> Result:
    return run(folder, "article", *args)


def read(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        return list(pq.read_table(path).to_pylist())
    text = (
        gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    ).decode()
    if ".jsonl" in path.suffixes:
        return [json.loads(line) for line in text.splitlines()]
    rows = csv.DictReader(text.splitlines(), delimiter="\t" if path.suffix == ".tsv" else ",")
    kinds = QUOTE_COLUMNS | COLUMNS
    return [
        {n: None if v == "" and n != "tone_warnings" else kinds[n](v) for n, v in row.items()}
        for row in rows
    ]


def wanted(scorer: ToneScorer, folder: Path) -> Iterator[tuple[Any, ...]]:
    for path in sorted((folder / "articles").glob("*.txt*")):
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
        for number, (quote, tone) in enumerate(
            (q.quote, q.tone) for q in score_article(scorer, text).quotes
        ):
            who = quote.speaker and (quote.speaker.resolved or quote.speaker.text)
            scores = (tone.hostility.score, tone.formality.high) if tone else (None, None)
            assert text[quote.start : quote.end] == quote.text
            place = (number, who, quote.cue, quote.kind, quote.start, quote.end, quote.text)
            yield (f"articles/{path.name}", *place, *scores)


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet", ".csv.gz"])
def test_a_folder_gives_a_row_for_each_quote(scorer: ToneScorer, folder: Path, suffix: str) -> None:
    done = article(folder, "articles", "-o", f"quotes{suffix}")
    assert done.exit_code == 0, done.stderr
    rows = read(folder / f"quotes{suffix}")
    assert all(list(row) == [*QUOTE_COLUMNS, *COLUMNS] for row in rows)
    names = [*QUOTE_COLUMNS, "hostility", "formality_high"]
    assert [tuple(row[name] for name in names) for row in rows] == list(wanted(scorer, folder))
    assert rows[-1]["kind"] == "mention" and "no score" in rows[-1]["tone_warnings"]
    assert {row["tone_model"][:10] for row in rows} == {"tiny 0.0.1"}
    assert f"Read 4 of 4 articles; {len(rows)} quotes found" in done.stderr
    assert {p.name for p in folder.iterdir()} == {"articles", f"quotes{suffix}"}


def test_an_article_that_cannot_be_read_is_told_and_the_others_go_on(folder: Path) -> None:
    (folder / "articles" / "b.txt").write_bytes(b"caf\xe9")
    (folder / "articles" / "c.md").write_text(" \n")
    done = article(folder, "articles", "articles/2*", "articles/none.txt", "-o", "quotes.jsonl")
    assert done.exit_code == 2
    *faults, summary = done.stderr.splitlines()
    assert len(faults) == 3
    assert "articles/b.txt is not UTF-8" in faults[0] and "c.md: The article is blank" in faults[1]
    assert "none.txt cannot be read" in faults[2] and "Read 4 of 7 articles" in summary
    assert len({row["file"] for row in read(folder / "quotes.jsonl")}) == 4


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["articles"], "name it, for example -o quotes.csv"),
        (["articles", "-o", "quotes.xlsx"], "'.xlsx' is none of .csv"),
        (["articles", "-o", "articles"], "'no suffix' is none of"),
        (["articles", "-o", "no/quotes.csv"], "no does not exist"),
        (["articles", "-o", "q.csv", "--title", "x"], "--title, --json, --sentences and"),
        (["-", "-o", "q.csv"], "with -o, name files"),
        (["*.txt", "-o", "q.csv"], "*.txt matches no file"),
        (["articles/picture.csv", "-o", "articles/picture.csv"], "is the input itself"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_written(
    folder: Path, args: list[str], said: str
) -> None:
    (folder / "articles" / "picture.csv").write_text("no article")
    done = article(folder, *args)
    assert done.exit_code == 2 and said in done.stderr and done.stderr.count("\n") == 1
    assert [p.name for p in folder.iterdir()] == ["articles"]


@pytest.mark.parametrize("suffix", [".csv.zst", ".parquet"])
def test_a_run_that_was_stopped_goes_on_and_gives_the_same_bytes(
    scorer: ToneScorer, folder: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setattr(collection, "AT_ONCE", 1)
    monkeypatch.chdir(folder)
    articles = sorted(Path("articles").glob("*.txt*"))
    articles.insert(2, Path("articles/none.txt"))

    def stop(_: ToneError) -> None:
        raise KeyboardInterrupt

    def ignore(_: ToneError) -> None:
        pass

    whole, table = (open_table(f"{name}{suffix}", articles) for name in ("whole", "quotes"))
    collect(articles, whole, scorer, READING, False, ignore)
    with pytest.raises(KeyboardInterrupt):
        collect(articles, table, scorer, READING, False, stop)
    with pytest.raises(ToneError, match="the input changed since; add --restart"):
        collect(articles[:3], table, scorer, READING, False, ignore)
    assert not table.target.exists()
    found = collect(articles, table, scorer, READING, False, ignore)
    assert (found.resumed, found.unread) == (2, 1)
    assert table.target.read_bytes() == whole.target.read_bytes()


def test_the_page_on_corpora_names_every_column() -> None:
    table = CORPORA.partition("`quotes.csv` has one row a quote")[2].partition("\n\nA folder")[0]
    for name in [*QUOTE_COLUMNS, "hostility", "tone_model"]:
        assert f"`{name}`" in table
