"""What the browser tests share."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from helpers import OURS, TEST_PASSWORD
from playwright.async_api import Browser, BrowserContext, Locator, Page, Playwright, expect

#: How long a page may take to show something, on a busy machine (milliseconds).
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)
#: After this, a click that chose nothing counts as lost (milliseconds).
LOST_CLICK_MS = 3_000
#: What may show the screen, the cheapest first: the headless shell has the same engine and draws no
#: window around it, which was a quarter of what Chromium costs here.
CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    # A test is over before what V8 would make fast is worth it: a fifth of what is left.
    "--js-flags=--no-opt --no-maglev",
    "--in-process-gpu",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


#: Of the registered ports: no connection that goes out takes one of them by chance.
PORTS = range(20_000, 30_000)
#: What a site can leave in a browser, its files apart.
STORED = "cookies,file_systems,indexeddb,local_storage,service_workers,cache_storage"


async def officers_context(browser: Browser) -> BrowserContext:
    """An empty browser of a Chinese officer."""
    made = await browser.new_context(
        locale="zh-CN", viewport={"width": 1366, "height": 768}, reduced_motion="reduce"
    )
    made.set_default_timeout(PATIENCE_MS)
    return made


@dataclass
class Chromium:
    """One Chromium for many tests; started when it is first wanted, and again after it died."""

    playwright: Playwright
    path: str
    running: Browser | None = None
    #: Where the server of the tests is found.
    port: int = 0
    #: An empty page in the context that goes from test to test; by it the others are swept out.
    broom: Page | None = None

    async def opened(self) -> Browser:
        """The browser, which runs."""
        if self.running is None or not self.running.is_connected():
            self.running = await self.playwright.chromium.launch(
                executable_path=self.path, args=ARGUMENTS
            )
        return self.running

    async def emptied(self, browser: Browser) -> BrowserContext:
        """The context that goes from test to test, with nothing in it but the screen's files."""
        if self.broom is None or self.broom.context.browser is not browser:
            made = await officers_context(browser)
            self.broom = await made.new_page()
        kept = self.broom.context
        for page in kept.pages:
            if page is not self.broom:
                await page.close()
        await kept.set_offline(False)
        await kept.clear_permissions()
        await kept.clear_cookies()
        session = await kept.new_cdp_session(self.broom)
        origin = f"http://127.0.0.1:{self.port}"
        await session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": STORED})
        await session.detach()
        return kept

    async def close(self) -> None:
        """End it."""
        if self.running is not None:
            await self.running.close()


def by_id(page: Page, name: str) -> Locator:
    return page.get_by_test_id(name)


async def sign_in(page: Page, address: str, login: str, path: str | None = "/") -> None:
    """Sign in past the form, whoever was signed in before, and open the path if there is one."""
    await page.context.clear_cookies()
    answer = await page.context.request.post(
        f"{address}/api/v1/session",
        data={"login": login, "password": TEST_PASSWORD},
        headers=OURS,
    )
    assert answer.status == 200, await answer.text()
    if path is not None:
        await page.goto(f"{address}{path}")


async def sign_in_by_form(page: Page, address: str, login: str, path: str = "/") -> None:
    """Sign in by the form, whoever was signed in before; the screen goes on to the path."""
    await page.context.clear_cookies()
    await page.goto(f"{address}{path}")
    await by_id(page, "login").fill(login)
    await by_id(page, "password").fill(TEST_PASSWORD)
    await by_id(page, "sign-in").click()
    await expect(by_id(page, "login")).to_have_count(0)


async def choose(field: Locator, option: str, typed: str | None = None) -> None:
    """Choose from one of Ant Design's selects, after typing into it if there is something typed.

    The list is drawn again when an answer of the server comes; a click in that moment is lost,
    and one does as a person does: looks whether it is chosen, and clicks again.
    """
    box = field.locator("css=:scope.ant-select, :scope .ant-select").first
    listed = field.page.locator(".ant-select-dropdown:not(.ant-select-dropdown-hidden)")
    wanted = listed.locator(".ant-select-item-option").filter(has_text=option).first
    await box.click()
    if typed is not None:
        await box.locator("input").fill(typed)
    await wanted.click()
    with suppress(AssertionError):
        await expect(field).to_contain_text(option, timeout=LOST_CLICK_MS)
        return
    await wanted.click()
    await expect(field).to_contain_text(option)
