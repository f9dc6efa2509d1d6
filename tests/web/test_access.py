"""Who gets what: every route, every role, own and other units and areas, against roles.csv."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from helpers import SYSTEM, sign_in
from web.neighbourhood import ADMINS, AREAS, PEOPLE, ROLES, Known, Person, build, words_of

from streetwise.kernel.runtime import Runtime
from streetwise.resolve import loop

API = "/api/v1"
#: Anybody, signed in or not: nothing of the street but its name (and the demo's accounts).
PUBLIC = "public"
#: Anybody who is signed in.
SIGNED_IN = "signed in"

#: Every route and what it needs. A capability is a column of roles.csv; ``{action}`` stands
#: for the action in the path. A route that is not here fails the test: think, then write it.
ROUTES: dict[tuple[str, str], str] = {
    ("GET", "/openapi.json"): PUBLIC,
    ("GET", "/about"): PUBLIC,
    ("POST", "/session"): PUBLIC,
    ("DELETE", "/session"): PUBLIC,  # signing out twice is fine
    ("GET", "/session"): SIGNED_IN,
    ("GET", "/directory"): "directory.read",
    ("GET", "/directory/kinds"): "directory.read",
    ("GET", "/directory/records/{kind}"): "directory.read",
    ("GET", "/directory/records/{kind}/{code:path}"): "directory.read",
    ("GET", "/directory/records/{kind}/{code:path}/history"): "directory.read",
    ("GET", "/directory/references/{kind}/{code:path}"): "directory.read",
    ("GET", "/directory/responsible"): "directory.read",
    ("GET", "/directory/places/suggest"): "directory.read",
    ("GET", "/directory/crosswalk"): "directory.read",
    ("GET", "/directory/records/{kind}.csv"): "directory.export",
    ("GET", "/directory/export"): "directory.export",
    ("POST", "/directory/folder/preview"): "directory.write",
    ("POST", "/directory/folder"): "directory.write",
    ("POST", "/directory/preview"): "directory.write",
    ("POST", "/directory/changes"): "directory.write",
    ("GET", "/map"): "directory.read",
    ("GET", "/mappings"): "import.read",
    ("GET", "/imports"): "import.read",
    ("POST", "/imports"): "import.run",
    ("GET", "/imports/{import_id}"): "import.read",
    ("GET", "/imports/{import_id}/quarantine"): "import.read",
    ("GET", "/cases"): "case.read",
    ("GET", "/cases/{case_id}"): "case.read",
    ("POST", "/cases/{case_id}/actions/{action}"): "case.{action}",
    ("POST", "/cases/actions/{action}"): "case.{action}",
    ("GET", "/overview"): "case.read",
    ("GET", "/map/cases"): "case.read",
    ("POST", "/files"): "case.report or case.verify",
    ("GET", "/files/{file_id}"): "case.read",
    ("GET", "/live"): "case.read",
}
#: Routes that are asked for an area: another one's is not there.
BY_AREA = {
    "/directory/kinds",
    "/directory/records/{kind}",
    "/directory/records/{kind}.csv",
    "/directory/records/{kind}/{code:path}",
    "/directory/records/{kind}/{code:path}/history",
    "/directory/references/{kind}/{code:path}",
    "/directory/responsible",
    "/directory/places/suggest",
    "/directory/export",
    "/map",
}
#: Routes where a thing that is not there and a thing that is not yours answer alike, with 404,
#: whatever the role: nobody learns from a number that there is something to be refused.
HIDDEN = {"/cases/{case_id}", "/files/{file_id}"}


@pytest_asyncio.fixture
async def cases(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> list[Known]:
    """The neighbourhood's cases."""
    return await build(runtime, monkeypatch)


def routes_of(app: FastAPI) -> set[tuple[str, str]]:
    """(method, path below /api/v1) of every route that there is."""
    found = set()
    for route in iter_route_contexts(app.routes):
        path = route.path or ""
        if path.startswith(API):
            methods = set(getattr(route, "methods", None) or ()) - {"HEAD"}
            found |= {(method, path.removeprefix(API)) for method in methods}
        else:
            # The screen and its files: the same for everybody, and they hold no data.
            assert path in ("/assets", "/{path:path}"), f"{path} lies outside the API"
    return found


def test_the_table_has_every_route(app: FastAPI) -> None:
    assert routes_of(app) == set(ROUTES)


def test_the_table_knows_every_role_and_capability() -> None:
    assert len(ROLES) == 11
    columns = set(next(iter(ROLES.values())))
    named = {need for need in ROUTES.values() if need not in (PUBLIC, SIGNED_IN)}
    needed = {one for need in named for one in need.split(" or ") if "{" not in one}
    needed |= {f"case.{action}" for action in loop.ACTIONS}
    assert needed <= columns
    assert {line.capability for line in loop.TRANSITIONS} <= columns


def allowed(person: Person, need: str, action: str) -> bool:
    if need in (PUBLIC, SIGNED_IN):
        return True
    return any(person.may(one) for one in need.format(action=action).split(" or "))


async def status_of_live(app: FastAPI, client: httpx.AsyncClient) -> int:
    """The status that the live stream begins with (httpx would wait for its end)."""
    begun: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    asked = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if asked.is_set():
            await asyncio.Event().wait()
        asked.set()
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start" and not begun.done():
            begun.set_result(message["status"])

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
        "scheme": "http", "path": f"{API}/live", "raw_path": b"", "query_string": b"",
        "root_path": "", "headers": [(b"host", b"test"), (b"cookie", cookies.encode())],
        "client": ("127.0.0.1", 1), "server": ("test", 80),
    }  # fmt: skip
    task = asyncio.create_task(app(scope, receive, send))
    try:
        return await asyncio.wait_for(begun, 20)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def fill(path: str, case: Known, action: str = "") -> str:
    """The address of a route about this case, or about the grid of the tests' street."""
    return path.replace("{code:path}", "g1").format(
        case_id=case.id, file_id=case.photo, import_id=case.batch, action=action, kind="grid"
    )


async def call(
    app: FastAPI, client: httpx.AsyncClient, method: str, path: str, case: Known, action: str
) -> int:
    """The status of one call that changes nothing, about this case where one is named."""
    if path == "/live":
        return await status_of_live(app, client)
    filled = fill(path, case, action)
    more: dict[str, Any] = {"params": {"area": case.area}} if path in BY_AREA else {}
    if path == "/session":
        more = {"json": {"login": "nobody", "password": "wrong"}} if method == "POST" else {}
    elif path == "/imports" and method == "POST":
        more = {"data": {"mapping": "messages"}, "files": {"file": ("x.csv", b"")}}
    elif path == "/directory/places/suggest":
        more["params"] |= {"q": "路"}
    elif path == "/directory/crosswalk":
        more = {"params": {"scheme": "a", "version": "1", "code": "x", "to": "b"}}
    elif path in ("/directory/preview", "/directory/changes"):
        # A change that is none: who may make one is told so.
        change = {"kind": "nothing", "op": "end"}
        more = {"json": {"area": case.area, "changes": [change]}}
        if path == "/directory/changes":
            more["json"] |= {"reason": "x", "digest": "x"}
    elif path.startswith("/directory/folder"):
        more = {"files": {"file": ("x.zip", b"no archive")}, "data": {"reason": "x", "digest": "x"}}
    elif path == "/files":
        more = {"files": {"file": ("x.png", b"not a picture")}}
    elif path == "/cases/{case_id}/actions/{action}":
        # A version that no case has: who may act is told so, and nothing is done.
        more = {"json": {**result_of(action)}, "headers": {"If-Match": '"99"'}}
    elif path == "/cases/actions/{action}":
        items = [{"id": str(case.id), "version": 99}]
        more = {"json": {"items": items, **result_of(action)}}
    return (await client.request(method, filled, **more)).status_code


def result_of(action: str) -> dict[str, str]:
    return {"result": "pass"} if loop.needs_result(action) else {}


def expected(person: Person, method: str, path: str, case: Known, action: str) -> set[int]:
    """The statuses that are right for this person, this route and this case."""
    may = allowed(person, ROUTES[method, path], action)
    if path in HIDDEN:
        return {200} if case.seen_by(person) else {404}
    if not may:
        return {403}
    if path in BY_AREA or path in ("/directory/preview", "/directory/changes"):
        if case.area not in person.areas:
            return {404}
        if "{code:path}" in path and case.area != "home":
            return {404}  # the grid lies elsewhere
        return {412} if path == "/directory/changes" else {200}
    if path.startswith("/directory/folder"):
        return {422}  # let in, and the nonsense refused
    if path.startswith("/imports/"):
        return {200} if case.area in person.areas else {404}
    if path == "/cases/{case_id}/actions/{action}":
        return {412} if case.seen_by(person) else {404}
    if method == "POST" and path in ("/imports", "/files"):
        return {422}  # let in, and the nonsense refused
    return {200}


async def test_every_route_answers_every_role_as_the_table_says(
    app: FastAPI, client: httpx.AsyncClient, cases: list[Known]
) -> None:
    """All routes × all people × all cases: the API's status is the one that roles.csv means."""
    wrong = []
    for person in PEOPLE:
        await sign_in(client, person.login)
        for (method, path), need in ROUTES.items():
            if path == "/session" or need == PUBLIC:
                continue
            actions = loop.ACTIONS if "{action}" in path else ("",)
            about = cases if "{case_id}" in path or "_id}" in path else cases[:1]
            if path in BY_AREA:
                about = list({case.area: case for case in cases}.values())
            for action in actions:
                for case in about:
                    status = await call(app, client, method, path, case, action)
                    right = expected(person, method, path, case, action)
                    if status not in right:
                        wrong.append((person.login, method, path, action, case.name, status, right))
    assert wrong == []


async def test_nobody_signed_in_gets_nothing(
    app: FastAPI, client: httpx.AsyncClient, cases: list[Known]
) -> None:
    for (method, path), need in ROUTES.items():
        status = await call(app, client, method, path, cases[0], "accept")
        if need != PUBLIC:
            assert status == 401, (method, path)
        elif (method, path) == ("POST", "/session"):
            assert status == 401  # a wrong login: asked, and refused
        else:
            assert status in (200, 204), (method, path)
    about = await client.get("/about")
    assert not any(word in about.text for word in words_of(cases))
    assert about.json()["demo_accounts"] == []


async def test_a_made_up_session_is_none(client: httpx.AsyncClient) -> None:
    for token in ("", "x", "0" * 43, "' OR 1=1 --"):
        answer = await client.get("/session", headers={"Cookie": f"streetwise_session={token}"})
        assert answer.status_code == 401
        assert answer.json()["code"] == "unauthenticated"


async def test_lists_map_overview_and_feed_hold_what_the_viewer_sees_and_no_more(
    client: httpx.AsyncClient, cases: list[Known]
) -> None:
    """What the list routes give, by each area, is what the rule says; other words nowhere."""
    for person in PEOPLE:
        await sign_in(client, person.login)
        if not person.may("case.read"):
            continue
        mine = [case for case in cases if case.seen_by(person)]
        hidden = [case for case in cases if not case.seen_by(person)]
        listed = await client.get("/cases", params={"limit": 200})
        assert {row["number"] for row in listed.json()["items"]} == {c.number for c in mine}
        assert listed.json()["count"] == {"value": len(mine), "exact": True}
        texts = [listed.text]
        for area in AREAS:
            texts += await _area(client, person, area, mine)
        for case in mine:
            texts.append((await client.get(f"/cases/{case.id}")).text)
        everything = "\n".join(texts)
        assert [word for word in words_of(hidden) if word in everything] == [], person.login


async def _area(
    client: httpx.AsyncClient, person: Person, area: str, mine: list[Known]
) -> list[str]:
    here = {case.number for case in mine if case.area == area}
    listed = await client.get("/cases", params={"area": area})
    assert {row["number"] for row in listed.json()["items"]} == here
    answers = [
        await client.get(path, params={"area": area})
        for path in ("/overview", "/map/cases", "/map", "/directory")
    ]
    if area not in person.areas:
        assert [answer.status_code for answer in answers] == [404] * 4, (person.login, area)
        return [listed.text, *(answer.text for answer in answers)]
    assert [answer.status_code for answer in answers] == [200] * 4, (person.login, area)
    overview = answers[0].json()
    counters = {one["key"]: one["value"] for one in overview["counters"]}
    assert counters["open"] == len(here)
    about = {entry["subject"]["number"] for entry in overview["feed"]}
    assert about - {None} == here
    assert {one["number"] for one in answers[1].json()["cases"]} <= here
    return [listed.text, *(answer.text for answer in answers)]


async def test_no_number_leads_from_one_unit_to_anothers_things(
    client: httpx.AsyncClient, cases: list[Known]
) -> None:
    """Ids of everything, tried by everybody: hidden and never-there give the same answer."""
    for person in PEOPLE:
        await sign_in(client, person.login)
        for case in cases:
            for path, thing in (("cases", case.id), ("files", case.photo)):
                answer = await client.get(f"/{path}/{thing}")
                nothing = await client.get(f"/{path}/{uuid4()}")
                if case.seen_by(person):
                    assert answer.status_code == 200, (person.login, case.name, path)
                else:
                    assert _bare(answer) == _bare(nothing), (person.login, case.name, path)


def _bare(answer: httpx.Response) -> dict[str, Any]:
    """A refusal but for the id that was asked for."""
    assert answer.status_code == 404
    content: dict[str, Any] = answer.json()
    for key in ("request_id", "instance", "params"):
        content.pop(key)
    return content


async def test_a_bulk_action_does_not_tell_of_others_cases(
    client: httpx.AsyncClient, cases: list[Known]
) -> None:
    people = [person for person in PEOPLE if person.may("case.start")]
    for person in people:
        await sign_in(client, person.login)
        items = [{"id": str(case.id), "version": 99} for case in cases]
        answer = await client.post("/cases/actions/start", json={"items": items})
        assert answer.json()["done"] == []
        by_id = {row["id"]: row for row in answer.json()["refused"]}
        for case in cases:
            row = by_id[str(case.id)]
            if case.seen_by(person):
                assert row["problem"]["code"] == "stale_version"
            else:
                assert (row["number"], row["problem"]["code"]) == (None, "not_found")


async def test_administrators_read_no_case_by_any_route(
    app: FastAPI, client: httpx.AsyncClient, cases: list[Known]
) -> None:
    """Three administrators, and the data steward: lists, map, overview, live, story, files."""
    blind = [*ADMINS, *(p for p in PEOPLE if not p.may("case.read") and p not in ADMINS)]
    assert {person.role for person in blind} == {
        "system_admin",
        "security_admin",
        "audit_admin",
        "data_steward",
    }
    for person in blind:
        await sign_in(client, person.login)
        texts = []
        for method, path in ROUTES:
            if method != "GET" or path == "/live":
                continue
            for case in cases:
                answer = await client.get(fill(path, case))
                # The instance repeats the address that was asked for.
                texts.append(answer.text.replace(str(answer.url.path), ""))
                if "{case_id}" in path or "{file_id}" in path:
                    assert answer.status_code == 404
        assert await status_of_live(app, client) == 403
        everything = "\n".join(text for text in texts if '"status":404' not in text)
        assert [word for word in words_of(cases) if word in everything] == []


async def test_an_import_is_seen_in_its_own_area_only(
    client: httpx.AsyncClient, cases: list[Known]
) -> None:
    for person in PEOPLE:
        if not person.may("import.read"):
            continue
        await sign_in(client, person.login)
        listed = (await client.get("/imports")).json()["items"]
        assert {row["id"] for row in listed} == {
            str(case.batch) for case in cases if case.area in person.areas
        }, person.login


async def test_an_unattached_photo_is_its_uploaders_alone(
    client: httpx.AsyncClient, cases: list[Known]
) -> None:
    await sign_in(client, "inspector")
    from web.neighbourhood import a_photo

    made = await client.post("/files", files={"file": ("p.jpg", a_photo("new"), "image/jpeg")})
    photo = made.json()["id"]
    for person in PEOPLE:
        await sign_in(client, person.login)
        status = (await client.get(f"/files/{photo}")).status_code
        assert status == (200 if person.login == "inspector" else 404), person.login


async def test_rights_taken_away_are_gone_at_the_next_request(
    runtime: Runtime, client: httpx.AsyncClient, cases: list[Known]
) -> None:
    """A session is no store of rights: roles, unit and account are read at each request."""
    from sqlalchemy import text

    await sign_in(client, "inspector")
    assert (await client.get(f"/cases/{cases[0].id}")).status_code == 200
    for change, status in (
        ("roles = '{audit_admin}'", 404),
        ("roles = '{made_up_role}'", 404),
        ("roles = '{}'", 404),
        ("active = false", 401),
    ):
        async with runtime.database.unit_of_work(SYSTEM) as uow:
            await uow.session.execute(text(f"UPDATE staff SET {change} WHERE login = 'inspector'"))
        assert (await client.get(f"/cases/{cases[0].id}")).status_code == status, change
