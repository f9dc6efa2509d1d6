"""The demo's controls at the real application, and scenarios through the real import."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import httpx
import psycopg
import pytest
import pytest_asyncio
from fastapi import FastAPI
from helpers import OURS, TEST_PASSWORD, run_jobs, sign_in
from town.conftest import SEED

from streetwise.kernel.clock import TownClock, wall_now
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.runtime import Runtime, Urls, open_runtime
from streetwise.kernel.settings import Settings
from streetwise.town.client import Client
from streetwise.town.control import Control, demo_router
from streetwise.town.history import Teller
from streetwise.town.pace import Pace
from streetwise.town.played import Played
from streetwise.town.reports import Report
from streetwise.town.scenarios import SCENARIOS, Scenarios
from streetwise.town.simulator import Life, run
from streetwise.town.world import World
from streetwise.web.app import create_app

ZONE = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)


@pytest_asyncio.fixture
async def demo(settings: Settings, town_urls: Urls) -> AsyncIterator[Runtime]:
    """The tiny street as a demo whose time runs, other than in most tests, by itself."""
    assert town_urls.owner is not None
    with psycopg.connect(**conninfo(town_urls.owner), autocommit=True) as owner:
        owner.execute(
            "UPDATE clock SET anchor_business = %s, anchor_wall = %s, speed = 1",
            (datetime(2026, 9, 9, 10, 0, tzinfo=ZONE), wall_now()),
        )
    shown = settings.model_copy(update={"demo": True})
    async with open_runtime(shown, town_urls.app) as opened:
        yield opened


@pytest.fixture
def control(demo: Runtime, town_urls: Urls, world: World) -> Control:
    clock, owner = demo.database.clock, town_urls.owner
    assert isinstance(clock, TownClock)
    assert owner is not None
    return Control(owner, clock, Scenarios(Played(world, SEED)))


@pytest_asyncio.fixture
async def demo_app(demo: Runtime, control: Control) -> AsyncIterator[FastAPI]:
    made = create_app(demo, with_worker=False, demo_router=demo_router(control))
    async with made.router.lifespan_context(made):
        yield made


@pytest_asyncio.fixture
async def screen(demo_app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a screen on the demo, a dispatcher signed in."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=demo_app), base_url="http://test/api/v1", headers=OURS
    ) as client:
        await sign_in(client, "dispatcher")
        yield client


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_a_pause_holds_the_time_of_the_street_and_it_goes_on_without_a_jump(
    screen: httpx.AsyncClient,
) -> None:
    before = (await screen.get("/demo")).json()
    assert (before["speed"], before["paused"]) == (1.0, False)
    paused = (await screen.post("/demo/pause")).json()
    assert (paused["speed"], paused["paused"], paused["usual"]) == (0.0, True, 1.0)
    assert at(paused["now"]) >= at(before["now"])
    session = (await screen.get("/session")).json()
    assert (session["now"], session["clock_speed"]) == (paused["now"], 0.0)
    assert (await screen.get("/demo")).json()["now"] == paused["now"]
    # A pause in a pause is one.
    assert (await screen.post("/demo/pause")).json()["now"] == paused["now"]
    gone_on = (await screen.post("/demo/resume")).json()
    assert (gone_on["speed"], gone_on["paused"]) == (1.0, False)
    assert timedelta() <= at(gone_on["now"]) - at(paused["now"]) < timedelta(minutes=1)


async def test_speed_is_chosen_within_limits_and_is_taken_up_again_after_a_pause(
    screen: httpx.AsyncClient, control: Control
) -> None:
    for speed in (0.1, 60, 600):
        answer = await screen.post("/demo/speed", json={"speed": speed})
        assert answer.status_code == 200
        assert answer.json()["speed"] == control.clock.speed == speed
    await screen.post("/demo/pause")
    assert (await screen.post("/demo/resume")).json()["speed"] == 600
    for wrong in (0, 0.09, -1, 600.1, 1e300, "fast", None):
        answer = await screen.post("/demo/speed", json={"speed": wrong})
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"]
    answer = await screen.post("/demo/speed", json={"speed": 700})
    assert answer.json()["code"] == "demo_speed"
    assert answer.json()["params"] == {"least": 0.1, "most": 600.0}
    assert control.clock.speed == 600


async def test_two_changes_at_once_follow_one_another(
    screen: httpx.AsyncClient, control: Control
) -> None:
    answers = await asyncio.gather(
        *(screen.post("/demo/speed", json={"speed": speed}) for speed in (600, 10, 60))
    )
    last = max((answer.json() for answer in answers), key=lambda one: at(one["now"]))
    assert sorted(answer.json()["speed"] for answer in answers) == [10, 60, 600]
    assert control.clock.speed == last["speed"]
    assert control.clock.now() >= at(last["now"])


async def test_a_database_without_its_owner_leaves_time_as_it_was(
    screen: httpx.AsyncClient, control: Control
) -> None:
    control.owner_url = "postgresql://nobody@127.0.0.1:1/none"
    answer = await screen.post("/demo/speed", json={"speed": 60})
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert control.clock.speed == 1


async def test_a_scenario_is_started_once_and_said_to_run(screen: httpx.AsyncClient) -> None:
    shown = (await screen.get("/demo")).json()["scenarios"]
    assert [one["name"] for one in shown] == list(SCENARIOS)
    assert all(one["title"] and one["title_en"] and not one["running"] for one in shown)
    answer = await screen.post("/demo/scenarios/cloudburst")
    assert answer.status_code == 200
    started = answer.json()["scenarios"][0]
    assert started["running"]
    assert started["planned"] > 50
    assert started["told"] == 0
    assert at(started["until"]) - at(started["started_at"]) == timedelta(minutes=120)
    again = await screen.post("/demo/scenarios/cloudburst")
    assert (again.status_code, again.json()["code"]) == (409, "demo_still_running")
    assert "runs already" in again.json()["detail"]
    unknown = await screen.post("/demo/scenarios/earthquake")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "demo_no_scenario")


ROUTES = (
    ("GET", "/demo"),
    ("POST", "/demo/speed"),
    ("POST", "/demo/pause"),
    ("POST", "/demo/resume"),
    ("POST", "/demo/scenarios/smoke"),
)


async def test_only_who_is_signed_in_may_use_the_controls(
    screen: httpx.AsyncClient, demo_app: FastAPI, control: Control
) -> None:
    screen.cookies.clear()
    for method, path in ROUTES:
        answer = await screen.request(method, path, json={"speed": 600})
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert control.clock.speed == 1
    assert control.scenarios.latest("smoke") is None


@pytest.mark.parametrize("given", [True, False])
async def test_a_street_that_is_no_demo_has_none_of_these_routes(
    runtime: Runtime, control: Control, given: bool
) -> None:
    """Even if somebody hands them to it."""
    assert not runtime.settings.demo
    router = demo_router(control) if given else None
    app = create_app(runtime, with_worker=False, demo_router=router)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://test/api/v1", headers=OURS
    ) as client:
        await sign_in(client, "dispatcher")
        for method, path in ROUTES:
            answer = await client.request(method, path, json={"speed": 600})
            assert answer.status_code in (404, 405), path
    assert not any("/demo" in path for path in app.openapi()["paths"])


#: What is told hour by hour: no two are one problem.
MATTERS = (
    "梧桐路的路灯坏了三天了，晚上看不见路",
    "松柏家园门口的垃圾桶满了好几天没人清",
    "湖心公园里的长椅断了一条腿",
    "梧桐路的人行道地砖松了，一踩一脚水",
    "松柏家园半夜有人施工，吵得睡不着",
    "湖心公园东边有人露天烧烤，油烟很大",
)


class Quiet:
    """Residents who report nothing of themselves, or call the hotline every hour."""

    zone = ZONE

    def __init__(self, calls: bool = False) -> None:
        self.calls = calls

    def day(self, day: date) -> list[Report]:
        if not self.calls:
            return []
        hours = [datetime(day.year, day.month, day.day, hour, tzinfo=ZONE) for hour in range(24)]
        return [
            Report(
                f"RX{one:%Y%m%d%H}", "hotline12345", one, "",
                MATTERS[one.hour % len(MATTERS)], None, None, "x:y", f"p{one:%H}", "q",
            )
            for one in hours
        ]  # fmt: skip


def lives(demo_app: FastAPI, control: Control, teller: Any) -> Life:
    client = Client("http://test", TEST_PASSWORD, 1000.0, httpx.ASGITransport(app=demo_app))
    pace = Pace(rate_least=1000.0, rate_most=1000.0)
    return Life(client, teller, SEED, 1.0, pace=pace, steering=control)


async def count(screen: httpx.AsyncClient) -> int:
    page = (await screen.get("/cases", params={"state": "open", "limit": 1})).json()
    found: int = page["count"]["value"]
    return found


async def test_what_a_scenario_reports_becomes_cases_by_the_real_import(
    screen: httpx.AsyncClient, demo: Runtime, demo_app: FastAPI, control: Control
) -> None:
    life = lives(demo_app, control, Quiet())
    await life.arrive()
    await screen.post("/demo/scenarios/smoke")
    assert control.wake.is_set()  # the simulator is called
    started = control.scenarios.latest("smoke")
    assert started is not None
    await life.residents.report(started.at, 1.0)
    assert await count(screen) == 0
    half = started.reports[len(started.reports) // 2].at
    await life.residents.report(half, 1.0)
    await run_jobs(demo)
    some = await count(screen)
    assert some > 0
    await life.residents.report(started.last + timedelta(minutes=1), 1.0)
    await run_jobs(demo)
    assert await count(screen) > some
    await life.client.close()


async def test_a_source_that_is_down_brings_nothing_and_then_everything(
    screen: httpx.AsyncClient, demo: Runtime, demo_app: FastAPI, control: Control
) -> None:
    life = lives(demo_app, control, Quiet(calls=True))
    await life.arrive()
    await life.residents.report(control.clock.now(), 1.0)
    await run_jobs(demo)
    before = await count(screen)
    await screen.post("/demo/scenarios/source")
    started = control.scenarios.latest("source")
    assert started is not None
    for hours in (1, 2, 3):
        await life.residents.report(started.at + hours * HOUR, 1.0)
        await run_jobs(demo)
        assert await count(screen) == before
    shown = (await screen.get("/demo")).json()["scenarios"][-1]
    assert (shown["name"], shown["held_back"]) == ("source", 3)
    # A simulator that is started anew in the meantime knows from when on nothing came.
    await life.client.close()
    life = lives(demo_app, control, Quiet(calls=True))
    await life.arrive()
    await life.residents.report(started.until + timedelta(minutes=1), 1.0)
    await run_jobs(demo)
    assert await count(screen) == before + 4
    assert (await screen.get("/demo")).json()["scenarios"][-1]["held_back"] == 0
    await life.client.close()


async def test_while_time_stands_the_town_rests_and_people_may_go_on(
    screen: httpx.AsyncClient, demo: Runtime, demo_app: FastAPI, control: Control
) -> None:
    life = lives(demo_app, control, Quiet(calls=True))
    await life.arrive()
    await life.residents.report(control.clock.now(), 1.0)
    await run_jobs(demo)
    paused = (await screen.post("/demo/pause")).json()
    asked = life.client.requests
    await life.turn()
    assert life.client.requests <= asked + 2  # what time it is, perhaps after signing in
    assert life.residents.told_until is not None
    # The person at the screen takes a case through three states within one moment.
    case = (await screen.get("/cases", params={"state": "open"})).json()["items"][0]
    for action, inputs in (("accept", {}), ("dispatch", {"unit": "dep1"})):
        answer = await screen.post(
            f"/cases/{case['id']}/actions/{action}",
            json=inputs,
            headers={"If-Match": f'"{case["version"]}"'},
        )
        assert answer.status_code == 200
        case = answer.json()
    told = [entry for entry in case["timeline"] if entry["action"] in (
        "case.accepted", "case.dispatched")]  # fmt: skip
    assert [entry["action"] for entry in told] == ["case.accepted", "case.dispatched"]
    assert {at(entry["at"]) for entry in told} == {at(paused["now"])}
    await life.client.close()


class Counting(httpx.ASGITransport):
    """Counts how often the simulator looks up what time it is."""

    looks = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        self.looks += (request.method, request.url.path) == ("GET", "/api/v1/session")
        return answer


async def test_the_simulator_looks_up_at_once_when_somebody_steers(
    screen: httpx.AsyncClient, demo_app: FastAPI, control: Control
) -> None:
    """At ordinary speed it looks once a minute; nobody waits for that."""
    transport, stop = Counting(app=demo_app), asyncio.Event()
    pace = Pace(look_least=3600.0, look_most=3600.0, rate_least=1000.0, rate_most=1000.0)
    living = asyncio.create_task(
        run("http://test", TEST_PASSWORD, SEED, 1.0, stop, transport=transport, pace=pace,
            teller=cast(Teller, Quiet()), steering=control)
    )  # fmt: skip
    seen = 0
    for path, body in (
        ("/demo", None),
        ("/demo/speed", {"speed": 60}),
        ("/demo/scenarios/smoke", {}),
        ("/demo/pause", {}),
    ):
        if body is not None:
            assert (await screen.post(path, json=body)).status_code == 200
        async with asyncio.timeout(30):
            while transport.looks <= seen or control.wake.is_set():
                await asyncio.sleep(0.01)
        seen = transport.looks
    stop.set()
    await asyncio.wait_for(living, 10)


async def test_a_turn_is_broken_off_when_time_is_paused(
    screen: httpx.AsyncClient, demo: Runtime, demo_app: FastAPI, control: Control
) -> None:
    """Nobody acts for minutes in a street whose time stands."""
    life = lives(demo_app, control, Quiet(calls=True))
    await life.arrive()
    for hours in (0, 8):
        await life.residents.report(control.clock.now() + hours * HOUR, 1.0)
    await run_jobs(demo)
    assert await count(screen) > 3
    later = control.clock.now() + timedelta(days=2)
    await life.staff(control.clock.now())  # everybody begins to wait
    control.wake.set()
    for speed in (1.0, 600.0):
        life.speed = speed
        await life.staff(later)
        states = (await screen.get("/cases", params={"state": "open"})).json()["items"]
        assert {case["state"] for case in states} == {"received"}
    control.wake.clear()
    await life.staff(later)
    states = (await screen.get("/cases", params={"state": "open"})).json()["items"]
    assert "accepted" in {case["state"] for case in states}
    await life.client.close()
