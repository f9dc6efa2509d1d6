"""Why is it due then? All clocks of a case on its page, and the condition picked there."""

from __future__ import annotations

import os
from datetime import timedelta

import httpx
from browser_helpers import by_id, sign_in
from playwright.async_api import Page, expect
from resolve.test_clocks import HEAPS, do, handled, opened, swept

from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime


async def test_the_clocks_stand_on_the_page_with_their_steps(
    page: Page, address: str, runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case = await handled(runtime, client, HEAPS)
    await do(client, "department_handler", case, "ask_extension", note="等吊车")
    await do(client, "dispatcher", case, "grant_extension")
    clock.advance(timedelta(hours=1))
    until = (clock.now() + timedelta(days=20)).isoformat()
    await do(client, "department_handler", case, "ask_suspension", note="等审批", until=until)
    await sign_in(page, address, "dispatcher", f"/cases/{case['id']}")
    own = by_id(page, "clock-handle")
    await expect(own).to_contain_text("还剩")
    await expect(own).to_contain_text("已延期 1 次")
    await own.locator("summary").click()
    await expect(own).to_contain_text("批准延期，增加 5 个工作日。")
    asked = by_id(page, "clock-request")
    await expect(asked.last).to_contain_text("待审批")
    if folder := os.environ.get("SW_SCREENSHOTS"):
        await page.screenshot(path=f"{folder}/clocks-running.png")
    await do(client, "dispatcher", case, "grant_suspension")
    await expect(own).to_contain_text("停表，还剩")
    await expect(by_id(page, "suspended-until")).to_contain_text("到期自动恢复")
    await expect(by_id(page, "case-state")).to_contain_text("挂账中")
    if folder := os.environ.get("SW_SCREENSHOTS"):
        await page.screenshot(path=f"{folder}/clocks-suspended.png")
    clock.advance(timedelta(days=21))
    await swept(runtime)
    await expect(by_id(page, "case-state")).to_contain_text("处理中")
    await expect(by_id(page, "suspended-until")).to_have_count(0)


async def test_the_condition_that_is_picked_moves_the_deadline(
    page: Page, address: str, runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await opened(runtime, client, "urban-management:P-01-01")
    await sign_in(page, address, "dispatcher", f"/cases/{case['id']}")
    own = by_id(page, "clock-handle")
    await expect(own).to_contain_text("5月11日 12:00")
    await by_id(page, "condition-pick").click()
    await page.get_by_title("松动、异响（2 个工作日）").click()
    await expect(own).to_contain_text("5月13日 10:00")
    await expect(by_id(page, "condition-pick")).to_contain_text("松动、异响")
