"""The real server as a process of its own on a free port, for tests that need its sockets."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
PATIENCE = 120.0  # seconds; only a failing test waits so long
COMMAND = [sys.executable, "-m", "service", "serve"]


def environment(artifact: Path, **variables: str) -> dict[str, str]:
    """Return the variables of a server with this artifact and no setting of the developer's."""
    clean = {name: value for name, value in os.environ.items() if "DIPLOTONE" not in name}
    return clean | {"DIPLOTONE_ARTIFACT": str(artifact), "DIPLOTONE_PORT": "0", **variables}


class ServerProcess:
    """A server that listens.

    Attributes:
        process: as it was started; whoever made it ends it.
        port: where it listens on loopback.
    """

    def __init__(self, log: Path, environment: dict[str, str]) -> None:
        self._log = log
        with log.open("w") as stream:
            self.process = subprocess.Popen(COMMAND, cwd=ROOT, env=environment, stderr=stream)
        try:
            self.port = self._listening()
        except BaseException:
            self.kill()
            raise

    def _listening(self) -> int:
        end = time.monotonic() + PATIENCE
        while not (said := re.search(r"on http://\S+:(\d+)", self.log())):
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < end
            time.sleep(0.05)
        return int(said[1])

    def log(self) -> str:
        return self._log.read_text("utf-8")

    def stop(self) -> str:
        """Stop it, check that it left well, and return all that it wrote."""
        self.process.terminate()
        assert self.process.wait(PATIENCE) == 0
        return self.log()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
