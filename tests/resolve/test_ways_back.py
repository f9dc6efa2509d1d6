"""The ways back through the API: returned, reassigned, whistled, ended otherwise, opened again,
appealed; and that units called to a case see it, and nobody else does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from helpers import SYSTEM, act, sign_in
from resolve.test_loop import get, open_case, step
from sqlalchemy import select

from streetwise.kernel.clock import HandClock
from streetwise.kernel.errors import NotFound
from streetwise.kernel.ids import new_id
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import reopen
from streetwise.resolve.merging.tables import CasePrint
from streetwise.resolve.tables import ScoreExemption


async def handled(runtime: Runtime, client: httpx.AsyncClient) -> dict[str, Any]:
    """A case that the department is handling."""
    case = await open_case(runtime, client)
    case = await step(client, "dispatcher", case, "accept")
    case = await step(client, "dispatcher", case, "dispatch", unit="dep1")
    return await step(client, "department_handler", case, "start")


async def closed(runtime: Runtime, client: httpx.AsyncClient) -> dict[str, Any]:
    case = await handled(runtime, client)
    case = await step(client, "department_handler", case, "report", note="灯泡已换")
    case = await step(client, "inspector", case, "verify", result="pass")
    return await step(client, "dispatcher", case, "close")


async def refused(
    client: httpx.AsyncClient, login: str, case: dict[str, Any], action: str, **inputs: Any
) -> str:
    """The code of the refusal; nothing of the case has changed."""
    await sign_in(client, "dispatcher")
    before = await get(client, case)
    await sign_in(client, login)
    answer = await act(client, before, action, **inputs)
    assert answer.status_code >= 400, answer.text
    await sign_in(client, "dispatcher")
    assert await get(client, case) == before
    code: str = answer.json()["code"]
    return code


async def status(client: httpx.AsyncClient, login: str, case: dict[str, Any]) -> int:
    await sign_in(client, login)
    return (await client.get(f"/cases/{case['id']}")).status_code


async def give_back(client: httpx.AsyncClient, case: dict[str, Any]) -> dict[str, Any]:
    """The department returns it, and sees it no more; as the dispatcher sees it then."""
    await sign_in(client, "department_handler")
    answer = await act(
        client, await get(client, case), "return", ground="not_our_duty", note="归路灯管理所"
    )
    assert (answer.status_code, answer.json()) == (200, None)
    assert await status(client, "department_handler", case) == 404
    await sign_in(client, "dispatcher")
    return await get(client, case)


async def test_returned_is_counted_and_to_and_fro_is_seen(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await handled(runtime, client)
    assert await refused(client, "department_handler", case, "return", note="x") == "input_needed"
    code = await refused(client, "department_handler", case, "return", note="x", ground="tired")
    assert code == "ground_unknown"
    case = await give_back(client, case)
    assert (case["state"], case["unit"], case["returned"]) == ("accepted", None, 1)
    assert not case["bounces"]
    assert case["timeline"][-1]["data"]["ground"] == "not_our_duty"
    # To another unit it is no ping-pong yet; to the one that returned it, it is.
    case = await step(client, "dispatcher", case, "dispatch", unit="c1")
    assert not case["bounces"]
    case = await step(client, "dispatcher", case, "reassign", unit="dep1", note="经核实属城管科")
    assert (case["state"], case["unit"]["code"], case["bounces"]) == ("dispatched", "dep1", True)
    rows = (await client.get("/cases")).json()["items"]
    assert [row["bounces"] for row in rows] == [True]
    assert await refused(client, "dispatcher", case, "reassign", unit="dep1") == "same_unit"
    case = await give_back(client, case)
    assert (case["returned"], case["bounces"]) == (2, True)


async def co_handling(client: httpx.AsyncClient, case: dict[str, Any]) -> list[str]:
    found = (await client.get(f"/cases/{case['id']}/clocks")).json()["clocks"]
    return [one["state"] for one in found if one["kind"] == "co_handle"]


async def test_a_whistle_calls_units_who_see_the_case_and_stay_until_released(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case = await handled(runtime, client)
    assert await status(client, "worker2", case) == 404
    case = await step(
        client, "dispatcher", case, "whistle", units=["c2"], ground="emergency", note="请到场"
    )
    (party,) = case["parties"]
    assert (party["unit"]["code"], party["stage"], party["late"]) == ("c2", "called", False)
    assert (case["lead"]["code"], case["parties_left"]) == ("dep1", 1)
    # Its limit is a clock of its own, which the sweep looks at; the case is due when it was.
    assert await co_handling(client, case) == ["running"]
    assert await status(client, "worker2", case) == 200
    # It is found in the called unit's lists, by words as well.
    for params in ({}, {"q": "路灯"}, {"mine": "true"}):
        rows = (await client.get("/cases", params=params)).json()["items"]
        assert [row["id"] for row in rows] == [case["id"]], params
    assert [one["action"] for one in (await get(client, case))["actions"]] == ["arrive"]
    again = {"units": ["c2"], "ground": "joint", "note": "x"}
    assert await refused(client, "dispatcher", case, "whistle", **again) == "unit_called"
    own = {"units": ["dep1"], "ground": "joint", "note": "x"}
    assert await refused(client, "dispatcher", case, "whistle", **own) == "unit_called"
    # Nobody leaves, and the lead reports nothing, before all are released.
    for action, inputs in (
        ("report", {"note": "好了"}),
        ("return", {"note": "x", "ground": "unclear"}),
    ):
        code = await refused(client, "department_handler", case, action, **inputs)
        assert code == "parties_left"
    code = await refused(
        client, "dispatcher", case, "close_otherwise", outcome="withdrawn", note="x"
    )
    assert code == "parties_left"
    assert await refused(client, "worker2", case, "co_report", note="x") == "not_here"
    case = await step(client, "worker2", case, "arrive")
    clock.advance(timedelta(minutes=31))
    assert (await get(client, case))["parties"][0]["late"]
    code = await refused(client, "department_handler", case, "release", units=["c2"])
    assert code == "input_needed"  # it has not reported: say why
    case = await step(client, "worker2", case, "co_report", note="已疏散")
    assert await co_handling(client, case) == ["late"]
    assert await refused(client, "worker2", case, "release", units=["c2"]) == "not_lead"
    case = await step(client, "department_handler", case, "release", units=["c2"])
    assert (case["parties_left"], case["parties"][0]["stage"]) == (0, "released")
    case = await step(client, "department_handler", case, "report", note="好了")
    assert case["state"] == "reported"
    # What it did stays in its eyes.
    assert await status(client, "worker2", case) == 200


async def test_it_may_end_without_fixed_and_not_by_who_holds_it(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await handled(runtime, client)
    end = {"outcome": "not_our_duty", "note": "已告知"}
    code = await refused(client, "department_handler", case, "close_otherwise", **end)
    assert code == "forbidden"
    code = await refused(client, "dispatcher", case, "close_otherwise", **end)
    assert code == "input_needed"  # whose duty is it?
    case = await step(client, "dispatcher", case, "close_otherwise", **end, body="路灯管理所")
    assert (case["state"], case["outcome"], case["outcome_body"]) == (
        "closed",
        "not_our_duty",
        "路灯管理所",
    )
    assert case["closed_at"] is not None


async def test_what_nobody_has_looked_at_cannot_end_as_not_fixed(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await open_case(runtime, client)
    end = {"outcome": "not_fixed", "note": "x"}
    assert await refused(client, "dispatcher", case, "close_otherwise", **end) == "outcome_unknown"
    case = await step(
        client, "dispatcher", case, "close_otherwise", outcome="withdrawn", note="本人撤回"
    )
    assert case["outcome"] == "withdrawn"


async def test_opened_again_by_an_officer(runtime: Runtime, client: httpx.AsyncClient) -> None:
    case = await closed(runtime, client)
    case = await step(client, "inspector", case, "reopen", ground="check", note="又不亮了")
    assert (case["state"], case["reopened"], case["closed_at"]) == ("accepted", 1, None)
    async with runtime.database.read(SYSTEM) as session:
        kept = await session.scalar(select(CasePrint.until))
    assert kept is None  # what comes in is compared with it again
    assert case["timeline"][-1]["data"]["reopened"] == 1


async def test_opened_again_by_a_camera_once(runtime: Runtime, client: httpx.AsyncClient) -> None:
    case = await closed(runtime, client)
    camera, sighting = Viewer.system("discover"), new_id()
    for _ in range(2):
        async with runtime.database.unit_of_work(camera) as uow:
            found = await reopen(
                uow, camera, runtime.keys, UUID(case["id"]), "camera", signal_id=sighting
            )
            assert found.state == "accepted"
    case = await get(client, case)
    assert (case["reopened"], case["timeline"][-1]["data"]["signal"]) == (1, str(sighting))
    with pytest.raises(NotFound):
        async with runtime.database.unit_of_work(camera) as uow:
            await reopen(uow, camera, runtime.keys, new_id(), "camera")


async def test_an_appeal_needs_two_reviewers_and_changes_no_fact(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await closed(runtime, client)
    why = {"ground": "force_majeure", "note": "台风期间"}
    case = await step(client, "department_handler", case, "appeal", **why)
    assert case["appeal"] == "asked"
    assert await refused(client, "department_handler", case, "appeal", **why) == "appealed_once"
    await sign_in(client, "inspector")
    waits = (await client.get("/cases", params={"back": "appealed"})).json()
    assert [one["id"] for one in waits["items"]] == [case["id"]]
    told = (await client.get("/notifications")).json()["items"]
    assert "case.appealed" in {one["kind"] for one in told}
    case = await step(client, "inspector", case, "review_appeal", result="pass")
    assert case["appeal"] == "seconded"
    code = await refused(client, "inspector", case, "review_appeal", result="pass")
    assert code == "appeal_own"
    async with runtime.database.read(SYSTEM) as session:
        assert (await session.execute(select(ScoreExemption))).first() is None
    facts = {key: case[key] for key in ("state", "due_at", "closed_at", "reworked", "returned")}
    case = await step(client, "dispatcher", case, "review_appeal", result="pass")
    assert case["appeal"] == "granted"
    waits = (await client.get("/cases", params={"back": "appealed"})).json()
    assert waits["items"] == []
    assert {key: case[key] for key in facts} == facts
    async with runtime.database.read(SYSTEM) as session:
        exempt = (await session.execute(select(ScoreExemption))).scalar_one()
    assert (str(exempt.case_id), exempt.ground) == (case["id"], "force_majeure")
    assert (
        await refused(client, "duty_officer", case, "review_appeal", result="pass") == "no_appeal"
    )
