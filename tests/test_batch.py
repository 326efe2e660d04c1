"""Scoring whole files: every row, every column, in each format, with the scorer's own numbers."""

import contextlib
import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from model.artifact import NETWORK, TOKENIZER
from model.encoder import Ids, TextEncoder
from model.errors import ScoringError
from model.runtime import Logits, OnnxNetwork
from model.scorer import ToneScorer
from service.corpus.jsonlines import JsonChunk, Line
from service.corpus.rows import ChunkScorer

ROOT = Path(__file__).parent.parent
NEW = [
    "hostility", "hostility_low", "hostility_high", "formality", "formality_low",
    "formality_high", "tone_warnings", "tone_model",
]  # fmt: skip
SPANS = ["tone_row", "tone_start", "tone_end"]
FINE = [
    "We deeply regret this. It was wrong!",
    'He said "never", twice',
    "two\nlines, one quote",
    "Fermezla porte, s’il vous plaît, et partez 🕊 maintenant",
    "!!!",
    " padded  words ",
]
BAD = {" ": "The quote is blank", "x" * 10_001: "10,001 characters"}
TEXTS = [*FINE[:3], *BAD, *FINE[3:], FINE[0]]

Run = Callable[..., subprocess.CompletedProcess[bytes]]


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    if path.suffix in (".csv", ".tsv"):
        delimiter = "," if path.suffix == ".csv" else "\t"
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, list(rows[0]), delimiter=delimiter)
            writer.writeheader()
            writer.writerows(rows)
    elif path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=3)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def read(path: Path) -> list[dict[str, Any]]:
    """Rows with numbers as numbers and what is empty as None, whatever the format."""
    if path.suffix == ".parquet":
        return list(pq.read_table(path).to_pylist())
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    delimiter = "," if path.suffix == ".csv" else "\t"
    with path.open(newline="", encoding="utf-8") as stream:
        rows: list[dict[str, Any]] = list(csv.DictReader(stream, delimiter=delimiter))
    for row in rows:
        for name in row.keys() & {*NEW[:6], *SPANS}:
            row[name] = None if row[name] == "" else json.loads(row[name])
    return rows


def expected(scorer: ToneScorer, text: str) -> dict[str, Any]:
    score = scorer.score([text])[0]
    degrees = [v for d in (score.hostility, score.formality) for v in (d.score, d.low, d.high)]
    warnings = ";".join(w.code for w in score.warnings)
    return dict(zip(NEW, [*degrees, warnings, model_name(scorer)], strict=True))


def model_name(scorer: ToneScorer) -> str:
    return f"tiny 0.0.1 {scorer.artifact.sha256[:12]}"


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_batch_keeps_rows_and_columns_and_adds_the_scorers_numbers(
    batch: Run, scorer: ToneScorer, tmp_path: Path, suffix: str
) -> None:
    rows = [{"id": f"00{i}", "text": text, "note": "a,b"} for i, text in enumerate(TEXTS)]
    write(tmp_path / f"in{suffix}", rows)
    done = batch(f"in{suffix}", "-o", f"out{suffix}", "--column", "text")
    assert done.returncode == 1
    assert b"Scored 7 of 9 rows" in done.stderr and b"2 could not be scored" in done.stderr
    found = read(tmp_path / f"out{suffix}")
    for given, row in zip(rows, found, strict=True):
        assert list(row) == ["id", "text", "note", *NEW]
        assert {name: row[name] for name in given} == given
        if given["text"] in BAD:
            assert BAD[given["text"]] in row["tone_warnings"]
            assert [row[name] for name in NEW[:6]] == [None] * 6
            assert row["tone_model"] == model_name(scorer)
        else:
            assert {name: row[name] for name in NEW} == expected(scorer, given["text"])
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"in{suffix}", f"out{suffix}"]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_batch_by_sentence_gives_a_row_for_each_with_its_range(
    batch: Run, scorer: ToneScorer, tmp_path: Path, suffix: str
) -> None:
    write(tmp_path / f"in{suffix}", [{"quote": text, "n": str(i)} for i, text in enumerate(TEXTS)])
    done = batch(f"in{suffix}", "-o", f"out{suffix}", "--sentences")
    assert done.returncode == 1
    wanted: list[tuple[Any, ...]] = []
    for i, text in enumerate(TEXTS):
        if text in BAD:
            wanted.append((i, None, None, None, None))
            continue
        for s in scorer.score([text], sentences=True)[0].sentences or ():
            wanted.append((i, s.start, s.end, s.hostility, s.formality))
    found = read(tmp_path / f"out{suffix}")
    got = [tuple(row[n] for n in (*SPANS, "hostility", "formality")) for row in found]
    assert got == wanted
    interval = scorer.manifest.calibration.interval
    for row in found:
        assert list(row) == ["quote", "n", *NEW, *SPANS]
        assert row["n"] == str(row["tone_row"]) and row["quote"] == TEXTS[row["tone_row"]]
        if row["hostility"] is not None:
            low, high = (round(x, 4) for x in interval("hostility", row["hostility"]))
            assert (row["hostility_low"], row["hostility_high"]) == (low, high)
    assert len(found) > len(TEXTS)


def test_standard_input_is_streamed_to_either_output(
    batch: Run, scorer: ToneScorer, tmp_path: Path
) -> None:
    given = b"".join(b'{"quote": "We regret case %d."}\n' % i for i in range(700))
    done = batch("-", "-o", "-", input=given)
    assert done.returncode == 0
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert rows[699]["hostility"] == expected(scorer, "We regret case 699.")["hostility"]
    assert batch("-", "-o", "out.jsonl", input=given).returncode == 0
    assert (tmp_path / "out.jsonl").read_bytes() == done.stdout
    assert batch("-", "-o", "-", input=b"").returncode == 0
    few = given.splitlines(keepends=True)[:3]
    wide = batch(
        "-", "-o", "-", "--encoding", "latin-1", input=b"".join(few).decode().encode("utf-16")
    )
    assert wide.returncode == 0
    assert wide.stdout.splitlines() == done.stdout.splitlines()[:3]


def test_a_broken_line_on_standard_input_ends_with_its_number(batch: Run, tmp_path: Path) -> None:
    given = b'{"quote": "deep regret"}\n' * 600 + b"{oops\n" + b'{"quote": "late"}\n'
    done = batch("-", "-o", "-", input=given)
    assert done.returncode == 2
    assert b"standard input, line 601: not JSON" in done.stderr
    assert len(done.stdout.splitlines()) == 600
    assert batch("-", "-o", "out.jsonl", input=given).returncode == 2
    assert list(tmp_path.iterdir()) == []


class FaultyNetwork(OnnxNetwork):
    """Fails on every call that holds a long text, as a runtime out of memory would."""

    def logits(self, texts: Sequence[Ids]) -> Logits:
        if any(len(ids) > 20 for ids in texts):
            raise ScoringError("The network failed.")
        return super().logits(texts)


def test_a_quote_on_which_the_network_fails_does_not_take_the_others_with_it(
    scorer: ToneScorer,
) -> None:
    artifact = scorer.artifact
    encoder = TextEncoder.load(artifact.folder / TOKENIZER, artifact.manifest.window_tokens)
    faulty = ToneScorer(artifact, encoder, FaultyNetwork(artifact.folder / NETWORK, 1))
    texts = ["deep regret", "no " * 30, " ", "fine words"]
    lines = [Line(i, "{}", {"quote": text}) for i, text in enumerate(texts)]
    rows, failed = ChunkScorer(faulty, "quote", False).additions(JsonChunk(0, lines, "quote"))
    faulty.close()
    assert failed == 2
    assert rows[1][0][:7] == (*[None] * 6, "The network failed.")
    for i in (0, 3):
        assert dict(zip(NEW, rows[i][0], strict=True)) == expected(scorer, texts[i])


def test_on_a_terminal_a_bar_shows_how_far_it_is(artifact: Path, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"quote": "deep regret"}\n{"quote": " "}\n' * 600)
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "service", "batch", "in.jsonl", "-o", "out.jsonl"]
    env = os.environ | {"DIPLOTONE_ARTIFACT": str(artifact), "PYTHONPATH": str(ROOT)}
    env |= {"TERM": "xterm", "COLUMNS": "120"}
    with subprocess.Popen(command, cwd=tmp_path, env=env, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # how a terminal ends
            while piece := os.read(ours, 65_536):
                shown += piece
    os.close(ours)
    assert process.returncode == 1
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
    assert "1200/1200" in text and "rows/s" in text and "600 failed" in text
    assert re.search(r"\d:\d\d:\d\d", text)  # the time left
