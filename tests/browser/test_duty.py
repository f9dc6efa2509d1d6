"""The duty room in a real browser: log, hand-over by two and a reader, notes, incidents, sound."""

from __future__ import annotations

import os
from pathlib import Path

import httpx
from browser_helpers import by_id, choose, sign_in
from helpers import OURS, past_the_walls
from helpers import sign_in as sign_in_quietly
from playwright.async_api import Browser, Page, expect
from resolve.test_duty import dispatched, urgent_case

from streetwise.kernel.runtime import Runtime

PHONE = "13800138000"
#: This Chromium lets every page sound; others do so only once somebody has clicked.
FORBIDDEN = """
    let touched = false;
    addEventListener("click", () => { touched = true; }, true);
    Object.defineProperty(BaseAudioContext.prototype, "state", {
        get: () => (touched ? "running" : "suspended"),
    });
"""


async def picture(page: Page, name: str) -> None:
    """For people who look: only where a folder is named."""
    folder = os.environ.get("SW_TEST_PICTURES")
    if folder:
        await page.screenshot(path=Path(folder) / f"{name}.png")


async def narrow(browser: Browser, address: str, login: str, path: str, name: str) -> None:
    """The page on a telephone: nothing sticks out at the side."""
    context = await browser.new_context(locale="zh-CN", viewport={"width": 390, "height": 844})
    page = await context.new_page()
    await sign_in(page, address, login, path)
    await page.wait_for_load_state("networkidle")
    await picture(page, name)
    wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide
    await context.close()


async def test_a_shift_is_logged_handed_over_taken_and_read(
    page: Page, address: str, runtime: Runtime, browser: Browser, client: httpx.AsyncClient
) -> None:
    case = await urgent_case(runtime)
    with past_the_walls(runtime) as connection:
        connection.execute("UPDATE staff SET roles = '{duty_officer}' WHERE login = 'dispatcher2'")
        connection.commit()
    await sign_in(page, address, "duty_officer", "/duty")
    await by_id(page, "log-text").fill(f"区总值班室来电询问火情，回电{PHONE}")
    await by_id(page, "log-case").fill(case.number)
    await by_id(page, "log-write").click()
    line = by_id(page, "log-line")
    await expect(line).to_contain_text("区总值班室来电询问火情")
    await expect(line).to_contain_text(case.number)
    await expect(page.get_by_text(PHONE)).to_have_count(0)
    await expect(by_id(page, "open-count-urgent")).to_have_text("1")
    await picture(page, "shift")
    await by_id(page, "handover-open").click()
    await by_id(page, "handover-text").fill("火情现场留人看守")
    await by_id(page, "handover-give").click()
    waiting = by_id(page, "handover-waiting")
    await expect(waiting).to_contain_text("还没有人接班签字")
    # Who gave it has no button to take it.
    await expect(by_id(page, "handover-take")).to_have_count(0)
    await picture(page, "waiting")
    await narrow(browser, address, "duty_officer", "/duty", "waiting-narrow")

    await page.context.clear_cookies()
    await sign_in(page, address, "dispatcher2", "/duty")
    await by_id(page, "handover-take").click()
    await expect(waiting).to_have_count(0)
    await page.context.clear_cookies()
    await sign_in(page, address, "street_commander", "/duty")
    await by_id(page, "handover-to-read").click()
    await expect(by_id(page, "handover-page")).to_contain_text("火情现场留人看守")
    await by_id(page, "open-urgent").get_by_role("button").click()
    await expect(by_id(page, "open-item")).to_contain_text(case.number)
    await by_id(page, "handover-read").click()
    await expect(by_id(page, "handover-read")).to_have_count(0)
    await expect(by_id(page, "handover-page")).to_contain_text("街道指挥长甲")
    await picture(page, "handover")


async def test_a_leaders_note_is_given_reported_and_checked_off(
    page: Page, address: str, runtime: Runtime, browser: Browser, client: httpx.AsyncClient
) -> None:
    case_id = await dispatched(runtime, client)
    await sign_in(page, address, "street_commander", f"/cases/{case_id}")
    await by_id(page, "directive-new").click()
    await choose(by_id(page, "directive-kind"), "督办")
    await by_id(page, "directive-text").fill("今日务必办结，并报结果")
    await by_id(page, "directive-give").click()
    await expect(by_id(page, "directive")).to_contain_text("今日务必办结")
    await expect(by_id(page, "directive-state")).to_have_text("办理中")
    await expect(by_id(page, "timeline-entry").last).to_contain_text("批示、督办")
    await picture(page, "case-directive")
    async with httpx.AsyncClient(base_url=f"{address}/api/v1", headers=OURS) as unit:
        await sign_in_quietly(unit, "department_handler")
        (one,) = (await unit.get("/directives")).json()["items"]
        done = await unit.post(
            f"/directives/{one['id']}/report",
            json={"text": "已处置完毕"},
            headers={"If-Match": f'"{one["version"]}"'},
        )
        assert done.status_code == 200, done.text
    await page.goto(f"{address}/duty?tab=directives")
    await expect(by_id(page, "directive-state")).to_have_text("已反馈，待核销")
    await picture(page, "directives")
    await narrow(browser, address, "street_commander", "/duty?tab=directives", "directives-narrow")
    await by_id(page, "directive-pass").click()
    await by_id(page, "directive-send").click()
    await expect(by_id(page, "directives-empty")).to_be_visible()
    await by_id(page, "directives-done").click()
    await expect(by_id(page, "directive-state")).to_have_text("已核销")


async def test_an_incident_is_reported_told_and_printed(
    page: Page, address: str, runtime: Runtime, browser: Browser
) -> None:
    case = await urgent_case(runtime)
    await sign_in(page, address, "duty_officer", f"/cases/{case.id}")
    await by_id(page, "incident-new").click()
    await choose(by_id(page, "incident-new-level"), "较大")
    await by_id(page, "incident-open").click()
    await expect(by_id(page, "incident-report")).to_have_attribute("data-kind", "first")
    await expect(by_id(page, "incident-tell")).to_have_count(3)
    # In writing only once it is written; by telephone at once.
    await expect(by_id(page, "incident-told").nth(2)).to_be_disabled()
    await by_id(page, "incident-told").first.click()
    await expect(by_id(page, "incident-tell").first).to_contain_text("街道值班员甲")
    await by_id(page, "incident-text").fill("电线杆起火，消防已到场，无人员伤亡。")
    await by_id(page, "incident-write").click()
    await expect(by_id(page, "incident-report")).to_have_count(2)
    await picture(page, "case-incident")
    await page.goto(f"{address}/duty?tab=incidents")
    await expect(by_id(page, "incident")).to_contain_text(case.number)
    await picture(page, "incidents")
    await narrow(browser, address, "duty_officer", "/duty?tab=incidents", "incidents-narrow")
    await by_id(page, "incident-print").click()
    paper = by_id(page, "incident-paper")
    await expect(paper).to_contain_text("突发事件信息报告")
    await expect(paper).to_contain_text("带班领导（电话")
    await picture(page, "incident-paper")


async def test_what_is_urgent_sounds_until_it_is_acknowledged(
    page: Page, address: str, runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await dispatched(runtime, client)
    await sign_in(page, address, "department_handler")
    alarm = by_id(page, "bell-alarm")
    await expect(alarm).to_have_attribute("data-alarm", "sounding")
    # A page that nobody has touched may not sound: it says so, and a click allows it.
    fresh = await page.context.new_page()
    await fresh.add_init_script(FORBIDDEN)
    await fresh.goto(address)
    await expect(by_id(fresh, "bell-alarm")).to_have_attribute("data-alarm", "blocked")
    await picture(fresh, "sound-blocked")
    await by_id(fresh, "sound-blocked").click()
    await expect(by_id(fresh, "bell-alarm")).to_have_attribute("data-alarm", "sounding")
    await fresh.close()
    # One is silenced for a while, and the bell still says that nobody took it up.
    await by_id(page, "bell").click()
    await by_id(page, "silence").click()
    await expect(by_id(page, "silenced")).to_be_visible()
    await expect(alarm).to_have_attribute("data-alarm", "silent")
    await expect(by_id(page, "bell")).to_have_attribute("title", "1 条紧急通知无人确认")
    await picture(page, "bell")
    await by_id(page, "acknowledge").click()
    await expect(by_id(page, "acknowledge")).to_have_count(0)
    await expect(by_id(page, "bell-panel")).to_contain_text("已确认")
