"""The two ends of a run: which files, in which formats, and whether they can be used at all."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.corpus.delimited import DelimitedReader, DelimitedWriter
from service.corpus.errors import CorpusError
from service.corpus.jsonlines import JsonReader, JsonWriter
from service.corpus.lines import TextSource, known_encoding
from service.corpus.rows import Reader, Writer, new_columns

STANDARD = "-"
"""Names standard input or standard output, as JSON Lines."""

FORMATS = {
    ".csv": "CSV",
    ".tsv": "TSV",
    ".jsonl": "JSON Lines",
    ".ndjson": "JSON Lines",
    ".parquet": "Parquet",
}
_DELIMITERS = {"CSV": ",", "TSV": "\t"}


@dataclass(frozen=True, slots=True)
class Job:
    """What to score and where to put it.

    Attributes:
        source: path of the input, or ``-``.
        target: path of the output, or ``-``.
        column: name of the quote's column.
        by_sentence: one row a sentence instead of one a quote.
        encoding: of a text input; Parquet has none.
    """

    source: str
    target: str
    column: str = "quote"
    by_sentence: bool = False
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class Ends:
    """An input and an output that fit each other.

    Attributes:
        source: path of the input; None for standard input.
        target: path of the output, links followed; None for standard output.
        formats: names of the two formats.
    """

    source: Path | None
    target: Path | None
    formats: tuple[str, str]
    reader: Reader[Any]
    writer: Writer[Any]


def open_ends(job: Job) -> Ends:
    """Check both paths and return what reads and what writes.

    Raises:
        CorpusError: an unknown suffix, no such file, an output that cannot be written, two formats
            that do not fit, or an unknown encoding.
    """
    formats = _format(job.source), _format(job.target)
    source = None if job.source == STANDARD else Path(job.source)
    target = None if job.target == STANDARD else Path(job.target).resolve()
    if source:
        _check_source(source)
    if target:
        check_target(target, source)
    if formats[0] != formats[1] and formats[1] != "JSON Lines":
        raise CorpusError(
            f"{formats[0]} cannot be written as {formats[1]} with every column kept: give the "
            f"output the input's suffix, or .jsonl, which takes every format."
        )
    reader = _reader(job, formats, source)
    return Ends(source, target, formats, reader, _writer(job, formats, reader))


def _format(path: str) -> str:
    if path == STANDARD:
        return "JSON Lines"
    suffix = Path(path).suffix
    if suffix.lower() not in FORMATS:
        raise CorpusError(
            f"{path}: the suffix tells the format, and {suffix or 'no suffix'!r} is none of "
            f"{', '.join(FORMATS)}; {STANDARD} is JSON Lines on standard input or output."
        )
    return FORMATS[suffix.lower()]


def _check_source(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except OSError as cause:
        raise CorpusError(f"{path} cannot be read: {cause.strerror}.") from cause
    if stat.S_ISDIR(mode):
        raise CorpusError(f"{path} is a folder; name one file.")
    if not stat.S_ISREG(mode):
        raise CorpusError(f"{path} is no regular file; pipe JSON Lines into {STANDARD} instead.")


def check_target(path: Path, source: Path | None) -> None:
    """Find out whether a file can be put there: written beside its place, then renamed.

    Args:
        path: where to.
        source: what must not be overwritten.

    Raises:
        CorpusError: it cannot.
    """
    if path.is_dir():
        raise CorpusError(f"{path} is a folder; name a file in it.")
    if path.exists() and not path.is_file():
        raise CorpusError(f"{path} is no regular file; name one.")
    folder = path.absolute().parent
    if not folder.is_dir():
        raise CorpusError(f"The folder {folder} does not exist; make it first.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise CorpusError(f"The folder {folder} is not writable; choose another.")
    if source and path.exists() and path.samefile(source):
        raise CorpusError(f"{path} is the input itself; name another file for the output.")


def _reader(job: Job, formats: tuple[str, str], source: Path | None) -> Reader[Any]:
    new = list(new_columns(job.by_sentence))
    unique = formats[0] != formats[1]
    encoding = known_encoding(job.encoding)
    if formats[0] == "Parquet":
        if encoding != "utf-8":
            raise CorpusError("--encoding is for text files; Parquet holds its own. Leave it out.")
        from service.corpus.parquet import ParquetReader  # arro3 is not small

        assert source  # noqa: S101 - standard input is JSON Lines
        return ParquetReader(source, job.column, new, unique)
    text = TextSource(source)
    if formats[0] in _DELIMITERS:
        delimiter = _DELIMITERS[formats[0]]
        return DelimitedReader(text, delimiter, encoding, job.column, new, unique)
    return JsonReader(text, encoding, job.column, new)


def _writer(job: Job, formats: tuple[str, str], reader: Reader[Any]) -> Writer[Any]:
    if formats[1] == "JSON Lines":
        return JsonWriter(list(new_columns(job.by_sentence)))
    if isinstance(reader, DelimitedReader):
        return DelimitedWriter(reader)
    from service.corpus.parquet import ParquetReader
    from service.corpus.parquet_output import ParquetWriter

    assert isinstance(reader, ParquetReader)  # noqa: S101 - the formats are the same
    return ParquetWriter(reader, job.by_sentence)
