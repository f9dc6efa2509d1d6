"""Warn in a real browser: what builds up, its evidence, the rounds, and who sees none of it."""

from __future__ import annotations

from browser_helpers import by_id, sign_in
from helpers import triage_all
from playwright.async_api import Page, expect
from warn.nights import everything, found, night, nothing, told, weeks

from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.warn.night import Material, Night


def once_in_three_years(known: Material) -> Night:
    """A night whose finding is said of the whole street."""
    return Night(found=(found(known, places=(), recurrence_days=1100.0, at_least=True),))


async def test_what_builds_up_is_told_listed_and_shown_with_its_evidence(
    page: Page, address: str, runtime: Runtime
) -> None:
    await told(runtime, weeks())
    await sign_in(page, address, "dispatcher", "/warnings")
    await expect(by_id(page, "warnings-no-night")).to_be_visible()
    await page.goto(address)
    await by_id(page, "counter-open").wait_for()
    await expect(by_id(page, "building")).to_have_count(0)
    await expect(page.get_by_text("实时", exact=True)).to_be_visible()
    # No reload: the live stream tells of it.
    await night(runtime)
    row = by_id(page, "building-row")
    await expect(row).to_contain_text("g1 网格")
    await expect(row).to_contain_text("4.0 倍")
    await expect(by_id(page, "feed-entry").filter(has_text="苗头提示：")).to_be_visible()
    await expect(page.locator("[data-circle-count]").first).to_have_attribute(
        "data-circle-count", "1"
    )
    await row.click()
    await expect(by_id(page, "warning-chance")).to_contain_text("偶然情况下约 365 天一次")
    await expect(by_id(page, "warning-sum")).to_contain_text("14 件，往常约 3.5 件")
    chart = by_id(page, "warning-chart")
    await expect(chart.locator("svg").last).to_be_visible()
    await chart.locator("summary").click()
    await expect(chart.locator("tr[data-marked]")).to_have_count(7)
    methods = by_id(page, "warning-methods").locator("li")
    await expect(methods.nth(0)).to_have_text("聚集 相邻的几个网格同时偏多")
    await expect(methods.nth(1)).to_contain_text("与历年同期相比")
    await expect(by_id(page, "place-map-canvas")).to_have_attribute("data-map-ready", "true")
    await page.goto(f"{address}/warnings")
    await expect(by_id(page, "warning-row")).to_have_count(1)
    await expect(by_id(page, "night")).to_contain_text("读取 14 件事件")
    await by_id(page, "warnings-shown").select_option("over")
    await expect(by_id(page, "warnings-empty")).to_be_visible()


async def test_what_is_very_seldom_is_said_in_years_and_of_the_whole_street(
    page: Page, address: str, runtime: Runtime
) -> None:
    await told(runtime, weeks())
    await night(runtime, once_in_three_years)
    await sign_in(page, address, "inspector", "/warnings")
    await expect(by_id(page, "warning-row")).to_contain_text("全街道")
    await expect(by_id(page, "warning-row")).to_contain_text("3 年以上才有一次")
    await by_id(page, "warning-row").click()
    await expect(by_id(page, "warning-chance")).to_contain_text("偶然情况下 3 年以上才有一次")


def of_a_community(known: Material) -> Night:
    """A night whose finding is said of all grids of the first community."""
    whole = tuple(n for n, region in enumerate(known.region.tolist()) if region == 0)
    assert 1 < len(whole) < len(known.region)
    return Night(found=(found(known, places=whole, mostly_at=whole[:1]),))


async def test_a_whole_community_is_said_by_its_name(
    page: Page, address: str, runtime: Runtime
) -> None:
    await told(runtime, weeks())
    await night(runtime, of_a_community)
    await sign_in(page, address, "dispatcher", "/warnings")
    row = by_id(page, "warning-row")
    await expect(row).to_contain_text("· 东社区")
    await row.click()
    await expect(page.locator(".wa-facts")).to_contain_text("位置东社区主要来自g1 网格")
    await page.goto(address)
    await expect(by_id(page, "building-row")).to_contain_text("· 东社区")


async def test_the_commander_agrees_to_a_round_and_sees_its_case(
    page: Page, address: str, runtime: Runtime
) -> None:
    await told(runtime, weeks())
    await night(runtime)
    await sign_in(page, address, "dispatcher", "/warnings/rounds")
    await expect(by_id(page, "round")).to_have_count(2)
    await expect(by_id(page, "round-agree")).to_have_count(0)
    await sign_in(page, address, "street_commander", "/warnings/rounds")
    first = by_id(page, "round").first
    await expect(first).to_contain_text("近来增多")
    await by_id(page, "round-agree").first.click()
    await expect(by_id(page, "round-agreed")).to_contain_text("街道指挥长甲 已同意")
    await triage_all(runtime)
    await page.reload()
    await first.get_by_role("link").click()
    await expect(page.locator("main")).to_contain_text("未诉先办：")
    await page.goto(address)
    await expect(by_id(page, "feed-entry").filter(has_text="安排未诉先办巡查")).to_be_visible()
    await expect(by_id(page, "feed-entry").filter(has_text="摄像头发现问题")).to_have_count(0)


async def test_forecast_and_notes_and_an_empty_night(
    page: Page, address: str, runtime: Runtime, clock: HandClock
) -> None:
    await sign_in(page, address, "data_steward", "/warnings/forecast")
    await expect(by_id(page, "forecast-empty")).to_be_visible()
    await page.goto(f"{address}/warnings/rounds")
    await expect(by_id(page, "rounds-empty")).to_be_visible()
    await told(runtime, weeks())
    await night(runtime, everything)
    await page.goto(f"{address}/warnings/forecast")
    table = by_id(page, "forecast-table")
    await expect(table).to_contain_text("全街道")
    await expect(table).to_contain_text("4–10")
    await by_id(page, "forecast-days").select_option("1")
    await expect(table.locator("tbody tr")).to_have_count(1)
    await page.goto(f"{address}/warnings/notes")
    await expect(by_id(page, "note").first).to_contain_text("默认坐标")
    await expect(by_id(page, "note").nth(1)).to_contain_text("来源中断")
    await night(runtime, nothing, again=True)
    await page.reload()
    await expect(by_id(page, "notes-empty")).to_be_visible()


async def test_who_does_not_read_warnings_sees_no_such_page(page: Page, address: str) -> None:
    await sign_in(page, address, "department_handler", "/warnings")
    await expect(by_id(page, "no-access")).to_be_visible()
    await expect(page.locator('nav a[href="/warnings"]')).to_have_count(0)
