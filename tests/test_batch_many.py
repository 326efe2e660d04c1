"""Many files in one command: an output for each, finished ones left alone, the worst exit code."""

import csv
import json
import os
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import Result

from service.corpus.locks import kept_apart
from service.corpus.many import names_many
from tests.scored_files import run

pytestmark = pytest.mark.usefixtures("tiny_everywhere")


@pytest.fixture
def speeches(tmp_path: Path) -> Path:
    """A folder of three formats, with what is none and what is hidden."""
    folder = tmp_path / "speeches"
    (folder / "older").mkdir(parents=True)
    (folder / "a.csv").write_text("quote,n\ndeep regret,1\nhateful sophistry,2\n")
    (folder / "b.jsonl").write_text('{"quote": "We note this."}\n')
    pq.write_table(pa.table({"quote": ["We thank them."] * 3}), folder / "c.parquet")
    (folder / "notes.txt").write_text("no corpus")
    (folder / ".hidden.csv").write_text("nothing")
    (folder / "older" / "a.csv").write_text("quote\nfine\n")
    return folder


def batch(folder: Path, *args: str) -> Result:
    return run(folder, "batch", *args)


def outputs(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        path.name: (path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.iterdir()
        if path.is_file()
    }


@pytest.mark.parametrize("source", ["speeches", "speeches/*.[cjp]*", "./speeches/**/?.*[vlt]"])
def test_each_file_has_an_output_as_if_it_were_scored_alone(speeches: Path, source: str) -> None:
    folder = speeches.parent
    shutil.rmtree(speeches / "older")
    done = batch(folder, source, "-o", "scored/")
    assert done.exit_code == 0, done.stderr
    assert "Scored 6 of 6 rows" in done.stderr and "in 3 of 3 files" in done.stderr
    assert done.stderr.count("\n") == 1
    found = outputs(folder / "scored")
    assert set(found) == {"a.csv", "b.jsonl", "c.parquet"}
    for name, (_, content) in found.items():
        assert batch(folder, f"speeches/{name}", "-o", f"alone-{name}").exit_code == 0
        assert content == (folder / f"alone-{name}").read_bytes()


def test_the_same_command_again_does_only_what_is_not_finished(speeches: Path) -> None:
    folder = speeches.parent
    args = ("speeches", "-o", "scored")
    assert batch(folder, *args).exit_code == 0
    before = outputs(folder / "scored")
    done = batch(folder, *args)
    assert done.exit_code == 0
    assert "finished already and left as they are: 3;" in done.stderr
    assert outputs(folder / "scored") == before
    (folder / "scored" / "a.csv").unlink()
    (folder / "scored" / "b.jsonl").write_text("spoilt\n")
    (speeches / "d.csv").write_text("quote\nnew words\n")
    done = batch(folder, *args)
    assert "7 of 7 rows" in done.stderr and "left as they are: 1;" in done.stderr
    found = outputs(folder / "scored")
    assert found["c.parquet"] == before["c.parquet"]
    assert {name: found[name][1] for name in before} == {name: c for name, (_, c) in before.items()}
    (speeches / "a.csv").write_text("quote,n\nanother text,1\n")  # another input, another output
    assert batch(folder, *args).exit_code == 0
    assert "another text" in (folder / "scored" / "a.csv").read_text()
    assert outputs(folder / "scored")["c.parquet"] == before["c.parquet"]
    assert batch(folder, *args, "--restart").exit_code == 0
    assert outputs(folder / "scored")["c.parquet"][0] > before["c.parquet"][0]


def test_a_file_that_cannot_be_read_is_told_and_the_worst_exit_code_wins(speeches: Path) -> None:
    folder = speeches.parent
    (speeches / "a.csv").write_text("quote,n\n ,1\nfine,2\n")
    done = batch(folder, "speeches", "-o", "scored")
    assert done.exit_code == 1
    assert "1 could not be scored, for the reasons in tone_warnings" in done.stderr
    (speeches / "b.jsonl").write_text("{broken\n")
    done = batch(folder, "speeches", "-o", "scored")
    assert done.exit_code == 2
    fault, summary = done.stderr.splitlines()
    assert fault.startswith("diplotone: speeches/b.jsonl, line 1: not JSON")
    assert "in 2 of 3 files" in summary and "1 could not be read, for the reasons above" in summary
    with (folder / "scored" / "a.csv").open(newline="") as stream:
        assert [bool(row["hostility"]) for row in csv.DictReader(stream)] == [False, True]


def test_several_names_are_what_a_shell_makes_of_a_pattern(speeches: Path) -> None:
    folder = speeches.parent
    names = ["speeches/b.jsonl", "speeches/older", "speeches/b.*"]
    done = batch(folder, *names, "-o", "scored")
    assert done.exit_code == 0 and "in 2 of 2 files" in done.stderr
    assert set(outputs(folder / "scored")) == {"a.csv", "b.jsonl"}
    assert json.loads((folder / "scored" / "b.jsonl").read_text())["tone_model"]


def test_a_file_whose_name_looks_like_a_pattern_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "a[1].csv").write_text("quote\nfine\n")
    assert not names_many([str(tmp_path / "a[1].csv")])
    assert names_many([str(tmp_path / "a?1*.csv")]) and names_many([os.curdir])
    assert batch(tmp_path, "a[1].csv", "-o", "out.csv").exit_code == 0


def test_two_runs_on_one_folder_do_not_meet(speeches: Path) -> None:
    folder = speeches.parent
    out = folder / "scored"
    out.mkdir()
    with kept_apart(out / ".lock", out):
        done = batch(folder, "speeches", "-o", "scored")
        assert done.exit_code == 2 and "Another process is writing scored" in done.stderr
        assert [p.name for p in out.iterdir()] == [".lock"]
    (out / ".lock").touch()  # as a run leaves it that was killed
    assert batch(folder, "speeches", "-o", "scored").exit_code == 0
    assert not (out / ".lock").exists() and len(outputs(out)) == 3


def test_other_options_are_refused_before_anything_is_scored_with_them(speeches: Path) -> None:
    folder = speeches.parent
    assert batch(folder, "speeches", "-o", "scored").exit_code == 0
    (folder / "scored" / "b.jsonl").unlink()
    (speeches / "0.csv").write_text("quote\nnew\n")
    before = outputs(folder / "scored")
    done = batch(folder, "speeches", "-o", "scored", "--sentences")
    assert done.exit_code == 2 and done.stderr.count("\n") == 1
    assert "scored holds outputs of an earlier run" in done.stderr
    assert "the option --sentences changed from False to True since; add --restart" in done.stderr
    assert outputs(folder / "scored") == before
    assert batch(folder, "speeches", "-o", "scored").exit_code == 0
    assert batch(folder, "speeches", "-o", "scored", "--sentences", "--restart").exit_code == 0
    assert b"tone_start" in outputs(folder / "scored")["0.csv"][1]
    (speeches / "a.csv").write_text("broken")
    assert batch(folder, "speeches", "-o", "scored", "--restart").exit_code == 2
    done = batch(folder, "speeches", "-o", "scored")  # goes on, and the old a.csv is no hindrance
    assert done.exit_code == 2 and "left as they are: 3;" in done.stderr
