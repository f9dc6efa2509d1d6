"""Sign-in: one answer for every wrong attempt, waits, sessions that end, cookies that are safe."""

from __future__ import annotations

from datetime import datetime, timedelta

import httpx
import psycopg
import pytest
from helpers import SYSTEM, TEST_PASSWORD, seeing_all, sign_in

from streetwise.directory.accounts import set_password
from streetwise.kernel import clock, journal
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.runtime import Runtime, Urls
from streetwise.kernel.viewer import Viewer


class Wall:
    """Wall time that tests move."""

    def __init__(self) -> None:
        self.at = clock.wall_now()

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    moved = Wall()
    for module in ("sign_in", "sessions"):
        monkeypatch.setattr(f"streetwise.directory.{module}.wall_now", moved)
    return moved


async def attempt(client: httpx.AsyncClient, login: str, password: str) -> httpx.Response:
    return await client.post("/session", json={"login": login, "password": password})


async def test_wrong_login_and_wrong_password_get_the_same_answer(
    client: httpx.AsyncClient,
) -> None:
    answers = [
        await attempt(client, "nobody", TEST_PASSWORD),
        await attempt(client, "dispatcher", "wrong"),
    ]
    bodies = [answer.json() | {"request_id": None} for answer in answers]
    assert bodies[0] == bodies[1]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert bodies[0]["code"] == "wrong_login"
    assert all("set-cookie" not in answer.headers for answer in answers)


async def test_after_too_many_wrong_passwords_a_login_waits(
    client: httpx.AsyncClient, runtime: Runtime, wall: Wall
) -> None:
    for _ in range(runtime.settings.sign_in_attempts):
        assert (await attempt(client, "dispatcher", "wrong")).status_code == 401
    answer = await attempt(client, "dispatcher", TEST_PASSWORD)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= runtime.settings.sign_in_wait_seconds + 1
    assert (await attempt(client, "dispatcher2", TEST_PASSWORD)).status_code == 200
    wall.at += timedelta(seconds=runtime.settings.sign_in_wait_seconds + 1)
    assert (await attempt(client, "dispatcher", TEST_PASSWORD)).status_code == 200
    async with runtime.database.read(SYSTEM) as session:
        entries = await journal.read(session, Viewer.system("test"))
    refused = [entry for entry in entries if entry.action == "staff.sign_in_refused"]
    assert len(refused) == runtime.settings.sign_in_attempts


async def test_the_cookie_is_safe_and_the_token_is_not_in_the_database(
    client: httpx.AsyncClient, town_urls: Urls
) -> None:
    answer = await attempt(client, "dispatcher", TEST_PASSWORD)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    token = client.cookies["streetwise_session"]
    assert town_urls.owner is not None
    with psycopg.connect(**conninfo(town_urls.owner)) as connection:
        rows = connection.execute("SELECT staff_session::text FROM staff_session").fetchall()
    assert len(rows) == 1
    assert token not in rows[0][0]
    assert token.encode().hex() not in rows[0][0]


async def test_a_session_ends_when_unused_and_in_any_case(
    client: httpx.AsyncClient, runtime: Runtime, wall: Wall
) -> None:
    settings = runtime.settings
    await sign_in(client, "dispatcher")
    wall.at += timedelta(minutes=settings.session_idle_minutes, seconds=1)
    assert (await client.get("/session")).status_code == 401
    await sign_in(client, "dispatcher")
    until = wall.at + timedelta(hours=settings.session_absolute_hours)
    while wall.at + timedelta(hours=1) < until:
        wall.at += timedelta(hours=1)
        assert (await client.get("/session")).status_code == 200  # used, so it goes on
    wall.at = until + timedelta(seconds=1)
    assert (await client.get("/session")).status_code == 401


async def test_signing_out_ends_the_session_at_once(client: httpx.AsyncClient) -> None:
    await sign_in(client, "dispatcher")
    token = client.cookies["streetwise_session"]
    assert (await client.delete("/session")).status_code == 204
    answer = await client.get("/session", cookies={"streetwise_session": token})
    assert answer.status_code == 401
    assert (await client.delete("/session")).status_code == 204


async def test_a_change_that_comes_from_another_site_is_refused(
    client: httpx.AsyncClient,
) -> None:
    form = {"login": "dispatcher", "password": TEST_PASSWORD}
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        answer = await client.post("/session", json=form, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
    answer = await client.post("/session", json=form, headers={"Origin": "http://test"})
    assert answer.status_code == 200


async def test_somebody_who_left_is_out_at_once(client: httpx.AsyncClient, town_urls: Urls) -> None:
    await sign_in(client, "dispatcher")
    with seeing_all(town_urls.app, autocommit=True) as connection:
        connection.execute("UPDATE staff SET active = false WHERE login = 'dispatcher'")
    assert (await client.get("/session")).status_code == 401
    assert (await attempt(client, "dispatcher", TEST_PASSWORD)).status_code == 401


async def test_a_new_password_ends_what_the_old_one_had_opened(
    client: httpx.AsyncClient, runtime: Runtime
) -> None:
    await sign_in(client, "dispatcher")
    new = "a quite different password"
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await set_password(uow, SYSTEM, runtime.settings, "dispatcher", new, must_change=False)
    assert (await client.get("/session")).status_code == 401
    assert (await attempt(client, "dispatcher", TEST_PASSWORD)).status_code == 401
    assert (await attempt(client, "dispatcher", new)).status_code == 200


async def test_outside_the_demo_no_account_is_shown(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/about")).json()
    assert answer["demo"] is False
    assert answer["demo_accounts"] == []
    assert answer["demo_password"] is None
