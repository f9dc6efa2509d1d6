"""突发事件信息报送: each report told to the right people in time, and what is late said once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from helpers import sign_in
from hypothesis import given
from hypothesis import strategies as st
from resolve.test_duty import groups, journal, room, told, urgent_case

from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.resolve.duty import jobs
from streetwise.resolve.incidents import plan

HAPPENED = "2026-05-11T01:50:00Z"
PHONE = "13800138000"
SINCE = datetime(2026, 5, 11, 2, 0, tzinfo=UTC)


# --- the plan ------------------------------------------------------------------------------


def test_a_graver_incident_is_told_sooner_and_to_no_fewer() -> None:
    for graver, lighter in ((1, 2), (2, 3), (3, 4)):
        for kind in (plan.FIRST, plan.FOLLOW_UP, plan.FINAL):
            sooner = min(one.due_at for one in plan.tells(kind, graver, SINCE))
            assert sooner <= min(one.due_at for one in plan.tells(kind, lighter, SINCE))
            there = {one.to for one in plan.tells(kind, graver, SINCE)}
            assert {one.to for one in plan.tells(kind, lighter, SINCE)} <= there | {"commander"}


@given(st.sampled_from(plan.GRADES), st.sampled_from(plan.GRADES), st.data())
def test_another_grade_owes_exactly_what_it_asks_and_nobody_did(
    before: int, after: int, data: st.DataObject
) -> None:
    owed = [(one.to, one.way) for one in plan.tells(plan.FIRST, before, SINCE)]
    done = data.draw(st.sets(st.sampled_from(owed)))
    now = plan.regraded(after, SINCE, done)
    wanted = {(one.to, one.way): one.due_at for one in plan.tells(plan.FIRST, after, SINCE)}
    assert {(one.to, one.way) for one in now} == set(wanted) - done
    assert all(wanted[one.to, one.way] == one.due_at for one in now)


def _file(**first: Any) -> dict[str, Any]:
    limit = {"to": "commander", "way": "phone", "minutes": 5, **first}
    written = {"minutes": 60, "to": ["commander"]}
    one = {"first": [limit], "follow_up": written, "final": written}
    return {"grades": {str(grade): one for grade in plan.GRADES}}


@pytest.mark.parametrize(
    ("wrong", "why"),
    [({"to": "nobody"}, "nobody"), ({"way": "drum"}, "way"), ({"minutes": 0}, "limit")],
)
def test_a_table_that_is_wrong_is_not_read(wrong: dict[str, Any], why: str) -> None:
    assert set(plan.read(_file())) == set(plan.GRADES)
    with pytest.raises(ValueError, match=why):
        plan.read(_file(**wrong))


# --- from opened to done -------------------------------------------------------------------


async def opened(runtime: Runtime, client: httpx.AsyncClient, level: int = 3) -> dict[str, Any]:
    case = await urgent_case(runtime)
    await sign_in(client, "duty_officer")
    form = {"level": level, "happened_at": HAPPENED}
    answer = await client.post(f"/cases/{case.id}/incident", json=form)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def do(
    client: httpx.AsyncClient, one: dict[str, Any], what: str, form: Any = None
) -> httpx.Response:
    return await client.post(
        f"/incidents/{one['id']}/{what}", json=form, headers={"If-Match": f'"{one["version"]}"'}
    )


async def tell_all(client: httpx.AsyncClient, one: dict[str, Any], n: int) -> dict[str, Any]:
    for tell in one["reports"][n]["tells"]:
        if tell["told_at"] is None:
            answer = await do(client, one, f"tells/{tell['id']}")
            assert answer.status_code == 200, answer.text
            one = answer.json()
    return one


async def test_first_follow_up_final_and_who_was_told(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    one = await opened(runtime, client)
    (first,) = one["reports"]
    assert [(tell["recipient"], tell["way"]) for tell in first["tells"]] == [
        ("leader_on_duty", "phone"), ("district_duty", "phone"), ("district_duty", "written"),
    ]  # fmt: skip
    assert first["tells"][0]["due_at"] == "2026-05-11T02:10:00Z"
    # The leader on duty hears of it at once.
    assert [login for login, _ in await told(runtime, "incident.opened")] == ["street_commander"]
    assert groups(await room(client))["reports"] == 3
    # By word of mouth before a word is written; in writing after.
    written = await do(client, one, f"tells/{first['tells'][2]['id']}")
    assert (written.status_code, written.json()["code"]) == (409, "incident_unwritten")
    one = (await do(client, one, f"tells/{first['tells'][0]['id']}")).json()
    words = f"梧桐路电线杆起火，现场负责人{PHONE}，消防已到场。"
    one = (await do(client, one, "report", {"text": words})).json()
    assert [report["kind"] for report in one["reports"]] == ["first", "follow_up"]
    assert PHONE not in str(one)
    one = await tell_all(client, one, 0)
    one = (await do(client, one, "report", {"text": "明火已扑灭。"})).json()
    one = await tell_all(client, one, 1)
    one = (await do(client, one, "over")).json()
    assert [report["kind"] for report in one["reports"]] == ["first", "follow_up", "final"]
    assert one["state"] == "over"
    one = (await do(client, one, "report", {"text": "处置完毕，无人员伤亡。"})).json()
    assert one["state"] == "over"
    one = await tell_all(client, one, 2)
    assert (one["state"], one["may_write"]) == ("done", False)
    assert groups(await room(client))["reports"] == 0
    entries = [entry for entry in await journal(runtime) if entry[0].startswith("incident.")]
    assert entries[0][0] == "incident.opened" and entries[-1][0] == "incident.done"
    assert PHONE not in str(entries) and "明火" not in str(entries)
    more = await do(client, one, "report", {"text": "x"})
    assert (more.status_code, more.json()["code"]) == (409, "incident_none_owed")


async def test_over_before_a_word_was_written_still_owes_first_and_final(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    one = await opened(runtime, client, level=4)
    one = (await do(client, one, "over")).json()
    assert [report["kind"] for report in one["reports"]] == ["first"]
    one = (await do(client, one, "report", {"text": "起火，已扑灭。"})).json()
    assert [report["kind"] for report in one["reports"]] == ["first", "final"]
    one = (await do(client, one, "report", {"text": "终报。"})).json()
    one = await tell_all(client, await tell_all(client, one, 0), 1)
    assert one["state"] == "done"


async def test_a_graver_level_owes_more_and_keeps_what_was_told(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    one = await opened(runtime, client, level=4)
    leader = one["reports"][0]["tells"][0]
    one = (await do(client, one, f"tells/{leader['id']}")).json()
    one = (await do(client, one, "level", {"level": 1})).json()
    tells = {(tell["recipient"], tell["way"]): tell for tell in one["reports"][0]["tells"]}
    assert len(tells) == 5 and one["level"] == 1
    assert tells["leader_on_duty", "phone"]["told_at"] is not None
    assert tells["district_duty", "written"]["due_at"] == "2026-05-11T02:45:00Z"


async def test_what_is_late_goes_to_the_leader_once(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    one = await opened(runtime, client)
    clock.advance(timedelta(minutes=11))
    await jobs.look(runtime)
    await jobs.look(runtime)
    assert len(await told(runtime, "incident.overdue")) == 1
    shown = (await client.get(f"/incidents/{one['id']}")).json()
    assert shown["late"] == 1
    assert (await client.get("/incidents")).json()["items"][0]["late"] == 1
    clock.advance(timedelta(hours=3))
    await jobs.look(runtime)
    assert len(await told(runtime, "incident.overdue")) == 3


async def test_who_may_not_and_what_does_not_fit_is_refused(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    one = await opened(runtime, client)
    path = f"/cases/{one['case']['id']}/incident"
    twice = await client.post(path, json={"level": 3, "happened_at": HAPPENED})
    assert (twice.status_code, twice.json()["code"]) == (409, "incident_opened")
    assert (await do(client, {**one, "version": 7}, "over")).status_code == 412
    await sign_in(client, "dispatcher")
    assert (await client.get(path)).json()["may_open"] is False
    assert (await do(client, one, "over")).status_code == 403
    other = await urgent_case(runtime, "5", ("燃气泄漏", "湖心公园门口燃气味很重，燃气泄漏。"))
    await sign_in(client, "duty_officer")
    late = {"level": 3, "happened_at": "2026-05-12T00:00:00Z"}
    answer = await client.post(f"/cases/{other.id}/incident", json=late)
    assert answer.json()["code"] == "incident_times"
    assert (await client.get(f"/cases/{other.id}/incident")).json()["may_open"] is True
