"""What each format keeps: bytes as they were written, types, metadata; and how formats meet."""

import base64
import csv
import datetime
import decimal
import io
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from model.scorer import ToneScorer

ROOT = Path(__file__).parent.parent
NEW = [
    "hostility", "hostility_low", "hostility_high", "formality", "formality_low",
    "formality_high", "tone_warnings", "tone_model",
]  # fmt: skip
FINE = [
    "We deeply regret this. It was wrong!",
    'He said "never", twice',
    "two\nlines, one quote",
    "Fermezla porte, s’il vous plaît, et partez 🕊 maintenant",
    "!!!",
    " padded  words ",
]

Run = Callable[..., subprocess.CompletedProcess[bytes]]


def expected(scorer: ToneScorer, text: str) -> dict[str, Any]:
    score = scorer.score([text])[0]
    degrees = [v for d in (score.hostility, score.formality) for v in (d.score, d.low, d.high)]
    warnings = ";".join(w.code for w in score.warnings)
    return dict(zip(NEW, [*degrees, warnings, model_name(scorer)], strict=True))


def model_name(scorer: ToneScorer) -> str:
    return f"tiny 0.0.1 {scorer.artifact.sha256[:12]}"


def test_csv_records_stay_as_they_were_written(batch: Run, tmp_path: Path) -> None:
    given = (
        b'\xef\xbb\xbf"id",quote,n\r\n'
        b'007,"She said ""no""\r\nand left",1.50\r\n'
        b"\r\n"
        b'"8",plain \xe2\x80\x94 words,  \r\n'
        b"9,last of them,1e3"
    )
    (tmp_path / "in.csv").write_bytes(given)
    assert batch("in.csv", "-o", "out.csv").returncode == 0
    found = (tmp_path / "out.csv").read_bytes()
    assert found.startswith(b'\xef\xbb\xbf"id",quote,n,hostility,')
    assert b'\r\n007,"She said ""no""\r\nand left",1.50,0.' in found
    assert b'\r\n"8",plain \xe2\x80\x94 words,  ,0.' in found
    assert b"\r\n9,last of them,1e3,0." in found and found.endswith(b"\r\n")
    assert b"\r\n\r\n" not in found  # a blank line is no row


def test_csv_in_another_encoding_or_with_old_line_ends(
    batch: Run, scorer: ToneScorer, tmp_path: Path
) -> None:
    (tmp_path / "in.csv").write_bytes("quote,who\rIl a regretté cela,Zoé\rfin,x\r".encode("cp1252"))
    done = batch("in.csv", "-o", "out.csv", "--encoding", "cp1252")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "out.csv").read_bytes().decode("cp1252")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["who"] for row in rows] == ["Zoé", "x"]
    wanted = expected(scorer, "Il a regretté cela")["hostility"]
    assert float(rows[0]["hostility"]) == wanted
    assert batch("in.csv", "-o", "out.jsonl", "--encoding", "cp1252").returncode == 0
    first = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()[0]
    assert json.loads(first)["who"] == "Zoé"


def test_json_lines_stay_as_they_were_written(batch: Run, tmp_path: Path) -> None:
    long = "9" * 5000
    lines = [
        '{"z": 1.10, "quote": "caf\\u00e9 talk", "a": 12345678901234567890123, "e": 1E5}',
        '{"quote":"tight","n":{"b":[1,2]}} ',
        "",
        '{"quote": 5}',
        '{"quote": null}',
        "{ }",
        '{"other": "no quote here"}',
        f'{{"quote": "big number", "n": {long}}}',
        '{"quote": "half \\ud800 pair"}',
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    done = batch("in.jsonl", "-o", "out.jsonl")
    assert done.returncode == 1
    out = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    given = [line.strip() for line in lines if line]
    for line, original in zip(out, given, strict=True):
        assert line.startswith(original[:-1].rstrip())
    reasons = [json.loads(line, parse_int=len)["tone_warnings"] for line in out]
    assert "not int" in reasons[2] and "not nothing" in reasons[3]
    assert reasons[4] == reasons[5] == 'The row has no field "quote".'
    assert "surrogate" in reasons[7]
    assert out[4].startswith('{"hostility": null, ')


def rich_table() -> pa.Table:
    moment = datetime.datetime(2024, 5, 17, 12, 30, 0, 123456)
    columns = {
        "quote": pa.array([*FINE[:2], None, FINE[3]], pa.large_string()),
        "code": pa.array(["x", "y", "x", None]).dictionary_encode(),
        "when": pa.array([moment] * 4, pa.timestamp("ns", "Europe/Rome")),
        "day": pa.array([moment.date()] * 4),
        "nothing": pa.nulls(4),
        "list": pa.array([[1], [], None, [1, None]], pa.list_(pa.int16())),
        "deep": pa.array([{"a": {"b": ["x"]}}, None, {"a": None}, {"a": {"b": []}}]),
        "map": pa.array([[("k", 1)], None, [], [("z", None)]], pa.map_(pa.string(), pa.int32())),
        "price": pa.array([decimal.Decimal("1.20")] * 4),
        "raw": pa.array([b"\x00\xff"] * 4, pa.large_binary()),
        "small": pa.array([255] * 4, pa.uint8()),
        "float": pa.array([float("inf"), None, -0.0, 1.5], pa.float32()),
        "flag": pa.array([True, None, False, True]),
    }
    table = pa.table(columns)
    note = table.schema.field("code").with_metadata({"unit": "none"})
    return table.cast(table.schema.set(1, note).with_metadata({"origin": "tests", "pandas": "{}"}))


def test_parquet_columns_keep_types_values_and_metadata(
    batch: Run, scorer: ToneScorer, tmp_path: Path
) -> None:
    pq.write_table(rich_table(), tmp_path / "in.parquet", row_group_size=3)
    given = pq.read_table(tmp_path / "in.parquet")
    for name, flags in (("out.parquet", []), ("by.parquet", ["--sentences"])):
        assert batch("in.parquet", "-o", name, *flags).returncode == 1
        found = pq.read_table(tmp_path / name)
        assert found.schema.metadata == given.schema.metadata
        old = found.select(given.schema.names)
        assert old.schema.equals(given.schema, check_metadata=True)
        rows = range(4) if not flags else found["tone_row"].to_pylist()
        assert old.to_pylist() == given.take(pa.array(rows)).to_pylist()
        assert [str(found.schema.field(n).type) for n in NEW] == ["double"] * 6 + ["string"] * 2
    assert found["hostility"].to_pylist().count(None) == 1
    row = pq.read_table(tmp_path / "out.parquet").to_pylist()[0]
    assert {name: row[name] for name in NEW} == expected(scorer, FINE[0])


@pytest.mark.parametrize(
    "text", [pa.string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())]
)
def test_parquet_text_of_any_kind_is_scored(
    batch: Run, scorer: ToneScorer, tmp_path: Path, text: pa.DataType
) -> None:
    quotes = [FINE[0], FINE[0], FINE[5]]
    column = pa.array(quotes)
    column = column.dictionary_encode() if pa.types.is_dictionary(text) else column.cast(text)
    pq.write_table(pa.table({"quote": column}), tmp_path / "in.parquet")
    assert batch("in.parquet", "-o", "out.parquet").returncode == 0
    found = pq.read_table(tmp_path / "out.parquet")["formality"].to_pylist()
    assert found == [expected(scorer, quote)["formality"] for quote in quotes]


def test_every_format_can_be_written_as_json_lines(
    batch: Run, scorer: ToneScorer, tmp_path: Path
) -> None:
    (tmp_path / "in.csv").write_text(f'id,quote\n01,"{FINE[2]}"\n')
    row = json.loads(batch("in.csv", "-o", "-").stdout)
    assert row == {"id": "01", "quote": FINE[2]} | expected(scorer, FINE[2])
    pq.write_table(rich_table().slice(0, 1), tmp_path / "in.parquet")
    done = batch("in.parquet", "-o", "out.jsonl")
    assert done.returncode == 0, done.stderr
    row = json.loads((tmp_path / "out.jsonl").read_text())
    assert row["day"] == "2024-05-17" and row["price"] == "1.20" and row["deep"] == {
        "a": {"b": ["x"]}
    }  # fmt: skip
    assert base64.b64decode(row["raw"]) == b"\x00\xff" and row["code"] == "x"
    assert row["hostility"] == expected(scorer, FINE[0])["hostility"]
    assert row["float"] is None and row["small"] == 255


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_file_without_rows_gets_the_new_columns(batch: Run, tmp_path: Path, suffix: str) -> None:
    if suffix == ".csv":
        (tmp_path / "in.csv").write_text("id,quote")
    else:
        pq.write_table(rich_table().slice(0, 0), tmp_path / "in.parquet")
    done = batch(f"in{suffix}", "-o", f"out{suffix}")
    assert done.returncode == 0, done.stderr
    if suffix == ".csv":
        assert (tmp_path / "out.csv").read_text() == "id,quote," + ",".join(NEW) + "\n"
    else:
        assert pq.read_table(tmp_path / "out.parquet").schema.names[-8:] == NEW
