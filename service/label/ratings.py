"""Ratings as records of feedback, and quotes put off: what the page reads and writes."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from model.scores import SCALES
from service.feedback.door import open_store
from service.feedback.records import FeedbackRecord
from service.label.quotes import Item

if TYPE_CHECKING:  # its libraries may be missing
    from service.feedback.store import FeedbackStore

SOURCE = "label"


@dataclass(frozen=True, slots=True)
class Rating:
    """What one rater said of one quote.

    Attributes:
        id: of the record.
        rater: who.
        key: of the quote.
        degrees: 0 to 1 by scale.
    """

    id: str
    rater: str
    key: str
    degrees: Mapping[str, float]


class Ratings:
    """The ratings in a store of feedback, which may hold other records too."""

    def __init__(self, store: "FeedbackStore") -> None:
        self._store = store

    def read(self) -> Iterator[Rating]:
        """Give every rating that was made on a page like this, the oldest first."""
        for record in self._store.records():
            degrees: dict[str, float] = {scale: getattr(record, scale) for scale in SCALES}
            if record.source == SOURCE and record.rater and record.quote_sha256:
                yield Rating(record.id, record.rater, record.quote_sha256, degrees)

    def save(self, rating: Rating, item: Item, model: Mapping[str, Any]) -> None:
        """Keep a rating with the quote's text; return when it is durable. May be repeated.

        Raises:
            StoreUnavailable: it was not kept, or the quote still counts as put off.
        """
        who: dict[str, Any] = {"id": rating.id, "rater": rating.rater, "source": SOURCE}
        what = {"quote": item.text, **rating.degrees, "scored": item.scored, "model": model}
        self._store.add([FeedbackRecord.model_validate(who | what)])
        self._store.skips.remove(rating.rater, rating.key)

    def delete(self, rating: Rating) -> None:
        """Delete a rating.

        Raises:
            StoreUnavailable: it is still there.
        """
        self._store.delete(ids=[rating.id])

    def skipped(self) -> list[tuple[str, str]]:
        """Return rater and key of each quote that is put off, the oldest first."""
        return self._store.skips.read()

    def skip(self, rater: str, key: str) -> None:
        """Put a quote behind all others of this rater; return when that is durable.

        Raises:
            StoreUnavailable: it was not kept.
        """
        self._store.skips.add(rater, key)


@contextmanager
def open_ratings(address: str | None) -> Iterator[Ratings]:
    """Open the store of feedback at an address and close it in the end.

    Raises:
        SettingsError: there is no address or no library, or the store cannot be used.
        StoreUnavailable: the database cannot be reached or written.
    """
    with closing(open_store(address)) as store:
        yield Ratings(store)
