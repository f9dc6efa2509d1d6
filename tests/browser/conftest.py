"""A real Chromium on a real server: the tiny street, served in the test's own loop.

Chromium takes a second of a core to start, so one serves all tests of a process, each in a context
of its own. It is bound to its loop: tests and fixtures here share the loop of the session.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from browser_helpers import CHROMIUMS, PORTS, Chromium, officers_context
from helpers import OURS
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from streetwise.kernel.clock import HandClock
from streetwise.kernel.errors import Unavailable
from streetwise.kernel.runtime import Runtime, Urls, open_runtime
from streetwise.kernel.settings import Settings
from streetwise.web.app import STATIC
from streetwise.web.server import Server, app_server, listen

HERE = Path(__file__).parent
#: The one without windows first: the same pages for less.
CHROMIUM = next(filter(None, map(shutil.which, CHROMIUMS)), None)


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Every test in this folder runs in the session's loop."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


def pytest_fixture_setup(fixturedef: pytest.FixtureDef[object]) -> None:
    """A fixture of another loop would hang a test until its patience ends: say so at once."""
    if getattr(fixturedef.func, "_loop_scope", "session") != "session":
        pytest.fail(f'The fixture {fixturedef.argname} here needs loop_scope="session"')


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def chromium() -> AsyncIterator[Chromium]:
    """A real Chromium, one for all tests of this process."""
    if CHROMIUM is None:
        pytest.fail("There is no Chromium; run: make test (it says how to install one)")
    async with async_playwright() as playwright:
        kept = Chromium(playwright, CHROMIUM)
        yield kept
        await kept.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browser(chromium: Chromium) -> AsyncIterator[Browser]:
    """A browser in which nothing is open, and of which nothing stays open."""
    opened = await chromium.opened()
    yield opened
    for context in opened.contexts:
        if chromium.broom is None or context is not chromium.broom.context:
            await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def runtime(settings: Settings, town_urls: Urls, clock: HandClock) -> AsyncIterator[Runtime]:
    """A runtime on the tiny street, in the browser's loop."""
    async with open_runtime(settings, town_urls.app, clock=clock, create_keys=True) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def bare(settings: Settings, bare_urls: Urls, clock: HandClock) -> AsyncIterator[Runtime]:
    """A runtime on an empty, migrated database, in the browser's loop."""
    async with open_runtime(settings, bare_urls.app, clock=clock, create_keys=True) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def address(runtime: Runtime, chromium: Chromium) -> AsyncIterator[str]:
    """The address of a running server with its worker: the same one for every test of this
    process if it can be, so that Chromium reads and compiles the screen once.
    """
    assert (STATIC / "index.html").is_file(), "The screen is not built; run: make build"
    listener = _listen(runtime.settings, chromium)
    server: Server = app_server(runtime)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.end()
    await serving
    # Chromium opens connections before it needs them: one that came while the server ended was not
    # told, and would have the next test's page asked of this one, whose database is gone.
    for left in list(server.server_state.connections):
        if left.transport is not None:
            left.transport.abort()


def _listen(settings: Settings, chromium: Chromium) -> socket.socket:
    tried = random.sample(PORTS, 20)
    for port in (chromium.port, *tried) if chromium.port else tried:
        with suppress(Unavailable):
            listener = listen(settings.model_copy(update={"port": port}))
            chromium.port = port
            return listener
    return listen(settings)


@pytest_asyncio.fixture(loop_scope="session")
async def context(
    browser: Browser, chromium: Chromium, request: pytest.FixtureRequest
) -> AsyncIterator[BrowserContext]:
    """A Chinese officer's browser. Nothing slides: a click on what moves can be lost.

    It is handed from test to test, emptied of all but the screen's files; a test that leaves in
    it what cannot be taken out again (a clock) is marked ``own_context``.
    """
    if request.node.get_closest_marker("own_context"):
        made = await officers_context(browser)
        yield made
        await made.close()
    else:
        yield await chromium.emptied(browser)
        await chromium.emptied(browser)  # nothing of this test goes on


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """A page that fails the test on any script error."""
    made = await context.new_page()
    errors: list[str] = []
    made.on("pageerror", lambda error: errors.append(str(error)))
    yield made
    assert errors == []


@pytest_asyncio.fixture(loop_scope="session")
async def client(address: str) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at the same server without a screen, nobody signed in."""
    async with httpx.AsyncClient(base_url=f"{address}/api/v1", headers=OURS) as opened:
        yield opened
