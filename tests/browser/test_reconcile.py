"""The daily reconciliation on a screen: the numbers open the lines, a line is explained."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from browser_helpers import by_id, choose, sign_in
from helpers import take_in_rows
from playwright.async_api import Page, expect
from resolve.test_orders import bring, order
from resolve.test_reconcile import OTHERS

from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.settings import Settings


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The server's own worker compares nothing here before its hour."""
    return settings.model_copy(update={"reconcile_at_hours": 23})


async def test_a_number_opens_its_lines_and_a_line_is_explained(
    page: Page, address: str, runtime: Runtime, clock: HandClock
) -> None:
    await bring(runtime, order("HL1"), order("HL2", **OTHERS["HL2"]))
    await sign_in(page, address, "dispatcher", "/orders?view=reconcile")
    await expect(by_id(page, "reconcile-none")).to_be_visible()
    clock.advance(timedelta(hours=1))
    await take_in_rows(runtime, [order("HL3", **OTHERS["HL3"])], mapping="hotline-list")
    await by_id(page, "reconcile-again").click()
    lines = by_id(page, "reconcile-line")
    await expect(lines).to_have_count(2)
    await by_id(page, "reconcile-only_there").click()
    await expect(by_id(page, "reconcile-same")).to_be_visible()
    await by_id(page, "reconcile-only_here").click()
    await expect(lines).to_have_count(2)
    await expect(lines.first).to_contain_text("最近一份全量清单没有了")
    await expect(page).to_have_url(re.compile("kind=only_here"))
    await by_id(page, "reconcile-explain").first.click()
    await expect(by_id(page, "reconcile-save")).to_be_disabled()
    await choose(by_id(page, "reconcile-form"), "上级平台更新滞后")
    await by_id(page, "reconcile-text").fill("已打电话核对，明天更新。")
    await by_id(page, "reconcile-save").click()
    await expect(by_id(page, "reconcile-said")).to_contain_text("明天更新")
    await expect(by_id(page, "reconcile-only_here")).to_contain_text("另 1 件已说明")
    # Their next list names it again: it has closed by itself.
    clock.advance(timedelta(hours=1))
    await take_in_rows(
        runtime,
        [order("HL1"), order("HL2", **OTHERS["HL2"]), order("HL3", **OTHERS["HL3"])],
        mapping="hotline-list",
    )
    await by_id(page, "reconcile-again").click()
    await expect(by_id(page, "reconcile-same")).to_be_visible()
    await by_id(page, "reconcile-gone").click()
    await expect(lines.first).to_contain_text("起两边一致")


async def test_it_fits_on_a_telephone(
    page: Page, address: str, runtime: Runtime, clock: HandClock
) -> None:
    await bring(runtime, order("HL1"))
    clock.advance(timedelta(hours=1))
    await take_in_rows(runtime, [order("HL3", **OTHERS["HL3"])], mapping="hotline-list")
    await page.set_viewport_size({"width": 390, "height": 844})
    await sign_in(page, address, "dispatcher", "/orders?view=reconcile")
    await by_id(page, "reconcile-again").click()
    await expect(by_id(page, "reconcile-line")).to_have_count(1)
    await by_id(page, "reconcile-explain").click()
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await page.evaluate(wide) <= 0
    inner = "(one) => one.scrollWidth - one.clientWidth"
    assert await by_id(page, "reconcile-panel").evaluate(inner) <= 0
