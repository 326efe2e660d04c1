"""A run that is killed at random moments, again and again, gives the bytes of one that is not."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from service.corpus.packed import pack

ROOT = Path(__file__).parent.parent
ROWS = 1000  # twenty parts
KILLS = 10
SEED = 20

# What is slow to import is imported once; each run is a fork that runs the real command and is
# killed from outside, whatever it is doing: reading, scoring, writing a part, joining, renaming.
DRIVER = """
import json, os, random, signal, sys, time
from pathlib import Path
import service.corpus.command, service.corpus.parquet, service.corpus.parquet_output
import service.corpus.report, service.corpus.run, service.settings, model.scorer
from service.cli import run

source, target, kills, seed = json.load(sys.stdin)
service.corpus.run.CHUNK_ROWS = 50  # more moments in less time
folder, output = Path(f".{target}.parts"), Path(target)
chance = random.Random(seed)

def start():
    if child := os.fork():
        return child
    sys.argv[1:] = ["batch", source, "-o", target]
    os.dup2(os.open("stderr", os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    try:
        run()
    except SystemExit as end:
        os._exit(end.code)

def parts():
    try:
        found = [p for p in folder.glob("part-*.?*") if p.suffix != ".half"]
        return {p.name: p.stat().st_mtime_ns for p in found}
    except FileNotFoundError:  # they are just being removed
        return {}

def alive(child):
    found, status = os.waitpid(child, os.WNOHANG)
    if found:
        assert os.waitstatus_to_exitcode(status) == 1, "it failed"
    return not found

begun = time.monotonic()
child = start()
while alive(child):
    time.sleep(0.001)
whole, seconds = output.read_bytes(), time.monotonic() - begun
output.unlink()
left, kept, finished = [], {}, 0
while len(left) < kills:
    # At a random time, at a random part, or while the parts are joined and put in place.
    kind = chance.choice(["time", "part", "part", "join"])
    moment = time.monotonic() + (chance.uniform(0, seconds) if kind == "time" else 60)
    wanted = len(kept) + chance.randint(1, 8) if kind == "part" else 99
    ends = [folder / "joined.half", folder / "joined", output, folder.with_suffix(".done")]
    ends = ends[chance.randrange(4):] if kind == "join" else []
    pause = chance.uniform(0, 0.003)
    child = start()
    while living := alive(child):
        if time.monotonic() > moment or len(parts()) >= wanted or any(p.exists() for p in ends):
            break
        time.sleep(pause)
    if living:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    found = parts()
    if living:
        left.append([kind, len(found)])
    if output.exists():
        assert output.read_bytes() == whole, "other bytes"
        finished += 1
    else:
        assert kept.items() <= found.items(), "a part was lost or written twice"
    kept = found
    if output.exists() and not (living and found):
        output.unlink()
child = start()
while alive(child):
    time.sleep(0.001)
same = output.read_bytes() == whole
print(json.dumps({"left": left, "finished": finished, "same": same, "bytes": len(whole)}))
"""


def killed(folder: Path, artifact: Path, suffix: str) -> dict[str, Any]:
    env = {k: v for k, v in os.environ.items() if not k.startswith("DIPLOTONE_")}
    env |= {"DIPLOTONE_ARTIFACT": str(artifact), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", DRIVER], env=env, cwd=folder, capture_output=True, text=True,
        input=json.dumps([f"in{suffix}", f"out{suffix}", KILLS, SEED]), timeout=300,
    )  # fmt: skip
    said = (folder / "stderr").read_text() if (folder / "stderr").exists() else ""
    assert done.returncode == 0, done.stderr + said
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("suffix", [".csv.zst", ".parquet"])
def test_killed_at_random_moments_it_gives_the_same_bytes(
    artifact: Path, tmp_path: Path, suffix: str
) -> None:
    quotes = [f"Statement {i}: we regret item {i * 7}." if i % 100 else " " for i in range(ROWS)]
    source = tmp_path / f"in{suffix}"
    if suffix == ".parquet":
        pq.write_table(pa.table({"quote": quotes, "n": range(ROWS)}), source, row_group_size=999)
    else:
        lines = "".join(f"{quote},{i}\n" for i, quote in enumerate(quotes))
        with source.open("wb") as stream, pack(stream, ".zst") as packed:
            packed.write(f"quote,n\n{lines}".encode())
    found = killed(tmp_path, artifact, suffix)
    assert found["same"] and found["bytes"] > ROWS
    assert len(found["left"]) == KILLS
    assert len({count for _, count in found["left"]}) > 3  # different moments
    assert {p.name for p in tmp_path.iterdir()} == {f"in{suffix}", f"out{suffix}", "stderr"}
