"""Which delimiter and which quotation mark a CSV or TSV file uses, told from its beginning.

Each candidate is tried by parsing, not by counting characters: it must give the header several
fields and every record of the sample as many. A file that the suffix's own dialect fits is read by
that.
"""

import csv
import io
from dataclasses import dataclass
from typing import NamedTuple

from service.corpus.errors import CorpusError

SAMPLE = 64 * 1024
"""Bytes of a file that are looked at."""

NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
"""Delimiters that are tried, and what to call them."""

_MARKS = ('"', "'")
_WORDS = {"tab": "\t", r"\t": "\t"}  # a tab is hard to type


class Dialect(NamedTuple):
    """How fields are kept apart.

    Attributes:
        delimiter: what stands between fields.
        mark: what stands around a field that holds the delimiter.
    """

    delimiter: str
    mark: str = '"'

    def named(self) -> str:
        """Return the dialect as the end of a sentence on how a file was read."""
        between = NAMES.get(self.delimiter, repr(self.delimiter))
        around = "" if self.mark == '"' else f" and quoted by {self.mark}"
        return f"fields separated by {between}{around}"


def known_delimiter(given: str) -> str:
    """Return the delimiter that an option names.

    Raises:
        CorpusError: it is none.
    """
    delimiter = _WORDS.get(given, given)
    if len(delimiter) != 1 or delimiter in "\"'\r\n\0" or delimiter.isalnum():
        raise CorpusError(
            f"--delimiter {given!r} is not one character that can stand between fields; give, "
            "for example, ';' or tab."
        )
    return delimiter


@dataclass(frozen=True, slots=True)
class _Trial:
    """What a dialect makes of the sample."""

    dialect: Dialect
    records: list[list[str]]
    marked: bool

    @property
    def header(self) -> list[str]:
        return self.records[0] if self.records else []

    @property
    def likely(self) -> bool:
        return len(self.header) > 1 and self.marked

    @property
    def wrapped(self) -> bool:
        """Whether marks that it does not know stand around a name of the header."""
        return any(len(name) > 1 and name[0] == name[-1] in _MARKS for name in self.header)

    @property
    def even(self) -> bool:
        return all(len(record) == len(self.header) for record in self.records)


def dialect_of(
    sample: str, whole: bool, usual: str, column: str, delimiter: str | None = None
) -> Dialect:
    """Return the dialect of a file.

    Args:
        sample: its beginning.
        whole: whether that is all of it; else its last record is not looked at.
        usual: the delimiter of the suffix.
        column: name of a column that should be in the header, which is the best evidence.
        delimiter: the only one to try, where the person has named it.

    Returns:
        The usual one where it gives a header with the column and even records, without marks left
        around names, and wherever nothing fits better: then the reader says what is wrong, and on
        which line.
    """
    order = [delimiter] if delimiter else [usual, *(one for one in NAMES if one != usual)]
    trials = [_tried(sample, whole, Dialect(one, mark)) for mark in _MARKS for one in order]
    default = trials[0]
    if column in default.header and default.even and not default.wrapped:
        return default.dialect
    fits = [trial for trial in trials if trial.likely and trial.even]
    fits.sort(key=lambda trial: trial.wrapped)
    for trial in fits:
        if column in trial.header:
            return trial.dialect
    for trial in trials:  # a ragged record is a fault that the reader tells with its line
        if column in trial.header and (trial.likely or trial is default):
            return trial.dialect
    return max(fits, key=lambda trial: len(trial.header), default=default).dialect


def _tried(sample: str, whole: bool, dialect: Dialect) -> _Trial:
    """Parse the sample as far as it goes; a fault shows as a record without fields."""
    lines = io.StringIO(sample, newline="")
    reader = csv.reader(lines, delimiter=dialect.delimiter, quotechar=dialect.mark, strict=True)
    records: list[list[str]] = []
    try:
        for record in reader:
            records += [record] if record else []
        if not whole and len(records) > 1:
            records.pop()
    except csv.Error as cause:
        # A field that is cut off by the end of the sample is none.
        if whole or not str(cause).startswith("unexpected end"):
            records.append([])
    return _Trial(dialect, records, _marked(sample, dialect, records))


def _marked(sample: str, dialect: Dialect, records: list[list[str]]) -> bool:
    """Tell whether a mark other than the usual one is really used, and the usual one is not."""
    if dialect.mark == '"':
        return True
    starts = (before + dialect.mark for before in (dialect.delimiter, "\n", "\r"))
    used = sample.startswith(dialect.mark) or any(start in sample for start in starts)
    return used and not any(field.startswith('"') for record in records for field in record)
