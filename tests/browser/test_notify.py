"""The bell rings without asking, leads to the case, and is set in the account page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from browser_helpers import by_id, sign_in
from helpers import SYSTEM, report, take_in_rows
from notify.telling import HANDLER, message, tell, viewer_named
from playwright.async_api import Page, expect
from sqlalchemy import select

from streetwise.kernel.runtime import Runtime
from streetwise.kernel.settings import Settings
from streetwise.resolve.actions import act
from streetwise.resolve.inputs import Inputs, Item
from streetwise.resolve.tables import Case


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With a mail server (where nobody answers) and text messages."""
    given = {
        "notify_smtp_host": "127.0.0.1", "notify_smtp_port": 1, "notify_sms": "file",
        "notify_smtp_from": "streetwise@example.cn", "notify_attempts": 1,
    }  # fmt: skip
    return settings.model_copy(update=given)


async def dispatch(runtime: Runtime) -> str:
    """A new case for the handler's unit; its number."""
    await take_in_rows(runtime, [report("B-1", "路灯不亮", "第一盏灯坏了")])
    viewer = await viewer_named(runtime, "dispatcher")
    async with runtime.database.read(SYSTEM) as session:
        case = (await session.execute(select(Case))).scalar_one()
    for version, (action, inputs) in enumerate(
        [("accept", Inputs()), ("dispatch", Inputs(unit="dep1"))], start=case.version
    ):
        async with runtime.database.unit_of_work(viewer) as uow:
            items = [Item(case.id, version)]
            result = await act(uow, viewer, runtime.keys, action, items, replace(inputs))
            assert not result.refused
    return case.number


async def test_the_bell_rings_and_leads_to_the_case(
    page: Page, address: str, runtime: Runtime
) -> None:
    await sign_in(page, address, HANDLER)
    await expect(by_id(page, "bell")).to_be_visible()
    await expect(by_id(page, "unread")).to_have_count(0)
    await expect(by_id(page, "live-status")).to_have_attribute("data-status", "live")
    number = await dispatch(runtime)
    await expect(by_id(page, "unread")).to_have_text("1")
    await by_id(page, "bell").click()
    await expect(by_id(page, "notification")).to_contain_text(f"派遣：{number}")
    await by_id(page, "notification").click()
    await expect(page.get_by_role("heading", name="路灯不亮")).to_be_visible()
    await expect(by_id(page, "bell-panel")).to_have_count(0)
    await expect(by_id(page, "unread")).to_have_count(0)


async def test_preferences_and_a_test_message(page: Page, address: str, runtime: Runtime) -> None:
    viewer = await viewer_named(runtime, HANDLER)
    assert viewer.staff_id is not None
    await tell(runtime, *(message([viewer.staff_id], f"AJ-{n}") for n in range(2)))
    await sign_in(page, address, HANDLER)
    await expect(by_id(page, "unread")).to_have_text("2")
    await by_id(page, "bell").click()
    await by_id(page, "read-all").click()
    await expect(by_id(page, "unread")).to_have_count(0)
    await by_id(page, "bell-settings").click()
    await by_id(page, "case.dispatched:email").check()
    await by_id(page, "save-notify").click()
    await expect(by_id(page, "notify")).to_contain_text("所选的渠道需要您的地址")
    await by_id(page, "notify-email").fill("somebody@example.cn")
    await by_id(page, "quiet").check()
    await by_id(page, "quiet-to").fill("06:30")
    await by_id(page, "save-notify").click()
    await expect(by_id(page, "notify")).to_contain_text("已保存")
    await page.reload()
    await expect(by_id(page, "case.dispatched:email")).to_be_checked()
    await expect(by_id(page, "quiet-to")).to_have_value("06:30")
    await expect(by_id(page, "notify-email")).to_have_attribute("placeholder", "s***@example.cn")
    await by_id(page, "test-notify").click()
    await expect(by_id(page, "unread")).to_have_text("1")
    # Nobody answers at the mail server: said where it is looked for.
    await by_id(page, "bell").click()
    await expect(by_id(page, "notification").first).to_contain_text("邮件：未送达（对方连不上）")
