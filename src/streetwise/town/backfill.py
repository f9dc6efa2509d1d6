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
from zoneinfo import ZoneInfo

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
from streetwise.resolve.orders import actions as answer
from streetwise.resolve.orders import repository as orders
from streetwise.resolve.triage import triage
from streetwise.town import platform
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
#: How often somebody sits down to the hotline's orders.
DESK_HOURS = 4
READ_AFTER = timedelta(hours=18)


@dataclass
class Street:
    """The staff and the responsibilities, with the rights that the directory gives.

    ``by_unit`` holds those who can handle cases.
    """

    by_role: dict[str, list[Viewer]]
    by_unit: dict[UUID, list[Viewer]]
    unit_id: dict[str, UUID]
    rules: list[Rule]
    zone: ZoneInfo

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
    by_day = _by_day(reports)
    agenda: list[tuple[datetime, str, UUID]] = []
    known: set[UUID] = set()
    day = start
    while day < end:
        rows = by_day.get(day.date(), [])
        await _one_day(runtime, street, rows, day, end, rng, agenda, known, area)
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
    rules = await directory.rules(session, system, area)
    zone = ZoneInfo((await directory.area(session, system, area)).timezone)
    return Street(by_role, by_unit, units, rules, zone)


@dataclass
class _File:
    """A file of the day, read as the day goes on."""

    mapping: Mapping
    name: str
    times: list[datetime]
    cells: list[dict[str, str]]
    batch_id: UUID | None = None
    read: int = 0


def _files(reports: list[Report], day: datetime) -> list[_File]:
    """The street's own file, and the hotline platform's export of its orders."""
    own = [report for report in reports if report.channel != platform.CHANNEL]
    orders = [report for report in reports if report.channel == platform.CHANNEL]
    text = _orders_text([platform.order_row(report) for report in orders])
    return [
        _file(mapping_named("street-reports"), f"来件-{day:%Y-%m-%d}.csv", own, _csv(own)),
        _file(mapping_named(platform.MAPPING), f"12345工单-{day:%Y-%m-%d}.csv", orders, text),
    ]


def _file(mapping: Mapping, name: str, reports: list[Report], text: str) -> _File:
    cells = list(csv.DictReader(io.StringIO(text)))
    return _File(mapping, name, [report.at for report in reports], cells)


def _orders_text(rows: Iterable[dict[str, str]]) -> str:
    out = io.StringIO()
    platform.orders_csv(out, rows)
    return out.getvalue()


async def _begin(uow: UnitOfWork, steward: Viewer, file: _File) -> None:
    batch = await gather.start_import(
        uow,
        steward,
        file.mapping,
        file_name=file.name,
        # Never in the store: what is read here at once is not there afterwards either.
        file_digest=b"",
        rows_total=len(file.cells),
    )
    file.batch_id = batch.id
    uow.jobs.clear()  # the rows are read here, at their simulated time


async def _read_on(runtime: Runtime, uow: UnitOfWork, file: _File, until: datetime) -> None:
    due = sum(at <= until for at in file.times[file.read :])
    if not due or file.batch_id is None:
        return
    rows = [
        ReadRow(number + 2, file.cells[number], apply(file.mapping, file.cells[number]))
        for number in range(file.read, file.read + due)
    ]
    system = Viewer.system("import")
    await gather.take_in(
        uow, system, runtime.keys, file.mapping, file.batch_id, rows, read_before=file.read
    )
    uow.jobs.clear()
    file.read += due
    await uow.session.flush()


async def _one_day(
    runtime: Runtime,
    street: Street,
    reports: list[Report],
    day: datetime,
    end: datetime,
    rng: random.Random,
    agenda: list[tuple[datetime, str, UUID]],
    known: set[UUID],
    area: str,
) -> None:
    """The day's files, read as the day goes on; the staff act in between."""
    steward = street.on_duty(rng)["data_steward"]
    files = [file for file in _files(reports, day) if file.cells]
    async with runtime.database.unit_of_work(Viewer.system("town"), now=day) as uow:
        for file in files:
            await _begin(uow, steward, file)
    now, desk = day, day + timedelta(hours=DESK_HOURS)
    while now < min(day + timedelta(days=1), end):
        now = min(now + timedelta(minutes=rng.uniform(*STEP_MINUTES)), day + timedelta(days=1), end)
        async with runtime.database.unit_of_work(Viewer.system("town"), now=now) as uow:
            for file in files:
                await _read_on(runtime, uow, file, now)
            await triage(uow, Viewer.system("triage"), FOREVER)
            await _act(uow, runtime, street, now, rng, agenda)
        await _plan_new(runtime, area, now, rng, agenda, known)
        if now >= desk:
            desk += timedelta(hours=DESK_HOURS)
            await _at_the_desk(runtime, street, steward, now, rng, area)
    async with runtime.database.unit_of_work(Viewer.system("town"), now=now) as uow:
        for file in files:
            assert file.batch_id is not None
            await gather.finish_import(uow, Viewer.system("import"), file.batch_id)


async def _at_the_desk(
    runtime: Runtime,
    street: Street,
    steward: Viewer,
    now: datetime,
    rng: random.Random,
    area: str,
) -> None:
    """The duty officer answers orders of cases that are done; the platform looks at answers."""
    officer = street.on_duty(rng)["duty_officer"]
    done = [
        row.order
        for row in await _orders(runtime, area, ("open", "returned"), now)
        if row.case.state in ("verified", "closed")
    ]
    # Somebody reads what the call-backs found, a day later at most; the last ones wait.
    seen = [
        row.order
        for row in await _orders(runtime, area, ("closed",), now, attention=True)
        if row.order.called_back_at and now - row.order.called_back_at > READ_AFTER
    ]
    answered = [
        platform.Answered(
            row.order.number,
            row.order.updates,
            row.case.title,
            row.order.answered_at,
            row.order.due_at,
        )
        for row in await _orders(runtime, area, ("answered",), now)
        if row.order.answered_at
    ]
    rows = platform.verdicts(answered, now, street.zone)
    async with runtime.database.unit_of_work(Viewer.system("town"), now=now) as uow:
        for order in done:
            words = platform.answer_words(order.number)
            await answer.act(uow, officer, runtime.keys, order.id, order.version, "answer", words)
        for order in seen:
            await answer.act(
                uow, officer, runtime.keys, order.id, order.version, "acknowledge", None
            )
        if rows:
            name = f"12345回访-{now.astimezone(street.zone):%Y-%m-%d-%H}.csv"
            mapping = mapping_named(platform.MAPPING)
            file = _File(mapping, name, [now] * len(rows), rows)
            await _begin(uow, steward, file)
            await uow.session.flush()
            await _read_on(runtime, uow, file, now)
            assert file.batch_id is not None
            await gather.finish_import(uow, Viewer.system("import"), file.batch_id)
            await triage(uow, Viewer.system("triage"), FOREVER)


async def _orders(
    runtime: Runtime,
    area: str,
    states: tuple[str, ...],
    now: datetime,
    *,
    attention: bool = False,
) -> list[orders.OrderRow]:
    system, none = Viewer.system("town"), timedelta(0)
    async with runtime.database.read(system) as session:
        page = await orders.page(
            session,
            system,
            orders.OrderFilter(area=area, states=states, attention=attention),
            cursor=None,
            limit=FOREVER,
            now=now,
            soon=none,
            patience=none,
        )
    return page.rows


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
        # Nobody is told today what happened then.
        result = await resolve.act(uow, viewer, runtime.keys, action, items, inputs, tell=False)
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
