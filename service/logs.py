"""Logs: one JSON object a line on standard error, with no quote in it unless the operator asks.

JSON escapes line breaks and control characters, so nothing that a caller sends can forge a line.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

from model.errors import ToneError

ACCESS = "diplotone.access"
"""Logger of the one line that each request leaves."""
SERVICE = "diplotone.service"
"""Logger of everything else."""


class JsonFormatter(logging.Formatter):
    """Formats a record, and the ``fields`` it was given as extra, as one JSON object.

    Args:
        log_text: also write the texts of exceptions; a foreign library may quote its input there.
    """

    def __init__(self, log_text: bool = False) -> None:
        super().__init__()
        self._log_text = log_text

    def format(self, record: logging.LogRecord) -> str:
        """Return one line of ASCII."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[1]:
            line["trace"] = self._trace(record.exc_info[1])
        return json.dumps(line, default=str)

    def _trace(self, error: BaseException) -> list[str]:
        """Return the stack of an error and of what caused it, the cause first."""
        before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        lines = self._trace(before) if before else []
        lines += [entry.strip() for entry in traceback.format_tb(error.__traceback__)]
        # Our own sentences never hold a quote; those of a library may.
        told = self._log_text or isinstance(error, ToneError)
        return [*lines, f"{type(error).__name__}: {error}" if told else type(error).__name__]


def configure(level: str, log_text: bool = False) -> None:
    """Send every log line of this process to standard error as JSON; for the entry point only."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(log_text))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # A line at the start for each part of itself.
    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)
