"""The servers that are compared: ours, the plain one, and two that people would pick instead.

All serve the same weights. The two others have dependencies that ours cannot share, so they live in
an environment of their own, made on first use from ``bench/peers.txt``.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.request
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.load import HOST, Ask
from bench.peer import VARIABLE

ROOT = Path(__file__).parent.parent
PEERS = ROOT / ".venv-peers"
REQUIREMENTS = ROOT / "bench" / "peers.txt"
READY_SECONDS = 180
TOGETHER = 32
"""Most quotes that a peer with batching takes together."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server to be measured.

    Attributes:
        name: what the table calls it.
        command: starts it; the port follows as the last word.
        ask: how a quote is sent.
        ready: path that answers 200 once it can score.
    """

    name: str
    command: Sequence[str]
    ask: Ask
    ready: str


def own_server() -> Server:
    """Return our server as ``diplotone serve`` starts it."""
    command = [sys.executable, "-m", "service", "serve", "--port"]
    return Server("diplotone", command, Ask("/v1/score", "quote"), "/readyz")


def plain_server() -> Server:
    """Return FastAPI around ``transformers.pipeline``."""
    command = [sys.executable, "-m", "uvicorn", "--factory", "bench.peer:create_peer"]
    command += ["--log-level", "error", "--port"]
    return Server("FastAPI + transformers", command, Ask("/v1/score", "quote"), "/readyz")


def other_servers(network: Path) -> list[Server]:
    """Return the servers of the environment for peers, which is made if it is not there.

    Raises:
        subprocess.CalledProcessError: they cannot be installed here.
    """
    python = peers_python()
    infinity = [str(PEERS / "bin" / "infinity_emb"), "v2", "--model-id", str(network.resolve())]
    infinity += ["--engine", "torch", "--no-bettertransformer", "--batch-size", str(TOGETHER)]
    infinity += ["--host", HOST, "--log-level", "error", "--no-model-warmup"]
    infinity += ["--served-model-name", "tone", "--port"]
    lit = [str(python), "-m", "bench.peer_litserve"]
    return [
        Server("infinity-emb", infinity, Ask("/classify", "input", True), "/health"),
        Server("LitServe", lit, Ask("/predict", "quote"), "/health"),
    ]


def peers_python() -> Path:
    """Return the interpreter of the environment for peers, made if it is not there.

    Raises:
        subprocess.CalledProcessError: what ``bench/peers.txt`` names cannot be installed here.
    """
    python = PEERS / "bin" / "python"
    done = PEERS / ".complete"
    wanted = REQUIREMENTS.read_text("utf-8")
    if not done.exists() or done.read_text("utf-8") != wanted:
        venv.create(PEERS, with_pip=True)
        command = [str(python), "-m", "pip", "install", "--quiet", "-r", str(REQUIREMENTS)]
        subprocess.run(command, check=True)
        done.write_text(wanted, encoding="utf-8")
    return python


@contextmanager
def served(server: Server, network: Path) -> Iterator[tuple[int, subprocess.Popen[bytes], float]]:
    """Run a server on a free port; give the port, the process and the seconds until it was ready.

    Raises:
        RuntimeError: it ended, or was not ready in time.
    """
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    quiet = {VARIABLE: str(network), "HF_HUB_OFFLINE": "1", "DO_NOT_TRACK": "1"}
    quiet |= {"INFINITY_ANONYMOUS_USAGE_STATS": "0"}
    start = time.perf_counter()
    process = subprocess.Popen(
        [*server.command, str(port)],
        cwd=ROOT,
        env=os.environ | quiet,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # so that its workers end with it
    )
    try:
        while not _ready(port, server.ready):
            if process.poll() is not None or time.perf_counter() - start > READY_SECONDS:
                raise RuntimeError(f"{server.name} did not become ready.")
            time.sleep(0.01)
        yield port, process, time.perf_counter() - start
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    try:
        os.killpg(process.pid, 9)
    except ProcessLookupError:
        return


def _ready(port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}{path}", timeout=1) as answer:  # noqa: S310 - loopback
            return bool(answer.status == 200)
    except OSError:
        return False
