"""From the quotes of a chunk to the new columns, and what a chunk is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypeVar

from model.errors import QuoteError, ScoringError
from model.scores import DECIMALS, SCALES, Scale, ToneScore
from model.text import check

if TYPE_CHECKING:  # importing the runtime takes longer than finding a fault in a file
    from model.scorer import ToneScorer

Value = str | float | int | None
"""One new field; None where there is no score."""

Addition = tuple[Value, ...]
"""The new fields of one row of the output, in the order of ``new_columns``."""

COLUMNS: dict[str, type] = {
    "hostility": float,
    "hostility_low": float,
    "hostility_high": float,
    "formality": float,
    "formality_low": float,
    "formality_high": float,
    "tone_warnings": str,
    "tone_model": str,
}
SENTENCE_COLUMNS: dict[str, type] = {"tone_row": int, "tone_start": int, "tone_end": int}

_DEGREES = 6  # the first six columns


class Absent:
    """Stands for the quote of a row that has no such field."""


class Chunk(Protocol):
    """Some rows of the input, in the form of its format."""

    @property
    def first(self) -> int:
        """Position in the input of the chunk's first row, from 0."""
        ...

    @property
    def quotes(self) -> Sequence[object]:
        """What the column holds, one a row; anything but text cannot be scored."""
        ...

    def objects(self) -> Iterator[str]:
        """Give each row as the text of a JSON object."""
        ...


Given = TypeVar("Given", bound=Chunk, covariant=True)
Taken = TypeVar("Taken", bound=Chunk, contravariant=True)


class Reader(Protocol[Given]):
    """An input file or standard input."""

    def check(self) -> int:
        """Read it once, count its rows, and raise CorpusError at the first fault."""
        ...

    def chunks(self, size: int, skip: int = 0) -> Iterator[Given]:
        """Give the rows in chunks of ``size``, leaving out the first ``skip`` chunks."""
        ...


class Writer(Protocol[Taken]):
    """Turns scored chunks into the bytes of the output."""

    def header(self) -> bytes:
        """Return what stands before the first row."""
        ...

    def encode(self, chunk: Taken, additions: Sequence[Sequence[Addition]]) -> bytes:
        """Return a chunk's rows with their new fields, one output row for each addition."""
        ...

    def join(self, parts: Iterator[bytes], sink: BinaryIO) -> None:
        """Write header and parts to one file."""
        ...


def new_columns(by_sentence: bool) -> dict[str, type]:
    """Return name and type of each column that scoring adds, in order."""
    return COLUMNS | SENTENCE_COLUMNS if by_sentence else COLUMNS


@dataclass(frozen=True, slots=True)
class ChunkScorer:
    """Scores the quotes of a chunk in one call.

    Attributes:
        scorer: the scorer.
        column: name of the quote's column, for the reasons.
        by_sentence: one addition for each sentence instead of one for each row.
    """

    scorer: "ToneScorer"
    column: str
    by_sentence: bool

    @property
    def model(self) -> str:
        """What ``tone_model`` holds: name, version, start of the hash."""
        manifest = self.scorer.manifest
        return f"{manifest.name} {manifest.version} {self.scorer.artifact.sha256[:12]}"

    def additions(self, chunk: Chunk) -> tuple[list[list[Addition]], int]:
        """Return the additions of each row, and how many rows could not be scored."""
        given = chunk.quotes
        outcomes: list[ToneScore | str] = [self._reason(quote) or "" for quote in given]
        sound = [i for i, reason in enumerate(outcomes) if not reason]
        scores = self._scores([str(given[i]) for i in sound])
        for i, outcome in zip(sound, scores, strict=True):
            outcomes[i] = outcome
        rows = [
            self._row(outcome, str(quote), chunk.first + i)
            for i, (outcome, quote) in enumerate(zip(outcomes, given, strict=True))
        ]
        return rows, sum(isinstance(outcome, str) for outcome in outcomes)

    def _reason(self, quote: object) -> str | None:
        """Return why a quote cannot be scored, or None."""
        if isinstance(quote, Absent):
            return f'The row has no field "{self.column}".'
        try:
            check(quote, self.scorer.max_characters)
        except QuoteError as error:
            return str(error)
        return None

    def _scores(self, quotes: list[str]) -> list[ToneScore | str]:
        try:
            return list(self.scorer.score(quotes, sentences=self.by_sentence))
        except (QuoteError, ScoringError) as error:
            if len(quotes) == 1:
                return [str(error)]
        # One quote on which the network fails must not take the others with it.
        return [self._scores([quote])[0] for quote in quotes]

    def _row(self, outcome: ToneScore | str, quote: str, row: int) -> list[Addition]:
        if isinstance(outcome, str):
            empty: Addition = (*[None] * _DEGREES, outcome, self.model)
            return [(*empty, row, None, None) if self.by_sentence else empty]
        warnings = ";".join(warning.code for warning in outcome.warnings)
        whole = (outcome.hostility, outcome.formality)
        degrees = [value for d in whole for value in (d.score, d.low, d.high)]
        if not self.by_sentence:
            return [(*degrees, warnings, self.model)]
        if not outcome.sentences:
            return [(*degrees, warnings, self.model, row, 0, len(quote))]
        return [
            (*self._degrees(s.hostility, s.formality), warnings, self.model, row, s.start, s.end)
            for s in outcome.sentences
        ]

    def _degrees(self, *scores: float) -> Iterator[float]:
        """Give score, low and high of each scale for a sentence."""
        scale: Scale
        for scale, score in zip(SCALES, scores, strict=True):
            low, high = self.scorer.manifest.calibration.interval(scale, score)
            yield from (score, round(low, DECIMALS), round(high, DECIMALS))
