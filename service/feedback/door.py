"""Opens feedback where the settings name a store; imports the database's libraries only then."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from fastapi import FastAPI

from model.errors import ToneError
from service import installed
from service.errors import SettingsError
from service.feedback.records import rfc3339
from service.logs import SERVICE
from service.settings import Settings

if TYPE_CHECKING:
    from service.feedback.store import FeedbackStore

LIBRARIES = ("alembic", "sqlalchemy")
"""What the extra "feedback" installs."""
FORGET_SECONDS = 24 * 3600.0
"""Time between two looks for records that are older than they may be."""

_log = logging.getLogger(SERVICE)


def open_store(address: str | None) -> "FeedbackStore":
    """Open the store at an address.

    Raises:
        SettingsError: there is no address or no library, or the store cannot be used.
        StoreUnavailable: the database cannot be reached or written.
    """
    if not address:
        raise SettingsError(
            "No store of feedback is named; set DIPLOTONE_FEEDBACK (or --store) to the path of a "
            "SQLite file, which is made if it is not there, or to a SQLAlchemy URL."
        )
    if lacking := installed.missing_extra("Feedback", "feedback", LIBRARIES):
        raise SettingsError(lacking)
    from service.feedback.store import FeedbackStore

    return FeedbackStore(address)


def open_door(app: FastAPI, settings: Settings) -> None:
    """Add the route of feedback where it is on."""
    if settings.feedback:
        from service.feedback.routes import router

        app.include_router(router)


@asynccontextmanager
async def keeping(app: FastAPI, settings: Settings) -> AsyncIterator[None]:
    """Hold the store open while the app runs, and forget what is too old.

    Raises:
        SettingsError, StoreUnavailable: as ``open_store``; the service does not start.
    """
    if not settings.feedback:
        yield
        return
    store = await asyncio.to_thread(open_store, settings.feedback)
    app.state.feedback = store
    forgetting = asyncio.create_task(_forget(store, settings.feedback_days))
    try:
        yield
    finally:
        forgetting.cancel()
        await asyncio.to_thread(store.close)


async def _forget(store: "FeedbackStore", days: int | None) -> None:
    while days is not None:
        before = rfc3339(datetime.now(UTC) - timedelta(days=days))
        try:
            gone = await asyncio.to_thread(store.delete, before=before)
        except ToneError as error:
            _log.warning("Old feedback could not be deleted: %s", error)
        else:
            _log.info("%d records of feedback older than %d days deleted.", gone, days)
        await asyncio.sleep(FORGET_SECONDS)
