"""How an access test walks: every route with a body that changes nothing, and what is right."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from web.neighbourhood import PEOPLE, Known, Person

from streetwise.kernel.access import HIDES, NEEDS, PENDING, PUBLIC, SIGNED_IN
from streetwise.resolve import loop
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
def description() -> dict[str, Any]:
    """The OpenAPI document."""
    found: dict[str, Any] = json.loads(openapi_json())
    return found


@cache
def routes() -> tuple[Route, ...]:
    """Every route of the API, with what it declares (``kernel.access``)."""
    found = []
    for path, methods in description()["paths"].items():
        if not path.startswith(API):
            continue  # for machines that watch (routes_of)
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
            # The screen and its files, and what machines watch: they hold no data.
            watched = ("/healthz", "/readyz", "/metrics")
            assert path in ("/assets", "/{path:path}", *watched), f"{path} lies outside the API"
    return found


def allowed(person: Person, route: Route, action: str) -> bool:
    if set(route.needs) & {PUBLIC, SIGNED_IN}:
        return True
    if route.needs == (PENDING,):
        return False
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


#: What stands for {step}, by what the route is of.
STEPS = {"/hazard/": "order", "/dispute/": "visit", "/petitions/": "serve"}
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
    # Of a case that is nobody's: nothing is suggested, and nothing done.
    "/cases/dispatch/preview": {"ids": [str(uuid4())]},
    "/cases/dispatch": {"items": [{"id": str(uuid4()), "version": 99, "unit": "c1"}]},
    "/cases/offers": {"ids": [str(uuid4())]},
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
    "/orders/{order_id}/contest": {"ground": "other", "text": "x"},
    "/views": {"name": "x", "query": "nothing=1"},
    # No such street, and no such difference.
    "/reconciliation": {"area": "no such area"},
    "/reconciliation/lines/{line_id}/explain": {"because": "other", "text": "x"},
    # Nobody answers to such a voice, and no such promise was made.
    "/cases/{case_id}/contacts": {"signal_id": str(uuid4()), "way": "phone", "result": "busy"},
    "/contacts/{contact_id}/kept": {"kept": True},
    # Nobody answers to such a voice; no such link was sent.
    "/cases/{case_id}/call-backs": {"signal_id": str(uuid4()), "result": "busy"},
    "/public/call-backs/{token}": {"resolved": True, "satisfied": "yes"},
    # Without a version nothing is saved or given; no model is configured.
    "/cases/{case_id}/answers/{signal_id}": {"text": "x"},
    "/cases/{case_id}/answers/{signal_id}/check": {"text": "x"},
    "/cases/{case_id}/answers/{signal_id}/give": {"text": "x"},
    "/cases/{case_id}/answers/{signal_id}/letter": {"kind": "reply", "addressee": "x"},
    "/cases/{case_id}/answers/{signal_id}/notice": {
        "kind": "transfer",
        "addressee": "x",
        "text": "x",
    },
    "/cause-offers/{offer_id}/accept": {"parent": None},
    "/asides/{signal_id}/answer": {"text": "x"},
    "/asides/{signal_id}/answer/give": {"text": "x"},
    "/cases/{case_id}/assist/{kind}": {},
    # Without a version nothing is corrected or merged.
    "/cases/{case_id}/correct": {"settled": ["merge"]},
    "/cases/{case_id}/merge": {"into": str(uuid4())},
    "/cases/{case_id}/separate": {"signal_id": str(uuid4())},
    "/cases/{case_id}/split": {"parts": [{"voices": [{"signal_id": str(uuid4())}]}] * 2},
    "/cases/{case_id}/parent": {"parent": None},
    "/signals/phone/hints": {"text": "路灯"},
    "/signals/phone": {"request_id": str(uuid4()), "text": "x", "place_code": "?"},
    # About nothing: no such case, no such hand-over, directive or incident.
    "/duty/log": {"kind": "call", "text": "x", "case": "no such number"},
    "/duty/handovers": {"area": "no such area"},
    "/cases/{case_id}/directives": {"kind": "urge", "text": "x", "unit": "no such unit"},
    "/directives/{directive_id}/report": {"text": "x"},
    "/directives/{directive_id}/pass": {},
    "/directives/{directive_id}/return": {"text": "x"},
    "/directives/{directive_id}/withdraw": {"text": "x"},
    "/cases/{case_id}/incident": {"level": 4, "happened_at": "2126-01-01T00:00:00Z"},
    "/speed/baseline": {"since": "2999-01-01", "until": "2999-01-01"},
    "/incidents/{incident_id}/level": {"level": 1},
    "/incidents/{incident_id}/report": {"text": "x"},
    # There is no such day.
    "/reports": {"kind": "daily", "name": "2026-02-30"},
    # Without a version nothing is said of a nature, a hazard or a dispute.
    "/cases/{case_id}/nature": {"nature": "problem"},
    "/cases/{case_id}/hazard/{step}": {},
    "/cases/{case_id}/dispute/{step}": {},
    "/cases/{case_id}/petitions/{signal_id}/{step}": {},
    "/cases/{case_id}/dispute/parties": {"role": "other", "name": "x"},
    # Unfit or about nothing: everybody's own would be changed.
    "/notifications/read": {"until": str(UUID(int=0))},
    "/notify/preferences": {"channels": {"no such kind": []}},
    # No such camera and no such finding, in no version.
    "/cameras": {"camera": "no such camera", "kind": "push"},
    "/cameras/{watched_id}/set-up": {"kind": "push"},
    "/cameras/{watched_id}/off": {"reason": "other"},
    "/cameras/{watched_id}/zones": {"zones": []},
    "/cameras/{watched_id}/looks": {"reason": "case"},
    "/cameras/{watched_id}/threshold": {"scene": "no_stopping", "least": None},
    "/findings/{finding_id}/verdict": {"verdict": "right"},
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
) -> httpx.Response:
    """One call that changes nothing, about this case where one is named."""
    if path == "/live":
        return httpx.Response(await status_of_live(app, client))
    filled = filled_in(path, case, action)
    more: dict[str, Any] = {"json": BODIES[path]} if path in BODIES and method != "GET" else {}
    if path in BY_AREA:
        more["params"] = {"area": case.area}
    if path == "/session":
        more = {"json": {"login": "nobody", "password": "wrong"}} if method == "POST" else {}
    elif path == "/imports" and method == "POST":
        more = {"data": {"mapping": "messages"}, "files": {"file": ("x.csv", b"")}}
    elif path == "/desk/conditions":
        more["params"] = {"category": "urban-management:P-01-37"}
    elif path == "/directory/places/suggest":
        more["params"] |= {"q": "路"}
    elif path == "/scores/behind":
        more = {"params": {"rate": "solved"}}
    elif path == "/flow/behind":
        more = {"params": {"target": "closed"}}
    elif path == "/flow/export":
        more = {"params": {"format": "ocel"}}
    elif path == "/directory/crosswalk":
        more = {"params": {"scheme": "a", "version": "1", "code": "x", "to": "b"}}
    elif path in ("/directory/preview", "/directory/changes"):
        more["json"] = {"area": case.area, **BODIES[path]}
    elif path.startswith("/directory/folder"):
        more = {"files": {"file": ("x.zip", b"no archive")}, "data": {"reason": "x", "digest": "x"}}
    elif path == "/warn/rounds/{task_id}/agree" or path.startswith("/orders/"):
        more["headers"] = {"If-Match": '"99"'}
    elif path.startswith("/cameras/catalogue"):
        more = {"files": {"file": ("x.json", b"no list")}, "data": {"digest": "x"}}
    elif path == "/files":
        more = {"files": {"file": ("x.png", b"not a picture")}}
    elif path == "/cases/{case_id}/actions/{action}":
        # A version that no case has: who may act is told so, and nothing is done.
        more = {"json": {**result_of(action)}, "headers": {"If-Match": '"99"'}}
    elif path == "/cases/actions/{action}":
        items = [{"id": str(case.id), "version": 99}]
        more = {"json": {"items": items, **result_of(action)}}
    return await client.request(method, filled, **more)


def filled_in(path: str, case: Known, action: str = "") -> str:
    """The path with the ids of a case and its things; what we do not know gets a made-up id."""
    known = {
        "case_id": case.id, "file_id": case.photo, "import_id": case.batch, "action": action,
        "signal_id": case.signal, "item_id": case.signal, "order_id": case.order, "n": 1,
        "kind": "grid", "code": "g1", "job_id": 0, "form": "pdf", "ending": "json",
        "moment": "during",
        "step": next((step for what, step in STEPS.items() if what in path), ""),
    }  # fmt: skip
    return re.sub(r"\{(\w+)(?::path)?\}", lambda name: str(known.get(name[1], uuid4())), path)


def result_of(action: str) -> dict[str, str]:
    return {"result": "pass"} if loop.needs_result(action) else {}


#: A case's id in the path or the body, or that of what belongs to it.
OF_CASES = (
    *("{case_id}", "{file_id}", "{import_id}", "{signal_id}", "{item_id}", "{order_id}"),
    "/cases/actions/",
)


def steps(person: Person, route: Route, cases: list[Known]) -> Iterator[tuple[Known, str]]:
    """The cases and actions that a route is asked with by a person."""
    of_cases = any(one in route.path for one in OF_CASES)
    if route.path == "/session" or route.public:
        return
    if not of_cases and route.path not in BY_AREA and person.login != person.role:
        return
    if route.path in BY_AREA:
        cases = [case for case in cases if case.name in ("lamp", "next")]
    for action in loop.ACTIONS if "{action}" in route.path else ("",):
        about = cases if of_cases and action in ("", "start") else cases[:2]
        if not of_cases and route.path not in BY_AREA:
            about = cases[:1]
        if not person.may("case.read"):
            # Who reads no case at all: one of each grade.
            about = list({case.grade: case for case in about}.values())
        if not route.hides and not allowed(person, route, action):
            about = about[:1]  # who lacks the capability is refused before any case is looked at
        for case in about:
            yield case, action


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
        # Nor has any of these cases a letter.
        found = 404 if path.endswith(("/reveal", "/letters/{letter_id}")) else 200
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
        # The form in which it is answered changes nothing, and asks for no version.
        return {200 if method == "GET" else 412} if case.seen_by(person) else {404}
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


def shown_above(person: Person, route: Route, answer: httpx.Response) -> list[str]:
    """Fields of an answer that the tables do not let this person read, and that are there.

    By the grades in the OpenAPI document, roles.csv and opens.csv: what is above must be null, and
    named in ``withheld``.
    """
    operation = description()["paths"][API + route.path][route.method.lower()]
    content = operation["responses"].get(str(answer.status_code), {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    if not schema or not answer.content:
        return []
    return [*_above(person, schema, answer.json())]


def _above(person: Person, schema: dict[str, Any], value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _above(person, schema.get("items", {}), one)
        return
    model = _model(schema, value) if isinstance(value, dict) else None
    for name, field in (model or {}).get("properties", {}).items():
        held = value.get(name)
        if not person.reads(field.get("x-grade", 1), field.get("x-category", "")):
            if held is not None or name not in value.get("withheld", ()):
                yield f"{model['title']}.{name}" if model else name
        else:
            for part in field.get("anyOf", [field]):
                yield from _above(person, part, held)


def _model(schema: dict[str, Any], value: dict[str, Any]) -> dict[str, Any] | None:
    """The model of a value: of several, the one whose fields it has."""
    for part in schema.get("anyOf", [schema]):
        if "$ref" in part:
            name = part["$ref"].rsplit("/", 1)[-1]
            found: dict[str, Any] = description()["components"]["schemas"][name]
            if value.keys() <= found["properties"].keys():
                return found
    return None


AskAs = Callable[[Person], Any]

#: Who asks, for the requests of one walk.
ASKING: ContextVar[Person] = ContextVar("asking")
