"""What can be wrong with a file to score, one sentence each."""

from model.errors import ToneError


class CorpusError(ToneError):
    """The input cannot be read, or the output cannot be written; says where and what to do."""


def unwritable(path: object, cause: OSError, advice: str = "") -> CorpusError:
    """Return the error for a path that the system refuses to write."""
    reason = (cause.strerror or str(cause)).lower()
    return CorpusError(f"{path} cannot be written: {reason}.{advice}")
