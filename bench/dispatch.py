"""Bulk dispatch: 1,000 cases, each to its own unit, in one action.

A street's cases by the real path, accepted, with matrix and history as they stand. By the clock,
as a server's process does it: the HTTP layer is left out, everything else is in (locks, guards,
clocks, one entry of the journal for each, notifications, commit).

- ``dispatch.preview``: suggestions for 1,000 cases.
- ``dispatch.bulk``: what ``POST /cases/dispatch`` does. Goal of issue 7: under 2 s.
- baseline of both in the same run: the same work, one case after the other, a transaction each;
  scaled up where fewer are done.
"""

from __future__ import annotations

import asyncio
import time
from statistics import median
from uuid import UUID

from sqlalchemy import select

from bench import files
from bench.report import Row, row
from bench.street import SEED, Bench
from streetwise.directory import repository as directory
from streetwise.directory.sessions import viewer_of
from streetwise.gather import jobs
from streetwise.kernel.runtime import Runtime, Urls, open_runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import actions, lists
from streetwise.resolve.actions import Doing, act_together
from streetwise.resolve.dispatch.suggest import suggester, suggestions
from streetwise.resolve.dispatch.views import option_views, unit_names
from streetwise.resolve.inputs import Inputs, Item
from streetwise.resolve.jobs import run_triage
from streetwise.resolve.loop import RECEIVED
from streetwise.resolve.tables import Case

SYSTEM = Viewer.system("bench")
CASES, QUICK_CASES = 1_000, 50
ROUNDS, QUICK_ROUNDS = 3, 1
#: The baseline does a part of the cases.
SINGLY = 200
GOAL = "value < 2"


def run(bench: Bench) -> list[Row]:
    """Fill, dispatch in bulk and one by one."""
    bench.ready()
    count = bench.size(CASES, QUICK_CASES)
    rounds = bench.size(ROUNDS, QUICK_ROUNDS)
    with bench.database() as urls:
        return asyncio.run(_measured(bench, urls, count, rounds))


async def _measured(bench: Bench, urls: Urls, count: int, rounds: int) -> list[Row]:
    # Without rests between batches of triage: nobody else is there.
    settings = bench.settings.model_copy(update={"bulk_rest_seconds": 0.0})
    async with open_runtime(settings, urls.app) as runtime:
        bench.note(f"dispatch: {count:,} cases, {rounds} rounds")
        who = await _dispatcher(runtime)
        await _cases(bench, runtime, count * (rounds + 1))
        waiting = await _accepted(runtime)
        assert len(waiting) >= count * (rounds + 1), len(waiting)
        units = await _units(runtime)
        each = [
            (item, Inputs(unit=units[number % len(units)])) for number, item in enumerate(waiting)
        ]
        few = min(count, SINGLY)
        bulk, ahead = [], []
        for number in range(rounds):
            ahead.append(await _preview(runtime, who, [item.id for item in waiting[:count]]))
            part = each[number * count : (number + 1) * count]
            began = time.perf_counter()
            async with runtime.database.unit_of_work(who) as uow:
                result = await actions.act_each(uow, who, runtime.keys, "dispatch", part)
            bulk.append(time.perf_counter() - began)
            assert len(result.done) == count, result.refused[:1]
        part = each[rounds * count :][:few]
        began = time.perf_counter()
        for item, inputs in part:
            async with runtime.database.unit_of_work(who) as uow:
                await actions.act(uow, who, runtime.keys, "dispatch", [item], inputs)
        singly = (time.perf_counter() - began) * count / few
        one_by_one = 0.0
        for item in waiting[-few:]:
            one_by_one += await _preview(runtime, who, [item.id])
    looked = one_by_one * count / few
    return [
        row("dispatch.preview", median(ahead), f"s, {count:,} cases", baseline=("singly", looked)),
        row("dispatch.bulk", median(bulk), f"s, {count:,} cases", baseline=("singly", singly),
            goal=GOAL),
    ]  # fmt: skip


async def _preview(runtime: Runtime, who: Viewer, ids: list[UUID]) -> float:
    """Seconds for the suggestions of these cases."""
    began = time.perf_counter()
    now = runtime.database.clock.now()
    async with runtime.database.read(who) as session:
        area = await directory.area(session, who, None)
        rows = await lists.by_ids(session, who, ids)
        known = await suggester(session, who, area, now)
        found = await suggestions(
            session, who, known, rows, now, runtime.settings.dispatch_border_metres
        )
        names = unit_names(known)
        shown = [option_views(known, one, names) for one in found]
    assert len(shown) == len(ids)
    return time.perf_counter() - began


async def _dispatcher(runtime: Runtime) -> Viewer:
    async with runtime.database.read(SYSTEM) as session:
        people = await directory.demo_staff(session, SYSTEM)
        found = next(person for person, _ in people if person.login == "dispatcher")
        return await viewer_of(session, found)


async def _cases(bench: Bench, runtime: Runtime, least: int) -> None:
    """Reports by the real path, until so many cases are accepted."""
    file = bench.home / "dispatch.csv"
    # Some reports join others' cases, and some are no case at all.
    files.reports_csv(file, bench.town, SEED, least * 2)
    batch = await jobs.accept_file(runtime, SYSTEM, "street-reports", file, file.name)
    await jobs.run_import(runtime, batch_id=str(batch.id))
    await run_triage(runtime)
    async with runtime.database.read(SYSTEM) as session:
        received = (
            await session.execute(select(Case.id, Case.version).where(Case.state == RECEIVED))
        ).all()
    who = await _dispatcher(runtime)
    async with runtime.database.unit_of_work(who) as uow:
        doings = [Doing(who, "accept", Item(one, version), Inputs()) for one, version in received]
        await act_together(uow, runtime.keys, doings)


async def _accepted(runtime: Runtime) -> list[Item]:
    async with runtime.database.read(SYSTEM) as session:
        query = select(Case.id, Case.version).where(Case.state == "accepted").order_by(Case.id)
        return [Item(one, version) for one, version in await session.execute(query)]


async def _units(runtime: Runtime) -> list[str]:
    async with runtime.database.read(SYSTEM) as session:
        units = await directory.units(session, SYSTEM)
        return [unit.code for unit in units if unit.tier in ("community", "department")]
