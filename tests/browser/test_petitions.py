"""A petition after its answer in a real browser: served, reviewed, revoked, decided again."""

from __future__ import annotations

from datetime import timedelta

import httpx
from browser.test_axe import findings
from browser_helpers import by_id, sign_in
from helpers import report, spot, take_in_rows
from helpers import sign_in as api_sign_in
from playwright.async_api import Page, expect
from resolve.test_answers import ANSWER, done, give
from resolve.test_letters import NAME, issue, petition
from resolve.test_merging import cases
from resolve.test_petitions import ASKED, TODAY, went

from streetwise.kernel.runtime import Runtime

TEXT = "梧桐路的路灯坏了三天，晚上看不见路，请尽快来修。"


async def answered_petition(runtime: Runtime, client: httpx.AsyncClient) -> str:
    await take_in_rows(runtime, [report("XF7", "路灯", TEXT, channel="petition", **spot(1))])
    (case,) = await cases(runtime)
    case_id = str(case.id)
    await done(client, case_id)
    await api_sign_in(client, "dispatcher")
    given = await give(client, case_id, await petition(client, case_id), ANSWER)
    assert given.status_code == 200, given.text
    assert (await issue(client, case_id, kind="decision")).status_code == 201
    return case_id


async def test_a_review_from_its_notice_to_a_new_opinion(
    page: Page, address: str, runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case_id = await answered_petition(runtime, client)
    await sign_in(page, address, "dispatcher", f"/cases/{case_id}")
    state = by_id(page, "petition-state")
    await expect(state).to_have_text("意见已出，待送达")
    await by_id(page, "petition-serve").click()
    # A day to come cannot even be chosen; the field says so.
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    await by_id(page, "petition-on").fill(tomorrow)
    await by_id(page, "petition-send").click()
    await expect(state).to_have_text("意见已出，待送达")
    await by_id(page, "petition-on").fill(TODAY.isoformat())
    await by_id(page, "petition-send").click()
    await expect(state).to_have_text("已送达")
    period = by_id(page, "period-ask_review")
    await expect(period).to_contain_text("可申请复查")
    await period.locator("summary").click()
    await expect(period).to_contain_text("处理意见 2026-05-11 送达，自次日起算。")
    await by_id(page, "petition-ask").click()
    await by_id(page, "petition-send").click()
    await expect(state).to_have_text("复查中，案卷待移交")
    review = by_id(page, "petition-review")
    await expect(review).to_contain_text("区人民政府")
    await expect(by_id(page, "clock-petition_file")).to_contain_text("移交案卷")
    await by_id(page, "petition-hand_over").click()
    await by_id(page, "petition-send").click()
    await expect(review).to_contain_text("2026\u201105\u201111 移交案卷")
    await by_id(page, "petition-outcome").click()
    await by_id(page, "petition-result").click()
    await page.get_by_title("撤销", exact=True).click()
    await by_id(page, "petition-send").click()
    await expect(state).to_have_text("待重新作出意见")
    await expect(by_id(page, "petition-outcome").first).to_contain_text("撤销")
    await by_id(page, "petition-opine").click()
    await by_id(page, "petition-addressee").fill(NAME)
    await by_id(page, "petition-text").fill(ANSWER)
    await by_id(page, "petition-text").press("Control+Enter")
    await expect(state).to_have_text("意见已出，待送达")
    await expect(by_id(page, "petition-opinion")).to_have_count(2)
    await expect(by_id(page, "petition-opinion").nth(1)).to_contain_text("信处〔2026〕2号")
    await expect(page.get_by_text("重新作出处理意见 信处〔2026〕2号")).to_be_visible()
    await expect(page.get_by_text(NAME)).to_have_count(0)


async def test_reviews_stand_beside_the_orders(
    page: Page, address: str, runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case_id = await answered_petition(runtime, client)
    await went(client, case_id, ("serve", {"how": "post"}), ASKED)
    await sign_in(page, address, "dispatcher", "/orders")
    await by_id(page, "orders-tab-petitions").click()
    row = by_id(page, "petition-row")
    await expect(row).to_contain_text("XF7")
    await expect(row).to_contain_text("移交案卷")
    assert await findings(page) == []
    await by_id(page, "petitions-ended").click()
    await expect(by_id(page, "petitions-empty")).to_contain_text("没有已终结的信访件")
    await expect(page).to_have_url(f"{address}/orders?view=petitions&what=ended")
    await by_id(page, "petitions-running").click()
    await row.get_by_role("link").click()
    await expect(by_id(page, "petition-state")).to_have_text("复查中，案卷待移交")
    assert await findings(page) == []
