"""The desk in a real browser: a problem that came back, one cause for several, no network."""

from __future__ import annotations

import pytest
from browser.test_desk import asked, item, lamps, near, nothing_left
from browser_helpers import by_id, sign_in
from helpers import OURS, SYSTEM, report, spot, take_in_rows
from playwright.async_api import Page, expect
from resolve.test_causes import lamps as yard
from sqlalchemy import text

from streetwise.kernel.runtime import Runtime
from streetwise.resolve.merging.causes import look

LAMP = ("路灯不亮", "路灯坏了三天了，晚上看不见路，请尽快处理。")
LAMP_AGAIN = ("路灯又不亮", "路灯又坏了，晚上看不见路，请尽快处理。")


async def came_back(page: Page, runtime: Runtime) -> None:
    """The lamp of the first message was mended; days later somebody tells of it again."""
    await take_in_rows(runtime, [report("1", *LAMP, **spot(1))])
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        # Verified as the loop leaves it, then closed by its own action.
        await uow.session.execute(text("UPDATE cases SET state = 'verified', doubts = '{}'"))
    api = f"{page.url.split('/', 3)[0]}//{page.url.split('/', 3)[2]}/api/v1"
    case = (await (await page.request.get(f"{api}/cases")).json())["items"][0]
    answer = await page.request.post(
        f"{api}/cases/{case['id']}/actions/close",
        headers={**OURS, "If-Match": f'"{case["version"]}"'},
        data={},
    )
    assert answer.ok, await answer.text()
    await take_in_rows(
        runtime, [report("2", *LAMP_AGAIN, **near(1, 0.0), at="2026-05-14 21:30:00")]
    )


#: Said yes, the old case is opened again and takes the new message in; said no, they are two.
@pytest.mark.parametrize(
    ("key", "title", "said"), [("j", LAMP[0], "重开"), ("n", LAMP_AGAIN[0], "不是同一件")]
)
async def test_whether_it_has_come_back_is_told_by_one_key(
    page: Page, address: str, runtime: Runtime, key: str, title: str, said: str
) -> None:
    await sign_in(page, address, "dispatcher")
    await came_back(page, runtime)
    await page.goto(f"{address}/desk")
    await item(page, LAMP_AGAIN[0]).click()
    await asked(page, "again")
    question = by_id(page, "desk-question")
    await expect(question).to_contain_text("是这件办结的事又出现了吗？")
    await expect(by_id(page, "desk-offer")).to_contain_text(LAMP[0])
    await expect(by_id(page, "desk-offer")).to_contain_text("已结案")
    await page.keyboard.press(key)
    await nothing_left(page)
    # What was said of it cannot be taken back here, and the desk says so.
    await page.keyboard.press("u")
    await expect(by_id(page, "desk-page")).to_contain_text("上一步不能撤销")
    await page.goto(f"{address}/cases?state=open")
    await page.get_by_role("link", name=title, exact=True).click()
    await expect(by_id(page, "timeline-entry").filter(has_text=said).first).to_be_visible()


async def test_without_a_network_nothing_that_was_decided_is_lost(
    page: Page, address: str, runtime: Runtime
) -> None:
    """The decision comes back to the front with a sentence, and goes through when the line does."""
    await take_in_rows(runtime, lamps())
    await sign_in(page, address, "dispatcher", "/desk")
    await item(page, "灯坏了").click()
    await asked(page, "merge")
    await page.context.set_offline(True)
    await expect(by_id(page, "live-status")).to_have_attribute("data-status", "offline")
    await page.keyboard.press("j")
    failed = by_id(page, "desk-failed")
    await expect(failed).to_contain_text("没有保存")
    await expect(failed).to_contain_text("没有联系上服务器")
    # The question is there still, with what it is about.
    await asked(page, "merge")
    await expect(by_id(page, "desk-offer")).to_contain_text("路灯不亮")
    await expect(by_id(page, "desk-counter")).to_have_attribute("data-done", "0")
    await page.context.set_offline(False)
    await expect(by_id(page, "live-status")).not_to_have_attribute("data-status", "offline")
    await page.keyboard.press("j")
    await nothing_left(page)
    await page.goto(f"{address}/cases?state=open")
    await expect(by_id(page, "case-row")).to_have_count(1)


async def test_one_cause_is_decided_at_the_desk_and_taken_back(
    page: Page, address: str, runtime: Runtime
) -> None:
    """By keys alone: which of them is the parent, yes, and back."""
    told = await yard(runtime)
    await look(runtime)
    await sign_in(page, address, "dispatcher", "/desk")
    await asked(page, "cause")
    await expect(by_id(page, "cause-case")).to_have_count(3)
    chosen = by_id(page, "desk-question").locator('[aria-pressed="true"]')
    await expect(chosen).to_have_attribute("data-id", "new")
    await page.keyboard.press("2")
    await expect(chosen).to_have_attribute("data-id", str(told[1].id))
    await page.keyboard.press("j")
    await nothing_left(page)
    await page.keyboard.press("u")
    await asked(page, "cause")
    await page.keyboard.press("n")
    await nothing_left(page)
    await page.goto(f"{address}/cases/{told[0].id}")
    await expect(by_id(page, "timeline-entry").filter(has_text="不是同一原因")).to_be_visible()


async def test_one_cause_is_decided_where_merges_are_reviewed(
    page: Page, address: str, runtime: Runtime
) -> None:
    """With a case that is opened for it; and one click takes it back."""
    told = await yard(runtime)
    await look(runtime)
    await sign_in(page, address, "dispatcher", "/merges")
    await expect(by_id(page, "open-cause")).to_contain_text(told[2].number)
    await page.keyboard.press("j")
    await expect(by_id(page, "merges-done")).to_contain_text("已挂在")
    await expect(by_id(page, "open-cause")).to_have_count(0)
    await by_id(page, "merges-undo").click()
    await expect(by_id(page, "merges-done")).to_contain_text("已撤销")
    await expect(by_id(page, "open-cause")).to_have_count(1)
    # The same on the page of one of them.
    await page.goto(f"{address}/cases/{told[1].id}")
    await by_id(page, "case-cause").get_by_role("button", name="是，挂在一起").click()
    await expect(by_id(page, "why-said")).to_contain_text("已挂到")
    await expect(by_id(page, "why-panel")).to_contain_text("同因：路灯不亮等 3 件")
