"""The telephone form: one request, one signal, one case, and no personal data outside the vault."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from helpers import SYSTEM, act, report, sign_in, take_in_rows
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from streetwise.directory.suggest import Suggester
from streetwise.gather.tables import Signal, TriageQueue
from streetwise.kernel.clock import HandClock
from streetwise.kernel.ids import new_id
from streetwise.kernel.runtime import Runtime
from streetwise.privacy.tables import VaultItem
from streetwise.resolve.phone.known import Call, Candidate, rank
from streetwise.resolve.place import NamedPlace
from streetwise.resolve.tables import Case, CaseSignal


async def call(client: httpx.AsyncClient, **form: Any) -> httpx.Response:
    body = {"request_id": str(uuid4()), "text": "路灯不亮了，晚上很黑", **form}
    return await client.post("/signals/phone", json=body)


async def hints(client: httpx.AsyncClient, **form: Any) -> dict[str, Any]:
    answer = await client.post("/signals/phone/hints", json=form)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_call_becomes_a_case_at_once(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await sign_in(client, "duty_officer")
    answer = await call(
        client, place="梧桐路12号", place_code="p1", caller="王小明", contact="13800138000",
        answer_by="phone", urgent=True, text="路灯不亮了，我的电话13900139000",
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    done = answer.json()
    assert (done["joined"], done["visible"]) == (False, True)
    case = (await client.get(f"/cases/{done['case_id']}")).json()
    assert case["number"] == done["number"]
    assert (case["place_text"], case["grid"]["code"], case["priority"]) == (
        "梧桐路12号", "g1", "high",
    )  # fmt: skip
    assert case["place_why"]["code"] == "place_operator"
    assert case["category"]["code"] == "P-01-37"
    assert case["opened_at"] == clock.now().isoformat().replace("+00:00", "Z")
    (signal,) = case["signals"]
    assert (signal["source"]["name"], signal["answer_by"]) == ("电话登记", "phone")
    assert "13900139000" not in signal["text"]
    (entry,) = case["timeline"]
    assert (entry["action"], entry["actor"]["name"]) == ("case.opened", "街道值班员甲")
    async with runtime.database.read(SYSTEM) as session:
        (item,) = (await session.execute(select(VaultItem))).scalars()
        assert list((await session.execute(select(TriageQueue))).scalars()) == []
        # Nowhere else: not in any row of any table.
        for table in ("signal", "cases", "note", "journal", "upstream_item", "work_order"):
            rows = (await session.execute(text(f"SELECT t::text FROM {table} t"))).scalars().all()
            for secret in ("13800138000", "王小明", "13900139000"):
                assert not any(secret in row for row in rows), (table, secret)
    fields = (await client.get(f"/signals/{item.id}/personal")).json()["fields"]
    opened = {}
    for field in fields:
        if field["place"] == "reporter":
            path = f"/vault/fields/{item.id}/{field['n']}/reveal"
            shown = (await client.post(path, json={"purpose": "call_back"})).json()
            opened[shown["kind"]] = shown["value"]
    assert opened == {"mobile": "13800138000", "name": "王小明"}


async def test_the_same_form_sent_again_is_the_same_call(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    """The answer was lost on the way; the officer presses save again."""
    await sign_in(client, "dispatcher")
    first = await call(client, request_id=(request := str(uuid4())))
    again = await call(client, request_id=request)
    assert again.json() == first.json()
    # Two calls with the same words are two calls.
    other = await call(client)
    assert other.json()["case_id"] != first.json()["case_id"]
    async with runtime.database.read(SYSTEM) as session:
        assert len(list((await session.execute(select(Signal.id))).scalars())) == 2


async def test_a_call_joins_the_case_that_the_officer_chose(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await take_in_rows(runtime, [report("1", "路灯不亮", "梧桐路的路灯坏了三天了，没有人来修")])
    await sign_in(client, "duty_officer")
    (known,) = (await hints(client, text="梧桐路的路灯又不亮了", place="梧桐路"))["known"]
    done = (await call(client, join=known["id"], urgent=True)).json()
    assert (done["joined"], done["number"]) == (True, known["number"])
    case = (await client.get(f"/cases/{known['id']}")).json()
    assert (case["voices"], case["priority"]) == (2, "high")
    assert case["timeline"][-1]["action"] == "case.joined"
    assert case["timeline"][-1]["data"]["why"] == "operator"
    # Who made it urgent, and when, stands in its story.
    assert case["timeline"][-1]["data"]["priority"] == "high"
    async with runtime.database.read(SYSTEM) as session:
        why = list((await session.execute(select(CaseSignal.why))).scalars())
    assert sorted(why) == ["opened", "operator"]
    # An officer who saw the case while typing acts on another version than before.
    assert (await act(client, {**case, "version": 1}, "accept")).status_code == 412


async def test_a_case_that_was_closed_meanwhile_is_not_joined_and_nothing_is_stored(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await take_in_rows(runtime, [report("1", "路灯不亮", "梧桐路的路灯坏了三天了，没有人来修")])
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await uow.session.execute(update(Case).values(state="closed", closed_at=uow.now))
    await sign_in(client, "duty_officer")
    async with runtime.database.read(SYSTEM) as session:
        case_id = (await session.execute(select(Case.id))).scalar_one()
    answer = await call(client, join=str(case_id))
    assert (answer.status_code, answer.json()["code"]) == (409, "call_case_closed")
    assert (await call(client, join=str(uuid4()))).status_code == 404
    assert (await call(client, place_code="nowhere")).json()["code"] == "place_unknown"
    async with runtime.database.read(SYSTEM) as session:
        assert len(list((await session.execute(select(Signal.id))).scalars())) == 1


async def test_a_worker_registers_what_lies_elsewhere_and_joins_only_what_is_seen(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await take_in_rows(
        runtime, [report("1", "垃圾桶满溢", "湖心公园的垃圾桶满溢很久了", lon=116.905, lat=40.115)]
    )
    async with runtime.database.read(SYSTEM) as session:
        case_id = (await session.execute(select(Case.id))).scalar_one()
    await sign_in(client, "community_worker")  # of c1; 湖心公园 lies in c2
    found = await hints(client, text="湖心公园的垃圾桶满溢", place_code="p3")
    assert found["known"] == []
    assert (await call(client, join=str(case_id))).status_code == 404
    done = (await call(client, text="湖心公园的垃圾桶满溢", place_code="p3")).json()
    assert done["visible"] is False
    assert done["number"]
    await sign_in(client, "inspector")
    assert (await call(client)).status_code == 403
    assert (await client.post("/signals/phone/hints", json={})).status_code == 403


async def test_hints_while_typing(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await take_in_rows(
        runtime,
        [
            report("1", "路灯不亮", "这里的路灯坏了三天了", lon=116.9051, lat=40.1051),
            report("2", "井盖松动", "完全另外一件事情而已", lon=116.919, lat=40.119),
        ],
    )
    await sign_in(client, "duty_officer")
    found = await hints(client, text="路灯坏了", place="梧桐路8")
    assert "灯" in "".join(found["category"]["words"])
    (place,) = found["places"]
    assert place == {
        "code": "p1", "label": "梧桐路8号", "kind": "road", "grid": "g1 网格",
        "community": "东社区",
    }  # fmt: skip
    near = await hints(client, text="路灯坏了", place="梧桐路8号", place_code="p1")
    (known,) = near["known"]
    assert (known["title"], known["why"]) == ("路灯不亮", ["near", "class"])
    assert known["metres"] < 30
    clock.advance(timedelta(days=15))
    assert (await hints(client, text="路灯坏了", place_code="p1"))["known"] == []
    assert await hints(client) == {"places": [], "category": None, "known": []}


# --- the engines, for themselves --------------------------------------------------------------


def place(code: str, name: str, kind: str, *aliases: str, numbers: str = "") -> NamedPlace:
    return NamedPlace(name, aliases, kind, 116.9, 40.1, None, code, numbers)


INDEX = Suggester(
    [
        place("r1", "梧桐路", "road", numbers="1-99"),
        place("r2", "梧桐路", "road", numbers="100-199 even; 151-151"),
        place("r3", "松林路", "road"),
        place("s1", "梧桐路小学", "school", "桐小"),
        place("c1", "松柏家园", "compound", "松柏小区"),
    ]
)


@pytest.mark.parametrize(
    ("typed", "labels"),
    [
        ("梧桐路12号", ["梧桐路12号", "梧桐路"]),
        ("梧桐路 150", ["梧桐路150号", "梧桐路"]),
        ("梧桐路１２", ["梧桐路12号", "梧桐路"]),
        ("梧桐路153号", ["梧桐路", "梧桐路"]),  # a side that has even numbers only
        ("松林路8号院门口", ["松林路8号"]),  # its numbers are not known
        ("桐小", ["梧桐路小学"]),
        ("梧", ["梧桐路", "梧桐路", "梧桐路小学"]),
        ("小区", ["松柏家园"]),
        ("松柏小区3号楼", ["松柏家园"]),
        ("别处", []),
        ("", []),
    ],
)
def test_places_by_typing(typed: str, labels: list[str]) -> None:
    assert [one.label for one in INDEX.find(typed, 6)] == labels


def test_the_number_says_which_part_of_the_road() -> None:
    assert INDEX.find("梧桐路150号", 6)[0].place.code == "r2"
    assert INDEX.find("梧桐路12", 6)[0].place.code == "r1"
    assert INDEX.find("梧桐路999号", 6)[0].label == "梧桐路"


@given(st.text(max_size=12))
def test_no_typing_breaks_it(typed: str) -> None:
    found = INDEX.find(typed, 6)
    assert len({one.place.code for one in found}) == len(found)


def candidate(title: str, lon: float | None = None, cls: str | None = None) -> Candidate:
    lat = 40.1 if lon is not None else None
    return Candidate(new_id(), title, None, lon, lat, ("s", cls) if cls else None)


def test_what_agrees_in_more_ways_comes_first_and_one_weak_reason_is_none() -> None:
    both = candidate("路灯不亮", 116.9, "lamp")
    there = candidate("井盖松动", 116.9, "cover")
    words = candidate("路灯不亮很久")
    far = candidate("路灯不亮", 117.5, "lamp")
    other = candidate("完全无关的事")
    found = rank(
        Call("路灯不亮", (116.9, 40.1), ("s", "lamp")), [other, words, there, both, far], 300
    )
    assert [one.id for one in found] == [both.id, far.id, words.id, there.id]
    assert found[0].why == ("near", "class", "words")
    assert rank(Call("", (116.9, 40.1), None), [candidate("x", 116.9028)], 300) == []
    assert rank(Call("", None, None), [both, other], 300) == []
