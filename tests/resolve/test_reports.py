"""Reports of a street: ordered, made, the same again, and the same numbers as the scores'."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest
from docx import Document
from helpers import SYSTEM, sign_in, take_in_rows
from hypothesis import given
from hypothesis import strategies as st
from resolve.test_clocks import do, fetch, opened, swept
from resolve.test_scores import called, handled
from sqlalchemy import select, text

from streetwise.kernel.clock import HandClock
from streetwise.kernel.journal import Journal
from streetwise.kernel.runtime import Runtime
from streetwise.resolve.reports import fonts, jobs
from streetwise.resolve.reports.jobs import make, order_what_is_due
from streetwise.resolve.reports.spans import span
from streetwise.resolve.reports.tables import Report, ReportFile
from streetwise.resolve.scores import estimates
from streetwise.resolve.scores.actions import derive_facts
from streetwise.resolve.scores.engine import Counted
from streetwise.resolve.scores.estimates import rates_of
from streetwise.resolve.scores.fold import CLOCK_EVENTS, PAUSED, paused_seconds
from streetwise.resolve.scores.rules import rules_for, versions


async def reports(runtime: Runtime) -> list[Report]:
    async with runtime.database.read(SYSTEM) as session:
        query = select(Report).order_by(Report.kind, Report.name, Report.edition)
        return list((await session.execute(query)).scalars())


async def digests(runtime: Runtime, report_id: UUID) -> dict[str, bytes]:
    async with runtime.database.read(SYSTEM) as session:
        query = select(ReportFile).where(ReportFile.report_id == report_id)
        return {one.form: one.digest for one in (await session.execute(query)).scalars()}


async def ordered(client: httpx.AsyncClient, runtime: Runtime, kind: str, name: str) -> str:
    answer = await client.post("/reports", json={"kind": kind, "name": name})
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["id"]
    await make(runtime, report_id=found)
    return found


def rows_of(view: dict[str, Any], section: int, title: str) -> dict[str, list[str]]:
    for block in view["sections"][section]["blocks"]:
        if block["kind"] == "table" and block["title"] == title:
            return {row[0]: row[1:] for row in block["rows"]}
    raise AssertionError(f"no table {title}")


async def test_a_report_says_what_the_scores_say(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await handled(runtime, client, clock)
    orders = [called(f"HL{n}", "是", "是" if n < 5 else "否", "满意") for n in range(6)]
    orders.append(called("HL9", "否", "否", "不满意", 剔除状态="已剔除", 剔除理由="不属本街道"))
    await take_in_rows(runtime, orders, mapping="hotline-orders")
    clock.advance(timedelta(days=8))
    await sign_in(client, "dispatcher")
    made = await ordered(client, runtime, "monthly", "2026-05")
    view = (await client.get(f"/reports/{made}")).json()
    scores = (await client.get("/scores", params={"month": "2026-05", "by": "unit"})).json()
    total, rates = scores["total"], {one["name"]: one for one in scores["total"]["rates"]}
    overview = rows_of(view, 0, "总体情况")
    assert overview["受理"][0] == str(total["opened"])
    assert overview["办结"][0] == str(total["closed"])
    assert overview["按期处置率"][0] == f"{rates['on_time']['rate'] * 100:.1f}%"
    three = rows_of(view, 1, "三率")
    assert [three[name][0] for name in ("响应率", "解决率", "满意率", "综合得分")] == [
        *(f"{rates[name]['rate'] * 100:.1f}%" for name in ("response", "solved", "satisfied")),
        f"{total['composite']:.1f}",
    ]
    units = rows_of(view, 2, "各单位办理情况")
    assert units["全街道"][0] == str(total["closed"])
    for line in scores["groups"]:
        if line["closed"]:
            assert units[line["name"] or "未归属"][0] == str(line["closed"])
    again = rows_of(view, 6, "退回、返工与复发")
    assert again["返工率"][0] == f"{rates['rework']['rate'] * 100:.1f}%"
    excluded = view["sections"][9]["blocks"]
    assert excluded[0]["text"] == "不计入考核的共 1 件，逐件列明理由。"
    assert [excluded[2]["rows"][0][0], excluded[2]["rows"][0][3]] == ["HL9", "上级已剔除"]
    # The document says the same sentences, and nobody is named in either.
    file = await client.get(f"/reports/{made}/files/docx")
    assert "monthly-2026-05-1.docx" in file.headers["content-disposition"]
    said = [one.text for one in Document(io.BytesIO(file.content)).paragraphs]
    for section in view["sections"]:
        for block in section["blocks"]:
            assert block["kind"] != "paragraph" or block["text"] in said
    async with runtime.database.read(SYSTEM) as session:
        names = list((await session.execute(text("SELECT name FROM staff"))).scalars())
    assert names and not [name for name in names if name in "".join(said) + str(view)]


async def test_made_again_it_is_the_same_and_says_so(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await handled(runtime, client, clock)
    clock.advance(timedelta(days=40))
    await sign_in(client, "dispatcher")
    first = await ordered(client, runtime, "weekly", "2026-W20")
    clock.advance(timedelta(days=40))
    await sign_in(client, "dispatcher")
    second = await ordered(client, runtime, "weekly", "2026-W20")
    assert await digests(runtime, UUID(first)) == await digests(runtime, UUID(second))
    assert len(await digests(runtime, UUID(first))) == 3
    items = (await client.get("/reports")).json()["items"]
    assert [(one["edition"], one["same"], one["state"]) for one in items] == [
        (2, True, "made"), (1, False, "made"),
    ]  # fmt: skip
    # A case of that week that is told of later changes it, and the earlier editions stay.
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await uow.session.execute(
            text("UPDATE cases SET closed_at = NULL, version = version + 1 WHERE reworked = 1")
        )
    third = await ordered(client, runtime, "weekly", "2026-W20")
    items = (await client.get("/reports")).json()["items"]
    assert [one["same"] for one in items] == [False, True, False]
    told = (await client.get(f"/reports/{third}")).json()
    was = (await client.get(f"/reports/{first}")).json()
    assert rows_of(told, 0, "总体情况")["办结"][0] == "1"
    assert rows_of(was, 0, "总体情况")["办结"][0] == "2"


async def test_those_of_periods_that_are_over_come_by_themselves_once(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await handled(runtime, client, clock)
    await derive_facts(runtime)
    await order_what_is_due(runtime)
    # The day is just over; of the week and the month before there is nothing to say.
    assert await reports(runtime) == []
    clock.advance(timedelta(hours=6))
    await order_what_is_due(runtime)
    await order_what_is_due(runtime)
    assert [(one.kind, one.name) for one in await reports(runtime)] == [("daily", "2026-05-11")]
    # Six hours after the end of the week, and of the scored month.
    clock.at = span("weekly", "2026-W21", ZoneInfo("Asia/Shanghai")).period.start
    await order_what_is_due(runtime)
    assert "weekly" not in [one.kind for one in await reports(runtime)]
    clock.advance(timedelta(hours=6))
    await order_what_is_due(runtime)
    clock.advance(timedelta(days=1))
    await order_what_is_due(runtime)
    found = [(one.kind, one.name, one.edition) for one in await reports(runtime)]
    assert ("weekly", "2026-W20", 1) in found and ("monthly", "2026-05", 1) in found
    assert {one.ordered_by for one in await reports(runtime)} == {None}
    clock.advance(timedelta(days=3700))
    await order_what_is_due(runtime)
    assert await reports(runtime) == []


async def test_a_machine_without_a_font_fails_with_a_word_for_it(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await handled(runtime, client, clock)
    clock.advance(timedelta(days=2))
    await sign_in(client, "dispatcher")

    def none(named: object) -> object:
        raise fonts.NoFont(fonts.MISSING)

    with monkeypatch.context() as patch:
        patch.setattr(fonts, "find", none)
        made = await ordered(client, runtime, "daily", "2026-05-11")
    view = (await client.get(f"/reports/{made}")).json()
    line = view["line"]
    assert (line["state"], line["failure"]) == ("failed", "font_missing")
    # What needs no font is there all the same.
    assert [one["form"] for one in line["files"]] == ["xlsx"] and view["sections"]
    # The font is there now: ordered once more it is made.
    again = await ordered(client, runtime, "daily", "2026-05-11")
    line = (await client.get(f"/reports/{again}")).json()["line"]
    assert (line["state"], line["edition"], len(line["files"])) == ("made", 2, 3)


async def test_a_worker_that_died_goes_on_where_it_was(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await handled(runtime, client, clock)
    clock.advance(timedelta(days=2))
    await sign_in(client, "dispatcher")
    written: list[str] = []
    real = jobs._keep

    async def dies(runtime: Runtime, row: Report, form: str, writer: Any) -> None:
        written.append(form)
        if written == ["xlsx", "docx"]:
            raise RuntimeError("killed")
        await real(runtime, row, form, writer)

    monkeypatch.setattr(jobs, "_keep", dies)
    answer = await client.post("/reports", json={"kind": "daily", "name": "2026-05-11"})
    made = answer.json()["id"]
    with pytest.raises(RuntimeError, match="killed"):
        await make(runtime, report_id=made)
    line = (await client.get(f"/reports/{made}")).json()["line"]
    assert (line["state"], [one["form"] for one in line["files"]]) == ("waiting", ["xlsx"])
    await make(runtime, report_id=made)
    await make(runtime, report_id=made)
    assert written == ["xlsx", "docx", "docx", "pdf"]
    async with runtime.database.read(SYSTEM) as session:
        entries = await session.execute(
            select(Journal.action).where(Journal.subject == UUID(made)).order_by(Journal.seq)
        )
        assert list(entries.scalars()) == ["report.ordered", "report.made"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"kind": "daily", "name": "2026-05-11"}, "period_not_over"),
        ({"kind": "daily", "name": "today"}, "period_unknown"),
        ({"kind": "monthly", "name": "May"}, "month_unknown"),
    ],
)
async def test_what_cannot_be_reported_of_is_refused(
    client: httpx.AsyncClient, body: dict[str, str], code: str
) -> None:
    await sign_in(client, "dispatcher")
    answer = await client.post("/reports", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_who_reads_reports_may_not_order_them_by_that(client: httpx.AsyncClient) -> None:
    await sign_in(client, "inspector")
    assert (await client.get("/reports")).json()["may_make"] is False
    answer = await client.post("/reports", json={"kind": "daily", "name": "2026-05-10"})
    assert answer.status_code == 403
    await sign_in(client, "department_handler")
    assert (await client.get("/reports")).status_code == 403


# --- what scores have more --------------------------------------------------------------------


async def test_time_in_which_the_clock_stood_still_is_a_fact_of_its_own(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case = await opened(runtime, client)
    handler, found = "department_handler", {"note": "不归我们管", "ground": "not_our_duty"}
    # Asked after nine hours, granted an hour later, and over by itself thirty hours after that.
    later = clock.now() + timedelta(hours=9 + 1 + 30)
    steps: list[tuple[str, str, dict[str, Any], int]] = [
        ("dispatcher", "accept", {}, 1),
        ("dispatcher", "dispatch", {"unit": "dep1"}, 1),
        (handler, "return", found, 5),
        ("dispatcher", "dispatch", {"unit": "dep1"}, 1),
        (handler, "start", {}, 1),
        (handler, "ask_suspension", {"note": "等材料", "until": later.isoformat()}, 1),
        ("dispatcher", "grant_suspension", {}, 30),
        ("the sweep", "resume", {}, 1),
        (handler, "report", {"note": "已处理"}, 1),
        ("inspector", "verify", {"result": "pass"}, 1),
        ("dispatcher", "close", {}, 0),
    ]
    for who, action, inputs, hours in steps:
        if who == "the sweep":
            assert await swept(runtime) > 0
        else:
            await do(client, who, case, action, **inputs)
        clock.advance(timedelta(hours=hours))
        # Whose turn it is not may still look: the dispatcher sees it at every step.
        await sign_in(client, "dispatcher")
        case = await fetch(client, case)
    await derive_facts(runtime)
    async with runtime.database.read(SYSTEM) as session:
        told = await session.execute(text("SELECT paused_seconds FROM case_fact"))
        assert told.scalar_one() == await _folded(runtime) == 35 * 3600
    total = (await client.get("/scores", params={"month": "2026-05"})).json()["total"]
    assert round(total["median_hours"] - total["net_median_hours"], 2) == 35


MOMENT = datetime(2026, 5, 11, tzinfo=UTC)


@given(
    st.lists(st.tuples(st.integers(0, 90), st.sampled_from(CLOCK_EVENTS)), max_size=8),
    st.integers(0, 100),
)
def test_pauses_are_counted_minute_by_minute(told: list[tuple[int, str]], closed: int) -> None:
    minute = timedelta(minutes=1)
    paused, expected = False, 0
    at_minute = {n: [kind for at, kind in sorted(told) if at == n] for n in range(91)}
    for now in range(closed):
        for kind in at_minute.get(now, ()):
            paused = kind == PAUSED
        expected += paused
    events = [(MOMENT + at * minute, kind) for at, kind in told]
    assert paused_seconds(events, MOMENT + closed * minute) == expected * 60
    assert paused_seconds(events, None) == 0


async def _folded(runtime: Runtime) -> int:
    """The rule in Python, over the clocks of the one case."""
    async with runtime.database.read(SYSTEM) as session:
        closed = (await session.execute(text("SELECT closed_at FROM cases"))).scalar_one()
        rows = await session.execute(
            text("SELECT started_at, 'start' FROM case_clock WHERE kind = 'handle' UNION ALL"
                 " SELECT (one->>'at')::timestamptz, one->>'kind' FROM case_clock,"
                 " jsonb_array_elements(events) one WHERE kind = 'handle'")
        )  # fmt: skip
        return paused_seconds([(row[0], row[1]) for row in rows], closed)


class Asked:
    """Ten were asked: 6 solved; 4 satisfied and 2 basically of 8 who said so."""

    resolved, resolved_of = 6, 10
    satisfied, basically, satisfied_of = 4, 2, 8


def test_our_own_call_backs_are_weighed_by_the_rules_and_pooled_as_counts() -> None:
    rules = rules_for(versions(), "2026-05", None)
    found = rates_of([Asked(), Asked()], rules)
    assert set(found) == {"solved", "satisfied"}
    assert found["solved"] == Counted(Decimal("12"), 20)
    # 2 * (4 * 1 + 2 * 0.9) of 16
    assert found["satisfied"] == Counted(Decimal("11.6"), 16)
    assert rates_of([], rules) == {}


async def test_our_own_call_backs_stand_beside_the_score_and_not_in_it(
    runtime: Runtime, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = [called(f"HL{n}", "是", "是", "满意") for n in range(5)]
    await take_in_rows(runtime, orders, mapping="hotline-orders")
    await derive_facts(runtime)
    await sign_in(client, "dispatcher")
    before = (await client.get("/scores", params={"month": "2026-05"})).json()

    async def counts(
        session: object, viewer: object, area: str, start: datetime, end: datetime
    ) -> dict[UUID | None, Asked]:
        return {None: Asked()} if area == "home" and start < MOMENT < end else {}

    monkeypatch.setattr(estimates, "_SOURCES", [counts])
    after = (await client.get("/scores", params={"month": "2026-05"})).json()
    told = {one["name"]: (one["value"], one["of"]) for one in after["total"]["estimated"]}
    assert told == {"solved": (6.0, 10), "satisfied": (5.8, 8)}
    assert before["total"]["estimated"] == []
    assert {**after["total"], "estimated": []} == before["total"]
    # Of communities they say nothing.
    found = await client.get("/scores", params={"month": "2026-05", "by": "community"})
    assert all(one["estimated"] == [] for one in found.json()["groups"])
