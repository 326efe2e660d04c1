"""What runs on the workers: look at input files, and score partitions.

Both are functions over a batch of columns, as Ray Data's ``map_batches`` calls them; a column holds
JSON. Faults that a person can act on come back as ``error``, so that they arrive as our sentence.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from model.artifact import file_sha256
from model.errors import ToneError
from service.cluster.errors import ClusterError
from service.cluster.plan import Options, Partition
from service.cluster.storage import Place
from service.corpus.files import Ends, Job, open_ends
from service.corpus.packed import pack
from service.corpus.rows import ChunkScorer

COLUMN = "json"
"""The one column of what goes in and comes out."""

Batch = dict[str, npt.NDArray[Any]]


def look(batch: Batch, options: Options) -> Batch:
    """Read input files once: find their faults, count their rows, hash them.

    Args:
        batch: addresses.
        options: how they are read.

    Returns:
        ``rows``, ``bytes`` and ``sha256`` of each file, or its ``error``.
    """

    def one(given: Any) -> dict[str, Any]:  # noqa: ANN401 - out of JSON
        source = str(given["source"])
        with TemporaryDirectory() as scratch:
            path = Place(source).fetch(Path(scratch))
            with _addressed(path, source):
                rows = _ends(path, Path(scratch), options).reader.check()
                size, sha256 = path.stat().st_size, file_sha256(path)
        return {"source": source, "rows": rows, "bytes": size, "sha256": sha256}

    return _each(batch, one)


class PartitionScorer:
    """Holds a scorer, and makes one output file of each partition.

    Args:
        options: what decides the scores.
        output: address of the output folder.
    """

    def __init__(self, options: Options, output: str) -> None:
        self._options = options
        self._output = output
        self._chunks: ChunkScorer | None = None
        self._fault = ""

    def __call__(self, batch: Batch) -> Batch:
        """Return ``rows`` and ``failed`` of each partition, or its ``error``.

        After an error it does nothing more: a disk that is full would be so next time too.
        """
        return _each(batch, self._score_or_stop)

    def _score_or_stop(self, given: Any) -> dict[str, Any]:  # noqa: ANN401 - out of JSON
        if self._fault:
            raise ClusterError(self._fault)
        try:
            return self._score(given)
        except ToneError as error:
            self._fault = str(error)
            raise

    def _score(self, given: Any) -> dict[str, Any]:  # noqa: ANN401 - out of JSON
        partition, output = Partition(**given), Place(self._output)
        self._chunks = chunks = self._chunks or _load(self._options)
        tally = _Tally()
        with TemporaryDirectory() as scratch:
            path = Place(partition.source).fetch(Path(scratch))
            with _addressed(path, partition.source):
                _require_same(path, partition)
                ends = _ends(path, Path(scratch), self._options)

                def write(stream: BinaryIO) -> None:
                    with pack(stream, ends.packing) as packed:
                        ends.writer.join(self._encoded(chunks, ends, partition, tally), packed)
                    _require_same(path, partition)

                output.child(partition.name).put(write, Path(scratch))
        done = {"rows": tally.rows, "failed": tally.failed}
        size = output.child(partition.name).size()
        receipt = done | {"bytes": size, "source": partition.source, "first": partition.first}
        partition.receipt(output).write(json.dumps(receipt).encode())
        return done

    def _encoded(
        self, scorer: ChunkScorer, ends: Ends, partition: Partition, tally: "_Tally"
    ) -> Iterator[bytes]:
        """Score chunk by chunk, as a run of one machine does."""
        size = self._options.chunk
        chunks = ends.reader.chunks(size, partition.first // size)
        for chunk in islice(chunks, -(-partition.rows // size)):
            additions, failed = scorer.additions(chunk)
            tally.rows += len(additions)
            tally.failed += failed
            yield ends.writer.encode(chunk, additions)


class _Tally:
    rows = 0
    failed = 0


@contextmanager
def _addressed(path: Path, address: str) -> Iterator[None]:
    """Name the address, not this machine's copy, in a sentence about a file."""
    try:
        yield
    except ToneError as error:
        raise ClusterError(str(error).replace(str(path), address)) from error


def _each(batch: Batch, do: Callable[[Any], dict[str, Any]]) -> Batch:
    found = []
    for given in batch[COLUMN]:
        try:
            outcome = do(json.loads(str(given)))
        except ToneError as error:
            outcome = {"error": str(error)}
        found.append(json.dumps(outcome))
    return {COLUMN: np.array(found)}


def _require_same(path: Path, partition: Partition) -> None:
    if file_sha256(path) != partition.sha256:
        raise ClusterError(
            f"{path} was changed since the run began; run the command again, with --restart if "
            "its rows are others now."
        )


def _ends(path: Path, scratch: Path, options: Options) -> Ends:
    target = scratch / f"scored-{path.name}"
    return open_ends(
        Job(
            str(path),
            str(target),
            options.column,
            options.by_sentence,
            options.encoding,
            options.delimiter,
            options.document,
        )
    )


def _load(options: Options) -> ChunkScorer:
    """Load the scorer, on one processor, and check that it is the driver's."""
    from model.scorer import ToneScorer

    node = os.uname().nodename
    try:
        scorer = ToneScorer.load(options.artifact, threads=1, max_characters=options.max_characters)
    except ToneError as error:
        raise ClusterError(f"On the worker {node}: {error}") from error
    if scorer.artifact.sha256 != options.sha256:
        scorer.close()
        raise ClusterError(
            f"The model in {options.artifact} on the worker {node} is not the one here: its hash "
            f"is {scorer.artifact.sha256[:12]}, not {options.sha256[:12]}. Copy this folder there."
        )
    return ChunkScorer(scorer, options.column, options.by_sentence, options.document)
