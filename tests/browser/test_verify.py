"""Checking at the place with a photo, and calling reporters back, in a real browser."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from browser_helpers import by_id, sign_in
from helpers import OURS, TEST_PASSWORD
from playwright.async_api import Browser, Geolocation, Page, ViewportSize, expect
from resolve.test_call_backs import done, sent_texts
from resolve.test_loop import photo, step
from resolve.test_verify import reported

from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.resolve.callbacks import actions

NARROW = ViewportSize(width=390, height=844)
DESK = ViewportSize(width=1366, height=768)
#: Some 1.1 km north of the lamp that was reported.
ELSEWHERE = Geolocation(latitude=40.115, longitude=116.905, accuracy=10)


async def not_sideways(page: Page) -> None:
    assert await page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth"), (
        "the page scrolls sideways"
    )


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "lamp.png"
    path.write_bytes(photo())
    return path


def api(address: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"{address}/api/v1", headers=OURS)


@pytest.mark.parametrize("width", ["desk", "telephone"])
async def test_an_inspector_ticks_what_is_met_and_is_warned_where_the_photo_is_from_elsewhere(
    browser: Browser, address: str, runtime: Runtime, picture: Path, width: str
) -> None:
    async with api(address) as client:
        case = await reported(runtime, client)
    context = await browser.new_context(
        permissions=["geolocation"],
        geolocation=ELSEWHERE,
        locale="zh-CN",
        viewport=NARROW if width == "telephone" else DESK,
    )
    page = await context.new_page()
    await sign_in(page, address, "inspector", f"/cases/{case['id']}")
    await expect(by_id(page, "check-draw")).to_contain_text("抽查比例 98%")
    await by_id(page, "action-verify-pass").click()
    form = by_id(page, "verify-form")
    await expect(form).to_be_visible()
    await by_id(page, "photo-input").set_input_files(picture)
    await expect(by_id(page, "photo-far")).to_contain_text("约 1112 米")
    await by_id(page, "submit-action").click()
    await expect(form.get_by_role("alert")).to_contain_text("逐项核对结案条件")
    await expect(by_id(page, "case-state")).to_contain_text("待核查")
    for point in await by_id(page, "closing-point").all():
        await point.click()
    await not_sideways(page)
    await by_id(page, "submit-action").click()
    await expect(by_id(page, "check-way")).to_contain_text("核查通过（现场核查）")
    await expect(by_id(page, "photo-away").first).to_contain_text("距现场 1112 米")
    await not_sideways(page)
    await context.close()


async def test_nobody_is_stopped_who_does_not_say_where_they_are(
    page: Page, address: str, runtime: Runtime, picture: Path
) -> None:
    async with api(address) as client:
        case = await reported(runtime, client)
    await sign_in(page, address, "inspector", f"/cases/{case['id']}")
    await by_id(page, "action-verify-fail").click()
    await by_id(page, "photo-input").set_input_files(picture)
    await expect(by_id(page, "photo-unplaced")).to_contain_text("1 张照片没有位置")
    await by_id(page, "note-input").fill("还是不亮")
    await by_id(page, "submit-action").click()
    await expect(by_id(page, "case-state")).to_contain_text("处理中")
    await expect(by_id(page, "photo-away")).to_have_count(0)


async def test_a_reporter_is_called_back_and_the_case_is_opened_again(
    page: Page, address: str, runtime: Runtime, clock: HandClock
) -> None:
    runtime.settings.call_back_share_percent = 100.0
    async with api(address) as client:
        case = await done(runtime, client)
        await step(client, "dispatcher", case, "close")
    await actions.open_due(runtime)
    await sign_in(page, address, "inspector", "/call-backs")
    await by_id(page, "call-back-row").click()
    await expect(page).to_have_url(re.compile("/cases/"))
    panel = by_id(page, "call-back-panel")
    await panel.locator("summary").click()
    await expect(by_id(page, "call-back-script")).to_contain_text("您5月11日反映的")
    await by_id(page, "call-back-no_answer").click()
    await expect(by_id(page, "call-back").first).to_contain_text("无人接听")
    await by_id(page, "call-back-reached").click()
    await expect(by_id(page, "call-back-save")).to_be_disabled()
    await by_id(page, "ask-resolved").get_by_text("否", exact=True).click()
    await by_id(page, "ask-satisfied").get_by_text("不满意", exact=True).click()
    await by_id(page, "call-back-text").fill("还是不亮，另留电话13900139000")
    await by_id(page, "call-back-save").click()
    await expect(by_id(page, "call-back").first).to_contain_text("未解决 · 不满意")
    await expect(page.get_by_text("13900139000")).to_have_count(0)
    await by_id(page, "call-back-reopen").click()
    await expect(by_id(page, "case-state")).to_contain_text("待派遣")
    clock.advance(timedelta(seconds=1))
    await page.goto(f"{address}/call-backs?tab=estimates")
    await expect(by_id(page, "estimates").locator("tbody tr")).to_contain_text("0.0% (0/1)")
    await by_id(page, "call-backs-unresolved").click()
    await expect(by_id(page, "call-backs-empty")).to_be_visible()  # it is being worked on


async def test_a_resident_answers_two_questions_on_a_telephone(
    browser: Browser, address: str, runtime: Runtime
) -> None:
    runtime.settings.notify_sms = "file"
    runtime.settings.public_url = address
    async with api(address) as client:
        case = await done(runtime, client)
        await client.post("/session", json={"login": "inspector", "password": TEST_PASSWORD})
        sent = await client.post(f"/cases/{case['id']}/call-backs/{case['signals'][0]['id']}/link")
        assert sent.status_code == 201, sent.text
    link = sent_texts(runtime)[-1]["text"].rpartition("：")[2]
    context = await browser.new_context(viewport=NARROW, locale="zh-CN")
    page = await context.new_page()
    await page.goto(link)
    form = by_id(page, "public-back")
    await expect(form).to_contain_text("乙街道")
    await expect(form).to_contain_text("您 5 月 11 日反映的问题")
    await expect(form).not_to_contain_text("路灯")
    await not_sideways(page)
    await expect(by_id(page, "public-back-send")).to_be_disabled()
    await by_id(page, "resolved-true").check()
    await by_id(page, "satisfied-basically").check()
    await by_id(page, "public-back-send").click()
    await expect(by_id(page, "public-back-done")).to_contain_text("谢谢您的答复")
    await page.goto("about:blank")
    await page.goto(link)
    await expect(by_id(page, "public-back-over")).to_contain_text("链接已失效")
    await context.close()
