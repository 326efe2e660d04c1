"""What can go wrong with data, each as one sentence for the person who has to mend it.

ValueError
  DataError          a file of ours or of a user that cannot be used as it is
    SourceError      a label of a source or raw file that is not registered
"""

from __future__ import annotations

from pathlib import Path


class DataError(ValueError):
    """A file, a line of it or a field of that line cannot be used.

    `line` counts from 1; `line` and `field` are None where the fault has no such place.
    """

    def __init__(
        self, path: Path | str, reason: str, line: int | None = None, field: str | None = None
    ) -> None:
        """Keep the place and the reason; `str()` joins them into one sentence."""
        # All arguments go up, so that the error survives pickling between processes.
        super().__init__(path, reason, line, field)
        self.path = path
        self.reason = reason
        self.line = line
        self.field = field

    def __str__(self) -> str:
        """`corpus.jsonl, line 17, field hostility: 1.2 is outside 0 to 1; ...`."""
        place = str(self.path)
        if self.line is not None:
            place += f", line {self.line}"
        if self.field is not None:
            place += f", field {self.field}"
        return f"{place}: {self.reason}"


class SourceError(DataError):
    """A label names a source or a raw file that is not registered, so nothing can verify it."""

    def __init__(self, source: str, reason: str) -> None:
        """Keep the source's name (a table of sources.toml) and the reason."""
        super().__init__(f"source {source}", reason)
        self.args = (source, reason)
        self.source = source
