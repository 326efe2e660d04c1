"""A corpus on a real Ray cluster of two processors: the numbers of `batch`, whatever is killed.

Files lie on the disk and in an S3 store. All runs of this process are in one session of Ray.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fsspec.implementations.local import LocalFileSystem

from model.artifact import read_artifact
from service.cluster import plan
from service.cluster.errors import ClusterError
from service.corpus.run import Tally
from tests.ray_cluster import object_store, ray_cluster
from tests.scored_files import run

psutil = pytest.importorskip("psutil", reason="needs psutil to find Ray's workers")
pytestmark = [
    pytest.mark.filterwarnings("default"),  # Ray's own warnings
    # Not imported here: it reads the variables that the cluster's fixture sets when it is.
    pytest.mark.skipif(find_spec("ray") is None, reason="the extra cluster is not installed"),
]

FILES = 5
ROWS = 600  # two chunks a file
BUCKET = "corpus"
SCORER = "PartitionScorer"
Score = Callable[..., Tally]


def quotes_of(number: int, rows: int = ROWS) -> list[str]:
    return [f"We regret item {i * number}, clowns." if i % 100 else " " for i in range(rows)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three CSV files, and one of Parquet beside their folder."""
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "in" / "deep").mkdir(parents=True)
    for number in range(FILES):
        lines = "".join(f'{i},"{quote}"\n' for i, quote in enumerate(quotes_of(number + 1)))
        place = folder / "in" / ("deep" if number else "") / f"file{number}.csv"
        place.write_text(f"id,quote\n{lines}")
    table = pa.table({"text": quotes_of(7, 1250), "n": pa.array(range(1250), pa.int16())})
    pq.write_table(table, folder / "in.parquet", row_group_size=333)
    return folder


@pytest.fixture(scope="module")
def store(folder: Path) -> Iterator[Any]:
    """An S3 store with a copy of the CSV files."""
    with object_store(BUCKET) as system:
        system.put(str(folder / "in"), f"{BUCKET}/in", recursive=True)
        yield system


@pytest.fixture(scope="module")
def cluster(store: Any) -> Iterator[str]:  # noqa: ANN401 - whose workers know the store
    with ray_cluster() as address:
        yield address


@pytest.fixture
def score(artifact: Path, folder: Path, cluster: str) -> Score:
    """Score on the cluster with two workers; chunks of 100 rows, each a partition."""
    from service.cluster.run import Workers, score_on_cluster

    def score(
        source: str,
        target: Path,
        progress: Callable[[int, int | None, int], None] = lambda done, total, failed: None,
        column: str = "quote",
        sha256: str = "",
        restart: bool = False,
    ) -> Tally:
        options = plan.Options(
            column, False, "utf-8", None, False, str(artifact),
            sha256 or read_artifact(artifact).sha256, 10_000, 100,
        )  # fmt: skip
        pool = Workers(2, 2, cluster)
        where = str(folder / source)
        return score_on_cluster([where], str(target), options, pool, progress, restart)

    return score


@pytest.fixture(scope="module")
def plain(artifact: Path, folder: Path) -> dict[str, bytes]:
    """What `batch` makes of each CSV file on one machine."""
    found = {}
    for path in sorted((folder / "in").rglob("*.csv")):
        done = run(folder, "batch", str(path), "-o", "plain.csv", "--artifact", str(artifact))
        assert done.exit_code == 1
        found[path.name] = (folder / "plain.csv").read_bytes()
    return found


class Ends(NamedTuple):
    """An input folder and an output folder, and the file system they are on."""

    system: Any
    source: str
    target: str

    def outputs(self) -> dict[str, bytes]:
        """Files of the output folder by the input's name, which must be no others."""
        found = self.system.ls(self.target, detail=False)
        files = [path for path in found if not path.endswith(f"/{plan.NOTES}")]
        return {path.rpartition("/")[2][11:]: self.system.cat_file(path) for path in files}

    def receipts(self) -> dict[str, Any]:
        """When each receipt was written."""
        found = self.system.glob(f"{self.target}/{plan.NOTES}/part-*.json")
        return {path: self.system.modified(path) for path in found}


def test_the_command_gives_the_bytes_of_plain_batch_and_refuses_another_run(
    artifact: Path, folder: Path, tmp_path: Path, cluster: str, plain: dict[str, bytes]
) -> None:
    ends = Ends(LocalFileSystem(), f"file://{folder / 'in'}", str(tmp_path / "out"))

    def batch(*more: str) -> tuple[int, str]:
        args = ("--engine", "ray", "--address", cluster, "--artifact", str(artifact))
        done = run(tmp_path, "batch", ends.source, "-o", ends.target, *args, *more)
        return done.exit_code, " ".join(done.output.split())

    code, said = batch()
    assert code == 1  # the blank rows
    assert f"{FILES * (ROWS - 6):,} of {FILES * ROWS:,} rows scored" in said
    assert ends.outputs() == plain
    times = ends.receipts()
    code, said = batch()
    assert code == 1 and f"{FILES * ROWS:,} of them by an earlier run" in said
    assert ends.receipts() == times
    code, said = batch("--delimiter", ",")
    assert code == 2 and "the option --delimiter changed from None to ','" in said
    assert "--restart" in said and ends.outputs() == plain
    code, said = batch("--delimiter", ",", "--restart")
    assert code == 1 and "earlier" not in said
    assert ends.outputs() == plain


def test_parquet_is_cut_into_partitions_and_those_of_a_killed_worker_are_done_by_another(
    artifact: Path, folder: Path, tmp_path: Path, score: Score, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "PARTITION_CHUNKS", 1)
    killed: list[int] = []

    def kill(done: int, total: int | None, failed: int) -> None:
        if not done or killed:
            return
        for process in psutil.process_iter(["cmdline"]):
            if SCORER in " ".join(process.info["cmdline"] or []) and ours(process):
                killed.append(process.pid)
                process.kill()
                return

    tally = score("in.parquet", tmp_path / "out", kill, "text")
    assert killed
    assert (tally.rows, tally.failed) == (1250, 13)
    more = ("--column", "text", "--artifact", str(artifact))
    run(folder, "batch", "in.parquet", "-o", str(tmp_path / "plain.parquet"), *more)
    whole = pq.read_table(tmp_path / "plain.parquet")
    noted = json.loads((tmp_path / "out/_diplotone/run.json").read_text())["partitions"]
    assert [p["first"] for p in noted] == [*range(0, 1250, 100)]
    assert [p["rows"] for p in noted] == [100] * 12 + [50]
    for part in noted:
        assert part["source"] == f"file://{folder}/in.parquet"
        found = pq.read_table(tmp_path / "out" / part["name"])
        assert found.equals(whole.slice(part["first"], part["rows"]))
    assert len([*(tmp_path / "out").iterdir()]) == 13 + 1  # nothing half-written is left


def ours(process: Any) -> bool:  # noqa: ANN401 - psutil's
    """Tell whether a process descends from this one."""
    return os.getpid() in [parent.pid for parent in process.parents()]


def test_a_killed_run_in_a_store_goes_on_where_it_was_and_keeps_others_out_until_then(
    artifact: Path,
    tmp_path: Path,
    cluster: str,
    plain: dict[str, bytes],
    store: Any,  # noqa: ANN401
) -> None:
    ends = Ends(store, f"s3://{BUCKET}/in", f"s3://{BUCKET}/out")
    args = ["batch", ends.source, "-o", ends.target, "--engine", "ray", "--address", cluster]
    args += ["--workers", "1", "--artifact", str(artifact)]
    driver = subprocess.Popen(
        [sys.executable, "-m", "service", *args], cwd=tmp_path, stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)},
    )  # fmt: skip
    deadline = time.monotonic() + 90
    while not ends.receipts() and time.monotonic() < deadline:
        time.sleep(0.01)
    driver.send_signal(signal.SIGSTOP)
    done = run(tmp_path, *args)
    assert done.exit_code == 2
    assert f"Another run (process {driver.pid} on " in " ".join(done.output.split())
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    kept = ends.receipts()
    assert 0 < len(kept) < FILES
    done = run(tmp_path, *args)
    assert done.exit_code == 1 and "by an earlier run" in done.output
    assert ends.outputs() == plain
    assert len(ends.receipts()) == FILES and kept.items() <= ends.receipts().items()


def test_what_workers_find_wrong_is_said_before_anything_is_written(
    tmp_path: Path, score: Score
) -> None:
    with pytest.raises(ClusterError, match=r"file\d\.csv, line 1: no column 'speech'"):
        score("in", tmp_path / "out", column="speech")
    assert not (tmp_path / "out").exists()
    with pytest.raises(ClusterError, match=r"on the worker .* is not the one here: its hash"):
        score("in", tmp_path / "other", sha256="f" * 64)
    assert not list((tmp_path / "other").glob("*part-*"))


def test_a_folder_of_other_files_is_no_output(tmp_path: Path, score: Score) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ClusterError, match="holds files that are of no run"):
        score("in", tmp_path, restart=True)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]
