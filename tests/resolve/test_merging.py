"""Ten voices, one problem: joined with a reason, undone with one click, nobody lost."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
import pytest
from helpers import SYSTEM, act, report, sign_in, spot, take_in_rows
from resolve.test_orders import order
from sqlalchemy import select, text

from streetwise.kernel import journal
from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.resolve import replay
from streetwise.resolve.merging import repository
from streetwise.resolve.merging.actions import sweep_prints
from streetwise.resolve.tables import Case, CaseSignal
from streetwise.resolve.understand.merge import Settings

#: One problem in four mouths, and another one at the same place.
LAMP = ("路灯不亮", "梧桐路12号门口的路灯坏了三天了，晚上看不见路，请尽快处理。")
LAMP_AGAIN = ("路灯坏了", "梧桐路12号门口那盏路灯不亮了，晚上看不见路，老人出门很危险。")
LAMP_THIRD = ("反映路灯问题", "来电人反映梧桐路12号门口的路灯坏了，晚上看不见路，要求尽快维修。")
BIN = ("垃圾桶满溢", "梧桐路12号门口的垃圾桶满了好几天，没有人来清理，味道很大。")


async def cases(runtime: Runtime) -> list[Case]:
    async with runtime.database.read(SYSTEM) as session:
        return list((await session.execute(select(Case).order_by(Case.id))).scalars())


async def links(runtime: Runtime) -> list[CaseSignal]:
    async with runtime.database.read(SYSTEM) as session:
        query = select(CaseSignal).order_by(CaseSignal.signal_id, CaseSignal.part)
        return list((await session.execute(query)).scalars())


async def understanding(client: httpx.AsyncClient, case: Any) -> dict[str, Any]:
    answer = await client.get(f"/cases/{getattr(case, 'id', case)}/understanding")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def do(client: httpx.AsyncClient, path: str, case: Any, **form: Any) -> httpx.Response:
    version = (await understanding(client, case))["version"]
    return await client.post(
        f"/cases/{getattr(case, 'id', case)}/{path}",
        json=form,
        headers={"If-Match": f'"{version}"'},
    )


async def one_of_three(runtime: Runtime) -> Case:
    here = spot(1)
    await take_in_rows(
        runtime,
        [
            report("1", *LAMP, **here),
            report("2", *LAMP_AGAIN, **here, channel="wechat", at="2026-05-11 10:30:00"),
            report("3", *LAMP_THIRD, **here, channel="petition", at="2026-05-11 11:30:00"),
        ],
    )
    (case,) = await cases(runtime)
    return case


async def test_voices_of_one_problem_join_across_channels_with_the_reason(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await one_of_three(runtime)
    assert case.voices == 3
    assert [link.why for link in await links(runtime)] == ["opened", *["same_problem"] * 2]
    await sign_in(client, "dispatcher")
    found = await understanding(client, case)
    joined = found["links"][1]
    assert joined["score"] >= Settings().join_from
    codes = {step["code"] for step in joined["reasons"]}
    assert {"words", "hours_apart", "same_class"} <= codes
    assert codes & {"metres_apart", "same_place"}


async def test_another_matter_at_the_place_stays_a_case_of_its_own(runtime: Runtime) -> None:
    here = spot(1)
    await take_in_rows(runtime, [report("1", *LAMP, **here), report("2", *BIN, **here)])
    assert [case.voices for case in await cases(runtime)] == [1, 1]


async def test_the_same_matter_elsewhere_stays_a_case_of_its_own(runtime: Runtime) -> None:
    """Even in the very same words: two lamps are two lamps."""
    words = ("路灯不亮", "门口的路灯坏了三天了，晚上看不见路。")
    rows = [report(str(at), words[0], f"{words[1]}{at}", **spot(at)) for at in range(6)]
    await take_in_rows(runtime, rows)
    assert [case.voices for case in await cases(runtime)] == [1] * 6


async def test_an_urgent_voice_raises_its_case_and_is_never_hidden(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    here = spot(1)
    await take_in_rows(runtime, [report("1", *LAMP, **here)])
    burning = "梧桐路12号门口那盏不亮的路灯杆正在冒烟，电线着火了，非常危险！"
    await take_in_rows(runtime, [report("2", "路灯冒烟", burning, **here)])
    found = await cases(runtime)
    urgent = [case for case in found if case.priority == "high"]
    assert len(urgent) == 1
    assert urgent[0].urgent_why is not None
    assert "着火" in "".join(urgent[0].urgent_why["params"]["words"])


async def test_a_voice_is_taken_out_with_one_click(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await one_of_three(runtime)
    signal = (await links(runtime))[1].signal_id
    await sign_in(client, "dispatcher")
    answer = await do(client, "separate", case, signal_id=str(signal))
    assert answer.status_code == 200, answer.text
    old, new = await cases(runtime)
    assert (old.voices, new.voices) == (2, 1)
    assert {link.signal_id: link.case_id for link in await links(runtime)}[signal] == new.id
    # The two were told apart: they are not offered as one again.
    assert (await understanding(client, new))["offers"] == []
    again = await do(client, "separate", new, signal_id=str(signal))
    assert (again.status_code, again.json()["code"]) == (409, "only_voice")


async def test_cases_are_merged_and_the_merge_is_undone(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    """Work orders go with their signal and keep their clock; all comes back."""
    rows = [
        order("HL1"),
        order(
            "HL2", 诉求内容="松柏家园门口有个大坑，车过都颠。", 事发地址="松柏家园", 标题="路面破损"
        ),
    ]
    await take_in_rows(runtime, rows, mapping="hotline-orders")
    into, case = await cases(runtime)
    await sign_in(client, "dispatcher")
    before = (await client.get(f"/cases/{case.id}")).json()
    answer = await do(client, "merge", case, into=str(into.id))
    assert answer.status_code == 200, answer.text
    merged = (await client.get(f"/cases/{into.id}")).json()
    assert (merged["voices"], len(merged["orders"])) == (2, 2)
    moved = next(one for one in merged["orders"] if one["number"] == "HL2")
    assert moved["due_at"] == before["orders"][0]["due_at"]
    gone = (await client.get(f"/cases/{case.id}")).json()
    assert (gone["state"], gone["orders"]) == ("closed", [])
    assert (await understanding(client, case))["merged_into"]["number"] == into.number
    assert (await do(client, "merge", case, into=str(into.id))).status_code == 409
    answer = await do(client, "unmerge", case)
    assert answer.status_code == 200, answer.text
    after = (await client.get(f"/cases/{case.id}")).json()
    assert (after["state"], after["voices"]) == (before["state"], before["voices"])
    assert [one["number"] for one in after["orders"]] == ["HL2"]
    assert (await client.get(f"/cases/{into.id}")).json()["voices"] == 1


async def test_a_closed_case_asks_whether_it_has_come_back(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    here = spot(1)
    await take_in_rows(runtime, [report("1", *LAMP, **here)])
    (case,) = await cases(runtime)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        # Closed as the loop's end leaves it, without walking the loop.
        await uow.session.execute(
            text("UPDATE cases SET state = 'closed', closed_at = :now"), {"now": uow.now}
        )
        await uow.session.execute(
            text("UPDATE case_print SET until = :until"),
            {"until": uow.now + timedelta(days=30)},
        )
    clock.advance(timedelta(days=3))
    await take_in_rows(runtime, [report("2", *LAMP_AGAIN, **here, at="2026-05-11 12:30:00")])
    _, new = await cases(runtime)
    assert (new.state, new.voices, "again" in new.doubts) == ("received", 1, True)
    await sign_in(client, "dispatcher")
    (offer,) = (await understanding(client, new))["offers"]
    assert (offer["kind"], offer["other"]["number"]) == ("again", case.number)
    answer = await client.post(f"/merge-offers/{offer['id']}/accept")
    assert answer.status_code == 200, answer.text
    found = await understanding(client, new)
    assert (found["offers"], "again" in found["doubts"]) == ([], False)
    # The old one is open again, and is the one case of this problem.
    old = (await client.get(f"/cases/{case.id}")).json()
    assert (old["state"], old["reopened"], old["voices"]) == ("accepted", 1, 2)
    gone = (await client.get(f"/cases/{new.id}")).json()
    assert (gone["state"], found["merged_into"]["number"]) == ("closed", case.number)
    # What the journal tells of both is what their rows are.
    for row in await cases(runtime):
        async with runtime.database.read(SYSTEM) as session:
            read = await journal.read(session, SYSTEM, subject=row.id, limit=1000)
        told = replay.fold((one.action, one.data) for one in read)
        assert told.version == row.version
        assert told.merged_into == (str(row.merged_into) if row.merged_into else None)
    taken = await client.post(f"/merge-offers/{offer['id']}/refuse")
    assert (taken.status_code, taken.json()["code"]) == (409, "offer_decided")


async def test_cases_with_one_cause_hang_under_one(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await take_in_rows(runtime, [report("1", *LAMP, **spot(1)), report("2", *BIN, **spot(40))])
    parent, child = await cases(runtime)
    await sign_in(client, "dispatcher")
    assert (await do(client, "parent", child, parent=str(parent.id))).status_code == 200
    found = await understanding(client, parent)
    assert [one["number"] for one in found["children"]] == [child.number]
    turned = await do(client, "parent", parent, parent=str(child.id))
    assert (turned.status_code, turned.json()["code"]) == (422, "parent_impossible")
    assert (await do(client, "parent", child, parent=None)).status_code == 200
    assert (await understanding(client, parent))["children"] == []


@pytest.mark.parametrize("login", ["inspector", "department_handler", "street_commander"])
async def test_who_may_not_correct_may_not_merge(
    runtime: Runtime, client: httpx.AsyncClient, login: str
) -> None:
    await take_in_rows(runtime, [report("1", *LAMP, **spot(1)), report("2", *BIN, **spot(40))])
    one, other = await cases(runtime)
    await sign_in(client, login)
    answer = await client.post(
        f"/cases/{one.id}/merge", json={"into": str(other.id)}, headers={"If-Match": '"1"'}
    )
    assert answer.status_code == 403
    assert [case.state for case in await cases(runtime)] == ["received"] * 2


async def test_a_case_closed_meanwhile_is_not_joined(
    runtime: Runtime, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The book may be older than what an officer has just done; then it is decided again."""
    here = spot(1)
    await take_in_rows(runtime, [report("1", *LAMP, **here)])
    (case,) = await cases(runtime)
    read = repository.touched_since
    hidden: list[int] = []

    async def late(session: Any, viewer: Any, seq: int) -> Any:
        if not hidden:
            hidden.append(seq)
            return seq, Counter()
        return await read(session, viewer, seq)

    await sign_in(client, "dispatcher")
    await act(client, (await client.get(f"/cases/{case.id}")).json(), "accept")
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await uow.session.execute(text("UPDATE cases SET state = 'closed'"))
        await uow.session.execute(text("UPDATE case_print SET until = now() - interval '1 day'"))
    monkeypatch.setattr(repository, "touched_since", late)
    await take_in_rows(runtime, [report("2", *LAMP_AGAIN, **here)])
    assert [one.voices for one in await cases(runtime)] == [1, 1]


async def test_a_message_with_two_problems_becomes_two_cases(runtime: Runtime) -> None:
    words = (
        "反映两个问题：一是梧桐路12号门口的路灯坏了，晚上不亮；"
        "二是松柏家园门口的垃圾桶满了，没有人清理。"
    )
    await take_in_rows(runtime, [report("1", "两个问题", words)])
    found = await cases(runtime)
    assert [case.category_code for case in found] == ["P-01-37", "E-01-92"]
    assert [link.part for link in await links(runtime)] == [0, 1]
    assert found[1].place_text == "松柏家园"


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("谢谢城管科的师傅，很快就把路灯修好了，非常感谢！", "thanks"),
        ("请问办理老年证需要带什么材料？在哪里办？", "question"),
    ],
)
async def test_what_is_no_case_is_put_aside_and_read(
    runtime: Runtime, client: httpx.AsyncClient, words: str, kind: str
) -> None:
    await take_in_rows(runtime, [report("1", "", words)])
    assert await cases(runtime) == []
    await sign_in(client, "dispatcher")
    (aside,) = (await client.get("/desk")).json()["asides"]
    assert (aside["kind"], aside["signal"]["text"]) == (kind, words)
    path = f"/asides/{aside['signal']['id']}"
    assert (await client.post(f"{path}/case")).status_code == 201
    assert (await client.get("/desk")).json()["asides"] == []
    assert (await client.post(f"{path}/settle")).status_code == 409
    (case,) = await cases(runtime)
    assert case.voices == 1


async def test_what_no_signal_is_compared_with_any_more_is_swept(
    runtime: Runtime, clock: HandClock
) -> None:
    """A merge that is undone long after wants it back: so it stays for another guard time."""
    await take_in_rows(runtime, [report("1", *LAMP, **spot(1)), report("2", *BIN, **spot(40))])
    first, _ = await cases(runtime)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await repository.end_print(uow.session, first.id, uow.now)

    async def left() -> int:
        async with runtime.database.unit_of_work(SYSTEM) as uow:
            await sweep_prints(uow, SYSTEM, uow.now)
        async with runtime.database.read(SYSTEM) as session:
            return int(
                (await session.execute(text("SELECT count(*) FROM case_print"))).scalar_one()
            )

    assert await left() == 2
    clock.advance(repository.GUARD + timedelta(days=1))
    assert await left() == 1


async def test_a_correction_puts_off_no_deadline_of_a_work_order_that_was_merged(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    soon = "2026-05-11 12:00:00"
    await take_in_rows(runtime, [report("1", *BIN, **spot(1))])
    await take_in_rows(runtime, [order("HL1", 办理时限=soon)], mapping="hotline-orders")
    into, case = await cases(runtime)
    await sign_in(client, "dispatcher")
    assert (await do(client, "merge", case, into=str(into.id))).status_code == 200
    asked = (await client.get(f"/cases/{into.id}")).json()["orders"][0]["due_at"]
    # Five working days by its class, but upstream wants it today.
    answer = await do(client, "correct", into, category="urban-management:E-01-11")
    assert answer.status_code == 200, answer.text
    assert (await client.get(f"/cases/{into.id}")).json()["due_at"] == asked
