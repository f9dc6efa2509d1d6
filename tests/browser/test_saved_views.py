"""Saved views of the list of cases, a case on paper, and its history as a file."""

from __future__ import annotations

import re

from browser_helpers import by_id, sign_in
from helpers import report, spot, take_in_rows
from playwright.async_api import Page, expect
from resolve.test_merging import cases

from streetwise.kernel.runtime import Runtime

TEXT = "梧桐路的路灯坏了三天，联系我13800138000，晚上看不见路。"


async def test_a_view_is_saved_and_opened_again(page: Page, address: str) -> None:
    await sign_in(page, address, "dispatcher", "/cases?state=accepted&due=overdue")
    await by_id(page, "views-open").click()
    await by_id(page, "view-name").fill("待派且超期")
    await by_id(page, "view-shared").check()
    await by_id(page, "view-save").click()
    await expect(by_id(page, "view")).to_have_text("待派且超期")
    # A colleague of the same unit finds it there.
    await sign_in(page, address, "dispatcher2", "/cases?state=open")
    await by_id(page, "views-open").click()
    await by_id(page, "view").click()
    await expect(page).to_have_url(re.compile("state=accepted&due=overdue"))


async def test_a_case_goes_on_paper_and_into_a_file(
    page: Page, address: str, runtime: Runtime
) -> None:
    await take_in_rows(runtime, [report("S1", "路灯", TEXT, channel="wechat", **spot(1))])
    (case,) = await cases(runtime)
    await sign_in(page, address, "dispatcher", f"/cases/{case.id}")
    await by_id(page, "history-menu").click()
    async with page.expect_download() as taking:
        await by_id(page, "history-csv").click()
    taken = await taking.value
    assert taken.suggested_filename == f"{case.number}.csv"
    await expect(by_id(page, "timeline-entry").filter(has_text="导出全程")).to_have_count(1)
    await by_id(page, "history-menu").click()
    await by_id(page, "history-print").click()
    paper = by_id(page, "print-paper")
    await expect(paper).to_contain_text("路灯坏了三天")
    await expect(paper).not_to_contain_text("13800138000")
    await expect(paper).to_contain_text("导出全程")
    await page.set_viewport_size({"width": 390, "height": 844})
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await page.evaluate(wide) <= 0
    await page.emulate_media(media="print")
    await expect(paper).to_be_visible()
    await expect(page.locator(".pt-head")).to_be_hidden()


async def test_nobody_is_to_be_called_about_what_one_of_us_reported(
    page: Page, address: str, runtime: Runtime
) -> None:
    await take_in_rows(runtime, [report("S1", "路灯", TEXT, channel="grid_worker", **spot(1))])
    (case,) = await cases(runtime)
    await sign_in(page, address, "dispatcher", f"/cases/{case.id}")
    await expect(by_id(page, "case-number")).to_be_visible()
    await expect(by_id(page, "timeline-entry").first).to_be_visible()
    await expect(by_id(page, "contacts-panel")).to_have_count(0)
