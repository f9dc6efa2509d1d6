"""The live town against a small server that keeps the rules of the real one."""

from __future__ import annotations

import asyncio
import csv
import io
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from town.conftest import SEED

from streetwise.town import astray, platform
from streetwise.town.client import Account, Client, Refused, Trouble
from streetwise.town.history import Teller
from streetwise.town.pace import Pace
from streetwise.town.reports import COLUMNS
from streetwise.town.simulator import STEPS, Life, run
from streetwise.town.upstream import LIST_MAPPING, LISTED_AT_HOUR
from streetwise.town.world import World

PASSWORD = "town-demo"
STRAIGHT = ["received", "accepted", "dispatched", "handling", "reported", "verified"]
NEXT = dict(zip(STRAIGHT, [*STRAIGHT[1:], "closed"], strict=True))
HURRY = Pace(
    look_least=0.01, look_most=0.05, backoff_least=0.02, backoff_most=0.1, rate_most=2000,
    bulk_from=1e9,
)  # fmt: skip
START = datetime(2026, 9, 9, 2, 0, tzinfo=UTC)  # ten in the morning
WORKERS = ("department_handler", "community_worker")


class FakeServer:
    """Cases, imports and photos in memory; counts what is asked and refuses what is wrong."""

    def __init__(self, world: World, speed: float) -> None:
        self.speed = speed
        self.began = time.monotonic()
        units = {u["code"]: u["name"] for u in world.units}
        self.units = {u["code"]: u["name"] for u in world.units if u["tier"] != "street"}
        self.accounts = [
            {"login": s["login"], "role": s["roles"], "unit_name": units[s["unit"]]}
            for s in world.staff
        ]
        self.cases: dict[str, dict[str, Any]] = {}
        self.keys: Counter[str] = Counter()
        self.files: list[str] = []
        self.lists: list[list[str]] = []
        self.photos: set[str] = set()
        self.orders: dict[str, dict[str, Any]] = {}
        self.sessions: dict[str, str] = {}
        self.done: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.bulks = 0
        self.requests: list[str] = []
        self.refused: list[float] = []  # when, while it was down
        self.down = False
        self.app = Starlette(
            middleware=[Middleware(BaseHTTPMiddleware, dispatch=self.away)],
            routes=[
                Route("/api/v1/about", self.about),
                Route("/api/v1/session", self.sign_in, methods=["POST"]),
                Route("/api/v1/session", self.session),
                Route("/api/v1/cases", self.listed),
                Route("/api/v1/desk", self.desk),
                Route("/api/v1/cases/{id}", self.one),
                Route("/api/v1/cases/{id}/check", self.check),
                Route("/api/v1/cases/{id}/actions/{action}", self.act, methods=["POST"]),
                Route("/api/v1/cases/actions/{action}", self.act_on_many, methods=["POST"]),
                Route("/api/v1/orders", self.list_orders),
                Route("/api/v1/orders/{id}/answer", self.answer, methods=["POST"]),
                Route("/api/v1/imports", self.take, methods=["POST"]),
                Route("/api/v1/files", self.photo, methods=["POST"]),
            ],
        )

    @property
    def now(self) -> datetime:
        return START + timedelta(seconds=(time.monotonic() - self.began) * self.speed)

    def add(self, count: int, state: str = "received", unit: str | None = None) -> None:
        for _ in range(count):
            case_id = f"case-{len(self.cases):04d}"
            self.cases[case_id] = {
                "id": case_id,
                "number": case_id,
                "version": 1,
                "state": state,
                "nature": "problem",
                "priority": "normal",
                "unit": unit and {"code": unit, "name": self.units[unit]},
                "reported_by": None,
            }

    def add_order(self, number: str, case_state: str = "closed") -> None:
        self.orders[number] = {
            "id": number, "number": number, "version": 1, "state": "open", "updates": 0,
            "answered_at": None, "due_at": None, "contacted_at": None, "call_back": None,
            "case": {"id": f"of {number}", "title": number, "state": case_state},
        }  # fmt: skip

    def states(self) -> Counter[str]:
        return Counter(c["state"] for c in self.cases.values())

    # --- routes -----------------------------------------------------------------------

    async def away(self, request: Request, go_on: RequestResponseEndpoint) -> Response:
        """Nothing is served while the server is down, also not the rest of a round."""
        if not self.down:
            return await go_on(request)
        self.refused.append(time.monotonic())
        return JSONResponse({"code": "down"}, 503)

    def _who(self, request: Request) -> dict[str, str] | None:
        self.requests.append(f"{request.method} {request.url.path}")
        login = self.sessions.get(request.cookies.get("sid", ""))
        return next((a for a in self.accounts if a["login"] == login), None)

    def _problem(self, status: int, code: str) -> Response:
        if status != 401:
            self.wrong.append(code)
        return JSONResponse({"code": code, "status": status}, status)

    async def about(self, request: Request) -> Response:
        self._who(request)
        town = {"code": "CT", "timezone": "Asia/Shanghai"}
        return JSONResponse({"town": town, "demo": True, "demo_accounts": self.accounts})

    async def sign_in(self, request: Request) -> Response:
        self._who(request)
        form = await request.json()
        if form["password"] != PASSWORD:
            return self._problem(401, "wrong_login")
        token = f"t{len(self.sessions)}"
        self.sessions[token] = form["login"]
        response = JSONResponse({})
        response.set_cookie("sid", token, httponly=True)
        return response

    async def session(self, request: Request) -> Response:
        if self._who(request) is None:
            return self._problem(401, "unauthenticated")
        return JSONResponse({"now": self.now.isoformat(), "clock_speed": self.speed})

    async def listed(self, request: Request) -> Response:
        if self._who(request) is None:
            return self._problem(401, "unauthenticated")
        found = [c for c in self.cases.values() if c["state"] != "closed"]
        at, limit = (int(request.query_params.get(k, d)) for k, d in (("cursor", 0), ("limit", 50)))
        more = at + limit < len(found)
        return JSONResponse(
            {
                "items": found[at : at + limit],
                "next_cursor": str(at + limit) if more else None,
                "count": {"value": len(found), "exact": True},
            }
        )

    async def desk(self, request: Request) -> Response:
        """Nothing to decide: what is done there, test_clerks.py sees at the real server."""
        who = self._who(request)
        if who is None:
            return self._problem(401, "unauthenticated")
        if who["role"] != "duty_officer":
            return self._problem(403, "forbidden")
        none: dict[str, Any] = {"items": [], "count": {"value": 0, "exact": True}}
        return JSONResponse({**none, "asides": [], "asides_count": none["count"]})

    def _offers(self, case: dict[str, Any], who: dict[str, str]) -> list[dict[str, Any]]:
        step = STEPS.get(case["state"])
        if step is None or who["role"] not in step.roles:
            return []
        if who["role"] in WORKERS and case["unit"]["name"] != who["unit_name"]:
            return []
        units = [
            {"code": code, "name": name, "suggested": i == len(case["id"] + case["id"]) % 7}
            for i, (code, name) in enumerate(sorted(self.units.items()))
            if any(a["role"] in WORKERS and a["unit_name"] == name for a in self.accounts)
        ]
        return [{"action": step.action, "units": units if step.action == "dispatch" else []}]

    async def one(self, request: Request) -> Response:
        who = self._who(request)
        if who is None:
            return self._problem(401, "unauthenticated")
        number = request.path_params["id"].removeprefix("of ")
        if number in self.orders:
            told = {"id": f"voice {number}", "upstream_key": number, "is_update": False}
            return JSONResponse({"signals": [told], "reopened": 0, "outcome": None})
        case = self.cases[request.path_params["id"]]
        return JSONResponse({**case, "orders": [], "actions": self._offers(case, who)})

    async def check(self, request: Request) -> Response:
        """Drawn, and nothing to be ticked: what is, test_inspecting.py sees at the real server."""
        if self._who(request) is None:
            return self._problem(401, "unauthenticated")
        return JSONResponse({"ways": ["site"], "closings": [], "lon": 116.9, "lat": 40.1})

    async def act(self, request: Request) -> Response:
        who = self._who(request)
        if who is None:
            return self._problem(401, "unauthenticated")
        case, action = self.cases[request.path_params["id"]], request.path_params["action"]
        version = int(request.headers.get("if-match", '"0"').strip('"'))
        wrong = self._take(case, action, await request.json(), version, who)
        return self._problem(*wrong) if wrong else JSONResponse(case)

    async def act_on_many(self, request: Request) -> Response:
        who = self._who(request)
        if who is None:
            return self._problem(401, "unauthenticated")
        body = await request.json()
        refused = []
        assert 0 < len(body["items"]) <= 200
        self.bulks += 1
        for item in body.pop("items"):
            case = self.cases[item["id"]]
            if self._take(case, request.path_params["action"], body, item["version"], who):
                self.wrong.append("refused in bulk")
                refused.append({"id": case["id"]})
        return JSONResponse({"done": [], "refused": refused})

    def _take(
        self, case: dict[str, Any], action: str, body: Any, version: int, who: dict[str, str]
    ) -> tuple[int, str] | None:
        """Do it, or say what is wrong with it."""
        if version != case["version"]:
            return 412, "stale_version"
        if action not in [o["action"] for o in self._offers(case, who)]:
            return 409, "illegal"
        if action == "report" and not body.get("note"):
            return 422, "note_missing"
        if not set(body.get("photos", ())) <= self.photos:
            return 422, "photo_unknown"
        if action == "verify" and case["reported_by"] == who["login"]:
            return 403, "same_person"
        if action == "verify" and body["result"] == "fail" and not body.get("note"):
            return 422, "note_missing"
        if action == "dispatch":
            case["unit"] = {"code": body["unit"], "name": self.units[body["unit"]]}
        if action == "report":
            case["reported_by"] = who["login"]
        back = action == "verify" and body["result"] == "fail"
        case["state"] = "handling" if back else NEXT[case["state"]]
        case["version"] += 1
        self.done["sent_back" if back else action] += 1
        return None

    async def list_orders(self, request: Request) -> Response:
        if self._who(request) is None:
            return self._problem(401, "unauthenticated")
        states = request.query_params.getlist("state")
        found = [order for order in self.orders.values() if order["state"] in states]
        return JSONResponse({"items": found, "next_cursor": None})

    async def answer(self, request: Request) -> Response:
        who = self._who(request)
        if who is None:
            return self._problem(401, "unauthenticated")
        order = self.orders[request.path_params["id"]]
        if request.headers.get("if-match") != f'"{order["version"]}"':
            return self._problem(412, "stale_version")
        if who["role"] != "duty_officer" or not (await request.json())["text"]:
            return self._problem(403, "forbidden")
        order |= {"state": "answered", "version": 2, "answered_at": self.now.isoformat()}
        return JSONResponse(order)

    async def take(self, request: Request) -> Response:
        who = self._who(request)
        if who is None:
            return self._problem(401, "unauthenticated")
        if who["role"] != "data_steward":
            return self._problem(403, "forbidden")
        form = await request.form()
        upload = form["file"]
        whole = form["mapping"] == LIST_MAPPING
        orders = whole or form["mapping"] == platform.MAPPING
        assert orders or form["mapping"] == "street-reports"
        assert not isinstance(upload, str)
        rows = list(csv.DictReader(io.StringIO((await upload.read()).decode())))
        assert rows
        assert tuple(rows[0]) == (platform.COLUMNS if orders else COLUMNS)
        self.files.append(upload.filename or "")
        if whole:
            self.lists.append([row["工单编号"] for row in rows])
            return JSONResponse({"id": len(self.files), "state": "queued"}, 202)
        if orders:
            for row in rows:
                number, state = row["工单编号"], row["工单状态"]
                if number in self.orders:
                    self.orders[number]["state"] = {"已办结": "closed"}.get(state, "returned")
                    self.orders[number]["updates"] += 1
                else:
                    self.add_order(number, "received")
            return JSONResponse({"id": len(self.files), "state": "queued"}, 202)
        fresh = [r["编号"] for r in rows if r["编号"] not in self.keys]
        self.keys.update(r["编号"] for r in rows)
        self.add(len(fresh))
        return JSONResponse({"id": len(self.files), "state": "queued"}, 202)

    async def photo(self, request: Request) -> Response:
        if self._who(request) is None:
            return self._problem(401, "unauthenticated")
        form = await request.form()
        upload = form["file"]
        assert not isinstance(upload, str)
        image = Image.open(io.BytesIO(await upload.read()))
        assert image.format == "JPEG"
        self.photos.add(f"photo-{len(self.photos)}")
        return JSONResponse({"id": f"photo-{len(self.photos) - 1}"}, 201)


@pytest.fixture(scope="module")
def teller(world: World) -> Teller:
    return Teller(world, SEED)


@asynccontextmanager
async def living(server: FakeServer, teller: Teller, pace: Pace = HURRY) -> AsyncIterator[None]:
    """The town running beside the test."""
    stop = asyncio.Event()
    transport = httpx.ASGITransport(app=server.app)
    task = asyncio.create_task(
        run("http://town.test", PASSWORD, SEED, server.speed, stop, transport=transport,
            pace=pace, teller=teller)
    )  # fmt: skip
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 5)


async def until(condition: Any, seconds: float = 8.0) -> None:
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not happen in time")


async def test_orders_are_answered_and_looked_at(world: World, teller: Teller) -> None:
    """The duty officer answers what is done, the platform looks at answers and decides."""
    server = FakeServer(world, speed=60_000)
    for number in range(9):
        server.add_order(f"OLD{number}")
    server.add_order("NOT-DONE", "handling")

    def decided() -> int:
        return sum(order["updates"] for order in server.orders.values())

    async with living(server, teller):
        await until(lambda: decided() >= 3)
    assert server.orders["NOT-DONE"]["state"] == "open"
    assert any(key.startswith("RX") for key in server.orders)  # the hotline's calls come this way
    assert not any(key.startswith("RX") for key in server.keys)
    waiting = [order for order in server.orders.values() if order["case"]["state"] == "closed"]
    assert sum(order["state"] in ("open", "returned") for order in waiting) >= 3
    assert server.wrong == []


async def test_the_platform_sends_its_whole_list_once_a_day(world: World, teller: Teller) -> None:
    """Of what is open there, but for a few that it leaves out."""
    server = FakeServer(world, speed=100_000)
    calls = [one for one in teller.day(START.date()) if one.channel == platform.CHANNEL]
    open_there = {one.upstream_key for one in calls if one.at < START and not one.refers_to}
    for number in open_there:
        server.add_order(number, "handling")
    async with living(server, teller):
        await until(lambda: len(server.lists) >= 2)
    named = [name for name in server.files if "全量" in name]
    assert len({name.split("-")[1] for name in named}) == len(named) >= 2
    first = set(server.lists[0])
    draws = {one: astray.drawing(SEED, one)("list") for one in open_there}
    dropped = {one for one in open_there if astray.happens("list_drops", draws[one])}
    assert first >= open_there - dropped
    assert not first & dropped
    assert LISTED_AT_HOUR <= 7  # before the street compares
    assert server.wrong == []


@pytest.mark.parametrize("bulk_from", [1e9, 60.0])
async def test_a_day_goes_round(world: World, teller: Teller, bulk_from: float) -> None:
    """Each case for itself, or, where time runs fast, many in one request."""
    server = FakeServer(world, speed=30_000)  # a day in three seconds
    server.add(30)
    server.add(34, "reported", "CT-CG")
    steps = {"accept", "dispatch", "start", "report", "verify", "close", "sent_back"}
    async with living(server, teller, replace(HURRY, bulk_from=bulk_from)):
        await until(
            lambda: server.done["close"] >= 20 and steps <= set(server.done) and server.photos,
            20.0,
        )
    assert set(server.done) == steps
    assert bool(server.bulks) == (bulk_from < server.speed)
    assert len(server.keys) > 10
    # It never asks for what is not allowed, not even by mistake.
    assert server.wrong == []


async def test_some_of_everything_is_left_for_who_plays(world: World, teller: Teller) -> None:
    server = FakeServer(world, speed=1_000_000)
    for state in STRAIGHT:
        server.add(12, state, None if state in ("received", "accepted") else "CT-ZF")
    async with living(server, teller):
        await until(lambda: server.done["close"] >= 8)
        await asyncio.sleep(0.3)
    states = server.states()
    for state in STRAIGHT:
        # Where minutes count nothing is left for ever.
        assert states[state] >= (STEPS[state].left if STEPS[state].patience is None else 0)


async def test_quiet_at_ordinary_speed(world: World, teller: Teller) -> None:
    server = FakeServer(world, speed=1)
    server.add(40)
    clock = Pace()
    assert clock.look(1.0) == 60.0
    async with living(server, teller, Pace(rate_least=500, rate_most=500)):
        await until(lambda: "GET /api/v1/cases" in server.requests)
        await asyncio.sleep(0.2)
        first = len(server.requests)
        await asyncio.sleep(0.5)
    # One look: about, three sign-ins, the clock, two files, the lists of cases and orders, the
    # desk, and the few cases due.
    assert server.requests.count("GET /api/v1/desk") == 1
    assert len(server.requests) == first < 40


async def test_reports_are_handed_in_in_batches_and_known_rows_add_nothing(
    world: World, teller: Teller
) -> None:
    server = FakeServer(world, speed=20_000)
    async with living(server, teller):
        await until(lambda: len(server.keys) > 20)
    before = dict(server.keys)
    assert len([name for name in server.files if name.startswith("来件")]) < len(before)
    assert set(before.values()) == {1}
    # A second life looks back a little: the keys are the same, so nothing is doubled.
    async with living(server, teller):
        await until(lambda: any(n == 2 for n in server.keys.values()))
    assert len(server.cases) == len(server.keys)


async def test_waits_out_a_server_that_is_down_and_signs_in_again(
    world: World, teller: Teller
) -> None:
    server = FakeServer(world, speed=50_000)
    server.add(30)
    async with living(server, teller):
        await until(lambda: server.done["accept"] > 0)
        server.down = True
        await until(lambda: len(server.refused) > 0)  # what was on its way has been served
        served = sum(server.done.values())
        await until(lambda: len(server.refused) >= 6)
        assert sum(server.done.values()) == served
        # It asks now and then, ever later, but it does not hammer.
        gaps = [later - asked for asked, later in pairwise(server.refused)]
        waits = [min(HURRY.backoff_most, HURRY.backoff_least * 2**n) for n in range(len(gaps))]
        assert all(gap >= 0.9 * wait for gap, wait in zip(gaps, waits, strict=True)), gaps
        server.sessions.clear()  # and comes back with a new database of sessions
        server.down = False
        await until(lambda: sum(server.done.values()) > served)


async def test_nobody_to_play_is_no_error(world: World, teller: Teller) -> None:
    server = FakeServer(world, speed=1000)
    server.accounts = []
    async with living(server, teller):
        await asyncio.sleep(0.3)
    assert len(server.requests) < 40


async def test_stops_at_once_when_cancelled(world: World, teller: Teller) -> None:
    server = FakeServer(world, speed=1)
    transport = httpx.ASGITransport(app=server.app)
    task = asyncio.create_task(
        run("http://town.test", PASSWORD, SEED, 1, asyncio.Event(), transport=transport,
            teller=teller)
    )  # fmt: skip
    await until(lambda: len(server.requests) > 0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 2)


async def test_the_same_case_has_the_same_chance_after_a_restart(
    world: World, teller: Teller
) -> None:
    client = Client("http://town.test", PASSWORD, 10.0)
    case = {"id": "a", "version": 3, "priority": "normal"}
    ripe = []
    for _ in range(2):
        life = Life(client, teller, SEED, 1.0)
        life._remember(case, STEPS["handling"], START)
        ripe.append(life.waits["a"].ripe)
    assert ripe[0] == ripe[1] > START
    await client.close()


async def test_client_keeps_its_rate_and_tells_no_from_not_now(world: World) -> None:
    server = FakeServer(world, speed=1)
    client = Client("http://town.test", PASSWORD, 50.0, httpx.ASGITransport(app=server.app))
    steward = Account("data_steward", "data_steward", "")
    began = time.monotonic()
    for _ in range(10):
        await client.get(steward, "/session")
    assert time.monotonic() - began > 10 / 50 - 0.02
    with pytest.raises(Refused, match="405"):
        await client.post(steward, "/cases", {})
    server.down = True
    with pytest.raises(Trouble, match="503"):
        await client.get(steward, "/cases")
    server.down = False
    wrong = Client("http://town.test", "guess", 50.0, httpx.ASGITransport(app=server.app))
    with pytest.raises(Refused, match="wrong_login"):
        await wrong.get(steward, "/session")
    await client.close()
    await wrong.close()
