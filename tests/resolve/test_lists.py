"""Lists, counts and the six numbers against the same questions asked in plain Python."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from helpers import SYSTEM, report, sign_in, spot, take_in_rows, tiny_town
from sqlalchemy import select

from streetwise.directory.folder import read_folder
from streetwise.directory.records.moving import load_folder
from streetwise.directory.tables import Unit
from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.search import bigrams
from streetwise.resolve import lists, loop, numbers_repository
from streetwise.resolve.api import NEEDS_ME
from streetwise.resolve.lists import SORTS, Filter
from streetwise.resolve.tables import Case

CASES = 80
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
            **spot(number),
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


ROSTER = """date,hours,post,login,note
2026-05-11,08:00-20:00,officer,department_handler,
2026-05-11,20:00-08:00,officer,community_worker,
"""


async def test_the_name_of_who_is_on_duty_finds_what_the_unit_holds(
    runtime: Runtime, client: httpx.AsyncClient, cases: list[Case], clock: HandClock, tmp_path: Path
) -> None:
    """Alone, with other words, in the text too; by the hour; and nothing beyond one's sight."""
    tiny_town(tmp_path / "town")
    (tmp_path / "town" / "duty.csv").write_text(ROSTER, encoding="utf-8")
    day, night = "部门处置员甲", "社区工作者甲"
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await load_folder(uow, SYSTEM, read_folder(tmp_path / "town"))
        found = (await uow.session.execute(select(Unit.id, Unit.code))).all()
        units = {code: unit_id for unit_id, code in found}
        free = next(case.id for case in cases if case.unit_id is None)
        told = await uow.session.get(Case, free)
        assert told is not None
        told.title, told.search = f"请转{day}", bigrams(f"请转{day}")
    await sign_in(client, "dispatcher")

    async def listed(**asked: Any) -> set[str]:
        page = (await client.get("/cases", params={"limit": 200, **asked})).json()
        assert page["count"] == {"value": len(page["items"]), "exact": True}
        return {one["id"] for one in page["items"]}

    held = {
        code: {str(one.id) for one in cases if one.unit_id == unit_id}
        for code, unit_id in units.items()
    }
    lamps = {str(one.id) for one in cases if "路灯" in one.title} - {str(told.id)}
    assert held["dep1"]
    assert await listed(q=day) == held["dep1"] | {str(told.id)}
    assert await listed(q=f"路灯 {day}") == held["dep1"] & lamps
    assert await listed(q=day, area="home", unit="dep1") == held["dep1"]
    # Part of a name is a word like others; who is not on duty now is nobody to look for.
    assert await listed(q=day[:-1]) == {str(told.id)}
    assert await listed(q=night) == set()
    assert await listed(q=day, area="elsewhere") == set()
    # A worker of another unit sees no more by it.
    await sign_in(client, "worker2")
    seen = await listed()
    assert not held["dep1"] <= seen
    assert await listed(q=day) == seen & (held["dep1"] | {str(told.id)})
    clock.advance(timedelta(hours=12))
    await sign_in(client, "dispatcher")
    assert await listed(q=night) == held["c1"]
    assert await listed(q=day) == {str(told.id)}


async def test_paging_through_what_somebody_on_duty_holds(
    runtime: Runtime, client: httpx.AsyncClient, cases: list[Case], tmp_path: Path
) -> None:
    tiny_town(tmp_path / "town")
    (tmp_path / "town" / "duty.csv").write_text(ROSTER, encoding="utf-8")
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await load_folder(uow, SYSTEM, read_folder(tmp_path / "town"))
        dep1 = (await uow.session.execute(select(Unit.id).where(Unit.code == "dep1"))).scalar_one()
    await sign_in(client, "dispatcher")
    params: dict[str, Any] = {"q": "部门处置员甲", "limit": 2, "sort": "opened"}
    seen: list[str] = []
    for _ in range(CASES):
        page = (await client.get("/cases", params=params)).json()
        seen += [one["id"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert sorted(seen) == sorted(str(one.id) for one in cases if one.unit_id == dep1)


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
async def test_mine_is_exactly_where_the_case_page_has_a_next_step(
    client: httpx.AsyncClient, cases: list[Case], login: str
) -> None:
    await sign_in(client, login)
    page = (await client.get("/cases", params={"limit": 200})).json()["items"]
    mine = (await client.get("/cases", params={"limit": 200, "mine": "true"})).json()["items"]
    offered = set()
    for row in page:
        # Ways back are offered as well; the case waits for none of them.
        actions = (await client.get(f"/cases/{row['id']}")).json()["actions"]
        if row["state"] != "closed" and any(offer["primary"] for offer in actions):
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
