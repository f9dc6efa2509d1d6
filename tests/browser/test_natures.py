"""Hazards and disputes in a real browser: an order and its letter, the count, a party shown."""

from __future__ import annotations

import re

from browser_helpers import by_id, choose, sign_in
from helpers import SYSTEM, report, spot, take_in_rows
from playwright.async_api import Page, ViewportSize, expect
from resolve.test_disputes import AGREED, NAME, PHONE, QUARREL, SAID
from resolve.test_hazards import BLOCKED
from sqlalchemy import select

from streetwise.kernel.runtime import Runtime
from streetwise.resolve.tables import Case

NARROW = ViewportSize(width=390, height=780)


async def a_case(runtime: Runtime, words: tuple[str, str]) -> str:
    """The address of a case in the east community."""
    await take_in_rows(runtime, [report("1", *words, **spot(1), channel="grid_worker")])
    async with runtime.database.read(SYSTEM) as session:
        (case_id,) = (await session.execute(select(Case.id))).scalars()
    return f"/cases/{case_id}"


async def sideways(page: Page) -> int:
    """How far the page can be scrolled sideways, in pixels."""
    wide: int = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wide


async def test_a_hazard_is_ordered_rectified_rechecked_written_off_and_counted(
    page: Page, address: str, runtime: Runtime
) -> None:
    path = await a_case(runtime, BLOCKED)
    await sign_in(page, address, "dispatcher", path)
    state = by_id(page, "hazard-state")
    await expect(state).to_have_text("待责令")
    await expect(by_id(page, "nature-word")).to_have_text("隐患")
    await by_id(page, "hazard-order").click()
    await choose(by_id(page, "hazard-level"), "重大")
    await expect(by_id(page, "hazard-send")).to_be_disabled()
    await by_id(page, "hazard-note").fill("拆除门锁，更换灭火器")
    await by_id(page, "hazard-send").click()
    await expect(state).to_have_text("整改中")
    order = page.locator("li[data-testid=hazard-order]")
    await expect(order).to_contain_text("责改〔2026〕1号")
    # The letter, as it is printed.
    await by_id(page, "hazard-letter").click()
    paper = by_id(page, "hazard-paper")
    await expect(paper).to_contain_text("责令整改通知书")
    await expect(paper).to_contain_text("东社区：")
    await expect(paper).to_contain_text("拆除门锁，更换灭火器")

    await sign_in(page, address, "community_worker", path)
    await by_id(page, "hazard-rectify").click()
    await by_id(page, "hazard-note").fill("门锁已拆除")
    await by_id(page, "hazard-send").click()
    await expect(state).to_have_text("待复查")
    await sign_in(page, address, "inspector", path)
    await by_id(page, "hazard-recheck").click()
    await expect(by_id(page, "hazard-fail")).to_be_disabled()
    await by_id(page, "hazard-pass").click()
    await expect(state).to_have_text("待销号")
    await by_id(page, "hazard-write_off").click()
    await by_id(page, "hazard-send").click()
    await expect(state).to_have_text("已销号")
    await expect(by_id(page, "timeline-entry").filter(has_text="隐患销号")).to_have_count(1)

    # Each number opens the list behind it.
    await page.goto(f"{address}/natures")
    first = by_id(page, "hazard-month").first
    await expect(first).to_contain_text("2026-05")
    await expect(by_id(page, "compared-line")).to_have_count(1)
    await first.get_by_test_id("count-written_off").click()
    await expect(by_id(page, "hazard-row")).to_have_count(1)
    await expect(by_id(page, "hazard-row")).to_contain_text("已销号")
    await expect(first.get_by_test_id("count-open")).to_have_count(0)
    await page.set_viewport_size(NARROW)
    assert await sideways(page) <= 0
    await page.goto(f"{address}{path}")
    await expect(by_id(page, "hazard-panel")).to_be_visible()
    assert await sideways(page) <= 0


async def test_an_officer_corrects_what_a_case_is(
    page: Page, address: str, runtime: Runtime
) -> None:
    path = await a_case(runtime, BLOCKED)
    await sign_in(page, address, "dispatcher", path)
    await by_id(page, "nature-change").click()
    await page.locator(".ant-select-item-option").filter(has_text="问题").click()
    await expect(by_id(page, "nature-word")).to_have_text("问题")
    await expect(by_id(page, "hazard-panel")).to_have_count(0)
    await expect(by_id(page, "timeline-entry").filter(has_text="更正性质")).to_have_count(1)


async def test_a_party_of_a_dispute_is_one_recorded_click_away_and_on_no_list(
    page: Page, address: str, runtime: Runtime
) -> None:
    path = await a_case(runtime, QUARREL)
    await sign_in(page, address, "community_worker", path)
    state = by_id(page, "dispute-state")
    await expect(state).to_have_text("待确定调解")
    await by_id(page, "dispute-assign").click()
    await choose(by_id(page, "dispute-kind"), "邻里")
    await by_id(page, "dispute-send").click()
    await expect(state).to_have_text("调解中")
    await by_id(page, "dispute-add-party").click()
    await by_id(page, "party-name").fill(NAME)
    await by_id(page, "party-phone").fill(PHONE)
    await by_id(page, "party-send").click()
    party = by_id(page, "dispute-party")
    await expect(party).to_contain_text("申请人")
    await expect(page.get_by_text(NAME)).to_have_count(0)
    await by_id(page, "dispute-visit").click()
    await by_id(page, "dispute-note").fill(SAID)
    await by_id(page, "dispute-send").click()
    await expect(by_id(page, "dispute-record")).to_have_count(1)
    await by_id(page, "dispute-agree").click()
    await by_id(page, "dispute-note").fill(AGREED)
    await by_id(page, "dispute-send").click()
    await expect(state).to_have_text("已达成协议")
    await expect(page.get_by_text(AGREED)).to_have_count(0)
    await party.get_by_test_id("reveal-party_name").click()
    await by_id(page, "reveal-submit").click()
    await expect(by_id(page, "shown-party_name")).to_contain_text(NAME)
    await page.set_viewport_size(NARROW)
    assert await sideways(page) <= 0

    await page.goto(f"{address}/natures?tab=disputes")
    await expect(by_id(page, "disputes-empty")).to_be_visible()
    await choose(by_id(page, "disputes-ended"), "已有结果")
    row = by_id(page, "dispute-row")
    await expect(row).to_contain_text("1 人")
    await expect(page.get_by_text(re.compile(f"{NAME}|{PHONE}"))).to_have_count(0)
    assert await sideways(page) <= 0
