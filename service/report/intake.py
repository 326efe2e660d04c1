"""Opens a scored file of any format as a polars query over the columns that a report needs."""

import io
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import polars as pl

from model.scores import SCALES
from service.corpus.delimited import DelimitedReader
from service.corpus.dialect import Dialect
from service.corpus.errors import CorpusError
from service.corpus.files import FORMATS, open_source
from service.corpus.jsonlines import JsonReader
from service.corpus.lines import TextSource, known_encoding
from service.corpus.packed import PACKED, split_packing
from service.report.request import ReportError

_DELIMITED = ("CSV", "TSV")
_NAMES_FROM = 1_000  # JSON objects whose members are listed before all of them are


@dataclass(frozen=True, slots=True)
class Files:
    """The files to read, all of one format.

    Attributes:
        paths: where they lie.
        form: name of the format.
        encoding: of text files.
        delimiter: of CSV and TSV files; None to find out.
        read: what polars reads, which knows UTF-8 only: the files themselves, or copies.
    """

    paths: list[Path]
    form: str
    encoding: str
    delimiter: str | None
    read: list[Path]

    @contextmanager
    def readable(self) -> Iterator[None]:
        """Turn what polars raises inside into an error that names file and, if it can, line.

        Raises:
            CorpusError: a line of a text file is broken.
            ReportError: another fault.
        """
        try:
            yield
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as cause:
            for path in self.paths:
                _check(path, self)
            reason = str(cause).strip().split("\n", 1)[0].rstrip(".")
            raise ReportError(f"{_named(self.paths)} cannot be read: {reason}.") from cause


@dataclass(frozen=True, slots=True)
class Scored:
    """A scored file, or those of one folder, opened.

    Attributes:
        files: the files.
        dialects: how the fields of each file are kept apart; empty where nothing does it.
        names: the columns there are.
    """

    files: Files
    dialects: list[Dialect]
    names: list[str]

    def query(self, wanted: Sequence[str]) -> pl.LazyFrame:
        """Return a query for some of the columns; those of a text file are all text."""
        read = self.files.read
        if self.files.form == "Parquet":
            return pl.scan_parquet(read).select(wanted)
        if self.files.form == "JSON Lines":
            return pl.scan_ndjson(read, schema=dict.fromkeys(wanted, pl.String()))
        alike = groupby(zip(self.dialects, read, strict=True), key=itemgetter(0))
        scans = [_scan(dialect, [path for _, path in some]) for dialect, some in alike]
        lines = pl.concat([scan.select(wanted) for scan in scans])
        # A blank line is no row, as in ``batch``, which leaves none without the model's name.
        return lines.filter(~pl.all_horizontal(pl.all().is_null()))


def open_scored(
    source: Path,
    encoding: str,
    delimiter: str | None,
    wanted: Sequence[str],
    needed: Sequence[str],
    folder: Path,
) -> Scored:
    """Find the files, their format and their columns.

    Args:
        source: a file, or a folder of files of one format.
        encoding: of text files.
        delimiter: of CSV and TSV files; None to find out.
        wanted: columns that the person named; they tell how far JSON must be read for names.
        needed: columns that a scored file has; they tell the dialect.
        folder: where a copy in UTF-8 may be written.

    Raises:
        ReportError: no file, an unknown suffix, or a file that cannot be read.
        CorpusError: an unknown encoding, or a broken line.
    """
    files = _files(source, encoding, delimiter, folder)
    with files.readable():
        if files.form == "Parquet":
            return Scored(files, [], pl.scan_parquet(files.read).collect_schema().names())
        if files.form == "JSON Lines":
            return Scored(files, [], _members(files.read, [*wanted, *needed]))
        return _delimited(files, needed[0])


def _files(source: Path, encoding: str, delimiter: str | None, folder: Path) -> Files:
    paths = [source]
    if source.is_dir():
        found = sorted(p for p in source.iterdir() if p.is_file() and p.name[0] not in "._")
        paths = [path for path in found if split_packing(path)[0] in FORMATS]
        if not paths:
            raise ReportError(f"The folder {source} holds none of {', '.join(FORMATS)}.")
    form = _format(paths[0])
    if any(_format(path) != form for path in paths):
        raise ReportError(f"{source} holds files of several formats; name one file.")
    encoding = known_encoding(encoding)
    read = paths
    if form != "Parquet":
        read = [_in_utf8(path, encoding, folder) for path in paths]
    if delimiter and form not in _DELIMITED:
        raise ReportError(f"--delimiter is for CSV and TSV; {form} has none. Leave it out.")
    return Files(paths, form, encoding, delimiter, read)


def _format(path: Path) -> str:
    suffix, packing = split_packing(path)
    if suffix not in FORMATS or (FORMATS[suffix] == "Parquet" and packing):
        raise ReportError(
            f"{path}: the suffix tells the format, and {path.suffix or 'no suffix'!r} is none of "
            f"{', '.join(FORMATS)} (text also with {' or '.join(PACKED)}); name the output of "
            "`diplotone batch`."
        )
    return FORMATS[suffix]


def _delimited(files: Files, known: str) -> Scored:
    """Tell the dialect of each file as ``batch`` does; a scored file has the known column."""
    dialects = [_reader(path, files, known).dialect for path in files.paths]
    names: dict[str, None] = {}
    for place, (dialect, path) in enumerate(zip(dialects, files.read, strict=True)):
        if dialects.index(dialect) == place:  # polars compares those of one dialect itself
            found = _scan(dialect, [path]).collect_schema().names()
            names = {n: None for n in names if n in found} if place else dict.fromkeys(found)
    return Scored(files, dialects, list(names))


def _reader(path: Path, files: Files, known: str) -> DelimitedReader:
    reader = open_source(path, known, files.encoding, files.delimiter)
    assert isinstance(reader, DelimitedReader)  # noqa: S101 - its suffix says so
    return reader


def _scan(dialect: Dialect, paths: list[Path]) -> pl.LazyFrame:
    if not dialect.delimiter.isascii():
        raise ReportError(
            f"Fields separated by {dialect.delimiter!r} cannot be read for a report; write the "
            "file with another delimiter."
        )
    return pl.scan_csv(
        paths, separator=dialect.delimiter, quote_char=dialect.mark, infer_schema=False
    )


def _members(paths: list[Path], wanted: Sequence[str]) -> list[str]:
    names: list[str] = []
    for rows in (_NAMES_FROM, None):
        names = pl.scan_ndjson(paths, infer_schema_length=rows).collect_schema().names()
        if set(wanted) <= set(names):
            break
    return names


def _in_utf8(path: Path, encoding: str, folder: Path) -> Path:
    """Copy a text file into a folder, in UTF-8; return the file itself where it is that already."""
    source = TextSource(path)
    if source.wide():
        encoding = "utf-8"  # it is read as that
    elif encoding == "utf-8":
        return path
    copy = folder / f"copy-{len(list(folder.iterdir())):05d}{split_packing(path)[0]}"
    try:
        with (
            source.open() as raw,
            io.TextIOWrapper(raw, encoding, newline="") as text,
            copy.open("w", encoding="utf-8", newline="") as target,
        ):
            shutil.copyfileobj(text, target)
    except (OSError, UnicodeDecodeError) as cause:
        raise ReportError(f"{path} cannot be read as {encoding}: {cause}.") from cause
    return copy


def _check(path: Path, files: Files) -> None:
    """Raise CorpusError at the first broken line of a text file.

    polars reads in parallel and cannot tell the line. This reads the file once more, as ``batch``
    would, and only when polars has refused it.
    """
    if files.form == "JSON Lines":
        _check_objects(JsonReader(TextSource(path), files.encoding, "", ()))
    elif files.form in _DELIMITED:
        _check_records(_reader(path, files, SCALES[0]))


def _check_objects(reader: JsonReader) -> None:
    if not sum(1 for _ in reader.lines()):
        raise CorpusError(f"{reader.source.name} is empty; each line must hold one JSON object.")


def _check_records(reader: DelimitedReader) -> None:
    header, _ = reader.header()
    with closing(reader.records()) as records:
        for record in records:
            reader.even(record, header)


def _named(paths: Sequence[Path]) -> str:
    return str(paths[0]) if len(paths) == 1 else f"The folder {paths[0].parent}"
