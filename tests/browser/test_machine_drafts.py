"""What a model writes is shown as machine-written text, and does nothing by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from browser_helpers import by_id, sign_in
from helpers import report, take_in_rows
from playwright.async_api import Dialog, Page, expect
from resolve.test_assist import MOBILE, Model, a_model, http, saying

from streetwise.kernel.runtime import Runtime

HOSTILE = (
    f'<img src=x onerror="alert(1)">您好，您反映的路灯不亮问题，经查看发现灯泡烧坏，'
    f"已更换。请找{MOBILE}。"
)


@pytest_asyncio.fixture(loop_scope="session")
async def model() -> AsyncIterator[Model]:
    async with a_model() as one:
        yield one


async def test_a_draft_of_a_machine_is_text_that_somebody_must_check(
    page: Page, address: str, runtime: Runtime, model: Model
) -> None:
    opened: list[str] = []

    async def seen(dialog: Dialog) -> None:
        opened.append(dialog.message)
        await dialog.dismiss()

    page.on("dialog", seen)
    runtime.settings.assist_url = model.url
    await take_in_rows(runtime, [report("1", "路灯不亮", "路灯坏了三天", channel="wechat")])
    await sign_in(page, address, "dispatcher", "/cases?state=open")
    await by_id(page, "case-row").first.click()

    model.answer = saying("路灯坏了三天，还没有派人。")
    await by_id(page, "assist-summary").click()
    said = by_id(page, "assist-said")
    await expect(said).to_contain_text("机器起草")
    await expect(said).to_contain_text("还没有派人")

    await by_id(page, "answer-open").click()
    before = await by_id(page, "answer-text").input_value()
    model.answer = lambda body: http(b"no model", "500 Internal Server Error")
    await by_id(page, "assist-draft").click()
    await expect(page.get_by_text("起草服务忙或有故障")).to_be_visible()
    assert await by_id(page, "answer-text").input_value() == before

    model.answer = saying(HOSTILE)
    await by_id(page, "assist-draft").click()
    await expect(by_id(page, "answer-machine")).to_be_visible()
    text = by_id(page, "answer-text")
    await expect(text).to_have_value(HOSTILE.replace(MOBILE, "[手机]"))
    # Kept only because the officer keeps it, and then as what it is.
    await by_id(page, "answer-save").click()
    await expect(by_id(page, "answer-voice")).to_have_attribute("data-state", "draft")
    await expect(by_id(page, "timeline-entry").filter(has_text="onerror")).to_be_visible()
    await page.reload()
    await by_id(page, "answer-open").click()
    await expect(by_id(page, "answer-machine")).to_be_visible()
    await expect(page.locator("img[src=x]")).to_have_count(0)
    await by_id(page, "answer-withdraw").click()
    await expect(by_id(page, "answer-voice")).to_have_attribute("data-state", "none")
    assert opened == []
