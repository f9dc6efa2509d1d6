"""Baselines through the product: frozen once, compared with for ever, and open cases counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import psycopg
import pytest
from helpers import SYSTEM, past_the_walls, sign_in
from resolve.test_flow import lived
from sqlalchemy import select

from streetwise.kernel.clock import HandClock
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import Journal
from streetwise.kernel.runtime import Runtime
from streetwise.resolve.flow.actions import derive_steps
from streetwise.resolve.scores.actions import derive_facts
from streetwise.resolve.speed import repository
from streetwise.resolve.speed.report import WINDOW_DAYS, Comparison, Timed
from streetwise.resolve.tables import Case

MAY = {"since": "2026-05-01", "until": "2026-05-31"}


async def test_a_baseline_stays_as_it_was_frozen(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await lived(runtime, client, clock)
    await sign_in(client, "street_commander")
    early = await client.post("/speed/baseline", json=MAY)
    assert (early.status_code, early.json()["code"]) == (422, "baseline_not_over")
    assert (await client.get("/speed")).json()["report"] is None
    clock.advance(timedelta(days=60))
    made = await client.post("/speed/baseline", json=MAY)
    assert made.status_code == 201, made.text
    assert (made.json()["number"], made.json()["cases"]) == (1, 3)
    before = await kept(runtime)
    # Told half an hour before: one reported after 6 steps of an hour, since a check sent the first
    # report back, the other after 12.
    assert sorted(one.reported / 3600 for one in before if one.reported is not None) == [6.5, 12.5]
    assert sum(one.closed is None for one in before) == 1
    # Somebody closes the third later: the baseline does not learn of it.
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        case = (
            await uow.session.execute(select(Case).where(Case.closed_at.is_(None)))
        ).scalar_one()
        case.version += 1
    behind = await client.post("/speed/baseline", json=MAY)
    assert (behind.status_code, behind.json()["code"]) == (409, "facts_behind")
    await derive_facts(runtime)
    await derive_steps(runtime)
    assert await kept(runtime) == before
    again = await client.post("/speed/baseline", json=MAY)
    assert again.json()["number"] == 2
    found = (await client.get("/speed", params={**MAY, "baseline": 1})).json()
    assert [one["number"] for one in found["known"]] == [2, 1]
    total = found["report"]["total"]
    assert (total["before"], total["after"], total["open"], total["ratio"]) == (3, 3, 1, None)
    assert found["may_freeze"] is True
    async with runtime.database.read(SYSTEM) as session:
        query = select(Journal.data).where(Journal.action == "speed.baseline_frozen")
        entries = list((await session.execute(query.order_by(Journal.seq))).scalars())
    assert [(one["number"], one["cases"], one["left_out"]) for one in entries] == [
        (1, 3, 0), (2, 3, 0),
    ]  # fmt: skip


async def kept(runtime: Runtime) -> list[Timed]:
    async with runtime.database.read(SYSTEM) as session:
        area = (await session.execute(select(Case.area).limit(1))).scalar_one()
        first = (await repository.baselines(session, SYSTEM, area))[-1]
        return await repository.frozen(session, SYSTEM, first)


async def test_what_is_frozen_is_changed_by_nobody(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await lived(runtime, client, clock)
    clock.advance(timedelta(days=60))
    await sign_in(client, "street_commander")
    assert (await client.post("/speed/baseline", json=MAY)).status_code == 201
    for said in ("UPDATE speed_case SET reported = 1", "DELETE FROM speed_baseline"):
        with past_the_walls(runtime) as connection, pytest.raises(psycopg.Error, match="frozen"):
            connection.execute(said)


async def test_a_suspension_is_no_handling_time_and_open_cases_are_followed(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await lived(runtime, client, clock)
    now = datetime(2026, 6, 1, tzinfo=UTC)
    span = (datetime(2026, 5, 1, tzinfo=UTC), now)
    async with runtime.database.read(SYSTEM) as session:
        area = (await session.execute(select(Case.area).limit(1))).scalar_one()
        plain, _ = await repository.timed(session, SYSTEM, area, *span, now)
    by_id = {one.case_id: one for one in plain}
    with past_the_walls(runtime) as connection:
        # The fourth step of the cases, their handling, becomes a suspension of an hour.
        connection.execute(
            "UPDATE case_step SET to_state = 'suspended', seconds = 3600"
            " WHERE n = 3 AND to_state = 'handling'"
        )
    async with runtime.database.read(SYSTEM) as session:
        rested, left_out = await repository.timed(session, SYSTEM, area, *span, now)
    assert left_out == 0
    for one in rested:
        was = by_id[one.case_id]
        if was.reported is None:
            assert one.followed == was.followed == (now - one.opened_at).total_seconds()
        else:
            assert one.reported == was.reported - 3600
            assert one.closed is not None
            assert was.closed is not None
            assert one.closed == was.closed - 3600


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/speed?baseline=9", 404, "baseline_unknown"),
        ("/speed?since=2026-05-02&until=2026-05-01", 422, "period_unknown"),
    ],
)
async def test_bad_questions_are_told_what_to_ask(
    client: httpx.AsyncClient, path: str, status: int, code: str
) -> None:
    await sign_in(client, "dispatcher")
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_who_reads_scores_may_not_freeze(client: httpx.AsyncClient) -> None:
    await sign_in(client, "dispatcher")
    assert (await client.post("/speed/baseline", json=MAY)).status_code == 403
    assert (await client.get("/speed/brief")).json() == {"baseline": None, "total": None}
    await sign_in(client, "department_handler")
    assert (await client.get("/speed")).status_code == 403


# --- the report -------------------------------------------------------------------------------

START = datetime(2026, 1, 1, tzinfo=UTC)


def timed(day: int, unit: int, code: str, hours: float | None) -> Timed:
    seconds = None if hours is None else hours * 3600
    return Timed(
        new_id(), UUID(int=unit), "x", code, START + timedelta(days=day), seconds, seconds,
        (400 - day) * 86_400.0,
    )  # fmt: skip


def test_each_unit_class_and_month_is_compared_with_its_like() -> None:
    def period(first: int, factor: dict[int, float]) -> list[Timed]:
        return [
            timed(first + day, unit, code, base * factor[unit] * (1 + (day * 7 + n) % 11))
            for day in range(90)
            for unit in (1, 2)
            for n, (code, base) in enumerate((("a", 2.0), ("b", 20.0)))
        ]

    before, after = period(0, {1: 1.0, 2: 1.0}), period(180, {1: 0.5, 2: 1.0})
    found = Comparison(before, after, "reported", ZoneInfo("UTC")).whole()
    units = {one.key: one.ratio for one in found.units}
    one, two = units[str(UUID(int=1))], units[str(UUID(int=2))]
    assert one is not None
    assert two is not None
    assert one.ratio == pytest.approx(0.5, abs=0.02)
    assert two.ratio == pytest.approx(1.0, abs=0.04)
    assert found.total.ratio is not None
    assert 0.5 < found.total.ratio.ratio < 1
    assert [month.key for month in found.months] == ["2026-06", "2026-07", "2026-08", "2026-09"]
    assert sum(month.after for month in found.months) == len(after)
    shares = [(first, second) for _, first, second in found.curve]
    assert shares == sorted(shares)
    assert found.curve[-1][0] == pytest.approx(WINDOW_DAYS * 24)
    brief = Comparison(before, after, "reported", ZoneInfo("UTC")).brief()
    assert brief == found.total


def test_of_open_cases_the_report_says_how_many() -> None:
    before = [timed(day, 1, "a", 5.0) for day in range(60)]
    after = [timed(200 + day, 1, "a", None if day % 3 == 0 else 5.0) for day in range(60)]
    found = Comparison(before, after, "closed", ZoneInfo("UTC")).brief()
    assert (found.before, found.after, found.open) == (60, 60, 20)
    assert found.ratio is not None
    assert found.ratio.ratio >= 1
