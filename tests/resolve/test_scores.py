"""Scores: the rules as data, counts that are pooled, facts from the journal, a golden month."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from helpers import SYSTEM, act, report, sign_in, spot, take_in_rows
from hypothesis import given
from hypothesis import strategies as st
from resolve.test_orders import order
from sqlalchemy import select, text

from streetwise.kernel.clock import HandClock
from streetwise.kernel.errors import Invalid
from streetwise.kernel.journal import Journal
from streetwise.kernel.runtime import Runtime
from streetwise.resolve.flow import repository as flow
from streetwise.resolve.flow.actions import derive_steps
from streetwise.resolve.repository import lock_cases
from streetwise.resolve.scores import repository as scores
from streetwise.resolve.scores.actions import derive_facts
from streetwise.resolve.scores.engine import Counted, Tally, composite, pooled, ranked
from streetwise.resolve.scores.fold import Steps, fold
from streetwise.resolve.scores.rules import (
    month_of,
    months_back,
    parse,
    period,
    rules_for,
    versions,
)
from streetwise.resolve.scores.tables import CaseFact
from streetwise.resolve.tables import Case

SHANGHAI = ZoneInfo("Asia/Shanghai")
CAPITAL = rules_for(versions(), "2026-05", None)
THREE = ("response", "solved", "satisfied")


def tally(*counted: tuple[float, int]) -> Tally:
    counts = {
        name: Counted(Decimal(str(value)), of)
        for name, (value, of) in zip(THREE, counted, strict=True)
    }
    return Tally(counts, orders=counted[0][1])


# --- rules and periods ----------------------------------------------------------------------


def test_a_month_runs_from_the_nineteenth_to_the_eighteenth() -> None:
    found = period("2026-05", CAPITAL, SHANGHAI)
    assert found.start == datetime(2026, 4, 18, 16, tzinfo=UTC)
    assert found.end == datetime(2026, 5, 18, 16, tzinfo=UTC)
    assert period("2026-06", CAPITAL, SHANGHAI).start == found.end


@given(st.integers(0, 15 * 366 * 24 * 60))
def test_every_moment_lies_in_exactly_the_month_that_it_is_said_to_be_of(minutes: int) -> None:
    at = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    for rules in versions():
        name = month_of(at, rules, SHANGHAI)
        holds = [
            month
            for month in months_back(f"{at + timedelta(days=62):%Y-%m}", 5)
            if period(month, rules, SHANGHAI).start <= at < period(month, rules, SHANGHAI).end
        ]
        assert holds == [name]


def test_a_past_month_keeps_the_rules_that_were_valid_when_it_began() -> None:
    first, other = versions()
    assert rules_for(versions(), "2026-03", None) == first
    assert rules_for(versions(), "2026-03", other.version) == other
    with pytest.raises(Invalid, match="there are: capital-1, thirds-1"):
        rules_for(versions(), "2026-03", "none")
    with pytest.raises(Invalid, match="No rules were valid"):
        rules_for(versions(), "2018-12", None)
    with pytest.raises(Invalid, match="write it as 2026-03"):
        rules_for(versions(), "March", None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"composite": {"solved": 0.4}}, "sum to 1"),
        ({"composite": {"joy": 1.0}}, "sum to 1"),
        ({"month_begins_day": 31}, "from 1 to 28"),
        ({"exclude": {"orders": ["merged"], "cases": []}}, "no flag 'merged'"),
    ],
)
def test_rules_that_make_no_sense_are_refused(change: dict[str, Any], said: str) -> None:
    rate = {"of": "orders", "when": "called_back_at", "among": [], "value": {"solved": 1}}
    sound: dict[str, Any] = {
        "version": "x", "name": "x", "name_en": "x", "valid_from": None, "month_begins_day": 1,
        "ahead_channels": [], "rates": {"solved": rate}, "composite": {"solved": 1.0},
        "exclude": {"orders": [], "cases": []},
    }  # fmt: skip
    assert parse([sound])[0].version == "x"
    with pytest.raises(ValueError, match=said):
        parse([{**sound, **change}])


# --- counting -------------------------------------------------------------------------------


def test_the_composite_is_weighed_and_rounded_half_up() -> None:
    # 10 called: 9 reached, 8 solved, 6 satisfied and 2 basically: .1*.9 + .5*.8 + .4*.78.
    assert composite(tally((9, 10), (8, 10), (7.8, 10)), CAPITAL) == Decimal("80.2")
    # .1 + .5 + .4*.00125 = .6005 exactly: half of the last digit goes up.
    assert composite(tally((800, 800), (800, 800), (1, 800)), CAPITAL) == Decimal("60.1")
    assert composite(tally((0, 0), (8, 10), (7, 10)), CAPITAL) is None


def test_counts_are_pooled_and_rates_not_averaged() -> None:
    small, large = tally((1, 1), (1, 1), (1, 1)), tally((0, 99), (0, 99), (0, 99))
    assert composite(pooled([small, large]), CAPITAL) == Decimal("1.0")
    assert pooled([small, large]).orders == 100


def test_of_equal_scores_the_one_with_more_orders_stands_first() -> None:
    groups = {
        "few": tally((1, 1), (1, 1), (1, 1)),
        "none": tally((0, 0), (0, 0), (0, 0)),
        "many": tally((5, 5), (5, 5), (5, 5)),
        "bad": tally((9, 9), (1, 9), (1, 9)),
    }
    assert [name for name, _ in ranked(groups, CAPITAL)] == ["many", "few", "bad", "none"]


# --- facts from the journal -----------------------------------------------------------------


async def handled(runtime: Runtime, client: httpx.AsyncClient, clock: HandClock) -> None:
    """One case goes round twice, one is handled at once, one waits."""
    lamp = ("路灯不亮", "路灯坏了三天了，晚上看不见路，请尽快处理。")
    hole = ("道路破损", "马路中间有一个大坑，车过去都颠。")
    rows = [report("1", *lamp, **spot(1)), report("2", *hole, **spot(12))]
    rows.append(report("3", "垃圾桶满溢", "垃圾桶满了好几天，没有人来清理。", **spot(24)))
    await take_in_rows(runtime, rows)
    await sign_in(client, "dispatcher")
    found = (await client.get("/cases", params={"sort": "opened"})).json()["items"]
    for row, fails in ((found[0], True), (found[1], False)):
        case = (await client.get(f"/cases/{row['id']}")).json()
        steps = [("dispatcher", "accept", {}), ("dispatcher", "dispatch", {"unit": "dep1"})]
        done = [("department_handler", "report", {"note": "已处理"})]
        steps += [("department_handler", "start", {}), *done]
        if fails:
            steps += [("inspector", "verify", {"result": "fail", "note": "还没有好"}), *done]
        steps += [("inspector", "verify", {"result": "pass"}), ("dispatcher", "close", {})]
        for who, action, inputs in steps:
            clock.advance(timedelta(hours=1))
            await sign_in(client, who)
            answer = await act(client, case, action, **inputs)
            assert answer.status_code == 200, answer.text
            case = answer.json()


async def facts(runtime: Runtime) -> dict[Any, CaseFact]:
    async with runtime.database.read(SYSTEM) as session:
        return {one.case_id: one for one in (await session.execute(select(CaseFact))).scalars()}


async def test_facts_are_what_the_journal_says(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await handled(runtime, client, clock)
    assert await derive_facts(runtime) == 3
    found = await facts(runtime)
    async with runtime.database.read(SYSTEM) as session:
        for case in (await session.execute(select(Case))).scalars():
            entries = await session.execute(
                select(Journal.action, Journal.at)
                .where(Journal.subject == case.id)
                .order_by(Journal.seq)
            )
            steps = fold((row[0], row[1]) for row in entries)
            fact = found[case.id]
            assert Steps(**{name: getattr(fact, name) for name in Steps.__slots__}) == steps
            assert (fact.version, fact.closed_at) == (case.version, case.closed_at)
            assert fact.reworked == case.reworked
    assert sorted(one.reworked for one in found.values()) == [0, 0, 1]
    # Nothing has changed: nothing is derived; all anew gives the same.
    assert await derive_facts(runtime) == 0
    before = [repr(row) for row in await _all_facts(runtime)]
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await uow.session.execute(text("DELETE FROM case_fact"))
    assert await derive_facts(runtime) == 3
    assert [repr(row) for row in await _all_facts(runtime)] == before


async def test_a_case_that_somebody_holds_is_passed_by(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    """Its facts and steps come with the next run: nobody waits for anybody, so no statement of
    this runs out of time, and no officer's action is called off for a dead-lock.
    """
    await handled(runtime, client, clock)
    async with runtime.database.unit_of_work(SYSTEM) as working:
        ids = sorted((await working.session.execute(select(Case.id))).scalars())
        held = (await lock_cases(working.session, SYSTEM, ids[:1]))[ids[0]]
        async with runtime.database.unit_of_work(SYSTEM) as uow:
            # Of a connection that goes back to the pool: said for this transaction alone.
            await uow.session.execute(text("SET LOCAL lock_timeout = '1ms'"))
            for repository in (scores, flow):
                found = await repository.stale(uow.session, SYSTEM, 10)
                assert found == ids[1:]
                await repository.derive(uow.session, SYSTEM, found)
            # Whoever has it may lock what else they need, once this is over.
        held.version += 1
    assert await derive_facts(runtime) == await derive_steps(runtime) == 1
    assert {one.version for one in (await facts(runtime)).values()} >= {held.version}


async def test_a_unit_without_orders_has_scores_of_its_cases_alone(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await handled(runtime, client, clock)
    await derive_facts(runtime)
    await sign_in(client, "dispatcher")
    answer = await client.get("/scores", params={"month": "2026-05", "by": "unit"})
    assert answer.status_code == 200, answer.text
    (unit,) = [one for one in answer.json()["groups"] if one["closed"]]
    rates = {one["name"]: one for one in unit["rates"]}
    assert (unit["composite"], unit["closed"], rates["solved"]["of"]) == (None, 2, 0)
    assert (rates["rework"]["rate"], rates["rework"]["of"]) == (0.5, 2)
    # Told half an hour before; closed after 8 steps of an hour, and after 6 more: 8.5 and 14.5.
    assert (unit["median_hours"], unit["p90_hours"]) == (11.5, 13.9)


async def _all_facts(runtime: Runtime) -> list[Any]:
    async with runtime.database.read(SYSTEM) as session:
        return list(await session.execute(text("SELECT * FROM case_fact ORDER BY case_id")))


# --- a golden month -------------------------------------------------------------------------

CALLED = {
    "工单状态": "已办结",
    "办结时间": "2026-05-12 15:00:00",
    "回访时间": "2026-05-13 10:00:00",
}
CALLED |= {"答复内容": "已修复。", "答复时间": "2026-05-12 12:00:00"}


def called(number: str, reached: str, solved: str, pleased: str, **more: str) -> dict[str, Any]:
    said = {"是否联系": reached, "是否解决": solved, "满意度": pleased}
    return order(number, **{**CALLED, **said, **more})


async def test_a_month_of_five_orders_by_hand(runtime: Runtime, client: httpx.AsyncClient) -> None:
    rows = [
        called("HL1", "是", "是", "满意"),
        called("HL2", "是", "是", "基本满意"),
        called("HL3", "是", "否", "不满意"),
        called("HL4", "否", "否", "不满意", 剔除状态="已剔除", 剔除理由="不属本街道"),
        # Called back on the nineteenth: the next month's.
        called("HL5", "否", "否", "不满意", 回访时间="2026-05-19 00:00:00"),
    ]
    await take_in_rows(runtime, rows, mapping="hotline-orders")
    await derive_facts(runtime)
    await sign_in(client, "dispatcher")
    found = (await client.get("/scores", params={"month": "2026-05"})).json()
    rates = {one["name"]: (one["value"], one["of"]) for one in found["total"]["rates"]}
    assert {name: rates[name] for name in THREE} == {
        "response": (3.0, 3), "solved": (2.0, 3), "satisfied": (1.9, 3),
    }  # fmt: skip
    # .1 * 1 + .5 * 2/3 + .4 * 1.9/3 = .68666…
    assert found["total"]["composite"] == 68.7
    assert found["rules"]["version"] == "capital-1"
    other = (await client.get("/scores", params={"month": "2026-05", "rules": "thirds-1"})).json()
    # The calendar's month has the fourth too: .3 * 3/4 + .35 * 2/4 + .35 * 1.9/4 = .56625
    assert other["total"]["composite"] == 56.6
    behind = await client.get("/scores/behind", params={"month": "2026-05", "rate": "solved"})
    orders = [(one["order"], one["value"]) for one in behind.json()["items"]]
    assert orders[0] == ("HL3", 0.0)
    assert sorted(orders[1:]) == [("HL1", 1.0), ("HL2", 1.0)]
    left = (await client.get("/scores/excluded", params={"month": "2026-05"})).json()["items"]
    assert [(one["order"], one["why"]) for one in left] == [("HL4", "excluded")]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/scores?month=May", "month_unknown"),
        ("/scores?rules=none", "rules_unknown"),
        ("/scores/behind?rate=joy", "rate_unknown"),
        ("/scores/behind?rate=solved&by=unit&key=x", "unit_unknown"),
    ],
)
async def test_bad_questions_are_told_what_to_ask(
    client: httpx.AsyncClient, path: str, code: str
) -> None:
    await sign_in(client, "dispatcher")
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_who_may_not_read_scores_reads_none(client: httpx.AsyncClient) -> None:
    await sign_in(client, "department_handler")
    assert (await client.get("/scores")).status_code == 403
