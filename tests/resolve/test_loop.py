"""The loop through the API: a case from a report to closed, and everything that must not be."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import httpx
import pytest
from helpers import act, go_on_as, report, sign_in, take_in_rows
from PIL import Image

from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime

LAMP = ("路灯不亮", "梧桐路的路灯坏了三天了，晚上看不见路，请尽快处理。")


async def open_case(runtime: Runtime, client: httpx.AsyncClient) -> dict[str, Any]:
    """A case from one report, as the dispatcher sees it."""
    await take_in_rows(runtime, [report("1", *LAMP)])
    await sign_in(client, "dispatcher")
    (row,) = (await client.get("/cases")).json()["items"]
    return await get(client, row)


async def get(client: httpx.AsyncClient, case: dict[str, Any]) -> dict[str, Any]:
    answer = await client.get(f"/cases/{case['id']}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["etag"] == f'"{found["version"]}"'
    return found


async def step(
    client: httpx.AsyncClient, login: str, case: dict[str, Any], action: str, **inputs: Any
) -> dict[str, Any]:
    await go_on_as(client, login)
    answer = await act(client, await get(client, case), action, **inputs)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "green").save(out, "PNG")
    return out.getvalue()


async def upload(client: httpx.AsyncClient) -> str:
    answer = await client.post("/files", files={"file": ("p.png", photo(), "image/png")})
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["id"]
    return found


async def test_a_case_from_report_to_closed(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case = await open_case(runtime, client)
    assert case["state"] == "received"
    assert case["category"]["code"] == "P-01-37"
    assert case["place_text"] == "梧桐路"
    assert case["grid"]["code"] == "g1"
    assert [offer["action"] for offer in case["actions"]] == ["accept", "close_otherwise"]

    clock.advance(timedelta(minutes=5))
    case = await step(client, "dispatcher", case, "accept")
    offer = case["actions"][0]
    assert offer["units"][0] == {
        "code": "dep1",
        "name": "城管科",
        "suggested": True,
        "why": "路灯归城管科",
        "confidence": 0.9,
        "because": [{"code": "matrix", "params": {"note": "路灯归城管科"}}],
        "open": 0,
        "overdue": 0,
    }
    clock.advance(timedelta(minutes=5))
    case = await step(client, "dispatcher", case, "dispatch", unit="dep1")
    assert case["unit"]["code"] == "dep1"
    assert not any(offer["primary"] for offer in case["actions"])  # it is the unit's turn
    case = await step(client, "department_handler", case, "start")
    picture = await upload(client)
    case = await step(
        client, "department_handler", case, "report", note="灯泡已换。", photos=[picture]
    )
    assert case["photos"] == 1
    case = await step(client, "inspector", case, "verify", result="pass")
    clock.advance(timedelta(hours=1))
    case = await step(client, "dispatcher", case, "close")
    assert case["state"] == "closed"
    assert case["closed_at"] is not None
    assert [entry["action"] for entry in case["timeline"]] == [
        "case.opened",
        "case.accepted",
        "case.dispatched",
        "case.started",
        "case.reported",
        "case.verified",
        "case.closed",
    ]
    reported = case["timeline"][4]
    assert reported["note"] == {"kind": "report", "text": "灯泡已换。"}
    assert reported["actor"]["unit_name"] == "城管科"
    answer = await client.get(reported["photos"][0]["url"].removeprefix("/api/v1"))
    assert answer.headers["content-type"] == "image/jpeg"
    with Image.open(io.BytesIO(answer.content)) as image:
        assert image.size == (64, 48)
    # Replay: following the entries' from and to gives the state that the row has.
    state = None
    for entry in case["timeline"]:
        assert entry["data"].get("from") == state
        state = entry["data"]["to"]
    assert state == "closed"
    assert case["timeline"][-1]["data"]["version"] == case["version"]


async def test_a_failed_check_sends_the_case_back(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await open_case(runtime, client)
    case = await step(client, "dispatcher", case, "accept")
    case = await step(client, "dispatcher", case, "dispatch", unit="dep1")
    case = await step(client, "department_handler", case, "start")
    case = await step(client, "department_handler", case, "report", note="好了")
    await sign_in(client, "inspector")
    case = await get(client, case)
    refused = await act(client, case, "verify", result="fail")
    assert refused.json()["code"] == "input_needed"  # a failed check says why
    case = await step(client, "inspector", case, "verify", result="fail", note="还是不亮")
    assert (case["state"], case["reworked"]) == ("handling", 1)


async def test_maker_is_never_checker(runtime: Runtime, client: httpx.AsyncClient) -> None:
    """One person with two roles reports, and may not check her own report."""
    case = await open_case(runtime, client)
    case = await step(client, "dispatcher", case, "accept")
    case = await step(client, "dispatcher", case, "dispatch", unit="c1")
    case = await step(client, "both", case, "start")
    case = await step(client, "both", case, "report", note="好了")
    assert case["actions"] == []
    answer = await act(client, case, "verify", result="pass")
    assert (answer.status_code, answer.json()["code"]) == (403, "maker_is_checker")
    case = await step(client, "inspector", case, "verify", result="pass")
    assert case["state"] == "verified"


async def test_of_two_officers_one_wins_and_the_other_is_told(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await open_case(runtime, client)
    assert (await act(client, case, "accept")).status_code == 200
    answer = await act(client, case, "accept")
    assert answer.status_code == 412
    problem = answer.json()
    assert problem["code"] == "stale_version"
    assert problem["params"]["current"]["by"] == "派遣员甲"
    assert problem["params"]["current"]["state"] == "accepted"
    assert len((await get(client, case))["timeline"]) == 2


async def test_an_action_needs_the_version_it_was_decided_on(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await open_case(runtime, client)
    answer = await client.post(f"/cases/{case['id']}/actions/accept", json={})
    assert answer.status_code == 428
    answer = await client.post(
        f"/cases/{case['id']}/actions/accept", json={}, headers={"If-Match": '"nonsense"'}
    )
    assert answer.status_code == 412
    assert (await get(client, case))["state"] == "received"


@pytest.mark.parametrize(
    ("action", "inputs", "status", "code"),
    [
        ("close", {}, 409, "illegal_transition"),
        ("dispatch", {"unit": "dep1"}, 409, "illegal_transition"),
        ("fly", {}, 422, "action_unknown"),
        ("verify", {"result": "pass"}, 403, "forbidden"),
        ("accept", {"result": "pass"}, 422, "result_needed"),
        ("accept", {"unit": "dep1"}, 422, "input_not_taken"),
        ("accept", {"unit": "nowhere"}, 422, "unit_unknown"),
        ("accept", {"state": "closed"}, 422, "validation"),
    ],
)
async def test_what_the_loop_does_not_know_is_refused_and_changes_nothing(
    runtime: Runtime,
    client: httpx.AsyncClient,
    action: str,
    inputs: dict[str, Any],
    status: int,
    code: str,
) -> None:
    case = await open_case(runtime, client)
    answer = await act(client, case, action, **inputs)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert await get(client, case) == case


async def test_only_the_holder_handles(runtime: Runtime, client: httpx.AsyncClient) -> None:
    case = await open_case(runtime, client)
    case = await step(client, "dispatcher", case, "accept")
    case = await step(client, "dispatcher", case, "dispatch", unit="dep1")
    # The place lies in this worker's community, so she sees the case, but does not hold it.
    await sign_in(client, "community_worker")
    answer = await act(client, case, "start")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_holder")
    # Another community does not even see it.
    await sign_in(client, "worker2")
    answer = await act(client, case, "start")
    assert answer.status_code == 404


async def test_bulk_actions_stand_each_for_itself(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await take_in_rows(
        runtime,
        [
            report(str(number), f"垃圾 {number}", f"第{number}处垃圾桶满溢很多天没人管")
            for number in range(3)
        ],
    )
    await sign_in(client, "dispatcher")
    rows = (await client.get("/cases", params={"sort": "number"})).json()["items"]
    items = [{"id": row["id"], "version": row["version"]} for row in rows]
    items[1]["version"] = 7
    answer = await client.post("/cases/actions/accept", json={"items": items})
    assert answer.status_code == 200, answer.text
    result = answer.json()
    assert [row["id"] for row in result["done"]] == [rows[0]["id"], rows[2]["id"]]
    assert result["refused"][0]["id"] == rows[1]["id"]
    assert result["refused"][0]["problem"]["code"] == "stale_version"


async def test_personal_data_in_a_note_is_masked_and_its_original_sealed(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await open_case(runtime, client)
    case = await step(client, "dispatcher", case, "accept", note="已联系 13800138000")
    note = case["timeline"][-1]["note"]["text"]
    assert "13800138000" not in note
    assert "[手机]" in note


async def test_a_photo_of_somebody_else_cannot_be_attached(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await open_case(runtime, client)
    case = await step(client, "dispatcher", case, "accept")
    case = await step(client, "dispatcher", case, "dispatch", unit="dep1")
    case = await step(client, "department_handler", case, "start")
    await sign_in(client, "inspector")
    foreign = await upload(client)
    await sign_in(client, "department_handler")
    answer = await act(client, case, "report", note="好了", photos=[foreign])
    assert (answer.status_code, answer.json()["code"]) == (422, "photo_unknown")
    assert (await get(client, case))["state"] == "handling"
    assert (await client.get(f"/files/{foreign}")).status_code == 404
