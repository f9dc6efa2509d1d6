"""Lists, counts and the six numbers against the same questions asked in plain Python."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from helpers import SYSTEM, report, sign_in, take_in_rows
from sqlalchemy import select

from streetwise.directory.tables import Unit
from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.resolve import lists, loop, numbers_repository
from streetwise.resolve.api import NEEDS_ME
from streetwise.resolve.lists import SORTS, Filter
from streetwise.resolve.tables import Case

CASES = 60
SOON = timedelta(hours=4)


@pytest_asyncio.fixture
async def cases(runtime: Runtime, clock: HandClock) -> list[Case]:
    """Cases in all states, with and without deadline, over some weeks; drawn once and for all."""
    rng = random.Random(7)
    rows = [
        report(
            str(number),
            f"第{number}处{rng.choice(['路灯不亮', '垃圾桶满溢', '100%_破损'])}",
            f"这是第{number}件事情，和别的都不一样，请处理。",
            lon=116.901 + rng.random() * 0.018,
            lat=40.101 + rng.random() * 0.018,
        )
        for number in range(CASES)
    ]
    await take_in_rows(runtime, rows)
    now = clock.now()
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        found = list((await uow.session.execute(select(Case).order_by(Case.id))).scalars())
        units = list((await uow.session.execute(select(Unit.id))).scalars())
        for case in found:
            case.state = rng.choice(loop.STATES)
            case.opened_at = now - timedelta(hours=rng.randint(0, 24 * 20))
            hours = rng.choice([None, rng.randint(-200, 200)])
            case.due_at = None if hours is None else now + timedelta(hours=hours)
            case.unit_id = rng.choice([None, *units])
            if case.state == loop.CLOSED:
                age = (now - case.opened_at).total_seconds()
                case.closed_at = case.opened_at + timedelta(seconds=rng.random() * age)
    return found


@pytest.mark.parametrize("sort", SORTS)
async def test_paging_shows_every_case_once_in_order_while_new_ones_arrive(
    runtime: Runtime, client: httpx.AsyncClient, cases: list[Case], sort: str
) -> None:
    await sign_in(client, "dispatcher")
    seen: list[dict[str, Any]] = []
    params: dict[str, Any] = {"sort": sort, "limit": 7}
    for number in range(CASES):
        page = (await client.get("/cases", params=params)).json()
        seen += page["items"]
        if number == 1:
            await take_in_rows(runtime, [report("late", "后来的", "后来才到的一件事情，请处理。")])
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    ids = [row["id"] for row in seen]
    assert len(ids) == len(set(ids))
    assert {str(case.id) for case in cases} <= set(ids)
    far = "9999"
    keys: dict[str, Callable[[dict[str, Any]], Any]] = {
        "due": lambda row: (row["due_at"] or far, row["id"]),
        "opened": lambda row: (row["opened_at"], row["id"]),
        "-opened": lambda row: (row["opened_at"], row["id"]),
        "number": lambda row: row["number"],
    }
    assert seen == sorted(seen, key=keys[sort], reverse=sort in ("-opened", "number"))


@pytest.mark.parametrize("words", [None, "路灯"])
async def test_the_first_page_counts_to_the_cap_and_no_further_one_counts(
    client: httpx.AsyncClient, cases: list[Case], monkeypatch: pytest.MonkeyPatch, words: str | None
) -> None:
    there = sum(words is None or words in case.title for case in cases)
    await sign_in(client, "dispatcher")
    params: dict[str, Any] = {"sort": "opened", "limit": 3, **({"q": words} if words else {})}
    for cap in (there - 1, there, there + 1):
        monkeypatch.setattr(lists, "COUNT_CAP", cap)
        monkeypatch.setattr(lists, "FOUND_CAP", cap)
        first = (await client.get("/cases", params=params)).json()
        assert first["count"] == {"value": min(cap, there), "exact": there <= cap}
        assert len(first["items"]) == 3
        further = {**params, "cursor": first["next_cursor"]}
        second = (await client.get("/cases", params=further)).json()
        assert second["count"] is None
        assert not {row["id"] for row in first["items"]} & {row["id"] for row in second["items"]}
    whole = (await client.get("/cases", params={**params, "limit": 200})).json()
    assert whole["count"] == {"value": there, "exact": True}


async def test_a_cursor_of_another_order_or_of_nobody_is_refused(
    client: httpx.AsyncClient, cases: list[Case]
) -> None:
    await sign_in(client, "dispatcher")
    page = (await client.get("/cases", params={"sort": "due", "limit": 5})).json()
    for cursor, sort in ((page["next_cursor"], "opened"), ("nonsense", "due"), ("W10=", "due")):
        answer = await client.get("/cases", params={"sort": sort, "cursor": cursor})
        assert answer.status_code == 422, cursor


FILTERS: list[tuple[Filter, Callable[[Case, datetime], bool]]] = [
    (Filter(), lambda case, now: True),
    (Filter(states=("open",)), lambda case, now: case.state != "closed"),
    (Filter(states=("handling", "closed")), lambda case, now: case.state in ("handling", "closed")),
    (
        Filter(states=("open",), due="overdue"),
        lambda case, now: case.state != "closed" and case.due_at is not None and case.due_at < now,
    ),
    (
        Filter(due="soon"),
        lambda case, now: (
            case.state != "closed" and case.due_at is not None and now <= case.due_at <= now + SOON
        ),
    ),
    (Filter(due="none"), lambda case, now: case.state != "closed" and case.due_at is None),
    (Filter(words="路灯"), lambda case, now: "路灯" in case.title),
    (Filter(words="满溢 第1"), lambda case, now: "满溢" in case.title and "第1" in case.title),
    (Filter(words="100%_破"), lambda case, now: "100%_破" in case.title),
    (Filter(words="%"), lambda case, now: "%" in case.title),
    (Filter(words="灯"), lambda case, now: "灯" in case.title),
    (Filter(words="没有这个词"), lambda case, now: False),
    (Filter(area="elsewhere"), lambda case, now: False),
    (
        Filter(opened_since=datetime(2026, 5, 5, tzinfo=UTC)),
        lambda case, now: case.opened_at >= datetime(2026, 5, 5, tzinfo=UTC),
    ),
]


@pytest.mark.parametrize("number", range(len(FILTERS)))
async def test_filters_mean_what_they_say(
    runtime: Runtime, cases: list[Case], clock: HandClock, number: int
) -> None:
    wanted, plain = FILTERS[number]
    now = clock.now()
    expected = {case.id for case in cases if plain(case, now)}
    async with runtime.database.read(SYSTEM) as session:
        page = await lists.page(
            session, SYSTEM, wanted, sort="due", cursor=None, limit=200, now=now, soon=SOON
        )
        count = await lists.count(session, SYSTEM, wanted, now, SOON)
    assert {row.case.id for row in page.rows} == expected
    assert count == (len(expected), True)


async def test_the_six_numbers_and_their_days(
    runtime: Runtime, cases: list[Case], clock: HandClock
) -> None:
    now = clock.now()
    midnight = now.replace(hour=0) - timedelta(hours=8)  # 2:00 UTC is 10:00 in Beijing
    async with runtime.database.read(SYSTEM) as session:
        found = await numbers_repository.six(
            session, SYSTEM, "home", day_start=midnight, now=now, soon=SOON
        )
    ends = [midnight - timedelta(days=13 - day) + timedelta(days=1) for day in range(14)]
    ends[-1] = now + timedelta(microseconds=1)

    def stock(test: Callable[[Case, datetime], bool]) -> list[int]:
        return [sum(test(case, end) for case in cases) for end in ends]

    def is_open(case: Case, at: datetime) -> bool:
        return case.opened_at < at and (case.closed_at is None or case.closed_at >= at)

    def is_overdue(case: Case, at: datetime) -> bool:
        return (
            case.due_at is not None
            and case.due_at < at
            and (case.closed_at is None or case.closed_at >= at)
        )

    assert found.series["open"] == stock(is_open)
    assert found.series["overdue"] == stock(is_overdue)
    assert found.values["open"] == sum(case.state != "closed" for case in cases)
    assert found.values["new_today"] == sum(case.opened_at >= midnight for case in cases)
    assert sum(found.series["closed_today"]) == sum(
        case.closed_at is not None and case.closed_at >= ends[0] - timedelta(days=1)
        for case in cases
    )
    assert found.values["to_verify"] == sum(case.state == "reported" for case in cases)


@pytest.mark.parametrize("login", ["dispatcher", "department_handler", "inspector", "duty_officer"])
async def test_mine_is_exactly_what_the_case_page_offers(
    client: httpx.AsyncClient, cases: list[Case], login: str
) -> None:
    await sign_in(client, login)
    page = (await client.get("/cases", params={"limit": 200})).json()["items"]
    mine = (await client.get("/cases", params={"limit": 200, "mine": "true"})).json()["items"]
    offered = set()
    for row in page:
        if (await client.get(f"/cases/{row['id']}")).json()["actions"]:
            offered.add(row["id"])
    assert {row["id"] for row in mine} == offered


@pytest.mark.parametrize("highs", [0, 3, CASES])
async def test_what_needs_me_comes_high_ones_first_then_by_what_goes_wrong_first(
    runtime: Runtime, client: httpx.AsyncClient, cases: list[Case], highs: int
) -> None:
    rng = random.Random(highs)
    high = {case.id for case in rng.sample(cases, highs)}
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        for case in (await uow.session.execute(select(Case))).scalars():
            case.priority = "high" if case.id in high else "normal"
    await sign_in(client, "dispatcher")
    mine = {
        row["id"]
        for row in (await client.get("/cases", params={"mine": True, "limit": 200})).json()["items"]
    }
    never = datetime.max.replace(tzinfo=UTC)
    expected = sorted(
        (case for case in cases if str(case.id) in mine),
        key=lambda case: (case.id not in high, case.due_at or never, case.id),
    )
    shown = (await client.get("/overview")).json()["needs_me"]
    assert len(shown) == NEEDS_ME < len(expected)
    assert [row["id"] for row in shown] == [str(case.id) for case in expected[:NEEDS_ME]]
