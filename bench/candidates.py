"""Finding what may be the same problem among very many cases: how long one decision takes.

As many known cases as the goal says (DESIGN asks for 1,000,000), all in one street of some 3 km²
and none of them over: far more than can be open at once, so this is the worst there is. They are
the voices of a town, copied, each copy moved within the street and within the last sixty days; so
each text stands there many times, which makes the lists of the index longer than life does. New
voices, not among them, decide one by one. Wall time of the process, which has nothing else to do.

Baseline: the likeness of words with each case by its definition, measured on some and scaled up.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from bench.meter import percentile
from bench.report import Row, row
from bench.street import Bench
from streetwise.resolve.understand.evidence import Voice
from streetwise.resolve.understand.merge import Known, Pool, decide
from streetwise.resolve.understand.similar import likeness

NEW = 300
#: How far copies are moved, in degrees (some 700 m either way), and how far back.
MOVED_DEGREES, BACK_HOURS = 0.008, 60 * 24
GOAL = "value <= 10"


def rows(bench: Bench, heard: Sequence[Voice]) -> list[Row]:
    """p95 of one decision, in milliseconds, among few, many and very many cases."""
    # Triage looks at the names in a text only where the place is unknown.
    told = [one if one.point is None else replace(one, names=b"") for one in heard]
    old, new = told[:-NEW], told[-NEW:]
    found = []
    for count in (5_000, 50_000, 1_000_000)[: bench.size(3, 1)]:
        bench.note(f"merging: {count:,} cases")
        pool = Pool(_copies(old, count))
        took = []
        for one in new:
            began = time.perf_counter()
            decide(one, pool)
            took.append((time.perf_counter() - began) * 1e3)
        base = ("words with each", _scaled_ms(old, new, count))
        goal = GOAL if count == 1_000_000 else None
        found.append(
            row(f"merging.candidates_{count}", percentile(took, 0.95), "ms p95", baseline=base,
                goal=goal)
        )  # fmt: skip
    return found


def _copies(old: Sequence[Voice], count: int) -> Iterator[Known]:
    rng = random.Random(1)
    end = old[-1].at
    for number in range(count):
        one = old[number % len(old)]
        moved = replace(
            one,
            id=f"{one.id}-{number}",
            at=end - timedelta(hours=rng.random() * BACK_HOURS),
            lon=one.lon and one.lon + rng.uniform(-MOVED_DEGREES, MOVED_DEGREES),
            lat=one.lat and one.lat + rng.uniform(-MOVED_DEGREES, MOVED_DEGREES),
        )
        yield Known(moved.id, (moved,), moved.urgency)


def _scaled_ms(old: Sequence[Voice], new: Sequence[Voice], count: int) -> float:
    some, asked = old[:200], new[:5]
    began = time.perf_counter()
    for one in asked:
        max(likeness(one.text, other.text) for other in some)
    return (time.perf_counter() - began) * 1e3 / len(asked) * count / len(some)
