"""A camera cared for in a real browser: aimed again, its thresholds, a token, and its evidence."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from browser.test_discover import found, the_camera, watched
from browser_helpers import by_id, sign_in
from discover.watched import HEAPS, scenes_known
from playwright.async_api import Page, expect

from streetwise.discover import keeping
from streetwise.discover.keeping import CameraToWatch, Health, say_health
from streetwise.discover.system import SYSTEM
from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime


@pytest.fixture(autouse=True)
def scenes() -> Iterator[None]:
    with scenes_known():
        yield


async def given_to_the_engine(runtime: Runtime) -> CameraToWatch:
    (one,) = await keeping.what_to_watch(runtime)
    return one


async def moved(runtime: Runtime, camera: UUID, clock: HandClock) -> None:
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await say_health(uow, [Health(camera, "aim", clock.now(), "moved")])


async def test_a_moved_camera_is_taken_as_it_is_now(
    page: Page, address: str, runtime: Runtime, clock: HandClock
) -> None:
    camera = await watched(runtime, clock)
    await moved(runtime, camera, clock)
    before = (await given_to_the_engine(runtime)).view
    await sign_in(page, address, "data_steward", f"/cameras/{camera}")
    await expect(by_id(page, "aim")).to_contain_text("可能被转动过")
    async with page.expect_response("**/view"):
        await by_id(page, "view-accept").click()
    assert (await given_to_the_engine(runtime)).view == before + 1
    # Who only watches is told, and cannot say so.
    await sign_in(page, address, "inspector", f"/cameras/{camera}")
    await expect(by_id(page, "aim")).to_be_visible()
    await expect(by_id(page, "view-accept")).to_have_count(0)


async def test_a_threshold_is_set_by_hand_and_given_back(
    page: Page, address: str, runtime: Runtime, clock: HandClock
) -> None:
    camera = await watched(runtime, clock)
    await sign_in(page, address, "data_steward", f"/cameras/{camera}")
    line = by_id(page, "thresholds").locator("li")
    await expect(line).to_contain_text("乱堆物料")
    await expect(line).to_contain_text("40%")
    await expect(line).to_contain_text("场景自带")
    await by_id(page, "threshold-set").click()
    await by_id(page, "threshold-percent").fill("55")
    await by_id(page, "threshold-save").click()
    await expect(by_id(page, "threshold-least")).to_have_text("55%")
    await expect(line).to_contain_text("手动设定，场景自带 40%")
    assert (await given_to_the_engine(runtime)).least == {HEAPS.code: 0.55}
    await by_id(page, "threshold-back").click()
    await expect(by_id(page, "threshold-least")).to_have_text("40%")


async def test_a_camera_is_given_a_token_that_is_shown_once(
    page: Page, address: str, runtime: Runtime, clock: HandClock
) -> None:
    camera = await watched(runtime, clock)
    await sign_in(page, address, "data_steward", f"/cameras/{camera}")
    await expect(by_id(page, "push")).to_have_count(0)
    await by_id(page, "set-up-change").click()
    await page.get_by_label("接入方式").select_option("push")
    await by_id(page, "set-up-save").click()
    await expect(by_id(page, "push")).to_contain_text("还没有口令")
    await expect(by_id(page, "push-path")).to_have_text(f"PUT /push/{camera}")
    await by_id(page, "push-token-new").click()
    token = await by_id(page, "push-token").text_content()
    assert token is not None
    assert len(token) > 40
    assert (await given_to_the_engine(runtime)).push_print is not None
    await page.reload()
    await expect(by_id(page, "push")).to_contain_text("已有口令")
    await expect(page.locator("main")).not_to_contain_text(token)


async def test_a_case_shows_what_its_camera_saw(
    page: Page, address: str, runtime: Runtime, clock: HandClock
) -> None:
    await watched(runtime, clock)
    await found(runtime, clock, "k1")
    assert await the_camera(runtime)
    await sign_in(page, address, "dispatcher", "/findings")
    await by_id(page, "finding-case").click()
    await expect(by_id(page, "evidence")).to_be_visible()
    # Opened by its address: nothing of the findings' page has been loaded before it.
    await page.reload()
    seen = by_id(page, "evidence")
    await expect(seen).to_contain_text("梧桐路 1 号机 · 门前 · 乱堆物料")
    await expect(seen).to_contain_text("人和车牌已遮盖")
    pictures = seen.locator("button img")
    await expect(pictures).to_have_count(2)
    for picture in await pictures.all():
        assert await picture.evaluate("async (one) => (await one.decode(), one.naturalWidth)") == 64
    await pictures.first.click()
    await expect(seen.locator("dialog")).to_contain_text("之前")
