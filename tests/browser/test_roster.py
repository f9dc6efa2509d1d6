"""Who is on duty, in the bar and by search; cameras and sensors on the map and in the directory."""

from __future__ import annotations

import re
from pathlib import Path

from browser_helpers import by_id, choose, sign_in
from helpers import SYSTEM, report, take_in_rows, tiny_town
from playwright.async_api import Page, expect
from sqlalchemy import select, update

from streetwise.directory.folder import read_folder
from streetwise.directory.records.moving import load_folder
from streetwise.directory.tables import Unit
from streetwise.kernel.runtime import Runtime
from streetwise.resolve.tables import Case

#: The tests' clock stands at ten on 2026-05-11 in Beijing.
DUTY = """date,hours,post,login,note
2026-05-10,08:00-20:00,officer,dispatcher,
2026-05-11,08:00-20:00,officer,department_handler,
2026-05-11,08:00-08:00,leader,street_commander,
2026-05-11,20:00-08:00,officer,dispatcher,
2026-05-12,08:00-20:00,officer,dispatcher,
"""
CAMERAS = """code,name,lon,lat,direction,field_of_view,grid,place,unit,analysed
k1,梧桐路口东,116.9099,40.1099,90,60,g1,p1,dep1,yes
k2,湖心公园球机,116.9103,40.1103,0,360,,p3,,
"""
SENSORS = """code,name,kind,lon,lat,grid,place,unit,quantity
w1,下穿通道水位,water_level,116.91,40.1096,g1,,dep1,m
"""
#: The map's scale as it is drawn: its words and its length.
SCALE = (
    "() => ((bar) => bar.textContent + bar.style.width)(document.querySelector('.sw-map-scale'))"
)


async def with_roster(runtime: Runtime, folder: Path) -> None:
    tiny_town(folder)
    for name, text in (("duty", DUTY), ("cameras", CAMERAS), ("sensors", SENSORS)):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await load_folder(uow, SYSTEM, read_folder(folder), runtime.keys)


async def some_cases(runtime: Runtime) -> None:
    """Two cases, of which one waits for 城管科."""
    await take_in_rows(
        runtime,
        [
            report(str(number), f"第{number}处路灯不亮", f"这里第{number}盏灯不亮。",
                   lon=116.905 + number * 0.01, lat=40.105)
            for number in range(2)
        ],
    )  # fmt: skip
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        unit = (await uow.session.execute(select(Unit.id).where(Unit.code == "dep1"))).scalar_one()
        first = "第0处路灯不亮"
        await uow.session.execute(update(Case).values(unit_id=None))
        await uow.session.execute(
            update(Case).where(Case.title.contains(first)).values(unit_id=unit, state="dispatched")
        )


async def test_who_is_on_duty_stands_in_the_bar(
    page: Page, address: str, runtime: Runtime, tmp_path: Path
) -> None:
    await sign_in(page, address, "dispatcher")
    await by_id(page, "counter-open").wait_for()
    # Without a roster nothing stands there.
    await expect(by_id(page, "on-duty")).to_have_count(0)
    await with_roster(runtime, tmp_path / "town")
    await page.reload()
    await expect(by_id(page, "on-duty")).to_contain_text("街道指挥长甲、部门处置员甲")
    await by_id(page, "on-duty").click()
    people = by_id(page, "on-duty-person")
    await expect(people).to_have_count(2)
    await expect(people.first).to_contain_text("带班领导")
    await expect(people.first).to_contain_text("08:00-次日08:00")
    await expect(people.last).to_contain_text("城管科")
    await expect(people.last).to_contain_text("08:00-20:00")
    await people.last.get_by_role("link", name="城管科").click()
    await expect(page).to_have_url(re.compile(r"/cases\?state=open&unit=dep1"))
    await expect(by_id(page, "on-duty-panel")).to_have_count(0)


async def test_who_is_on_duty_is_found_by_name(
    page: Page, address: str, runtime: Runtime, tmp_path: Path
) -> None:
    await with_roster(runtime, tmp_path / "town")
    await some_cases(runtime)
    await sign_in(page, address, "dispatcher")
    await expect(by_id(page, "on-duty")).to_be_visible()
    await page.keyboard.press("Control+k")
    await page.keyboard.type("部")
    choices = page.locator("#search-choices [role=option]")
    await expect(choices).to_have_count(1)
    await page.keyboard.type("门处")
    person = choices.filter(has_text="值班：部门处置员甲 · 值班员 · 城管科 · 08:00-20:00")
    await expect(person).to_have_count(1)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(r"/cases\?state=open&unit=dep1"))
    await expect(by_id(page, "case-row")).to_have_count(1)
    # Who is not on duty now is not offered.
    await page.keyboard.press("Control+k")
    await page.keyboard.type("派遣员")
    await expect(choices).to_have_count(1)
    # In the list the whole name does, and the list says why.
    await by_id(page, "search").fill("部门处置员甲")
    await page.keyboard.press("Enter")
    await expect(by_id(page, "case-row")).to_have_count(1)
    await expect(by_id(page, "q-chip")).to_contain_text("值班，含城管科的事件")


async def test_a_duty_is_changed_on_the_screen(
    page: Page, address: str, runtime: Runtime, tmp_path: Path
) -> None:
    await with_roster(runtime, tmp_path / "town")
    await sign_in(page, address, "data_steward", "/directory?kind=duty")
    rows = by_id(page, "record-row")
    await expect(rows).to_have_count(5)  # yesterday's may still run
    await expect(rows.nth(1)).to_contain_text("街道指挥长甲")
    await by_id(page, "new-record").click()
    form = by_id(page, "record-form")
    await form.get_by_test_id("field-date").locator("input").fill("2026-05-11")
    await form.get_by_test_id("field-hours").locator("input").fill("8-20")
    await choose(form.get_by_test_id("field-post"), "社区值班")
    await choose(form.get_by_test_id("field-login"), "社区工作者乙", "社区工作者乙")
    await by_id(page, "form-review").click()
    await expect(by_id(page, "mistakes")).to_contain_text("“时段”的写法认不出来")
    await page.get_by_role("button", name="再改改").click()
    await form.get_by_test_id("field-hours").locator("input").fill("08:00-20:00")
    await by_id(page, "form-review").click()
    await by_id(page, "reason").fill("临时增援")
    await by_id(page, "confirm").click()
    await by_id(page, "applied").wait_for()
    # The bar knows it at once.
    await expect(by_id(page, "on-duty")).to_contain_text("等 3 人")


async def test_cameras_and_sensors_lie_on_the_map_when_they_are_asked_for(
    page: Page, address: str, runtime: Runtime, tmp_path: Path
) -> None:
    await with_roster(runtime, tmp_path / "town")
    await some_cases(runtime)
    await sign_in(page, address, "dispatcher")
    drawn = page.locator('[data-map-ready="true"]').first
    await drawn.wait_for()
    await expect(drawn).to_have_attribute("data-device-count", "0")
    await by_id(page, "layer-camera").click()
    await expect(drawn).to_have_attribute("data-device-count", "2")
    await expect(by_id(page, "layer-camera")).to_contain_text("放大后显示")
    for _ in range(2):
        before = await page.evaluate(SCALE)
        await page.get_by_role("button", name="放大", exact=True).click()
        await page.wait_for_function(f"before => ({SCALE})() !== before", arg=before)
    await expect(by_id(page, "layer-camera")).not_to_contain_text("放大后显示")
    await by_id(page, "layer-sensor").click()
    await expect(drawn).to_have_attribute("data-device-count", "3")
    await by_id(page, "layer-camera").click()
    await expect(drawn).to_have_attribute("data-device-count", "1")


async def test_a_camera_shows_where_it_looks(
    page: Page, address: str, runtime: Runtime, tmp_path: Path
) -> None:
    await with_roster(runtime, tmp_path / "town")
    await sign_in(page, address, "dispatcher", "/directory?kind=camera&code=k1")
    await expect(by_id(page, "fact-direction")).to_contain_text("90°")
    await expect(by_id(page, "fact-analysed")).to_contain_text("是")
    await expect(page.locator('[data-testid="record-map"][data-ready]')).to_be_visible()
    await page.goto(f"{address}/directory?kind=sensor&code=w1")
    await expect(by_id(page, "fact-kind")).to_contain_text("水位")
