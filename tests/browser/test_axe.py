"""No page has a serious finding of axe (https://github.com/dequelabs/axe-core), WCAG 2.1 A and AA.

What axe cannot see (does the order make sense, is the word the right one) is for eyes.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from browser_helpers import sign_in
from helpers import report, spot, take_in_rows
from playwright.async_api import Browser, Page, expect
from warn.nights import BINS, TONIGHT, classed, night

from streetwise.kernel.runtime import Runtime

AXE = Path(__file__).parents[2] / "ui" / "node_modules" / "axe-core" / "axe.min.js"
#: In the dark only colours differ, and looking at all of it takes axe a second a page.
RULES: dict[Literal["light", "dark"], dict[str, Any]] = {
    "light": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "dark": {"type": "rule", "values": ["color-contrast"]},
}
SERIOUS = ("serious", "critical")
#: A page's own chunk came, and it says something.
DRAWN = re.compile(r".{30}", re.DOTALL)

#: Who looks at what; a page of its own for whoever has most to see there.
PAGES = {
    "dispatcher": [
        *("/", "/cases?state=open", "/orders", "/desk", "/merges"),
        *("/duty", "/scores", "/imports", "/directory", "/account"),
        *("/orders?view=petitions", "/natures", "/flow", "/speed", "/reports", "/call-backs"),
        *("/warnings", "/warnings/rounds", "/warnings/forecast", "/warnings/notes"),
    ],
    "data_steward": ["/cameras", "/cameras/new", "/cameras/catalogue"],
    "inspector": ["/findings"],
    "community_worker": ["/phone"],
    "system_admin": ["/admin/accounts", "/admin/system"],
    "security_admin": ["/admin/vault"],
    "audit_admin": ["/admin/audit"],
}


async def findings(page: Page) -> list[str]:
    """The serious findings on what is shown now, by day and in the dark: rule, and where."""
    await expect(page.locator("main")).to_contain_text(DRAWN)
    await expect(page.locator(".ant-skeleton-active, .ant-spin-spinning")).to_have_count(0)
    if not await page.evaluate("typeof axe !== 'undefined'"):
        await page.evaluate(AXE.read_text(encoding="utf-8"))
    serious = []
    for scheme, rules in RULES.items():
        # The screen follows the system's wish, without being loaded again.
        await page.emulate_media(color_scheme=scheme)
        await expect(page.locator(f'html[data-theme="{scheme}"]')).to_have_count(1)
        found: dict[str, Any] = await page.evaluate(
            "(rules) => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", rules
        )
        serious += [
            f"{scheme} {one['id']}: {node['target']}"
            f" {node['failureSummary'].splitlines()[-1].strip()}"
            for one in found["violations"]
            if one["impact"] in SERIOUS
            for node in one["nodes"][:3]
        ]
    return serious


async def some_cases(runtime: Runtime) -> None:
    """Cases with a place, one of them with a phone number in it."""
    await take_in_rows(
        runtime,
        [
            report(str(n), f"第{n}处垃圾桶满溢", "满了好几天，电话13800138000。", **spot(n * 5))
            for n in range(3)
        ],
    )


async def test_no_page_has_a_serious_finding(
    browser: Browser, address: str, runtime: Runtime
) -> None:
    await some_cases(runtime)
    classed(runtime, BINS)
    await night(runtime, on=TONIGHT + timedelta(days=1))
    context = await browser.new_context(
        locale="zh-CN",
        viewport={"width": 1366, "height": 768},
        reduced_motion="reduce",
    )
    page = await context.new_page()
    found: dict[str, list[str]] = {}
    await page.goto(address)
    await expect(page.get_by_test_id("login")).to_be_visible()
    for login, paths in PAGES.items():
        await sign_in(page, address, login, None)
        for path in paths:
            await page.goto(f"{address}{path}")
            found[path] = await findings(page)
        if login == "dispatcher":
            await page.goto(f"{address}/cases?state=open")
            await page.get_by_test_id("case-row").first.dblclick()
            await page.get_by_test_id("case-number").wait_for()
            found["a case"] = await findings(page)
            await page.goto(f"{address}/warnings")
            await page.get_by_test_id("warning-row").first.click()
            await page.get_by_test_id("warning-chart").wait_for()
            found["a warning"] = await findings(page)
    await context.close()
    assert {path: one for path, one in found.items() if one} == {}
