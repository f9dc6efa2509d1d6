"""An officer splits a case: nothing is lost, nobody is counted twice, merging undoes it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from helpers import SYSTEM, act, report, sign_in, spot, take_in_rows
from hypothesis import given
from hypothesis import strategies as st
from resolve.test_merging import cases, do, links, one_of_three, understanding
from resolve.test_orders import order
from sqlalchemy import select

from streetwise.kernel import journal
from streetwise.kernel.runtime import Runtime
from streetwise.resolve import replay
from streetwise.resolve.clocks.tables import CaseClock
from streetwise.resolve.splitting.plan import (
    LAST_PART,
    PARTS_MOST,
    Feed,
    Impossible,
    Plan,
    merged,
    plan,
    words_of,
)
from streetwise.resolve.tables import Case

# --- the plan alone ------------------------------------------------------------------------

A, B = UUID(int=1), UUID(int=2)
LENGTHS = {A: 30, B: 10}


def planned(*problems: list[Feed], named: dict[UUID, int] | None = None, last: int = 0) -> Plan:
    return plan(problems, [(A, 0), (B, 0)], LENGTHS, {A: last, B: 0}, named or {})


@pytest.mark.parametrize(
    ("problems", "code"),
    [
        ([[Feed((A, 0)), Feed((B, 0))]], "split_parts"),
        ([[Feed((A, 0)), Feed((B, 0))]] * (PARTS_MOST + 1), "split_parts"),
        ([[Feed((A, 0)), Feed((B, 0))], []], "split_part_empty"),
        ([[Feed((A, 0))], [Feed((A, 0))]], "split_voice_left"),
        ([[Feed((A, 0)), Feed((A, 0))], [Feed((B, 0))]], "split_voice_twice"),
        ([[Feed((A, 0))], [Feed((B, 0)), Feed((B, 1))]], "split_voice_unknown"),
        ([[Feed((A, 0), ((0, 31),))], [Feed((B, 0))]], "split_words"),
        ([[Feed((A, 0), ((5, 5),))], [Feed((B, 0))]], "split_words"),
    ],
)
def test_a_split_that_means_nothing_or_loses_a_voice_is_refused(
    problems: list[list[Feed]], code: str
) -> None:
    with pytest.raises(Impossible) as found:
        planned(*problems)
    assert found.value.code == code


def test_an_order_goes_with_a_problem_that_its_voice_tells_of() -> None:
    both = [Feed((A, 0), ((0, 10),))], [Feed((A, 0), ((10, 30),)), Feed((B, 0))]
    assert planned(*both).home == {A: 0, B: 1}
    assert planned(*both, named={A: 1}).home == {A: 1, B: 1}
    with pytest.raises(Impossible) as found:
        planned(*both, named={B: 0})
    assert found.value.code == "split_order_elsewhere"


def test_a_voice_has_no_more_part_numbers_than_there_are() -> None:
    with pytest.raises(Impossible) as found:
        planned([Feed((A, 0)), Feed((B, 0))], [Feed((A, 0))], last=LAST_PART)
    assert found.value.code == "split_too_fine"


SPANS = st.lists(
    st.tuples(st.integers(0, 29), st.integers(1, 30)).filter(lambda one: one[0] < one[1]),
    max_size=6,
)


@given(SPANS)
def test_merged_spans_are_the_same_characters_once_in_order(spans: list[tuple[int, int]]) -> None:
    chosen = {at for start, end in spans for at in range(start, end)}
    found = merged(spans)
    assert [at for start, end in found for at in range(start, end)] == sorted(chosen)
    assert all(one[1] < other[0] for one, other in zip(found, found[1:], strict=False))
    text = "".join(chr(0x4E00 + at) for at in range(30))
    assert words_of(text, found) == ("".join(text[at] for at in sorted(chosen)) if chosen else text)


@given(st.lists(st.sets(st.integers(0, 4)), min_size=2, max_size=PARTS_MOST))
def test_every_voice_keeps_its_row_and_each_row_is_its_own(given_to: list[set[int]]) -> None:
    """By a slow count: a voice has one row for each problem that it feeds, and one is its own."""
    ids = [UUID(int=at + 1) for at in range(5)]
    problems = [[Feed((ids[one], 0)) for one in sorted(some)] for some in given_to]
    whole = all(given_to) and set().union(*given_to) == set(range(5))
    every = [(one, 0) for one in ids]
    try:
        found = plan(problems, every, dict.fromkeys(ids, 9), dict.fromkeys(ids, 0), {})
    except Impossible:
        assert not whole
        return
    assert whole
    for at, one in enumerate(ids):
        mine = [row for row in found.rows if row.voice == (one, 0)]
        assert [row.at for row in mine] == [n for n, some in enumerate(given_to) if at in some]
        assert [row.part for row in mine] == list(range(len(mine)))
        assert [row.new for row in mine] == [False, *[True] * (len(mine) - 1)]
        assert found.home[one] == mine[0].at


# --- through the API -----------------------------------------------------------------------

LAMP = "梧桐路12号门口的路灯坏了三天了，晚上看不见路。"
BIN = "旁边的垃圾桶满了好几天没有人来清运，味道很大。"
BOTH = LAMP + BIN


def spans(words: str) -> list[list[int]]:
    at = BOTH.index(words)
    return [[at, at + len(words)]]


async def replays(runtime: Runtime) -> None:
    """Of every case the journal tells what the row holds."""
    for case in await cases(runtime):
        async with runtime.database.read(SYSTEM) as session:
            read = await journal.read(session, SYSTEM, subject=case.id, limit=1000)
        state = replay.fold((one.action, one.data) for one in read)
        assert (state.state, state.version) == (case.state, case.version)
        assert state.merged_into == (str(case.merged_into) if case.merged_into else None)


async def entry_of(runtime: Runtime, case_id: UUID, action: str) -> Any:
    async with runtime.database.read(SYSTEM) as session:
        read = await journal.read(session, SYSTEM, subject=case_id, limit=1000)
    (found,) = [one for one in read if one.action == action]
    return found


async def clocks(runtime: Runtime, case_id: UUID) -> list[CaseClock]:
    async with runtime.database.read(SYSTEM) as session:
        query = select(CaseClock).where(CaseClock.case_id == case_id).order_by(CaseClock.id)
        return list((await session.execute(query)).scalars())


async def one_order_of_two_problems(runtime: Runtime) -> Case:
    row = order("HL1", 诉求内容=BOTH, 标题="路灯和垃圾桶")
    await take_in_rows(runtime, [row], mapping="hotline-orders")
    found = await cases(runtime)
    assert len(found) == 1
    return found[0]


def halves(signal: Any, **more: Any) -> list[dict[str, Any]]:
    lamp = {"signal_id": str(signal), "spans": spans(LAMP)}
    full = {"signal_id": str(signal), "spans": spans(BIN)}
    return [
        {"voices": [lamp], "title": "路灯不亮"},
        {"voices": [full], "title": "垃圾桶满溢", **more},
    ]


async def test_one_message_of_two_problems_becomes_two_cases_and_one_again(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    """The order stays with its clock, the voice is answered in both, and nobody counts twice."""
    case = await one_order_of_two_problems(runtime)
    (link,) = await links(runtime)
    await sign_in(client, "dispatcher")
    before = (await client.get(f"/cases/{case.id}")).json()
    clocks_before = [(one.id, one.due_at) for one in await clocks(runtime, case.id)]
    answer = await do(client, "split", case, parts=halves(link.signal_id))
    assert answer.status_code == 200, answer.text
    assert answer.json()["cases"][0]["number"] == case.number
    old, new = await cases(runtime)
    assert answer.json()["cases"][1]["number"] == new.number
    assert (old.title, new.title, new.state) == ("路灯不亮", "垃圾桶满溢", "received")
    assert (old.voices, new.voices) == (1, 1)
    # Both rows are there, each with its words.
    found = await links(runtime)
    assert [(one.part, one.case_id, one.why) for one in found] == [
        (0, old.id, "split"), (1, new.id, "split"),
    ]  # fmt: skip
    steps = (await understanding(client, new))["links"][0]["reasons"]
    assert [one["params"] for one in steps] == [{"from": len(LAMP) + 1, "to": len(BOTH)}]
    # The order and its clock are where they were.
    after = (await client.get(f"/cases/{old.id}")).json()
    assert after["orders"][0]["due_at"] == before["orders"][0]["due_at"]
    assert [(one.id, one.due_at) for one in await clocks(runtime, old.id)] == clocks_before
    assert (await client.get(f"/cases/{new.id}")).json()["orders"] == []
    # The new one has its own: how soon the desk takes it up, and when upstream wants it done.
    assert {one.kind for one in await clocks(runtime, new.id)} == {"accept", "given"}
    assert new.due_at == case.due_at
    # Each of them answers the voice.
    for one in (old, new):
        told = (await client.get(f"/cases/{one.id}/answers")).json()["voices"]
        assert [voice["signal_id"] for voice in told] == [str(link.signal_id)]
    split = await entry_of(runtime, old.id, "case.split")
    opened = await entry_of(runtime, new.id, "case.opened")
    assert split.data["split_into"] == [str(new.id)]
    assert opened.data["split_from"] == str(old.id)
    await replays(runtime)
    # Merged again it is one case with one voice; the merge can be undone like any.
    assert (await do(client, "merge", new, into=str(old.id))).status_code == 200
    old, new = await cases(runtime)
    assert (old.voices, new.voices, new.state) == (1, 0, "closed")
    assert {one.case_id for one in await links(runtime)} == {old.id}
    assert (await do(client, "unmerge", new)).status_code == 200
    old, new = await cases(runtime)
    assert (old.voices, new.voices) == (1, 1)
    assert [one.case_id for one in await links(runtime)] == [old.id, new.id]
    await replays(runtime)


async def test_the_order_goes_where_the_officer_says_and_keeps_its_clock(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await one_order_of_two_problems(runtime)
    (link,) = await links(runtime)
    await sign_in(client, "dispatcher")
    (carried,) = (await client.get(f"/cases/{case.id}")).json()["orders"]
    parts = halves(link.signal_id, orders=[carried["id"]])
    assert (await do(client, "split", case, parts=parts)).status_code == 200
    old, new = await cases(runtime)
    assert (await client.get(f"/cases/{old.id}")).json()["orders"] == []
    (moved,) = (await client.get(f"/cases/{new.id}")).json()["orders"]
    assert moved["due_at"] == carried["due_at"]
    (clock,) = [one for one in await clocks(runtime, new.id) if one.order_id is not None]
    assert clock.due_at == new.due_at
    unknown = halves(link.signal_id, orders=[str(uuid4())])
    answer = await do(client, "split", old, parts=unknown)
    assert (answer.status_code, answer.json()["code"]) == (422, "split_order_unknown")


async def test_whole_voices_go_to_three_cases(runtime: Runtime, client: httpx.AsyncClient) -> None:
    case = await one_of_three(runtime)
    told = [one.signal_id for one in await links(runtime)]
    await sign_in(client, "dispatcher")
    short = [{"voices": [{"signal_id": str(one)}]} for one in told[:2]]
    answer = await do(client, "split", case, parts=short)
    assert (answer.status_code, answer.json()["code"]) == (422, "split_voice_left")
    assert [one.voices for one in await cases(runtime)] == [3]
    parts = [{"voices": [{"signal_id": str(one)}]} for one in told]
    assert (await do(client, "split", case, parts=parts)).status_code == 200
    found = await cases(runtime)
    assert [one.voices for one in found] == [1, 1, 1]
    assert {one.signal_id: one.case_id for one in await links(runtime)} == dict(
        zip(told, [one.id for one in found], strict=True)
    )
    # They were told apart: none is offered as the same again.
    for one in found:
        assert (await understanding(client, one))["offers"] == []
    await replays(runtime)


async def test_the_officers_class_holds_and_an_unknown_one_is_refused(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await take_in_rows(runtime, [report("1", "两件事", BOTH, **spot(1))])
    (case,) = await cases(runtime)
    (link,) = await links(runtime)
    await sign_in(client, "dispatcher")
    classes = (await understanding(client, case))["categories"]
    cls = f"{classes[0]['scheme']}:{classes[0]['code']}"
    refused = await do(client, "split", case, parts=halves(link.signal_id, category="no:such"))
    assert (refused.status_code, refused.json()["code"]) == (422, "class_unknown")
    parts = halves(link.signal_id, category=cls)
    parts[0]["category"] = cls
    assert (await do(client, "split", case, parts=parts)).status_code == 200
    for one in await cases(runtime):
        assert f"{one.category_scheme}:{one.category_code}" == cls
        assert one.category_why == {"code": "category_operator", "params": {}}
    await replays(runtime)


async def test_a_closed_case_and_a_held_one_are_not_split(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await take_in_rows(runtime, [report("1", "两件事", BOTH, **spot(1))])
    (case,) = await cases(runtime)
    (link,) = await links(runtime)
    await sign_in(client, "dispatcher")
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        (await uow.session.get_one(Case, case.id)).nature_state = "mediating"
    answer = await do(client, "split", case, parts=halves(link.signal_id))
    assert (answer.status_code, answer.json()["code"]) == (409, "split_held")
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        row = await uow.session.get_one(Case, case.id)
        row.nature_state, row.state = None, "closed"
    answer = await do(client, "split", case, parts=halves(link.signal_id))
    assert (answer.status_code, answer.json()["code"]) == (409, "split_closed")
    assert len(await cases(runtime)) == 1


async def test_an_urgency_is_never_split_away(runtime: Runtime, client: httpx.AsyncClient) -> None:
    """The words say which problem it is; where they do not, each of them is urgent."""
    burning = "梧桐路12号门口的路灯杆正在冒烟，电线着火了，非常危险！"
    await take_in_rows(runtime, [report("1", "路灯冒烟", burning + BIN, **spot(1))])
    (case,) = await cases(runtime)
    (link,) = await links(runtime)
    assert case.priority == "high"
    await sign_in(client, "dispatcher")
    at = len(burning)
    parts = [
        {"voices": [{"signal_id": str(link.signal_id), "spans": [[at, at + len(BIN)]]}]},
        {"voices": [{"signal_id": str(link.signal_id), "spans": [[0, at]]}]},
    ]
    assert (await do(client, "split", case, parts=parts)).status_code == 200
    assert [one.priority for one in await cases(runtime)] == ["high", "high"]


async def test_who_is_late_with_it_is_told(runtime: Runtime, client: httpx.AsyncClient) -> None:
    """Somebody changed the case meanwhile: what was decided on is not there any more."""
    await take_in_rows(runtime, [report("1", "两件事", BOTH, **spot(1))])
    (case,) = await cases(runtime)
    (link,) = await links(runtime)
    await sign_in(client, "dispatcher")
    version = case.version
    seen = {"id": case.id, "version": version}
    assert (await act(client, seen, "accept")).status_code == 200
    stale = await client.post(
        f"/cases/{case.id}/split",
        json={"parts": halves(link.signal_id)},
        headers={"If-Match": f'"{version}"'},
    )
    assert stale.status_code in (409, 412)
    assert len(await cases(runtime)) == 1
