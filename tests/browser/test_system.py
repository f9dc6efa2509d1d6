"""The system page: what was given up is put back, and how far the journal is sealed."""

from __future__ import annotations

import pytest
from browser_helpers import by_id, sign_in
from helpers import SYSTEM
from playwright.async_api import Page, expect
from sqlalchemy import text

from streetwise.kernel.jobs import HANDLERS
from streetwise.kernel.runtime import Runtime


@pytest.fixture
def mended(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that succeeds; known before the server starts its worker."""

    async def done(runtime: Runtime) -> None:
        return None

    monkeypatch.setitem(HANDLERS, "test.given_up", done)


@pytest.mark.usefixtures("mended")
async def test_a_job_that_was_given_up_is_put_back_and_done(
    page: Page, address: str, runtime: Runtime
) -> None:
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await uow.session.execute(
            text(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, status, attempts)"
                " VALUES ('elsewhere', 'test.given_up', 'failed', 5)"
            )
        )
    await sign_in(page, address, "system_admin", "/admin/system")
    await expect(by_id(page, "letter")).to_have_count(1)
    await expect(by_id(page, "jobs-failed")).to_have_text("1")
    await by_id(page, "retry-job").click()
    await expect(by_id(page, "letters-none")).to_be_visible()
    await expect(by_id(page, "jobs-failed")).to_have_text("0")
    await expect(by_id(page, "seal")).to_contain_text("留痕")
