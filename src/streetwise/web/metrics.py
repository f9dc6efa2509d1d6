"""What Prometheus reads: requests, screens, the queue, the journal. Numbers, never whose.

Labels are route patterns, methods, states and names of jobs: a fixed and small set, so that
neither an id nor a search word becomes one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

if TYPE_CHECKING:
    from streetwise.kernel.job_book import Counts
    from streetwise.kernel.live import Feed
    from streetwise.kernel.seals.repository import Standing

#: Budgets are 100 ms and 250 ms: the buckets are fine around them (seconds).
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """The metrics of one application."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        self._requests = Counter(
            "streetwise_requests",
            "Answered requests.",
            ("method", "route", "status"),
            registry=registry,
        )
        self._seconds = Histogram(
            "streetwise_request_seconds",
            "From the request to the beginning of its answer.",
            ("route",),
            buckets=BUCKETS,
            registry=registry,
        )

        def gauge(name: str, says: str, *labels: str) -> Gauge:
            return Gauge(f"streetwise_{name}", says, labels, registry=registry)

        self._screens = gauge("live_screens", "Open live streams.")
        self._jobs = gauge("jobs", "Jobs in the queue, by state.", "state")
        self._workers = gauge("workers", "Workers that were heard of lately.")
        self._oldest = gauge("jobs_oldest_seconds", "How long the first job has waited.")
        self._entries = gauge("journal_last", "Number of the newest journal entry.")
        self._unsealed = gauge("journal_unsealed", "Journal entries that are not yet sealed.")
        self._sealed = gauge("journal_sealed_timestamp_seconds", "When the last seal was made.")
        self._up = gauge("database_up", "Whether the database answered when this was read.")

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        # A method is whatever somebody sends; a label must not be.
        method = method if method in METHODS else "other"
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self, feed: Feed, counts: Counts | None, sealed: Standing | None) -> bytes:
        """The exposition. ``counts`` and ``sealed`` are None when the database is away."""
        self._screens.set(feed.listeners)
        self._entries.set(feed.seq)
        self._up.set(counts is not None)
        if counts is not None:
            for state in ("waiting", "retrying", "running", "failed"):
                self._jobs.labels(state).set(getattr(counts, state))
            self._workers.set(counts.workers)
            self._oldest.set(counts.oldest_seconds)
        if sealed is not None:
            self._unsealed.set(sealed.unsealed)
            self._sealed.set(sealed.sealed_at.timestamp() if sealed.sealed_at else 0)
        return generate_latest(self._registry)
