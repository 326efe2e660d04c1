"""Opens the database: SQLite in WAL mode, or whatever a SQLAlchemy URL names, migrated.

SQLite is told to reach the disk at each commit (``synchronous=FULL``): with less, a failure of the
power may undo the last commits in WAL mode (https://sqlite.org/pragma.html#pragma_synchronous).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from service.errors import SettingsError, StoreUnavailable

WAIT_SECONDS = 10
"""Longest that a writer waits for another one."""


def open_database(address: str) -> sa.Engine:
    """Open a database and bring its tables to the newest version.

    Args:
        address: a SQLAlchemy URL, or the path of a SQLite file, which is made if it is not there.

    Raises:
        SettingsError: the address is none, its driver is not installed, or the database was
            written by a newer version.
        StoreUnavailable: the database cannot be reached or written.
    """
    url = address if "://" in address else f"sqlite:///{Path(address).expanduser()}"
    try:
        engine = sa.create_engine(url, **_options(url))
    except ModuleNotFoundError as cause:
        raise SettingsError(
            f"The store of feedback needs {cause.name}, which is not installed here; install the "
            "extra with `pip install '.[postgres]'` in the checkout."
        ) from None
    except (ArgumentError, NoSuchModuleError):
        raise SettingsError(
            "The store of feedback is neither the path of a SQLite file nor a SQLAlchemy URL like "
            "postgresql+psycopg://user@host/database."
        ) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_at_once)
    try:
        with stored():
            _upgrade(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _options(url: str) -> dict[str, Any]:
    if url.startswith("sqlite"):
        # autocommit of the driver: SQLAlchemy's own BEGIN, below, opens each transaction.
        return {"connect_args": {"timeout": WAIT_SECONDS, "isolation_level": None}}
    return {"pool_pre_ping": True, "connect_args": {"connect_timeout": WAIT_SECONDS}}


def _set_up_sqlite(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's own type
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={WAIT_SECONDS * 1000}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_at_once(connection: sa.Connection) -> None:
    """Take the lock of the writer at the start, so that no reader turned writer must fail."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _upgrade(engine: sa.Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":  # two servers that start at once
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(7220251125)"))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as cause:
            raise SettingsError(
                f"The store of feedback was written by another version of diplotone ({cause}); "
                "use the newest one, or another store."
            ) from None


@contextmanager
def stored() -> Iterator[None]:
    """Turn what the database raises into the house's own error.

    Raises:
        StoreUnavailable: anything failed; nothing of the transaction was kept.
    """
    try:
        yield
    except SQLAlchemyError as cause:
        reason = cause.orig if isinstance(cause, DBAPIError) else type(cause).__name__
        first = str(reason).strip().partition("\n")[0]
        raise StoreUnavailable(
            f"The store of feedback cannot be used ({first[:200]}); nothing was kept."
        ) from cause
