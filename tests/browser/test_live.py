"""One stream for all tabs; it goes on when its tab closes, or when its line falls silent."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from browser_helpers import by_id, sign_in
from helpers import report, take_in_rows
from playwright.async_api import BrowserContext, Page, Request, expect

from streetwise.kernel.runtime import Runtime


class Streams:
    """The streams that a browser opened, in order: the page, and behind which entry."""

    def __init__(self, context: BrowserContext) -> None:
        self.opened: list[tuple[Page, int | None]] = []
        context.on("request", self._note)

    def _note(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.path == "/api/v1/live":
            after = parse_qs(parts.query).get("after")
            self.opened.append((request.frame.page, int(after[0]) if after else None))


async def live(page: Page) -> None:
    await expect(by_id(page, "live-status")).to_have_attribute("data-status", "live")


async def test_tabs_share_a_stream_and_one_goes_on_when_the_other_closes(
    page: Page, context: BrowserContext, address: str, runtime: Runtime
) -> None:
    await sign_in(page, address, "duty_officer")
    await live(page)
    streams = Streams(context)
    second = await context.new_page()
    await second.goto(f"{address}/")
    await live(second)
    await take_in_rows(runtime, [report("1", "路灯不亮", "梧桐路的路灯坏了三天")])
    for one in (page, second):
        await expect(by_id(one, "counter-open")).to_contain_text("1")
    assert streams.opened == []  # the second tab hears what the first one is told

    await page.close()
    await live(second)
    await take_in_rows(runtime, [report("2", "井盖松动", "湖心公园门口的井盖松动")])
    await expect(by_id(second, "counter-open")).to_contain_text("2")
    ((opener, after),) = streams.opened
    assert opener == second
    # Behind what it had heard, not from now on: what came in between is not missed.
    assert after


@pytest.mark.own_context  # its clock stays in it
async def test_after_a_sleep_a_dead_line_is_opened_anew(
    page: Page, context: BrowserContext, address: str, runtime: Runtime
) -> None:
    await page.clock.install()
    await sign_in(page, address, "duty_officer")
    await live(page)
    streams = Streams(context)
    # Nobody closed the line, and an hour is gone.
    await page.clock.fast_forward(3_600_000)
    await live(page)
    await take_in_rows(runtime, [report("1", "路灯不亮", "梧桐路的路灯坏了三天")])
    await expect(by_id(page, "counter-open")).to_contain_text("1")
    assert [after is not None for _, after in streams.opened] == [True]
