"""Bulk dispatch, the bar by the loop's table, locks, and the condition at the desk: on screen."""

from __future__ import annotations

import re

import httpx
from browser_helpers import by_id, sign_in
from helpers import SYSTEM, report, spot, take_in_rows
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select, update

from streetwise.directory.tables import TaxonomyClass
from streetwise.kernel.runtime import Runtime
from streetwise.resolve.tables import Case

BINS = 5


async def accepted(runtime: Runtime, *, unclear: int = 1) -> None:
    """Accepted cases: of the last ones nobody knows the class."""
    rows = [
        report(
            str(n), f"第{n}处路灯不亮", f"第{n}盏路灯坏了好几天，灯杆号{n * 131}。", **spot(n * 7)
        )
        for n in range(BINS)
    ]
    await take_in_rows(runtime, rows)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        version = (
            await uow.session.execute(
                select(TaxonomyClass.version).where(TaxonomyClass.code == "P-01-37").limit(1)
            )
        ).scalar_one()
        ids = (await uow.session.execute(select(Case.id).order_by(Case.id))).scalars().all()
        assert len(ids) == BINS
        known = {
            "category_scheme": "urban-management", "category_version": version,
            "category_code": "P-01-37", "doubts": [], "state": "accepted",
        }  # fmt: skip
        doubted = {"doubts": ["category"], "state": "accepted"}
        for number, one in enumerate(ids):
            values = known if number < BINS - unclear else doubted
            await uow.session.execute(update(Case).where(Case.id == one).values(**values))


async def test_each_goes_to_its_own_unit_and_what_is_unclear_stays(
    page: Page, address: str, runtime: Runtime
) -> None:
    await accepted(runtime)
    await sign_in(page, address, "dispatcher", "/cases?state=accepted&sort=number")
    await expect(by_id(page, "case-row")).to_have_count(BINS)
    await page.keyboard.press("a")
    await by_id(page, "bulk-dispatch-each").click()
    panel = by_id(page, "dispatch-panel")
    await expect(panel).to_be_visible()
    await expect(
        by_id(page, "dispatch-asked").locator("[data-testid=dispatch-line]")
    ).to_have_count(1)
    await expect(by_id(page, "dispatch-ask").first).to_have_text("类别待定")
    group = by_id(page, "dispatch-group")
    await expect(group).to_have_count(1)
    await expect(group).to_contain_text("城管科")
    await group.locator("summary").click()
    await expect(by_id(page, "dispatch-why").first).to_contain_text("职责清单：路灯归城管科")
    await expect(by_id(page, "dispatch-send")).to_have_text(re.compile(f"派遣 {BINS - 1} 件"))
    await by_id(page, "dispatch-send").click()
    await expect(by_id(page, "dispatch-outcome")).to_contain_text(f"已派遣 {BINS - 1} 件")
    await by_id(page, "dispatch-close").click()
    await expect(panel).to_have_count(0)
    await expect(by_id(page, "case-row")).to_have_count(1)
    # What is left can be opened for the whole area, and on a telephone nothing is cut.
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto(f"{address}/cases?state=accepted")
    await by_id(page, "dispatch-all").click()
    await expect(by_id(page, "dispatch-line")).to_have_count(1)
    wide = await page.evaluate("document.querySelector('dialog.dp').scrollWidth")
    assert wide <= 390
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390


async def test_the_bar_offers_the_ways_back_by_the_loops_table(
    page: Page, address: str, runtime: Runtime
) -> None:
    await accepted(runtime, unclear=0)
    await sign_in(page, address, "dispatcher", "/cases?state=open&sort=number")
    await expect(by_id(page, "case-row")).to_have_count(BINS)
    await page.keyboard.press("a")
    await by_id(page, "bulk-close-otherwise").click()
    submit = by_id(page, "bulk-submit")
    await expect(submit).to_be_disabled()
    await by_id(page, "bulk-outcome-pick").click()
    await page.get_by_title("诉求人撤回").click()
    await by_id(page, "bulk-note").fill("来电人撤回诉求")
    await submit.click()
    await expect(by_id(page, "bulk-outcome")).to_contain_text(f"{BINS} 件")
    await expect(by_id(page, "bulk-bar").get_by_text("未能")).to_have_count(0)


async def test_who_opens_a_case_is_shown_to_another_who_can_take_it_over(
    browser: Browser, page: Page, address: str, runtime: Runtime
) -> None:
    await accepted(runtime, unclear=0)
    await sign_in(page, address, "dispatcher", "/cases?state=accepted&sort=number")
    await by_id(page, "case-row").first.get_by_role("link").click()
    await by_id(page, "action-dispatch").click()
    await expect(by_id(page, "unit-why")).to_contain_text("路灯归城管科")
    await expect(by_id(page, "unit-why").locator("[data-testid=unit-load]")).to_have_text("在办 0")
    other = await browser.new_context(locale="zh-CN")
    try:
        second = await other.new_page()
        await sign_in(second, address, "dispatcher2", httpx.URL(page.url).path)
        await expect(by_id(second, "desk-lock")).to_contain_text("派遣员甲 正在处理此件")
        await by_id(second, "break-lock").click()
        await expect(by_id(second, "desk-lock")).to_have_count(0)
        # The first screen hears of it by itself.
        await expect(by_id(page, "desk-lock")).to_contain_text("派遣员乙 正在处理此件")
    finally:
        await other.close()


async def test_the_desk_asks_for_the_condition_where_it_is_wanted(
    page: Page, address: str, runtime: Runtime
) -> None:
    await accepted(runtime)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        one = {"scheme": "urban-management", "code": "P-01-01", "confidence": 0.4}
        await uow.session.execute(
            update(Case).where(Case.doubts == ["category"]).values(category_ranked=[one])
        )
    await sign_in(page, address, "dispatcher", "/desk")
    await expect(by_id(page, "desk-class")).to_have_count(1)
    await page.keyboard.press("c")
    await expect(by_id(page, "desk-condition-switch")).to_have_attribute("aria-checked", "true")
    await page.keyboard.press("1")
    await expect(by_id(page, "desk-conditions")).to_be_visible()
    await page.keyboard.press("1")
    await expect(by_id(page, "desk-empty")).to_be_visible()
    # Told to the server, who is told behind the screen.
    await expect(by_id(page, "desk-counter")).to_have_attribute("data-pending", "0")
    async with runtime.database.read(SYSTEM) as session:
        query = select(Case.category_condition).where(Case.category_condition.is_not(None))
        assert len((await session.execute(query)).all()) == 1
