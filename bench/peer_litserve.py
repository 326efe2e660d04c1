"""LitServe around ``transformers.pipeline``, with its batching on; runs as ``-m ... PORT``.

Imports nothing of ours but the name of a variable: it runs in the environment of the peers.
"""

import os
import sys
from typing import Any

import litserve
from transformers import pipeline

from bench.peer import VARIABLE
from bench.servers import TOGETHER

WAIT_SECONDS = 0.005
"""Longest that a quote waits for others."""


class Tone(litserve.LitAPI):  # type: ignore[misc]
    """Scores quotes in batches."""

    def setup(self, device: str) -> None:
        """Load the network."""
        self._classify: Any = pipeline("text-classification", os.environ[VARIABLE], top_k=None)

    def decode_request(self, request: dict[str, str]) -> str:
        """Return the quote."""
        return request["quote"]

    def predict(self, quotes: list[str]) -> list[list[dict[str, Any]]]:
        """Score a batch."""
        found: list[list[dict[str, Any]]] = self._classify(
            list(quotes), truncation=True, batch_size=len(quotes)
        )
        return found

    def encode_response(self, output: list[dict[str, Any]]) -> dict[str, float]:
        """Return both scores."""
        return {row["label"]: row["score"] for row in output}


def main() -> None:
    """Serve on the port given."""
    api = Tone(max_batch_size=TOGETHER, batch_timeout=WAIT_SECONDS)
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=1, timeout=60)
    server.run(
        port=int(sys.argv[1]), host="127.0.0.1", log_level="error", generate_client_file=False
    )


if __name__ == "__main__":
    main()
