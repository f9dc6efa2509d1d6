"""The vault on the screen: one value for a minute, and what its administrators see."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from browser_helpers import by_id, sign_in
from helpers import report, take_in_rows
from playwright.async_api import Locator, Page, expect

from streetwise.gather.mapping import mapping_named
from streetwise.kernel.runtime import Runtime

pytestmark = pytest.mark.browser

MOBILE, ID_CARD, CONTACT = "13800138000", "110101198506158774", "13911112222"


@pytest_asyncio.fixture(loop_scope="session")
async def case_title(runtime: Runtime) -> str:
    """A case whose text names numbers, from a reporter who left one."""
    how = mapping_named("street-reports")
    how = replace(how, columns={**how.columns, "reporter": "联系方式"})
    text = f"𠮷先生反映路灯不亮，请回电{MOBILE}，身份证{ID_CARD}，晚上看不清路"
    row = report("A-1", "路灯不亮", text, lon=116.905, lat=40.105)
    await take_in_rows(runtime, [{**row, "联系方式": f"张女士 {CONTACT}"}], mapping=how)
    return "路灯不亮"


async def shot(page: Page, name: str) -> None:
    """A picture to look at, where somebody wants one (SW_SHOTS names a folder)."""
    if folder := os.environ.get("SW_SHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png")


def in_story(page: Page, test_id: str) -> Locator:
    """The first in the text; the contact log beside it has the reporter's own number."""
    return page.locator(".ca-story").get_by_test_id(test_id).first


async def open_case(page: Page, address: str, login: str, title: str) -> None:
    await sign_in(page, address, login, "/cases?state=open")
    await page.get_by_text(title).first.click()
    await expect(by_id(page, "case-number")).to_be_visible()


@pytest.mark.own_context  # its clock stays in it
async def test_a_number_is_shown_for_a_minute_by_keyboard_alone(
    page: Page, address: str, case_title: str
) -> None:
    await page.clock.install()
    await open_case(page, address, "duty_officer", case_title)
    token = in_story(page, "reveal-mobile")
    await expect(token).to_be_visible()
    await shot(page, "vault-1-tokens")
    await token.focus()
    await page.keyboard.press("Enter")
    await expect(by_id(page, "purpose-call_back")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(by_id(page, "purpose-contact_on_site")).to_be_checked()
    await shot(page, "vault-2-ask")
    await page.keyboard.press("Enter")
    shown = in_story(page, "shown-mobile")
    await expect(shown).to_contain_text(MOBILE)
    await expect(shown).to_contain_text("已留痕")
    await by_id(page, "copy-value").first.click()
    await expect(by_id(page, "copy-value").first).to_have_text("已复制")
    await shot(page, "vault-3-shown")
    # The purpose is remembered on this page: the next value is Enter, Enter.
    await by_id(page, "reveal-id_card").focus()
    await page.keyboard.press("Enter")
    await expect(by_id(page, "purpose-contact_on_site")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(by_id(page, "shown-id_card")).to_contain_text(ID_CARD)
    await page.clock.run_for(61_000)
    await expect(page.get_by_text(MOBILE)).to_have_count(0)
    await expect(page.get_by_text(ID_CARD)).to_have_count(0)
    await expect(in_story(page, "reveal-mobile")).to_be_visible()


async def test_another_purpose_asks_why_and_escape_closes(
    page: Page, address: str, case_title: str
) -> None:
    await open_case(page, address, "duty_officer", case_title)
    await by_id(page, "reveal-original").click()
    await by_id(page, "purpose-other").check()
    await expect(by_id(page, "reveal-submit")).to_be_disabled()
    await by_id(page, "reveal-reason").fill("jk 街道要求复核")
    await shot(page, "vault-4-reason")
    await by_id(page, "reveal-submit").click()
    await expect(by_id(page, "shown-original")).to_contain_text("晚上看不清路")
    await shot(page, "vault-5-original")
    await by_id(page, "reveal-id_card").click()
    await page.keyboard.press("Escape")
    await expect(by_id(page, "reveal-form")).to_have_count(0)
    await expect(by_id(page, "case-number")).to_be_visible()


async def test_who_may_not_open_sees_the_masked_text(
    page: Page, address: str, case_title: str
) -> None:
    await open_case(page, address, "dispatcher", case_title)
    await expect(in_story(page, "reveal-mobile")).to_be_visible()
    await expect(by_id(page, "reveal-id_card")).to_have_count(0)
    await expect(by_id(page, "reveal-original")).to_have_count(0)
    await open_case(page, address, "street_commander", case_title)
    await expect(page.locator("mark.ca-mask").first).to_be_visible()
    await expect(by_id(page, "reveal-mobile")).to_have_count(0)


async def test_the_steward_destroys_and_the_case_says_so(
    page: Page, address: str, case_title: str
) -> None:
    await sign_in(page, address, "data_steward", "/admin/vault")
    await expect(by_id(page, "count-items")).to_have_text("1")
    await by_id(page, "forget-value").fill("13000000000")
    await by_id(page, "forget-look").click()
    await expect(by_id(page, "forget-nothing")).to_be_visible()
    await by_id(page, "forget-value").fill(CONTACT)
    await by_id(page, "forget-look").click()
    await by_id(page, "forget-reason").fill("本人申请")
    await shot(page, "vault-6-forget")
    await by_id(page, "forget-sure").click()
    await expect(by_id(page, "forget-done")).to_be_visible()
    await expect(by_id(page, "count-items_forgotten")).to_have_text("1")
    await shot(page, "vault-7-forgotten")
    await open_case(page, address, "duty_officer", case_title)
    await expect(by_id(page, "forgotten")).to_have_text("已按规定销毁")
    await expect(by_id(page, "reveal-mobile")).to_have_count(0)
    await shot(page, "vault-8-case")


async def test_the_security_administrator_changes_the_keys(
    page: Page, address: str, case_title: str
) -> None:
    await sign_in(page, address, "security_admin", "/admin/vault")
    await expect(by_id(page, "generation")).to_contain_text("第 1 代")
    await by_id(page, "rotate").click()
    await by_id(page, "rotate-sure").click()
    await expect(by_id(page, "rotated")).to_contain_text("共 2 把")
    await expect(by_id(page, "generation")).to_contain_text("第 2 代")
    await shot(page, "vault-9-rotated")
    await open_case(page, address, "duty_officer", case_title)
    await in_story(page, "reveal-mobile").click()
    await by_id(page, "reveal-submit").click()
    await expect(in_story(page, "shown-mobile")).to_contain_text(MOBILE)
    await sign_in(page, address, "audit_admin", "/admin/vault")
    await expect(by_id(page, "vault-uses")).to_contain_text("回访核实")
    await expect(by_id(page, "vault-uses")).not_to_contain_text(MOBILE)
    await shot(page, "vault-10-uses")
