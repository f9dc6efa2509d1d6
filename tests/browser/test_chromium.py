"""One Chromium for all tests: what one test does to it, the next one does not see."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from browser_helpers import Chromium
from playwright.async_api import Browser, Error


async def test_a_browser_that_crashed_is_started_again(chromium: Chromium) -> None:
    first = await chromium.opened()
    assert await chromium.opened() is first
    gone = asyncio.Event()
    first.on("disconnected", lambda _: gone.set())
    session = await first.new_browser_cdp_session()
    with suppress(Error):  # who crashes does not answer
        await session.send("Browser.crash")
    await gone.wait()
    second = await chromium.opened()
    assert second is not first
    assert second.is_connected()
    page = await second.new_page()
    assert await page.evaluate("1 + 1") == 2
    await page.context.close()


async def test_what_was_left_in_the_browser_is_gone_before_the_next_test(
    chromium: Chromium, browser: Browser, address: str
) -> None:
    context = await chromium.emptied(browser)
    page = await context.new_page()
    await page.goto(address)
    await page.evaluate("localStorage.setItem('left', 'here'); document.cookie = 'left=here'")
    await context.grant_permissions(["geolocation"])
    await context.set_offline(True)
    again = await chromium.emptied(browser)
    assert again is context
    assert page.is_closed()
    page = await again.new_page()
    await page.goto(address)
    assert await page.evaluate("[localStorage.getItem('left'), document.cookie]") == [None, ""]
    asked = "navigator.permissions.query({name: 'geolocation'}).then(it => it.state)"
    assert await page.evaluate(asked) != "granted"
