"""From the start of the process until the server answers, against the bare database's own start.

Measured: ``streetwise demo`` on an empty folder (cold: a database made, the street built, a month
lived through by the real path), then the same again on what that left (warm), then warm
``streetwise serve``. Ready means that /api/v1/about answers, which asks the database.

Baseline: PostgreSQL alone, made and started in an empty folder (cold) and started again (warm),
plus a Python that imports the libraries a server of this kind needs anyway: the floor that no
code of ours can pass under.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench.meter import median
from bench.report import Row, row
from bench.server import running
from bench.street import SEED, Bench
from streetwise.kernel.postgres import EmbeddedPostgres

COLD_GOAL, WARM_GOAL = "value < 180", "value < 5"
LIBRARIES = "fastapi, uvicorn, sqlalchemy.ext.asyncio, psycopg, procrastinate"
BASELINE_COLD = "initdb, start, import of the libraries"
BASELINE_WARM = "start, import of the libraries"


def run(bench: Bench) -> list[Row]:
    """One cold start, then warm ones; medians."""
    repeats = bench.size(3, 1)
    bench.note("start: the demo from nothing (takes a minute or two)")
    home, log = bench.home / "demo", bench.home / "demo.log"
    home.mkdir(mode=0o711)
    cold = _started(home, log, "demo", "--seed", str(SEED))
    bench.note("start: the demo again")
    warm = median([_started(home, log, "demo", "--seed", str(SEED)) for _ in range(repeats)])
    bench.note("start: serve")
    street = bench.home / "serve"
    street.mkdir(mode=0o711)
    _started(street, log, "serve")
    serve = median([_started(street, log, "serve") for _ in range(repeats)])
    floor_cold, floor_warm = _floor(bench.home / "floor", repeats)
    return [
        row("start.demo_cold", cold, "s", baseline=(BASELINE_COLD, floor_cold), goal=COLD_GOAL),
        row("start.demo_warm", warm, "s", baseline=(BASELINE_WARM, floor_warm), goal=WARM_GOAL),
        row("start.serve_warm", serve, "s", baseline=(BASELINE_WARM, floor_warm), goal=WARM_GOAL),
    ]


def _started(home: Path, log: Path, *arguments: str) -> float:
    with running(home, *arguments, log=log) as server:
        return server.ready_seconds


def _floor(folder: Path, repeats: int) -> tuple[float, float]:
    """(cold, warm) seconds of the bare parts, one after the other."""
    imports = median([_seconds(_import_libraries) for _ in range(repeats)])
    cold = _seconds(lambda: EmbeddedPostgres.start(folder).stop())
    stops, starts = [], []
    for _ in range(repeats):
        began = time.perf_counter()
        postgres = EmbeddedPostgres.start(folder)
        starts.append(time.perf_counter() - began)
        stops.append(_seconds(postgres.stop))
    return cold - median(stops) + imports, median(starts) + imports


def _import_libraries() -> None:
    subprocess.run([sys.executable, "-c", f"import {LIBRARIES}"], check=True)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
