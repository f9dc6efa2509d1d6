"""Work orders and the telephone form in a real browser."""

from __future__ import annotations

import re
from typing import Any

from browser_helpers import by_id, sign_in
from helpers import report, take_in_rows
from playwright.async_api import Page, expect
from resolve.test_orders import bring, order

from streetwise.kernel.runtime import Runtime


class Keys:
    """A keyboard that counts; whatever the test types goes through it."""

    def __init__(self, page: Page) -> None:
        self._keyboard = page.keyboard
        self.strokes = 0

    async def type(self, text: str, strokes: int | None = None) -> None:
        """Type a text. ``strokes``: what an input method needs for it."""
        await self._keyboard.type(text)
        self.strokes += strokes if strokes is not None else len(text)

    async def press(self, key: str) -> None:
        await self._keyboard.press(key)
        self.strokes += 1


#: A trained typist, by the keystroke-level model: seconds a key, and to think before each field.
KEY_SECONDS, THINK_SECONDS = 1 / 3, 1.35
#: Pinyin takes about 2.4 keys a character with an input method that completes words.
PINYIN = 2.4

#: What sets the orders of a file apart: three problems at three places.
OTHERS: tuple[dict[str, str], ...] = (
    {"诉求内容": "松柏家园门口的垃圾桶满了好几天，没有人来清理。", "事发地址": "松柏家园"},
    {},
    {"诉求内容": "湖心公园里的长椅断了一条腿，坐上去会摔。", "事发地址": "湖心公园"},
)


async def test_a_whole_call_by_keyboard_alone(page: Page, address: str, runtime: Runtime) -> None:
    await sign_in(page, address, "duty_officer")
    keys = Keys(page)
    # Nobody presses a key before the page is there.
    await expect(page.get_by_role("link", name="电话登记")).to_be_visible()
    await page.keyboard.press("Alt+n")
    await expect(by_id(page, "phone-text")).to_be_focused()
    words = "路灯不亮三天了"
    await keys.type(words, round(len(words) * PINYIN))
    await keys.press("Enter")
    await expect(by_id(page, "phone-place")).to_be_focused()
    await keys.type("梧桐路12", round(3 * PINYIN) + 2)
    await expect(by_id(page, "phone-place-option").first).to_contain_text("梧桐路12号")
    await keys.press("Enter")
    await expect(by_id(page, "phone-where")).to_contain_text("东社区 · g1 网格")
    await expect(by_id(page, "phone-contact")).to_be_focused()
    await keys.type("13800138000")
    await keys.press("Enter")
    await keys.type("王小明", round(3 * PINYIN))
    await expect(by_id(page, "phone-guess")).to_contain_text("灯")
    await keys.press("Control+Enter")
    number = by_id(page, "phone-number")
    await expect(number).to_have_text(re.compile(r"^\d{8}-0001$"))
    await expect(by_id(page, "phone-next")).to_be_focused()
    seconds = keys.strokes * KEY_SECONDS + 4 * THINK_SECONDS
    print(f"telephone form: {keys.strokes} keystrokes, {seconds:.0f} s")
    assert seconds < 30
    # Enter takes the next call; the form is empty, and nothing of the caller is kept.
    await keys.press("Enter")
    await expect(by_id(page, "phone-text")).to_have_value("")
    await expect(by_id(page, "phone-contact")).to_have_value("")
    kept = await page.evaluate(
        "JSON.stringify(sessionStorage) + JSON.stringify(localStorage) + location.href"
    )
    assert "13800138000" not in kept
    await page.goto(f"{address}/cases?state=open")
    row = by_id(page, "case-row").first
    await expect(row).to_contain_text("梧桐路12号")
    await row.click()
    await expect(page.get_by_text("希望电话答复")).to_be_visible()
    await expect(page.get_by_text("13800138000")).to_have_count(0)


async def test_what_is_known_here_is_shown_and_joined(
    page: Page, address: str, runtime: Runtime
) -> None:
    await take_in_rows(
        runtime, [report("1", "路灯不亮", "这里的路灯坏了三天", lon=116.9051, lat=40.1051)]
    )
    await sign_in(page, address, "duty_officer", "/phone")
    # The first attempt does not reach the server: the form stays as it is.
    await page.route("**/api/v1/signals/phone", lambda route: route.abort())
    await by_id(page, "phone-text").fill("路灯又不亮了")
    await by_id(page, "phone-place").fill("梧桐路")
    await page.keyboard.press("Tab")
    known = by_id(page, "known-case")
    await expect(known).to_have_count(1)
    await expect(known).to_contain_text("待受理")
    await expect(known).to_contain_text("附近")
    await page.keyboard.press("Alt+1")
    await expect(known).to_have_attribute("aria-pressed", "true")
    await page.keyboard.press("Control+Enter")
    await expect(by_id(page, "phone-problem")).to_be_visible()
    await expect(by_id(page, "phone-text")).to_have_value("路灯又不亮了")
    await page.unroute("**/api/v1/signals/phone")
    await page.keyboard.press("Control+Enter")
    await expect(by_id(page, "phone-done")).to_have_attribute("data-joined", "true")
    await page.get_by_text("打开事件").click()
    await expect(page.get_by_text("2 件来件")).to_be_visible()


async def test_an_order_from_the_list_to_its_answer(
    page: Page, address: str, runtime: Runtime
) -> None:
    rows: list[dict[str, Any]] = [
        order(f"HL{n}", 办理时限=f"2026-05-{12 + n} 18:00:00", **OTHERS[n]) for n in range(3)
    ]
    await bring(runtime, *rows)
    await sign_in(page, address, "duty_officer", "/orders")
    lines = by_id(page, "order-row")
    await expect(lines).to_have_count(3)
    await expect(lines.first).to_contain_text("还剩")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("/cases/[0-9a-f-]{36}"))
    panel = by_id(page, "order")
    await expect(panel).to_have_attribute("data-number", "HL1")
    # One way only: the panel of orders leads to the voice, where the answer is looked at first.
    await by_id(page, "order-to-answer").click()
    await expect(by_id(page, "answer-open")).to_be_focused()
    await page.keyboard.press("Enter")
    await by_id(page, "answer-text").fill("已更换灯泡，联系电话13800138000。")
    await by_id(page, "answer-give").click()
    await expect(by_id(page, "answer-form")).to_contain_text("个人信息")
    await by_id(page, "answer-text").fill("已更换灯泡，请放心。")
    await by_id(page, "answer-give").click()
    await expect(by_id(page, "order-state")).to_contain_text("已答复，待上级确认")
    await expect(page.get_by_text("13800138000")).to_have_count(0)
    await expect(by_id(page, "timeline-entry").filter(has_text="答复工单 HL1")).to_be_visible()
    # Upstream returns it: the overview brings it back to the desk.
    await bring(runtime, order("HL1", 工单状态="退回重办"))
    await page.goto(f"{address}/orders?attention=true")
    await expect(lines).to_have_count(1)
    await expect(lines).to_contain_text("上级退回")
    await page.goto(f"{address}/")
    await expect(by_id(page, "needs-me-row").first).to_contain_text("上级退回")
    await page.goto(f"{address}/orders?q=no-such-number")
    await expect(by_id(page, "orders-empty")).to_be_visible()
