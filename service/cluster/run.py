"""One run on a cluster: look at every input file, cut them, and score what is not yet done.

The dataset that Ray Data maps is the list of partitions, not the rows: a worker streams the rows of
its partition from the input file to an output file itself. So each output file is whole or not
there, its rows are in order, and a worker that is killed has nothing half done to clear up; Ray
gives its partition to another.
"""

import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import ray
import ray.data

from service.cluster.claim import Claim
from service.cluster.errors import ClusterError
from service.cluster.plan import (
    NOTES,
    Options,
    Partition,
    begin,
    partitions_of,
    receipt_of,
    require_no_others,
    run_of,
    tidy,
)
from service.cluster.storage import Place
from service.cluster.worker import COLUMN, PartitionScorer, look
from service.corpus.files import FORMATS
from service.corpus.run import Progress, Tally


@dataclass(frozen=True, slots=True)
class Workers:
    """How many workers, and where.

    Attributes:
        fewest: workers that are always there.
        most: workers at the most; Ray adds them while partitions wait. Each takes one processor.
        address: of a running cluster, ``auto`` or ``HOST:PORT``; ``local`` starts one here.
    """

    fewest: int
    most: int
    address: str = "local"


def score_on_cluster(
    sources: Sequence[str],
    target: str,
    options: Options,
    workers: Workers,
    progress: Progress,
    restart: bool = False,
) -> Tally:
    """Score every row of the input files into a folder of output files.

    Args:
        sources: addresses of files, folders and patterns.
        target: address of the folder.
        options: what decides the scores.
        workers: how many, and where.
        progress: told after each partition.
        restart: forget what an earlier run has done.

    Raises:
        ClusterError: an input, the output, the cluster or a worker cannot be used, or another
            driver is at work on the output.
    """
    output = Place(target)
    files = _files(sources, output)
    require_no_others(output)
    claim = Claim(output.child(NOTES), output.address)
    claim.require_free()  # once more below; a look at many files takes long
    with _joined(workers):
        looks = _looked(files, options, workers.most)
        partitions = partitions_of(looks, options.chunk)
        with claim:
            run = run_of(partitions, options)
            partitions, todo = begin(output, partitions, run, restart)
            tally = _tally_of(output, partitions, todo)
            progress(tally.rows, tally.total, tally.failed)
            for done in _scored(todo, options, output, workers):
                claim.check()
                tally.rows += done["rows"]
                tally.failed += done["failed"]
                progress(tally.rows, tally.total, tally.failed)
            _require_written(output, todo)
            tidy(output)
    return tally


def _require_written(output: Place, todo: list[Partition]) -> None:
    if any(receipt_of(output, partition) is None for partition in todo):
        raise ClusterError(
            f"{output.address} lacks what workers wrote: they do not share it with this machine. "
            "Name a shared disk or an object store."
        )


def _tally_of(output: Place, partitions: list[Partition], todo: list[Partition]) -> Tally:
    """Count what an earlier run has done."""
    tally = Tally(sum(p.rows for p in partitions))
    earlier = [receipt_of(output, p) for p in partitions if p not in todo]
    tally.rows = tally.resumed = sum(rows for rows, _ in filter(None, earlier))
    tally.failed = sum(failed for _, failed in filter(None, earlier))
    return tally


def _files(sources: Sequence[str], output: Place) -> list[str]:
    """Return the addresses of all input files, none of which may lie in the output folder."""
    files = list(
        dict.fromkeys(f for source in sources for f in Place(source).files(tuple(FORMATS)))
    )
    folder = output.address.rstrip("/") + "/"
    for file in files:
        if file.startswith(folder) or output.address == file:
            raise ClusterError(
                f"The input {file} lies in the output folder {output.address}; name another."
            )
    for source in sources:
        if folder.startswith(Place(source).address.rstrip("/") + "/"):
            raise ClusterError(
                f"The output {output.address} lies inside the input folder {source}, where a later "
                "run would take it for an input; name a folder elsewhere."
            )
    return files


def _looked(files: Sequence[str], options: Options, most: int) -> list[dict[str, Any]]:
    """Return what a look at each file found, in their order, which the partitions' names tell.

    Tasks do it, since they hold nothing, and end in any order.

    Raises:
        ClusterError: the first fault.
    """
    dataset = _dataset([{"source": file} for file in files])
    looks = dataset.map_batches(
        partial(look, options=options),
        batch_size=1,
        batch_format="numpy",
        compute=ray.data.TaskPoolStrategy(size=most),
        num_cpus=1,
    )
    found = {look["source"]: look for look in _outcomes(looks)}
    return [found[file] for file in files]


def _scored(
    todo: Sequence[Partition], options: Options, output: Place, workers: Workers
) -> Iterator[dict[str, Any]]:
    """Give what a pool of actors makes of each partition.

    Raises:
        ClusterError: the first error of a partition, when no worker has anything to do.
    """
    if not todo:
        return
    most = min(workers.most, len(todo))
    pool = ray.data.ActorPoolStrategy(
        min_size=min(workers.fewest, most),
        max_size=most,
        max_tasks_in_flight_per_actor=2,  # a long queue at one actor would leave others idle
    )
    scored = _dataset(list(map(asdict, todo))).map_batches(
        PartitionScorer,
        batch_size=1,
        batch_format="numpy",
        compute=pool,
        num_cpus=1,
        fn_constructor_args=(options, output.address),
    )
    yield from _outcomes(scored)


def _dataset(items: Sequence[dict[str, Any]]) -> ray.data.Dataset:
    rows = [{COLUMN: json.dumps(item)} for item in items]
    return ray.data.from_items(rows, override_num_blocks=len(rows))


def _outcomes(dataset: ray.data.Dataset) -> Iterator[dict[str, Any]]:
    error = ""
    for row in dataset.iter_rows():
        outcome = json.loads(row[COLUMN])
        if "error" not in outcome:
            yield outcome
        error = error or outcome.get("error", "")
    if error:
        raise ClusterError(error)


@contextmanager
def _joined(workers: Workers) -> Iterator[None]:
    """Be in a cluster while inside: nothing leaves it, and Ray is silent.

    A process that has joined one itself stays in that.
    """
    if ray.is_initialized():
        _hush()
        yield
        return
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    more: dict[str, Any] = {}
    if workers.address == "local":
        more = {"num_cpus": workers.most, "include_dashboard": False}
    else:  # one try at a cluster that is gone, 40 seconds; Ray makes twenty
        os.environ.setdefault("RAY_gcs_server_port_wait_time_s", "1")
    try:
        ray.init(workers.address, log_to_driver=False, logging_level=logging.ERROR, **more)
    except (ConnectionError, ValueError, RuntimeError) as cause:
        reason = str(cause).strip().partition("\n")[0].rstrip(".")
        raise ClusterError(
            f"The cluster {workers.address} cannot be joined: {reason}. Start one with "
            "`ray start --head`, or leave --address out."
        ) from cause
    _hush()
    try:
        yield
    finally:
        ray.shutdown()


def _hush() -> None:
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.enable_operator_progress_bars = False
