"""Accounts as people meet them: the steps of sign-in, the own account, administration, audit."""

from __future__ import annotations

import base64
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from browser_helpers import by_id, sign_in
from helpers import OURS, TEST_PASSWORD
from playwright.async_api import Page, expect

from streetwise.directory import totp
from streetwise.directory.setup import code_for_console
from streetwise.kernel.clock import HandClock, wall_now
from streetwise.kernel.runtime import Runtime
from streetwise.web.server import app_server, listen

NEW = "梧桐树下三只猫在打盹呢吧"


async def look(page: Page, name: str) -> None:
    """A picture for whoever wants to look: STREETWISE_TEST_PICTURES names the folder."""
    if folder := os.environ.get("SW_TEST_PICTURES"):
        await page.screenshot(path=Path(folder) / f"{name}.png")


async def code_on_screen(page: Page) -> str:
    key = (await by_id(page, "totp-key").inner_text()).replace(" ", "")
    return totp.code_at(base64.b32decode(key), totp.step_of(wall_now()))


async def type_login(page: Page, address: str, login: str, password: str = TEST_PASSWORD) -> None:
    await page.context.clear_cookies()
    await page.goto(f"{address}/")
    await by_id(page, "login").fill(login)
    await by_id(page, "password").fill(password)
    await by_id(page, "sign-in").click()


async def test_an_administrator_sets_up_a_second_factor_and_sees_no_case(
    page: Page, address: str, runtime: Runtime
) -> None:
    """The first sign-in asks for it; the recovery codes are shown; the next asks for a code."""
    runtime.settings.second_factor = "administrators"
    await type_login(page, address, "security_admin")
    await expect(by_id(page, "step-enrolment")).to_be_visible()
    await look(page, "enrolment")
    await by_id(page, "enrol-code").fill("000000")
    await by_id(page, "confirm-enrolment").click()
    await expect(page.get_by_text("动态码不对")).to_be_visible()
    await by_id(page, "enrol-code").fill(await code_on_screen(page))
    await by_id(page, "confirm-enrolment").click()
    await expect(by_id(page, "recovery-codes").locator("li")).to_have_count(10)
    await look(page, "recovery-codes")
    recovery = await by_id(page, "recovery-codes").locator("li").first.inner_text()
    await by_id(page, "codes-kept").click()
    await expect(by_id(page, "person-row")).to_have_count(14)
    await expect(page.get_by_role("link", name="事件")).to_have_count(0)

    await type_login(page, address, "security_admin")
    await expect(by_id(page, "step-second_factor")).to_be_visible()
    await look(page, "second-factor")
    await by_id(page, "code").fill(recovery)
    await by_id(page, "give-code").click()
    await expect(by_id(page, "person-row")).to_have_count(14)


async def test_a_new_person_from_registration_to_the_first_own_password(
    page: Page, address: str
) -> None:
    await sign_in(page, address, "system_admin")
    await by_id(page, "add-person").click()
    await by_id(page, "add-name").fill("新来的")
    await by_id(page, "add-login").fill("new.officer")
    await by_id(page, "person-unit").first.select_option(label="乙街道")
    await by_id(page, "add-submit").click()
    await expect(by_id(page, "person-new.officer")).to_be_visible()
    await look(page, "system-admin")

    await sign_in(page, address, "security_admin")
    await by_id(page, "people-search").fill("新来的")
    await by_id(page, "person-new.officer").click()
    await by_id(page, "role-duty_officer").check()
    await by_id(page, "preview-roles").click()
    await expect(by_id(page, "roles-change")).to_contain_text("受理")
    await look(page, "roles")
    await by_id(page, "set-roles").click()
    await expect(by_id(page, "person-row")).to_contain_text("街道值班员")
    await by_id(page, "give-password").click()
    await by_id(page, "give-password-sure").click()
    password = await by_id(page, "one-time-password").inner_text()
    await look(page, "one-time-password")

    await type_login(page, address, "new.officer", password)
    await expect(by_id(page, "step-password")).to_be_visible()
    for field in ("new-password", "new-password-again"):
        await by_id(page, field).fill("123456123456")
    await by_id(page, "give-password").click()
    await expect(page.get_by_text("太容易猜到")).to_be_visible()
    await look(page, "must-change")
    for field in ("new-password", "new-password-again"):
        await by_id(page, field).fill(NEW)
    await by_id(page, "give-password").click()
    await expect(page.get_by_role("link", name="总览")).to_be_visible()


async def test_ones_own_account_password_and_devices(page: Page, address: str) -> None:
    other = await page.context.browser.new_context()  # type: ignore[union-attr]
    form = {"login": "dispatcher", "password": TEST_PASSWORD}
    await other.request.post(f"{address}/api/v1/session", data=form, headers=OURS)
    await sign_in(page, address, "dispatcher", "/account")
    await expect(by_id(page, "device-row")).to_have_count(2)
    await expect(by_id(page, "second-factor")).to_contain_text("演示中不使用")
    await look(page, "account")
    await by_id(page, "end-other-devices").click()
    await expect(by_id(page, "device-row")).to_have_count(1)
    assert (await other.request.get(f"{address}/api/v1/session")).status == 401
    await other.close()
    await by_id(page, "old-password").fill(TEST_PASSWORD)
    await by_id(page, "new-password").fill(NEW)
    await by_id(page, "new-password-again").fill(NEW)
    await by_id(page, "change-password").click()
    await expect(page.get_by_text("密码已修改")).to_be_visible()
    await page.reload()
    await expect(by_id(page, "device-row")).to_have_count(1)


async def test_a_stand_in_is_in_sight_and_one_click_back(
    page: Page, address: str, clock: HandClock
) -> None:
    await sign_in(page, address, "system_admin")
    await by_id(page, "stand-in-login").fill("worker2")
    await by_id(page, "stand-in-for").fill("dispatcher")
    # The street's time: 10:00 in Beijing, whatever the browser's own zone.
    await by_id(page, "stand-in-from").fill("2026-05-11T08:00")
    await by_id(page, "stand-in-to").fill("2026-05-11T18:00")
    await by_id(page, "stand-in-set").click()
    await expect(by_id(page, "stand-in-row")).to_contain_text("18:00")
    await look(page, "stand-ins")

    await sign_in(page, address, "worker2")
    await by_id(page, "viewer-menu").click()
    await by_id(page, "act-for-dispatcher").click()
    await expect(by_id(page, "stand-in")).to_contain_text("代 派遣员甲")
    await expect(page.get_by_role("link", name="数据汇聚")).to_be_visible()
    await look(page, "standing-in")
    await by_id(page, "stand-in-back").click()
    await expect(by_id(page, "stand-in")).to_have_count(0)
    await expect(page.get_by_role("link", name="数据汇聚")).to_have_count(0)


async def test_the_audit_administrator_searches_the_journal_of_access(
    page: Page, address: str
) -> None:
    await type_login(page, address, "worker2", "wrong")
    await expect(page.get_by_text("账号或密码不对")).to_be_visible()
    await sign_in(page, address, "audit_admin")
    rows = by_id(page, "audit-row")
    await expect(rows.first).to_contain_text("登录")
    await by_id(page, "audit-person").fill("worker2")
    await by_id(page, "audit-apply").click()
    # The street was loaded with this person in it, and with a role.
    await expect(rows).to_have_count(3)
    await expect(rows.first).to_contain_text("登录被拒绝")
    await look(page, "audit")
    await by_id(page, "audit-kind").select_option("secrets")
    await expect(by_id(page, "audit-empty")).to_be_visible()
    await page.goto(f"{address}/admin/accounts")
    await expect(by_id(page, "no-access")).to_be_visible()


@pytest_asyncio.fixture(loop_scope="session")
async def fresh(bare: Runtime) -> AsyncIterator[str]:
    """The address of an installation in which there is nobody yet."""
    import asyncio

    listener = listen(bare.settings)
    server = app_server(bare)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.end()
    await serving


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_the_first_start_makes_three_administrators(
    page: Page, fresh: str, bare: Runtime, language: str
) -> None:
    bare.settings.second_factor = "administrators"
    await page.add_init_script(
        f"localStorage.setItem('streetwise.preferences', '{{\"language\":\"{language}\"}}')"
    )
    code = await code_for_console(bare)
    await page.goto(f"{fresh}/")
    await expect(
        page.get_by_text("还没有管理员" if language == "zh-CN" else "no administrators yet")
    ).to_be_visible()
    await page.goto(f"{fresh}/setup#{code}")
    await expect(by_id(page, "setup-code")).to_have_value(str(code))
    for number, role in enumerate(("system_admin", "security_admin", "audit_admin")):
        await by_id(page, f"name-{role}").fill(("李刚", "王芳", "赵敏")[number])
        await by_id(page, f"login-{role}").fill(f"admin.{number}")
        await by_id(page, f"password-{role}").fill(f"{NEW}{number}")
    await look(page, f"setup-{language}")
    await by_id(page, "make-administrators").click()
    await expect(by_id(page, "setup-done")).to_be_visible()
    await page.goto(f"{fresh}/setup")
    await expect(by_id(page, "setup-over")).to_be_visible()
    await type_login(page, fresh, "admin.1", f"{NEW}1")
    await expect(by_id(page, "step-password")).to_be_visible()
