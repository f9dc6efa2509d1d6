"""Sign-in under attack: guessing, counting, timing, fixation, foreign sites, the first start."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from helpers import OURS, TEST_PASSWORD, seeing_all
from sqlalchemy import event

from streetwise.directory import passwords, totp
from streetwise.directory.setup import CODE_FILE, code_for_console
from streetwise.kernel import clock
from streetwise.kernel.runtime import Runtime, Urls
from streetwise.kernel.settings import Settings
from streetwise.web.app import create_app

NEW = "梧桐树下三只猫在打盹呢吧"


class Wall:
    """Wall time that tests move."""

    def __init__(self) -> None:
        self.at = clock.wall_now()

    def __call__(self) -> Any:
        return self.at


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    moved = Wall()
    for module in ("sign_in", "sessions", "own_account", "setup", "accounts", "account_api"):
        monkeypatch.setattr(f"streetwise.directory.{module}.wall_now", moved)
    return moved


def change(settings: Settings, **update: Any) -> None:
    """Change the settings of a running application, in place."""
    for name, value in update.items():
        setattr(settings, name, value)


def browser(app: FastAPI, **more: Any) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, client=more.pop("address", ("127.0.0.1", 1)))
    base = more.pop("base_url", "http://test/api/v1")
    return httpx.AsyncClient(transport=transport, base_url=base, headers=OURS, **more)


async def attempt(client: httpx.AsyncClient, login: str, password: str) -> httpx.Response:
    return await client.post("/session", json={"login": login, "password": password})


def bare_of(answer: httpx.Response) -> dict[str, Any]:
    content: dict[str, Any] = answer.json()
    return {key: value for key, value in content.items() if key != "request_id"}


# --- waits ---------------------------------------------------------------------------------


async def test_a_locked_login_and_an_unknown_one_answer_alike(
    client: httpx.AsyncClient, runtime: Runtime, wall: Wall
) -> None:
    """After as many wrong passwords, somebody who exists and somebody invented are the same."""
    told: dict[str, list[dict[str, Any]]] = {"dispatcher": [], "no.such.person": []}
    for login, answers in told.items():
        for _ in range(runtime.settings.sign_in_attempts + 1):
            answers.append(bare_of(await attempt(client, login, "wrong")))
    assert told["dispatcher"] == told["no.such.person"]
    assert told["dispatcher"][-1]["code"] == "too_many_requests"


async def test_waits_double_and_a_restart_forgets_nothing(runtime: Runtime, wall: Wall) -> None:
    settings = runtime.settings
    waits = []
    for turn in range(settings.sign_in_attempts + 2):
        # Another process each time: the counts lie in the database.
        async with browser(create_app(runtime, with_worker=False)) as client:
            assert (await attempt(client, "dispatcher", "wrong")).status_code == 401
            if turn + 1 >= settings.sign_in_attempts:
                answer = await attempt(client, "dispatcher", TEST_PASSWORD)
                assert answer.status_code == 429
                waits.append(int(answer.headers["retry-after"]))
                wall.at += timedelta(seconds=waits[-1])
    first = settings.sign_in_wait_seconds
    assert waits == [first + 1, 2 * first + 1, 4 * first + 1]
    async with browser(create_app(runtime, with_worker=False)) as client:
        assert (await attempt(client, "dispatcher", TEST_PASSWORD)).status_code == 200
        # A right one begins anew.
        for _ in range(settings.sign_in_attempts - 1):
            assert (await attempt(client, "dispatcher", "wrong")).status_code == 401
        assert (await attempt(client, "dispatcher", TEST_PASSWORD)).status_code == 200


async def test_an_address_waits_over_many_logins_and_not_its_neighbour(
    app: FastAPI, runtime: Runtime, wall: Wall
) -> None:
    change(runtime.settings, sign_in_address_attempts=8)
    async with (
        browser(app, address=("203.0.113.7", 1)) as guesser,
        browser(app, address=("203.0.113.8", 1)) as neighbour,
    ):
        for number in range(8):
            assert (await attempt(guesser, f"guess{number}", "wrong")).status_code == 401
        assert (await attempt(guesser, "dispatcher", TEST_PASSWORD)).status_code == 429
        # Nobody is believed about addresses unless the setting says so.
        told = {"X-Forwarded-For": "198.51.100.1"}
        form = {"login": "dispatcher", "password": TEST_PASSWORD}
        assert (await guesser.post("/session", json=form, headers=told)).status_code == 429
        assert (await attempt(neighbour, "dispatcher", TEST_PASSWORD)).status_code == 200
        change(runtime.settings, trusted_proxies="203.0.113.7")
        assert (await guesser.post("/session", json=form, headers=told)).status_code == 200


async def test_the_table_of_counts_is_bounded(
    client: httpx.AsyncClient, runtime: Runtime, town_urls: Urls
) -> None:
    change(runtime.settings, sign_in_throttle_rows=20, sign_in_address_attempts=1000)
    for _ in range(runtime.settings.sign_in_attempts):
        await attempt(client, "dispatcher", "wrong")
    for number in range(40):
        await attempt(client, f"guess{number}", "wrong")
    with seeing_all(town_urls.app) as connection:
        row = connection.execute("SELECT count(*) FROM sign_in_throttle").fetchone()
    assert row is not None
    assert row[0] <= 20
    # Whoever waits goes on waiting: a flood of names unlocks nobody.
    assert (await attempt(client, "dispatcher", TEST_PASSWORD)).status_code == 429


# --- timing --------------------------------------------------------------------------------


async def test_every_refusal_costs_the_same_work(
    runtime: Runtime, town_urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hash verifications and statements, counted: nothing tells why a sign-in was refused."""
    with seeing_all(town_urls.app, autocommit=True) as connection:
        connection.execute("UPDATE staff SET active = false WHERE login = 'inspector'")
        connection.execute("UPDATE staff SET password_hash = NULL WHERE login = 'worker2'")
    done: Counter[str] = Counter()
    real = passwords._hasher.verify

    def counted(*given: Any) -> bool:
        done["verified"] += 1
        return bool(real(*given))

    monkeypatch.setattr(
        "streetwise.directory.passwords._hasher", type("H", (), {"verify": counted})
    )

    def statement(_c: Any, _u: Any, text: str, *_more: Any) -> None:
        done[text] += 1

    engine = runtime.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", statement)
    work = {}
    cases = {
        "unknown": ("nobody", "wrong"),
        "wrong": ("dispatcher", "wrong"),
        "closed": ("inspector", TEST_PASSWORD),
        "no password": ("worker2", TEST_PASSWORD),
    }
    # Without its live feed, which reads as well.
    async with browser(create_app(runtime, with_worker=False)) as client:
        await attempt(client, "warm.up", "wrong")
        for name, (login, password) in cases.items():
            done.clear()
            answer = await attempt(client, login, password)
            assert answer.status_code == 401
            work[name] = dict(done)
    event.remove(engine, "before_cursor_execute", statement)
    assert work["unknown"]["verified"] == 1
    different = {name: one for name, one in work.items() if one != work["unknown"]}
    known = set(work["unknown"].items())
    assert different == {}, [set(one.items()) ^ known for one in different.values()]


# --- fixation, cookies, foreign sites ------------------------------------------------------


async def test_a_token_from_before_is_never_signed_in_afterwards(
    client: httpx.AsyncClient,
) -> None:
    planted = "A" * 43
    client.cookies.set("streetwise_session", planted, domain="test.local", path="/")
    first = await attempt(client, "dispatcher", TEST_PASSWORD)
    old = first.cookies["streetwise_session"]
    assert old != planted
    second = await attempt(client, "inspector", TEST_PASSWORD)
    assert second.cookies["streetwise_session"] not in (planted, old)
    for token in (planted, old):
        client.cookies.clear()
        answer = await client.get("/session", headers={"Cookie": f"streetwise_session={token}"})
        assert answer.status_code == 401


async def test_behind_tls_the_cookie_belongs_to_this_host_alone(
    app: FastAPI, runtime: Runtime
) -> None:
    change(runtime.settings, secure_cookies=True)
    async with browser(app, base_url="https://test/api/v1") as client:
        answer = await attempt(client, "dispatcher", TEST_PASSWORD)
        cookies = answer.headers.get_list("set-cookie")
        session = next(one for one in cookies if one.startswith("__Host-streetwise_session="))
        for flag in ("HttpOnly", "Secure", "SameSite=strict", "Path=/"):
            assert flag in session
        assert "Domain" not in session
        assert (await client.get("/session")).status_code == 200
        assert (await client.delete("/session")).status_code == 204
        assert (await client.get("/session")).status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"X-Requested-With": "streetwise"}, 204),
        ({"Origin": "http://test"}, 204),
        ({"Sec-Fetch-Site": "same-origin"}, 204),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://evil.example", "X-Requested-With": "streetwise"}, 403),
    ],
)
async def test_a_change_says_where_it_comes_from(
    client: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    await attempt(client, "dispatcher", TEST_PASSWORD)
    del client.headers["X-Requested-With"]
    assert (await client.delete("/account/devices", headers=headers)).status_code == status
    assert (await client.get("/session")).status_code == 200  # reading needs none of it


# --- the second factor ---------------------------------------------------------------------


def secret_of(offer: dict[str, str]) -> bytes:
    return base64.b32decode(offer["key"].replace(" ", ""))


async def enrol(client: httpx.AsyncClient, login: str, wall: Wall) -> tuple[bytes, list[str]]:
    """Sign in for the first time, and set up the second factor that is asked for."""
    begun = await attempt(client, login, TEST_PASSWORD)
    assert (begun.status_code, begun.json()["step"]) == (202, "enrolment")
    secret = secret_of((await client.post("/session/enrolment")).json())
    code = totp.code_at(secret, totp.step_of(wall.at))
    done = await client.post("/session/enrolment/confirm", json={"code": code})
    assert done.status_code == 200, done.text
    assert done.json()["session"]["staff"]["login"] == login
    codes: list[str] = done.json()["recovery_codes"]
    return secret, codes


@pytest.fixture
def strict(runtime: Runtime) -> None:
    """As in a real street: administrators sign in with a second factor."""
    change(runtime.settings, second_factor="administrators")


@pytest.mark.usefixtures("strict")
async def test_an_administrator_enrols_and_signs_in_with_a_code_never_twice(
    app: FastAPI, wall: Wall, town_urls: Urls
) -> None:
    async with browser(app) as client:
        secret, codes = await enrol(client, "security_admin", wall)
        pending_token = client.cookies.get("streetwise_pending")
        assert not pending_token
        assert (await client.get("/accounts")).status_code == 200
        await client.delete("/session")
        wall.at += timedelta(seconds=60)
        code = totp.code_at(secret, totp.step_of(wall.at))
        begun = await attempt(client, "security_admin", TEST_PASSWORD)
        assert begun.json()["step"] == "second_factor"
        # The pending token opens nothing: neither as itself nor under the session's name.
        token = client.cookies["streetwise_pending"]
        assert (await client.get("/accounts")).status_code == 401
        for path in ("/session", "/account", "/accounts"):
            answer = await client.get(path, headers={"Cookie": f"streetwise_session={token}"})
            assert answer.status_code == 401
        skipped = await client.post("/session/password", json={"password": NEW})
        assert (skipped.status_code, skipped.json()["code"]) == (409, "other_step")
        done = await client.post("/session/second-factor", json={"code": code})
        assert done.status_code == 200
        assert client.cookies["streetwise_session"] != token
        # The same code again, in a sign-in of somebody who looked over the shoulder.
        async with browser(app) as other:
            await attempt(other, "security_admin", TEST_PASSWORD)
            again = await other.post("/session/second-factor", json={"code": code})
            assert (again.status_code, again.json()["code"]) == (422, "wrong_code")
            recovered = await other.post("/session/second-factor", json={"code": codes[0].upper()})
            assert recovered.status_code == 200
            await other.delete("/session")
            await attempt(other, "security_admin", TEST_PASSWORD)
            twice = await other.post("/session/second-factor", json={"code": codes[0]})
            assert twice.status_code == 422
    with seeing_all(town_urls.app) as connection:
        rows = connection.execute(
            "SELECT s::text FROM staff s WHERE totp_since IS NOT NULL"
            " UNION ALL SELECT r::text FROM staff_recovery_code r"
        ).fetchall()
    everything = "\n".join(row[0] for row in rows)
    assert secret.hex() not in everything
    assert not any(code.replace("-", "").encode().hex() in everything for code in codes)


@pytest.mark.usefixtures("strict")
async def test_the_right_password_in_between_gives_no_more_guesses_at_the_code(
    app: FastAPI, runtime: Runtime, wall: Wall
) -> None:
    async with browser(app) as client:
        await enrol(client, "security_admin", wall)
        await client.delete("/session")
        guesses = 0
        for _ in range(20):
            if (await attempt(client, "security_admin", TEST_PASSWORD)).status_code != 202:
                break
            answer = await client.post("/session/second-factor", json={"code": "000000"})
            if answer.status_code == 429:
                break
            guesses += 1
        assert guesses <= runtime.settings.sign_in_attempts


@pytest.mark.usefixtures("strict")
async def test_a_lost_telephone_is_reset_by_the_security_administrator(
    app: FastAPI, runtime: Runtime, wall: Wall
) -> None:
    async with browser(app) as security, browser(app) as system:
        await enrol(security, "security_admin", wall)
        await enrol(system, "system_admin", wall)
        people = (await security.get("/accounts", params={"q": "system_admin"})).json()["items"]
        path = f"/accounts/{people[0]['id']}/second-factor"
        assert (await security.delete(path)).json()["second_factor"] is False
        assert (await system.get("/session")).status_code == 401
        await enrol(system, "system_admin", wall)


async def test_a_setting_asks_everybody_and_the_others_may(
    app: FastAPI, runtime: Runtime, wall: Wall
) -> None:
    change(runtime.settings, second_factor="administrators")
    async with browser(app) as client:
        assert (await attempt(client, "dispatcher", TEST_PASSWORD)).status_code == 200
        offer = await client.post("/account/second-factor", json={"password": TEST_PASSWORD})
        secret = secret_of(offer.json())
        code = totp.code_at(secret, totp.step_of(wall.at))
        before = client.cookies["streetwise_session"]
        done = await client.post("/account/second-factor/confirm", json={"code": code})
        assert len(done.json()["recovery_codes"]) == 10
        assert client.cookies["streetwise_session"] != before
        assert (await attempt(client, "dispatcher", TEST_PASSWORD)).json()[
            "step"
        ] == "second_factor"
        wall.at += timedelta(minutes=1)
        code = totp.code_at(secret, totp.step_of(wall.at))
        await client.post("/session/second-factor", json={"code": code})
        form = {"password": TEST_PASSWORD}
        assert (await client.post("/account/second-factor/end", json=form)).status_code == 204
        assert (await attempt(client, "dispatcher", TEST_PASSWORD)).status_code == 200
        change(runtime.settings, second_factor="everybody")
        assert (await attempt(client, "dispatcher", TEST_PASSWORD)).json()["step"] == "enrolment"


async def test_nobody_counts_in_a_synthetic_street_only(
    app: FastAPI, runtime: Runtime, wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert runtime.settings.second_factor == "nobody"
    async with browser(app) as client:
        assert (await attempt(client, "security_admin", TEST_PASSWORD)).status_code == 200
        monkeypatch.setattr(runtime.database.clock, "simulated", False, raising=False)
        begun = await attempt(client, "security_admin", TEST_PASSWORD)
        assert (begun.status_code, begun.json()["step"]) == (202, "enrolment")


async def test_a_begun_sign_in_ends_after_its_minutes(
    app: FastAPI, runtime: Runtime, wall: Wall
) -> None:
    change(runtime.settings, second_factor="everybody")
    async with browser(app) as client:
        await attempt(client, "dispatcher", TEST_PASSWORD)
        assert (await client.get("/session/pending")).json()["step"] == "enrolment"
        wall.at += timedelta(minutes=runtime.settings.sign_in_pending_minutes, seconds=1)
        answer = await client.post("/session/enrolment")
        assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_over")


async def test_a_password_that_is_too_old_must_be_changed(
    app: FastAPI, runtime: Runtime, wall: Wall, town_urls: Urls
) -> None:
    change(runtime.settings, password_max_age_days=90)
    with seeing_all(town_urls.app, autocommit=True) as connection:
        connection.execute("UPDATE staff SET password_set_at = %s", (wall.at,))
    async with browser(app) as client:
        assert (await attempt(client, "dispatcher", TEST_PASSWORD)).status_code == 200
        wall.at += timedelta(days=91)
        assert (await attempt(client, "dispatcher", TEST_PASSWORD)).json()["step"] == "password"


# --- the first start -----------------------------------------------------------------------


@pytest_asyncio.fixture
async def empty(bare: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(bare, with_worker=False)
    async with app.router.lifespan_context(app), browser(app) as client:
        yield client


def three(**changed: str) -> list[dict[str, str]]:
    people = [("system_admin", "li.gang", "李刚"), ("security_admin", "wang.fang", "王芳")]
    people.append(("audit_admin", "zhao.min", "赵敏"))
    return [
        {"role": role, "login": login, "name": name, "password": f"{NEW}{role}"} | changed
        for role, login, name in people
    ]


async def test_an_empty_installation_has_no_account_and_makes_its_three_once(
    empty: httpx.AsyncClient, bare: Runtime, wall: Wall
) -> None:
    change(bare.settings, second_factor="administrators")
    assert (await empty.get("/about")).json()["setup_open"] is True
    code = await code_for_console(bare)
    assert code is not None
    assert await code_for_console(bare) == code  # a second process, a second start
    file = bare.settings.secrets_path / CODE_FILE
    assert file.stat().st_mode & 0o777 == 0o600
    wrong = await empty.post("/setup", json={"code": "aaaa-bbbb", "administrators": three()})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "setup_code_wrong")
    for people in (three(login="same.one"), three(name="同一个人"), three(password=NEW)):
        same = await empty.post("/setup", json={"code": code, "administrators": people})
        assert same.json()["code"] == "setup_three_people"
    twice = [*three()[:2], {**three()[2], "role": "system_admin"}]
    answer = await empty.post("/setup", json={"code": code, "administrators": twice})
    assert answer.json()["code"] == "setup_three"
    assert (await empty.get("/setup")).json()["open"] is True  # nothing was half done
    done = await empty.post("/setup", json={"code": code.upper(), "administrators": three()})
    assert done.status_code == 204, done.text
    assert not file.exists()
    assert await code_for_console(bare) is None
    assert (await empty.get("/setup")).json()["open"] is False
    again = await empty.post("/setup", json={"code": code, "administrators": three()})
    assert (again.status_code, again.json()["code"]) == (409, "setup_over")

    begun = await attempt(empty, "wang.fang", f"{NEW}security_admin")
    assert begun.json()["step"] == "password"
    changed = await empty.post("/session/password", json={"password": "晚饭后沿着小河慢慢走回家"})
    assert (changed.status_code, changed.json()["step"]) == (202, "enrolment")
    secret = secret_of((await empty.post("/session/enrolment")).json())
    form = {"code": totp.code_at(secret, totp.step_of(wall.at))}
    session = (await empty.post("/session/enrolment/confirm", json=form)).json()["session"]
    assert session["roles"] == ["security_admin"]


async def test_the_code_of_the_first_start_expires(
    empty: httpx.AsyncClient, bare: Runtime, wall: Wall
) -> None:
    code = await code_for_console(bare)
    wall.at += timedelta(hours=bare.settings.setup_code_hours, seconds=1)
    answer = await empty.post("/setup", json={"code": code, "administrators": three()})
    assert answer.json()["code"] == "setup_code_wrong"
    fresh = await code_for_console(bare)
    assert fresh not in (None, code)
    answer = await empty.post("/setup", json={"code": fresh, "administrators": three()})
    assert answer.status_code == 204


async def test_a_street_with_accounts_has_no_first_start(runtime: Runtime) -> None:
    assert await code_for_console(runtime) is None
