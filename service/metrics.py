"""Prometheus metrics of one app: base units, bounded labels, a registry of its own."""

from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info

from model.scores import ToneScore
from service.drift.observed import Observed

UNMATCHED = "unmatched"
"""Route label of every path that no route has, so that a scanner cannot grow the labels."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """Everything the service counts.

    Attributes:
        registry: what ``GET /metrics`` prints.
        rejected: refused requests, by the code in their error body.
        inference_seconds: time of one call of the scorer.
    """

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self._requests = Counter(
            "diplotone_requests",
            "Requests answered.",
            ("route", "method", "status"),
            registry=registry,
        )
        self._duration = Histogram(
            "diplotone_request_duration_seconds",
            "Time from the first byte of a request to the last of its answer.",
            ("route", "status"),
            buckets=_SECONDS,
            registry=registry,
        )
        self.rejected = Counter(
            "diplotone_rejected", "Requests answered with an error.", ("reason",), registry=registry
        )
        self.inference_seconds = Histogram(
            "diplotone_inference_seconds",
            "Time of one call of the scorer.",
            buckets=_SECONDS,
            registry=registry,
        )
        self._observed = Observed(registry)
        self._queue = Gauge(
            "diplotone_queue_items", "Texts that wait for the scorer.", registry=registry
        )
        self._model = Info("diplotone_model", "The model that is served.", registry=registry)

    def watch_queue(self, waiting: Callable[[], int]) -> None:
        """Read the queue's length whenever the metrics are scraped."""
        self._queue.set_function(waiting)

    def name_model(self, name: str, version: str, sha256: str) -> None:
        """Say which model is served."""
        self._model.info({"name": name, "version": version, "sha256": sha256})

    def count_scores(self, scores: Sequence[ToneScore]) -> None:
        """Count scored quotes, where on the scales they fell, and what their texts were like."""
        self._observed.count(scores)

    def count_request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answer."""
        method = method if method in _METHODS else "other"
        self._requests.labels(route, method, str(status)).inc()
        self._duration.labels(route, str(status)).observe(seconds)
