"""The scores' page in a real browser: a month by hand, and the orders behind a number."""

from __future__ import annotations

from browser_helpers import by_id, sign_in
from helpers import take_in_rows
from playwright.async_api import Page, expect
from resolve.test_scores import called

from streetwise.kernel.runtime import Runtime
from streetwise.resolve.scores.actions import derive_facts


async def test_a_month_and_what_stands_behind_it(
    page: Page, address: str, runtime: Runtime
) -> None:
    rows = [
        called("HL1", "是", "是", "满意"),
        called("HL2", "是", "是", "基本满意"),
        called("HL3", "是", "否", "不满意"),
        called("HL4", "否", "否", "不满意", 剔除状态="已剔除", 剔除理由="不属本街道"),
    ]
    await take_in_rows(runtime, rows, mapping="hotline-orders")
    await derive_facts(runtime)
    await sign_in(page, address, "dispatcher", "/scores?month=2026-05&by=channel")
    await expect(by_id(page, "composite")).to_have_text("68.7")
    total = by_id(page, "score-total")
    await expect(total).to_contain_text("100.0%")
    await expect(total).to_contain_text("66.7%")
    await expect(by_id(page, "score-line")).to_have_count(1)
    await total.get_by_test_id("rate-solved").click()
    behind = by_id(page, "behind")
    await expect(behind).to_contain_text("解决率")
    first = by_id(page, "behind-row").first
    await expect(first).to_contain_text("HL3")
    await by_id(page, "score-excluded").click()
    await expect(by_id(page, "behind-row")).to_have_count(1)
    await expect(by_id(page, "behind-row")).to_contain_text("上级已剔除")
    await by_id(page, "score-by-unit").click()
    await expect(behind).to_have_count(0)
    await expect(by_id(page, "score-line")).to_have_count(1)
    await page.goto(f"{address}/scores?month=2026-01")
    await expect(by_id(page, "scores-empty")).to_be_visible()
