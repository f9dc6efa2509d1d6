"""Discover in a real browser: a camera set up, zones drawn by keys, a look, findings judged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from browser_helpers import by_id, sign_in
from discover.watched import FORM, HEAPS, SQUARE, add_cameras, jpeg, scenes_known
from helpers import triage_all
from playwright.async_api import Page, expect
from sqlalchemy import select

from streetwise.discover import actions, zoning
from streetwise.discover.actions import SetUp
from streetwise.discover.findings import Opened, clear, open_findings
from streetwise.discover.keeping import (
    Cadence,
    Health,
    answer_look,
    looks_wanted,
    publish_cadence,
    say_health,
    store,
)
from streetwise.discover.system import SYSTEM
from streetwise.discover.tables import WatchedCamera, WatchZone
from streetwise.discover.zoning import Drawn
from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime


@pytest.fixture(autouse=True)
def scenes() -> Iterator[None]:
    with scenes_known():
        yield


async def the_camera(runtime: Runtime) -> tuple[UUID, list[WatchZone]]:
    """(the only camera that is watched, its zones)."""
    async with runtime.database.read(SYSTEM) as session:
        watched_id = (await session.execute(select(WatchedCamera.id))).scalar_one()
        query = select(WatchZone).where(WatchZone.ended_at.is_(None))
        return watched_id, list((await session.execute(query)).scalars())


async def set_up(page: Page, address: str) -> None:
    """A camera with one zone that is on, all by the screen."""
    await sign_in(page, address, "data_steward", "/cameras/new")
    await by_id(page, "new-camera-code").fill("C-001")
    await by_id(page, "set-up-purpose").fill("乱堆物料的发现")
    await by_id(page, "set-up-address").fill("rtsp://user:secret@10.0.0.5/1")
    await by_id(page, "set-up-save").click()
    # Nobody answers for it yet, so it stays off.
    await expect(by_id(page, "camera-on")).to_be_disabled()
    await expect(by_id(page, "camera-lacks")).to_contain_text("责任单位、审批文号")
    await by_id(page, "set-up-change").click()
    await by_id(page, "set-up-owner").select_option("dep1")
    await by_id(page, "set-up-approval").fill("街政审〔2026〕12 号")
    await by_id(page, "set-up-until").fill("2027-05-10")
    await by_id(page, "set-up-save").click()
    await expect(by_id(page, "camera-on")).to_be_enabled()
    await expect(page.locator("main")).not_to_contain_text("secret")


async def draw(page: Page) -> None:
    """One zone, its first corner moved and another added, by keys alone."""
    await by_id(page, "zones-draw").click()
    await by_id(page, "zone-add").click()
    await page.get_by_label("场景").last.select_option(HEAPS.code)
    await by_id(page, "zone-name-0").fill("门前")
    corner = by_id(page, "corner-0")
    await corner.focus()
    await corner.press("Shift+ArrowLeft")
    await corner.press("ArrowUp")
    await corner.press("Enter")
    await expect(by_id(page, "corner-4")).to_be_visible()
    await by_id(page, "zones-save").click()
    await expect(by_id(page, "zones-editor")).to_have_count(0)
    # What is done next is done to what the page has read again: before that it is a conflict.
    await expect(page.get_by_role("listitem").filter(has_text="门前")).to_be_visible()


async def test_a_camera_is_set_up_drawn_switched_on_and_looked_through(
    page: Page, address: str, runtime: Runtime
) -> None:
    await add_cameras(runtime)
    await set_up(page, address)
    await draw(page)
    watched_id, (zone,) = await the_camera(runtime)
    assert (zone.scene, zone.name) == (HEAPS.code, "门前")
    assert zone.corners[0] == [0.25, 0.395]
    assert len(zone.corners) == 5
    await by_id(page, "camera-on").click()
    await expect(page.locator("[data-state=unknown]").first).to_have_text("等待首次连接")

    await expect(by_id(page, "look-ask")).to_be_disabled()
    await by_id(page, "look-reason").select_option("zones")
    async with page.expect_response("**/looks"):
        await by_id(page, "look-ask").click()
    ((look_id, asked),) = await looks_wanted(runtime)
    assert asked == watched_id
    assert await answer_look(runtime, look_id, jpeg("red"), "masked")
    await expect(by_id(page, "look-picture")).to_be_visible()

    await by_id(page, "camera-off").click()
    await by_id(page, "off-maintenance").click()
    await expect(by_id(page, "camera-on")).to_be_enabled()


async def found(runtime: Runtime, clock: HandClock, key: str) -> None:
    """The engine finds something, with pictures."""
    _, (zone,) = await the_camera(runtime)
    at = clock.now()
    kept = (
        await store(runtime.files, "before", at - timedelta(minutes=4), jpeg("green"), "masked"),
        await store(runtime.files, "during", at, jpeg("red"), "masked"),
    )
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await open_findings(uow, runtime.keys, [Opened(key, zone.id, at, 0.8, kept)])
    await triage_all(runtime)


async def watched(runtime: Runtime, clock: HandClock) -> UUID:
    """A camera that is on, as if somebody had set it up by the screen."""
    await add_cameras(runtime)
    form: dict[str, Any] = {**FORM, "approved_until": clock.now() + timedelta(days=90)}
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        row = await actions.set_up(uow, SYSTEM, runtime.keys, "home", "C-001", SetUp(**form), None)
        await zoning.draw_zones(uow, SYSTEM, row.id, 1, [Drawn(HEAPS.code, "门前", tuple(SQUARE))])
        await actions.switch_on(uow, SYSTEM, row.id, 2)
    return row.id


async def test_findings_are_shown_judged_and_lead_to_their_case(
    page: Page, address: str, runtime: Runtime, clock: HandClock
) -> None:
    await watched(runtime, clock)
    await sign_in(page, address, "dispatcher", "/findings")
    await expect(by_id(page, "findings-empty")).to_be_visible()
    await found(runtime, clock, "k1")
    await page.reload()
    card = by_id(page, "finding")
    await expect(card).to_contain_text("乱堆物料")
    await expect(by_id(page, "finding-state")).to_have_text("仍在")
    await expect(card.locator("img")).to_have_count(2)
    for picture in await card.locator("img").all():
        assert await picture.evaluate("async (one) => (await one.decode(), one.naturalWidth)") == 64
    await by_id(page, "verdict-wrong").click()
    await by_id(page, "wrong-allowed").click()
    await expect(by_id(page, "verdict-said")).to_have_text("派遣员甲：有误，属允许情形")
    await by_id(page, "verdict-right").click()
    await expect(by_id(page, "verdict-said")).to_have_text("派遣员甲：属实")
    clock.advance(timedelta(minutes=2))
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await clear(uow, "k1", uow.now)
    await page.reload()
    await expect(by_id(page, "findings-empty")).to_be_visible()
    await by_id(page, "findings-shown").select_option("gone")
    await expect(by_id(page, "finding-state")).to_have_text("已消失")
    await by_id(page, "finding-case").click()
    await expect(page.locator("main")).to_contain_text("乱堆物料（梧桐路 1 号机）")


async def test_cameras_are_listed_with_state_and_what_was_really_reached(
    page: Page, address: str, runtime: Runtime, clock: HandClock
) -> None:
    watched_id = await watched(runtime, clock)
    now = clock.now()
    told = [
        Cadence(watched_id, HEAPS.code, now - timedelta(minutes=5 * n), 300, 10, 12.0 * n, 20)
        for n in (1, 2)
    ]
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await say_health(uow, [Health(watched_id, "down", now, "timed_out")])
        await publish_cadence(uow, told)
    await sign_in(page, address, "inspector", "/cameras")
    row = by_id(page, "camera-row")
    await expect(row).to_contain_text("断线")
    await expect(row).to_contain_text("没有应答")
    await expect(row).to_contain_text("12 秒 / 10 秒")
    await by_id(page, "state-live").click()
    await expect(by_id(page, "cameras-empty")).to_be_visible()
    await by_id(page, "state-live").click()
    await by_id(page, "cameras-find").fill("梧桐")
    await row.get_by_role("link").click()
    await expect(by_id(page, "cadence-chart")).to_contain_text("最长 24 秒")
    await expect(by_id(page, "outages")).to_contain_text("仍在断线")
    # Who only watches changes nothing.
    for name in ("camera-off", "zones-draw", "set-up-change"):
        await expect(by_id(page, name)).to_have_count(0)


async def test_a_platform_is_looked_at_and_taken_in_and_others_have_no_such_page(
    page: Page, address: str, runtime: Runtime
) -> None:
    await add_cameras(runtime)
    await sign_in(page, address, "data_steward", "/cameras/catalogue")
    rows = (
        "通道编号,通道名称\r\n34020000001310000001,梧桐路 1 号机\r\n34020000001310000002,不存在\r\n"
    )
    await by_id(page, "catalogue-file").set_input_files(
        {"name": "channels.csv", "mimeType": "text/csv", "buffer": rows.encode("gb18030")}
    )
    await by_id(page, "catalogue-template").fill("http://wvp:18080/play/{channel}")
    await by_id(page, "catalogue-preview").click()
    await expect(by_id(page, "catalogue-matched")).to_contain_text("C-001")
    await expect(by_id(page, "catalogue-bad")).to_contain_text("第 2 行：名录里没有")
    await by_id(page, "catalogue-take").click()
    await expect(page.locator("main")).to_contain_text("已导入 1 个点位。")
    await sign_in(page, address, "community_worker", "/cameras")
    await expect(by_id(page, "no-access")).to_be_visible()
