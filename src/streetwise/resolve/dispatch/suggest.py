"""Suggestions for cases of an area: the matrix, its past and its borders, brought to ``decide``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from shapely.geometry import shape
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.responsibility import Question, calendar_of
from streetwise.directory.tables import Area, Unit
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.dispatch import repository
from streetwise.resolve.dispatch.borders import Borders
from streetwise.resolve.dispatch.decide import Asked, Decider, Reason, Suggestion
from streetwise.resolve.dispatch.learn import History
from streetwise.resolve.dispatch.repository import Load
from streetwise.resolve.knowledge import KEPT_AREAS, rules_of
from streetwise.resolve.lists import Row

#: Units that can be given a case or called to it.
TIERS = ("community", "department", "team", "outside")
#: What of a case decides who is responsible, when nobody has decided on it.
DOUBTS = ("category", "place")
NOTHING = Load(0, 0)


@dataclass(frozen=True, slots=True)
class Ground:
    """Grids of an area: which are near a point, and in which community each lies, by code."""

    borders: Borders
    community: Mapping[str, str]


#: What was built, by area; few, since an installation has few areas.
_GROUNDS: dict[UUID, Ground] = {}
_HISTORIES: dict[tuple[str, datetime | None, UUID], History] = {}


@dataclass(frozen=True, slots=True)
class Suggester:
    """What is needed to suggest units for cases of one area at one moment."""

    area: Area
    units: Sequence[Unit]
    load: Mapping[UUID, Load]
    decider: Decider
    ground: Ground
    codes: Mapping[UUID, str]
    places: bool

    @property
    def able(self) -> list[Unit]:
        """Units that can get a case, in the directory's order."""
        return [unit for unit in self.units if unit.tier in TIERS and unit.ended_at is None]

    def load_of(self, unit: Unit) -> Load:
        """What it holds now."""
        return self.load.get(unit.id, NOTHING)


async def suggester(session: AsyncSession, viewer: Viewer, area: Area, now: datetime) -> Suggester:
    """For an area that the viewer sees."""
    units = await directory.units(session, viewer, ended=True)
    able = {unit.code for unit in units if unit.tier in TIERS and unit.ended_at is None}
    rules = await rules_of(session, viewer, area)
    history = await _history(session, viewer, area, able)
    return Suggester(
        area=area,
        units=units,
        load=await repository.load(session, viewer, area.code, now),
        decider=Decider(rules, history, able.__contains__),
        ground=await _ground(session, viewer, area, units),
        codes={unit.id: unit.code for unit in units},
        places=any(rule.place for rule in rules),
    )


async def _history(session: AsyncSession, viewer: Viewer, area: Area, able: set[str]) -> History:
    counted = await repository.counted_at(session, viewer, area.code)
    key = (area.code, counted, area.revision)
    known = _HISTORIES.get(key)
    if known is None:
        past = await repository.past(session, viewer, area.code) if counted else []
        known = History(past, able)
        if len(_HISTORIES) >= KEPT_AREAS:
            _HISTORIES.clear()
        _HISTORIES[key] = known
    return known


async def _ground(
    session: AsyncSession, viewer: Viewer, area: Area, units: Sequence[Unit]
) -> Ground:
    known = _GROUNDS.get(area.revision)
    if known is None:
        grids = await directory.grids(session, viewer, area.code)
        codes = {unit.id: unit.code for unit in units}
        known = Ground(
            Borders([(grid.code, shape(grid.geometry)) for grid in grids]),
            {grid.code: codes[grid.community_id] for grid in grids if grid.community_id in codes},
        )
        if len(_GROUNDS) >= KEPT_AREAS:
            _GROUNDS.clear()
        _GROUNDS[area.revision] = known
    return known


async def suggestions(
    session: AsyncSession,
    viewer: Viewer,
    known: Suggester,
    rows: Sequence[Row],
    now: datetime,
    metres: float,
) -> list[Suggestion]:
    """For each case of that area its suggestion. ``metres``: so near a border is asked for."""
    at = now.astimezone(ZoneInfo(known.area.timezone))
    calendar = calendar_of(known.area.calendar, known.area.timezone)
    named = await _places(session, viewer, known, rows)
    near = _near(known, rows, metres)
    found = []
    for row in rows:
        case = row.case
        grid = row.grid[0] if row.grid else None
        question = Question(
            scheme=case.category_scheme,
            class_code=case.category_code,
            condition=case.category_condition,
            grid=grid,
            community=row.community[0] if row.community else None,
            places=named.get(case.id, frozenset()),
            at=at,
            calendar=calendar,
        )
        others = [one for one in near.get(case.id, ()) if one != grid] if grid else []
        asked = Asked(
            question,
            grids=tuple((one, known.ground.community.get(one)) for one in others),
            returned_from=known.codes.get(case.returned_from) if case.returned_from else None,
            doubts=tuple(one for one in DOUBTS if one in case.doubts),
        )
        found.append(known.decider.suggest(asked))
    return found


def _near(known: Suggester, rows: Sequence[Row], metres: float) -> dict[UUID, tuple[str, ...]]:
    placed = [row.case for row in rows if row.case.lon is not None and row.case.lat is not None]
    lons = [case.lon for case in placed if case.lon is not None]
    lats = [case.lat for case in placed if case.lat is not None]
    near = known.ground.borders.near(lons, lats, metres)
    return {case.id: codes for case, codes in zip(placed, near, strict=True)}


async def _places(
    session: AsyncSession, viewer: Viewer, known: Suggester, rows: Sequence[Row]
) -> dict[UUID, frozenset[str]]:
    """The places that each case names; looked for only where a line of the matrix asks."""
    if not known.places:
        return {}
    words: dict[UUID, list[str]] = {}
    for row in rows:
        said = ((row.case.place_why or {}).get("params") or {}).get("words")
        words[row.case.id] = [name for name in (row.case.place_text, said) if name]
    every = sorted({name for names in words.values() for name in names})
    codes = await directory.places_by_name(session, viewer, known.area.code, every)
    return {
        case_id: frozenset().union(*(codes.get(name, frozenset()) for name in names))
        for case_id, names in words.items()
    }


def unit_in(params: Mapping[str, object], names: Mapping[str, str]) -> dict[str, object]:
    """The params of a reason with the names of its units beside their codes."""
    found = dict(params)
    if isinstance(unit := params.get("unit"), str):
        found["unit_name"] = names.get(unit, unit)
    if isinstance(units := params.get("units"), list):
        found["unit_names"] = [names.get(one, one) for one in units]
    return found


def said(reason: Reason, names: Mapping[str, str]) -> tuple[str, dict[str, object]]:
    """(code, params) of a reason as shown."""
    return reason.code, unit_in(reason.params, names)
