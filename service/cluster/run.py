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
from typing import Any

import ray
import ray.data

from service.cluster.errors import ClusterError
from service.cluster.plan import Options, begin, partitions_of, receipt_of, run_of, tidy
from service.cluster.storage import Place
from service.cluster.worker import COLUMN, FileLooker, PartitionScorer
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
        ClusterError: an input, the output, the cluster or a worker cannot be used.
    """
    output = Place(target)
    files = _files(sources, output)
    with _joined(workers):
        looks = list(_mapped(FileLooker, [{"source": f} for f in files], workers, (options,)))
        partitions = partitions_of(looks, options.chunk)
        todo = begin(output, partitions, run_of(partitions, options), restart)
        earlier = [receipt_of(output, p) for p in partitions if p not in todo]
        tally = Tally(sum(p.rows for p in partitions))
        tally.rows = tally.resumed = sum(rows for rows, _ in filter(None, earlier))
        tally.failed = sum(failed for _, failed in filter(None, earlier))
        progress(tally.rows, tally.total)
        arguments = (options, output.address)
        for done in _mapped(PartitionScorer, list(map(asdict, todo)), workers, arguments):
            tally.rows += done["rows"]
            tally.failed += done["failed"]
            progress(tally.rows, tally.total)
    if any(receipt_of(output, partition) is None for partition in todo):
        raise ClusterError(
            f"{output.address} lacks what workers wrote: they do not share it with this machine. "
            "Name a shared disk or an object store."
        )
    tidy(output)
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


def _mapped(
    what: type[FileLooker] | type[PartitionScorer],
    items: Sequence[dict[str, Any]],
    workers: Workers,
    arguments: tuple[Any, ...],
) -> Iterator[dict[str, Any]]:
    """Give what a pool of actors makes of each item, in the items' order for those at hand.

    Raises:
        ClusterError: the first error of an item, when no worker has anything to do.
    """
    if not items:
        return
    most = min(workers.most, len(items))
    pool = ray.data.ActorPoolStrategy(
        min_size=min(workers.fewest, most),
        max_size=most,
        max_tasks_in_flight_per_actor=2,  # a long queue at one actor would leave others idle
    )
    rows = [{COLUMN: json.dumps(item)} for item in items]
    dataset = ray.data.from_items(rows, override_num_blocks=len(rows)).map_batches(
        what,
        batch_size=1,
        batch_format="numpy",
        compute=pool,
        num_cpus=1,
        fn_constructor_args=arguments,
    )
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
    """Be in a cluster while inside: nothing leaves it, and Ray is silent."""
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
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.enable_operator_progress_bars = False
    try:
        yield
    finally:
        ray.shutdown()
