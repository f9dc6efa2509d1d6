"""CPU that the demo takes when nobody does anything: cores, all its processes summed.

Measured: ``streetwise demo`` at 1 × with its simulator, its jobs, its database, and no screen
open, over a minute after it has settled. Baseline: the bare database of the same kind, idle.
"""

from __future__ import annotations

import time
from pathlib import Path

from bench.meter import spent
from bench.report import Row, row
from bench.server import running
from bench.street import SEED, Bench
from streetwise.kernel.postgres_engine import PostgresPaths, read_pid_file

SETTLE_SECONDS = 5.0
#: With its first month only: in steady state no older history is on its way.
DEMO = ("demo", "--seed", str(SEED), "--years", "0")
GOAL = "value <= 1"


def run(bench: Bench) -> list[Row]:
    """A minute of the demo; a shorter while of the database alone."""
    seconds = bench.size(60, 5)
    bench.ready()
    bench.note(f"steady: the demo for {seconds} s (made first where it is not there)")
    home = bench.home / "demo"
    home.mkdir(mode=0o711, exist_ok=True)
    with running(home, *DEMO, log=bench.home / "steady.log") as server:
        ours = _cores(seconds, server.pid, _database_pid(home / f"demo-{SEED}"))
    bench.note("steady: a database alone")
    theirs = _cores(max(5, seconds // 4), bench.postgres_pid)
    return [
        row("steady.demo", ours, "cores", baseline=("the database alone, idle", theirs), goal=GOAL)
    ]


def _cores(seconds: float, *pids: int) -> float:
    time.sleep(SETTLE_SECONDS)
    with spent(*pids) as took:
        time.sleep(seconds)
    return took.cpu / took.wall


def _database_pid(home: Path) -> int:
    pid, _ = read_pid_file(PostgresPaths(home).data)
    assert pid is not None
    return pid
