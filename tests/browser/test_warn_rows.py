"""What a list of warnings holds in a real browser: young ones, zones, told again, afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from browser_helpers import by_id, sign_in
from playwright.async_api import Page, expect
from warn.nights import TONIGHT, everything, found, night, told, weeks
from warn.test_hindsight import past
from warn.test_zones import again, gathering, zone

from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.warn.night import Material, Night
from streetwise.warn.values import ALL


def of_each_kind(known: Material) -> Night:
    """One young that gathers, one of the whole street that gathers, and two of the past."""
    everywhere = found(
        known,
        category=ALL,
        places=(),
        observed=61,
        expected=30.0,
        methods=("sums", "cusum"),
        recurrence_days=40.0,
        zones=(zone(known, places=(2, 3), as_dense=0),),
    )
    before = (
        past(known, 60, 55, zones=(zone(known, over=True),), at_least=True),
        past(known, 40, 38, places=(1,), methods=("sums", "ears", "farrington")),
    )
    young = gathering(known, methods=("sums", "scan")).found[0]
    return Night(found=(young, everywhere), hindsight=before)


async def with_rows(runtime: Runtime) -> None:
    await told(runtime, weeks())
    await night(runtime, of_each_kind)


async def test_the_list_tells_young_ones_and_what_was_worked_out_afterwards_apart(
    page: Page, address: str, runtime: Runtime
) -> None:
    await with_rows(runtime)
    await sign_in(page, address, "dispatcher", "/warnings")
    row = by_id(page, "warning-row")
    await expect(row).to_have_count(2)
    await expect(row.filter(has_text="粗估")).to_have_count(1)
    await by_id(page, "warnings-see-hindsight").click()
    await expect(by_id(page, "warnings-shown")).to_have_value("over")
    await expect(by_id(page, "warnings-hindsight")).to_contain_text("2 条")
    await expect(by_id(page, "warning-row")).to_have_count(2)
    await by_id(page, "warnings-shown").select_option("all")
    await expect(row).to_have_count(4)
    await expect(row.filter(has_text="事后推算")).to_have_count(2)
    await expect(row.filter(has_text="新出现")).to_have_count(2)
    await expect(by_id(page, "warnings-hindsight")).to_contain_text("其中 2 条为事后推算")
    await row.filter(has_text="事后推算").first.click()
    await expect(by_id(page, "warning-hindsight")).to_contain_text("当时没有人收到提示")
    await expect(by_id(page, "warning-young")).to_have_count(0)


async def test_zones_are_said_in_a_sentence_and_drawn(
    page: Page, address: str, runtime: Runtime
) -> None:
    await with_rows(runtime)
    await sign_in(page, address, "dispatcher", "/warnings")
    await by_id(page, "warning-row").filter(has_text="粗估").click()
    await expect(by_id(page, "warning-young")).to_contain_text("数据不足两个月，按近日常态粗估")
    now, gone = by_id(page, "warning-zone").nth(0), by_id(page, "warning-zone").nth(1)
    await expect(now).to_have_text(
        "集中在 东社区，3 天 9 件，往常约 2 件；随机情形下 999 次中有 4 次同样集中"
    )
    await expect(gone).to_contain_text("现已散去")
    await expect(gone).to_have_attribute("data-over", "true")
    await expect(by_id(page, "warning-methods")).to_contain_text("聚集 相邻的几个网格同时偏多")
    drawn = by_id(page, "place-map-canvas")
    await expect(drawn).to_have_attribute("data-map-ready", "true")
    await expect(drawn).to_have_attribute("data-zone-count", "2")
    # One of the whole street has no circle, and is drawn where it gathers.
    await page.goto(f"{address}/warnings")
    await by_id(page, "warning-row").filter(has_text="全街道").click()
    await expect(by_id(page, "warning-zone")).to_contain_text("999 次中没有一次同样集中")
    await expect(drawn).to_have_attribute("data-map-ready", "true")


async def test_what_is_told_again_says_so_and_is_told_live(
    page: Page, address: str, runtime: Runtime, clock: HandClock
) -> None:
    await told(runtime, weeks())
    await night(runtime, gathering)
    clock.advance(timedelta(days=1))
    await sign_in(page, address, "dispatcher")
    await by_id(page, "counter-open").wait_for()
    await expect(page.get_by_text("实时", exact=True)).to_be_visible()
    await night(runtime, again, TONIGHT + timedelta(days=1))
    await expect(by_id(page, "feed-entry").filter(has_text="再次提示：")).to_be_visible()
    await page.goto(f"{address}/warnings")
    await expect(by_id(page, "warning-row")).to_contain_text("再次提示")
    await by_id(page, "warning-row").click()
    await expect(by_id(page, "warning-told-again")).to_contain_text("比首次提示时又明显增多")


@pytest.mark.parametrize(
    ("history", "waits", "box", "words"),
    [
        (9, 48, "warnings-too-early", "再过 48 天才有足够的历史"),
        (20, 37, "warnings-empty", "现在没有苗头提示"),
    ],
)
async def test_too_early_is_not_the_same_as_nothing(
    page: Page, address: str, runtime: Runtime, history: int, waits: int, box: str, words: str
) -> None:
    await told(runtime, weeks())

    def early(known: Material) -> Night:
        return Night(told={"history_days": history, "waits_days": waits})

    await night(runtime, early)
    await sign_in(page, address, "dispatcher", "/warnings")
    await expect(by_id(page, box)).to_contain_text(words)
    # From two weeks on there are rough ones, and only a note beside the list.
    await expect(by_id(page, "warnings-waits")).to_have_count(1 if history >= 14 else 0)


async def test_while_the_past_arrives_the_page_says_so(
    page: Page, address: str, runtime: Runtime
) -> None:
    async def demo(route: Any) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, json={**await answer.json(), "history_arriving": 0.42})

    await page.route("**/api/v1/about", demo)
    await sign_in(page, address, "dispatcher", "/warnings")
    await expect(by_id(page, "warnings-arriving")).to_contain_text("已到 42%")


async def test_data_quality_and_rounds_speak_the_language_of_the_screen(
    page: Page, address: str, runtime: Runtime
) -> None:
    await page.add_init_script(
        "localStorage.setItem('streetwise.preferences', '{\"language\":\"en\"}')"
    )
    await told(runtime, weeks())
    await night(runtime, everything)
    await sign_in(page, address, "data_steward", "/warnings/notes")
    note = by_id(page, "note-text")
    await expect(note.nth(0)).to_contain_text("6 reports of 3 classes lie on one point")
    await expect(note.nth(1)).to_contain_text("No source said anything for 2 days")
    await page.goto(f"{address}/warnings/rounds")
    await expect(by_id(page, "rounds-effect")).to_contain_text("no visits can be judged yet")
    await expect(by_id(page, "rounds-score")).to_contain_text("0 mended first, 0 complained of")
