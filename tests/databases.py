"""Databases for the tests of feedback: SQLite in a folder, PostgreSQL where its programs are."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BIN = "/usr/lib/postgresql"
USER = "feedback"


def program(name: str) -> str | None:
    """Find a program of PostgreSQL: on the path, or where Debian puts it."""
    places = sorted(Path(BIN).glob(f"*/bin/{name}"), reverse=True)
    return shutil.which(name) or next((str(place) for place in places), None)


def has_postgresql() -> bool:
    return all(program(name) for name in ("initdb", "pg_ctl"))


@contextmanager
def postgresql() -> Iterator[str]:
    """Run a server of its own on a socket in a temporary folder; give its SQLAlchemy URL."""
    folder = Path(tempfile.mkdtemp(prefix="feedback-"))  # short, as paths of sockets must be
    # The server refuses to run as root, so root becomes nobody for it.
    as_user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    lower = as_user if os.geteuid() == 0 else []
    if lower:
        shutil.chown(folder, 65534, 65534)
    data = folder / "data"

    def run(name: str, *arguments: str) -> None:
        command = [*lower, str(program(name)), *arguments]
        # Into a file: the server inherits the output, and a pipe would stay open with it.
        with (folder.parent / f"{folder.name}.log").open("ab") as log:
            subprocess.run(command, check=True, stdout=log, stderr=log, cwd=folder, timeout=120)

    run("initdb", "-D", str(data), "-U", USER, "-A", "trust", "-N", "-E", "UTF8")
    options = f"-c listen_addresses='' -k {folder}"
    run("pg_ctl", "-D", str(data), "-w", "-o", options, "start")
    try:
        yield f"postgresql+psycopg://{USER}@/postgres?host={folder}"
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder)
        (folder.parent / f"{folder.name}.log").unlink()
