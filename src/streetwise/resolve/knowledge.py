"""What triage knows of the directory: places, grids and calendars of areas, limits of classes.

What is derived from an area is kept until the area's revision changes: building the gazetteer
costs more than a small batch itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from shapely.geometry import shape
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.responsibility import Rule, calendar_of
from streetwise.directory.suggest import Suggester
from streetwise.directory.tables import Area
from streetwise.kernel.geo import GridIndex
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.deadlines import Limit, WorkCalendar
from streetwise.resolve.place import Gazetteer, NamedPlace


@dataclass(frozen=True)
class AreaKnowledge:
    """What triage knows of an area."""

    code: str
    prefix: str
    zone: ZoneInfo
    calendar: WorkCalendar
    gazetteer: Gazetteer
    grids: GridIndex[UUID]
    community_of: dict[UUID, UUID]
    grid_names: dict[UUID, str]
    index: Suggester[NamedPlace]


@dataclass(frozen=True, slots=True)
class KnownCondition:
    """A condition of a class, as an officer picks it on the spot; its limit, where it has one."""

    text: str
    limit: Limit | None


@dataclass(frozen=True, slots=True)
class KnownClass:
    """A class of a taxonomy, with the time limits of its conditions."""

    scheme: str
    version: str
    code: str
    name: str
    kind: str
    limits: tuple[Limit, ...]
    conditions: Mapping[str, KnownCondition] = field(default_factory=dict)


@dataclass(frozen=True)
class Knowledge:
    """Areas by code, classes by scheme and code."""

    areas: dict[str, AreaKnowledge]
    classes: dict[tuple[str, str], KnownClass]


#: What was built from an area's revision; few, since an installation has few areas.
_KEPT: dict[UUID, AreaKnowledge] = {}
KEPT_AREAS = 8


#: The responsibility matrix of an area's revision: asked whenever a case may be dispatched.
_RULES: dict[UUID, list[Rule]] = {}


async def rules_of(session: AsyncSession, viewer: Viewer, area: Area) -> list[Rule]:
    """The responsibility matrix of an area, in order; none for whoever does not see the area."""
    if not viewer.sees_area(area.code):
        return []
    known = _RULES.get(area.revision)
    if known is None:
        known = await directory.rules(session, viewer, area.code)
        if len(_RULES) >= KEPT_AREAS:
            _RULES.clear()
        _RULES[area.revision] = known
    return known


async def know(session: AsyncSession, viewer: Viewer, codes: Set[str]) -> Knowledge:
    """What the directory says now of these areas and of all classes."""
    areas, seen = {}, await directory.areas(session, viewer)
    for area in seen:
        if area.code in codes:
            areas[area.code] = await _kept(session, viewer, area)
    return Knowledge(areas, await _classes(session, viewer, seen))


#: All classes, by the revisions of all areas.
_CLASSES: dict[frozenset[UUID], dict[tuple[str, str], KnownClass]] = {}


async def _classes(
    session: AsyncSession, viewer: Viewer, seen: Sequence[Area]
) -> dict[tuple[str, str], KnownClass]:
    """All classes. Any change of them gives some area a new revision: who sees all areas, as
    triage does for every batch, need not read hundreds of them again.
    """
    if viewer.areas is not None or not seen:
        return known_classes(await directory.conditions(session, viewer))
    key = frozenset(area.revision for area in seen)
    known = _CLASSES.get(key)
    if known is None:
        known = known_classes(await directory.conditions(session, viewer))
        if len(_CLASSES) >= KEPT_AREAS:
            _CLASSES.clear()
        _CLASSES[key] = known
    return known


def known_classes(
    rows: Sequence[Row[str, str, str, str, str, list[dict[str, Any]]]],
) -> dict[tuple[str, str], KnownClass]:
    """Classes by scheme and code, from what the directory has of them."""
    classes = {}
    for scheme, version, code, name, kind, conditions in rows:
        known = {str(one["code"]): _condition(one) for one in conditions}
        limits = tuple(one.limit for one in known.values() if one.limit)
        classes[scheme, code] = KnownClass(scheme, version, code, name, kind, limits, known)
    return classes


def _condition(one: Mapping[str, Any]) -> KnownCondition:
    limit = one.get("limit")
    return KnownCondition(
        one.get("text") or "", Limit(limit["value"], limit["unit"]) if limit else None
    )


async def know_area(session: AsyncSession, viewer: Viewer, code: str | None) -> AreaKnowledge:
    """What is known of one area; None: the home area. NotFound when the viewer sees none."""
    return await _kept(session, viewer, await directory.area(session, viewer, code))


def work_calendar(area: Area) -> WorkCalendar:
    """When offices of an area work."""
    days = calendar_of(area.calendar, area.timezone)
    return WorkCalendar(ZoneInfo(area.timezone), days.works, known=days.known)


async def _kept(session: AsyncSession, viewer: Viewer, area: Area) -> AreaKnowledge:
    known = _KEPT.get(area.revision)
    if known is None:
        known = await _know_area(session, viewer, area)
        if len(_KEPT) >= KEPT_AREAS:
            _KEPT.clear()
        _KEPT[area.revision] = known
    return known


async def _know_area(session: AsyncSession, viewer: Viewer, area: Area) -> AreaKnowledge:
    grids = await directory.grids(session, viewer, area.code)
    places = await directory.places(session, viewer, area.code)
    index = GridIndex([(grid.id, shape(grid.geometry)) for grid in grids])
    within = index.locate([place.lon for place in places], [place.lat for place in places])
    zone = ZoneInfo(area.timezone)
    named = [
        NamedPlace(
            place.name,
            tuple(place.aliases),
            place.kind,
            place.lon,
            place.lat,
            place.grid_id or (index.ids[at] if at >= 0 else None),
            place.code,
            place.numbers or "",
            place.parent,
            tuple(place.roads),
        )
        for place, at in zip(places, within, strict=True)
    ]
    return AreaKnowledge(
        code=area.code,
        prefix=area.prefix,
        zone=zone,
        calendar=work_calendar(area),
        gazetteer=Gazetteer(named),
        grids=index,
        community_of={grid.id: grid.community_id for grid in grids},
        grid_names={grid.id: grid.name for grid in grids},
        index=Suggester(named),
    )
