"""Says which quote comes next for whom, and saves each rating before anything moves on.

Ratings, and which quotes were put off, live in the store of feedback alone; what is held here is
read from it at the start, so a reload or a kill loses nothing.
"""

import hashlib
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from model.artifact import Artifact
from service.errors import RequestError
from service.label.quotes import Item
from service.label.ratings import Rating, Ratings


class Desk:
    """One file of quotes and everybody who rates it; may be used from several threads.

    Args:
        items: the quotes, in the order in which they are to be rated.
        ratings: where ratings are kept.
        model: what scored the items; stands in each record.
        raters: how many different people should rate each quote.
    """

    def __init__(
        self, items: Sequence[Item], ratings: Ratings, model: Artifact, raters: int
    ) -> None:
        self._items = {item.key: item for item in items}
        self._ratings = ratings
        self._raters = raters
        self._lock = threading.Lock()
        manifest = model.manifest
        self._model = {"name": manifest.name, "version": manifest.version, "sha256": model.sha256}
        self._given: dict[str, dict[str, Rating]] = defaultdict(dict)  # by rater and quote
        self._heads: dict[str, int] = defaultdict(int)  # raters by quote
        self._skipped: dict[str, dict[str, None]] = defaultdict(dict)
        for rating in ratings.read():
            if rating.key in self._items:
                self._note(rating)
        for rater, key in ratings.skipped():
            if key in self._items and key not in self._given[rater]:
                self._skipped[rater][key] = None

    def next(self, rater: str) -> dict[str, Any]:
        """Return the quote that the rater is to judge now, and how far everybody is.

        Returns:
            ``{"quote": {"key", "text"} or None, "restored": None, "undoable": bool, "progress":
            {"rated", "left", "skipped", "complete", "total"}}``; never what the model or anybody
            else said.
        """
        with self._lock:
            return self._state(rater)

    def rate(self, rater: str, key: str, degrees: Mapping[str, float]) -> dict[str, Any]:
        """Save a rating, and when it is durable return what comes next.

        A quote that this rater has rated already stays as it was, so a call may be repeated.

        Args:
            rater: who rates.
            key: of the quote.
            degrees: 0 to 1, by scale.

        Raises:
            RequestError: no such quote.
            ToneError: the store cannot be written; nothing was saved.
        """
        with self._lock:
            item = self._item(key)
            if key not in self._given[rater]:
                rating = Rating(_record_id(rater, key), rater, key, dict(degrees))
                self._ratings.save(rating, item, self._model)
                self._note(rating)
                self._skipped[rater].pop(key, None)
            return self._state(rater)

    def skip(self, rater: str, key: str) -> dict[str, Any]:
        """Put a quote behind all others for this rater, durably, and return what comes next.

        Raises:
            RequestError: no such quote.
            ToneError: the store cannot be written; the quote is where it was.
        """
        with self._lock:
            self._item(key)
            self._ratings.skip(rater, key)
            self._skipped[rater].pop(key, None)
            self._skipped[rater][key] = None
            return self._state(rater)

    def undo(self, rater: str) -> dict[str, Any]:
        """Delete the rater's last rating and return that quote, with what was said of it.

        Raises:
            RequestError: the rater has rated nothing.
            ToneError: the store cannot be written; nothing was deleted.
        """
        with self._lock:
            given = self._given[rater]
            if not given:
                raise RequestError(409, "nothing_to_undo", "There is no rating of yours to undo.")
            rating = given[next(reversed(given))]
            self._ratings.delete(rating)
            del given[rating.key]
            self._heads[rating.key] -= 1
            item = self._items[rating.key]
            back = {"quote": {"key": item.key, "text": item.text}, "restored": rating.degrees}
            return self._state(rater) | back

    def _note(self, rating: Rating) -> None:
        given = self._given[rating.rater]
        self._heads[rating.key] += rating.key not in given
        given.pop(rating.key, None)
        given[rating.key] = rating  # the last one stands last

    def _item(self, key: str) -> Item:
        try:
            return self._items[key]
        except KeyError:
            raise RequestError(
                404, "no_such_quote", "This quote is not in the file; reload the page.", "key"
            ) from None

    def _state(self, rater: str) -> dict[str, Any]:
        given, skipped = self._given[rater], self._skipped[rater]
        left = [k for k in self._items if k not in given and self._heads[k] < self._raters]
        later = sorted(set(left) & skipped.keys(), key=list(skipped).index)
        key = next((key for key in left if key not in skipped), next(iter(later), None))
        item = self._items[key] if key else None
        return {
            "quote": item and {"key": item.key, "text": item.text},
            "restored": None,
            "undoable": bool(given),
            "progress": {
                "rated": len(given),
                "left": len(left),
                "skipped": len(later),
                "complete": sum(self._heads[key] >= self._raters for key in self._items),
                "total": len(self._items),
            },
        }


def _record_id(rater: str, key: str) -> str:
    """Return the record's id: the same for the same rater and quote, so none is there twice."""
    return "label-" + hashlib.sha256(f"{key} {rater}".encode()).hexdigest()[:32]
