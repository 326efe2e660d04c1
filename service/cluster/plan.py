"""What a run is made of: its input files, cut into partitions, and which of them are done.

In the output folder, ``_diplotone/run.json`` is written first and says what the run is made of.
Each partition becomes a file of its own and then has a receipt, ``_diplotone/<its name>.json``; one
without a receipt counts as not done. So a run that is killed at any moment goes on with the rest.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

from service.cluster.claim import CLAIM
from service.cluster.errors import ClusterError
from service.cluster.storage import Place
from service.corpus.parts import Run, changed

NOTES = "_diplotone"
"""Folder in the output's folder; the underscore hides it from what reads folders of Parquet."""

PARTITION_CHUNKS = 40
"""Chunks of one partition, 20,000 rows: half a minute of one processor."""

_RUN = "run.json"


@dataclass(frozen=True, slots=True)
class Options:
    """What decides the scores, given to every worker.

    Attributes:
        column: name of the quote's column.
        by_sentence: one row a sentence.
        encoding: of a text input.
        delimiter: of a CSV or TSV input; None to find out.
        document: each row is a document.
        artifact: folder of the model on every worker.
        sha256: hash that the artifact must have there.
        max_characters: longest quote, in code points.
        chunk: rows scored in one call.
    """

    column: str
    by_sentence: bool
    encoding: str
    delimiter: str | None
    document: bool
    artifact: str
    sha256: str
    max_characters: int
    chunk: int


@dataclass(frozen=True, slots=True)
class Partition:
    """Rows of one input file that one output file holds.

    Attributes:
        name: of the output file.
        source: address of the input file.
        first: position of its first row there, from 0; a multiple of the chunk.
        rows: how many rows.
        bytes: size that the input file had when the run was planned.
        sha256: hash that it had.
    """

    name: str
    source: str
    first: int
    rows: int
    bytes: int
    sha256: str

    def receipt(self, output: Place) -> Place:
        """Return where its receipt lies."""
        return output.child(f"{NOTES}/{self.name}.json")


def partitions_of(looks: list[dict[str, Any]], chunk: int) -> list[Partition]:
    """Cut input files into partitions.

    Args:
        looks: address (``source``), ``rows``, ``bytes`` and ``sha256`` of each file, in order.
        chunk: rows scored in one call.
    """
    size, found = chunk * PARTITION_CHUNKS, list[Partition]()
    for look in looks:
        for first in range(0, look["rows"], size) or [0]:
            name = f"part-{len(found):05d}-{PurePosixPath(look['source']).name}"
            rows = min(size, look["rows"] - first)
            facts = (look["source"], first, rows, look["bytes"], look["sha256"])
            found.append(Partition(name, *facts))
    return found


def run_of(partitions: list[Partition], options: Options) -> Run:
    """Return what must be the same for a later run to go on with this one."""
    files = {p.source: {"bytes": p.bytes, "sha256": p.sha256} for p in partitions}
    kept = ("encoding", "chunk", "column", "delimiter")
    return {
        "input": {"files": files},
        "options": {f"--{name}": getattr(options, name) for name in kept}
        | {
            "--sentences": options.by_sentence,
            "--unit": "document" if options.document else "quote",
            "DIPLOTONE_MAX_CHARACTERS": options.max_characters,
            "partition": options.chunk * PARTITION_CHUNKS,
        },
        "model": {"sha256": options.sha256},
    }


def require_no_others(output: Place) -> None:
    """Check that a folder holds nothing, or a run.

    Raises:
        ClusterError: it holds files of somebody else.
    """
    if output.names() in ([], [NOTES]) or output.child(f"{NOTES}/{_RUN}").read() is not None:
        return
    raise ClusterError(
        f"{output.address} holds files that are of no run; name a new folder for the output."
    )


def begin(
    output: Place, partitions: list[Partition], run: Run, restart: bool
) -> tuple[list[Partition], list[Partition]]:
    """Note what the run is made of, or compare with the run that is there.

    Returns:
        All partitions, those of the earlier run where there is one, since its files have their
        names; and those that are still to do.

    Raises:
        ClusterError: the folder holds another run.
    """
    note = output.child(f"{NOTES}/{_RUN}")
    before = note.read()
    if before is not None and restart:
        _forget(output, note)
        before = None
    if before is None:
        content = run | {"partitions": [asdict(partition) for partition in partitions]}
        output.child(NOTES).make()
        note.write(json.dumps(content, indent=2).encode())
        return partitions, partitions
    if words := changed(before, run, _RUN):
        raise ClusterError(
            f"{output.address} holds the work of a run, but {words} since; add --restart to throw "
            "it away and begin anew, or name another folder."
        )
    noted = [Partition(**partition) for partition in json.loads(before)["partitions"]]
    return noted, [partition for partition in noted if receipt_of(output, partition) is None]


def receipt_of(output: Place, partition: Partition) -> tuple[int, int] | None:
    """Return rows of a finished partition and how many could not be scored; None if not done."""
    content = partition.receipt(output).read()
    if content is None:
        return None
    try:
        kept = json.loads(content)
        rows, failed, size = int(kept["rows"]), int(kept["failed"]), int(kept["bytes"])
    except (ValueError, KeyError, TypeError):
        return None  # then it is not known, and the partition is done again
    return (rows, failed) if output.child(partition.name).size() == size else None


def tidy(output: Place) -> None:
    """Remove the unfinished files that killed workers left."""
    for name in output.names():
        if name.startswith(".part-"):
            output.child(name).remove()


def _forget(output: Place, note: Place) -> None:
    """Remove what our runs wrote; the note last, so that a kill in between is no mixture."""
    notes = output.child(NOTES)
    for name in notes.names():
        if name not in (_RUN, CLAIM):
            notes.child(name).remove()
    for name in output.names():
        if name.startswith(("part-", ".part-")):
            output.child(name).remove()
    note.remove()
