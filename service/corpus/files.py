"""The two ends of a run: which files, in which formats, and whether they can be used at all."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.corpus.delimited import DelimitedReader, DelimitedWriter
from service.corpus.dialect import SAMPLE, Dialect, dialect_of, known_delimiter
from service.corpus.errors import CorpusError
from service.corpus.jsonlines import JsonReader, JsonWriter
from service.corpus.lines import TextSource, known_encoding
from service.corpus.packed import PACKED, split_packing
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
        delimiter: of a CSV or TSV input; None to find out.
        document: each row is a document, of any length.
    """

    source: str
    target: str
    column: str = "quote"
    by_sentence: bool = False
    encoding: str = "utf-8"
    delimiter: str | None = None
    document: bool = False

    @property
    def new_columns(self) -> dict[str, type]:
        """Name and type of each column that scoring adds, in order."""
        return new_columns(self.by_sentence, self.document)


@dataclass(frozen=True, slots=True)
class Ends:
    """An input and an output that fit each other.

    Attributes:
        source: path of the input; None for standard input.
        target: path of the output, links followed; None for standard output.
        formats: names of the two formats.
        packing: suffix of the output's compression; empty where there is none.
    """

    source: Path | None
    target: Path | None
    formats: tuple[str, str]
    packing: str
    reader: Reader[Any]
    writer: Writer[Any]

    @property
    def note(self) -> str:
        """How the input is read, for the person; empty where it is as the suffix says."""
        reader = self.reader
        if not isinstance(reader, DelimitedReader):
            return ""
        usual = Dialect(_DELIMITERS[self.formats[0]])
        return "" if reader.dialect == usual else reader.dialect.named()


def open_ends(job: Job) -> Ends:
    """Check both paths and return what reads and what writes.

    Raises:
        CorpusError: an unknown suffix, no such file, an output that cannot be written, two formats
            that do not fit, or an unknown encoding.
    """
    formats = format_of(job.source), format_of(job.target)
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
    reader = _reader(job, formats, source, list(job.new_columns))
    packing = split_packing(target)[1] if target else ""
    return Ends(source, target, formats, packing, reader, _writer(job, formats, reader))


def open_source(
    path: Path, column: str, encoding: str = "utf-8", delimiter: str | None = None
) -> Reader[Any]:
    """Return what reads a file whose rows are only looked at.

    Args:
        path: of the file.
        column: name of the quote's column.
        encoding: of a text file.
        delimiter: of a CSV or TSV file; None to find out.

    Raises:
        CorpusError: an unknown suffix, no such file, or an unknown encoding.
    """
    form = format_of(str(path))
    _check_source(path)
    job = Job(str(path), STANDARD, column, encoding=encoding, delimiter=delimiter)
    return _reader(job, (form, form), path, [])


def format_of(path: str) -> str:
    """Return the name of the format that a path's suffix tells; that of a stream is JSON Lines.

    Raises:
        CorpusError: it tells none, or Parquet compressed once more.
    """
    if path == STANDARD:
        return "JSON Lines"
    suffix, packing = split_packing(Path(path))
    if suffix not in FORMATS:
        raise CorpusError(
            f"{path}: the suffix tells the format, and {suffix or 'no suffix'!r} is none of "
            f"{', '.join(FORMATS)} (text also with {' or '.join(PACKED)}); {STANDARD} is JSON "
            "Lines on standard input or output."
        )
    if packing and FORMATS[suffix] == "Parquet":
        raise CorpusError(
            f"{path}: Parquet is compressed inside and not once more; decompress an input that "
            f"is, and leave {packing} off an output."
        )
    return FORMATS[suffix]


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


def _reader(job: Job, formats: tuple[str, str], source: Path | None, new: list[str]) -> Reader[Any]:
    unique = formats[0] != formats[1]
    if job.delimiter and formats[0] not in _DELIMITERS:
        raise CorpusError(f"--delimiter is for CSV and TSV; {formats[0]} has none. Leave it out.")
    if formats[0] == "Parquet":
        if known_encoding(job.encoding) != "utf-8":
            raise CorpusError("--encoding is for text files; Parquet holds its own. Leave it out.")
        from service.corpus.parquet import ParquetReader  # arro3 is not small

        assert source  # noqa: S101 - standard input is JSON Lines
        return ParquetReader(source, job.column, new, unique)
    text = TextSource(source)
    wide = text.wide()
    encoding = "utf-8" if wide else known_encoding(job.encoding)
    if formats[0] in _DELIMITERS:
        given = known_delimiter(job.delimiter) if job.delimiter else None
        start, whole = text.start(SAMPLE)
        sample = start.decode(encoding, "replace").removeprefix("\ufeff")
        usual = _DELIMITERS[formats[0]]
        delimiter, mark = dialect_of(sample, whole, usual, job.column, given)
        return DelimitedReader(text, delimiter, encoding, job.column, new, unique, mark, wide)
    return JsonReader(text, encoding, job.column, new)


def _writer(job: Job, formats: tuple[str, str], reader: Reader[Any]) -> Writer[Any]:
    if formats[1] == "JSON Lines":
        return JsonWriter(list(job.new_columns))
    if isinstance(reader, DelimitedReader):
        return DelimitedWriter(reader)
    from service.corpus.parquet import ParquetReader
    from service.corpus.parquet_output import ParquetWriter

    assert isinstance(reader, ParquetReader)  # noqa: S101 - the formats are the same
    return ParquetWriter(reader, job.new_columns)
