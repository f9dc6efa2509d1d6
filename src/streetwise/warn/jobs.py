"""Background work of warn: one analysis a night for each street, whoever runs it.

It runs where jobs run, behind everybody who is at work, and computes in a thread: the engines give
the interpreter free while they count. A night that was missed is made up for once, by the last one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

from streetwise.directory import repository as directory
from streetwise.directory.tables import Area
from streetwise.kernel import arriving, logs
from streetwise.kernel.jobs import job
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.settings import Settings
from streetwise.warn import actions, hindsight, material, repository, tasks_repository
from streetwise.warn.actions import SYSTEM, Names
from streetwise.warn.classes import class_names
from streetwise.warn.night import Compute, Material, Night, Stood
from streetwise.warn.tables import ARRIVING_DAYS, PreventiveTask
from streetwise.warn.values import day_of

NIGHT_JOB = "warn.night"

#: Rounds that were agreed to longer ago keep nobody from going there again.
VISITS_BACK = timedelta(days=14)

log = logs.get(__name__)


@job(NIGHT_JOB, every=lambda settings: settings.warn_look_minutes * 60)
async def run_nights(runtime: Runtime) -> None:
    """The night's analysis of every street whose hour has come and that has not had it.

    While an invented past is still arriving, a night looks at what has come of it without gaps, and
    is made again when that is twice as long, and when all is there; each time it looks back anew.
    """
    settings = runtime.settings
    if not settings.warn_nightly:
        return
    comes = runtime.database.clock.simulated and arriving.share(settings.home) is not None
    since = arriving.since(settings.home) if comes else None
    if comes and since is None:
        return
    async with runtime.database.read(SYSTEM) as session:
        areas = list(await directory.areas(session, SYSTEM))
    now = runtime.database.clock.now()
    failed: list[Exception] = []
    for area in areas:
        night = night_of(area, settings, now)
        known = None if since is None else days_known(area, night, since)
        try:
            again = await _knows_more(runtime, area, night, known)
            await analyse(runtime, area, night, _compute, again=again, known_days=known)
        except Exception as wrong:  # of whatever kind: the areas behind it have a night as well
            log.exception("night_failed", area=area.code, night=night.isoformat())
            failed.append(wrong)
    if failed:
        raise ExceptionGroup("Not every street had its night.", failed)


def days_known(area: Area, night: date, since: datetime) -> int:
    """How many whole days before a night there are, of a past that is there ``since`` then."""
    return (night - since.astimezone(ZoneInfo(area.timezone)).date()).days


async def _knows_more(runtime: Runtime, area: Area, night: date, known_days: int | None) -> bool:
    """Whether a night was made of less than there is now (None: of all that there will be)."""
    async with runtime.database.read(SYSTEM) as session:
        run = await repository.run_of(session, SYSTEM, area.code, night)
    before = None if run is None else run.told.get(ARRIVING_DAYS)
    if before is None:
        return False
    return known_days is None or known_days >= 2 * int(before)


def _compute(given: Material) -> Night:
    """The engines, brought in when a night is computed: no start has to wait for them."""
    from streetwise.warn.compute import compute  # noqa: PLC0415

    return compute(given)


def night_of(area: Area, settings: Settings, now: datetime) -> date:
    """The local day of the last night whose hour has come."""
    local = now.astimezone(ZoneInfo(area.timezone))
    begun = local.hour >= settings.warn_at_hours
    return local.date() - timedelta(days=0 if begun else 1)


async def analyse(
    runtime: Runtime,
    area: Area,
    night: date,
    by: Compute,
    *,
    again: bool = False,
    known_days: int | None = None,
) -> bool:
    """Analyse a night of an area by these engines; whether there was anything to do.

    ``known_days``: only so many days of its past are there without gaps, more will come. Killed at
    any point it has written nothing but that it began, and is done anew.
    """
    database, settings = runtime.database, runtime.settings
    async with database.unit_of_work(SYSTEM) as uow:
        run = await actions.begin(uow, area.code, night, again=again)
        if run is None:
            return False
        run_id = run.id
    begun = perf_counter()
    days = settings.warn_history_days
    days = days if known_days is None else min(days, known_days)
    async with database.read(SYSTEM) as session:
        read = await material.read(
            session,
            SYSTEM,
            area,
            night,
            days,
            by_weather=settings.warn_weather,
            looks=database.clock.now(),
        )
    if read is None:
        async with database.unit_of_work(SYSTEM) as uow:
            await actions.nothing_to_count(uow, area.code, night)
        return True
    async with database.unit_of_work(SYSTEM) as uow:
        await actions.computing(uow, area.code, night, actions.told_of(read))
        names = Names(await class_names(uow.session, SYSTEM, read.categories))
        agreed = await tasks_repository.agreed_since(
            uow.session, SYSTEM, area.code, uow.now - VISITS_BACK
        )
        stood = await actions.standing(uow.session, area.code, read)
        first = await repository.hindsight_due(uow.session, SYSTEM, area.code, run_id)
    given = material_of(read, settings, agreed, stood)
    if first:
        given = replace(given, hindsight_days=settings.warn_hindsight_days)
    came_to = await asyncio.to_thread(by, given)
    if known_days is not None:
        told = {**came_to.told, ARRIVING_DAYS: days}
        came_to = replace(came_to, told=told)
    seconds = perf_counter() - begun
    async with database.unit_of_work(SYSTEM) as uow:
        ended = await actions.finish(
            uow,
            area,
            night,
            read,
            came_to,
            seconds=seconds,
            quiet_days=settings.warn_quiet_days,
            keep_days=settings.warn_keep_days,
            names=names,
        )
        if ended and came_to.hindsight is not None:
            await hindsight.put(
                uow,
                area,
                night,
                read,
                came_to.hindsight,
                quiet_days=settings.warn_quiet_days,
                at_hours=settings.warn_at_hours,
                most=settings.warn_hindsight_rows,
            )
    log.info(
        "night_analysed", area=area.code, night=night.isoformat(), reports=len(read.reports),
        found=len(came_to.found), seconds=round(seconds, 1),
    )  # fmt: skip
    return True


def material_of(
    read: material.Read,
    settings: Settings,
    agreed: Sequence[PreventiveTask],
    stood: tuple[Stood, ...],
) -> Material:
    """What the engines are given."""
    place = {grid: n for n, grid in enumerate(read.ground.ids)}
    number = {category: n for n, category in enumerate(read.categories)}
    visits: dict[tuple[int, int], int] = {}
    for one in sorted(agreed, key=lambda task: task.day):
        category = number.get((one.category_scheme, one.category_code))
        if one.grid_id in place and category is not None:
            visits[place[one.grid_id], category] = day_of(one.day)
    return Material(
        reports=read.reports,
        places=read.ground.places,
        region=read.ground.region,
        regions=read.ground.regions,
        calendar=read.calendar,
        last_day=read.last_day,
        budget=settings.warn_warnings_per_week,
        visits=visits,
        stood=stood,
    )
