"""The ways back as people walk them: returned, given to another, units called and released, ended
without "fixed", opened again."""

from __future__ import annotations

import os
from pathlib import Path

from browser_helpers import by_id, choose, sign_in
from helpers import report, take_in_rows
from playwright.async_api import Page, expect

from streetwise.kernel.runtime import Runtime

#: Where screenshots are wanted, they go here.
SHOTS = os.environ.get("STREETWISE_TEST_SHOTS")


async def shot(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png")


async def state(page: Page, words: str) -> None:
    await expect(by_id(page, "case-state")).to_contain_text(words)


async def test_returned_whistled_ended_otherwise_and_opened_again(
    page: Page, address: str, runtime: Runtime
) -> None:
    """One case on a long way, every step by its own people on the screen."""
    await take_in_rows(runtime, [report("1", "路灯不亮", "梧桐路的路灯坏了三天了，晚上看不见路。")])
    await sign_in(page, address, "dispatcher", "/cases?state=open")
    await by_id(page, "case-row").first.click()
    await by_id(page, "action-accept").click()
    case = page.url.removeprefix(address)
    await by_id(page, "action-dispatch").click()
    await by_id(page, "submit-action").click()
    await state(page, "待签收")

    # The department returns it, with a ground, and sees it no more.
    await sign_in(page, address, "department_handler", case)
    await by_id(page, "action-return").click()
    await by_id(page, "note-input").fill("这条路的灯归路灯管理所。")
    await by_id(page, "submit-action").click()
    await expect(page.get_by_text("请选择理由")).to_be_visible()
    await shot(page, "return")
    await choose(by_id(page, "ground-select"), "不属本单位职责")
    await by_id(page, "submit-action").click()
    await page.wait_for_url("**/cases?state=open")
    await expect(by_id(page, "case-row")).to_have_count(0)

    # To the community, then to the department again: the dispatcher sees that it bounces.
    await sign_in(page, address, "dispatcher", case)
    await state(page, "待派遣")
    await by_id(page, "action-dispatch").click()
    await choose(by_id(page, "unit-select"), "东社区")
    await by_id(page, "submit-action").click()
    await state(page, "待签收")
    await by_id(page, "action-reassign").click()
    await choose(by_id(page, "unit-select"), "城管科")
    await by_id(page, "submit-action").click()
    await expect(by_id(page, "bounces")).to_contain_text("反复退派")
    await shot(page, "bounces")
    await page.goto(f"{address}/cases?state=open")
    await expect(by_id(page, "row-bounces")).to_be_visible()
    await shot(page, "list")

    # It signs for it, so it leads; the street whistles for the second community.
    await sign_in(page, address, "department_handler", case)
    await by_id(page, "action-start").click()
    await state(page, "处理中")
    await sign_in(page, address, "dispatcher", case)
    await by_id(page, "action-whistle").click()
    await choose(by_id(page, "ground-select"), "应急处置")
    await choose(by_id(page, "units-select"), "西社区")
    await page.keyboard.press("Tab")
    await by_id(page, "note-input").fill("请到现场疏导交通。")
    await shot(page, "whistle")
    await by_id(page, "submit-action").click()
    await expect(by_id(page, "party")).to_contain_text("待报到")

    await sign_in(page, address, "worker2", case)
    await by_id(page, "action-arrive").click()
    await expect(by_id(page, "party")).to_contain_text("已报到")
    await by_id(page, "action-co-report").click()
    await by_id(page, "note-input").fill("已疏导。")
    await by_id(page, "submit-action").click()
    await expect(by_id(page, "party")).to_contain_text("待放行")
    await shot(page, "party")

    # The lead reports nothing before it has released who came.
    await sign_in(page, address, "department_handler", case)
    await expect(by_id(page, "action-release")).to_be_visible()
    await expect(by_id(page, "action-report")).to_have_count(0)
    await by_id(page, "action-release").click()
    await choose(by_id(page, "units-select"), "西社区")
    await page.keyboard.press("Tab")
    await by_id(page, "submit-action").click()
    await expect(by_id(page, "party")).to_contain_text("已放行")
    await expect(by_id(page, "action-report")).to_be_visible()

    # It is nobody's here: ended with the name of the right body; and opened again.
    await sign_in(page, address, "dispatcher", case)
    await by_id(page, "action-close-otherwise").click()
    await choose(by_id(page, "outcome-select"), "不属职责")
    await by_id(page, "body-input").fill("市路灯管理所")
    await by_id(page, "note-input").fill("已电话告知诉求人。")
    await shot(page, "close_otherwise")
    await by_id(page, "submit-action").click()
    await state(page, "已结案")
    await expect(by_id(page, "outcome")).to_contain_text("市路灯管理所")
    await by_id(page, "action-reopen").click()
    await choose(by_id(page, "ground-select"), "诉求人反映未解决")
    await by_id(page, "submit-action").click()
    await state(page, "待派遣")
    for words in ("退回：不属本单位职责", "改派至 城管科", "召集", "放行", "重开：诉求人"):
        await expect(by_id(page, "timeline-entry").filter(has_text=words).first).to_be_visible()
    await shot(page, "reopened")
