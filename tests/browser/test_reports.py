"""The reports' page in a real browser: ordered, made, read and downloaded; and a narrow screen."""

from __future__ import annotations

import io
from datetime import timedelta

from browser_helpers import by_id, sign_in
from docx import Document
from helpers import run_jobs, take_in_rows
from playwright.async_api import Page, expect
from resolve.test_scores import called

from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime

NARROW = 390


async def test_a_report_is_ordered_read_and_downloaded(
    page: Page, address: str, runtime: Runtime, clock: HandClock
) -> None:
    orders = [called(f"HL{n}", "是", "是" if n < 5 else "否", "满意") for n in range(6)]
    await take_in_rows(runtime, orders, mapping="hotline-orders")
    clock.advance(timedelta(days=8))
    await sign_in(page, address, "dispatcher", "/reports")
    await expect(by_id(page, "reports-empty")).to_be_visible()
    await by_id(page, "report-make-kind").click()
    await page.get_by_title("月报", exact=True).click()
    await by_id(page, "report-make").click()
    await expect(by_id(page, "report-waiting")).to_be_visible()
    await run_jobs(runtime)
    line = by_id(page, "report-line")
    await expect(line).to_contain_text("月报 2026-05（考核月）")
    async with page.expect_download() as begun:
        await by_id(page, "report-docx").click()
    download = await begun.value
    assert download.suggested_filename == "monthly-2026-05-1.docx"
    document = Document(io.BytesIO((await download.path()).read_bytes()))
    said = "解决率 83.3%、满意率 100.0%"
    assert any(said in one.text for one in document.paragraphs)
    await line.get_by_role("link").first.click()
    paper = by_id(page, "report")
    await expect(paper).to_contain_text(said)
    await expect(paper.get_by_role("img").first).to_be_visible()
    await page.set_viewport_size({"width": NARROW, "height": 800})
    await expect(paper.get_by_role("heading", level=1)).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= NARROW
    await page.goto(f"{address}/reports?kind=daily")
    await expect(by_id(page, "reports-empty")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= NARROW


async def test_who_only_reads_is_offered_nothing_to_make(
    page: Page, address: str, runtime: Runtime
) -> None:
    await sign_in(page, address, "inspector", "/reports")
    await expect(by_id(page, "reports-empty")).to_be_visible()
    await expect(by_id(page, "report-make")).to_have_count(0)
