"""What Prometheus reads: requests, their time, what is in flight, and the index that answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds in seconds."""


@dataclass(frozen=True)
class Metrics:
    """The meters of one service, in a registry of their own: two services in a process do not mix."""

    registry: CollectorRegistry
    requests: Counter
    seconds: Histogram
    in_flight: Gauge
    passages: Gauge
    generation: Gauge
    reloads: Counter
    heard: Counter
    routes: frozenset[str]

    def record(self, path: str, status: int, seconds: float) -> None:
        """Count a request that was answered; paths that are no route are one: a caller cannot make new series."""
        route = path if path in self.routes else "other"
        self.requests.labels(route, str(status)).inc()
        self.seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """All meters in Prometheus' text format."""
        return generate_latest(self.registry)


def make_metrics(routes: Sequence[str]) -> Metrics:
    """Meters for the given routes, all at zero."""
    registry = CollectorRegistry()
    name = "sprachbund"
    return Metrics(
        registry,
        Counter(f"{name}_requests", "Requests answered, by route and status.", ["route", "status"], registry=registry),
        Histogram(
            f"{name}_request_seconds",
            "Seconds from the head of a request to the end of its answer.",
            ["route"],
            buckets=BUCKETS,
            registry=registry,
        ),
        Gauge(f"{name}_requests_in_flight", "Requests that are being answered.", registry=registry),
        Gauge(f"{name}_index_passages", "Passages in the index that answers.", registry=registry),
        Gauge(f"{name}_index_generation", "Generation of the index that answers.", registry=registry),
        Counter(f"{name}_index_reloads", "Times that a changed index was opened anew.", registry=registry),
        Counter(f"{name}_heard_seconds", "Seconds of sound that were transcribed.", registry=registry),
        frozenset(routes),
    )
