"""What can be wrong with a file to score, one sentence each."""

from model.errors import ToneError


class CorpusError(ToneError):
    """The input cannot be read, or the output cannot be written; says where and what to do."""


class UnwritableError(CorpusError):
    """The system refuses to write, as it will again; going on with another file makes no sense."""


def unwritable(path: object, cause: OSError, advice: str = "") -> UnwritableError:
    """Return the error for a path that the system refuses to write."""
    reason = (cause.strerror or str(cause)).lower()
    return UnwritableError(f"{path} cannot be written: {reason}.{advice}")
