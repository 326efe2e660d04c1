"""A Ray cluster and an S3 store of their own, for the tests of `batch --engine ray`."""

import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

START_UP = 60.0
"""Seconds that a server may take until it answers."""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


def wait_for(port: int) -> None:
    deadline = time.monotonic() + START_UP
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"Nothing answers on port {port}.")


@contextmanager
def object_store(*buckets: str) -> Iterator[Any]:
    """An S3 server in a process of its own; gives its file system, which the variables lead to."""
    s3fs = pytest.importorskip("s3fs")
    port = free_port()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
            patch.setenv(f"AWS_{name}", "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        server = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            wait_for(port)
            s3fs.S3FileSystem.clear_instance_cache()  # one of another test's server
            system = s3fs.S3FileSystem(use_listings_cache=False)
            for bucket in buckets:
                system.mkdir(bucket)
            yield system
        finally:
            s3fs.S3FileSystem.clear_instance_cache()
            server.kill()
            server.wait()


@contextmanager
def ray_cluster() -> Iterator[str]:
    """A cluster of two processors with a token that only it knows; this process is in it.

    Gives its address. What is run in this process stays in one session of Ray, whose workers are
    warm after the first run.
    """
    port = free_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_AUTH_MODE", "token")
        patch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
        patch.setenv("RAY_BACKEND_LOG_LEVEL", "fatal")
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_worker_niceness", "0")  # else 15, which waits for all else on the machine
        start = [
            "start", "--head", "--block", "--num-cpus=2", f"--port={port}", "--disable-usage-stats",
            "--node-ip-address=127.0.0.1", "--include-dashboard=false",
            "--object-store-memory=100000000",
        ]  # fmt: skip
        head = subprocess.Popen(
            [sys.executable, "-c", "from ray.scripts.scripts import main; main()", *start],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            wait_for(port)
            yield from _joined(f"127.0.0.1:{port}")
        finally:
            import psutil

            for process in [*psutil.Process(head.pid).children(recursive=True), head]:
                process.kill()  # not `ray stop`, which ends every cluster of this user
            head.wait()


def _joined(address: str) -> Iterator[str]:
    import ray

    ray.init(address, log_to_driver=False, logging_level="ERROR")
    try:
        yield address
    finally:
        ray.shutdown()
