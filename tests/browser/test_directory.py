"""The directory on the screen: found, changed with its effects seen first, loaded and taken out."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from browser_helpers import by_id, choose, sign_in
from helpers import OURS, TEST_PASSWORD
from playwright.async_api import Locator, Page, expect

API = "/api/v1/directory"


async def record(page: Page, address: str, kind: str, code: str) -> dict[str, Any]:
    """A record as the server has it."""
    answer = await page.context.request.get(f"{address}{API}/records/{kind}/{code}")
    found: dict[str, Any] = await answer.json()
    return found


def row(page: Page, code: str) -> Locator:
    return page.locator(f'[data-testid="record-row"][data-code="{code}"]')


async def open_form(page: Page, address: str, login: str, kind: str, code: str) -> None:
    """The form of a record, by its address."""
    await sign_in(page, address, login, f"/directory?kind={kind}&code={code}&do=edit")
    await by_id(page, "record-form").wait_for()


async def add_alias(page: Page, alias: str) -> None:
    await by_id(page, "field-aliases").locator("input").fill(alias)
    await page.keyboard.press("Enter")


async def confirm(page: Page, reason: str) -> None:
    await by_id(page, "reason").fill(reason)
    await by_id(page, "confirm").click()
    await by_id(page, "applied").wait_for()


async def test_a_place_is_found_changed_and_its_history_told(page: Page, address: str) -> None:
    await sign_in(page, address, "data_steward", "/directory?kind=place")
    await expect(by_id(page, "record-row")).to_have_count(3)
    # By an alias; what is looked for stands in the address.
    await by_id(page, "record-search").fill("松柏小区")
    await expect(by_id(page, "record-row")).to_have_count(1)
    await expect(page).to_have_url(re.compile("q="))
    await row(page, "p2").click()
    await expect(page.locator('[data-testid="record-map"][data-ready]')).to_be_visible()
    await expect(by_id(page, "history-entry")).to_have_count(1)

    await by_id(page, "edit").click()
    await add_alias(page, "老松柏")
    await by_id(page, "form-review").click()
    change = by_id(page, "change-aliases")
    await expect(change.locator(".di-before")).to_have_text("松柏小区、松柏家园小区")
    await expect(change.locator(".di-after")).to_contain_text("松柏小区、松柏家园小区、老松柏")
    # Nothing holds before a reason is given.
    await expect(by_id(page, "confirm")).to_be_disabled()
    before = await record(page, address, "place", "p2")
    assert "老松柏" not in before["values"]["aliases"]

    await confirm(page, "居民都这样叫")
    after = await record(page, address, "place", "p2")
    assert after["values"]["aliases"] == ["松柏小区", "松柏家园小区", "老松柏"]
    assert {**after["values"], "aliases": before["values"]["aliases"]} == before["values"]
    await by_id(page, "applied-back").click()
    newest = by_id(page, "history-entry").first
    await expect(newest).to_contain_text("数据管理员甲")
    await expect(newest).to_contain_text("居民都这样叫")
    await expect(newest.get_by_test_id("change-aliases")).to_contain_text("老松柏")
    await expect(by_id(page, "fact-aliases")).to_contain_text("老松柏")


async def test_a_mistake_is_named_and_holds_everything_up(page: Page, address: str) -> None:
    await open_form(page, address, "data_steward", "place", "p1")
    await by_id(page, "lon").fill("416.905")
    await by_id(page, "field-numbers").locator("input").fill("乱写")
    await by_id(page, "form-review").click()
    mistakes = by_id(page, "mistakes")
    await expect(mistakes).to_contain_text("地名 p1：经纬度不在地球上")
    await expect(mistakes).to_contain_text("“门牌号”的写法认不出来")
    await by_id(page, "reason").fill("看看能不能写进去")
    await expect(by_id(page, "confirm")).to_be_disabled()
    # Mended, the rest of what was written is still there.
    await page.get_by_role("button", name="再改改").click()
    await expect(by_id(page, "lon")).to_have_value("416.905")
    await by_id(page, "lon").fill("116.9051")
    await by_id(page, "field-numbers").locator("input").fill("1-99 odd")
    await by_id(page, "form-review").click()
    await expect(by_id(page, "change-lon")).to_contain_text("116.9051")
    await expect(mistakes).to_have_count(0)
    await confirm(page, "路口重新测过")
    values = (await record(page, address, "place", "p1"))["values"]
    assert (values["lon"], values["numbers"]) == (116.9051, "1-99 odd")


async def test_what_must_not_end_says_what_needs_it(page: Page, address: str) -> None:
    """The other records that would notice are counted in words, and hold it up."""
    await sign_in(page, address, "data_steward", "/directory?kind=unit&code=c2")
    await by_id(page, "end").click()
    await expect(by_id(page, "effect")).to_have_attribute("data-op", "ended")
    await expect(by_id(page, "touch-grids_of_community")).to_contain_text("责任网格 2 个")
    await expect(by_id(page, "touch-grids_of_community")).to_contain_text("g3 网格")
    await expect(by_id(page, "mistakes")).to_contain_text("责任网格 g3")


async def test_a_new_line_of_the_matrix_decides(page: Page, address: str) -> None:
    """Ask who is responsible, add an exception, ask again: the server decides both times."""
    await sign_in(page, address, "data_steward", "/directory?kind=rule")
    await expect(by_id(page, "record-row")).to_have_count(3)
    await ask_for_lamps(page)
    await expect(by_id(page, "try-answer")).to_contain_text("城管科")
    await expect(by_id(page, "try-answer")).to_contain_text("L00002")
    await expect(row(page, "L00002")).to_have_attribute("data-marked", "true")

    await by_id(page, "new-record").click()
    form = by_id(page, "record-form")
    await choose(form.get_by_test_id("field-class"), "P-01-37", "P-01-37")
    await choose(form.get_by_test_id("field-unit"), "供水公司", "供水")
    await form.get_by_test_id("field-exception").locator("input").check()
    await form.get_by_test_id("field-note").locator("textarea").first.fill("试点")
    await by_id(page, "form-review").click()
    await expect(by_id(page, "effect")).to_contain_text("L00004")
    await confirm(page, "试点一个月")
    await by_id(page, "applied-back").click()
    await expect(by_id(page, "record-row")).to_have_count(4)
    await ask_for_lamps(page)
    await expect(by_id(page, "try-answer")).to_contain_text("供水公司")
    await expect(row(page, "L00004")).to_contain_text("例外")


async def ask_for_lamps(page: Page) -> None:
    await choose(by_id(page, "try-class"), "P-01-37", "P-01-37")
    await by_id(page, "try-ask").click()


async def test_the_directory_is_worked_by_keyboard(page: Page, address: str) -> None:
    await sign_in(page, address, "data_steward", "/directory?kind=place")
    await row(page, "p1").wait_for()
    for key in ("j", "j", "j", "k", "Enter"):
        await page.keyboard.press(key)
    await expect(by_id(page, "record")).to_have_attribute("data-code", "p2")
    # An open record follows; Escape closes it.
    await page.keyboard.press("j")
    await expect(by_id(page, "record")).to_have_attribute("data-code", "p3")
    await page.keyboard.press("e")
    await by_id(page, "field-name").locator("input").fill("湖心花园")
    await page.keyboard.press("Control+Enter")
    await expect(by_id(page, "change-name")).to_contain_text("湖心花园")
    await by_id(page, "reason").fill("更名")
    await page.keyboard.press("Enter")
    await by_id(page, "applied-back").click()
    await expect(row(page, "p3")).to_contain_text("湖心花园")
    await page.keyboard.press("Escape")
    await expect(by_id(page, "record")).to_have_count(0)


async def test_who_may_not_write_sees_no_way_to(page: Page, address: str) -> None:
    await sign_in(page, address, "dispatcher", "/directory?kind=place&code=p1")
    await expect(by_id(page, "record")).to_be_visible()
    for name in ("edit", "end", "new-record", "folder-link", "kind-staff"):
        await expect(by_id(page, name)).to_have_count(0)
    # Nor by an address that somebody passed on.
    await page.goto(f"{address}/directory?kind=place&code=p1&do=edit")
    await expect(by_id(page, "record")).to_be_visible()
    await expect(by_id(page, "record-form")).to_have_count(0)
    await page.goto(f"{address}/directory/folder")
    await expect(page.get_by_text("不能载入")).to_be_visible()
    await expect(by_id(page, "export")).to_have_count(0)
    await expect(by_id(page, "folder-file")).to_have_count(0)


@pytest.mark.parametrize("moment", ["before the preview", "before confirming"])
async def test_somebody_else_was_quicker(page: Page, address: str, moment: str) -> None:
    """Told so, with what was written kept; after a refresh it can be looked at and confirmed."""
    await open_form(page, address, "data_steward", "place", "p2")
    await add_alias(page, "老松柏")
    if moment == "before the preview":
        await rename_elsewhere(page, address)
    await by_id(page, "form-review").click()
    if moment == "before confirming":
        await by_id(page, "change-aliases").wait_for()
        await rename_elsewhere(page, address)
        await by_id(page, "reason").fill("居民都这样叫")
        await by_id(page, "confirm").click()
    await expect(by_id(page, "stale")).to_contain_text("地名 p2")
    await expect(by_id(page, "confirm")).to_be_disabled()
    await by_id(page, "stale-refresh").click()
    await expect(by_id(page, "stale")).to_have_count(0)
    await expect(by_id(page, "effect")).to_contain_text("松柏雅园")
    await confirm(page, "居民都这样叫")
    values = (await record(page, address, "place", "p2"))["values"]
    assert (values["name"], values["aliases"][-1]) == ("松柏雅园", "老松柏")


async def rename_elsewhere(page: Page, address: str) -> None:
    """Another steward renames p2 in another browser."""
    other = await page.context.browser.new_context(extra_http_headers=OURS)  # type: ignore[union-attr]
    form = {"login": "data_steward", "password": TEST_PASSWORD}
    await other.request.post(f"{address}/api/v1/session", data=form)
    known = await (await other.request.get(f"{address}{API}/records/place/p2")).json()
    wish = {"kind": "place", "code": "p2", "op": "put", "values": {"name": "松柏雅园"}}
    changes = {"changes": [{**wish, "version": known["version"]}]}
    preview = await (await other.request.post(f"{address}{API}/preview", data=changes)).json()
    decided = {**changes, "reason": "更名", "digest": preview["digest"]}
    assert (await other.request.post(f"{address}{API}/changes", data=decided)).ok
    await other.close()


async def test_leaving_with_a_draft_asks(page: Page, address: str) -> None:
    await open_form(page, address, "data_steward", "place", "p2")
    await add_alias(page, "老松柏")
    await by_id(page, "form-keep").click()
    await expect(by_id(page, "draft-bar")).to_contain_text("1 项改动待确认")
    # Within the directory it goes along.
    await by_id(page, "kind-unit").click()
    await expect(by_id(page, "draft-bar")).to_be_visible()
    imports = page.locator('nav a[href="/imports"]')
    await imports.click()
    await expect(by_id(page, "leave-dialog")).to_be_visible()
    await page.get_by_role("button", name="留在这里").click()
    await expect(by_id(page, "draft-bar")).to_be_visible()
    await imports.click()
    await by_id(page, "leave-anyway").click()
    await expect(page).to_have_url(re.compile("/imports"))
    await page.locator('nav a[href="/directory"]').click()
    await row(page, "p1").wait_for()
    await expect(by_id(page, "draft-bar")).to_have_count(0)


async def test_the_folder_goes_out_and_comes_back(page: Page, address: str, tmp_path: Path) -> None:
    """Exported, edited outside, loaded: counts first, then a reason; a mistake names its line."""
    await sign_in(page, address, "data_steward", "/directory/folder")
    async with page.expect_download() as waiting:
        await by_id(page, "export").click()
    taken = tmp_path / "street.zip"
    await (await waiting.value).save_as(taken)

    await by_id(page, "folder-file").set_input_files(taken)
    await expect(by_id(page, "folder-preview")).to_contain_text("完全一致")

    await upload(page, taken, "湖心公园,park,116.905", "湖心公园,park,476.905")
    await expect(by_id(page, "mistakes")).to_contain_text("places.csv p3 第 4 行：经纬度不在地球上")
    await expect(by_id(page, "confirm")).to_be_disabled()

    await upload(page, taken, "湖心公园", "湖心花园")
    await expect(by_id(page, "count-place").locator("td").nth(1)).to_have_text("1")
    await expect(by_id(page, "folder-preview")).to_contain_text("staff.csv")
    await confirm(page, "公园更名")
    assert (await record(page, address, "place", "p3"))["title"] == "湖心花园"


async def upload(page: Page, folder: Path, old: str, new: str) -> None:
    """Choose the folder with something in places.csv put differently."""
    changed = io.BytesIO()
    with zipfile.ZipFile(folder) as source, zipfile.ZipFile(changed, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name.endswith("places.csv"):
                assert old in data.decode()
                data = data.decode().replace(old, new).encode()
            target.writestr(name, data)
    file = {"name": "street.zip", "mimeType": "application/zip", "buffer": changed.getvalue()}
    await by_id(page, "folder-file").set_input_files(file)  # type: ignore[arg-type]


async def test_a_class_says_when_to_open_and_close(page: Page, address: str) -> None:
    await sign_in(page, address, "dispatcher", "/directory?kind=class")
    await by_id(page, "record-search").fill("E-01-10")
    await expect(by_id(page, "record-row")).to_have_count(1)
    await by_id(page, "record-row").click()
    conditions = by_id(page, "conditions")
    for words in ("立案条件", "结案条件", "4 小时（工作时）"):
        await expect(conditions).to_contain_text(words)


async def test_a_point_is_picked_on_the_map(page: Page, address: str) -> None:
    await open_form(page, address, "data_steward", "place", "p3")
    board = page.locator('[data-testid="record-map"][data-ready]')
    await board.scroll_into_view_if_needed()
    box = await board.bounding_box()
    assert box is not None
    # A bit east and north of the middle, where the point is.
    await board.click(position={"x": box["width"] / 2 + 40, "y": box["height"] / 2 - 40})
    await expect(by_id(page, "lon")).not_to_have_value("116.905")
    lon = float(await by_id(page, "lon").input_value())
    lat = float(await by_id(page, "lat").input_value())
    assert 116.905 < lon < 116.91
    assert 40.115 < lat < 40.12


async def test_administrators_see_what_belongs_to_no_area(page: Page, address: str) -> None:
    await sign_in(page, address, "system_admin", "/directory")
    await expect(by_id(page, "kind-unit")).to_have_attribute("aria-current", "page")
    await expect(row(page, "s1")).to_be_visible()
    await expect(by_id(page, "kind-place")).to_have_count(0)
    await expect(by_id(page, "new-record")).to_have_count(0)
