"""The demo's controls in the top bar: time, scenarios, and how much history has arrived."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import pytest_asyncio
from browser_helpers import by_id, sign_in
from playwright.async_api import Page, Route, expect

from streetwise.kernel.clock import TownClock, wall_now
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.runtime import Runtime, Urls, open_runtime
from streetwise.kernel.settings import Settings
from streetwise.town.control import Control, demo_router
from streetwise.town.reports import Report
from streetwise.town.scenarios import Scenarios
from streetwise.web.app import STATIC
from streetwise.web.server import app_server, listen

NINE = datetime(2026, 9, 9, 1, 0, tzinfo=UTC)


class Told:
    """A course of two reports."""

    def course(self, name: str, at: datetime) -> list[Report]:
        return [
            Report(f"{name}{n}", "wechat", at + n * timedelta(minutes=30), "", "水", None, None,
                   "x:y", "p", "q")
            for n in (1, 2)
        ]  # fmt: skip


@pytest_asyncio.fixture(loop_scope="session")
async def demo(settings: Settings, town_urls: Urls) -> AsyncIterator[Runtime]:
    """The tiny street as a demo whose time runs 10 times as fast."""
    assert town_urls.owner is not None
    with psycopg.connect(**conninfo(town_urls.owner), autocommit=True) as owner:
        owner.execute(
            "UPDATE clock SET anchor_business = %s, anchor_wall = %s, speed = 10",
            (NINE, wall_now()),
        )
    shown = settings.model_copy(update={"demo": True, "worker": "elsewhere"})
    async with open_runtime(shown, town_urls.app) as opened:
        yield opened


@pytest.fixture
def control(demo: Runtime, town_urls: Urls) -> Control:
    clock, owner = demo.database.clock, town_urls.owner
    assert isinstance(clock, TownClock)
    assert owner is not None
    return Control(owner, clock, Scenarios(Told()))


@pytest_asyncio.fixture(loop_scope="session")
async def address(demo: Runtime, control: Control) -> AsyncIterator[str]:
    """The address of a running demo."""
    assert (STATIC / "index.html").is_file(), "The screen is not built; run: make build"
    listener = listen(demo.settings)
    server = app_server(demo, demo_router(control))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.end()
    await serving


async def test_time_is_paused_and_goes_on_by_the_keyboard(
    page: Page, address: str, control: Control
) -> None:
    await sign_in(page, address, "dispatcher")
    await expect(by_id(page, "demo-state")).to_have_text("10×")
    await by_id(page, "demo").focus()
    await page.keyboard.press("Enter")
    shown = by_id(page, "demo-time")
    await expect(shown).to_contain_text("09:")
    first = await shown.inner_text()
    await expect(shown).not_to_have_text(first)  # it runs
    await page.keyboard.press("Tab")
    await expect(by_id(page, "demo-pause")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(by_id(page, "demo-state")).to_have_text("已暂停")
    assert control.clock.speed == 0
    standing = await shown.inner_text()
    clock = await page.locator(".fr-clock").inner_text()
    # Until the screen has asked the server again, and its clock has ticked, nothing moves.
    async with page.expect_response(lambda answer: answer.url.endswith("/api/v1/demo")):
        pass
    async with page.expect_response(lambda answer: answer.url.endswith("/api/v1/demo")):
        pass
    assert await shown.inner_text() == standing
    assert await page.locator(".fr-clock").inner_text() == clock
    await by_id(page, "demo-pause").click()
    await expect(by_id(page, "demo-state")).to_have_text("10×")
    await expect(shown).not_to_have_text(standing)
    await by_id(page, "demo-speed-600").click()
    await expect(by_id(page, "demo-state")).to_have_text("600×")
    await expect(by_id(page, "demo-speed-600")).to_have_attribute("aria-pressed", "true")
    assert control.clock.speed == 600
    await page.keyboard.press("Escape")
    await expect(by_id(page, "demo-panel")).to_have_count(0)


async def test_a_scenario_is_started_and_the_screen_says_what_will_come(
    page: Page, address: str, control: Control
) -> None:
    await sign_in(page, address, "dispatcher")
    await by_id(page, "demo").click()
    await by_id(page, "demo-start-cloudburst").click()
    await expect(by_id(page, "demo-said")).to_have_text(
        "已开始：暴雨内涝，约 2 小时（按现在的速度约 12 分）。"
    )
    await expect(by_id(page, "demo-how-cloudburst")).to_have_text("进行中，已来 0 / 2 件")
    await expect(by_id(page, "demo-start-cloudburst")).to_be_disabled()
    assert control.scenarios.latest("cloudburst") is not None
    # Somebody else starts one at the same moment: the screen says so, in its own words.
    await page.route("**/api/v1/demo", lambda route: route.abort())  # it has not heard of it
    await control.start("smoke")
    await by_id(page, "demo-start-smoke").click()
    await expect(by_id(page, "demo-said")).to_have_text("这个情景还在进行，结束后可以再开始。")


async def test_what_another_screen_changes_is_seen_here(
    page: Page, address: str, control: Control
) -> None:
    await sign_in(page, address, "dispatcher")
    await expect(by_id(page, "demo-state")).to_have_text("10×")
    await control.pause()
    await expect(by_id(page, "demo-state")).to_have_text("已暂停")


async def test_history_that_arrives_is_shown_and_lists_are_read_anew_at_its_end(
    page: Page, address: str
) -> None:
    share: list[float | None] = [0.425]

    async def about(route: Route) -> None:
        answer = await route.fetch()
        content = {**await answer.json(), "history_arriving": share[0]}
        await route.fulfill(response=answer, body=json.dumps(content))

    await page.route("**/api/v1/about", about)
    await sign_in(page, address, "dispatcher")
    await expect(by_id(page, "history-arriving")).to_have_text("历史补入 42%")
    share[0] = 0.9
    await expect(by_id(page, "history-arriving")).to_have_text("历史补入 90%")
    async with page.expect_response(lambda answer: "/api/v1/overview" in answer.url):
        share[0] = None
    await expect(by_id(page, "history-arriving")).to_have_count(0)


async def test_it_fits_on_a_telephone_and_speaks_english(page: Page, address: str) -> None:
    await page.set_viewport_size({"width": 390, "height": 780})
    await sign_in(page, address, "dispatcher")
    await by_id(page, "viewer-menu").click()
    await by_id(page, "language-en").click()
    await page.keyboard.press("Escape")
    await by_id(page, "demo").click()
    await expect(by_id(page, "demo-pause")).to_have_text("Pause")
    panel = await by_id(page, "demo-panel").bounding_box()
    assert panel is not None
    assert panel["x"] >= 0
    assert panel["x"] + panel["width"] <= 390
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
