"""The check of a reported case: where its photo was taken, what is ticked, in which way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
from helpers import SYSTEM, act, sign_in
from resolve.test_loop import get, open_case, photo, step
from sqlalchemy import select

from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.resolve.tables import Case
from streetwise.resolve.verify.tables import CaseCheck

#: The lamp of the tests' street, and some 111 m north of it.
LAMP = {"lon": 116.905, "lat": 40.105}
NEAR, FAR = {"lon": 116.905, "lat": 40.106}, {"lon": 116.905, "lat": 40.115}


async def reported(runtime: Runtime, client: httpx.AsyncClient) -> dict[str, Any]:
    """A case that its unit says is done."""
    case = await open_case(runtime, client)
    case = await step(client, "dispatcher", case, "accept")
    case = await step(client, "dispatcher", case, "dispatch", unit="dep1")
    case = await step(client, "department_handler", case, "start")
    return await step(client, "department_handler", case, "report", note="灯泡已换。")


async def check_of(client: httpx.AsyncClient, case: dict[str, Any]) -> dict[str, Any]:
    answer = await client.get(f"/cases/{case['id']}/check")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def upload_at(client: httpx.AsyncClient, **taken: Any) -> httpx.Response:
    files = {"file": ("p.png", photo(), "image/png")}
    return await client.post("/files", files=files, data={k: str(v) for k, v in taken.items()})


async def undraw(runtime: Runtime, case: dict[str, Any]) -> None:
    """As if the lot had not fallen on it."""
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        row = (
            await uow.session.execute(select(Case).where(Case.number == case["number"]))
        ).scalar_one()
        row.check_draw = {
            "drawn": False, "code": "not_drawn",
            "params": {"percent": 10, "checked": 200, "failed": 0, "days": 90},
        }  # fmt: skip


def all_points(check: dict[str, Any]) -> list[str]:
    points: list[str] = check["closings"][0]["points"]
    return points


async def test_the_photo_of_a_check_says_how_far_from_the_place_it_was_taken(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case = await reported(runtime, client)
    await sign_in(client, "inspector")
    check = await check_of(client, case)
    assert (check["lon"], check["lat"], check["far_metres"]) == (LAMP["lon"], LAMP["lat"], 200)
    at = clock.now().isoformat()
    near = (await upload_at(client, **NEAR, accuracy_metres=8.0, taken_at=at)).json()["id"]
    far = (await upload_at(client, **FAR)).json()["id"]
    unsure = (await upload_at(client, **FAR, accuracy_metres=1500.0)).json()["id"]
    plain = (await upload_at(client)).json()["id"]
    case = await step(
        client, "inspector", case, "verify", result="pass", way="site",
        met=all_points(check), photos=[near, far, unsure, plain],
    )  # fmt: skip
    shown = {one["id"]: one for one in case["photo_list"]}
    assert (shown[near]["away_metres"], shown[near]["far"]) == (111, False)
    assert shown[near]["taken_at"] == at.replace("+00:00", "Z")
    assert (shown[far]["away_metres"], shown[far]["far"]) == (1112, True)
    # The telephone did not know better where it was: nobody is warned of that.
    assert shown[unsure]["far"] is False
    assert (shown[plain]["away_metres"], shown[plain]["far"]) == (None, False)
    (entry,) = [one for one in case["timeline"] if one["action"] == "case.verified"]
    assert (entry["data"]["way"], entry["data"]["away_metres"]) == ("site", 1112)
    assert entry["data"]["met"] == all_points(check)
    assert "lon" not in str(entry["data"])


async def test_a_place_that_is_none_is_refused_and_a_clock_that_is_ahead_is_not(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await open_case(runtime, client)
    await sign_in(client, "inspector")
    for wrong in ({"lon": 116.9}, {"lon": 0, "lat": 0}, {"lon": 200, "lat": 1}):
        answer = await upload_at(client, **wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, "photo_place")
    ahead = await upload_at(client, taken_at=(clock.now() + timedelta(days=1)).isoformat())
    assert ahead.status_code == 201


async def test_a_check_at_the_place_ticks_every_condition_for_closing(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await reported(runtime, client)
    await sign_in(client, "inspector")
    case = await get(client, case)
    check = await check_of(client, case)
    points = all_points(check)
    assert check["way"] is None and points
    lacking = await act(client, case, "verify", result="pass", way="site", met=points[:-1])
    assert (lacking.status_code, lacking.json()["code"]) == (422, "closing_unmet")
    assert lacking.json()["params"]["lacking"] == points[-1:]
    made_up = await act(client, case, "verify", result="pass", way="site", met=["好得很"])
    assert made_up.json()["code"] == "closing_unknown"
    # Somebody sends it back from there without ticking anything.
    case = await step(
        client, "inspector", case, "verify", result="fail", way="site", note="还是不亮"
    )
    assert case["state"] == "handling"
    check = await check_of(client, case)
    assert (check["way"], check["passed"]) == ("site", False)


async def test_only_what_was_not_drawn_passes_by_record(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await reported(runtime, client)
    (entry,) = [one for one in case["timeline"] if one["action"] == "case.reported"]
    draw = entry["data"]["check_draw"]
    await sign_in(client, "inspector")
    check = await check_of(client, case)
    assert check["draw"] == draw
    # Nothing is known of the unit: 98 of a hundred are looked at.
    assert (draw["params"]["percent"], draw["params"]["checked"]) == (98, 0)
    await drawn(runtime, case)
    case = await get(client, case)
    refused = await act(client, case, "verify", result="pass", way="record")
    assert (refused.status_code, refused.json()["code"]) == (409, "check_drawn")
    await undraw(runtime, case)
    assert (await check_of(client, case))["ways"] == ["site", "call_back", "record"]
    failed = await act(client, case, "verify", result="fail", note="没去", way="record")
    assert failed.json()["code"] == "record_passes"
    device = await act(client, case, "verify", result="pass", way="device")
    assert device.status_code == 422  # no person can say so
    case = await step(client, "inspector", case, "verify", result="pass", way="record")
    assert case["state"] == "verified"
    assert case["timeline"][-1]["data"]["way"] == "record"
    assert (await check_of(client, case))["way"] == "record"


async def drawn(runtime: Runtime, case: dict[str, Any]) -> None:
    """As if the lot had fallen on it, which it does in 98 of a hundred."""
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        row = (
            await uow.session.execute(select(Case).where(Case.number == case["number"]))
        ).scalar_one()
        assert row.check_draw is not None
        row.check_draw = {**row.check_draw, "drawn": True, "code": "by_chance"}


async def test_a_case_that_was_sent_back_is_always_looked_at_again(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await reported(runtime, client)
    case = await step(client, "inspector", case, "verify", result="fail", note="还是不亮")
    case = await step(client, "department_handler", case, "report", note="这次好了")
    await sign_in(client, "inspector")
    draw = (await check_of(client, case))["draw"]
    assert (draw["drawn"], draw["code"], draw["params"]) == (True, "sent_back", {"count": 1})


async def test_the_record_counts_only_what_the_lot_chose(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await reported(runtime, client)
    await drawn(runtime, case)
    await step(client, "inspector", case, "verify", result="fail", note="还是不亮", way="site")
    await step(client, "department_handler", case, "report", note="这次好了")
    await step(client, "inspector", case, "verify", result="pass")
    async with runtime.database.read(SYSTEM) as session:
        rows = (await session.execute(select(CaseCheck).order_by(CaseCheck.at))).scalars().all()
    assert [(row.passed, row.by_chance, row.way) for row in rows] == [
        (False, True, "site"),
        (True, False, "site"),
    ]


async def test_what_passed_may_still_be_sent_back_before_it_is_closed(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await reported(runtime, client)
    case = await step(client, "inspector", case, "verify", result="pass")
    again = await act(client, case, "verify", result="pass")
    assert again.json()["code"] == "illegal_transition"
    case = await step(client, "inspector", case, "verify", result="fail", note="又灭了")
    assert (case["state"], case["reworked"]) == ("handling", 1)
