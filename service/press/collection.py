"""From many articles to one table, a row a quote, as ``batch`` makes tables: durable part by part.

A part holds the quotes of some articles; parts are joined when all are there.
"""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from model.artifact import file_sha256
from model.errors import ToneError
from service.articles.syntax import Syntax
from service.corpus.errors import CorpusError
from service.corpus.files import check_target, format_of
from service.corpus.packed import pack, split_packing
from service.corpus.parts import Parts, Run
from service.corpus.rows import COLUMNS, Value, degrees_of, model_of
from service.press.records import ScoredQuote
from service.press.scoring import score_article
from service.press.source import read_source

if TYPE_CHECKING:  # importing the runtime takes longer than finding a fault in a file
    from model.scorer import ToneScorer

AT_ONCE = 20
"""Articles whose quotes are made durable together."""

QUOTE_COLUMNS: dict[str, type] = {
    "file": str,
    "number": int,
    "speaker": str,
    "cue": str,
    "kind": str,
    "start": int,
    "end": int,
    "quote": str,
}
"""The columns before the scores: the article, the quote's place and words in it, who says it."""

_UNSTATED = "Nothing is stated here, so there is no score."
_DELIMITERS = {"CSV": ",", "TSV": "\t"}

Row = list[Value]


@dataclass(frozen=True, slots=True)
class Reading:
    """How articles are read.

    Attributes:
        max_characters: longest article, in code points.
        max_quotes: most quotes of one that are scored.
        reader: name of what reads, as ``readers.syntax_of`` takes it.
        syntax: the parser that it has beside the rules, or None.
    """

    max_characters: int
    max_quotes: int
    reader: str = "rules"
    syntax: Syntax | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """How the table is written.

    Attributes:
        target: the output.
        form: name of its format.
    """

    target: Path
    form: str

    @property
    def columns(self) -> dict[str, type]:
        """Name and type of each column, in order."""
        return QUOTE_COLUMNS | COLUMNS

    def encode(self, rows: Sequence[Row]) -> bytes:
        """Return rows in the format, without what stands before the first."""
        if self.form == "Parquet":
            from service.corpus.parquet_output import file_of  # arro3 is not small

            return file_of(self.columns, rows)
        if self.form in _DELIMITERS:
            out = io.StringIO()
            csv.writer(out, delimiter=_DELIMITERS[self.form], lineterminator="\n").writerows(rows)
            return out.getvalue().encode()
        lines = (dict(zip(self.columns, row, strict=True)) for row in rows)
        return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()

    def join(self, parts: Iterator[bytes], sink: BinaryIO) -> None:
        """Write the parts to one file."""
        with pack(sink, split_packing(self.target)[1]) as packed:
            if self.form == "Parquet":
                from service.corpus.parquet_output import join_files

                join_files(next(parts), parts, packed)
                return
            if self.form in _DELIMITERS:
                packed.write(self.encode([list(self.columns)]))
            for part in parts:
                packed.write(part)


@dataclass(slots=True)
class Collected:
    """What became of the articles.

    Attributes:
        articles: how many there are.
        resumed: those of them that an earlier run had read.
        unread: those that could not be read or scored.
        quotes: how many quotes this run found.
    """

    articles: int
    resumed: int = 0
    unread: int = 0
    quotes: int = 0


def open_table(target: str, articles: Sequence[Path]) -> Table:
    """Check where the table is to go.

    Raises:
        CorpusError: an unknown suffix, or a place that cannot be written.
    """
    table = Table(Path(target).resolve(), format_of(target))
    for article in articles:
        check_target(table.target, article if article.exists() else None)
    return table


def collect(
    articles: Sequence[Path],
    table: Table,
    scorer: "ToneScorer",
    reading: Reading,
    restart: bool,
    tell: Callable[[ToneError], None],
) -> Collected:
    """Read and score articles and put a table of their quotes in place.

    Args:
        articles: their files, at least one.
        table: where to and how.
        scorer: gives the scores.
        reading: how they are read.
        restart: forget what an earlier run has done.
        tell: told why an article cannot be read; the others go on.

    Raises:
        CorpusError: the table cannot be written, or unfinished work is of another run.
    """
    found = Collected(len(articles))
    parts = Parts(table.target, _run_of(articles, table, scorer, reading))
    try:
        done, found.unread = parts.begin(restart)
        found.resumed = min(done * AT_ONCE, len(articles))
        for number, first in enumerate(range(found.resumed, len(articles), AT_ONCE), done):
            rows, unread = _rows(articles[first : first + AT_ONCE], scorer, reading, tell)
            parts.add(number, unread, table.encode(rows))
            found.unread += unread
            found.quotes += len(rows)
        parts.finish(table.join)
    finally:
        parts.close()
    return found


def _rows(
    articles: Sequence[Path],
    scorer: "ToneScorer",
    reading: Reading,
    tell: Callable[[ToneError], None],
) -> tuple[list[Row], int]:
    """Return the rows of some articles, and how many of these could not be read."""
    rows, unread, model = list[Row](), 0, model_of(scorer.artifact)
    limits = reading.max_characters, reading.max_quotes
    for path in articles:
        try:
            text = read_source(str(path), reading.max_characters)
            quotes = score_article(scorer, text, None, *limits, syntax=reading.syntax).quotes
        except ToneError as error:
            named = isinstance(error, CorpusError)  # these say the file themselves
            tell(error if named else CorpusError(f"{path}: {error}"))
            unread += 1
            continue
        rows += [_row(str(path), number, quote, model) for number, quote in enumerate(quotes)]
    return rows, unread


def _row(file: str, number: int, scored: ScoredQuote, model: str) -> Row:
    quote, tone = scored.quote, scored.tone
    speaker = (quote.speaker.resolved or quote.speaker.text) if quote.speaker else None
    place: Row = [file, number, speaker, quote.cue, quote.kind, quote.start, quote.end, quote.text]
    if tone is None:
        return [*place, *[None] * (len(COLUMNS) - 2), _UNSTATED, model]
    return [*place, *degrees_of(tone), ";".join(w.code for w in tone.warnings), model]


def _run_of(articles: Sequence[Path], table: Table, scorer: "ToneScorer", reading: Reading) -> Run:
    """Return what must be the same for a later run to go on with the parts of this one."""
    digest = hashlib.sha256()
    for path in articles:
        content = file_sha256(path) if path.is_file() else ""
        digest.update(f"{path}\0{content}\0".encode())
    return {
        "input": {"files": len(articles), "sha256": digest.hexdigest()},
        "options": {
            "format": table.form,
            "articles in a part": AT_ONCE,
            "limits": [reading.max_characters, reading.max_quotes],
            "reader": reading.reader,
        },
        "model": {"sha256": scorer.artifact.sha256},
    }
