"""A petition's letter in a real browser: made out on the case page, opened, printed."""

from __future__ import annotations

import httpx
from browser_helpers import by_id, sign_in
from helpers import report, spot, take_in_rows
from helpers import sign_in as api_sign_in
from playwright.async_api import Page, expect
from resolve.test_answers import done, give, voices
from resolve.test_letters import NAME, WORDS, petition
from resolve.test_merging import cases

from streetwise.kernel.runtime import Runtime

TEXT = "梧桐路的路灯坏了三天，晚上看不见路，请尽快来修。"


async def test_a_letter_is_made_out_opened_and_printed(
    page: Page, address: str, runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await take_in_rows(runtime, [report("S1", "路灯", TEXT, channel="petition", **spot(1))])
    (case,) = await cases(runtime)
    await done(client, str(case.id))
    await api_sign_in(client, "dispatcher")
    assert len((await voices(client, str(case.id)))["voices"]) == 1
    given = await give(client, str(case.id), await petition(client, str(case.id)), WORDS)
    assert given.status_code == 200, given.text
    await sign_in(page, address, "dispatcher", f"/cases/{case.id}")
    await by_id(page, "letter-open").click()
    await by_id(page, "letter-decision").check()
    await by_id(page, "letter-addressee").fill(NAME)
    await page.keyboard.press("Enter")
    await expect(by_id(page, "letter-link")).to_contain_text("信访事项处理意见书 信处〔2026〕1号")
    await expect(page.get_by_text("出具意见书 信处〔2026〕1号")).to_be_visible()
    await expect(page.get_by_text(NAME)).to_have_count(0)
    await by_id(page, "letter-link").click()
    paper = by_id(page, "letter-paper")
    await expect(paper).to_contain_text("乙街道")
    await expect(paper).to_contain_text("2026年5月11日")
    await expect(paper).not_to_contain_text(NAME)
    # The name is opened for a purpose, in the line of the addressee, and in the text.
    await expect(by_id(page, "reveal-name")).to_have_count(2)
    await by_id(page, "reveal-name").first.click()
    await by_id(page, "reveal-submit").click()
    await expect(by_id(page, "shown-name").first).to_contain_text(NAME)
    # On paper stands the letter alone, with the name and without the screen's buttons.
    await page.emulate_media(media="print")
    await expect(paper.locator("h1")).to_be_visible()
    await expect(by_id(page, "letter-print")).to_be_hidden()
    await expect(by_id(page, "shown-name").first).to_contain_text(NAME)
    await expect(by_id(page, "copy-value")).to_be_hidden()
    # What was not opened prints no words of the screen, but a line to be filled in.
    await expect(by_id(page, "reveal-name")).to_have_css("font-size", "0px")
    printed = await page.pdf(prefer_css_page_size=True)
    assert printed.startswith(b"%PDF")


async def test_a_petition_is_extended_in_writing(
    page: Page, address: str, runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await take_in_rows(runtime, [report("S1", "路灯", TEXT, channel="petition", **spot(1))])
    (case,) = await cases(runtime)
    await sign_in(page, address, "dispatcher", f"/cases/{case.id}")
    await by_id(page, "notice-extension").click()
    await by_id(page, "notice-addressee").fill(NAME)
    await expect(by_id(page, "notice-submit")).to_be_disabled()
    await by_id(page, "notice-text").fill("情况复杂，需请专业机构检测，延长办理期限30日。")
    await by_id(page, "notice-submit").click()
    await expect(by_id(page, "notice")).to_contain_text("延期办理告知书 信延〔2026〕1号")
    await expect(page.get_by_text("信访件延期30日，已书面告知")).to_be_visible()
    await by_id(page, "notice").get_by_role("link").click()
    await expect(by_id(page, "letter-paper")).to_contain_text("需请专业机构检测")
