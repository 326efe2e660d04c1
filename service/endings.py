"""How a command ends: the one place that turns an error into a sentence and an exit code."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

from model.errors import ToneError
from service.console import say
from service.errors import outcome

DEBUG = "DIPLOTONE_DEBUG"
"""Set to anything, an unforeseen error shows where it happened."""

INTERRUPTED = 130  # 128 + SIGINT, as shells have it
PIPE_CLOSED = 141  # 128 + SIGPIPE
UNFORESEEN = 70  # EX_SOFTWARE of sysexits.h


@contextmanager
def ended(debug: bool) -> Iterator[None]:
    """End the process with a sentence and an exit code where the code inside raises.

    Args:
        debug: let unforeseen errors through.
    """
    try:
        yield
    except ToneError as error:
        _end(str(error), outcome(error).exit_code)
    except BrokenPipeError:
        # Who read our output has seen enough. Python would complain once more when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(PIPE_CLOSED)
    except KeyboardInterrupt:
        _end("stopped.", INTERRUPTED)
    except Exception as error:
        # Typer's own exceptions carry their exit code and are shown by it.
        if debug or hasattr(error, "exit_code") or isinstance(error, typer.Abort):
            raise
        what = " ".join(f"{type(error).__name__}: {error}".split())
        _end(
            f"something unforeseen failed ({what}); please report it. {DEBUG}=1 shows where.",
            UNFORESEEN,
        )


def _end(message: str, code: int) -> NoReturn:
    say(f"diplotone: error: {message}")
    sys.exit(code)
