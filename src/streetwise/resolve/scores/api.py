"""Routes of scores."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel.access import needs
from streetwise.kernel.errors import Invalid
from streetwise.resolve.repository import visible
from streetwise.resolve.scores import repository
from streetwise.resolve.scores.engine import Counted, Tally, composite, ranked
from streetwise.resolve.scores.estimates import with_estimates
from streetwise.resolve.scores.repository import Asked, Behind
from streetwise.resolve.scores.rules import (
    Rules,
    month_of,
    months_back,
    period,
    rules_for,
    versions,
)
from streetwise.resolve.scores.schemas import (
    BehindPage,
    BehindView,
    RateView,
    RulesView,
    ScoreLineView,
    ScoresView,
)

router = APIRouter(tags=["scores"], route_class=ShownRoute)

Current = Annotated[Deps, Depends(current)]
Area = Annotated[str | None, Query(max_length=100)]
Month = Annotated[str | None, Query(max_length=7)]
Version = Annotated[str | None, Query(max_length=100)]
By = Literal["unit", "community", "class", "channel"]
#: Months before the asked one that are shown beside it.
MONTHS_BEFORE = 12
BEHIND_MOST = 200
#: How a group without a key is asked for.
NONE = "-"


async def _asked(
    session: AsyncSession, deps: Deps, area: str | None, month: str | None, version: str | None
) -> tuple[str, Rules, str, ZoneInfo]:
    """(area, rules, month, its zone), each as asked for or as it is now."""
    deps.viewer.require("score.read")
    here = await directory.area(session, deps.viewer, area)
    zone, now = ZoneInfo(here.timezone), deps.runtime.database.clock.now()
    if month is None:
        latest = rules_for(versions(), f"{now.astimezone(zone):%Y-%m}", version)
        month = month_of(now, latest, zone)
    return here.code, rules_for(versions(), month, version), month, zone


@router.get("/scores", openapi_extra=needs("score.read"))
async def scores(
    deps: Current, area: Area = None, month: Month = None, by: By = "unit", rules: Version = None
) -> ScoresView:
    """A month's scores by unit, community, class or channel, with the months before.

    Without ``rules`` each month is scored by those that were valid when it began.
    """
    async with deps.runtime.database.read(deps.viewer) as session:
        code, valid, month, zone = await _asked(session, deps, area, month, rules)
        when = period(month, valid, zone)
        counted = await repository.tallies(session, deps.viewer, code, valid, when, by)
        groups = await with_estimates(session, deps.viewer, code, valid, when, by, counted)
        names = await repository.names_of(session, deps.viewer, by, list(groups))
        total = await _total(session, deps, code, valid, month, zone)
        before = []
        for one in months_back(month, MONTHS_BEFORE + 1)[:-1]:
            theirs = rules_for(versions(), one, rules)
            before.append(await _total(session, deps, code, theirs, one, zone))
    return ScoresView(
        month=month,
        start=when.start,
        end=when.end,
        by=by,
        rules=_rules_view(valid),
        known=[_rules_view(one) for one in versions()],
        total=total,
        groups=[
            _group_view(None if key is None else str(key), names.get(key), tally, valid)
            for key, tally in ranked(groups, valid)
            if tally.closed
            or tally.orders
            or tally.estimated
            or any(one.of for one in tally.counts.values())
        ],
        before=before,
    )


async def _total(
    session: AsyncSession, deps: Deps, area: str, rules: Rules, month: str, zone: ZoneInfo
) -> ScoreLineView:
    when = period(month, rules, zone)
    counted = await repository.tallies(session, deps.viewer, area, rules, when, None)
    found = await with_estimates(session, deps.viewer, area, rules, when, None, counted)
    return _group_view(None, month, found[None], rules)


@router.get("/scores/behind", openapi_extra=needs("score.read"))
async def behind(
    deps: Current,
    rate: Annotated[str, Query(max_length=100)],
    area: Area = None,
    month: Month = None,
    by: By | None = None,
    key: Annotated[str | None, Query(max_length=200)] = None,
    rules: Version = None,
) -> BehindPage:
    """The cases behind a rate, those that count least first; ``key``: of one group (- of none)."""
    async with deps.runtime.database.read(deps.viewer) as session:
        code, valid, month, zone = await _asked(session, deps, area, month, rules)
        found = next((one for one in valid.rates if one.name == rate), None)
        if found is None:
            said = ", ".join(one.name for one in valid.rates)
            raise Invalid(f"There is no rate '{rate}'; there are: {said}.", code="rate_unknown")
        asked = Asked(valid, period(month, valid, zone), by if key else None, _key(by, key))
        rows = await repository.behind(
            session, deps.viewer, code, asked, found, BEHIND_MOST + 1, mine=visible(deps.viewer)
        )
    return _page(rows)


@router.get("/scores/excluded", openapi_extra=needs("score.read"))
async def excluded(
    deps: Current,
    area: Area = None,
    month: Month = None,
    by: By | None = None,
    key: Annotated[str | None, Query(max_length=200)] = None,
    rules: Version = None,
) -> BehindPage:
    """What the rules leave out of the month, each with its reason."""
    async with deps.runtime.database.read(deps.viewer) as session:
        code, valid, month, zone = await _asked(session, deps, area, month, rules)
        asked = Asked(valid, period(month, valid, zone), by if key else None, _key(by, key))
        rows = await repository.excluded(
            session, deps.viewer, code, asked, BEHIND_MOST + 1, mine=visible(deps.viewer)
        )
    return _page(rows)


def _key(by: str | None, key: str | None) -> Any:
    if key is None or key == NONE:
        return None
    if by not in ("unit", "community"):
        return key
    try:
        return UUID(key)
    except ValueError:
        raise Invalid(f"'{key}' is no id of a unit.", code="unit_unknown", unit=key) from None


def _page(rows: list[Behind]) -> BehindPage:
    items = [
        BehindView(
            id=row.case_id, number=row.number, title=row.title, state=row.state,
            order=row.order, at=row.at, why=row.why,
            value=None if row.value is None else float(row.value),
        )
        for row in rows[:BEHIND_MOST]
    ]  # fmt: skip
    return BehindPage(items=items, more=len(rows) > BEHIND_MOST)


def _rules_view(rules: Rules) -> RulesView:
    weights = dict(rules.composite)
    return RulesView(version=rules.version, name=rules.name, name_en=rules.name_en, weights=weights)


def _group_view(key: str | None, name: str | None, tally: Tally, rules: Rules) -> ScoreLineView:
    score = composite(tally, rules)
    return ScoreLineView(
        key=key,
        name=name,
        composite=None if score is None else float(score),
        orders=tally.orders,
        opened=tally.opened,
        closed=tally.closed,
        median_hours=_rounded(tally.median_hours),
        p90_hours=_rounded(tally.p90_hours),
        net_median_hours=_rounded(tally.net_median_hours),
        net_p90_hours=_rounded(tally.net_p90_hours),
        rates=[_rate_view(rate.name, tally.counts[rate.name]) for rate in rules.rates],
        estimated=[_rate_view(*one) for one in tally.estimated.items()],
    )


def _rate_view(name: str, counted: Counted) -> RateView:
    part = counted.rate
    return RateView(
        name=name,
        rate=None if part is None else round(float(part), 4),
        value=float(counted.value),
        of=counted.of,
    )


def _rounded(hours: float | None) -> float | None:
    return None if hours is None else round(hours, 2)
