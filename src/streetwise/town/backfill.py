"""The demo's month of history: reports taken in and cases handled by the same actions as ever.

One unit of work per step of simulated time. Handling times are drawn, not measured: they make
the demo's lists believable and are no figure of any real street.
"""

from __future__ import annotations

import csv
import heapq
import io
import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.responsibility import Question, Rule, responsible
from streetwise.directory.sessions import viewer_of
from streetwise.gather import actions as gather
from streetwise.gather.actions import ReadRow
from streetwise.gather.mapping import Mapping, apply, mapping_named
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import actions as resolve
from streetwise.resolve import lists
from streetwise.resolve.actions import Inputs, Item
from streetwise.resolve.triage import triage
from streetwise.town.history import Report, reports_csv

#: People look at their desk about once an hour, never on the hour.
STEP_MINUTES = (40, 80)
#: Median minutes of simulated time before each action, and the spread (sigma of the log).
DELAYS = {
    "accept": (12, 0.7),
    "dispatch": (18, 0.8),
    "start": (45, 1.0),
    "report": (420, 1.2),
    "verify": (300, 1.0),
    "close": (60, 0.9),
}
NEXT = {
    "accept": "dispatch",
    "dispatch": "start",
    "start": "report",
    "report": "verify",
    "verify": "close",
}
SENT_BACK = 0.07
REPORTS = (
    "已到现场处理完毕。",
    "已清理，现场恢复正常。",
    "已维修，运行正常。",
    "已与当事人沟通并整改。",
)
SENT_BACK_NOTES = ("现场复查仍未处理到位。", "照片与现场不符，请重新处理。")
FOREVER = 10_000


@dataclass
class Street:
    """The staff and the responsibilities, with the rights that the directory gives.

    ``by_unit`` holds those who can handle cases.
    """

    by_role: dict[str, list[Viewer]]
    by_unit: dict[UUID, list[Viewer]]
    unit_id: dict[str, UUID]
    rules: list[Rule]

    def on_duty(self, rng: random.Random) -> dict[str, Viewer]:
        """Somebody of each role."""
        return {role: rng.choice(held) for role, held in sorted(self.by_role.items())}


async def backfill(
    runtime: Runtime,
    reports: Iterable[Report],
    *,
    area: str,
    seed: int,
    start: datetime,
    end: datetime,
    progress: Callable[[float], None],
) -> None:
    """Take in the reports between start and end, and let the staff handle their cases.

    ``progress`` is told the share done, 0 to 1. Needs a simulated database.
    """
    rng = random.Random(seed)
    async with runtime.database.read(Viewer.system("town")) as session:
        street = await _street(session, area)
    mapping = mapping_named("street-reports")
    by_day = _by_day(reports)
    agenda: list[tuple[datetime, str, UUID]] = []
    known: set[UUID] = set()
    day = start
    while day < end:
        rows = by_day.get(day.date(), [])
        await _one_day(runtime, street, mapping, rows, day, end, rng, agenda, known, area)
        day += timedelta(days=1)
        progress(min(1.0, (day - start) / (end - start)))


def _by_day(reports: Iterable[Report]) -> dict[object, list[Report]]:
    found: dict[object, list[Report]] = defaultdict(list)
    for report in reports:
        found[report.at.astimezone(UTC).date()].append(report)
    return found


async def _street(session: AsyncSession, area: str) -> Street:
    system = Viewer.system("town")
    by_role: dict[str, list[Viewer]] = defaultdict(list)
    by_unit: dict[UUID, list[Viewer]] = defaultdict(list)
    for staff, unit in await directory.demo_staff(session, system):
        viewer = await viewer_of(session, staff)
        if viewer.may("case.report"):
            by_unit[unit.id].append(viewer)
        for role in staff.roles:
            by_role[role].append(viewer)
    units = {unit.code: unit.id for unit in await directory.units(session, system)}
    return Street(by_role, by_unit, units, await directory.rules(session, system, area))


async def _one_day(
    runtime: Runtime,
    street: Street,
    mapping: Mapping,
    reports: list[Report],
    day: datetime,
    end: datetime,
    rng: random.Random,
    agenda: list[tuple[datetime, str, UUID]],
    known: set[UUID],
    area: str,
) -> None:
    """One file of the day's reports, read as the day goes on; the staff act in between."""
    steward = street.on_duty(rng)["data_steward"]
    batch_id = None
    text = _csv(reports)
    cells = list(csv.DictReader(io.StringIO(text)))
    if reports:
        stored = runtime.files.put(text.encode())
        async with runtime.database.unit_of_work(Viewer.system("town"), now=day) as uow:
            batch = await gather.start_import(
                uow,
                steward,
                mapping,
                file_name=f"来件-{day:%Y-%m-%d}.csv",
                file_digest=stored.digest,
                rows_total=len(reports),
            )
            batch_id = batch.id
            uow.jobs.clear()  # the rows are read here, at their simulated time
    read, now = 0, day
    while now < min(day + timedelta(days=1), end):
        now = min(now + timedelta(minutes=rng.uniform(*STEP_MINUTES)), day + timedelta(days=1), end)
        due = [report for report in reports[read:] if report.at <= now]
        async with runtime.database.unit_of_work(Viewer.system("town"), now=now) as uow:
            if due and batch_id is not None:
                rows = [
                    ReadRow(number + 2, cells[number], apply(mapping, cells[number]))
                    for number in range(read, read + len(due))
                ]
                system = Viewer.system("import")
                await gather.take_in(
                    uow, system, runtime.keys, mapping, batch_id, rows, read_before=read
                )
                uow.jobs.clear()
                read += len(due)
                await uow.session.flush()
            await triage(uow, Viewer.system("triage"), FOREVER)
            await _act(uow, runtime, street, now, rng, agenda)
        await _plan_new(runtime, area, now, rng, agenda, known)
    if batch_id is not None:
        async with runtime.database.unit_of_work(Viewer.system("town"), now=now) as uow:
            await gather.finish_import(uow, Viewer.system("import"), batch_id)


async def _plan_new(
    runtime: Runtime,
    area: str,
    now: datetime,
    rng: random.Random,
    agenda: list[tuple[datetime, str, UUID]],
    known: set[UUID],
) -> None:
    """Put cases that were opened in this step on the agenda."""
    async with runtime.database.read(Viewer.system("town")) as session:
        since = now - timedelta(hours=6)
        wanted = lists.Filter(area=area, states=("received",), opened_since=since)
        page = await lists.page(
            session,
            Viewer.system("town"),
            wanted,
            sort="opened",
            cursor=None,
            limit=FOREVER,
            now=now,
            soon=timedelta(0),
        )
    for row in page.rows:
        if row.case.id not in known:
            known.add(row.case.id)
            _plan(agenda, now, "accept", row.case.id, rng)


def _plan(
    agenda: list[tuple[datetime, str, UUID]],
    now: datetime,
    action: str,
    case_id: UUID,
    rng: random.Random,
) -> None:
    median, sigma = DELAYS[action]
    minutes = median * rng.lognormvariate(0, sigma)
    heapq.heappush(agenda, (now + timedelta(minutes=minutes), action, case_id))


async def _act(
    uow: UnitOfWork,
    runtime: Runtime,
    street: Street,
    now: datetime,
    rng: random.Random,
    agenda: list[tuple[datetime, str, UUID]],
) -> None:
    """All actions that are due, each by somebody who may."""
    due = []
    while agenda and agenda[0][0] <= now:
        due.append(heapq.heappop(agenda))
    rows = await lists.by_ids(
        uow.session, Viewer.system("town"), list({case_id for _, _, case_id in due})
    )
    by_id = {row.case.id: row for row in rows}
    # Somebody does the same thing to several cases in one go, as people do.
    together: dict[tuple[str, Viewer, Inputs], list[lists.Row]] = defaultdict(list)
    on_duty = street.on_duty(rng)
    for _, action, case_id in due:
        viewer, inputs = _choice(street, on_duty, by_id[case_id], action, rng)
        together[action, viewer, inputs].append(by_id[case_id])
    for (action, viewer, inputs), held in together.items():
        items = [Item(row.case.id, row.case.version) for row in held]
        result = await resolve.act(uow, viewer, runtime.keys, action, items, inputs)
        if result.refused:
            raise RuntimeError(f"the town's staff was refused: {result.refused[0][2].detail}")
        follow = "report" if inputs.result == "fail" else NEXT.get(action)
        for case in result.done:
            if follow:
                _plan(agenda, now, follow, case.id, rng)


def _choice(
    street: Street, on_duty: dict[str, Viewer], row: lists.Row, action: str, rng: random.Random
) -> tuple[Viewer, Inputs]:
    """Who takes the action, and with what."""
    case = row.case
    if action == "accept":
        return on_duty["duty_officer"], Inputs()
    if action == "dispatch":
        return on_duty["dispatcher"], Inputs(unit=_unit(street, row, rng))
    if action == "close":
        return on_duty["dispatcher"], Inputs()
    if action == "verify":
        if rng.random() < SENT_BACK:
            return on_duty["inspector"], Inputs(result="fail", note=rng.choice(SENT_BACK_NOTES))
        return on_duty["inspector"], Inputs(result="pass")
    assert case.unit_id is not None
    viewer = street.by_unit[case.unit_id][0]
    return viewer, Inputs(note=rng.choice(REPORTS)) if action == "report" else Inputs()


def _unit(street: Street, row: lists.Row, rng: random.Random) -> str:
    answer = responsible(
        street.rules,
        Question(
            row.case.category_scheme,
            row.case.category_code,
            row.case.category_condition,
            row.grid[0] if row.grid else None,
            row.community[0] if row.community else None,
        ),
    )
    able = [code for code, unit_id in street.unit_id.items() if street.by_unit.get(unit_id)]
    if answer is not None and answer.unit in able:
        return answer.unit
    # Nobody is named for it: the dispatcher decides.
    return rng.choice(sorted(able))


def _csv(reports: list[Report]) -> str:
    out = io.StringIO()
    reports_csv(out, reports)
    return out.getvalue()
