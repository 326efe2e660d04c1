"""One run over one file: check the input, then read, score and write chunk by chunk.

A file written from a file goes through durable parts. Standard input cannot be read twice, so its
output is put in place only when it is whole; standard output is flushed after each chunk.
"""

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from model.artifact import file_sha256
from service.corpus.ahead import scored_ahead, scored_each
from service.corpus.errors import CorpusError, unwritable
from service.corpus.files import Ends, Job, format_of, open_ends
from service.corpus.packed import pack
from service.corpus.parts import Parts, Run, put_in_place
from service.corpus.receipt import Receipt
from service.corpus.rows import ChunkScorer

if TYPE_CHECKING:
    from model.scorer import ToneScorer

CHUNK_ROWS = 500
"""Rows scored in one call and made durable together; a few seconds of work."""

CHUNK_DOCUMENTS = 20
"""The same where each row is a document, which takes as long as dozens of quotes."""

LAYOUT = 1
"""Version of what parts hold; a run of another layout is not gone on with."""

Progress = Callable[[int, int | None, int], None]
"""Told the rows done so far, how many there are if that is known, and those that failed."""


@dataclass(slots=True)
class Tally:
    """How far a run is.

    Attributes:
        total: rows of the input, or None while it is not known.
        rows: rows done, with those of an earlier run.
        failed: those of them that could not be scored.
        resumed: rows that an earlier run had done.
        durable: whether what is done survives, so that the run can go on later.
        note: how the input is read, where that is not as its suffix says.
        earlier: whether an earlier run had finished, so that there was nothing to do.
    """

    total: int | None = None
    rows: int = 0
    failed: int = 0
    resumed: int = 0
    durable: bool = False
    note: str = ""
    earlier: bool = False


@dataclass(slots=True)
class CorpusRun:
    """A run from its check to its output.

    Attributes:
        job: what to score and where to put it.
        progress: told after each chunk.
        receipt: where to keep what the finished output is made of, so that the same run need not
            be done again; None for a run of one file, which is.
        tally: how far it is, readable at any moment.
    """

    job: Job
    progress: Progress
    receipt: Path | None = None
    tally: Tally = field(default_factory=Tally)
    _ends: Ends = field(init=False)
    _stat: tuple[int, int] | None = field(init=False, default=None)

    def check(self) -> None:
        """Read the input once and find its faults; standard input is not touched.

        Raises:
            CorpusError: one sentence, before anything was written or scored.
        """
        self._ends = open_ends(self.job)
        self.tally.note = self._ends.note
        if self._ends.source:
            self._stat = _stamp(self._ends.source)
            self.tally.total = self._ends.reader.check()

    def score(self, scorer: "ToneScorer", restart: bool = False) -> Tally:
        """Score every row and put the output in place.

        Args:
            scorer: the scorer.
            restart: forget what an earlier run of the same kind has done.

        Raises:
            CorpusError: standard input is broken, the input changed, or the output cannot be
                written; nothing is left half-written.
        """
        job = self.job
        chunks = ChunkScorer(scorer, job.column, job.by_sentence, job.document)
        if self._ends.target is None:
            self._to_standard_output(chunks)
        elif self._ends.source is None:
            put_in_place(self._ends.target, lambda stream: self._packed(chunks, stream))
        else:
            self._through_parts(chunks, self._ends.source, self._ends.target, restart)
        return self.tally

    def _to_standard_output(self, scorer: ChunkScorer) -> None:
        try:
            self._to_stream(scorer, sys.stdout.buffer)
        except BrokenPipeError:
            raise  # the reader has seen enough
        except OSError as cause:
            raise unwritable("standard output", cause) from cause

    def _packed(self, scorer: ChunkScorer, stream: BinaryIO) -> None:
        with pack(stream, self._ends.packing) as packed:
            self._to_stream(scorer, packed)

    def _to_stream(self, scorer: ChunkScorer, stream: BinaryIO) -> None:
        stream.write(self._ends.writer.header())
        chunks = self._ends.reader.chunks(self._size)
        # Who writes to standard input may wait for the answer before sending more.
        scored = scored_ahead if self._ends.source else scored_each
        for chunk, (additions, failed) in scored(scorer.additions, chunks):
            stream.write(self._ends.writer.encode(chunk, additions))
            stream.flush()
            self._advance(len(additions), failed)
        self._check_unchanged()

    def _through_parts(
        self, scorer: ChunkScorer, source: Path, target: Path, restart: bool
    ) -> None:
        run = self._run_of(scorer, source)
        receipt = Receipt(self.receipt, target, run) if self.receipt else None
        if receipt and not restart and self._was_done(receipt):
            return
        parts, size = Parts(target, run), self._size
        try:
            done, self.tally.failed = parts.begin(restart)
            self.tally.rows = self.tally.resumed = min(done * size, self.tally.total or 0)
            self.tally.durable = True
            self.progress(self.tally.rows, self.tally.total, self.tally.failed)
            scored = scored_ahead(scorer.additions, self._ends.reader.chunks(size, done))
            for number, (chunk, (additions, failed)) in enumerate(scored, done):
                parts.add(number, failed, self._ends.writer.encode(chunk, additions))
                self._advance(len(additions), failed)
            self._check_unchanged()
            parts.finish(self._join, lambda: self._keep(receipt))
        finally:
            parts.close()

    def _join(self, parts: Iterator[bytes], stream: BinaryIO) -> None:
        with pack(stream, self._ends.packing) as packed:
            self._ends.writer.join(parts, packed)

    def _was_done(self, receipt: Receipt) -> bool:
        """Tell whether the same run has finished before, and count its rows."""
        if not (done := receipt.read()):
            return False
        tally = self.tally
        tally.rows, tally.failed = done
        tally.resumed, tally.earlier, tally.durable = tally.rows, True, True
        return True

    def _keep(self, receipt: Receipt | None) -> None:
        if receipt:
            receipt.write(self.tally.rows, self.tally.failed)

    @property
    def _size(self) -> int:
        return _size_of(self.job)

    def _advance(self, rows: int, failed: int) -> None:
        self.tally.rows += rows
        self.tally.failed += failed
        self.progress(self.tally.rows, self.tally.total, self.tally.failed)

    def _run_of(self, scorer: ChunkScorer, source: Path) -> Run:
        """Return what must be the same for a later run to go on with the parts of this one."""
        source_facts = {"bytes": source.stat().st_size, "sha256": file_sha256(source)}
        return {"input": source_facts, **kind_of(self.job, scorer.scorer)}

    def _check_unchanged(self) -> None:
        source = self._ends.source
        if source and _stamp(source) != self._stat:
            raise CorpusError(
                f"{source} was changed while it was being scored; run the command again, "
                "with --restart if its rows are others now."
            )


def kind_of(job: Job, scorer: "ToneScorer") -> Run:
    """Return options and model of a run, which are the same for every file of a folder.

    Raises:
        CorpusError: a suffix tells no format.
    """
    return {
        "options": {
            "--column": job.column,
            "--sentences": job.by_sentence,
            "--encoding": job.encoding,
            "--delimiter": job.delimiter,
            "--unit": "document" if job.document else None,
            "formats": [format_of(job.source), format_of(job.target)],
            "DIPLOTONE_MAX_CHARACTERS": scorer.max_characters,
            "chunk": _size_of(job),
            "layout": LAYOUT,
        },
        "model": {"sha256": scorer.artifact.sha256},
    }


def _size_of(job: Job) -> int:
    return CHUNK_DOCUMENTS if job.document else CHUNK_ROWS


def _stamp(path: Path) -> tuple[int, int]:
    """Return size and time of change, which tell whether a file was written to."""
    try:
        found = os.stat(path)  # noqa: PTH116 - one call for both
    except OSError as cause:
        raise CorpusError(f"{path} cannot be read: {cause.strerror}.") from cause
    return found.st_size, found.st_mtime_ns
