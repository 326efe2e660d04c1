"""What ``batch`` refuses: one sentence with file and line, exit code 2, nothing written."""

import gzip
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from service.corpus.packed import zstandard

ROOT = Path(__file__).parent.parent

# One interpreter runs the real command many times over, since starting it is most of the time.
DRIVER = """
import contextlib, io, json, os, sys
from service.cli import run
for folder, args in json.load(sys.stdin):
    os.chdir(folder)
    sys.argv[1:] = ["batch", *args]
    with contextlib.redirect_stderr(io.StringIO()) as stderr:
        try: run()
        except SystemExit as end: code = end.code
    print(json.dumps([code, stderr.getvalue()]))
"""


def batch(*runs: tuple[Path, list[str]]) -> list[str]:
    """Run the command once in each folder and return its sentences.

    Each run must be refused and leave its folder as it was. There is no model: the input is checked
    before one is looked for.
    """
    env = {k: v for k, v in os.environ.items() if not k.startswith("DIPLOTONE_")}
    env |= {"DIPLOTONE_ARTIFACT": "nowhere", "PYTHONPATH": str(ROOT)}
    before = [sorted(folder.iterdir()) for folder, _ in runs]
    done = subprocess.run(
        [sys.executable, "-c", DRIVER], env=env, capture_output=True, text=True, timeout=120,
        input=json.dumps([[str(folder), args] for folder, args in runs]),
    )  # fmt: skip
    assert done.returncode == 0 and not done.stderr, done.stderr
    sentences = []
    for line, (folder, _), names in zip(done.stdout.splitlines(), runs, before, strict=True):
        code, sentence = json.loads(line)
        assert code == 2, sentence
        assert sentence.startswith("diplotone: error: ") and sentence.count("\n") == 1
        assert sorted(folder.iterdir()) == names
        sentences.append(sentence)
    return sentences


_random = random.Random(4)
SEVERAL = b"quote\n" + b"".join(b"%x\n" % _random.getrandbits(400) for _ in range(6000))
GOOD = '{"quote": "deep regret", "id": 1}\n'
TEXT_FAULTS = {
    "no column": (
        "in.csv",
        b"id,Quote,txt\n1,a,b\n",
        ["line 1", "'id', 'Quote', 'txt'", "--column 'Quote'"],
    ),
    "no near column": (
        "in.csv",
        b"id;words\n1;a,b\n",
        ["line 1", "among 'id', 'words'", "with --column"],
    ),
    "a ragged line of semicolons": (
        "in.csv",
        b"id;quote\n1;a\n2;b;c\n",
        ["in.csv, line 3", "3 fields", "header has 2"],
    ),
    "damaged gzip": (
        "in.csv.gz",
        gzip.compress(SEVERAL)[:250_000] + b"x" * 5000,
        ["in.csv.gz cannot be read behind line", "gzip data", "at or before byte 25"],
    ),
    "cut gzip": ("in.jsonl.gz", gzip.compress(GOOD.encode())[:-9], ["cut short", "byte"]),
    "no gzip": ("in.csv.gz", b"quote\nfine\n", ["in.csv.gz cannot be read", "gzip data"]),
    "damaged zst": (
        "in.csv.zst",
        zstandard().compress(SEVERAL)[:250_000] + b"x" * 5000,
        ["in.csv.zst cannot be read behind line", "Zstandard data", "at or before byte 25"],
    ),
    "no zst": ("in.jsonl.zst", GOOD.encode(), ["in.jsonl.zst cannot be read", "Zstandard data"]),
    "packed parquet": ("in.parquet.gz", b"", ["Parquet is compressed inside"]),
    "column twice": ("in.csv", b"quote,quote\n1,a\n", ["'quote' is there twice"]),
    "taken column": (
        "in.csv",
        b"quote,hostility\n1,a\n",
        ["line 1", "'hostility' would be over", "rename or drop it"],
    ),
    "too few fields": (
        "in.csv",
        b'quote,id\n"two\nlines",1\nonly one\n',
        ["in.csv, line 4", "1 field,", "header has 2"],
    ),
    "too many fields": (
        "in.tsv",
        b"quote\tid\na\t1\na\tb\tc\n",
        ["in.tsv, line 3", "3 fields", "header has 2"],
    ),
    "open quote": ("in.csv", b'quote,id\na,1\n"open,2\nb,3\n', ["line 3", "never closed"]),
    "stray quote": ("in.csv", b'quote,id\n"a "b" c",2\n', ["line 2", "must be doubled"]),
    "empty csv": ("in.csv", b"", ["in.csv is empty"]),
    "blank csv": ("in.csv", b"\n\n", ["in.csv is empty"]),
    "not utf-8": ("in.csv", b"quote\nfine\ncaf\xe9\n", ["line 3", "0xe9", "--encoding latin-1"]),
    "cut utf-16": ("in.csv", "quote\nfine\n".encode("utf-16")[:-1], ["not UTF-16 behind byte"]),
    "nul": ("in.csv", b"quote\na\0b\n", ["line 2", "NUL"]),
    "broken json": (
        "in.jsonl",
        (GOOD * 1000 + "\n{broken\n").encode(),
        ["in.jsonl, line 1002", "not JSON"],
    ),
    "no object": ("in.jsonl", (GOOD + '["quote"]\n').encode(), ["line 2", "not an array"]),
    "deep json": (
        "in.jsonl",
        (GOOD + "[" * 100_000 + "\n").encode(),
        ["line 2", "nested too deeply"],
    ),
    "no member": (
        "in.jsonl",
        b'{"qoute": "a"}\n{"id": 2}\n',
        ["'qoute', 'id'", "did you mean --column 'qoute'"],
    ),
    "taken member": (
        "in.jsonl",
        (GOOD + '{"tone_model": 1}\n').encode(),
        ["line 2", "'tone_model'"],
    ),
    "json not utf-8": ("in.jsonl", GOOD.encode() + b'{"quote": "\xff"}', ["line 2", "0xff"]),
    "empty json": ("in.jsonl", b"\n", ["in.jsonl is empty"]),
    "empty parquet": ("in.parquet", b"", ["in.parquet is empty"]),
    "no parquet": ("in.parquet", b"quote,id\n1,2\n" * 9, ["no whole Parquet file"]),
    "framed nonsense": ("in.parquet", b"PAR1" + b"\x07" * 90 + b"\x10\0\0\0PAR1", ["is damaged"]),
}


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The sentence of each fault."""
    runs = []
    for name, content, _ in TEXT_FAULTS.values():
        folder = tmp_path_factory.mktemp("fault")
        (folder / name).write_bytes(content)
        runs.append((folder, [name, "-o", "out" + "".join(Path(name).suffixes)]))
    return dict(zip(TEXT_FAULTS, batch(*runs), strict=True))


@pytest.mark.parametrize("fault", TEXT_FAULTS)
def test_a_fault_in_the_input_is_found_before_anything_is_written(
    faults: dict[str, str], fault: str
) -> None:
    name, _, phrases = TEXT_FAULTS[fault]
    for phrase in (name, *phrases):
        assert phrase in faults[fault]


def test_a_parquet_file_must_be_whole_and_its_column_text(tmp_path: Path) -> None:
    table = pa.table({"quote": ["a" * 50, "b" * 50] * 50, "n": range(100), "low": [None] * 100})
    pq.write_table(table, tmp_path / "in.parquet", compression="none")
    whole = (tmp_path / "in.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(whole[:-40])
    (tmp_path / "bad.parquet").write_bytes(whole[:8] + b"\xff" * 60 + whole[68:])
    pq.write_table(
        pa.concat_tables([table] * 60), tmp_path / "far.parquet",
        compression="none", row_group_size=2000,
    )  # fmt: skip
    damaged = bytearray((tmp_path / "far.parquet").read_bytes())
    start = pq.read_metadata(tmp_path / "far.parquet").row_group(2).column(0).data_page_offset
    damaged[start : start + 60] = b"\xff" * 60
    (tmp_path / "far.parquet").write_bytes(damaged)
    pq.write_table(table.append_column("tone_model", table["n"]), tmp_path / "old.parquet")
    cases = {
        "in.parquet --column n": "holds Int64, not text",
        "in.parquet --column low": "holds Null, not text",
        "in.parquet --column tone": "no column 'tone'",
        "in.parquet --encoding latin-1": "Leave it out",
        "cut.parquet": "no whole Parquet file",
        "bad.parquet": "is damaged or",
        "far.parquet": "is damaged behind row 3,072 or",
        "old.parquet": "'tone_model' would be overwritten",
    }
    runs = [(tmp_path, [*words.split(), "-o", "out.parquet"]) for words in cases]
    for sentence, phrase in zip(batch(*runs), cases.values(), strict=True):
        assert phrase in sentence


PATHS = {
    "unknown suffix": (["in.xlsx", "-o", "o.csv"], "'.xlsx' is none of .csv, .tsv, .jsonl"),
    "no suffix": (["in.csv", "-o", "scored"], "'no suffix' is none of"),
    "no such file": (["absent.csv", "-o", "o.csv"], "absent.csv cannot be read"),
    "a folder to read": (["folder.csv", "-o", "o.csv"], "is a folder"),
    "a folder to write": (["in.csv", "-o", "folder.csv"], "is a folder"),
    "a missing folder": (["in.csv", "-o", "no/o.csv"], "no does not exist"),
    "the input itself": (["in.csv", "-o", "./folder.csv/../in.csv"], "is the input itself"),
    "a link to the input": (["in.csv", "-o", "link.csv"], "is the input itself"),
    "a hard link to it": (["in.csv", "-o", "hard.csv"], "is the input itself"),
    "a pipe to read": (["pipe.csv", "-o", "o.csv"], "is no regular file"),
    "a pipe to write": (["in.csv", "-o", "pipe.csv"], "is no regular file"),
    "formats that differ": (["in.csv", "-o", "o.parquet"], "CSV cannot be written as Parquet"),
    "standard input as csv": (["-", "-o", "o.csv"], "JSON Lines cannot be written as CSV"),
    "no encoding": (["in.csv", "-o", "o.csv", "--encoding", "klingon"], "klingon is not a text"),
    "no text encoding": (["in.csv", "-o", "o.csv", "--encoding", "hex"], "hex is not a text"),
    "a wide encoding": (["in.csv", "-o", "o.csv", "--encoding", "utf-16"], "iconv -f utf-16"),
    "a delimiter for json": (["in.jsonl", "-o", "o.jsonl", "--delimiter", ";"], "JSON Lines has"),
    "two delimiters": (["in.csv", "-o", "o.csv", "--delimiter", ";;"], "is not one character"),
    "a letter between": (["in.csv", "-o", "o.csv", "--delimiter", "x"], "is not one character"),
    "two inputs to one": (["in.csv", "twice.csv", "-o", "o.csv"], "o.csv is the name of a file"),
    "a folder to the stream": (["many", "-o", "-"], "name files, and a folder with -o"),
    "a folder into itself": (["many", "-o", "many/scored"], "lies inside the input folder many"),
    "inputs of the output": (["many/*.csv", "-o", "many"], "lies in the output folder many"),
    "a folder of nothing": (["folder.csv", "-o", "new"], "folder.csv holds none of .csv"),
    "a pattern of nothing": (["many/*.tsv", "-o", "new"], "many/*.tsv matches no file"),
    "two of one name": (["in.csv", "many", "-o", "new"], "in.csv and many/in.csv would both"),
    "a missing parent": (["many", "-o", "no/new"], "no does not exist"),
    "columns json loses": (["twice.csv", "-o", "o.jsonl"], "'id' is there twice, which JSON"),
    "no model": (["in.csv", "-o", "o.csv"], "No artifact at"),
}


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The sentence of each command of PATHS, run in one folder."""
    folder = tmp_path_factory.mktemp("paths")
    (folder / "in.csv").write_text("quote\ndeep regret\n")
    (folder / "twice.csv").write_text("quote,id,id\ndeep regret,1,2\n")
    (folder / "in.xlsx").touch()
    (folder / "in.jsonl").write_text(GOOD)
    (folder / "many").mkdir()
    (folder / "many" / "in.csv").write_text("quote\ndeep regret\n")
    (folder / "folder.csv").mkdir()
    (folder / "link.csv").symlink_to("in.csv")
    (folder / "hard.csv").hardlink_to(folder / "in.csv")
    os.mkfifo(folder / "pipe.csv")
    runs = [(folder, args) for args, _ in PATHS.values()]
    return dict(zip(PATHS, batch(*runs), strict=True))


@pytest.mark.parametrize("case", PATHS)
def test_paths_and_options_that_cannot_be_used_are_refused(
    refusals: dict[str, str], case: str
) -> None:
    assert PATHS[case][1] in refusals[case]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_an_output_folder_without_leave_to_write_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("quote\ndeep regret\n")
    (tmp_path / "locked").mkdir(mode=0o500)
    assert "is not writable" in batch((tmp_path, ["in.csv", "-o", "locked/o.csv"]))[0]
