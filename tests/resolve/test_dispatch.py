"""Dispatch through the API: preview, each to its own unit, what is learnt, what is on hand, what
may be done with several together, and the list of what came back."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest
from helpers import SYSTEM, act, past_the_walls, report, sign_in, spot, take_in_rows
from resolve.test_loop import get, step
from sqlalchemy import select

from streetwise.kernel.journal import Journal
from streetwise.kernel.runtime import Runtime
from streetwise.resolve import loop
from streetwise.resolve.dispatch.actions import count_past
from streetwise.resolve.dispatch.tables import DispatchPast
from streetwise.resolve.dispatch.together import SINGLY

LAMP = ("路灯不亮", "路灯坏了三天了，晚上看不见路，请尽快处理。")
LAMP_CLASS = "urban-management:P-01-37"


async def waiting(
    runtime: Runtime, client: httpx.AsyncClient, count: int, **where: Any
) -> list[dict[str, Any]]:
    """Accepted cases about lamps, each at a place of its own; as the dispatcher sees them."""
    rows = [
        report(str(n), LAMP[0], f"{LAMP[1]}灯杆编号{n * 137}。", **(where or spot(n * 7 % 60)))
        for n in range(count)
    ]
    await take_in_rows(runtime, rows)
    await sign_in(client, "dispatcher")
    found = []
    for row in (await client.get("/cases", params={"state": "received"})).json()["items"]:
        case = await get(client, row)
        if case["category"] is None or case["category"]["code"] != "P-01-37":
            answer = await client.post(
                f"/cases/{case['id']}/correct",
                json={"category": LAMP_CLASS, "settled": ["place", "merge"]},
                headers={"If-Match": f'"{case["version"]}"'},
            )
            assert answer.status_code == 200, answer.text
            case = await get(client, row)
        answer = await act(client, case, "accept")
        assert answer.status_code == 200, answer.text
        found.append(answer.json())
    assert len(found) == count
    return found


async def preview(client: httpx.AsyncClient, ids: list[str]) -> dict[str, Any]:
    answer = await client.post("/cases/dispatch/preview", json={"ids": ids})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def items(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"id": line["case"]["id"], "version": line["case"]["version"], "unit": line["unit"]}
        for line in lines
        if line["unit"]
    ]


async def entries(runtime: Runtime, action: str) -> list[Any]:
    async with runtime.database.read(SYSTEM) as session:
        query = select(Journal).where(Journal.action == action).order_by(Journal.seq)
        return list((await session.execute(query)).scalars())


async def test_each_goes_to_its_own_unit_with_its_own_entry(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    cases = await waiting(runtime, client, 3)
    found = await preview(client, [])
    assert {line["case"]["id"] for line in found["lines"]} == {case["id"] for case in cases}
    assert [line["unit"] for line in found["lines"]] == ["dep1"] * 3
    units = {unit["code"]: unit for unit in found["units"]}
    assert (units["dep1"]["open"], units["dep1"]["more"]) == (0, 3)
    # The officer sends one elsewhere, and one of old decides on an old version.
    sent = items(found["lines"])
    sent[0]["unit"] = "c2"
    sent[2]["version"] = 1
    unknown = {"id": str(uuid4()), "version": 1, "unit": "dep1"}
    answer = await client.post("/cases/dispatch", json={"items": [*sent, unknown]})
    assert answer.status_code == 200, answer.text
    result = answer.json()
    assert result["done"] == [sent[0]["id"], sent[1]["id"]]
    problems = {one["id"]: one["problem"]["code"] for one in result["refused"]}
    assert problems == {sent[2]["id"]: "stale_version", unknown["id"]: "not_found"}
    made = await entries(runtime, "case.dispatched")
    assert [(str(one.subject), one.data["unit"]) for one in made] == [
        (sent[0]["id"], "c2"), (sent[1]["id"], "dep1"),
    ]  # fmt: skip
    left = await preview(client, [])
    assert [line["case"]["id"] for line in left["lines"]] == [sent[2]["id"]]
    loads = {unit["code"]: unit["open"] for unit in left["units"]}
    assert (loads["c2"], loads["dep1"]) == (1, 1)


async def test_bulk_leaves_the_same_clocks_as_one_by_one(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    first, second = await waiting(runtime, client, 2)
    form = {"items": [{"id": first["id"], "version": first["version"], "unit": "dep1"}]}
    assert (await client.post("/cases/dispatch", json=form)).json()["done"] == [first["id"]]
    await step(client, "dispatcher", second, "dispatch", unit="dep1")

    def clocks(case: dict[str, Any]) -> list[Any]:
        with past_the_walls(runtime) as connection:
            return connection.execute(
                "SELECT kind, state, unit_id, limit_value, limit_unit, jsonb_array_length(events)"
                " FROM case_clock WHERE case_id = %s ORDER BY kind",
                (case["id"],),
            ).fetchall()

    assert clocks(first) == clocks(second) and clocks(first)


async def test_an_unknown_unit_sends_nothing(runtime: Runtime, client: httpx.AsyncClient) -> None:
    (case,) = await waiting(runtime, client, 1)
    form = {"items": [{"id": case["id"], "version": case["version"], "unit": "nobody"}]}
    answer = await client.post("/cases/dispatch", json=form)
    assert (answer.status_code, answer.json()["code"]) == (422, "unit_unknown")
    assert (await get(client, case))["state"] == "accepted"


async def test_who_may_not_dispatch_sees_no_preview(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await sign_in(client, "inspector")
    assert (await client.post("/cases/dispatch/preview", json={})).status_code == 403
    form = {"items": [{"id": str(uuid4()), "version": 1, "unit": "dep1"}]}
    assert (await client.post("/cases/dispatch", json=form)).status_code == 403


async def test_what_was_kept_and_returned_is_counted_and_told(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    cases = await waiting(runtime, client, 8)
    for case in cases[:6]:
        await step(client, "dispatcher", case, "dispatch", unit="c1")
        await step(client, "community_worker", case, "start")
        await step(client, "community_worker", case, "report", note="已处理")
    back = await step(client, "dispatcher", cases[6], "dispatch", unit="dep1")
    await sign_in(client, "department_handler")
    answer = await act(client, back, "return", ground="not_our_duty", note="不归我们")
    assert answer.status_code == 200, answer.text
    assert await count_past(runtime) > 0

    async with runtime.database.read(SYSTEM) as session:
        rows = (await session.execute(select(DispatchPast))).scalars().all()
    assert sum(row.kept for row in rows if row.unit == "c1") == 6
    assert sum(row.against for row in rows if row.unit == "dep1") == 1
    assert sum(row.kept + row.against for row in rows) == 7
    # Counted again, it is the same.
    before = {(row.unit, row.community, row.grid): (row.kept, row.against) for row in rows}
    await count_past(runtime)
    async with runtime.database.read(SYSTEM) as session:
        rows = (await session.execute(select(DispatchPast))).scalars().all()
    assert before == {(r.unit, r.community, r.grid): (r.kept, r.against) for r in rows}

    # The matrix says dep1, practice says c1: nobody is preselected, both are offered.
    await sign_in(client, "dispatcher")
    lines = {line["case"]["id"]: line for line in (await preview(client, []))["lines"]}
    asked = lines[cases[7]["id"]]
    assert asked["unit"] is None
    assert [one["code"] for one in asked["asks"]] == ["history_differs"]
    assert asked["asks"][0]["params"]["unit_name"] == "东社区"
    assert {one["code"] for one in asked["options"]} == {"dep1", "c1"}
    # What has just come back from a unit says so too.
    assert "came_back" in [one["code"] for one in lines[cases[6]["id"]]["asks"]]
    case = await get(client, cases[7])
    offer = next(one for one in case["actions"] if one["action"] == "dispatch")
    assert [one["code"] for one in offer["asks"]] == ["history_differs"]
    assert not any(unit["suggested"] for unit in offer["units"])
    held = {unit["code"]: unit["open"] for unit in offer["units"]}
    assert (held["c1"], held["dep1"]) == (6, 0)


async def test_near_a_border_only_what_depends_on_it_is_asked(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    # Five metres south of the border between c1's grid and c2's.
    north = 40.11 - 5 / 111_195
    (case,) = await waiting(runtime, client, 1, lon=116.905, lat=north)
    (line,) = (await preview(client, [case["id"]]))["lines"]
    assert line["unit"] == "dep1"
    answer = await client.post(
        f"/cases/{case['id']}/correct",
        json={"category": "urban-management:E-01-10", "settled": []},
        headers={"If-Match": f'"{case["version"]}"'},
    )
    assert answer.status_code == 200, answer.text
    (line,) = (await preview(client, [case["id"]]))["lines"]
    assert (line["unit"], [one["code"] for one in line["asks"]]) == (None, ["border"])
    assert line["asks"][0]["params"]["unit_name"] == "西社区"


# --- several together ----------------------------------------------------------------------


async def offers(client: httpx.AsyncClient, *cases: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post("/cases/offers", json={"ids": [case["id"] for case in cases]})
    assert answer.status_code == 200, answer.text
    return {
        f"{one['action']}{'_' + one['result'] if one['result'] else ''}": one
        for one in answer.json()["offers"]
    }


async def test_what_may_be_done_together_is_what_the_loop_says_of_each(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    first, second = await waiting(runtime, client, 2)
    await step(client, "dispatcher", first, "dispatch", unit="dep1")
    found = await offers(client, first, second)
    assert found["dispatch"]["ids"] == [second["id"]]
    assert found["reassign"]["ids"] == [first["id"]]
    assert set(found["close_otherwise"]["ids"]) == {first["id"], second["id"]}
    assert found["close_otherwise"]["outcomes"]
    assert not any(one["body"] for one in found["close_otherwise"]["outcomes"])
    assert "start" not in found
    # Who holds it may sign for it or give it back; and cannot be asked for what is one by one.
    await sign_in(client, "department_handler")
    found = await offers(client, first)
    assert {"start", "return"} <= set(found) and SINGLY.isdisjoint(found)
    assert found["return"]["grounds"] and "ground" in found["return"]["needs"]
    # Taken together, it is done.
    item = {"id": first["id"], "version": (await get(client, first))["version"]}
    answer = await client.post(
        "/cases/actions/return",
        json={"items": [item], "ground": "not_our_duty", "note": "不归我们"},
    )
    assert [one["id"] for one in answer.json()["done"]] == []
    await sign_in(client, "dispatcher")
    assert (await get(client, first))["returned"] == 1


def test_what_is_one_by_one_stands_in_the_loop() -> None:
    assert set(loop.ACTIONS) >= SINGLY


@pytest.mark.parametrize("back, count", [("returned", 1), ("bounces", 0)])
async def test_a_list_of_what_came_back(
    runtime: Runtime, client: httpx.AsyncClient, back: str, count: int
) -> None:
    first, _ = await waiting(runtime, client, 2)
    await step(client, "dispatcher", first, "dispatch", unit="dep1")
    await sign_in(client, "department_handler")
    case = await get(client, first)
    assert (
        await act(client, case, "return", ground="not_our_duty", note="不归")
    ).status_code == 200
    await sign_in(client, "dispatcher")
    found = (await client.get("/cases", params={"back": back})).json()
    assert (len(found["items"]), found["count"]["value"]) == (count, count)
    # With the same unit again, it goes to and fro.
    await step(client, "dispatcher", first, "dispatch", unit="dep1")
    found = (await client.get("/cases", params={"back": back})).json()
    assert [one["id"] for one in found["items"]] == [first["id"]]
    assert found["items"][0]["bounces"]


async def test_an_unknown_way_back_is_refused(runtime: Runtime, client: httpx.AsyncClient) -> None:
    await sign_in(client, "dispatcher")
    assert (await client.get("/cases", params={"back": "sideways"})).status_code == 422
