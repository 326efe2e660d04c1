"""The service's branch of the error family, and the one table from error to status and exit code.

ToneError
|-- SettingsError       a DIPLOTONE_ variable or a flag cannot be used
|-- RequestError        the request is malformed; carries its own status and code
|-- Overloaded          too much waits already; says when to come back
|-- RateLimited         this caller has used up its allowance; says when to come back
|-- NotReady            the scorer is not loaded, has stopped, or is closing
|-- DeadlineExceeded    the scores did not come in time
|-- StoreUnavailable    what should be kept cannot be kept at the moment
`-- CallerGone          the caller hung up before the scores came; nobody reads the answer
"""

from collections.abc import Mapping
from typing import NamedTuple

from model.errors import ArtifactError, QuoteError, ScoringError, ToneError

ALL_SCORED = 0
"""Exit code: every row was scored."""
SOME_FAILED = 1
"""Exit code: some rows, or a request, could not be scored."""
UNUSABLE = 2
"""Exit code: usage, unreadable input, artifact or settings."""

INTERNAL_CODE = "internal_error"
INTERNAL_MESSAGE = "Something failed inside the service; the log names the reason by request id."


class SettingsError(ToneError):
    """A setting has a value that cannot be used, or a name that no setting has."""


class RequestError(ToneError):
    """The request cannot be read or asks for something that is not there.

    Attributes:
        status: HTTP status, 400 to 499.
        code: stable machine-readable reason.
        field: path of the field at fault, for example ``quotes[3]``, or None.
        headers: what the answer says in its headers beside the body.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        field: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.field = field
        self.headers = dict(headers or {})


class Overloaded(ToneError):  # noqa: N818 - a state, named as one says it
    """The queue is full.

    Attributes:
        retry_after: whole seconds after which trying again makes sense, 1 to 30.
    """

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class RateLimited(ToneError):  # noqa: N818 - a state, named as one says it
    """The caller has asked for more than its share.

    Attributes:
        retry_after: whole seconds after which the same request will be admitted, at least 1.
    """

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotReady(ToneError):  # noqa: N818 - a state, named as one says it
    """Nothing can be scored at the moment."""


class DeadlineExceeded(ToneError):  # noqa: N818 - a state, named as one says it
    """The scores did not come within the deadline."""


class StoreUnavailable(ToneError):  # noqa: N818 - a state, named as one says it
    """A database cannot be reached, read or written.

    Attributes:
        retry_after: whole seconds after which trying again makes sense.
    """

    retry_after = 5


class CallerGone(ToneError):  # noqa: N818 - a state, named as one says it
    """The caller hung up; work that had not started was dropped."""


class Outcome(NamedTuple):
    """How an error leaves the house.

    Attributes:
        status: HTTP status.
        code: machine-readable reason in the error body.
        exit_code: exit code of a command.
    """

    status: int
    code: str
    exit_code: int


OUTCOMES: dict[type[ToneError], Outcome] = {
    QuoteError: Outcome(422, "invalid_field", SOME_FAILED),
    RequestError: Outcome(400, "bad_request", UNUSABLE),
    Overloaded: Outcome(429, "overloaded", SOME_FAILED),
    RateLimited: Outcome(429, "rate_limited", SOME_FAILED),
    NotReady: Outcome(503, "not_ready", SOME_FAILED),
    DeadlineExceeded: Outcome(504, "deadline_exceeded", SOME_FAILED),
    StoreUnavailable: Outcome(503, "store_unavailable", UNUSABLE),
    CallerGone: Outcome(499, "caller_gone", SOME_FAILED),  # nginx's status for a hung-up client
    ScoringError: Outcome(500, INTERNAL_CODE, SOME_FAILED),
    ArtifactError: Outcome(503, "artifact_unusable", UNUSABLE),
    SettingsError: Outcome(500, INTERNAL_CODE, UNUSABLE),
    ToneError: Outcome(500, INTERNAL_CODE, UNUSABLE),
}
"""The one table. An error without a row of its own has the row of its nearest ancestor."""


def outcome(error: ToneError) -> Outcome:
    """Return status, code and exit code of an error; its own code and status win over the row's."""
    row = next(OUTCOMES[kind] for kind in type(error).__mro__ if kind in OUTCOMES)
    if isinstance(error, RequestError):
        return row._replace(status=error.status, code=error.code)
    if isinstance(error, QuoteError):
        return row._replace(code=error.code)
    return row
