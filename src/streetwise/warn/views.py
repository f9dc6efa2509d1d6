"""From rows to what the API shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.tables import Grid
from streetwise.kernel.viewer import Viewer
from streetwise.warn import repository, scored
from streetwise.warn.classes import class_names
from streetwise.warn.columns import BEFORE, factor_of
from streetwise.warn.material import weather_told
from streetwise.warn.repository import AGREE
from streetwise.warn.rounds import Score
from streetwise.warn.schemas import (
    BeforeView,
    ChartView,
    ClassView,
    EffectView,
    GridView,
    NightView,
    NoteView,
    OutlookView,
    ScoreView,
    ShareView,
    TaskCase,
    TaskView,
    WarningRow,
    WarningView,
    WarnZoneView,
    WeatherView,
)
from streetwise.warn.tables import (
    PROPOSED,
    ROUNDS,
    PreventiveTask,
    WarnForecast,
    Warning,  # noqa: A004
    WarnNote,
    WarnRun,
)

Key = tuple[str, str]


def night_view(run: WarnRun | None) -> NightView | None:
    """A night, and what it read as far as that is known."""
    if run is None:
        return None
    read: Mapping[str, Any] = run.read
    told: Mapping[str, Any] = run.told
    days = {
        name: date.fromisoformat(read[name]) if name in read else None
        for name in ("first_day", "last_day")
    }
    return NightView(
        night=run.night,
        state=cast(Any, run.state),
        began_at=run.began_at,
        ended_at=run.ended_at,
        seconds=run.seconds,
        reports=read.get("reports"),
        unclassed=read.get("unclassed"),
        unplaced=read.get("unplaced"),
        history_days=told.get("history_days"),
        waits_days=told.get("waits_days"),
        **days,
    )


class _Known:
    """Names of classes and grids, asked for once."""

    def __init__(self, classes: Mapping[Key, str], grids: Mapping[UUID, Grid]) -> None:
        self._classes, self._grids = classes, grids

    @classmethod
    async def of(
        cls,
        session: AsyncSession,
        viewer: Viewer,
        keys: Iterable[tuple[str | None, str | None]],
        grids: Iterable[UUID | None] = (),
    ) -> _Known:
        wanted = {(scheme, code) for scheme, code in keys if scheme and code}
        return cls(
            await class_names(session, viewer, wanted),
            await repository.grids(session, viewer, {one for one in grids if one}),
        )

    def category(self, scheme: str | None, code: str | None) -> ClassView | None:
        if not scheme or not code:
            return None
        return ClassView(scheme=scheme, code=code, name=self._classes.get((scheme, code), code))

    def grid(self, grid_id: UUID | None) -> GridView | None:
        found = self._grids.get(grid_id) if grid_id else None
        return None if found is None else GridView(id=found.id, code=found.code, name=found.name)

    def those(self, grids: Iterable[UUID]) -> list[GridView]:
        """Those of them that there are."""
        found = (self.grid(one) for one in grids)
        return [one for one in found if one is not None]


async def warning_rows(
    session: AsyncSession, viewer: Viewer, rows: Sequence[Warning]
) -> list[WarningRow]:
    """Lines of the list."""
    known = await _known_of(session, viewer, rows)
    return [WarningRow(**_fields(one, known)) for one in rows]


async def warning_view(session: AsyncSession, viewer: Viewer, row: Warning) -> WarningView:
    """One warning with its evidence."""
    evidence: Mapping[str, Any] = row.evidence
    mostly_at = [UUID(one) for one in evidence["mostly_at"]]
    before = evidence.get(BEFORE, [])
    gathers = [UUID(grid) for one in (*row.zones, *before) for grid in one["grids"]]
    known = await _known_of(session, viewer, [row], [*mostly_at, *gathers])
    remarks = await weather_told(session, viewer, row.area, row.first_day, row.last_day)
    return WarningView(
        **_fields(row, known),
        chart=ChartView(**{name: evidence[name] for name in ChartView.model_fields}),
        mostly_at=known.those(mostly_at),
        zones=[
            WarnZoneView(**{**zone, "grids": known.those(UUID(one) for one in zone["grids"])})
            for zone in row.zones
        ],
        weather=[WeatherView(**asdict(one)) for one in remarks],
        before=[
            BeforeView(**{**one, "grids": known.those(UUID(each) for each in one["grids"])})
            for one in before
        ],
    )


async def _known_of(
    session: AsyncSession, viewer: Viewer, rows: Sequence[Warning], more: Sequence[UUID] = ()
) -> _Known:
    keys = [(one.category_scheme, one.category_code) for one in rows]
    grids = [*more, *(grid for one in rows for grid in one.grid_ids)]
    return await _Known.of(session, viewer, keys, grids)


def _fields(row: Warning, known: _Known) -> dict[str, Any]:
    same = ("id", "version", "status", "methods", "lon", "lat", "metres", "first_day", "last_day")
    more = ("observed", "expected", "recurrence_days", "said_at", "seen_at", "over_at", "told_at")
    return {
        "hindsight": row.hindsight,
        "young": row.young,
        "told_again": row.said_run_id != row.told_run_id == row.seen_run_id,
        **{name: getattr(row, name) for name in same + more},
        "category": known.category(row.category_scheme, row.category_code),
        "grids": known.those(row.grid_ids),
        "factor": factor_of(row.observed, row.expected),
        "at_least": row.evidence["at_least"],
    }


async def note_views(
    session: AsyncSession, viewer: Viewer, rows: Sequence[WarnNote]
) -> list[NoteView]:
    """Remarks on the data."""
    known = await _Known.of(
        session, viewer, [(one.category_scheme, one.category_code) for one in rows]
    )
    same = ("kind", "first_day", "last_day", "count", "lon", "lat", "says", "numbers")
    return [
        NoteView(
            **{name: getattr(one, name) for name in same},
            category=known.category(one.category_scheme, one.category_code),
        )
        for one in rows
    ]


async def outlook_views(
    session: AsyncSession, viewer: Viewer, rows: Sequence[WarnForecast]
) -> list[OutlookView]:
    """Forecasts."""
    known = await _Known.of(
        session,
        viewer,
        [(one.category_scheme, one.category_code) for one in rows],
        [one.grid_id for one in rows],
    )
    return [
        OutlookView(
            grid=known.grid(one.grid_id),
            category=known.category(one.category_scheme, one.category_code),
            days=one.days,
            low=one.low,
            mean=one.mean,
            high=one.high,
        )
        for one in rows
    ]


async def task_views(
    session: AsyncSession, viewer: Viewer, rows: Sequence[PreventiveTask], now: datetime
) -> list[TaskView]:
    """Rounds, with their cases where the viewer sees those."""
    known = await _Known.of(
        session,
        viewer,
        [(one.category_scheme, one.category_code) for one in rows],
        [one.grid_id for one in rows],
    )
    cases = await scored.cases_of(session, viewer, list(rows))
    names = await directory.staff_names(session, viewer, {o.agreed_by for o in rows if o.agreed_by})
    zones = {one.code: one.timezone for one in await directory.areas(session, viewer)}
    views = []
    for one in rows:
        case = cases.get(one.id)
        proposed = one.state == PROPOSED
        today = now.astimezone(ZoneInfo(zones[one.area])).date()
        said = names.get(one.agreed_by) if one.agreed_by else None
        category = known.category(one.category_scheme, one.category_code)
        assert category is not None  # the columns are never empty
        views.append(
            TaskView(
                id=one.id,
                version=one.version,
                day=one.day,
                rank=one.rank,
                grid=known.grid(one.grid_id),
                category=category,
                lon=one.lon,
                lat=one.lat,
                expected=one.expected,
                days=one.days,
                recent=one.recent,
                driver=one.driver,
                came=one.came,
                state=cast(Any, one.state),
                agreed_at=one.agreed_at,
                agreed_by=said[0] if said else None,
                case=TaskCase(id=case.id, number=case.number, state=case.state) if case else None,
                result=None if proposed else scored.result_of(case),
                may_agree=proposed and viewer.may(AGREE) and today <= one.day,
            )
        )
    return views


async def score_view(
    session: AsyncSession, viewer: Viewer, score: Score, run: WarnRun | None
) -> ScoreView:
    """How 未诉先办 went, with what the last night counted of it."""
    counted: Mapping[str, Any] = run.told.get(ROUNDS, {}) if run else {}
    each = counted.get("shares", [])
    known = await _Known.of(session, viewer, [(one["scheme"], one["code"]) for one in each])
    whole, changed = counted.get("share"), counted.get("effect")
    return ScoreView(
        agreed=score.agreed,
        found=score.found,
        mended=score.mended,
        nothing=score.nothing,
        expected=counted.get("expected", 0.0),
        came=counted.get("came", 0),
        share=_share(whole, None) if whole else None,
        shares=[_share(one, known.category(one["scheme"], one["code"])) for one in each],
        effect=EffectView(**{name: changed[name] for name in EffectView.model_fields})
        if changed
        else None,
    )


def _share(counted: Mapping[str, Any], category: ClassView | None) -> ShareView:
    return ShareView(
        category=category,
        prevented=counted["prevented"],
        complaints=counted["complaints"],
        share=counted["share"],
        low=counted["low"],
        high=counted["high"],
    )
