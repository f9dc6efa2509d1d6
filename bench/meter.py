"""Wall time and CPU seconds of processes with all that they have started."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psutil


def cpu_seconds(pids: Sequence[int]) -> float:
    """CPU seconds, user and system, of these processes and all below them, the ended included."""
    seen: dict[int, psutil.Process] = {}
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            top = psutil.Process(pid)
            for process in (top, *top.children(recursive=True)):
                seen[process.pid] = process
    total = 0.0
    for process in seen.values():
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            # What has ended is counted by its parent (PostgreSQL's backends, for example).
            total += times.user + times.system + times.children_user + times.children_system
    return total


@dataclass
class Spent:
    """What a piece of work took."""

    wall: float = 0.0
    cpu: float = 0.0


@contextmanager
def spent(*pids: int) -> Iterator[Spent]:
    """Measure the block: wall time, and CPU seconds of the processes and all below them."""
    found = Spent()
    cpu, wall = cpu_seconds(pids), time.perf_counter()
    yield found
    found.wall = time.perf_counter() - wall
    found.cpu = cpu_seconds(pids) - cpu


def median(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    rank = max(0, min(len(ordered) - 1, -(-len(ordered) * share // 1) - 1))
    return ordered[int(rank)]
