"""Which quotes a rater put off on the page for raters, so that a restart remembers it."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from service.feedback.database import stored
from service.feedback.records import now
from service.feedback.tables import skips


class Skips:
    """Quotes that were put off, in the database of a store of feedback.

    Args:
        engine: of that database.
        insert: makes an INSERT in its dialect.
    """

    def __init__(self, engine: sa.Engine, insert: Callable[..., Any]) -> None:
        self._engine = engine
        self._insert = insert

    def read(self) -> list[tuple[str, str]]:
        """Return rater and SHA-256 of each quote that is put off, in the order of time."""
        columns = skips.c.rater, skips.c.quote_sha256
        with stored(), self._engine.begin() as connection:
            found = connection.execute(sa.select(*columns).order_by(skips.c.created, *columns))
            return [(rater, quote) for rater, quote in found]

    def add(self, rater: str, quote_sha256: str) -> None:
        """Put a quote behind all others of this rater; return when that is durable.

        Raises:
            StoreUnavailable: nothing was kept.
        """
        row = {"rater": rater, "quote_sha256": quote_sha256, "created": now()}
        again = {"index_elements": list(skips.primary_key), "set_": {"created": row["created"]}}
        with stored(), self._engine.begin() as connection:
            connection.execute(self._insert(skips).values(row).on_conflict_do_update(**again))

    def remove(self, rater: str, quote_sha256: str) -> None:
        """Forget that this rater put a quote off.

        Raises:
            StoreUnavailable: it is still there.
        """
        mine = skips.c.rater == rater, skips.c.quote_sha256 == quote_sha256
        with stored(), self._engine.begin() as connection:
            connection.execute(skips.delete().where(*mine))
