"""A real Chromium on a real server: the tiny street, served in the test's own loop."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from browser_helpers import PATIENCE_MS
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from streetwise.kernel.runtime import Runtime
from streetwise.web.app import STATIC
from streetwise.web.server import Server, app_server, listen

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium, with a fresh profile."""
    if CHROMIUM is None:
        pytest.fail("There is no Chromium; run: make test (it says how to install one)")
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        await opened.close()


@pytest_asyncio.fixture
async def address(runtime: Runtime) -> AsyncIterator[str]:
    """The address of a running server with its worker."""
    assert (STATIC / "index.html").is_file(), "The screen is not built; run: make build"
    listener = listen(runtime.settings)
    server: Server = app_server(runtime)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.end()
    await serving


@pytest_asyncio.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A Chinese officer's browser. Nothing slides: a click on what moves can be lost."""
    made = await browser.new_context(
        locale="zh-CN", viewport={"width": 1366, "height": 768}, reduced_motion="reduce"
    )
    made.set_default_timeout(PATIENCE_MS)
    yield made
    await made.close()


@pytest_asyncio.fixture
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """A page that fails the test on any script error."""
    made = await context.new_page()
    errors: list[str] = []
    made.on("pageerror", lambda error: errors.append(str(error)))
    yield made
    assert errors == []
