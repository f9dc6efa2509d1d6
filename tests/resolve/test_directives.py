"""Leaders' notes: given with a reason, done with a report, checked off by another."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from helpers import SYSTEM, act, opened, sign_in
from resolve.test_duty import journal, told, urgent_case
from sqlalchemy import select

from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.resolve.directives import rules
from streetwise.resolve.directives.tables import Directive
from streetwise.resolve.duty import jobs
from streetwise.resolve.tables import Case

PHONE = "13800138000"
DONE = "已到场处置完毕，恢复正常。"


async def held(runtime: Runtime, client: httpx.AsyncClient) -> Case:
    """A case in a department's hands."""
    case = await urgent_case(runtime)
    for login, action, inputs in (
        ("duty_officer", "accept", {}),
        ("dispatcher", "dispatch", {"unit": "dep1"}),
        ("department_handler", "start", {}),
    ):
        await sign_in(client, login)
        answer = await act(client, (await client.get(f"/cases/{case.id}")).json(), action, **inputs)
        assert answer.status_code == 200, answer.text
    return case


async def give(
    client: httpx.AsyncClient, case: Case, by: str = "street_commander", **form: Any
) -> httpx.Response:
    await sign_in(client, by)
    given = {"kind": "urge", "text": "请尽快处置并报告", **form}
    return await client.post(f"/cases/{case.id}/directives", json=given)


async def do(
    client: httpx.AsyncClient, login: str, one: dict[str, Any], action: str, words: str = ""
) -> httpx.Response:
    await sign_in(client, login)
    return await client.post(
        f"/directives/{one['id']}/{action}",
        json={"text": words},
        headers={"If-Match": f'"{one["version"]}"'},
    )


def test_the_loop_ends_and_no_line_is_there_twice() -> None:
    lines = [(line.action, line.source) for line in rules.LINES]
    assert len(lines) == len(set(lines))
    assert {line.source for line in rules.LINES} == set(rules.UNDONE)
    assert rules.find("pass", rules.OPEN) is None
    with pytest.raises(ValueError, match="due_hours"):
        rules.read({"kinds": {"urge": {"needs": "x", "person": False, "due_hours": 0,
                                       "urgent": False}}})  # fmt: skip


async def test_given_reported_sent_back_and_checked_off(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await held(runtime, client)
    answer = await give(client, case, kind="supervise", text=f"限今日办结，联系{PHONE}")
    assert answer.status_code == 201, answer.text
    (one,) = answer.json()["items"]
    assert (one["state"], one["unit"]["code"], one["late"]) == ("open", "dep1", False)
    assert PHONE not in str(answer.json())
    assert (await told(runtime, "directive.given"))[0][0] == "department_handler"
    # Only the unit that it is laid on reports, and with words.
    assert (await do(client, "community_worker", one, "report", DONE)).status_code in (403, 404)
    empty = await do(client, "department_handler", one, "report")
    assert empty.json()["code"] == "input_needed"
    reported = (await do(client, "department_handler", one, "report", DONE)).json()
    assert (reported["state"], reported["report"]) == ("reported", DONE)
    assert [login for login, _ in await told(runtime, "directive.reported")] == ["street_commander"]
    stale = await do(client, "street_commander", one, "pass")
    assert stale.status_code == 412
    back = (await do(client, "street_commander", reported, "return", "照片不全")).json()
    assert (back["state"], back["sent_back"]) == ("open", 1)
    again = (await do(client, "department_handler", back, "report", DONE)).json()
    # The office of who gave it may check it off: the duty officer is of the same unit.
    done = await do(client, "duty_officer", again, "pass")
    assert (done.status_code, done.json()["state"]) == (200, "done")
    assert (await do(client, "duty_officer", done.json(), "pass")).status_code == 409
    entries = [one for one in await journal(runtime) if one[0].startswith("directive.")]
    assert [action.partition(".")[2] for action, _ in entries] == [
        "given", "reported", "sent_back", "reported", "done",
    ]  # fmt: skip
    assert PHONE not in str(entries) and "照片" not in str(entries)


async def test_the_original_words_lie_in_the_vault_and_the_story_shows_them_masked(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await held(runtime, client)
    words = f"限今日办结，联系{PHONE}"
    await give(client, case, text=words)
    async with runtime.database.read(SYSTEM) as session:
        row = (await session.execute(select(Directive))).scalar_one()
    assert (await opened(runtime, row.text_id))["text"] == words
    story = (await client.get(f"/cases/{case.id}")).json()["timeline"]
    assert story[-1]["action"] == "directive.given"
    assert "限今日办结" in story[-1]["note"]["text"] and PHONE not in str(story)


async def test_who_did_it_never_checks_it_off(runtime: Runtime, client: httpx.AsyncClient) -> None:
    case = await held(runtime, client)
    (one,) = (await give(client, case, unit="s1")).json()["items"]
    reported = (await do(client, "duty_officer", one, "report", DONE)).json()
    refused = await do(client, "duty_officer", reported, "pass")
    assert (refused.status_code, refused.json()["code"]) == (403, "maker_is_checker")
    assert reported["actions"] == ["withdraw"]
    assert (await do(client, "street_commander", reported, "pass")).status_code == 200


async def test_only_a_leader_writes_what_only_a_leader_says(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await held(runtime, client)
    assert (await give(client, case, "duty_officer", kind="instruction")).status_code == 403
    assert (await give(client, case, "duty_officer", kind="urge")).status_code == 201
    assert (await give(client, case, "dispatcher")).status_code == 403
    view = (await client.get(f"/cases/{case.id}/directives")).json()
    assert view["kinds"] == [] and len(view["items"]) == 1


async def test_a_case_is_laid_on_one_leader_by_name(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await held(runtime, client)
    nobody = await give(client, case, kind="charge")
    assert nobody.json()["code"] == "directive_person"
    # Who cannot see the case cannot answer for it.
    blind = await give(client, case, kind="charge", login="worker2")
    assert blind.json()["code"] == "directive_unit_blind"
    offered = (await client.get(f"/cases/{case.id}/directives")).json()["people"]
    assert [one["login"] for one in offered] == ["street_commander"]
    (one,) = (await give(client, case, kind="charge", login="street_commander")).json()["items"]
    assert (one["person"], one["unit"]["code"]) == ("街道指挥长甲", "s1")
    refused = await do(client, "duty_officer", one, "report", DONE)
    assert (refused.status_code, refused.json()["code"]) == (403, "directive_other")
    assert (await do(client, "street_commander", one, "report", DONE)).status_code == 200


async def test_what_cannot_be_done_is_refused(runtime: Runtime, client: httpx.AsyncClient) -> None:
    case = await held(runtime, client)
    blind = await give(client, case, unit="c2")
    assert blind.json()["code"] == "directive_unit_blind"
    assert (await give(client, case, unit="nowhere")).json()["code"] == "unit_unknown"
    past = await give(client, case, due_at="2026-05-01T00:00:00Z")
    assert past.json()["code"] == "directive_due_past"
    assert (await give(client, case, text="   ")).json()["code"] == "input_needed"
    assert (await client.get("/directives")).json()["items"] == []


async def test_what_is_late_stands_first_and_goes_to_the_leader_once(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case = await held(runtime, client)
    await give(client, case, "duty_officer")
    await give(client, case, kind="instruction")
    assert (await client.get("/directives", params={"late": True})).json()["items"] == []
    clock.advance(timedelta(hours=25))
    await jobs.look(runtime)
    await jobs.look(runtime)
    found = await told(runtime, "directive.overdue")
    assert [login for login, _ in found] == ["street_commander"]
    await sign_in(client, "street_commander")
    listed = (await client.get("/directives")).json()
    assert [(one["kind"], one["late"]) for one in listed["items"]] == [
        ("urge", True), ("instruction", False),
    ]  # fmt: skip
    assert (await client.get("/directives", params={"late": True})).json()["count"]["value"] == 1
    await sign_in(client, "department_handler")
    mine = (await client.get("/directives", params={"mine": True})).json()
    assert len(mine["items"]) == 2
    await sign_in(client, "worker2")
    assert (await client.get("/directives")).json()["items"] == []
