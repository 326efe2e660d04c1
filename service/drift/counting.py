"""Counts the rows of a scored file, in chunks, into the same histograms as the reference."""

import json
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.artifact import TOKENIZER, Artifact
from model.encoder import TextEncoder
from model.errors import ToneError
from model.familiarity import SURPRISAL, read_surprisal
from model.reference import EDGES, NOT_ENGLISH, Counting, Measure, Reference
from model.scores import SCALES
from service.corpus.columns import listed
from service.corpus.files import open_source

NEEDED = (*SCALES, "tone_warnings", "tone_model")
"""Columns that ``diplotone batch`` writes and that are read here."""
HASH = 12
"""Digits of the artifact's hash in ``tone_model``."""
_AT_ONCE = 500

Row = dict[str, Any]
Edges = Mapping[Measure, tuple[float, ...]]


class DriftError(ToneError):
    """These files cannot be compared."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A file, counted.

    Attributes:
        reference: its histograms.
        unscored: rows without scores, which are left out.
    """

    reference: Reference
    unscored: int


class ScoredFile:
    """A file that ``diplotone batch`` wrote.

    Args:
        path: CSV, TSV, JSON Lines or Parquet.
        column: name of the quote's column.
        encoding: of a text file.
    """

    def __init__(self, path: Path, column: str, encoding: str) -> None:
        self.path = path
        self._column = column
        self._reader = open_source(path, column, encoding)

    def check(self) -> None:
        """Read it once, and raise CorpusError at the first fault."""
        self._reader.check()

    def count(self, artifact: Artifact, edges: Edges = EDGES) -> Counted:
        """Count its rows.

        Args:
            artifact: the one that scored it; its tokenizer tells lengths and surprisal.
            edges: the bins.

        Raises:
            DriftError: it was not scored, by another artifact, or has a score that is none.
            CorpusError: it cannot be read.
        """
        encoder = TextEncoder.load(artifact.folder / TOKENIZER, artifact.manifest.window_tokens)
        surprisal = None
        if artifact.manifest.familiarity:
            surprisal = read_surprisal(artifact.folder / SURPRISAL, encoder.vocabulary)
        counting, rows, unscored = Counting(edges), 0, 0
        with closing(self._chunks()) as chunks:
            for first, chunk in chunks:
                scored = [r for i, r in enumerate(chunk, first) if self._is_scored(r, i, artifact)]
                rows += len(scored)
                unscored += len(chunk) - len(scored)
                counting.add_texts(self._texts(scored), encoder, surprisal)
                counting.add("language", [float(_is_foreign(row)) for row in scored])
                for scale in SCALES:
                    counting.add(scale, [row[scale] for row in scored])
        if not rows:
            raise DriftError(f"{self.path} has no row with scores; there is nothing to compare.")
        return Counted(counting.reference(rows), unscored)

    def _chunks(self) -> Generator[tuple[int, list[Row]], None, None]:
        """Give the rows with the number of the first of them, counted from 1."""
        first = 1
        for chunk in self._reader.chunks(_AT_ONCE):
            rows = [json.loads(text) for text in chunk.objects()]
            yield first, rows
            first += len(rows)

    def _is_scored(self, row: Row, number: int, artifact: Artifact) -> bool:
        """Check a row and turn its scores into numbers; tell whether it has them."""
        if missing := [name for name in NEEDED if name not in row]:
            raise DriftError(
                f"{self.path}, row {number}: no column {listed(missing)}, which `diplotone batch` "
                "writes; score the file first: diplotone batch INPUT -o OUTPUT."
            )
        self._check_model(str(row["tone_model"]), artifact)
        if any(row[scale] in (None, "") for scale in SCALES):
            return False
        for scale in SCALES:
            row[scale] = self._degree(row[scale], number, scale)
        return True

    def _check_model(self, model: str, artifact: Artifact) -> None:
        if model.rpartition(" ")[2] != artifact.sha256[:HASH]:
            raise DriftError(
                f"{self.path} was scored by {model or 'an unnamed model'}, and the artifact here "
                f"is {named(artifact)} {artifact.sha256[:HASH]}: name the one that scored the "
                "file with --artifact, or score it again."
            )

    def _degree(self, value: object, number: int, scale: str) -> float:
        try:
            score = float(str(value))
        except ValueError:
            score = -1.0
        if not 0 <= score <= 1:  # false for NaN too
            raise DriftError(
                f"{self.path}, row {number}, column {scale}: {value!r} is no score from 0 to 1."
            )
        return score

    def _texts(self, rows: list[Row]) -> list[str]:
        try:
            return [self._text(row) for row in rows]
        except ValueError as cause:
            raise DriftError(f"{self.path}: tone_start and tone_end hold no numbers.") from cause

    def _text(self, row: Row) -> str:
        """Return the text that was scored: the quote, or a sentence of it."""
        text = str(row[self._column])
        ends = [row.get(name) for name in ("tone_start", "tone_end")]
        if None in ends or "" in ends:
            return text
        start, end = (int(float(str(value))) for value in ends)
        return text[start:end]


def named(artifact: Artifact) -> str:
    """Return name and version of an artifact."""
    return f"{artifact.manifest.name} {artifact.manifest.version}"


def _is_foreign(row: Row) -> bool:
    return bool(NOT_ENGLISH & set(str(row["tone_warnings"] or "").split(";")))
