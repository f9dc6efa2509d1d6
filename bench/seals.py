"""What the journal's seals cost: to make, to check, and of a core while people work.

Measured: CPU (Python and PostgreSQL summed) of sealing entries in batches of 1,000, as after an
import; of checking all of them; and, from sealing a few entries at a time, the share of a core
at 20 actions a second (one seal per ``journal_seal_seconds``).

Baseline: reading the same entries in the same pages and doing nothing with them.
"""

from __future__ import annotations

import asyncio
from uuid import uuid4

from bench.meter import Spent, median
from bench.report import Row, row
from bench.street import Bench
from streetwise.kernel import journal
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.runtime import Runtime, open_runtime
from streetwise.kernel.seals import repository, sealing
from streetwise.kernel.seals.signing import PUBLIC_FILE, read_public_keys
from streetwise.kernel.seals.verify import verify
from streetwise.kernel.viewer import Viewer

VIEWER = Viewer.system("bench")
BASELINE = "the same entries read, nothing done"
ACTIONS_PER_SECOND = 20
CORE_GOAL = "value <= 2"

journal.declare({"bench.entry": "Written by the benchmark of seals."})


def run(bench: Bench) -> list[Row]:
    """Sealing in bulk, checking, and the share of a core."""
    bench.ready()
    count = bench.size(200_000, 2_000)
    with bench.database() as urls:
        return asyncio.run(_measure(bench, urls.app, count))


async def _measure(bench: Bench, url: str, count: int) -> list[Row]:
    async with open_runtime(bench.settings, url, create_keys=True) as runtime:
        bench.note(f"seals: {count} entries")
        await _fill(runtime, count)
        with bench.spent() as made:
            await sealing.seal_all(runtime)
        read = await _read(bench, runtime)
        with bench.spent() as checked:
            keys = read_public_keys(runtime.settings.secrets_path / PUBLIC_FILE)
            async with runtime.database.read(VIEWER) as session:
                report = await verify(session, VIEWER, keys)
        assert report.good
        assert report.entries >= count
        share = await _share(bench, runtime)
    per = count / read.cpu
    return [
        row("seals.make", count / made.cpu, "entries/CPU s", baseline=(BASELINE, per)),
        row("seals.verify", count / checked.cpu, "entries/CPU s", baseline=(BASELINE, per)),
        row("seals.core", share * 100, "% of a core", baseline=("nothing", 0.0), goal=CORE_GOAL),
    ]


async def _fill(runtime: Runtime, count: int) -> None:
    for start in range(0, count, 5_000):
        async with runtime.database.unit_of_work(VIEWER) as uow:
            uow.record(*(_entry() for _ in range(min(5_000, count - start))))


def _entry() -> Entry:
    data = {"unit": str(uuid4()), "state": "dispatched", "before": "accepted", "version": 3}
    return Entry(f"staff:{uuid4()}", "bench.entry", "case", uuid4(), "a1", [uuid4()], 2, data)


async def _read(bench: Bench, runtime: Runtime) -> Spent:
    after = repository.BEFORE_ALL
    with bench.spent() as took:
        async with runtime.database.read(VIEWER) as session:
            while rows := await repository.entries(
                session, VIEWER, after=after, until=2**63 - 1, limit=repository.READ_ENTRIES
            ):
                after = rows[-1][0]
    return took


async def _share(bench: Bench, runtime: Runtime) -> float:
    """CPU seconds of one seal over what comes in its time, by that time."""
    seconds = runtime.settings.journal_seal_seconds
    spent = []
    for _ in range(bench.size(20, 3)):
        await _fill(runtime, int(ACTIONS_PER_SECOND * seconds))
        with bench.spent() as took:
            await sealing.seal_all(runtime)
        spent.append(took.cpu)
    return median(spent) / seconds
