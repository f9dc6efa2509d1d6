"""Several cases with one cause (一因多案): found by the job, offered, decided, taken back."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from helpers import SYSTEM, Spot, report, sign_in, spot, take_in_rows
from resolve.test_merge_undone import close, doubts
from resolve.test_merging import BIN, cases, do, understanding
from sqlalchemy import select, text

from streetwise.kernel.runtime import Runtime
from streetwise.resolve.merging.causes import bring_up_to_date, look
from streetwise.resolve.merging.tables import CauseOffer
from streetwise.resolve.tables import Case
from streetwise.resolve.understand.causes import CommonCause

#: Three houses of one yard: three callers, three cases.
LAMPS = (
    ("路灯不亮", "梧桐路口东侧的路灯不亮了，晚上看不见路。"),
    ("路灯不亮", "小学门前的那盏路灯坏了，孩子放学害怕。"),
    ("路灯不亮", "公交站旁边的路灯好几盏都不亮，请派人修。"),
    ("路灯不亮", "菜市场西门的路灯也不亮了，摊贩收摊摸黑。"),
)


def near(number: int) -> Spot:
    """Too far apart for one lamp, near enough for one cable."""
    there = spot(1)
    return {"lon": there["lon"], "lat": there["lat"] + number * 0.00055}


async def lamps(runtime: Runtime, count: int = 3, *, first: int = 0) -> list[Case]:
    told = [
        report(str(at), *LAMPS[at], **near(at), at=f"2026-05-11 09:{at}0:00")
        for at in range(first, first + count)
    ]
    await take_in_rows(runtime, told)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        # Whatever the engines made of the pairs, here they are three cases of one class.
        await uow.session.execute(text("DELETE FROM merge_offer"))
        await uow.session.execute(text("UPDATE cases SET doubts = '{}'"))
    found = await cases(runtime)
    assert len(found) == first + count
    assert {one.category_code for one in found} == {"P-01-37"}
    return found


async def offers(runtime: Runtime) -> list[CauseOffer]:
    async with runtime.database.read(SYSTEM) as session:
        query = select(CauseOffer).order_by(CauseOffer.made_at, CauseOffer.id)
        return list((await session.execute(query)).scalars())


async def shown(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get("/merges")).json()["causes"]
    return found


async def test_cases_with_one_cause_are_offered_once(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    told = await lamps(runtime)
    await look(runtime)
    await look(runtime)
    await sign_in(client, "dispatcher")
    (offer,) = await shown(client)
    assert [one["number"] for one in offer["cases"]] == [one.number for one in told]
    assert (offer["parent"], offer["reasons"][0]) == (
        None,
        {"code": "cases", "params": {"count": 3}},
    )
    # The first of them waits at the desk; the others ask nothing.
    assert [await doubts(runtime, one) for one in told] == [["cause"], [], []]
    desk = (await client.get("/desk")).json()["items"]
    assert [one["id"] for one in desk[0]["understanding"]["causes"]] == [offer["id"]]


async def test_two_looks_at_once_offer_once(runtime: Runtime) -> None:
    await lamps(runtime)
    await asyncio.gather(*(look(runtime) for _ in range(4)))
    assert len(await offers(runtime)) == 1


async def test_what_is_refused_while_the_job_thinks_is_not_offered_again(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    told = await lamps(runtime)
    await look(runtime)
    (offer,) = await offers(runtime)
    await sign_in(client, "dispatcher")
    assert (await client.post(f"/cause-offers/{offer.id}/refuse")).status_code == 200
    thought = CommonCause(tuple(str(one.id) for one in told), None, ())
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await bring_up_to_date(uow, [thought])
    assert len(await offers(runtime)) == 1


@pytest.mark.parametrize("chosen", [None, 1])
async def test_an_accepted_cause_hangs_them_under_one_and_is_taken_back(
    runtime: Runtime, client: httpx.AsyncClient, chosen: int | None
) -> None:
    """Under one of them, or under a case that is opened for the cause."""
    told = await lamps(runtime)
    await look(runtime)
    await sign_in(client, "dispatcher")
    (offer,) = await shown(client)
    parent = str(told[chosen].id) if chosen is not None else None
    path = f"/cause-offers/{offer['id']}"
    answer = await client.post(f"{path}/accept", json={"parent": parent})
    assert answer.status_code == 200, answer.text
    under = answer.json()
    assert under["visible"] is True
    found = await understanding(client, under["id"])
    hung = [one.number for one in told if str(one.id) != parent]
    assert [one["number"] for one in found["children"]] == hung
    assert await shown(client) == []
    assert await doubts(runtime, told[0]) == []
    # Each keeps its voice and its own way through the loop.
    assert [one.state for one in await cases(runtime)][:3] == ["received"] * 3
    again = await client.post(f"{path}/accept", json={"parent": parent})
    assert (again.status_code, again.json()["code"]) == (409, "offer_decided")
    await look(runtime)
    assert len(await offers(runtime)) == 1

    assert (await client.post(f"{path}/undo")).status_code == 200
    assert {one.parent_id for one in await cases(runtime)} == {None}
    assert [one["id"] for one in await shown(client)] == [offer["id"]]
    assert await doubts(runtime, told[0]) == ["cause"]
    made = (await cases(runtime))[3:]
    assert [one.state for one in made] == (["closed"] if chosen is None else [])


async def test_the_case_that_is_opened_for_a_cause_is_as_urgent_as_its_members(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    told = await lamps(runtime)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        held = await uow.session.get_one(Case, told[2].id)
        held.priority = "high"
        earliest = held.due_at = datetime(2026, 5, 12, 4, tzinfo=UTC)
    await look(runtime)
    await sign_in(client, "dispatcher")
    (offer,) = await shown(client)
    answer = await client.post(f"/cause-offers/{offer['id']}/accept", json={"parent": None})
    made = (await client.get(f"/cases/{answer.json()['id']}")).json()
    assert (made["priority"], made["voices"], made["state"]) == ("high", 0, "received")
    assert made["due_at"] == earliest.isoformat().replace("+00:00", "Z")
    assert made["due_why"][-1]["params"]["number"] == told[2].number
    # It goes through the loop and is corrected like any other.
    taken = await do(client, "correct", made["id"], category="urban-management:P-01-37")
    assert taken.status_code == 200, taken.text


async def test_a_refused_cause_is_remembered_and_may_be_taken_back(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await lamps(runtime)
    await look(runtime)
    await sign_in(client, "dispatcher")
    (offer,) = await shown(client)
    assert (await client.post(f"/cause-offers/{offer['id']}/refuse")).status_code == 200
    # A fourth lamp makes no cause of the three that were told apart.
    await lamps(runtime, 1, first=3)
    await look(runtime)
    assert (await shown(client), len(await offers(runtime))) == ([], 1)
    assert (await client.post(f"/cause-offers/{offer['id']}/undo")).status_code == 200
    await look(runtime)
    (again,) = await shown(client)
    assert (again["id"], len(again["cases"])) == (offer["id"], 4)


async def test_a_further_case_of_a_known_cause_is_offered_by_itself(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    told = await lamps(runtime)
    await look(runtime)
    await sign_in(client, "dispatcher")
    (offer,) = await shown(client)
    path = f"/cause-offers/{offer['id']}/accept"
    under = (await client.post(path, json={"parent": None})).json()
    *_, fourth = [one for one in await lamps_more(runtime) if one.voices]
    await look(runtime)
    (further,) = await shown(client)
    assert [one["number"] for one in further["cases"]] == [fourth.number]
    assert further["parent"]["number"] == under["number"]
    path = f"/cause-offers/{further['id']}/accept"
    assert (await client.post(path, json={"parent": str(told[0].id)})).status_code == 422
    assert (await client.post(path, json={"parent": under["id"]})).status_code == 200
    found = await understanding(client, under["id"])
    assert len(found["children"]) == 4


async def lamps_more(runtime: Runtime) -> list[Case]:
    await take_in_rows(runtime, [report("3", *LAMPS[3], **near(3), at="2026-05-11 09:30:00")])
    return await cases(runtime)


async def test_an_offer_shrinks_with_its_cases_and_goes_with_them(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    told = await lamps(runtime, 4)
    await look(runtime)
    await sign_in(client, "dispatcher")
    assert len((await shown(client))[0]["cases"]) == 4
    await close(runtime, client, told[0])
    await look(runtime)
    (offer,) = await shown(client)
    assert [one["number"] for one in offer["cases"]] == [one.number for one in told[1:]]
    assert await doubts(runtime, told[1]) == ["cause"]
    await close(runtime, client, told[1])
    await look(runtime)
    assert [one.state for one in await offers(runtime)] == ["void"]
    assert await doubts(runtime, told[2]) == []


async def test_what_only_a_few_may_see_is_no_part_of_an_offer(runtime: Runtime) -> None:
    told = await lamps(runtime)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        (await uow.session.get_one(Case, told[1].id)).grade = 3
    await look(runtime)
    assert await offers(runtime) == []


async def test_other_matters_and_few_cases_are_no_cause(runtime: Runtime) -> None:
    await lamps(runtime, 2)
    await take_in_rows(runtime, [report("9", *BIN, **near(1))])
    await look(runtime)
    assert await offers(runtime) == []


@pytest.mark.parametrize("login", ["inspector", "street_commander"])
async def test_who_may_not_correct_decides_on_no_cause(
    runtime: Runtime, client: httpx.AsyncClient, login: str
) -> None:
    await lamps(runtime)
    await look(runtime)
    (offer,) = await offers(runtime)
    await sign_in(client, login)
    path = f"/cause-offers/{offer.id}"
    for verb, form in (("accept", {"parent": None}), ("refuse", None), ("undo", None)):
        assert (await client.post(f"{path}/{verb}", json=form)).status_code == 403
    assert {one.parent_id for one in await cases(runtime)} == {None}
