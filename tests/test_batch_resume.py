"""Nothing is lost and nothing is scored twice: kills, full disks, Ctrl-C, and going on."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from service.corpus.errors import CorpusError
from service.corpus.parts import put_in_place

ROOT = Path(__file__).parent.parent
ROWS = 3200  # seven parts

Command = tuple[list[str], dict[str, str]]


@pytest.fixture
def command(artifact: Path) -> Command:
    env = {k: v for k, v in os.environ.items() if not k.startswith("DIPLOTONE_")}
    env |= {"DIPLOTONE_ARTIFACT": str(artifact), "PYTHONPATH": str(ROOT)}
    return [sys.executable, "-m", "service", "batch"], env


def start(command: Command, folder: Path, *args: str) -> subprocess.Popen[str]:
    words, env = command
    return subprocess.Popen(
        [*words, *args], env=env, cwd=folder, stderr=subprocess.PIPE, text=True
    )  # fmt: skip


def finish(command: Command, folder: Path, *args: str) -> tuple[int, str]:
    with start(command, folder, *args) as process:
        _, stderr = process.communicate(timeout=120)
    return process.returncode, stderr


def made_up(path: Path, rows: int = ROWS) -> None:
    """Distinct quotes, with one in a hundred that cannot be scored."""
    quotes = [f"Statement {i}: we regret item {i * 7}." if i % 100 else " " for i in range(rows)]
    if path.suffix == ".parquet":
        pq.write_table(pa.table({"quote": quotes, "n": range(rows)}), path, row_group_size=999)
    elif path.suffix == ".csv":
        path.write_text("quote,n\n" + "".join(f"{q},{i}\n" for i, q in enumerate(quotes)))
    else:
        lines = (json.dumps({"quote": q, "n": i}) for i, q in enumerate(quotes))
        path.write_text("".join(line + "\n" for line in lines))


def parts_of(target: Path) -> dict[str, int]:
    """The whole parts there are, with the time each was written."""
    folder = target.with_name(f".{target.name}.parts")
    found = {}
    for path in folder.glob("part-*") if folder.exists() else ():
        try:
            if not path.name.endswith(".half"):
                found[path.name] = path.stat().st_mtime_ns
        except FileNotFoundError:
            continue
    return found


def wait_until(process: subprocess.Popen[str], ready: Callable[[], bool]) -> None:
    while process.poll() is None and not ready():
        time.sleep(0.002)


def kill_when(process: subprocess.Popen[str], ready: Callable[[], bool]) -> None:
    with process:
        wait_until(process, ready)
        process.kill()


@pytest.mark.parametrize(
    ("suffix", "flags", "moments"),
    [(".csv", [], (0, 1, 4)), (".jsonl", ["--sentences"], (2,)), (".parquet", [], (1, 4))],
)
def test_a_run_killed_at_any_moment_goes_on_and_gives_the_same_bytes(
    command: Command, tmp_path: Path, suffix: str, flags: list[str], moments: tuple[int, ...]
) -> None:
    made_up(tmp_path / f"in{suffix}")
    assert finish(command, tmp_path, f"in{suffix}", "-o", f"whole{suffix}", *flags)[0] == 1
    target = tmp_path / f"out{suffix}"
    args = (f"in{suffix}", "-o", target.name, *flags)
    run_json = tmp_path / f".{target.name}.parts" / "run.json"
    kept: dict[str, int] = {}
    for moment in moments:
        process = start(command, tmp_path, *args)
        kill_when(process, lambda n=moment: run_json.exists() and len(parts_of(target)) >= n)
        found = parts_of(target)
        if target.exists():  # it was quicker than the kill
            break
        assert kept.items() <= found.items()  # nothing was scored twice
        kept = found
    assert kept
    if not target.exists():
        code, stderr = finish(command, tmp_path, *args)
        assert code == 1
        assert "in an earlier run" in stderr
        assert f"Scored {ROWS - 32:,} of {ROWS:,} rows" in stderr and "32 could not" in stderr
    assert target.read_bytes() == (tmp_path / f"whole{suffix}").read_bytes()
    names = {f"in{suffix}", f"whole{suffix}", target.name}
    assert {p.name for p in tmp_path.iterdir()} - {f".{target.name}.done"} == names


def interrupted(command: Command, folder: Path, *args: str) -> tuple[int, str]:
    """Run until the first part is there, then press Ctrl-C."""
    process = start(command, folder, "in.csv", "-o", "out.csv", *args)
    with process:
        wait_until(process, lambda: bool(parts_of(folder / "out.csv")))
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
    return process.returncode, stderr


def test_ctrl_c_says_how_to_go_on_and_a_changed_run_is_refused(
    command: Command, artifact: Path, make_artifact: Callable[..., Path], tmp_path: Path
) -> None:
    made_up(tmp_path / "in.csv")
    code, stderr = interrupted(command, tmp_path)
    assert code == 130
    assert "rows are kept, and the same command goes on" in stderr and stderr.count("\n") == 1
    kept = parts_of(tmp_path / "out.csv")
    other = make_artifact(tmp_path / "other", version="0.0.2", seed=2)
    changes = {
        "--sentences": ["--sentences"],
        "--encoding": ["--encoding", "latin-1"],
        "the model changed": ["--artifact", str(other)],
    }
    for phrase, flags in changes.items():
        code, stderr = finish(command, tmp_path, "in.csv", "-o", "out.csv", *flags)
        assert code == 2
        assert phrase in stderr and "add --restart" in stderr and stderr.count("\n") == 1
    made_up(tmp_path / "in.csv", 100)
    code, stderr = finish(command, tmp_path, "in.csv", "-o", "out.csv")
    assert code == 2 and "the input changed since" in stderr
    assert parts_of(tmp_path / "out.csv") == kept and not (tmp_path / "out.csv").exists()
    code, stderr = finish(command, tmp_path, "in.csv", "-o", "out.csv", "--restart")
    assert code == 1 and "Scored 99 of 100 rows" in stderr
    assert not (tmp_path / ".out.csv.parts").exists()


def test_two_runs_on_one_output_do_not_meet(command: Command, tmp_path: Path) -> None:
    made_up(tmp_path / "in.csv")
    first = start(command, tmp_path, "in.csv", "-o", "out.csv")
    with first:
        wait_until(first, lambda: bool(parts_of(tmp_path / "out.csv")))
        first.send_signal(signal.SIGSTOP)
        code, stderr = finish(command, tmp_path, "in.csv", "-o", "out.csv", "--restart")
        first.send_signal(signal.SIGCONT)
        first.communicate(timeout=60)
    assert code == 2 and "Another process is writing" in stderr
    assert first.returncode == 1 and (tmp_path / "out.csv").exists()


def test_two_streams_into_one_file_do_not_meet(command: Command, tmp_path: Path) -> None:
    words, env = command
    with subprocess.Popen(
        [*words, "-", "-o", "out.jsonl"], env=env, cwd=tmp_path, text=True,
        stdin=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as first:  # fmt: skip
        assert first.stdin
        first.stdin.write('{"quote": "deep regret"}\n')
        first.stdin.flush()
        wait_until(first, lambda: (tmp_path / ".out.jsonl.lock").exists())
        with pytest.raises(CorpusError, match="Another process is writing"):
            put_in_place(tmp_path / "out.jsonl", lambda stream: stream.write(b"mine"))
        first.communicate('{"quote": "late"}\n', timeout=60)
    assert first.returncode == 0
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    assert [json.loads(line)["quote"] for line in lines] == ["deep regret", "late"]
    assert [p.name for p in tmp_path.iterdir()] == ["out.jsonl"]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_full_disk_keeps_what_is_done(command: Command, tmp_path: Path, suffix: str) -> None:
    made_up(tmp_path / f"in{suffix}", 1600)
    args = (f"in{suffix}", "-o", f"out{suffix}")
    assert finish(command, tmp_path, args[0], "-o", f"whole{suffix}")[0] == 1
    whole = tmp_path / f"whole{suffix}"
    target = tmp_path / f"out{suffix}"
    # A limit on the size of files, set when scoring has begun, stands for the disk: first no part
    # fits any more, then every part does and only the whole does not.
    for limit, reached in ((100, range(1, 4)), (whole.stat().st_size - 100, range(4, 5))):
        process = start(command, tmp_path, *args)
        with process:
            before = len(parts_of(target))
            wait_until(process, lambda n=before: len(parts_of(target)) > n)
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (limit, limit))
            _, stderr = process.communicate(timeout=60)
        assert process.returncode == 2, stderr
        assert "cannot be written: file too large. What is done is kept" in stderr
        assert stderr.count("\n") == 1
        assert len(parts_of(target)) in reached and not target.exists()
    assert finish(command, tmp_path, *args)[0] == 1
    assert (tmp_path / f"out{suffix}").read_bytes() == whole.read_bytes()


def test_standard_output_that_is_full_or_closed_ends_without_a_trace(
    command: Command, tmp_path: Path
) -> None:
    made_up(tmp_path / "in.csv")
    words, env = command
    full = subprocess.run(
        ["/bin/sh", "-c", f"exec {' '.join(words)} in.csv -o - > /dev/full"],
        env=env, cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert full.returncode == 2
    assert "standard output cannot be written: no space left" in full.stderr
    assert full.stderr.count("\n") == 1
    with subprocess.Popen(
        [*words, "in.csv", "-o", "-"], env=env, cwd=tmp_path,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout and process.stderr
        assert json.loads(process.stdout.readline())["n"] == "0"
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_a_finished_output_is_replaced_and_a_stale_folder_removed(
    command: Command, tmp_path: Path
) -> None:
    made_up(tmp_path / "in.jsonl", 3)
    (tmp_path / "real.jsonl").write_text("old\n")
    (tmp_path / "out.jsonl").symlink_to("real.jsonl")
    (tmp_path / ".real.jsonl.done").mkdir()
    assert finish(command, tmp_path, "in.jsonl", "-o", "out.jsonl")[0] == 1
    assert (tmp_path / "out.jsonl").is_symlink()
    assert len((tmp_path / "real.jsonl").read_text().splitlines()) == 3
    assert not [p.name for p in tmp_path.iterdir() if p.name.startswith(".")]
