"""The same problem told through four channels is one case with four answered voices.

The rows come in as they do every day: files by the import screen, the call by the telephone form.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

from browser_helpers import by_id, choose, sign_in
from playwright.async_api import Locator, Page, expect

from streetwise.kernel.runtime import Runtime

#: Whether each channel tells it in words of its own. False: triage joins exact repeats only, so
#: the three files repeat one text; the call is joined by the officer in any case.
OWN_WORDS = True

ONE_TEXT = "梧桐路12号门前的路灯坏了三天了，晚上看不见路，请尽快修理。"
TEXTS = {
    "hotline": "来电人反映梧桐路12号门前路灯不亮已有三天，夜间出行不便，要求尽快维修。",
    "petition": "梧桐路12号门口的路灯三天前熄灭，至今无人修理，老人夜里不敢出门，请予以解决。",
    "wechat": "梧桐路12号门前路灯坏了，黑灯瞎火三天了",
    "phone": "梧桐路12号门口路灯不亮好几天了",
}
AT = "2026-05-11 09:{minute}:00"

#: Says what was told, found and done, but not why; that is advice, and locks nothing.
UNEXPLAINED = (
    "您好，您反映的梧桐路12号门前路灯不亮的问题，城管科5月11日到现场查看，发现灯泡烧坏，"
    "当天已更换灯泡，路灯已恢复照明。"
)
ANSWER = f"{UNEXPLAINED}该路灯由城管科负责养护，再有问题请拨打12345。"
#: What must never go out: a neighbour's name, number and flat.
THEIRS = "（邻居王建国，电话13912345678，可以作证。）"


def text_of(channel: str) -> str:
    return TEXTS[channel] if OWN_WORDS else ONE_TEXT


def files(folder: Path) -> list[tuple[str, Path]]:
    """(mapping's title, file) of each channel that comes by file."""
    at = iter(AT.format(minute=minute) for minute in (10, 20, 30))
    rows = {
        "12345 工单": {
            "工单编号": "HL2026051100017", "来电时间": next(at), "标题": "路灯不亮",
            "诉求内容": text_of("hotline"), "事发地址": "梧桐路12号", "诉求人": "",
            "办理时限": "2026-05-12 18:00:00", "答复内容": "", "答复时间": "", "办结时间": "",
            "紧急程度": "24小时", "派单时间": "2026-05-11 09:15:00", "更新时间": "",
            "工单状态": "办理中", "是否联系": "", "是否解决": "", "满意度": "",
            "回访时间": "", "剔除状态": "", "剔除理由": "",
        },
        "信访件": {
            "信访编号": "XF20260511003", "登记时间": next(at), "标题": "反映路灯问题",
            "信访内容": text_of("petition"), "问题属地": "梧桐路12号", "信访人": "",
            "答复期限": "2026-07-10 18:00:00", "答复意见": "", "答复时间": "", "办结时间": "",
            "转送时间": "2026-05-11 09:25:00", "办理状态": "已转送",
        },
        "街道来件": {
            "编号": "W1", "渠道": "wechat", "时间": next(at), "标题": "路灯坏了",
            "内容": text_of("wechat"), "经度": "116.905", "纬度": "40.105",
        },
    }  # fmt: skip
    found = []
    for mapping, row in rows.items():
        path = folder / f"{mapping}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(row))
            writer.writeheader()
            writer.writerow(row)
        found.append((mapping, path))
    return found


async def bring(page: Page, mapping: str, path: Path, imported: int) -> None:
    """Import a file on the screen, and wait until its row has found its case."""
    await choose(by_id(page, "import-mapping"), mapping)
    await by_id(page, "import-file").set_input_files(path)
    await expect(page.locator(".im-drop")).to_contain_text(path.name)
    await by_id(page, "import-start").click()
    rows = by_id(page, "import-row")
    await expect(rows).to_have_count(imported)
    await expect(rows.first).to_contain_text("已完成")


def voice(page: Page, way: str) -> Locator:
    return page.locator(f'[data-testid="answer-voice"][data-way="{way}"]')


async def do(page: Page, action: str, **filled: str) -> None:
    """Take an action of the case's bar."""
    await by_id(page, f"action-{action}").click()
    for field, words in filled.items():
        await by_id(page, field).fill(words)
    if action in ("dispatch", "report"):
        await by_id(page, "submit-action").click()


async def test_four_channels_are_one_case_with_four_answered_voices(
    page: Page, address: str, runtime: Runtime, tmp_path: Path
) -> None:
    await sign_in(page, address, "dispatcher", "/imports")
    for imported, (mapping, path) in enumerate(files(tmp_path), start=1):
        await bring(page, mapping, path, imported)
    await page.goto(f"{address}/cases?state=open")
    await expect(by_id(page, "case-row")).to_have_count(1)

    # The caller is told that it is known, and joins.
    await page.goto(f"{address}/phone")
    await by_id(page, "phone-text").fill(text_of("phone"))
    await by_id(page, "phone-place").fill("梧桐路12")
    await by_id(page, "phone-place-option").first.click()
    await by_id(page, "phone-contact").fill("13800138000")
    await expect(by_id(page, "known-case")).to_have_count(1)
    await page.keyboard.press("Alt+1")
    await page.keyboard.press("Control+Enter")
    await expect(by_id(page, "phone-done")).to_have_attribute("data-joined", "true")
    await page.get_by_text("打开事件").click()
    await expect(page).to_have_url(re.compile("/cases/[0-9a-f-]{36}"))
    case = page.url.removeprefix(address)

    # Four voices, each with its own way and, where it has one, its own clock.
    await expect(by_id(page, "answers-count")).to_have_text("0/4 已答复")
    await expect(by_id(page, "answer-voice")).to_have_count(4)
    await expect(voice(page, "work_order")).to_contain_text("还剩")
    await expect(voice(page, "petition")).to_contain_text("还剩")
    await expect(voice(page, "call")).to_contain_text("联系方式")
    await expect(voice(page, "message")).to_contain_text("待答复")

    # Before it is done, only how far it is can be told.
    await voice(page, "call").get_by_test_id("answer-open").click()
    give = by_id(page, "answer-give")
    await expect(give).to_have_text("中间答复")
    await by_id(page, "answer-text").fill("您好，路灯问题已派城管科处理，办完后再答复您。")
    await give.click()
    await expect(voice(page, "call")).to_have_attribute("data-state", "interim")
    await expect(by_id(page, "answers-count")).to_have_text("0/4 已答复")

    await do(page, "accept")
    await do(page, "dispatch")
    await expect(by_id(page, "case-state")).to_contain_text("待签收")
    await sign_in(page, address, "department_handler", case)
    await do(page, "start")
    await do(page, "report", **{"note-input": "经查灯泡烧坏，已更换灯泡，路灯恢复照明。"})
    await expect(by_id(page, "case-state")).to_contain_text("待核查")
    # Who does not answer sees how far it is, and has no form.
    await expect(by_id(page, "answer-voice")).to_have_count(4)
    await expect(by_id(page, "answer-open")).to_have_count(0)

    await sign_in(page, address, "duty_officer", case)
    for answered, way in enumerate(("call", "message", "petition", "work_order"), start=1):
        await voice(page, way).get_by_test_id("answer-open").click()
        text = by_id(page, "answer-text")
        await expect(text).to_be_focused()
        await expect(text).to_have_value(re.compile("路灯"))  # the draft knows the case
        if answered == 1:
            await text.fill(UNEXPLAINED)
            explained = page.locator('[data-testid="answer-mark"][data-mark="explained"]')
            await expect(explained).to_have_attribute("data-met", "false")
            await expect(explained).to_contain_text("没有说依据、职责或原因")
            await expect(give).to_be_enabled()
            await text.fill(ANSWER + THEIRS)
            blocked = by_id(page, "answer-blocked")
            await expect(blocked.locator("mark")).to_have_text(["王建国", "13912345678"])
            await expect(give).to_be_disabled()
            await blocked.last.click()
            chosen = "e => e.value.slice(e.selectionStart, e.selectionEnd)"
            assert await text.evaluate(chosen) == "13912345678"
        await text.fill(ANSWER)
        marks = page.locator('[data-testid="answer-mark"][data-met="true"]')
        await expect(marks).to_have_count(3)
        await expect(give).to_be_enabled()
        await text.press("Control+Enter")
        await expect(voice(page, way)).to_have_attribute("data-state", "given")
        await expect(by_id(page, "answers-count")).to_have_text(f"{answered}/4 已答复")

    # The order and the petition wait for upstream; all four stand in the story.
    states = by_id(page, "order-state")
    await expect(states).to_have_count(2)
    for n in range(2):
        await expect(states.nth(n)).to_contain_text("已答复，待上级确认")
    story = by_id(page, "timeline-entry")
    await expect(story.filter(has_text="答复诉求人")).to_have_count(3)  # one of them interim
    await expect(story.filter(has_text=re.compile("答复工单"))).to_have_count(2)
    await expect(page.get_by_text("13912345678")).to_have_count(0)
    answer = await page.context.request.get(f"{address}/api/v1{case}")
    assert (await answer.json())["voices"] == 4
