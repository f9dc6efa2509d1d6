"""Who has a case open at the desk: shown to others, over by itself, broken with an entry."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
from helpers import SYSTEM, act, sign_in
from resolve.test_loop import get, open_case
from sqlalchemy import select

from streetwise.directory import repository as directory
from streetwise.directory.sessions import viewer_of
from streetwise.kernel.clock import HandClock
from streetwise.kernel.journal import Journal
from streetwise.kernel.runtime import Runtime
from streetwise.resolve.desklock import actions


async def locks(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    answer = await client.get("/desk/locks")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["locks"]
    return found


async def take(client: httpx.AsyncClient, case: dict[str, Any], how: str = "") -> dict[str, Any]:
    answer = await client.post(f"/cases/{case['id']}/lock{how}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def entries(runtime: Runtime, action: str) -> list[Any]:
    async with runtime.database.read(SYSTEM) as session:
        query = select(Journal).where(Journal.action == action).order_by(Journal.seq)
        return list((await session.execute(query)).scalars())


async def test_another_sees_who_has_it_open_and_may_act_all_the_same(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await open_case(runtime, client)
    assert (await take(client, case))["mine"]
    await sign_in(client, "dispatcher2")
    (lock,) = await locks(client)
    assert (lock["case"], lock["by"], lock["mine"]) == (case["id"], "派遣员甲", False)
    # Opening it too changes nothing.
    assert (await take(client, case))["by"] == "派遣员甲"
    assert (await act(client, case, "accept")).status_code == 200
    # The story of the case does not tell who looked at it.
    assert not any(
        one["action"].startswith("desk.") for one in (await get(client, case))["timeline"]
    )


async def test_a_lock_is_over_by_itself(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case = await open_case(runtime, client)
    await take(client, case)
    clock.advance(timedelta(minutes=runtime.settings.desk_lock_minutes))
    await sign_in(client, "dispatcher2")
    assert await locks(client) == []
    assert (await take(client, case))["mine"]


async def test_taken_again_it_lasts_longer_but_says_so_seldom(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case = await open_case(runtime, client)
    first = await take(client, case)
    clock.advance(timedelta(seconds=20))
    assert await take(client, case) == first
    clock.advance(timedelta(minutes=runtime.settings.desk_lock_minutes) * 0.6)
    assert (await take(client, case))["until"] > first["until"]
    assert len(await entries(runtime, "desk.taken")) == 2


async def test_broken_it_is_the_breakers_and_stands_in_the_story(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await open_case(runtime, client)
    mine = await client.post(f"/cases/{case['id']}/lock/break")
    assert (mine.status_code, mine.json()["code"]) == (409, "desk_not_locked")
    await take(client, case)
    mine = await client.post(f"/cases/{case['id']}/lock/break")
    assert mine.json()["code"] == "desk_not_locked"
    await sign_in(client, "dispatcher2")
    assert (await take(client, case, "/break"))["mine"]
    assert [one["action"] for one in (await get(client, case))["timeline"]][-1] == "desk.broken"
    (broken,) = await entries(runtime, "desk.broken")
    async with runtime.database.read(SYSTEM) as session:
        people = await directory.demo_staff(session, SYSTEM)
    logins = {person.login: str(person.id) for person, _ in people}
    assert broken.data == {"was": logins["dispatcher"]}
    assert broken.actor == f"staff:{logins['dispatcher2']}"


async def test_given_back_nobody_has_it(runtime: Runtime, client: httpx.AsyncClient) -> None:
    case = await open_case(runtime, client)
    await take(client, case)
    assert (await client.delete("/desk/locks")).status_code == 204
    assert await locks(client) == []
    (freed,) = await entries(runtime, "desk.freed")
    assert freed.data == {"freed": [case["id"]]}
    # With nothing open there is nothing to say.
    assert (await client.delete("/desk/locks")).status_code == 204
    assert len(await entries(runtime, "desk.freed")) == 1


async def test_who_decides_nothing_locks_nothing(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await open_case(runtime, client)
    await sign_in(client, "department_handler")
    assert (await client.post(f"/cases/{case['id']}/lock")).status_code in (403, 404)


async def test_of_two_at_once_one_has_it(runtime: Runtime, client: httpx.AsyncClient) -> None:
    case = await open_case(runtime, client)
    async with runtime.database.read(SYSTEM) as session:
        people = {one.login: one for one, _ in await directory.demo_staff(session, SYSTEM)}
        viewers = [
            await viewer_of(session, people[login]) for login in ("dispatcher", "dispatcher2")
        ]

    async def one(viewer: Any) -> Any:
        async with runtime.database.unit_of_work(viewer) as uow:
            lock = await actions.take(uow, viewer, case["id"], timedelta(minutes=5))
            assert lock is not None
            return lock.staff_id

    first, second = await asyncio.gather(*map(one, viewers))
    assert first == second
    assert len(await entries(runtime, "desk.taken")) == 1
