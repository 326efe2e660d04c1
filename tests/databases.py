"""Databases for the tests of feedback: PostgreSQL where its programs are; what any of them holds.

The fixture ``database`` (conftest) gives a test one after the other: SQLite and PostgreSQL.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from service.feedback.records import FeedbackRecord
from service.feedback.store import FeedbackStore

QUOTE = "hateful sophistry \u2014 \U0001f600"
BIN = "/usr/lib/postgresql"
USER = "feedback"


def program(name: str) -> str | None:
    """Find a program of PostgreSQL: on the path, or where Debian puts it."""
    places = sorted(Path(BIN).glob(f"*/bin/{name}"), reverse=True)
    return shutil.which(name) or next((str(place) for place in places), None)


def has_postgresql() -> bool:
    return all(program(name) for name in ("initdb", "pg_ctl"))


def as_server() -> list[str]:
    """What to put before a command that runs as the server does, which refuses to be root."""
    as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    return as_nobody if os.geteuid() == 0 else []


@contextmanager
def postgresql() -> Iterator[str]:
    """Run a server of its own on a socket in a temporary folder; give its SQLAlchemy URL."""
    folder = Path(tempfile.mkdtemp(prefix="feedback-"))  # short, as paths of sockets must be
    lower = as_server()
    if lower:
        shutil.chown(folder, 65534, 65534)
    data = folder / "data"

    def run(name: str, *arguments: str) -> None:
        command = [*lower, str(program(name)), *arguments]
        # Into a file: the server inherits the output, and a pipe would stay open with it.
        with (folder.parent / f"{folder.name}.log").open("ab") as log:
            subprocess.run(command, check=True, stdout=log, stderr=log, cwd=folder, timeout=120)

    made = ("-U", USER, "-A", "trust", "-N", "-E", "UTF8", "--wal-segsize=1")
    run("initdb", "-D", str(data), *made)
    options = f"-c listen_addresses='' -k {folder}"
    run("pg_ctl", "-D", str(data), "-w", "-o", options, "start")
    try:
        yield f"postgresql+psycopg://{USER}@/postgres?host={folder}"
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder)
        (folder.parent / f"{folder.name}.log").unlink()


def engine_of(address: str) -> sa.Engine:
    """Open a database as anybody would, not as the store does."""
    return sa.create_engine(address if "://" in address else f"sqlite:///{address}")


def emptied(address: str) -> str:
    """Drop all tables of a PostgreSQL; return its address."""
    engine = engine_of(address)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
    engine.dispose()
    return address


def contents(address: str) -> str:
    """Every row of every table, as text."""
    engine, found = engine_of(address), sa.MetaData()
    found.reflect(engine)
    with engine.begin() as connection:
        rows = [list(connection.execute(sa.select(table))) for table in found.sorted_tables]
    engine.dispose()
    return repr(rows)


def end_disk(connection: sa.Connection) -> None:
    """Let the disk of this connection's database end a megabyte on from here."""
    if connection.dialect.name == "sqlite":
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 250}")
        return
    # No file may grow beyond it; PostgreSQL takes that for a full disk.
    server = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    limit = [*as_server(), "prlimit", "--pid", str(server), f"--fsize={2**20}"]
    subprocess.run(limit, check=True)


def a_record(number: int = 1, **fields: object) -> FeedbackRecord:
    """A record whose id and time follow from its number."""
    given = {
        "id": f"fb_{number:04}",
        "created": f"2026-11-{number % 28 + 1:02}T09:00:00Z",
        "quote": QUOTE,
        "hostility": 0.75,
    }
    return FeedbackRecord.model_validate(given | fields)


def records_in(address: str) -> list[FeedbackRecord]:
    """All records of a store."""
    store = FeedbackStore(address)
    found = list(store.records())
    store.close()
    return found
