"""Triage of complaints in batches, per CPU second, against a transaction for each of them.

Measured: messages in Chinese of the synthetic street, by the real path: ``accept_file`` and
``run_import`` (as bench/gather.py), then ``run_triage`` in batches of 500 (place, category, exact
repeats, deadline, number, search words, case, journal). CPU seconds of this process and of
PostgreSQL, summed: the machine may be shared, and DESIGN §12 states its goal so.

Baseline: the same actions and engines for messages one by one, a transaction to take each in
and a transaction to triage it: what is natural to write first.
"""

from __future__ import annotations

import asyncio
import csv
from itertools import islice
from pathlib import Path
from typing import Any

from bench import files
from bench.meter import Spent, median
from bench.report import Row, row
from bench.street import SEED, Bench
from streetwise.gather import actions, jobs
from streetwise.gather.actions import ReadRow
from streetwise.gather.mapping import apply, mapping_named
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.jobs import run_triage
from streetwise.resolve.triage import triage

MAPPING = "street-reports"
WHOLE_GOAL = "value >= 2000"
BASELINE = "a transaction per message"


def run(bench: Bench) -> list[Row]:
    """Batches and one by one in turn; medians."""
    bench.ready()
    file = bench.home / "messages.csv"
    count = files.reports_csv(file, bench.town, SEED, bench.size(6_000, 1_000))
    ours: list[tuple[Spent, Spent]] = []
    theirs: list[tuple[Spent, Spent]] = []
    singly = bench.size(300, 100)
    for number in range(repeats := bench.size(3, 1)):
        bench.note(f"resolve: {count} messages, {number + 1} of {repeats}")
        # One by one comes first: what a process derives from an area once, it has then.
        theirs.append(asyncio.run(_singly(bench, file, singly)))
        ours.append(asyncio.run(_in_batches(bench, file)))

    def rate(found: list[tuple[Spent, Spent]], messages: int, *parts: int) -> float:
        return messages / median([sum(one[part].cpu for part in parts) for one in found])

    return [
        row(
            "resolve.triage",
            rate(ours, count, 1),
            "messages/CPU s",
            baseline=(BASELINE, rate(theirs, singly, 1)),
        ),
        row(
            "resolve.intake_and_triage",
            rate(ours, count, 0, 1),
            "messages/CPU s",
            baseline=(BASELINE, rate(theirs, singly, 0, 1)),
            goal=WHOLE_GOAL,
        ),
    ]


async def _in_batches(bench: Bench, file: Path) -> tuple[Spent, Spent]:
    """(intake, triage) as the server's jobs do them."""
    async with bench.runtime() as runtime:
        with bench.spent() as intake:
            batch = await jobs.accept_file(
                runtime, Viewer.system("bench"), MAPPING, file, file.name
            )
            await jobs.run_import(runtime, batch_id=str(batch.id))
        with bench.spent() as sorting:
            await run_triage(runtime)
    return intake, sorting


async def _singly(bench: Bench, file: Path, count: int) -> tuple[Spent, Spent]:
    """(intake, triage) of the first messages, each for itself."""
    viewer, mapping = Viewer.system("bench"), mapping_named(MAPPING)
    with file.open(encoding="utf-8", newline="") as opened:
        rows: list[dict[str, Any]] = list(islice(csv.DictReader(opened), count))
    async with bench.runtime() as runtime:
        async with runtime.database.unit_of_work(Viewer.system("bench")) as uow:
            batch = await actions.start_import(
                uow, viewer, mapping, file_name=file.name, file_digest=b"", rows_total=count
            )
        with bench.spent() as intake:
            for number, cells in enumerate(rows):
                one = ReadRow(number + 2, cells, apply(mapping, cells))
                async with runtime.database.unit_of_work(Viewer.system("bench")) as uow:
                    await actions.take_in(
                        uow, viewer, runtime.keys, mapping, batch.id, [one], read_before=number
                    )
        with bench.spent() as sorting:
            for _ in range(count):
                async with runtime.database.unit_of_work(Viewer.system("bench")) as uow:
                    await triage(uow, viewer, 1)
    return intake, sorting
