"""Every page draws: map, numbers, list with the keyboard, both languages, both themes."""

from __future__ import annotations

import json
import re

import pytest
from browser_helpers import by_id, sign_in
from helpers import report, spot, take_in_rows
from playwright.async_api import Browser, Page, expect

from streetwise.kernel.runtime import Runtime

CASES = 12


async def some_cases(runtime: Runtime) -> None:
    """Cases with a place, so that the map has something to show."""
    await take_in_rows(
        runtime,
        [
            report(
                str(number),
                f"第{number}处垃圾桶满溢",
                f"这里第{number}个垃圾桶已经满溢好几天了，没有人来清理。",
                **spot(number * 5),
            )
            for number in range(CASES)
        ],
    )


async def test_overview_draws_the_map_and_every_number_opens_its_list(
    page: Page, address: str, runtime: Runtime
) -> None:
    await some_cases(runtime)
    await sign_in(page, address, "dispatcher")
    drawn = page.locator('[data-map-ready="true"]').first
    await drawn.wait_for()
    await expect(page.locator("[data-case-count]").first).to_have_attribute(
        "data-case-count", str(CASES)
    )
    await expect(by_id(page, "needs-me-row").first).to_be_visible()
    await expect(by_id(page, "feed-entry").first).to_be_visible()
    counter = by_id(page, "counter-open")
    await expect(counter).to_contain_text(str(CASES))
    await counter.click()
    await expect(page).to_have_url(re.compile(r"/cases\?.*state=open"))
    await expect(by_id(page, "case-row")).to_have_count(CASES)


async def test_a_new_case_arrives_by_itself(page: Page, address: str, runtime: Runtime) -> None:
    """No reload: the live stream brings it."""
    await sign_in(page, address, "dispatcher")
    await by_id(page, "counter-open").wait_for()
    await some_cases(runtime)
    await expect(by_id(page, "counter-open")).to_contain_text(str(CASES))
    await expect(by_id(page, "needs-me-row").first).to_be_visible()


async def test_the_list_is_worked_by_keyboard(page: Page, address: str, runtime: Runtime) -> None:
    await some_cases(runtime)
    await sign_in(page, address, "dispatcher", "/cases?state=open&sort=number")
    rows = by_id(page, "case-row")
    await expect(rows).to_have_count(CASES)
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await expect(by_id(page, "bulk-bar")).to_be_visible()
    await expect(page.locator('[data-testid="case-row"][aria-selected="true"]')).to_have_count(2)
    await page.keyboard.press("Escape")
    await expect(by_id(page, "bulk-bar")).to_have_count(0)
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("/cases/[0-9a-f-]{36}"))
    # The address is there before the page that hears the key.
    await expect(by_id(page, "case-number")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page).to_have_url(re.compile(r"/cases\?"))
    await expect(rows).to_have_count(CASES)


@pytest.mark.parametrize("login", ["system_admin", "security_admin", "audit_admin"])
async def test_administrators_see_a_calm_page_and_no_case(
    page: Page, address: str, runtime: Runtime, login: str
) -> None:
    await some_cases(runtime)
    await sign_in(page, address, login, "/cases")
    await expect(page.get_by_text("垃圾桶满溢")).to_have_count(0)
    await expect(page.get_by_text("您的岗位不查看事件")).to_be_visible()


@pytest.mark.parametrize(
    ("scheme", "language", "width", "height", "word"),
    [
        ("light", "zh-CN", 1366, 768, "待我处理"),
        ("dark", "zh-CN", 1920, 1080, "待我处理"),
        ("light", "en", 1366, 768, "Needs me"),
        ("dark", "en", 390, 844, "Needs me"),
    ],
)
async def test_pages_fit_in_both_languages_and_themes(
    browser: Browser,
    address: str,
    runtime: Runtime,
    scheme: str,
    language: str,
    width: int,
    height: int,
    word: str,
) -> None:
    await some_cases(runtime)
    context = await browser.new_context(
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": width, "height": height},
    )
    # The screen is Chinese until somebody chooses otherwise, whatever the browser's language.
    choice = json.dumps(json.dumps({"language": language}))
    await context.add_init_script(f"localStorage.setItem('streetwise.preferences', {choice})")
    page = await context.new_page()
    await sign_in(page, address, "dispatcher")
    await expect(page.get_by_text(word, exact=False).first).to_be_visible()
    for path in ("/", "/cases", "/imports", "/directory", "/directory?kind=place&code=p1"):
        await page.goto(f"{address}{path}")
        await page.locator("main").first.wait_for()
        sideways = await page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        assert not sideways, path
    background = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    brightness = sum(int(value) for value in re.findall(r"\d+", background)[:3])
    assert (brightness < 3 * 128) == (scheme == "dark")
    await context.close()
