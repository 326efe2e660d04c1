"""Runs the app in this process until it is told to stop, and says what became of it."""

import asyncio
import ipaddress
import logging
import math
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from rich.console import Console
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from model.errors import ToneError
from service import logs
from service.app import create_app
from service.connection import ACCEPTED_AT_ONCE, Connection, connections_allowed
from service.errors import ALL_SCORED, SOME_FAILED, SettingsError, outcome
from service.installed import served_scorer
from service.intake import MAX_HEADER_BYTES, MAX_URL_BYTES
from service.scoring import ServedScorer
from service.settings import Settings

KEEP_ALIVE_SECONDS = 30
MAX_HEAD_BYTES = 2 * (MAX_URL_BYTES + MAX_HEADER_BYTES)
"""What may wait of an unfinished head: twice the limits, which then say themselves what is long."""
BACKLOG = 2048
"""Connections that the system keeps until they are accepted; it may have a lower limit."""
DRAIN_SECONDS = 5
"""What a stop may take beyond the deadline of the requests already accepted."""
SCORING_THREADS = ("network", "scoring")
"""How the threads of the scorer and of the gate begin their names."""


class _Server(uvicorn.Server):
    """uvicorn, telling when it listens."""

    def __init__(self, config: uvicorn.Config, on_start: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_start = on_start

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_start()


class _Starting:
    """The app; where its start fails for a reason that one can act on, no stack trace is logged.

    Attributes:
        failure: that reason.
    """

    failure: ToneError | None = None

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, watching the start."""
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if isinstance(cause := sys.exc_info()[1], ToneError):
                self.failure = cause
                message = {"type": message["type"], "message": ""}
                logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # it only adds to it
            await send(message)

        await self._app(scope, receive, told)


def serve(settings: Settings) -> int:
    """Serve until SIGTERM or Ctrl-C; what was accepted by then is still answered.

    Args:
        settings: address, limits, artifact.

    Returns:
        Exit code: 0 after a stop, 2 when an artifact, the address or a store cannot be used.
    """
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    logs.configure(settings.log_level, settings.log_text)
    try:
        listener = bind(settings.host, settings.port)
        scorer = served_scorer(settings)
        app = create_app(settings, scorer)
    except ToneError as error:
        console.print(str(error), markup=False)
        return outcome(error).exit_code

    def announce() -> None:
        listener.listen(BACKLOG)  # again: uvicorn has one number for this and for accepting
        _announce(listener, scorer, settings, console)
        if hasattr(signal, "SIGHUP"):
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(signal.SIGHUP, app.state.serving.reload_soon)

    starting = _Starting(app)
    with stopping_is_no_failure():
        try:
            _Server(_config(starting, settings), announce).run(sockets=[listener])
        except SystemExit:  # of uvicorn, for a start that failed
            if not (failure := starting.failure):
                raise
            scorer.close()
            console.print(str(failure), markup=False)
            return outcome(failure).exit_code
    if not _ends(scorer):
        console.print("A call of the scorer never came back; the process ends without it.")
        logging.shutdown()
        os._exit(SOME_FAILED)  # Python's own end would wait for the thread for ever
    return ALL_SCORED


def _announce(
    listener: socket.socket, scorer: ServedScorer, settings: Settings, console: Console
) -> None:
    """Say what is served where, and who may ask for it without a key."""
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    manifest = scorer.artifact.manifest
    docs = " (documentation at /docs)" if settings.docs else ""
    console.print(
        f"Serving {manifest.name} {manifest.version} on http://{shown}:{port}{docs}", markup=False
    )
    if not settings.api_keys_file and (reach := _reach(host)):
        console.print(
            f"Warning: open to {reach}, and no one is asked for a key; set "
            "DIPLOTONE_API_KEYS_FILE (`diplotone key NAME` makes keys), or keep it behind a "
            "proxy or a firewall.",
            markup=False,
        )


def _ends(scorer: ServedScorer) -> bool:
    """Close the scorer; tell whether all threads that score have ended in the time left."""
    closing = threading.Thread(target=scorer.close, daemon=True)
    closing.start()
    closing.join(DRAIN_SECONDS)
    return not any(thread.name.startswith(SCORING_THREADS) for thread in threading.enumerate())


def _reach(host: str) -> str | None:
    """Return whose machines an address can be reached from; None when from this one only."""
    address = ipaddress.ip_address(host)
    if address.is_loopback:
        return None
    return "every network of this machine" if address.is_unspecified else "the network"


def bind(host: str, port: int) -> socket.socket:
    """Return a socket bound to the address.

    Raises:
        SettingsError: the address is taken, not ours or not known; says what to do.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as cause:
        reason = (cause.strerror or str(cause)).lower()
        raise SettingsError(
            f"Cannot serve on {host} port {port}: {reason}. Stop what uses the port, or choose "
            "another address with --host and --port (DIPLOTONE_HOST, DIPLOTONE_PORT)."
        ) from cause
    return listener


def _config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,  # ours
        log_level=max(logging.WARNING, logging.getLevelName(settings.log_level.upper())),
        access_log=False,  # ours
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        ws="none",
        lifespan="on",
        backlog=ACCEPTED_AT_ONCE,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=math.ceil(settings.deadline_seconds) + DRAIN_SECONDS,
        http=Connection.limited(settings.receive_seconds, connections_allowed()),
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
    )


@contextmanager
def stopping_is_no_failure() -> Iterator[None]:
    """Let uvicorn, which raises the signal once more when it is done, come to its normal end.

    Whoever asks again while the process then ends changes neither the end nor its exit code.
    """
    asked: set[int] = set()
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, lambda got, _: asked.add(got)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_IGN if asked else handler)
