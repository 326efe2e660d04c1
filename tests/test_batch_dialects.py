"""How text comes: compressed or not, with any delimiter and mark, with its byte order mark."""

import codecs
import csv
import gzip
import io
from pathlib import Path

import pytest
from typer.testing import Result

from service.corpus.dialect import Dialect, dialect_of
from service.corpus.packed import zstandard
from tests.scored_files import run

pytestmark = pytest.mark.usefixtures("tiny_everywhere")

ROWS = [("1", "deep regret"), ("2", "hateful sophistry, they said"), ("3", "It's late; so what?")]


def batch(folder: Path, *args: str) -> Result:
    done = run(folder, "batch", *args)
    assert done.exit_code == 0, done.stderr
    return done


def table(delimiter: str, mark: str = '"', end: str = "\r\n") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quotechar=mark, lineterminator=end)
    writer.writerows([("id", "quote"), *ROWS])
    return out.getvalue()


def packed(content: bytes, suffix: str) -> bytes:
    return {".gz": gzip.compress, ".zst": zstandard().compress}[suffix](content)


def unpacked(path: Path) -> bytes:
    return {".gz": gzip.decompress, ".zst": zstandard().decompress}[path.suffix](path.read_bytes())


@pytest.mark.parametrize("packing", [".gz", ".zst"])
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl"])
def test_what_is_compressed_is_scored_as_if_it_were_not(
    tmp_path: Path, suffix: str, packing: str
) -> None:
    lines = "".join(f'{{"id": {i}, "quote": "{quote}"}}\n' for i, quote in ROWS)
    content = {".csv": table(","), ".tsv": table("\t"), ".jsonl": lines}[suffix].encode()
    plain, other = tmp_path / f"in{suffix}", tmp_path / f"in{suffix}{packing}"
    plain.write_bytes(content)
    # Members and frames that follow each other are one file.
    other.write_bytes(packed(content[:40], packing) + packed(content[40:], packing))
    batch(tmp_path, plain.name, "-o", f"a{suffix}")
    batch(tmp_path, other.name, "-o", f"b{suffix}")
    batch(tmp_path, other.name, "-o", f"c{suffix}{packing}")
    wanted = (tmp_path / f"a{suffix}").read_bytes()
    assert wanted.count(b"tiny 0.0.1") == len(ROWS)
    assert (tmp_path / f"b{suffix}").read_bytes() == wanted
    assert unpacked(tmp_path / f"c{suffix}{packing}") == wanted
    if packing == ".gz":  # no time and no name in it
        assert (tmp_path / f"c{suffix}{packing}").read_bytes()[3:8] == bytes(5)


@pytest.mark.parametrize(
    ("delimiter", "mark", "said"),
    [
        (";", '"', "read with fields separated by semicolons"),
        ("\t", '"', "read with fields separated by tabs"),
        ("|", '"', "read with fields separated by vertical bars"),
        (",", "'", "read with fields separated by commas and quoted by '"),
        (";", "'", "read with fields separated by semicolons and quoted by '"),
    ],
)
def test_another_dialect_is_found_kept_and_told(
    tmp_path: Path, delimiter: str, mark: str, said: str
) -> None:
    (tmp_path / "in.csv").write_text(table(delimiter, mark), "utf-8", newline="")
    done = batch(tmp_path, "in.csv", "-o", "out.csv")
    assert said in done.stderr
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream, delimiter=delimiter, quotechar=mark))
    assert [(row["id"], row["quote"]) for row in rows] == ROWS
    assert all(0 <= float(row["hostility"]) <= 1 and row["tone_model"] for row in rows)
    written = (tmp_path / "out.csv").read_bytes().split(b"\r\n")
    given = (tmp_path / "in.csv").read_bytes().split(b"\r\n")
    assert all(new.startswith(old) for new, old in zip(written, given, strict=True))


def test_the_usual_dialect_is_not_told_and_an_option_overrides_what_is_found(
    tmp_path: Path,
) -> None:
    (tmp_path / "in.csv").write_text(table(","), "utf-8", newline="")
    assert "read with" not in batch(tmp_path, "in.csv", "-o", "out.csv").stderr
    (tmp_path / "in.csv").write_text("id\tquote\n1\ta; b\n", "utf-8")
    done = batch(tmp_path, "in.csv", "-o", "out.csv", "--delimiter", "tab")
    assert "separated by tabs" in done.stderr
    (tmp_path / "in.csv").write_text("quote;n\nfine, thanks;1\n", "utf-8")
    done = run(tmp_path, "batch", "in.csv", "-o", "no.csv", "--delimiter", ",")
    assert done.exit_code == 2 and "among 'quote;n'" in done.stderr


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-8"])
def test_a_byte_order_mark_tells_the_encoding_which_is_kept(tmp_path: Path, encoding: str) -> None:
    text = "\ufeff" + table(";").replace("deep", "tiefes Bedauern, Zoë 🕊")
    (tmp_path / "in.csv").write_bytes(text.encode(encoding))
    flags = ["--encoding", "utf-16"] if encoding == "utf-16-le" else []  # right, if needless
    batch(tmp_path, "in.csv", "-o", "out.csv", *flags)
    found = (tmp_path / "out.csv").read_bytes().decode(encoding)
    assert found.startswith("\ufeffid;quote;hostility")
    assert found.splitlines()[1].startswith("1;tiefes Bedauern, Zoë 🕊 regret;0.")
    (tmp_path / "in.csv").write_bytes(codecs.BOM_UTF16_LE + b'{"quote": "no"}')
    done = run(tmp_path, "batch", "in.csv", "-o", "no.csv")
    assert done.exit_code == 2 and done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("sample", "whole", "dialect"),
    [
        ("quote\nHello; you\n", True, (",", '"')),  # one column: nothing to tell apart
        ("a;quote\n1;x,y\n2;x,y\n", True, (";", '"')),
        ("a,quote\n1;2,x\n", True, (",", '"')),
        ("a;quote\n1;x\n2;x;y\n", True, (";", '"')),  # ragged, and told by the reader
        ("a;b\n1;x\n2;y\n", True, (";", '"')),  # another column is asked for
        ("a|quote\n1|x\n2|y|", False, ("|", '"')),  # the last record is cut off
        ('a;quote\n1;"x\ny";', False, (";", '"')),
        ('a;quote\n1;"x\ny', False, (";", '"')),
        ("a,quote\n1,'x, y'\n", True, (",", "'")),
        ("a,quote\n1,'tis late\n", True, (",", '"')),  # an apostrophe, and the usual fits
        ("'a','quote'\n'1','x'\n", True, (",", "'")),
        ('quote,id\n"open,2\nb,3\n', True, (",", '"')),  # a fault is no other dialect
        ("a;quote\u2028\n1;x\n", True, (";", '"')),
        ("", True, (",", '"')),
    ],
)
def test_a_dialect_must_fit_every_record_of_the_sample(
    sample: str, whole: bool, dialect: tuple[str, str]
) -> None:
    assert dialect_of(sample, whole, ",", "quote") == Dialect(*dialect)
