"""The process view and the question whether it got faster, in a real browser."""

from __future__ import annotations

from datetime import timedelta

import httpx
from browser_helpers import by_id, sign_in
from helpers import past_the_walls
from playwright.async_api import Page, expect
from resolve.test_flow import lived

from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime

DAYS = "since=2026-05-01&until=2026-05-31"

#: A closed case over and over, 90 a month: what began in June took half as long.
_AGAIN = """
CREATE TEMPORARY TABLE again AS
SELECT c.id AS was, gen_random_uuid() AS id, n, CASE WHEN n < 90 THEN 1.0 ELSE 0.5 END AS factor,
       '2026-05-01T02:00Z'::timestamptz + (n % 90) * interval '8 hours'
         + CASE WHEN n < 90 THEN interval '0' ELSE interval '31 days' END AS opened,
       (1 + (n * 7) % 11) * interval '1 hour' AS took
FROM (SELECT * FROM cases WHERE closed_at IS NOT NULL ORDER BY id LIMIT 1) c,
     generate_series(0, 179) n;
INSERT INTO cases SELECT (jsonb_populate_record(c, jsonb_build_object(
    'id', a.id, 'number', 'X' || a.n, 'opened_at', a.opened,
    'closed_at', a.opened + (a.took * 1.25) * a.factor))).*
  FROM again a JOIN cases c ON c.id = a.was;
INSERT INTO case_fact SELECT (jsonb_populate_record(f, jsonb_build_object(
    'case_id', a.id, 'opened_at', a.opened, 'reported_at', a.opened + a.took * a.factor,
    'closed_at', a.opened + (a.took * 1.25) * a.factor))).*
  FROM again a JOIN case_fact f ON f.case_id = a.was;
INSERT INTO case_step SELECT (jsonb_populate_record(s, jsonb_build_object(
    'case_id', a.id, 'at', a.opened + s.n * a.took * a.factor / 5))).*
  FROM again a JOIN case_step s ON s.case_id = a.was;
"""


async def test_the_real_flow_and_the_cases_behind_a_way(
    page: Page, address: str, runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await lived(runtime, client, clock)
    await sign_in(page, address, "dispatcher", f"/flow?{DAYS}&against_since=2026-04-01")
    await expect(by_id(page, "flow-total")).to_contain_text("3 件，已结案 2 件")
    await expect(by_id(page, "edge-reported-handling")).to_contain_text("1 次")
    bounces = by_id(page, "flow-bounces")
    await expect(bounces).to_contain_text("核查不通过")
    await expect(bounces).to_contain_text("33.3%")
    # By mouse on the drawing, and by keys in the table.
    await by_id(page, "edge-reported-handling").locator("text").click()
    behind = by_id(page, "flow-behind")
    await expect(behind).to_contain_text("待核查 → 处理中")
    await expect(by_id(page, "flow-behind-row")).to_have_count(1)
    await behind.get_by_role("button", name="关闭").click()
    button = by_id(page, "flow-edges").get_by_role("button", name="派遣", exact=True)
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(by_id(page, "flow-behind-row")).to_have_count(2)
    await by_id(page, "flow-unit").get_by_role("button").first.click()
    await expect(by_id(page, "flow-total")).to_contain_text("2 件")
    async with page.expect_download() as saved:
        await by_id(page, "flow-xes").click()
    assert (await saved.value).suggested_filename == "streetwise.xes"
    await page.set_viewport_size({"width": 390, "height": 844})
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not await page.evaluate(wide)
    await page.goto(f"{address}/flow?since=2025-01-01&until=2025-01-31")
    await expect(by_id(page, "flow-empty")).to_be_visible()


async def test_a_commander_freezes_a_period_and_reads_that_it_got_faster(
    page: Page, address: str, runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await lived(runtime, client, clock)
    with past_the_walls(runtime) as connection:
        connection.execute(_AGAIN)
        connection.commit()
    clock.advance(timedelta(days=60))
    await sign_in(page, address, "dispatcher", "/speed")
    await expect(by_id(page, "speed-empty")).to_contain_text("街道指挥长")
    await expect(by_id(page, "freeze")).to_have_count(0)
    await page.context.clear_cookies()
    await sign_in(page, address, "street_commander", "/speed?since=2026-06-01&until=2026-06-30")
    await by_id(page, "freeze-since").fill("2026-05-01")
    await by_id(page, "freeze-until").fill("2026-05-31")
    await by_id(page, "freeze-do").click()
    await expect(by_id(page, "speed-said")).to_contain_text("比基期快 50 %（95 % 区间")
    await expect(by_id(page, "speed-month")).to_contain_text("2026-06")
    await expect(page.get_by_text("还没办完")).to_be_visible()
    await page.goto(f"{address}/")
    tile = by_id(page, "faster")
    await expect(tile).to_contain_text("快 50 %")
    await tile.click()
    await expect(by_id(page, "speed-said")).to_be_visible()
    await page.set_viewport_size({"width": 390, "height": 844})
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not await page.evaluate(wide)
