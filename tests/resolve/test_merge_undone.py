"""What a merge does beside voices, and its undoing: families, offers, doubts, parts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
import pytest
from helpers import SYSTEM, act, report, sign_in, spot, take_in_rows
from resolve.test_merging import BIN, LAMP, cases, do, links, understanding
from resolve.test_orders import order
from sqlalchemy import select, text

from streetwise.kernel.ids import new_id
from streetwise.kernel.runtime import Runtime
from streetwise.resolve.answers.tables import Answer
from streetwise.resolve.merging.tables import MergeOffer
from streetwise.resolve.merging.voiding import sweep_offers
from streetwise.resolve.orders.tables import WorkOrder
from streetwise.resolve.tables import Case

PIT = ("路面坑洼", "松柏家园门口有个大坑，车过都颠。")
NOISE = ("施工噪音", "半夜还在施工，吵得睡不着。")


async def four(runtime: Runtime) -> list[Case]:
    rows = [LAMP, BIN, PIT, NOISE]
    told = [report(str(at), *words, **spot(at * 15)) for at, words in enumerate(rows)]
    await take_in_rows(runtime, told)
    found = await cases(runtime)
    assert len(found) == 4
    return found


async def offer(
    runtime: Runtime, case: Case, other: Case, kind: str = "same", *, doubt: bool = True
) -> UUID:
    """As triage would have made it."""
    made = new_id()
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        uow.session.add(
            MergeOffer(
                id=made,
                area=case.area,
                case_id=case.id,
                other_id=other.id,
                kind=kind,
                score=0.7,
                reasons=[],
                state="open",
                made_at=uow.now,
                decided_at=None,
            )
        )
        if doubt:
            held = await uow.session.get_one(Case, case.id)
            held.doubts = [*held.doubts, "again" if kind == "again" else "merge"]
    return made


async def state_of(runtime: Runtime, offer_id: UUID) -> str:
    async with runtime.database.read(SYSTEM) as session:
        return (await session.get_one(MergeOffer, offer_id)).state


async def doubts(runtime: Runtime, case: Case) -> list[str]:
    async with runtime.database.read(SYSTEM) as session:
        return (await session.get_one(Case, case.id)).doubts


async def all_of_it(runtime: Runtime) -> dict[str, Any]:
    """Who hangs where, and whose voices, orders and answers are whose."""
    async with runtime.database.read(SYSTEM) as session:
        orders = await session.execute(select(WorkOrder.id, WorkOrder.case_id))
        answers = await session.execute(select(Answer.id, Answer.case_id))
        found = {
            "orders": sorted(map(tuple, orders)),
            "answers": sorted(map(tuple, answers)),
        }
    found["parents"] = {case.id: case.parent_id for case in await cases(runtime)}
    found["voices"] = {case.id: case.voices for case in await cases(runtime)}
    found["links"] = [(one.signal_id, one.part, one.case_id) for one in await links(runtime)]
    return found


async def close(runtime: Runtime, client: httpx.AsyncClient, case: Case) -> None:
    """Verified as the loop leaves it, then closed by its own action."""
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        held = await uow.session.get_one(Case, case.id)
        held.state = "verified"
    now = (await client.get(f"/cases/{case.id}")).json()
    answer = await act(client, now, "close")
    assert answer.status_code == 200, answer.text


async def test_who_hangs_under_a_merged_case_hangs_under_the_surviving_one(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case, into, child, other = await four(runtime)
    await sign_in(client, "dispatcher")
    for one in (child, other):
        assert (await do(client, "parent", one, parent=str(case.id))).status_code == 200
    before = await all_of_it(runtime)
    assert (await do(client, "merge", case, into=str(into.id))).status_code == 200
    found = await understanding(client, into)
    assert {one["number"] for one in found["children"]} == {child.number, other.number}
    assert (await do(client, "unmerge", case)).status_code == 200
    assert await all_of_it(runtime) == before


async def test_an_undone_merge_brings_back_the_parent(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case, into, parent, _ = await four(runtime)
    await sign_in(client, "dispatcher")
    assert (await do(client, "parent", case, parent=str(parent.id))).status_code == 200
    before = await all_of_it(runtime)
    assert (await do(client, "merge", case, into=str(into.id))).status_code == 200
    # What survives has the cause that the merged one had.
    assert (await understanding(client, into))["parent"]["number"] == parent.number
    assert (await do(client, "unmerge", case)).status_code == 200
    assert await all_of_it(runtime) == before


async def test_merges_are_undone_in_turn(runtime: Runtime, client: httpx.AsyncClient) -> None:
    """What has gone on into a third case is not there to be taken back."""
    first, second, third, _ = await four(runtime)
    await sign_in(client, "dispatcher")
    before = await all_of_it(runtime)
    assert (await do(client, "merge", first, into=str(second.id))).status_code == 200
    assert (await do(client, "merge", second, into=str(third.id))).status_code == 200
    refused = await do(client, "unmerge", first)
    assert (refused.status_code, refused.json()["code"]) == (409, "merged_further")
    for one in (second, first):
        assert (await do(client, "unmerge", one)).status_code == 200
    assert await all_of_it(runtime) == before


async def test_parts_orders_and_answers_go_back_to_where_they_were(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    """A message of which each part is in one of the two cases; the order is with the first."""
    words = (
        "反映两个问题：一是梧桐路12号门口的路灯坏了，晚上不亮；"
        "二是松柏家园门口的垃圾桶满了，没有人清理。"
    )
    told = [order("HL1", 诉求内容=words, 标题="两个问题")]
    await take_in_rows(runtime, told, mapping="hotline-orders")
    into, case = await cases(runtime)
    assert [one.part for one in await links(runtime)] == [0, 1]
    await sign_in(client, "dispatcher")
    before = await all_of_it(runtime)
    assert (await do(client, "merge", case, into=str(into.id))).status_code == 200
    assert (await do(client, "unmerge", case)).status_code == 200
    assert await all_of_it(runtime) == before


@pytest.mark.parametrize("which", [0, 1])
async def test_an_offer_of_a_case_that_closes_is_void(
    runtime: Runtime, client: httpx.AsyncClient, which: int
) -> None:
    """Whichever of the two closes; and the other asks for no decision any more."""
    pair = (await four(runtime))[:2]
    made = await offer(runtime, pair[0], pair[1])
    await sign_in(client, "dispatcher")
    shown = (await client.get("/merges")).json()["offers"]
    assert [one["id"] for one in shown] == [str(made)]
    await close(runtime, client, pair[which])
    assert await state_of(runtime, made) == "void"
    assert (await client.get("/merges")).json()["offers"] == []
    if which == 1:
        assert "merge" not in await doubts(runtime, pair[0])


async def test_whether_a_closed_case_has_come_back_is_still_asked(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case, closed, *_ = await four(runtime)
    made = await offer(runtime, case, closed, "again")
    await sign_in(client, "dispatcher")
    await close(runtime, client, closed)
    assert (await state_of(runtime, made), (await doubts(runtime, case))[-1]) == ("open", "again")


async def test_an_undone_merge_opens_the_offers_that_it_made_void(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case, into, third, fourth = await four(runtime)
    mine = await offer(runtime, case, third)
    theirs = await offer(runtime, fourth, case)
    await sign_in(client, "dispatcher")
    assert (await do(client, "merge", case, into=str(into.id))).status_code == 200
    assert [await state_of(runtime, one) for one in (mine, theirs)] == ["void", "void"]
    assert "merge" not in await doubts(runtime, fourth)
    assert (await do(client, "unmerge", case)).status_code == 200
    assert [await state_of(runtime, one) for one in (mine, theirs)] == ["open", "open"]
    assert "merge" in await doubts(runtime, case)
    assert "merge" in await doubts(runtime, fourth)


async def test_what_was_offered_of_a_case_just_closed_is_swept(runtime: Runtime) -> None:
    """Triage may offer a case that somebody closes at that moment."""
    case, closed, *_ = await four(runtime)
    made = await offer(runtime, case, closed)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await uow.session.execute(
            text("UPDATE cases SET state = 'closed' WHERE id = :id"), {"id": closed.id}
        )
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        assert await sweep_offers(uow.session, uow.now, 100) > 0
    assert await state_of(runtime, made) == "void"
    assert "merge" not in await doubts(runtime, case)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        assert await sweep_offers(uow.session, uow.now, 100) == 0
