"""Account administration, passwords, devices, stand-ins, the journal of access."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from argon2 import Type
from fastapi import FastAPI
from helpers import (
    OURS,
    PRODUCT_HASHER,
    PRODUCT_NOBODY,
    TEST_PASSWORD,
    act,
    report,
    seeing_all,
    sign_in,
    take_in_rows,
)

from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime, Urls

NEW = "梧桐树下三只猫在打盹呢吧"


def browser(app: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://test/api/v1", headers=OURS)


async def attempt(client: httpx.AsyncClient, login: str, password: str) -> httpx.Response:
    return await client.post("/session", json={"login": login, "password": password})


async def person(client: httpx.AsyncClient, login: str) -> dict[str, Any]:
    """A person in the list, as the signed-in administrator sees them."""
    items = (await client.get("/accounts", params={"q": login})).json()["items"]
    found: dict[str, Any] = next(one for one in items if one["login"] == login)
    return found


def code_of(answer: httpx.Response) -> str:
    return str(answer.json()["code"])


def test_passwords_cost_what_rfc_9106_asks() -> None:
    """Its second recommended option; the tests' own hasher is not the product's."""
    product = PRODUCT_HASHER
    assert (product.type, product.memory_cost, product.time_cost) == (Type.ID, 64 * 1024, 3)
    # What an unknown login is measured with costs the same, or it would tell who is unknown.
    assert not product.check_needs_rehash(PRODUCT_NOBODY)


# --- one's own account ---------------------------------------------------------------------


async def test_a_new_password_needs_the_old_one_and_ends_the_other_sessions(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    await sign_in(client, "dispatcher")
    async with browser(app) as elsewhere:
        await sign_in(elsewhere, "dispatcher")
        before = client.cookies["streetwise_session"]
        form = {"old": "not mine at all", "new": NEW}
        answer = await client.post("/account/password", json=form)
        assert (answer.status_code, code_of(answer)) == (422, "wrong_password")
        form["old"] = TEST_PASSWORD
        assert (await client.post("/account/password", json=form)).status_code == 204
        assert client.cookies["streetwise_session"] != before
        assert (await client.get("/session")).status_code == 200
        assert (await elsewhere.get("/session")).status_code == 401
        stolen = {"Cookie": f"streetwise_session={before}"}
        assert (await elsewhere.get("/session", headers=stolen)).status_code == 401


async def test_wrong_old_passwords_count_like_those_at_sign_in(
    client: httpx.AsyncClient, runtime: Runtime
) -> None:
    await sign_in(client, "dispatcher")
    form = {"old": "not mine at all", "new": NEW}
    for _ in range(runtime.settings.sign_in_attempts):
        assert (await client.post("/account/password", json=form)).status_code == 422
    form["old"] = TEST_PASSWORD
    assert (await client.post("/account/password", json=form)).status_code == 429


async def test_the_last_passwords_may_not_come_back(
    client: httpx.AsyncClient, runtime: Runtime, town_urls: Urls
) -> None:
    await sign_in(client, "dispatcher")
    used = [TEST_PASSWORD]
    number = runtime.settings.password_history_entries
    for turn in range(number + 1):
        new = f"{NEW}{turn * 37}"
        form = {"old": used[-1], "new": new}
        assert (await client.post("/account/password", json=form)).status_code == 204
        used.append(new)
    for former in used[-number:]:
        answer = await client.post("/account/password", json={"old": used[-1], "new": former})
        assert code_of(answer) == "password_used_before"
    with seeing_all(town_urls.app) as connection:
        row = connection.execute("SELECT count(*) FROM staff_password").fetchone()
    assert row == (number,)
    again = {"old": used[-1], "new": used[0]}
    assert (await client.post("/account/password", json=again)).status_code == 204


@pytest.mark.parametrize(
    ("new", "code"),
    [("short", "password_too_short"), ("dispatcher-乙街道-2026", "password_too_common")],
)
async def test_poor_passwords_are_refused_with_the_reason(
    client: httpx.AsyncClient, new: str, code: str
) -> None:
    await sign_in(client, "dispatcher")
    answer = await client.post("/account/password", json={"old": TEST_PASSWORD, "new": new})
    assert (answer.status_code, code_of(answer)) == (422, code)


async def test_devices_are_listed_coarsely_and_ended_one_or_all(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    agent = "Mozilla/5.0 (Windows NT 10.0) Chrome/126.0.6478.127 Safari/537.36"
    client.headers["User-Agent"] = agent
    await sign_in(client, "dispatcher")
    async with browser(app) as second, browser(app) as third, browser(app) as foreign:
        for other in (second, third):
            await sign_in(other, "dispatcher")
        await sign_in(foreign, "inspector")
        account = (await client.get("/account")).json()
        devices = account["devices"]
        assert len(devices) == 3
        (mine,) = [one for one in devices if one["this"]]
        assert (mine["device"], mine["network"]) == ("Chrome · Windows", "127.0.0.0/24")
        other = next(one["id"] for one in devices if not one["this"])
        # Nobody ends another's.
        assert (await foreign.delete(f"/account/devices/{other}")).status_code == 404
        assert (await client.delete(f"/account/devices/{other}")).status_code == 204
        left = [await one.get("/session") for one in (second, third)]
        assert sorted(answer.status_code for answer in left) == [200, 401]
        assert (await client.delete("/account/devices")).status_code == 204
        left = [await one.get("/session") for one in (second, third)]
        assert [answer.status_code for answer in left] == [401, 401]
        assert (await client.get("/session")).status_code == 200
        assert (await foreign.get("/session")).status_code == 200


# --- administration ------------------------------------------------------------------------


async def test_a_person_is_added_gets_a_role_and_a_password_from_different_people(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    """System administrator adds, security administrator empowers, the person signs in."""
    await sign_in(client, "system_admin")
    form = {"login": "new.officer", "name": "新来的", "unit": "s1"}
    added = (await client.post("/accounts", json=form)).json()
    assert (added["active"], added["roles"]) == (True, [])
    assert code_of(await client.post("/accounts", json=form)) == "login_taken"
    path = f"/accounts/{added['id']}"
    assert (await client.post(f"{path}/password")).status_code == 403
    refused = await client.put(f"{path}/roles", json={"was": [], "roles": ["duty_officer"]})
    assert refused.status_code == 403

    await sign_in(client, "security_admin")
    preview = await client.post(f"{path}/roles/preview", json={"roles": ["duty_officer"]})
    assert "case.accept" in preview.json()["gained"]
    assert preview.json()["lost"] == []
    given = await client.put(f"{path}/roles", json={"was": [], "roles": ["duty_officer"]})
    assert given.json()["roles"] == ["duty_officer"]
    password = (await client.post(f"{path}/password")).json()["password"]
    assert (await person(client, "new.officer"))["state"] == "one_time_password"

    async with browser(app) as theirs:
        begun = await attempt(theirs, "new.officer", password)
        assert (begun.status_code, begun.json()["step"]) == (202, "password")
        assert (await theirs.get("/session")).status_code == 401
        assert (await theirs.get("/cases")).status_code == 401
        same = await theirs.post("/session/password", json={"password": password})
        assert code_of(same) == "password_used_before"
        done = await theirs.post("/session/password", json={"password": NEW})
        assert (done.status_code, done.json()["roles"]) == (200, ["duty_officer"])
        assert (await theirs.get("/cases")).status_code == 200
    assert (await person(client, "new.officer"))["state"] == "active"


async def test_a_one_time_password_opens_nothing_after_its_time(
    client: httpx.AsyncClient, runtime: Runtime, town_urls: Urls
) -> None:
    await sign_in(client, "security_admin")
    worker = await person(client, "worker2")
    password = (await client.post(f"/accounts/{worker['id']}/password")).json()["password"]
    hours = runtime.settings.one_time_password_hours
    with seeing_all(town_urls.app, autocommit=True) as connection:
        connection.execute(
            "UPDATE staff SET password_set_at = password_set_at - make_interval(hours => %s)",
            (int(hours) + 1,),
        )
    answer = await attempt(client, "worker2", password)
    assert (answer.status_code, code_of(answer)) == (401, "wrong_login")


async def test_nobody_works_on_the_own_account_and_the_last_one_stays(
    client: httpx.AsyncClient,
) -> None:
    await sign_in(client, "security_admin")
    own = await person(client, "security_admin")
    path = f"/accounts/{own['id']}"
    for answer in (
        await client.put(f"{path}/roles", json={"was": own["roles"], "roles": ["dispatcher"]}),
        await client.post(f"{path}/password"),
        await client.delete(f"{path}/second-factor"),
    ):
        assert (answer.status_code, code_of(answer)) == (403, "own_account")
    await sign_in(client, "system_admin")
    form = {"name": own["name"], "unit": own["unit"], "active": False}
    answer = await client.put(path, json=form)
    assert (answer.status_code, code_of(answer)) == (409, "last_security_admin")
    mine = await person(client, "system_admin")
    answer = await client.put(f"/accounts/{mine['id']}", json={**form, "active": True})
    assert code_of(answer) == "own_account"


@pytest.mark.parametrize(
    "roles",
    [["system_admin", "security_admin"], ["audit_admin", "dispatcher"], ["security_admin", "both"]],
)
async def test_administrators_exclude_each_other_and_daily_work(
    client: httpx.AsyncClient, town_urls: Urls, roles: list[str]
) -> None:
    await sign_in(client, "security_admin")
    worker = await person(client, "worker2")
    form = {"was": worker["roles"], "roles": roles}
    answer = await client.put(f"/accounts/{worker['id']}/roles", json=form)
    assert code_of(answer) in ("roles_exclude", "role_unknown")
    with (
        seeing_all(town_urls.app, autocommit=True) as connection,
        pytest.raises(psycopg.errors.CheckViolation),
    ):
        connection.execute("UPDATE staff SET roles = %s WHERE login = 'worker2'", (roles,))


async def test_a_decision_on_roles_that_changed_meanwhile_is_refused(
    client: httpx.AsyncClient,
) -> None:
    await sign_in(client, "security_admin")
    worker = await person(client, "worker2")
    path = f"/accounts/{worker['id']}/roles"
    first = {"was": worker["roles"], "roles": ["inspector"]}
    assert (await client.put(path, json=first)).status_code == 200
    answer = await client.put(path, json={**first, "roles": ["dispatcher"]})
    assert (answer.status_code, code_of(answer)) == (412, "stale_version")


async def test_a_closed_account_is_out_at_once_and_can_be_opened_again(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    await sign_in(client, "system_admin")
    worker = await person(client, "worker2")
    path, form = f"/accounts/{worker['id']}", {"name": worker["name"], "unit": worker["unit"]}
    async with browser(app) as theirs:
        await sign_in(theirs, "worker2")
        await client.put(path, json={**form, "active": False})
        assert (await theirs.get("/session")).status_code == 401
        assert (await attempt(theirs, "worker2", TEST_PASSWORD)).status_code == 401
        answer = await client.put(path, json={**form, "active": True})
        assert answer.json()["active"] is True
        await sign_in(theirs, "worker2")


async def test_an_administrator_signs_somebody_out_and_unlocks(
    app: FastAPI, client: httpx.AsyncClient, runtime: Runtime
) -> None:
    await sign_in(client, "security_admin")
    worker = await person(client, "worker2")
    async with browser(app) as theirs:
        await sign_in(theirs, "worker2")
        assert (await client.delete(f"/accounts/{worker['id']}/sessions")).status_code == 204
        assert (await theirs.get("/session")).status_code == 401
        for _ in range(runtime.settings.sign_in_attempts):
            await attempt(theirs, "worker2", "wrong")
        assert (await person(client, "worker2"))["state"] == "locked"
        assert (await attempt(theirs, "worker2", TEST_PASSWORD)).status_code == 429
        answer = await client.post(f"/accounts/{worker['id']}/unlock")
        assert answer.json()["active"] is True
        assert (await attempt(theirs, "worker2", TEST_PASSWORD)).status_code == 200


async def test_the_list_is_searched_paged_and_shows_no_secret(client: httpx.AsyncClient) -> None:
    await sign_in(client, "security_admin")
    everybody = (await client.get("/accounts")).json()
    assert len(everybody["items"]) == 14
    assert everybody["next_cursor"] is None
    found = (await client.get("/accounts", params={"q": "西社区"})).json()["items"]
    assert [one["login"] for one in found] == ["worker2"]
    assert (await client.get("/accounts", params={"q": "%"})).json()["items"] == []
    text = (await client.get("/accounts")).text
    assert "argon2" not in text
    assert "127.0.0" not in text


# --- stand-ins -----------------------------------------------------------------------------


async def let_stand_in(
    client: httpx.AsyncClient, clock: HandClock, login: str, for_login: str, hours: int = 24
) -> httpx.Response:
    await sign_in(client, "system_admin")
    return await client.post(
        "/stand-ins",
        json={
            "login": login,
            "for_login": for_login,
            "starts_at": clock.at.isoformat(),
            "ends_at": (clock.at + timedelta(hours=hours)).isoformat(),
        },
    )


async def test_a_stand_in_acts_with_the_others_rights_and_is_named_in_the_journal(
    client: httpx.AsyncClient, runtime: Runtime, clock: HandClock, town_urls: Urls
) -> None:
    await take_in_rows(runtime, [report("1", "路灯不亮", "梧桐路的路灯坏了三天了，请尽快处理")])
    assert (await let_stand_in(client, clock, "worker2", "dispatcher")).status_code == 204
    session = await sign_in(client, "worker2")
    assert [one["login"] for one in session["stand_ins"]] == ["dispatcher"]
    assert "case.accept" not in session["can"]
    session = (await client.put("/session/stand-in", json={"login": "dispatcher"})).json()
    assert session["staff"]["login"] == "worker2"
    assert session["stand_in_for"]["login"] == "dispatcher"
    assert (session["unit"]["code"], session["roles"]) == ("s1", ["dispatcher"])
    (case,) = (await client.get("/cases")).json()["items"]
    assert (await act(client, case, "accept")).status_code == 200
    with seeing_all(town_urls.app) as connection:
        row = connection.execute(
            "SELECT a.login, b.login FROM journal j"
            " JOIN staff a ON j.actor = 'staff:' || a.id"
            " JOIN staff b ON j.data->>'stand_in_for' = b.id::text"
            " WHERE j.action = 'case.accepted'"
        ).fetchone()
    assert row == ("worker2", "dispatcher")
    session = (await client.put("/session/stand-in", json={"login": None})).json()
    assert (session["stand_in_for"], session["unit"]["code"]) == (None, "c2")


async def test_a_stand_in_ends_by_itself_and_when_taken_back(
    client: httpx.AsyncClient, app: FastAPI, clock: HandClock
) -> None:
    await let_stand_in(client, clock, "worker2", "dispatcher", hours=2)
    async with browser(app) as theirs:
        await sign_in(theirs, "worker2")
        await theirs.put("/session/stand-in", json={"login": "dispatcher"})
        clock.advance(timedelta(hours=1))
        assert (await theirs.get("/session")).json()["roles"] == ["dispatcher"]
        clock.advance(timedelta(hours=1))
        session = (await theirs.get("/session")).json()
        assert (session["roles"], session["stand_ins"]) == (["community_worker"], [])
        refused = await theirs.put("/session/stand-in", json={"login": "dispatcher"})
        assert (refused.status_code, code_of(refused)) == (404, "no_stand_in")
        await let_stand_in(client, clock, "worker2", "dispatcher")
        await theirs.put("/session/stand-in", json={"login": "dispatcher"})
        assert (await theirs.get("/session")).json()["roles"] == ["dispatcher"]
        (one,) = (await client.get("/stand-ins")).json()["items"]
        assert (await client.delete(f"/stand-ins/{one['id']}")).status_code == 204
        assert (await theirs.get("/session")).json()["roles"] == ["community_worker"]


@pytest.mark.parametrize(
    ("login", "for_login", "hours", "code"),
    [
        ("worker2", "security_admin", 24, "stand_in_administrator"),
        ("audit_admin", "dispatcher", 24, "stand_in_administrator"),
        ("system_admin", "dispatcher", 24, "stand_in_oneself"),
        ("worker2", "worker2", 24, "stand_in_oneself"),
        ("worker2", "dispatcher", 0, "stand_in_time"),
        ("worker2", "dispatcher", 24 * 400, "stand_in_time"),
        ("worker2", "nobody", 24, "login_unknown"),
    ],
)
async def test_stand_ins_that_must_not_be(
    client: httpx.AsyncClient,
    clock: HandClock,
    login: str,
    for_login: str,
    hours: int,
    code: str,
) -> None:
    answer = await let_stand_in(client, clock, login, for_login, hours)
    assert (answer.status_code, code_of(answer)) == (422, code)


async def test_administrator_rights_never_come_by_a_stand_in(
    client: httpx.AsyncClient, clock: HandClock, town_urls: Urls
) -> None:
    """Even when the absent one becomes an administrator while the stand-in runs."""
    await let_stand_in(client, clock, "worker2", "dispatcher")
    await sign_in(client, "worker2")
    await client.put("/session/stand-in", json={"login": "dispatcher"})
    with seeing_all(town_urls.app, autocommit=True) as connection:
        connection.execute("UPDATE staff SET roles = '{security_admin}' WHERE login='dispatcher'")
    session = (await client.get("/session")).json()
    assert session["roles"] == ["community_worker"]


async def test_a_new_administrators_stand_ins_are_taken_back_and_said_so(
    client: httpx.AsyncClient, clock: HandClock, town_urls: Urls
) -> None:
    await let_stand_in(client, clock, "worker2", "dispatcher2")
    await sign_in(client, "security_admin")
    absent = await person(client, "dispatcher2")
    change = {"was": ["dispatcher"], "roles": ["audit_admin"]}
    answer = await client.put(f"/accounts/{absent['id']}/roles", json=change)
    assert answer.status_code == 200, answer.text
    with seeing_all(town_urls.app) as connection:
        told = connection.execute(
            "SELECT s.login, j.data->>'for' FROM journal j JOIN staff s ON s.id = j.subject"
            " WHERE j.action = 'staff.stand_in_withdrawn'"
        ).fetchall()
    assert told == [("worker2", absent["id"])]


async def _reported_case(runtime: Runtime, client: httpx.AsyncClient) -> dict[str, Any]:
    """A case in the hands of c1, started, to be reported by whoever is next."""
    await take_in_rows(runtime, [report("1", "垃圾满溢", "梧桐路垃圾桶满溢很久没人清运了")])
    await sign_in(client, "dispatcher")
    (case,) = (await client.get("/cases")).json()["items"]
    case = (await act(client, case, "accept")).json()
    case = (await act(client, case, "dispatch", unit="c1")).json()
    await sign_in(client, "community_worker")
    found: dict[str, Any] = (await act(client, case, "start")).json()
    return found


async def test_maker_is_not_checker_for_both_persons_of_a_stand_in(
    client: httpx.AsyncClient, runtime: Runtime, clock: HandClock
) -> None:
    """`both` (worker and inspector) and `inspector`: whoever reported, neither may check."""
    # The inspector stands in for `both`, and reports; `both` comes back and must not check.
    await let_stand_in(client, clock, "inspector", "both")
    case = await _reported_case(runtime, client)
    await sign_in(client, "inspector")
    await client.put("/session/stand-in", json={"login": "both"})
    case = (await act(client, case, "report", note="已清运")).json()
    assert case["state"] == "reported"
    for login, acting in (("inspector", None), ("inspector", "both"), ("both", None)):
        await sign_in(client, login)
        if acting:
            await client.put("/session/stand-in", json={"login": acting})
        mine = (await client.get("/cases", params={"mine": "true"})).json()["items"]
        assert mine == [], (login, acting)
        answer = await act(client, case, "verify", result="pass")
        assert (answer.status_code, code_of(answer)) == (403, "maker_is_checker")


async def test_a_stand_in_does_not_check_what_the_absent_one_reported(
    client: httpx.AsyncClient, runtime: Runtime, clock: HandClock
) -> None:
    await let_stand_in(client, clock, "inspector", "both")
    case = await _reported_case(runtime, client)
    await sign_in(client, "both")
    case = (await act(client, case, "report", note="已清运")).json()
    await sign_in(client, "inspector")
    await client.put("/session/stand-in", json={"login": "both"})
    assert code_of(await act(client, case, "verify", result="pass")) == "maker_is_checker"
    # As oneself, the inspector is another person than the reporter.
    await client.put("/session/stand-in", json={"login": None})
    assert (await act(client, case, "verify", result="pass")).status_code == 200


# --- the journal of access -----------------------------------------------------------------


async def test_the_audit_administrator_reads_access_and_no_case(
    client: httpx.AsyncClient, runtime: Runtime
) -> None:
    await take_in_rows(runtime, [report("1", "路灯不亮", "梧桐路的路灯坏了三天了，请尽快处理")])
    await attempt(client, "worker2", "wrong")
    await attempt(client, "somebody unknown", "wrong")
    await sign_in(client, "security_admin")
    worker = await person(client, "worker2")
    form = {"was": worker["roles"], "roles": ["inspector"]}
    await client.put(f"/accounts/{worker['id']}/roles", json=form)
    await sign_in(client, "audit_admin")
    page = (await client.get("/audit")).json()
    actions = [one["action"] for one in page["items"]]
    assert actions[:2] == ["staff.signed_in", "staff.roles_changed"]
    assert actions.count("staff.sign_in_refused") == 2
    assert not any(action.startswith(("case.", "signal.")) for action in actions)
    changed = page["items"][1]
    assert (changed["actor_name"], changed["subject_name"]) == ("安全管理员甲", "社区工作者乙")
    assert changed["data"] == {"granted": ["inspector"], "withdrawn": ["community_worker"]}
    assert "somebody unknown" not in (await client.get("/audit")).text

    roles_only = (await client.get("/audit", params={"kind": "roles"})).json()["items"]
    assert {one["action"] for one in roles_only} == {"staff.roles_changed"}
    about = (await client.get("/audit", params={"person": "worker2"})).json()["items"]
    assert {one["action"] for one in about} == {
        "staff.added", "staff.roles_changed", "staff.sign_in_refused",
    }  # fmt: skip
    none = await client.get("/audit", params={"person": "nobody at all"})
    assert none.json()["items"] == []
    later = (page["items"][0]["seq"], {"cursor": page["items"][1]["seq"]})
    older = (await client.get("/audit", params=later[1])).json()["items"]
    assert [one["seq"] for one in older] == [one["seq"] for one in page["items"][2:]]
    assert code_of(await client.get("/audit", params={"kind": "cases"})) == "kind_unknown"


async def test_entries_about_accounts_are_in_nobodys_feed(
    client: httpx.AsyncClient, runtime: Runtime
) -> None:
    await sign_in(client, "street_commander")
    overview = (await client.get("/overview")).json()
    assert [one for one in overview["feed"] if one["action"].startswith("staff.")] == []


# --- mass assignment -----------------------------------------------------------------------


def test_no_form_of_the_api_takes_unknown_fields(app: FastAPI) -> None:
    """Every JSON body of every route, and every object in it."""
    described = app.openapi()
    schemas = described["components"]["schemas"]
    open_ones = set()
    seen: set[str] = set()

    def look(schema: dict[str, Any], where: str) -> None:
        for inner in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
            look(inner, where)
        if "items" in schema:
            look(schema["items"], where)
        if "$ref" in schema and schema["$ref"] not in seen:
            seen.add(schema["$ref"])
            name = schema["$ref"].rsplit("/", 1)[1]
            if schemas[name].get("additionalProperties") is not False:
                open_ones.add(f"{where}: {name}")
            for field in schemas[name].get("properties", {}).values():
                look(field, where)

    bodies = 0
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            for kind, body in content.items():
                if kind == "application/json":
                    bodies += 1
                    look(body["schema"], f"{method} {path}")
    assert bodies > 10
    assert open_ones == set()


async def test_slipped_in_fields_change_nothing(client: httpx.AsyncClient, town_urls: Urls) -> None:
    await sign_in(client, "system_admin")
    extras: list[dict[str, Any]] = [
        {"roles": ["dispatcher"]},
        {"active": True},
        {"unit_id": "x"},
        {"password_hash": "x"},
        {"must_change_password": False},
        {"id": str(UUID(int=1))},
    ]
    for extra in extras:
        form = {"login": "slipped.in", "name": "某人", "unit": "s1"} | extra
        assert (await client.post("/accounts", json=form)).status_code == 422, extra
    with seeing_all(town_urls.app) as connection:
        row = connection.execute("SELECT 1 FROM staff WHERE login = 'slipped.in'").fetchone()
    assert row is None
