"""What the browser tests share."""

from __future__ import annotations

from helpers import TEST_PASSWORD
from playwright.async_api import Locator, Page, expect

#: How long a page may take to show something, on a busy machine (milliseconds).
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)


def by_id(page: Page, name: str) -> Locator:
    return page.get_by_test_id(name)


async def sign_in(page: Page, address: str, login: str, path: str = "/") -> None:
    """Sign in by the form, whoever was signed in before."""
    await page.context.clear_cookies()
    await page.goto(f"{address}/")
    await by_id(page, "login").fill(login)
    await by_id(page, "password").fill(TEST_PASSWORD)
    await by_id(page, "sign-in").click()
    await expect(by_id(page, "login")).to_have_count(0)
    if path != "/":
        await page.goto(f"{address}{path}")
