"""``--unit document``: long rows, their number of sentences, and the sharpest of these."""

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from model.long import joined, parts_of
from model.scorer import ToneScorer
from service.corpus.dialect import SAMPLE
from service.corpus.rows import (
    COLUMNS,
    DOCUMENT_COLUMNS,
    MAX_DOCUMENT_CHARACTERS,
    SENTENCE_COLUMNS,
)
from tests.scored_files import run

pytestmark = pytest.mark.usefixtures("tiny_everywhere")

LONG = " ".join(
    f"The delegation noted point {i} of the agenda, and item {i * i}." for i in range(300)
)
DOCUMENTS = [LONG, "We regret this. Clowns! They will pay.", "deep regret", "!" * 12_000, " "]
CORPORA = (Path(__file__).parent.parent / "docs" / "corpora.md").read_text("utf-8")
PEAK = list(DOCUMENT_COLUMNS)


def scored(folder: Path, suffix: str, *flags: str) -> list[dict[str, Any]]:
    source, target = folder / f"in{suffix}", folder / f"out{suffix}"
    if suffix == ".parquet":
        pq.write_table(pa.table({"quote": DOCUMENTS}), source)
    else:
        with source.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows([["quote"], *([text] for text in DOCUMENTS)])
    done = run(folder, "batch", source.name, "-o", target.name, "--unit", "document", *flags)
    assert done.exit_code == 1, done.stderr
    if suffix == ".parquet":
        return list(pq.read_table(target).to_pylist())
    with target.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    return [
        {n: v if n in ("quote", "tone_warnings", "tone_model") else json.loads(v or "null")
         for n, v in row.items()} for row in rows
    ]  # fmt: skip


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_document_has_the_mean_of_its_parts_and_its_sharpest_sentence(
    scorer: ToneScorer, tmp_path: Path, suffix: str
) -> None:
    assert len(LONG) > scorer.max_characters
    rows = scored(tmp_path, suffix)
    assert list(rows[0]) == ["quote", *COLUMNS, *DOCUMENT_COLUMNS]
    for text, row in zip(DOCUMENTS[:3], rows, strict=False):
        parts = parts_of(text, scorer.max_characters)
        score = joined(scorer.score([text[a:b] for a, b in parts], sentences=True), parts)
        assert score and score.sentences
        assert (row["hostility"], row["formality_high"]) == (
            score.hostility.score,
            score.formality.high,
        )
        assert row["tone_sentences"] == len(score.sentences)
        highest = max(s.hostility for s in score.sentences)
        first = next(s for s in score.sentences if s.hostility == highest)
        assert [row[name] for name in PEAK[1:]] == [highest, first.start, first.end]
    assert rows[0]["tone_sentences"] == 300 and "windows" in rows[0]["tone_warnings"]
    assert LONG[rows[0]["tone_peak_start"] :].startswith("The delegation noted")
    assert "neither a letter nor a digit" in rows[3]["tone_warnings"]
    assert "blank" in rows[4]["tone_warnings"]
    assert all(rows[i][name] is None for i in (3, 4) for name in ("hostility", *PEAK))


def test_documents_can_be_cut_into_sentences(tmp_path: Path) -> None:
    rows = scored(tmp_path, ".csv", "--sentences")
    assert list(rows[0]) == ["quote", *COLUMNS, "tone_row", "tone_start", "tone_end"]
    assert [row["tone_row"] for row in rows].count(0) == 300
    assert rows[299]["quote"][rows[299]["tone_start"] : rows[299]["tone_end"]].startswith("The del")
    assert rows[299]["tone_end"] == len(LONG)


def test_even_a_document_has_a_limit(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(json.dumps({"quote": "a " * MAX_DOCUMENT_CHARACTERS}))
    done = run(tmp_path, "batch", "in.jsonl", "-o", "out.jsonl", "--unit", "document")
    assert done.exit_code == 1
    row = json.loads((tmp_path / "out.jsonl").read_text())
    assert f"the limit is {MAX_DOCUMENT_CHARACTERS:,}" in row["tone_warnings"]


def test_the_page_on_corpora_states_the_limits_and_the_columns(scorer: ToneScorer) -> None:
    page = " ".join(CORPORA.split())
    assert f"{MAX_DOCUMENT_CHARACTERS:,} characters instead of {scorer.max_characters:,}" in page
    assert all(f"`{name}`" in page for name in (*DOCUMENT_COLUMNS, *SENTENCE_COLUMNS))
    assert f"the first {SAMPLE // 1024} KiB" in page
