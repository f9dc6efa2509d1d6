"""The thin path as people walk it: a file goes in, a case is closed, the timeline is complete."""

from __future__ import annotations

import re
from pathlib import Path

from browser_helpers import by_id, choose, sign_in, sign_in_by_form
from helpers import OURS, TEST_PASSWORD
from PIL import Image
from playwright.async_api import Page, expect

from streetwise.kernel.runtime import Runtime

CSV = """\
编号,渠道,时间,标题,内容,经度,纬度
A1,hotline12345,2026-05-11 09:00:00,路灯不亮,梧桐路的路灯坏了三天了，晚上看不见路。,,
A2,wechat,2026-05-11 09:20:00,垃圾桶满溢,松柏小区垃圾桶满溢，电话13800138000。,116.915,40.105
A3,wechat,昨天,时间不对,这一行的时间读不出来，应当隔离。,,
"""
STEPS = ["case.opened", "case.accepted", "case.dispatched", "case.started"]
STEPS += ["case.reported", "case.verified", "case.closed"]


async def import_file(page: Page, path: Path) -> None:
    """Import a file on the screen and wait for its line in the list."""
    await choose(by_id(page, "import-mapping"), "街道来件")
    await by_id(page, "import-file").set_input_files(path)
    await expect(page.locator(".im-drop")).to_contain_text(path.name)
    await by_id(page, "import-start").click()
    row = by_id(page, "import-row").first
    await expect(row).to_contain_text("已完成")
    await expect(row).to_contain_text("查看 1 行")


async def test_from_a_file_to_a_closed_case(
    page: Page, address: str, runtime: Runtime, tmp_path: Path
) -> None:
    """Dispatcher imports and dispatches, the unit reports with a photo, the inspector verifies."""
    file = tmp_path / "来件.csv"
    file.write_text(CSV, encoding="utf-8")
    photo = tmp_path / "fixed.jpg"
    Image.new("RGB", (640, 480), "#456").save(photo)

    await sign_in_by_form(page, address, "dispatcher", "/imports")
    await import_file(page, file)

    await page.goto(f"{address}/cases?state=open")
    rows = by_id(page, "case-row")
    await expect(rows).to_have_count(2)
    await rows.filter(has_text="路灯不亮").click()
    await expect(page).to_have_url(re.compile("/cases/[0-9a-f-]{36}"))
    case = page.url.removeprefix(address)
    await by_id(page, "action-accept").click()
    await by_id(page, "action-dispatch").click()
    # The matrix suggests the department for lamps; it is chosen already.
    await expect(by_id(page, "unit-select")).to_contain_text("城管科")
    await by_id(page, "submit-action").click()
    await expect(by_id(page, "case-state")).to_contain_text("待签收")

    await sign_in_by_form(page, address, "department_handler", case)
    await by_id(page, "action-start").click()
    await by_id(page, "action-report").click()
    await by_id(page, "note-input").fill("灯泡已更换，现场恢复。")
    await by_id(page, "photo-input").set_input_files(photo)
    await expect(page.locator(".ca-draft")).to_have_count(1)
    await expect(page.locator(".ca-draft figcaption")).to_have_count(0)  # uploaded
    await by_id(page, "submit-action").click()
    await expect(by_id(page, "case-state")).to_contain_text("待核查")

    await sign_in(page, address, "inspector", case)
    await expect(page.locator('img[src^="/api/v1/files/"]').first).to_be_visible()
    await by_id(page, "action-verify-pass").click()
    await expect(by_id(page, "closing-point").first).to_be_visible()
    for point in await by_id(page, "closing-point").all():
        await point.click()
    await by_id(page, "submit-action").click()
    await expect(by_id(page, "case-state")).to_contain_text("待结案")

    await sign_in(page, address, "dispatcher", case)
    await by_id(page, "action-close").click()
    await by_id(page, "submit-action").click()
    await expect(by_id(page, "case-state")).to_contain_text("已结案")
    answer = await page.context.request.get(f"{address}/api/v1{case}")
    assert [entry["action"] for entry in (await answer.json())["timeline"]] == STEPS
    for words in ("受理", "派遣至 城管科", "签收", "灯泡已更换", "核查通过", "结案"):
        await expect(by_id(page, "timeline-entry").filter(has_text=words).first).to_be_visible()


async def test_a_community_worker_on_a_phone(
    page: Page, address: str, runtime: Runtime, tmp_path: Path
) -> None:
    """A worker signs for and reports on a telephone; nothing scrolls sideways."""
    file = tmp_path / "来件.csv"
    file.write_text(CSV, encoding="utf-8")
    await sign_in(page, address, "dispatcher", "/imports")
    await import_file(page, file)
    await page.goto(f"{address}/cases?state=open&q=垃圾桶")
    await by_id(page, "case-row").first.click()
    await expect(page.get_by_text("13800138000")).to_have_count(0)
    await expect(page.get_by_text("手机").first).to_be_visible()
    case = page.url.removeprefix(address)
    await by_id(page, "action-accept").click()
    await by_id(page, "action-dispatch").click()
    await by_id(page, "submit-action").click()
    await expect(by_id(page, "case-state")).to_contain_text("待签收")

    await page.set_viewport_size({"width": 390, "height": 844})
    await sign_in(page, address, "community_worker", case)
    await by_id(page, "action-start").click()
    await by_id(page, "action-report").click()
    await by_id(page, "note-input").fill("已清运。")
    await by_id(page, "submit-action").click()
    await expect(by_id(page, "case-state")).to_contain_text("待核查")
    wide = await page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not wide


async def test_somebody_else_was_quicker(
    page: Page, address: str, runtime: Runtime, tmp_path: Path
) -> None:
    """The officer who comes second is told who did what, and sees the case as it is."""
    file = tmp_path / "来件.csv"
    file.write_text(CSV, encoding="utf-8")
    await sign_in(page, address, "dispatcher", "/imports")
    await import_file(page, file)
    await page.goto(f"{address}/cases?q=路灯")
    await by_id(page, "case-row").first.click()
    await by_id(page, "action-accept").wait_for()
    case = page.url.removeprefix(address)

    # The page is cut off from the live feed and does not hear that the other one acts.
    await page.route("**/api/v1/live**", lambda route: route.abort())
    await page.reload()
    await by_id(page, "action-accept").wait_for()
    other = await page.context.browser.new_context()  # type: ignore[union-attr]
    form = {"login": "dispatcher2", "password": TEST_PASSWORD}
    await other.request.post(f"{address}/api/v1/session", data=form)
    answer = await other.request.post(
        f"{address}/api/v1{case}/actions/accept", data={}, headers={"If-Match": '"1"', **OURS}
    )
    assert answer.ok
    await other.close()

    await by_id(page, "action-accept").click()
    await expect(by_id(page, "action-problem")).to_contain_text("派遣员乙")
