"""Triage: every signal finds exactly one case, again and again the same."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import httpx
import pytest
from helpers import SYSTEM, act, read_rows, report, sign_in, spot, take_in_rows, triage_all
from sqlalchemy import select, text

from streetwise.gather import take_waiting
from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.place import Gazetteer, NamedPlace
from streetwise.resolve.tables import Case, CaseSignal
from streetwise.resolve.triage import triage

LAMP = "梧桐路的路灯坏了三天了，晚上看不见路。"


async def cases(runtime: Runtime) -> list[Case]:
    async with runtime.database.read(SYSTEM) as session:
        return list((await session.execute(select(Case).order_by(Case.number))).scalars())


async def test_an_exact_repeat_joins_its_case_within_and_across_batches(
    runtime: Runtime,
) -> None:
    await take_in_rows(
        runtime,
        [report("1", "路灯", LAMP), report("2", "又是路灯", f" {LAMP}\n", channel="wechat")],
    )
    await take_in_rows(
        runtime, [report("3", "路灯", LAMP), report("4", "别的", "别的事情，与路灯没有关系。")]
    )
    found = await cases(runtime)
    assert sorted(case.voices for case in found) == [1, 3]
    async with runtime.database.read(SYSTEM) as session:
        why = Counter((await session.execute(select(CaseSignal.why))).scalars())
    assert why == {"opened": 2, "same_text": 2}


async def test_short_texts_repeat_by_chance_and_do_not_join(runtime: Runtime) -> None:
    await take_in_rows(runtime, [report("1", "谢谢", "谢谢"), report("2", "谢谢", "谢谢")])
    assert [case.voices for case in await cases(runtime)] == [1, 1]


async def test_a_repeat_of_a_closed_case_opens_a_new_one(runtime: Runtime) -> None:
    await take_in_rows(runtime, [report("1", "路灯", LAMP)])
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await uow.session.execute(text("UPDATE cases SET state = 'closed'"))
    await take_in_rows(runtime, [report("2", "路灯", LAMP)])
    assert [case.state for case in await cases(runtime)] == ["closed", "received"]


async def test_a_changed_row_of_a_known_item_is_a_further_signal_of_its_case(
    runtime: Runtime,
) -> None:
    await take_in_rows(runtime, [report("7", "路灯", LAMP)])
    await take_in_rows(runtime, [report("7", "路灯", LAMP + "催办：今天还是没有人来。")])
    await take_in_rows(runtime, [report("7", "路灯", LAMP + "催办：今天还是没有人来。")])
    (case,) = await cases(runtime)
    assert case.voices == 2


async def test_triage_rolled_back_gives_the_same_again(runtime: Runtime) -> None:
    """Killed before its commit, a batch waits in the queue as if it had never been taken."""
    rows = [report(str(number), f"第{number}件", f"第{number}件事，{LAMP}") for number in range(9)]
    await take_in_rows(runtime, rows[:3])
    before = [(case.number, case.title) for case in await cases(runtime)]

    async def broken(_: object) -> None:
        raise RuntimeError("killed")

    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await uow.session.execute(
            text(
                "INSERT INTO triage_queue (id) SELECT signal_id FROM case_signal ORDER BY signal_id"
            )
        )
        for table in ("case_clock", "case_signal", "case_print", "merge_offer"):
            await uow.session.execute(text(f"DELETE FROM {table}"))
        await uow.session.execute(text("DELETE FROM cases"))
        await uow.session.execute(text("DELETE FROM case_counter"))
    with pytest.raises(RuntimeError, match="killed"):
        async with runtime.database.unit_of_work(SYSTEM) as uow:
            assert await triage(uow, SYSTEM, 100) == 3
            await broken(uow)
    assert await cases(runtime) == []
    await triage_all(runtime)
    assert [(case.number, case.title) for case in await cases(runtime)] == before


async def test_two_triages_at_once_share_the_work(runtime: Runtime) -> None:
    """Every signal in one case, numbers without gap or repeat."""
    rows = [
        report(
            str(number),
            f"第{number}件",
            f"第{number % 15}件事，门口的路灯坏了三天了。",
            **spot(number % 15),
        )
        for number in range(40)
    ]
    viewer = Viewer.system("test")
    await take_in_rows(runtime, rows[:1])
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        assert await take_waiting(uow.session, viewer, 10) == []

    async def some() -> int:
        done = 0
        while True:
            async with runtime.database.unit_of_work(SYSTEM) as uow:
                took = await triage(uow, viewer, 5)
            if took == 0:
                return done
            done += took

    await read_rows(runtime, rows)
    counts = await asyncio.gather(some(), some())
    assert sum(counts) == 39
    found = await cases(runtime)
    assert sum(case.voices for case in found) == 40
    numbers = [int(case.number.split("-")[1]) for case in found]
    assert sorted(numbers) == list(range(1, len(found) + 1))
    assert len(found) == 15


async def test_what_cannot_be_located_is_on_the_dispatchers_desk(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:

    await take_in_rows(runtime, [report("1", "反映问题", "某处有个问题请看一下，不知道在哪里。")])
    await sign_in(client, "dispatcher")
    (row,) = (await client.get("/cases", params={"mine": "true"})).json()["items"]
    assert (row["place_text"], row["grid"], row["category"]) == (None, None, None)
    clock.advance(timedelta(minutes=1))
    accepted = (await act(client, row, "accept")).json()
    (offer,) = (one for one in accepted["actions"] if one["action"] == "dispatch")
    # Nobody knows what it is: the officer is asked, the line for everything else comes first.
    assert not any(unit["suggested"] for unit in offer["units"])
    assert offer["asks"] and offer["units"][0]["code"] == "dep2"


def place(name: str, kind: str, *aliases: str) -> NamedPlace:
    return NamedPlace(name, aliases, kind, 116.9, 40.1, None)


def test_the_longest_name_wins_and_aliases_count() -> None:
    gazetteer = Gazetteer(
        [
            place("梧桐路", "road"),
            place("梧桐路小学", "school", "桐小"),
            place("松柏家园", "compound"),
        ]
    )
    assert (found := gazetteer.find("梧桐路小学门口")) is not None
    assert found.place.name == "梧桐路小学"
    assert (found := gazetteer.find(None, "在 桐 小 旁边")) is not None
    assert (found.place.name, found.matched) == ("梧桐路小学", "桐小")
    assert gazetteer.find("别的地方") is None
    assert Gazetteer([]).find("梧桐路") is None
