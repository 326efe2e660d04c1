"""The error family that every door of diplotone translates.

ToneError                 anything a person can act on; its text is one clear sentence
|-- ArtifactError         the artifact folder is missing, altered or of an unknown layout
|-- QuoteError            this quote cannot be scored (has a stable code)
`-- ScoringError          the runtime failed on a valid quote

The service adds its own branch (``service.errors``) and holds the one table from error to status
code and exit code.
"""


class ToneError(Exception):
    """Base of every error that diplotone raises on purpose."""


class ArtifactError(ToneError):
    """The artifact cannot be trusted, so nothing is scored with it."""


class QuoteError(ToneError):
    """One quote cannot be scored.

    Attributes:
        code: stable machine-readable reason, for example ``quote_too_long``.
        index: position of the quote in the list as sent, or None for a single quote.
    """

    def __init__(self, code: str, message: str, index: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.index = index


class ScoringError(ToneError):
    """The runtime raised, or gave something that is not a number."""
