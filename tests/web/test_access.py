"""Who gets what: every route, every role, own and other units and areas, against roles.csv."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from helpers import SYSTEM, sign_in
from sqlalchemy import true
from web.neighbourhood import ADMINS, AREAS, PEOPLE, ROLES, Known, Person, build, words_of

from streetwise.kernel import journal
from streetwise.kernel.access import HIDES, NEEDS, PENDING, PUBLIC, SIGNED_IN
from streetwise.kernel.runtime import Runtime
from streetwise.resolve import lists, loop, repository
from streetwise.web.openapi import openapi_json

API = "/api/v1"


#: Where everybody would take minutes: one of each scope, in other places, and two who see nothing.
FEW = [
    person
    for person in PEOPLE
    if person.login
    in (
        "dispatcher",
        "worker2",
        "handler2",
        "water",
        "next_dispatcher",
        "data_steward",
        "audit_admin",
    )
]

both_walls = pytest.mark.parametrize("cases", ["both walls"], indirect=True)
second_wall = pytest.mark.parametrize("cases", ["the second wall alone"], indirect=True)


@pytest_asyncio.fixture(params=["both walls", "the second wall alone"])
async def cases(
    request: pytest.FixtureRequest, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> list[Known]:
    """The neighbourhood's cases.

    Every test that takes them runs twice: as the product is, and with the repositories' filters
    switched off, so that the database's own policies alone hold whatever is asked.
    """
    known = await build(runtime, monkeypatch)
    if request.param == "the second wall alone":
        for module in (repository, lists, journal):
            monkeypatch.setattr(module, "visible", lambda *_: true())
    return known


@dataclass(frozen=True)
class Route:
    """What a route says of itself."""

    method: str
    path: str
    needs: tuple[str, ...]
    hides: bool

    @property
    def public(self) -> bool:
        """Whether it asks nobody who he is."""
        return self.needs == (PUBLIC,)


@cache
def routes() -> tuple[Route, ...]:
    """Every route of the API, with what it declares (``kernel.access``)."""
    found = []
    for path, methods in json.loads(openapi_json())["paths"].items():
        for method, operation in methods.items():
            declared = tuple(operation.get(NEEDS, ()))
            hides = operation.get(HIDES, False)
            found.append(Route(method.upper(), path.removeprefix(API), declared, hides))
    return tuple(found)


def routes_of(app: FastAPI) -> set[tuple[str, str]]:
    """(method, path below /api/v1) of every route that there is."""
    found = set()
    for route in iter_route_contexts(app.routes):
        path = route.path or ""
        if path.startswith(API):
            methods = set(getattr(route, "methods", None) or ()) - {"HEAD"}
            bare = path.removeprefix(API).replace(":path}", "}")
            found |= {(method, bare) for method in methods}
        else:
            # The screen and its files: the same for everybody, and they hold no data.
            assert path in ("/assets", "/{path:path}"), f"{path} lies outside the API"
    return found


def test_every_route_is_described(app: FastAPI) -> None:
    """But for the description itself."""
    described = {(route.method, route.path) for route in routes()}
    assert routes_of(app) == described | {("GET", "/openapi.json")}


def test_every_route_declares_what_it_needs() -> None:
    """One capability of roles.csv, or several of which one is enough, or that it is open."""
    assert len(ROLES) == 11
    known = {*next(iter(ROLES.values())), PUBLIC, SIGNED_IN, PENDING}
    known |= {line.capability for line in loop.TRANSITIONS} | {"case.{action}"}
    for route in routes():
        assert route.needs, f"{route.method} {route.path} declares no capability"
        assert set(route.needs) <= known, route


def test_only_these_routes_are_open_to_anybody() -> None:
    """What a route declares is believed here; so what is open is said a second time."""
    assert {(route.method, route.path) for route in routes() if route.public} == {
        ("GET", "/about"),
        ("POST", "/session"),
        ("DELETE", "/session"),
        ("GET", "/setup"),
        ("POST", "/setup"),  # with the code of the first start, and once
    }


def allowed(person: Person, route: Route, action: str) -> bool:
    if set(route.needs) & {PUBLIC, SIGNED_IN}:
        return True
    return any(person.may(one.format(action=action)) for one in route.needs)


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


#: Routes that are asked for an area: another one's is not there.
BY_AREA = {
    "/directory/kinds",
    "/directory/records/{kind}",
    "/directory/records/{kind}.csv",
    "/directory/records/{kind}/{code}",
    "/directory/records/{kind}/{code}/history",
    "/directory/references/{kind}/{code}",
    "/directory/responsible",
    "/directory/places/suggest",
    "/directory/export",
    "/map",
}

#: Bodies that are understood and change nothing: about people who are not there, with wrong
#: codes, or unfit where the request is the person's own and would count as a wrong attempt.
BODIES: dict[str, dict[str, Any]] = {
    "/session/second-factor": {"code": "000000"},
    "/session/password": {"password": "x"},
    "/session/enrolment/confirm": {"code": "000000"},
    "/session/stand-in": {"login": "nobody"},
    "/setup": {
        "code": "x",
        "administrators": [
            {"role": role, "login": f"{role}1", "name": role, "password": f"Gu7!kzx{role}"}
            for role in ("system_admin", "security_admin", "audit_admin")
        ],
    },
    "/account/password": {},
    "/account/second-factor": {},
    "/account/second-factor/confirm": {},
    "/account/second-factor/end": {},
    "/accounts": {"login": "new.one", "name": "新人", "unit": "no such unit"},
    "/accounts/{staff_id}": {"name": "新人", "unit": "c1", "active": True},
    "/accounts/{staff_id}/roles": {"was": [], "roles": []},
    "/accounts/{staff_id}/roles/preview": {"roles": []},
    "/stand-ins": {
        "login": "nobody",
        "for_login": "nobody",
        "starts_at": "2026-05-11T00:00:00Z",
        "ends_at": "2026-05-12T00:00:00Z",
    },
    # The vault: nothing of it is there, so nothing is shown or forgotten.
    "/vault/fields/{item_id}/{n}/reveal": {"purpose": "call_back"},
    "/vault/search": {"kind": "mobile", "value": "13800138000", "purpose": "call_back"},
    "/vault/forget/preview": {"signal": str(uuid4())},
    "/vault/forget": {"signal": str(uuid4()), "reason": "nobody's"},
    "/orders/{order_id}/answer": {"text": "x"},
    "/orders/{order_id}/exclude": {"text": "x"},
    "/signals/phone/hints": {"text": "路灯"},
    "/signals/phone": {"request_id": str(uuid4()), "text": "x", "place_code": "?"},
    # Unfit or about nothing: everybody's own would be changed.
    "/notifications/read": {"until": str(UUID(int=0))},
    "/notify/preferences": {"channels": {"no such kind": []}},
    # A change that is none: who may make one is told so.
    "/directory/preview": {"changes": [{"kind": "nothing", "op": "end"}]},
    "/directory/changes": {
        "changes": [{"kind": "nothing", "op": "end"}],
        "reason": "x",
        "digest": "x",
    },
}


async def call(
    app: FastAPI, client: httpx.AsyncClient, method: str, path: str, case: Known, action: str
) -> int:
    """The status of one call that changes nothing, about this case where one is named."""
    if path == "/live":
        return await status_of_live(app, client)
    filled = filled_in(path, case, action)
    more: dict[str, Any] = {"json": BODIES[path]} if path in BODIES and method != "GET" else {}
    if path in BY_AREA:
        more["params"] = {"area": case.area}
    if path == "/session":
        more = {"json": {"login": "nobody", "password": "wrong"}} if method == "POST" else {}
    elif path == "/imports" and method == "POST":
        more = {"data": {"mapping": "messages"}, "files": {"file": ("x.csv", b"")}}
    elif path == "/directory/places/suggest":
        more["params"] |= {"q": "路"}
    elif path == "/directory/crosswalk":
        more = {"params": {"scheme": "a", "version": "1", "code": "x", "to": "b"}}
    elif path in ("/directory/preview", "/directory/changes"):
        more["json"] = {"area": case.area, **BODIES[path]}
    elif path.startswith("/directory/folder"):
        more = {"files": {"file": ("x.zip", b"no archive")}, "data": {"reason": "x", "digest": "x"}}
    elif path.startswith("/orders/"):
        more["headers"] = {"If-Match": '"99"'}
    elif path == "/files":
        more = {"files": {"file": ("x.png", b"not a picture")}}
    elif path == "/cases/{case_id}/actions/{action}":
        # A version that no case has: who may act is told so, and nothing is done.
        more = {"json": {**result_of(action)}, "headers": {"If-Match": '"99"'}}
    elif path == "/cases/actions/{action}":
        items = [{"id": str(case.id), "version": 99}]
        more = {"json": {"items": items, **result_of(action)}}
    return (await client.request(method, filled, **more)).status_code


def filled_in(path: str, case: Known, action: str = "") -> str:
    """The path with the ids of a case and its things; what we do not know gets a made-up id."""
    known = {
        "case_id": case.id, "file_id": case.photo, "import_id": case.batch, "action": action,
        "signal_id": case.signal, "item_id": case.signal, "order_id": case.order, "n": 1,
        "kind": "grid", "code": "g1",
    }  # fmt: skip
    return re.sub(r"\{(\w+)(?::path)?\}", lambda name: str(known.get(name[1], uuid4())), path)


def result_of(action: str) -> dict[str, str]:
    return {"result": "pass"} if loop.needs_result(action) else {}


#: A case's id in the path or the body, or that of what belongs to it.
_IDS = (
    *("{case_id}", "{file_id}", "{import_id}", "{signal_id}", "{item_id}", "{order_id}"),
    "/cases/actions/",
)


def expected(person: Person, route: Route, case: Known, action: str) -> set[int] | None:
    """The statuses that are right for this person, this route and this case.

    None: the route lets this person in, and what it then makes of ids and forms that it does not
    know is its own tests' matter.
    """
    method, path = route.method, route.path
    if route.needs == (PENDING,):
        return {401}
    may = allowed(person, route, action)
    if route.hides:
        if not case.seen_by(person):
            return {404}
        # These texts hold nothing personal: who may look is told that there is nothing.
        found = 404 if path.endswith("/reveal") else 200
        return {found} if may else {403}
    if not may:
        return {403}
    if path in BY_AREA or path in ("/directory/preview", "/directory/changes"):
        if case.area not in person.areas:
            return {404}
        if "{code" in path and case.area != "home":
            return {404}  # the grid lies elsewhere
        return {412} if path == "/directory/changes" else {200}
    if path == "/account/devices":
        return {204}
    if path.startswith("/orders/"):
        return {412} if case.seen_by(person) else {404}
    if path.startswith("/vault/forget"):
        return {404}
    if path.startswith("/imports/"):
        return {200} if case.area in person.areas else {404}
    if path == "/cases/{case_id}/actions/{action}":
        return {412} if case.seen_by(person) else {404}
    if method == "POST" and path in ("/imports", "/files", "/signals/phone"):
        return {422}  # let in, and the nonsense refused
    if method == "GET" or path == "/cases/actions/{action}":
        return {200} if "{" not in path.removesuffix("{action}") else None
    return None


@both_walls
async def test_every_route_answers_every_role_as_it_declares(
    app: FastAPI, client: httpx.AsyncClient, cases: list[Known]
) -> None:
    """All routes × all people × all cases (own and other units, areas, L1 to L4).

    What asks for neither a case nor an area depends on the role alone: one person of each.
    """
    assert {case.grade for case in cases} == {1, 2, 3, 4}
    wrong = []
    for person in PEOPLE:
        await sign_in(client, person.login)
        for route in routes():
            if route.path == "/session" or route.public:
                continue
            of_cases = any(one in route.path for one in _IDS)
            if not of_cases and route.path not in BY_AREA and person.login != person.role:
                continue
            actions = loop.ACTIONS if "{action}" in route.path else ("",)
            about = cases if of_cases else cases[:1]
            if route.path in BY_AREA:
                about = [case for case in cases if case.name in ("lamp", "next")]
            for action in actions:
                for case in about if action in ("", "start") else about[:1]:
                    status = await call(app, client, route.method, route.path, case, action)
                    right = expected(person, route, case, action)
                    fine = status in right if right else status not in (401, 403, 500)
                    if not fine:
                        wrong.append((person.login, route, action, case.name, status, right))
    assert wrong == []


@both_walls
async def test_nobody_signed_in_gets_nothing(
    app: FastAPI, client: httpx.AsyncClient, cases: list[Known]
) -> None:
    for route in routes():
        status = await call(app, client, route.method, route.path, cases[0], "accept")
        if not route.public:
            assert status == 401, route
        elif (route.method, route.path) == ("POST", "/session"):
            assert status == 401  # a wrong login: asked, and refused
        elif (route.method, route.path) == ("POST", "/setup"):
            assert status == 409  # the first start is over
        else:
            assert status in (200, 204), route
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
    for person in FEW:
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
        for path in ("/overview", "/map/cases", "/map", "/directory", "/orders")
    ]
    if area not in person.areas:
        assert [answer.status_code for answer in answers] == [404] * 5, (person.login, area)
        return [listed.text, *(answer.text for answer in answers)]
    assert [answer.status_code for answer in answers] == [200] * 5, (person.login, area)
    overview = answers[0].json()
    counters = {one["key"]: one["value"] for one in overview["counters"]}
    assert counters["open"] == len(here)
    about = {entry["subject"]["number"] for entry in overview["feed"]}
    assert about - {None} == here
    assert {one["number"] for one in answers[1].json()["cases"]} <= here
    assert {one["case"]["number"] for one in answers[4].json()["items"]} == here
    return [listed.text, *(answer.text for answer in answers)]


async def test_no_number_leads_from_one_unit_to_anothers_things(
    client: httpx.AsyncClient, cases: list[Known]
) -> None:
    """Ids of cases and photos: hidden and never-there give the same answer."""
    for person in FEW:
        await sign_in(client, person.login)
        nothings = {path: await client.get(f"/{path}/{uuid4()}") for path in ("cases", "files")}
        for case in cases:
            for path, thing in (("cases", case.id), ("files", case.photo)):
                answer, nothing = await client.get(f"/{path}/{thing}"), nothings[path]
                if case.seen_by(person):
                    assert answer.status_code == 200, (person.login, case.name, path)
                else:
                    assert _bare(answer) == _bare(nothing), (person.login, case.name, path)


def _bare(answer: httpx.Response) -> dict[str, Any]:
    """A refusal but for the id that was asked for."""
    assert answer.status_code in (403, 404)
    content: dict[str, Any] = answer.json()
    for key in ("request_id", "instance", "params"):
        content.pop(key)
    return content


@second_wall
async def test_no_id_of_anything_leads_anywhere_by_another_route(
    client: httpx.AsyncClient, cases: list[Known]
) -> None:
    """Every id, in the place of every other: what does not belong there was never there."""
    for person in FEW:
        await sign_in(client, person.login)
        hidden = [case for case in cases if not case.seen_by(person)][:4]
        ids = {str(one) for case in hidden for one in (case.id, case.photo)}
        ids |= {str(case.batch) for case in hidden if case.area not in person.areas}
        for route in routes():
            if route.method != "GET" or route.path.count("{") != 1:
                continue
            nothing = await client.get(re.sub(r"\{\w+\}", str(uuid4()), route.path))
            for one in ids:
                answer = await client.get(re.sub(r"\{\w+\}", one, route.path))
                assert answer.status_code == nothing.status_code, (person.login, route)
                assert _bare(answer) == _bare(nothing), (person.login, route)


async def test_anothers_photo_cannot_be_attached(
    client: httpx.AsyncClient, cases: list[Known]
) -> None:
    """By its id in the body of an action: neither one of a case, nor one just uploaded."""
    from web.neighbourhood import a_photo

    await sign_in(client, "both")
    made = await client.post("/files", files={"file": ("p.jpg", a_photo("own"), "image/jpeg")})
    lamp = next(case for case in cases if case.name == "lamp")
    next_door = next(case for case in cases if case.name == "next")
    form: dict[str, Any]
    await sign_in(client, "dispatcher")
    for step in ("accept", "dispatch"):
        version = (await client.get(f"/cases/{lamp.id}")).json()["version"]
        form = {"unit": "dep1"} if step == "dispatch" else {}
        answer = await client.post(
            f"/cases/{lamp.id}/actions/{step}", json=form, headers={"If-Match": f'"{version}"'}
        )
        assert answer.status_code == 200, answer.text
    await sign_in(client, "department_handler")
    for step, photo, right in (
        ("start", None, 200),
        ("report", made.json()["id"], 422),
        ("report", str(next_door.photo), 422),
        ("report", str(uuid4()), 422),
    ):
        version = (await client.get(f"/cases/{lamp.id}")).json()["version"]
        form = {"note": "修好了", "photos": [photo]} if photo else {}
        answer = await client.post(
            f"/cases/{lamp.id}/actions/{step}", json=form, headers={"If-Match": f'"{version}"'}
        )
        assert answer.status_code == right, answer.text
        if right == 422:
            assert answer.json()["code"] == "photo_unknown"


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
        for route in routes():
            if route.method != "GET" or route.path == "/live":
                continue
            for case in cases if any(one in route.path for one in _IDS) else cases[:1]:
                answer = await client.get(filled_in(route.path, case))
                # The instance repeats the address that was asked for.
                texts.append(answer.text.replace(str(answer.url.path), ""))
                if route.hides:
                    assert answer.status_code == 404
        assert await status_of_live(app, client) == 403
        everything = "\n".join(text for text in texts if '"status":404' not in text)
        assert [word for word in words_of(cases) if word in everything] == []


@both_walls
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


@both_walls
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


@both_walls
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
