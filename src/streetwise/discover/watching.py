"""Which cameras see a case, and what they see there: the second look (``resolve/seeing.py``).

A case is seen by a zone in two ways. A finding of that zone became the case, or joined it; or the
zone looks for a scene of the case's class and somebody has said that it shows that ground. Zones
of cameras that are off, or that were drawn away, see nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.discover import catalogue, findings_repository, repository
from streetwise.discover.repository import ZoneRow
from streetwise.discover.system import SYSTEM
from streetwise.discover.tables import Finding, WatchZone
from streetwise.kernel import hooks
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork, looking_as
from streetwise.kernel.geo import haversine_m
from streetwise.resolve import (
    WATCHING,
    CaseFacts,
    Watcher,
    case_facts,
    cases_of_signals,
    open_cases,
    seen_again,
    seen_clear,
    signals_of_case,
)

#: Findings of a zone that are older than this have their cases closed, or nobody will look again.
BACK = timedelta(days=90)
#: Open cases with a class that some scene has, of which it is asked whether a zone shows them.
CASES_MOST = 5000
Spot = tuple[UUID, str, str]


@dataclass(frozen=True, slots=True)
class Look:
    """One inferred picture of a zone: the problem was there, or it was not. Never of a picture in
    which nothing could be seen. ``looks``: so many in a row, the last at ``at`` (business time).
    """

    zone_id: UUID
    at: datetime
    clear: bool
    looks: int = 1


def device_name(row: ZoneRow) -> str:
    """What a zone is called as a device: by people who read it in a case."""
    return f"{row.camera.name}（{row.camera.code}）{row.zone.name}"


def _spot_of(row: ZoneRow) -> Spot:
    return (row.watched.id, row.zone.scene, row.zone.name)


def shows(zone: WatchZone, case: CaseFacts) -> bool:
    """Whether a zone looks for what a case is about, on ground that it is said to show. Pure."""
    scene = catalogue.known().get(zone.scene)
    if scene is None or scene.category != case.category:
        return False
    if zone.lon is None or zone.lat is None or zone.metres is None:
        return False
    if case.lon is None or case.lat is None:
        return False
    return haversine_m(zone.lon, zone.lat, case.lon, case.lat) <= zone.metres


async def watchers_of(*, session: AsyncSession, case_id: UUID) -> list[Watcher]:
    """The zones that see a case; those whose findings it came of first."""
    async with looking_as(session, SYSTEM):
        case = (await case_facts(session, SYSTEM, [case_id])).get(case_id)
        if case is None:
            return []
        signals = await signals_of_case(session, SYSTEM, case_id)
        found = await findings_repository.findings_of_signals(session, SYSTEM, signals)
        mine = {(one.watched_id, one.scene, one.zone) for one in found}
        scenes = {one.scene for one in found} | _scenes_of(case)
        rows = await repository.zones_on(session, SYSTEM, scenes=sorted(scenes)) if scenes else []
    watchers: dict[str, Watcher] = {}
    for row in sorted(rows, key=lambda one: _spot_of(one) not in mine):
        is_mine = _spot_of(row) in mine
        if is_mine or (row.watched.area == case.area and shows(row.zone, case)):
            name = device_name(row)
            watchers.setdefault(name, Watcher(name, "camera", row.zone.clear_looks, is_mine))
    return list(watchers.values())


def _scenes_of(case: CaseFacts) -> set[str]:
    return {one.code for one in catalogue.known().values() if one.category == case.category}


async def looked(uow: UnitOfWork, keys: Keys, looks: Sequence[Look]) -> int:
    """What zones saw of the cases that they see: passes their check, or keeps them open, or opens
    them again. How many cases were told of. A look told twice counts once. For the engine.
    """
    rows = {
        row.zone.id: row
        for row in await repository.zones_on(
            uow.session, SYSTEM, ids=[one.zone_id for one in looks]
        )
    }
    seeing = await _cases_seen(uow.session, rows.values(), uow.now)
    told = 0
    # In the order of cases, so that two processes never wait for each other.
    pairs = [(case.id, one) for one in looks for case in seeing.get(one.zone_id, ())]
    for case_id, one in sorted(pairs, key=lambda pair: (pair[0], pair[1].at)):
        name = device_name(rows[one.zone_id])
        if one.clear:
            await seen_clear(uow, keys, case_id, name, one.at, one.looks)
        else:
            await seen_again(uow, keys, case_id, name, one.at)
        told += 1
    return told


async def zones_with_cases(session: AsyncSession, now: datetime) -> set[UUID]:
    """Zones that see a case which is not over: they are looked at whatever the gate says."""
    rows = await repository.zones_on(session, SYSTEM)
    return set(await _cases_seen(session, rows, now))


async def _cases_seen(
    session: AsyncSession, rows: Iterable[ZoneRow], now: datetime
) -> dict[UUID, list[CaseFacts]]:
    """zone → the cases that it sees and that are not over; or are, though its finding is open."""
    zones = list(rows)
    if not zones:
        return {}
    found = await findings_repository.recent_findings(
        session, SYSTEM, {row.watched.id for row in zones}, now - BACK
    )
    case_of = await cases_of_signals(session, SYSTEM, [one.signal_id for one in found])
    facts = await case_facts(session, SYSTEM, case_of.values())
    at_spot: dict[Spot, list[Finding]] = defaultdict(list)
    for one in found:
        at_spot[one.watched_id, one.scene, one.zone].append(one)
    classes = sorted({one.category for one in catalogue.known().values()})
    others = await open_cases(session, SYSTEM, classes, CASES_MOST)
    seen: dict[UUID, list[CaseFacts]] = {}
    for row in zones:
        mine = {
            case.id: case
            for one in at_spot[_spot_of(row)]
            if (case := facts.get(case_of.get(one.signal_id) or one.id)) is not None
            and (not case.closed or one.cleared_at is None)
        }
        for case in others:
            if case.area == row.watched.area and shows(row.zone, case):
                mine.setdefault(case.id, case)
        if mine:
            seen[row.zone.id] = list(mine.values())
    return seen


hooks.register(WATCHING, watchers_of)
