"""The plain peer: FastAPI around ``transformers.pipeline``, as most people would first build it.

Run as ``uvicorn --factory bench.peer:create_peer``; ``BENCH_NETWORK`` names the folder of the
network in PyTorch form.
"""

import os
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from transformers import pipeline

VARIABLE = "BENCH_NETWORK"


class Body(BaseModel):
    """One quote."""

    quote: str


def create_peer() -> FastAPI:
    """Build the peer; the route is a plain function, which FastAPI runs on its thread pool."""
    classify: Any = pipeline("text-classification", os.environ[VARIABLE], top_k=None)
    app = FastAPI()

    @app.post("/v1/score")
    def score(body: Body) -> dict[str, Any]:
        (found,) = classify([body.quote], truncation=True)
        return {row["label"]: row["score"] for row in found}

    @app.get("/readyz")
    def ready() -> dict[str, str]:
        return {"status": "ok"}

    return app
