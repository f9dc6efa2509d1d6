"""One Chromium for all tests: what one test does to it, the next one does not see."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from browser_helpers import Chromium
from playwright.async_api import Error


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
