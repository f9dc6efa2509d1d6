"""Warn: each engine beside its baseline of the same run, then a whole night.

The parts stand in ``bench/warn_*.py``, each with what it measures and how.
"""

from __future__ import annotations

import importlib

from bench.report import Row
from bench.street import Bench

PARTS = ("cleaning", "expect", "compare", "scan", "forecast", "nightly")


def run(bench: Bench) -> list[Row]:
    """All rows."""
    rows: list[Row] = []
    for part in PARTS:
        bench.note(f"warn: {part}")
        rows += importlib.import_module(f"bench.warn_{part}").run(bench)
    return rows
