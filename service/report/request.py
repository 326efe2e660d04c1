"""What was asked for: whether it fits together, can be written, and is in the file.

Imports none of the extra's libraries, so that a mistake is told at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from model.errors import ToneError
from service.corpus.columns import listed, require_column
from service.corpus.files import check_target

QUOTE = "quote"
"""Column of the quotes where none was named, as in ``batch``."""
PAGES = (".html", ".htm")


class ReportError(ToneError):
    """A report of this file as it was asked for cannot be made."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to read and what to write.

    Attributes:
        source: a file that ``diplotone batch`` wrote, or a folder of such files.
        target: the page.
        time: name of the column that holds the dates.
        group: name of the column that holds the groups, for example the speakers.
        column: name of the column that holds the quotes; None is ``quote``, where there is one.
        compare: two groups to compare; None takes the two with the most rows.
        figures: folder for the pictures.
        time_format: how the dates are written, as in strftime; None knows the usual ways.
        encoding: of a text file.
        delimiter: of a CSV or TSV file; None to find out.
        mixed: report on scores of several models all the same.
    """

    source: Path
    target: Path
    time: str | None = None
    group: str | None = None
    column: str | None = None
    compare: tuple[str, str] | None = None
    figures: Path | None = None
    time_format: str | None = None
    encoding: str = "utf-8"
    delimiter: str | None = None
    mixed: bool = False

    def check(self) -> None:
        """Find out before the work whether it can be done.

        Raises:
            ReportError: options that do not fit, no such input, or a page that is no HTML.
            CorpusError: no place for the page.
        """
        if self.compare and not self.group:
            raise ReportError("--compare names two groups: name their column too, with --group.")
        if self.compare and self.compare[0] == self.compare[1]:
            raise ReportError(f"--compare names {self.compare[0]!r} twice; name two groups.")
        if self.time_format and not self.time:
            raise ReportError(
                "--time-format says how dates are written: name their column with --time."
            )
        if not self.source.exists():
            raise ReportError(f"{self.source} cannot be read: no such file or folder.")
        # So the page can overwrite neither the input nor a file of its folder.
        if self.target.suffix.lower() not in PAGES:
            raise ReportError(f"{self.target}: the page is HTML; name a file that ends in .html.")
        check_target(self.target, None)
        if self.figures and self.figures.exists() and not self.figures.is_dir():
            raise ReportError(f"--figures {self.figures} is a file; name a folder.")

    def roles(self, names: Sequence[str], needed: Sequence[str]) -> dict[str, str]:
        """Return the columns of ``date``, ``group`` and ``text``, those there are.

        Args:
            names: the columns of the file.
            needed: the columns that every scored file has.

        Raises:
            ReportError: the file was not scored.
            CorpusError: it has no column that was named; names near matches.
        """
        place = str(self.source)
        if missing := [name for name in needed if name not in names]:
            raise ReportError(
                f"{place} has no column {listed(missing)}, which `diplotone batch` writes; it has "
                f"{listed(names)}. Score it first: diplotone batch INPUT -o OUTPUT."
            )
        asked = (
            ("date", self.time, "--time", "dates"),
            ("group", self.group, "--group", "groups"),
            ("text", self.column, "--column", "quotes"),
        )
        roles = {}
        for role, name, option, holds in asked:
            if name is not None:
                require_column(names, name, place, option=option, holds=holds)
                roles[role] = name
        if self.column is None and QUOTE in names:
            roles["text"] = QUOTE
        return roles
