"""Opens the database: SQLite in WAL mode, or whatever a SQLAlchemy URL names, migrated.

SQLite is told to reach the disk at each commit (``synchronous=FULL``): with less, a failure of the
power may undo the last commits in WAL mode (https://sqlite.org/pragma.html#pragma_synchronous).
PostgreSQL does that by itself unless a role or a database has ``synchronous_commit`` off, which a
crash may cost the last commits (https://www.postgresql.org/docs/current/wal-async-commit.html).

What is deleted from SQLite is overwritten with zeros (``secure_delete``): whoever deletes what a
person said means it to be gone.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from service.errors import SettingsError, StoreUnavailable

NEWEST = "head"
"""Migration that a database is brought to; Alembic's word for the last one."""
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
    elif engine.dialect.name == "postgresql":
        event.listen(engine, "connect", _set_up_postgresql)
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
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "secure_delete=ON",
        f"busy_timeout={WAIT_SECONDS * 1000}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _set_up_postgresql(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's own type
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        if cursor.fetchone()[0] == "off":  # what is more than "on" stays
            cursor.execute("SET synchronous_commit TO on")
    connection.commit()  # or else the setting would go with the transaction


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
            command.upgrade(config, NEWEST)
        except CommandError as cause:
            raise SettingsError(
                f"The store of feedback was written by another version of diplotone ({cause}); "
                "use the newest one, or another store."
            ) from None


def empty_log(engine: sa.Engine) -> None:
    """Let SQLite's write-ahead log go, which still holds what was deleted; others see to theirs.

    Where somebody reads it at this moment, it goes with a later commit.
    """
    if engine.dialect.name == "sqlite":
        # Past SQLAlchemy, which would begin a transaction; what was deleted is so whatever happens.
        with closing(engine.raw_connection()) as raw, suppress(sqlite3.Error):
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


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
