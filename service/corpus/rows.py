"""From the quotes of a chunk to the new columns, and what a chunk is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypeVar

from model.errors import QuoteError, ScoringError
from model.long import joined, parts_of
from model.scores import DECIMALS, SCALES, Scale, ToneScore
from model.text import check

if TYPE_CHECKING:  # importing the runtime takes longer than finding a fault in a file
    from model.artifact import Artifact
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
DOCUMENT_COLUMNS: dict[str, type] = {
    "tone_sentences": int,
    "tone_peak": float,
    "tone_peak_start": int,
    "tone_peak_end": int,
}
"""How many sentences a document has, and the highest hostility of one with its range."""

MAX_DOCUMENT_CHARACTERS = 1_000_000
"""Longest document, in code points: that of a long book. More in one field is a broken file."""

_DEGREES = 6  # the first six columns
_WORDLESS = "The document holds neither a letter nor a digit."


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


def new_columns(by_sentence: bool, document: bool = False) -> dict[str, type]:
    """Return name and type of each column that scoring adds, in order.

    Args:
        by_sentence: the output has a row for each sentence, which wins.
        document: each row is a document.
    """
    if by_sentence:
        return COLUMNS | SENTENCE_COLUMNS
    return COLUMNS | DOCUMENT_COLUMNS if document else COLUMNS


def model_of(artifact: "Artifact") -> str:
    """Return what ``tone_model`` holds: name, version, start of the hash."""
    return f"{artifact.manifest.name} {artifact.manifest.version} {artifact.sha256[:12]}"


@dataclass(frozen=True, slots=True)
class ChunkScorer:
    """Scores the quotes of a chunk in one call.

    Attributes:
        scorer: the scorer.
        column: name of the quote's column, for the reasons.
        by_sentence: one addition for each sentence instead of one for each row.
        document: each row is a document; the scorer's limit of characters does not hold.
    """

    scorer: "ToneScorer"
    column: str
    by_sentence: bool
    document: bool = False

    @property
    def model(self) -> str:
        """What ``tone_model`` holds."""
        return model_of(self.scorer.artifact)

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
            limit = MAX_DOCUMENT_CHARACTERS if self.document else self.scorer.max_characters
            check(quote, limit)
        except QuoteError as error:
            return str(error)
        return None

    def _scores(self, quotes: list[str]) -> list[ToneScore | str]:
        try:
            return self._scored(quotes)
        except (QuoteError, ScoringError) as error:
            if len(quotes) == 1:
                return [str(error)]
        # One quote on which the network fails must not take the others with it.
        return [self._scores([quote])[0] for quote in quotes]

    def _scored(self, quotes: list[str]) -> list[ToneScore | str]:
        """Score in one call; what is longer than the scorer takes, in parts."""
        cut = [parts_of(quote, self.scorer.max_characters) for quote in quotes]
        texts = [q[start:end] for q, parts in zip(quotes, cut, strict=True) for start, end in parts]
        found = iter(self.scorer.score(texts, sentences=self.by_sentence or self.document))
        return [joined([next(found) for _ in parts], parts) or _WORDLESS for parts in cut]

    def _row(self, outcome: ToneScore | str, quote: str, row: int) -> list[Addition]:
        if isinstance(outcome, str):
            empty: Addition = (*[None] * _DEGREES, outcome, self.model)
            if self.by_sentence:
                return [(*empty, row, None, None)]
            return [(*empty, *[None] * len(DOCUMENT_COLUMNS))] if self.document else [empty]
        warnings = ";".join(warning.code for warning in outcome.warnings)
        whole: Addition = (*degrees_of(outcome), warnings, self.model)
        if not self.by_sentence:
            return [(*whole, *_peak(outcome, quote))] if self.document else [whole]
        if not outcome.sentences:
            return [(*whole, row, 0, len(quote))]
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


def degrees_of(score: ToneScore) -> list[float]:
    """Return the first columns of a score: score, low and high of both scales."""
    whole = (score.hostility, score.formality)
    return [value for degree in whole for value in (degree.score, degree.low, degree.high)]


def _peak(score: ToneScore, document: str) -> Addition:
    """Return the columns of a document: its sentences, and the first of the most hostile ones."""
    if not score.sentences:
        return 1, score.hostility.score, 0, len(document)
    peak = max(score.sentences, key=lambda sentence: sentence.hostility)
    return len(score.sentences), peak.hostility, peak.start, peak.end
