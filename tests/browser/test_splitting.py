"""Splitting a case on its page, on a phone's width: sentence by sentence, and it is two."""

from __future__ import annotations

from browser_helpers import by_id, sign_in
from helpers import report, spot, take_in_rows
from playwright.async_api import Page, expect
from sqlalchemy import select

from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.tables import Case

LAMP = "梧桐路12号门口的路灯坏了三天了，晚上看不见路。"
BIN = "旁边的垃圾桶满了好几天没有人来清运，味道很大。"
SYSTEM = Viewer.system("test")


async def test_a_case_is_split_sentence_by_sentence_on_a_phone(
    page: Page, address: str, runtime: Runtime
) -> None:
    await take_in_rows(runtime, [report("1", "路灯和垃圾桶", LAMP + BIN, **spot(1))])
    async with runtime.database.read(SYSTEM) as session:
        case = (await session.execute(select(Case))).scalar_one()
    await page.set_viewport_size({"width": 390, "height": 780})
    await sign_in(page, address, "dispatcher", f"/cases/{case.id}")
    await by_id(page, "split").click()
    pieces = by_id(page, "split-piece")
    await expect(pieces).to_have_count(2)
    # Nothing is said of the second problem yet: it cannot be split.
    await expect(by_id(page, "split-empty")).to_contain_text("问题 2")
    await expect(by_id(page, "split-do")).to_be_disabled()
    await pieces.nth(1).get_by_role("combobox").select_option("1")
    await by_id(page, "split-problem").nth(1).get_by_label("问题 2 的标题").fill("垃圾桶满溢")
    box = await by_id(page, "split-form").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 390
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await by_id(page, "split-do").click()
    await expect(by_id(page, "why-said")).to_contain_text("已拆案")
    async with runtime.database.read(SYSTEM) as session:
        found = (await session.execute(select(Case).order_by(Case.id))).scalars().all()
    assert [one.title for one in found] == ["路灯和垃圾桶", "垃圾桶满溢"]
    await expect(by_id(page, "why-said")).to_contain_text(found[1].number)
    assert [one.voices for one in found] == [1, 1]
