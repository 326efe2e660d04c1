"""Runs the page for raters: reads and scores the file, then serves on loopback until stopped."""

import logging
import socket
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from service import logs
from service.console import progress_bar, say
from service.installed import served_scorer
from service.label.app import create_app
from service.label.desk import Desk
from service.label.quotes import doubtful_first, read_quotes
from service.label.ratings import open_ratings
from service.server import bind, stopping_is_no_failure
from service.settings import Settings

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command was asked; its options say what each means."""

    source: str
    column: str
    encoding: str
    store: str | None
    rater: str | None
    raters: int
    port: int
    artifact: Path | None


def run(wanted: Wanted) -> None:
    """Read the quotes, score them, and serve the page until it is stopped.

    Raises:
        ToneError: the file, the store, the port or the model cannot be used; nothing was served.
    """
    settings = Settings.load(artifact=wanted.artifact)
    limit = settings.max_characters
    quotes, unusable = read_quotes(wanted.source, wanted.column, wanted.encoding, limit)
    if unusable:
        say(f"{unusable:,} rows hold no quote that can be scored, and are left out.")
    listener = bind(LOOPBACK, wanted.port)
    with listener, open_ratings(wanted.store or settings.feedback) as ratings:
        scorer = served_scorer(settings)
        with progress_bar() as progress:
            items = doubtful_first(scorer, quotes, progress)
        scorer.close()
        desk = Desk(items, ratings, scorer.artifact, wanted.raters)
        serve_page(create_app(desk, wanted.rater), listener)


def serve_page(app: FastAPI, listener: socket.socket) -> None:
    """Serve until Ctrl-C or SIGTERM; what was accepted by then is still saved and answered.

    Args:
        app: the page.
        listener: a socket bound to loopback.
    """
    logs.configure("warning", log_text=False)
    config = uvicorn.Config(
        app,
        log_config=None,  # ours
        log_level=logging.WARNING,
        access_log=False,
        server_header=False,
        ws="none",
    )
    host, port = listener.getsockname()[:2]
    # The socket listens already, so a browser that comes at once waits for the app.
    listener.listen()
    say(f"Rate on http://{host}:{port}/ (Ctrl-C stops; every rating is saved by itself)")
    with stopping_is_no_failure():
        uvicorn.Server(config).run(sockets=[listener])
