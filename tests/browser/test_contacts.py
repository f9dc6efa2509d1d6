"""The contact log, a contest and the reply in upstream's form, in a real browser."""

from __future__ import annotations

import re

from browser_helpers import by_id, choose, sign_in
from playwright.async_api import Page, expect
from resolve.test_further import give_to
from resolve.test_orders import bring, order

from streetwise.kernel.runtime import Runtime


async def open_order(page: Page) -> None:
    await by_id(page, "order-row").first.click()
    await expect(page).to_have_url(re.compile("/cases/[0-9a-f-]{36}"))
    await expect(by_id(page, "contacts-panel")).to_be_visible()


async def test_a_try_is_one_key_and_a_promise_has_its_day(
    page: Page, address: str, runtime: Runtime
) -> None:
    await bring(runtime, order(诉求人="王小明 13800138000"))
    await sign_in(page, address, "duty_officer", "/orders")
    await open_order(page)
    await page.keyboard.press("c")
    await expect(by_id(page, "contact-reached")).to_be_focused()
    await page.keyboard.press("2")
    tries = by_id(page, "contact")
    await expect(tries).to_have_count(1)
    await expect(tries.first).to_contain_text("无人接听")
    await expect(by_id(page, "contact-reached")).to_be_focused()
    await page.keyboard.press("1")
    await expect(by_id(page, "contact-text")).to_be_focused()
    await page.keyboard.type("已致歉，另留电话13900139000")
    await by_id(page, "contact-promise").fill("次日修好路灯")
    await expect(by_id(page, "contact-save")).to_be_disabled()
    await by_id(page, "contact-day").fill("2026-05-12")
    await page.keyboard.press("Control+Enter")
    await expect(tries).to_have_count(2)
    await expect(tries.first).to_contain_text("已联系上")
    await expect(by_id(page, "promise")).to_contain_text("次日修好路灯")
    await expect(page.get_by_text("13900139000")).to_have_count(0)
    told = by_id(page, "timeline-entry").filter(has_text="联系诉求人")
    await expect(told).to_have_count(2)
    # The number that was left on the phone is one recorded click away.
    await by_id(page, "contact").locator("[data-testid^=reveal-]").first.click()
    await by_id(page, "reveal-submit").click()
    await expect(by_id(page, "contacts-panel").get_by_text("13900139000")).to_be_visible()
    await by_id(page, "promise-kept").click()
    await expect(by_id(page, "promise")).to_contain_text("已落实")


async def test_a_pressed_order_is_contested_and_copied(
    page: Page, address: str, runtime: Runtime
) -> None:
    await bring(runtime, order())
    await give_to(runtime, "dep1")
    await bring(runtime, order(诉求内容="诉求人再次来电催办。"))
    await sign_in(page, address, "duty_officer", "/orders")
    await by_id(page, "orders-tab-urged").click()
    await expect(by_id(page, "order-urged")).to_contain_text("催办 1 次")
    await open_order(page)
    await expect(by_id(page, "timeline-entry").filter(has_text="被催办")).to_have_count(1)
    await by_id(page, "order-contest").click()
    await choose(by_id(page, "contest-form"), "不在本辖区")
    await by_id(page, "contest-text").fill("事发地在邻街道。")
    await by_id(page, "contest-submit").click()
    await expect(by_id(page, "order-state")).to_contain_text("异议审核中")
    await by_id(page, "order-copy").click()
    form = by_id(page, "reply-form")
    await expect(form).to_contain_text("必填，还没有内容")
    await expect(form).to_contain_text("承办单位")
    # Where the browser copies nothing, the text stands there, selected.
    await page.evaluate("() => { document.execCommand = () => false; }")
    await page.evaluate(
        "() => Object.defineProperty(navigator, 'clipboard',"
        " {value: {writeText: () => Promise.reject(new Error('no'))}})"
    )
    await by_id(page, "reply-copy").click()
    await expect(by_id(page, "reply-text")).to_be_visible()
    chosen = "() => { const a = document.activeElement; return a.selectionEnd - a.selectionStart }"
    await expect(by_id(page, "reply-text")).to_have_value(re.compile("工单编号：HL1"))
    await page.wait_for_function(f"({chosen})() > 10")
    # The handler hears of the pressing at once.
    await sign_in(page, address, "department_handler")
    await expect(by_id(page, "bell")).to_be_visible()
    await by_id(page, "bell").click()
    await expect(page.get_by_text("催单").first).to_be_visible()
