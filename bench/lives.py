"""The life of a real city's requests, lived again through the loop at high speed.

``read`` takes Boston's file of 2011 (../shared/data/service_requests) without what came later:
each request arrives as news, when it was opened. ``live`` then lets business time run from moment
to moment. What has arrived is taken in and triaged; officers sit down every four hours and take
what is due of a case's way in bulk (``act_each``: accepted, dispatched to the city's own
department, begun, reported, checked), at shares of the time that the city took; and at the very
second at which the city closed a request its case is brought to its end (``act_together``: what
is left of the way, and the closing). What the city never closed is begun, and stays.

A case that several requests joined is closed with the last of them, as far as they had come by
then. What became of each request is looked for afterwards (``lived.py``).
"""

from __future__ import annotations

import csv
import gzip
import heapq
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from streetwise.directory.tables import Staff, Unit
from streetwise.gather import actions as intake
from streetwise.gather.actions import ReadRow
from streetwise.gather.mapping import Mapping, Record, apply, mapping_named
from streetwise.gather.tables import Signal
from streetwise.kernel.ids import new_id
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Scope, Viewer
from streetwise.privacy.access import roles
from streetwise.resolve.actions import Doing, act_each, act_together
from streetwise.resolve.inputs import Inputs, Item
from streetwise.resolve.loop import HANDLING
from streetwise.resolve.tables import Case, CaseSignal
from streetwise.resolve.triage import triage

FILE = Path("../shared/data/service_requests/boston_311_2011h2.csv.gz")
MAPPING, AREA = "boston-311", "boston"
SYSTEM = Viewer.system("bench")
#: What the file says of a request's end: unknown while it arrives.
LATER = ("closed_dt", "ontime", "case_status", "closure_reason")
#: The way of a case to its end, and at what share of the time that the city took each is done.
WAY = ("accept", "dispatch", "start", "report", "verify", "close")
SHARES = (0.1, 0.2, 0.3, 0.7, 0.9)
#: State → how far a case is on that way.
FAR = {
    state: far
    for far, state in enumerate(
        ("received", "accepted", "dispatched", "handling", "reported", "verified", "closed")
    )
}
#: What the city never closed is begun within this time, and goes no further.
NEVER = timedelta(days=10)
SITTING = timedelta(hours=4)
ONCE = 500
ROLES = {"accept": "duty_officer", "dispatch": "dispatcher", "verify": "inspector",
         "close": "dispatcher"}  # fmt: skip


@dataclass(slots=True)
class Life:
    """One request: what arrives (``row``), and when it was opened and closed. ``case_id``: where it
    came to; ``own``: it opened that case.
    """

    key: str
    row: ReadRow
    department: str
    opened: datetime
    closed: datetime | None
    case_id: UUID | None = None
    own: bool = False


@dataclass
class Lived:
    """What was done: steps in bulk and at a closing; and of each transaction what it did, with a
    word for each row (``open``: the request's key, else the case's id), for whoever writes the
    same down without us.
    """

    steps: Counter[str] = field(default_factory=Counter)
    transactions: list[tuple[str, list[str]]] = field(default_factory=list)


def read(file: Path, count: int | None = None) -> list[Life]:
    """The first requests of the file in order of time; all without ``count``."""
    mapping = mapping_named(MAPPING)
    lives = []
    with gzip.open(file, "rt", encoding="utf-8", newline="") as opened:
        for number, cells in enumerate(islice(csv.DictReader(opened), count), start=2):
            whole = apply(mapping, cells)
            news = {**cells, **dict.fromkeys(LATER, "")}
            row = ReadRow(number, news, apply(mapping, news))
            assert isinstance(whole, Record), whole
            assert whole.key is not None
            assert whole.reported_at is not None
            department = cells["department"]
            lives.append(Life(whole.key, row, department, whole.reported_at, whole.closed_at))
    return sorted(lives, key=lambda life: (life.opened, life.key))


def moments(lives: Sequence[Life]) -> Iterator[tuple[datetime, list[Life]]]:
    """(second, what the city closed in it), in order of time."""
    closed = sorted((life for life in lives if life.closed), key=attrgetter("closed", "key"))
    for at, group in groupby(closed, key=attrgetter("closed")):
        yield at, list(group)


def planned(life: Life) -> list[datetime]:
    """When each step before the closing is done."""
    if life.closed is None:
        return [life.opened + NEVER * share for share in SHARES[: FAR[HANDLING]]]
    return [life.opened + (life.closed - life.opened) * share for share in SHARES]


# --- who ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Office:
    """The officers of that city, and who handles for each of its departments."""

    officers: dict[str, Viewer]
    handlers: dict[str, Viewer]
    unit: dict[str, str]

    def who(self, action: str, department: str) -> Viewer:
        """Who takes an action on a case that goes to this department."""
        return self.officers[ROLES[action]] if action in ROLES else self.handlers[department]

    def inputs(self, action: str, department: str) -> Inputs:
        """What they bring."""
        if action == "dispatch":
            return Inputs(unit=self.unit[department])
        if action == "report":
            return Inputs(note="已办")
        return Inputs(result="pass") if action == "verify" else Inputs()


async def settle_in(runtime: Runtime, lives: Iterable[Life]) -> Office:
    """Make the departments and one officer for each of them and for each desk."""
    departments = sorted({life.department for life in lives})
    units = {name: Unit(id=new_id(), code=f"boston-{number}", parent_id=None, tier="department",
                        name=name or "?", name_en=name or "?", ordinal=1000 + number)
             for number, name in enumerate(departments)}  # fmt: skip
    first = units[departments[0]]
    staff = {role: _person(role, role, first) for role in sorted(set(ROLES.values()))}
    handlers = {
        name: _person(unit.code, "department_handler", unit) for name, unit in units.items()
    }
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        uow.session.add_all(units.values())
        await uow.session.flush()
        uow.session.add_all([*staff.values(), *handlers.values()])
    return Office(
        {role: _viewer(one, "street", set()) for role, one in staff.items()},
        {name: _viewer(one, "unit", {one.unit_id}) for name, one in handlers.items()},
        {name: unit.code for name, unit in units.items()},
    )


def _person(name: str, role: str, unit: Unit) -> Staff:
    return Staff(id=new_id(), login=f"boston.{name}", name=name, unit_id=unit.id, roles=[role],
                 password_hash=None)  # fmt: skip


def _viewer(one: Staff, scope: Scope, units: set[UUID]) -> Viewer:
    """With the rights of the role, in that city's area."""
    role = roles()[one.roles[0]]
    return Viewer(
        f"staff:{one.id}", "bench", scope, role.clearance, frozenset({AREA}), frozenset(units),
        role.can, one.id, one.unit_id, frozenset(one.roles),
    )  # fmt: skip


# --- living ---------------------------------------------------------------------------------------


async def live(runtime: Runtime, lives: Sequence[Life]) -> Lived:
    """Let them all live. The runtime's clock is simulated; its database knows no such area yet."""
    city = _City(runtime, lives, await settle_in(runtime, lives))
    await city.begin()
    sitting = lives[0].opened + SITTING
    for at, closing in moments(lives):
        while sitting <= at:
            await city.sit(sitting)
            sitting += SITTING
        await city.close(at, closing)
    while city.waits:
        await city.sit(sitting)
        sitting += SITTING
    await city.end()
    return city.lived


class _City:
    """What is under way."""

    def __init__(self, runtime: Runtime, lives: Sequence[Life], office: Office) -> None:
        self._runtime, self._lives, self._office = runtime, lives, office
        self._mapping: Mapping = mapping_named(MAPPING)
        self._opened = [life.opened for life in lives]
        self._came = 0
        self._agenda: list[tuple[datetime, int, int]] = []
        self._left: dict[UUID, set[str]] = defaultdict(set)
        self._department: dict[UUID, str] = {}
        self._batch = UUID(int=0)
        self.lived = Lived()

    @property
    def waits(self) -> bool:
        """Whether something is still to come, or on the agenda."""
        return self._came < len(self._lives) or bool(self._agenda)

    async def begin(self) -> None:
        async with self._runtime.database.unit_of_work(SYSTEM, now=self._opened[0]) as uow:
            batch = await intake.start_import(
                uow, SYSTEM, self._mapping, file_name="boston.csv", file_digest=b"",
                rows_total=len(self._lives),
            )  # fmt: skip
            uow.jobs.clear()  # it is read here, as it happens
            self._batch = batch.id

    async def end(self) -> None:
        async with self._runtime.database.unit_of_work(SYSTEM, now=self._opened[-1]) as uow:
            await intake.finish_import(uow, SYSTEM, self._batch)

    async def _arrive(self, now: datetime) -> None:
        """Take in what has been opened by now, and triage it."""
        until = bisect_right(self._opened, now)
        while self._came < until:
            come = self._lives[self._came : min(until, self._came + ONCE)]
            async with self._runtime.database.unit_of_work(SYSTEM, now=now) as uow:
                took = await intake.take_in(
                    uow, SYSTEM, self._runtime.keys, self._mapping, self._batch,
                    [life.row for life in come], read_before=self._came,
                )  # fmt: skip
                assert took
                # In one piece, where a job would follow: a request is often closed in its second.
                await triage(uow, SYSTEM, ONCE)
                uow.jobs.clear()
            self.lived.transactions.append(("open", [life.key for life in come]))
            await self._find_cases(come)
            self._came += len(come)

    async def _find_cases(self, come: Sequence[Life]) -> None:
        by_key = {life.key: number for number, life in enumerate(come, start=self._came)}
        query = (
            select(Signal.source_key, CaseSignal.case_id, CaseSignal.why)
            .join(CaseSignal, CaseSignal.signal_id == Signal.id)
            .where(Signal.batch_id == self._batch, Signal.source_key.in_(by_key))
            .where(CaseSignal.part == 0)
        )
        async with self._runtime.database.read(SYSTEM) as session:
            found = (await session.execute(query)).all()
        for key, case_id, why in found:
            assert key is not None
            life = self._lives[by_key[key]]
            life.case_id, life.own = case_id, why == "opened"
            self._left[case_id].add(key)
            if life.own:
                self._department[case_id] = life.department
                for step, at in enumerate(planned(life)):
                    heapq.heappush(self._agenda, (at, step, by_key[key]))

    async def sit(self, now: datetime) -> None:
        """Officers sit down: each takes each step that is due, on all of its cases at once."""
        await self._arrive(now)
        due: list[list[UUID]] = [[] for _ in WAY]
        while self._agenda and self._agenda[0][0] <= now:
            _, step, number = heapq.heappop(self._agenda)
            case_id = self._lives[number].case_id
            assert case_id is not None
            due[step].append(case_id)
        for step, cases in enumerate(due):
            if cases:
                await self._in_bulk(now, step, cases)

    async def _in_bulk(self, now: datetime, step: int, ids: Sequence[UUID]) -> None:
        action, far = WAY[step], await self._standing(ids)
        by_officer: dict[Viewer, list[tuple[Item, Inputs]]] = defaultdict(list)
        given = {name: self._office.inputs(action, name) for name in self._office.unit}
        for case_id in ids:
            version, state = far[case_id]
            if FAR[state] == step:  # else it went that way already, at its closing
                department = self._department[case_id]
                who = self._office.who(action, department)
                by_officer[who].append((Item(case_id, version), given[department]))
        for who, each in by_officer.items():
            async with self._runtime.database.unit_of_work(who, now=now) as uow:
                result = await act_each(uow, who, self._runtime.keys, action, each)
            assert not result.refused, result.refused[:1]
            self.lived.steps["bulk"] += len(result.done)
            self.lived.transactions.append((action, [str(case.id) for case in result.done]))

    async def close(self, now: datetime, closing: Sequence[Life]) -> None:
        """The city closed these in this second; cases whose last request it was come to an end."""
        if any(life.case_id is None for life in closing):
            await self._arrive(now)
        ended = []
        for life in closing:
            assert life.case_id is not None, life.key
            left = self._left[life.case_id]
            left.discard(life.key)
            if not left:
                ended.append(life.case_id)
        far = await self._standing(ended)
        doings = [one for case_id in ended for one in self._to_the_end(case_id, *far[case_id])]
        async with self._runtime.database.unit_of_work(SYSTEM, now=now) as uow:
            await act_together(uow, self._runtime.keys, doings)
        self.lived.steps["closing"] += len(doings)
        self.lived.transactions.append(("close", [str(doing.item.id) for doing in doings]))

    def _to_the_end(self, case_id: UUID, version: int, state: str) -> Iterator[Doing]:
        department = self._department[case_id]
        for n, action in enumerate(WAY[FAR[state] :]):
            who = self._office.who(action, department)
            inputs = self._office.inputs(action, department)
            yield Doing(who, action, Item(case_id, version + n), inputs)

    async def _standing(self, ids: Sequence[UUID]) -> dict[UUID, tuple[int, str]]:
        """(version, state) of cases."""
        query = select(Case.id, Case.version, Case.state).where(Case.id.in_(ids))
        async with self._runtime.database.read(SYSTEM) as session:
            rows = (await session.execute(query)).all()
        return {case_id: (version, state) for case_id, version, state in rows}
