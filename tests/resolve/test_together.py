"""Several officers' actions in one transaction: each as by itself, all or none."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from helpers import SYSTEM, report, take_in_rows

from streetwise.directory import repository as directory
from streetwise.directory.sessions import viewer_of
from streetwise.kernel import journal
from streetwise.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    StaleVersion,
    StreetwiseError,
)
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import lists
from streetwise.resolve.actions import Doing, act_together
from streetwise.resolve.inputs import Inputs, Item
from streetwise.resolve.tables import Case

LAMP = ("路灯不亮", "梧桐路的路灯坏了三天了，晚上看不见路，请尽快处理。")
BIN = ("垃圾桶满溢", "松柏家园门口的垃圾桶满了好几天，没有人来清理，味道很大。")


async def staff(runtime: Runtime) -> dict[str, Viewer]:
    async with runtime.database.read(SYSTEM) as session:
        people = await directory.demo_staff(session, SYSTEM)
        return {person.login: await viewer_of(session, person) for person, _ in people}


async def cases(runtime: Runtime) -> list[Case]:
    async with runtime.database.read(SYSTEM) as session:
        area = (await directory.area(session, SYSTEM, None)).code
        page = await lists.page(
            session, SYSTEM, lists.Filter(area=area), sort="opened", cursor=None, limit=50,
            now=runtime.database.clock.now(), soon=timedelta(0),
        )  # fmt: skip
        return [row.case for row in page.rows]


async def together(runtime: Runtime, *doings: Doing) -> list[Case]:
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        return await act_together(uow, runtime.keys, doings)


def doing(who: Viewer, action: str, case: Case, version: int, **inputs: Any) -> Doing:
    return Doing(who, action, Item(case.id, version), Inputs(**inputs))


@pytest.fixture
async def street(runtime: Runtime) -> dict[str, Viewer]:
    await take_in_rows(runtime, [report("1", *LAMP), report("2", *BIN)])
    return await staff(runtime)


async def test_a_whole_way_in_one_transaction_leaves_every_entry(
    runtime: Runtime, street: dict[str, Viewer]
) -> None:
    case = (await cases(runtime))[0]
    desk, hand, check = (street[name] for name in ("dispatcher", "department_handler", "inspector"))
    done = await together(
        runtime,
        doing(desk, "accept", case, 1),
        doing(desk, "dispatch", case, 2, unit="dep1"),
        doing(hand, "start", case, 3),
        doing(hand, "report", case, 4, note="换了灯泡。"),
        doing(check, "verify", case, 5, result="pass"),
        doing(desk, "close", case, 6),
    )
    assert {one.id for one in done} == {case.id}
    after = next(one for one in await cases(runtime) if one.id == case.id)
    assert (after.state, after.version) == ("closed", 7)
    async with runtime.database.read(SYSTEM) as session:
        entries = await journal.read(session, SYSTEM, subject=case.id)
    assert [entry.action for entry in entries] == [
        "case.opened", "case.accepted", "case.dispatched", "case.started", "case.reported",
        "case.verified", "case.closed",
    ]  # fmt: skip
    assert [entry.actor for entry in entries[1:]] == [
        one.actor for one in (desk, desk, hand, hand, check, desk)
    ]


@pytest.mark.parametrize("what", ["stale", "incapable", "invisible", "unit", "state"])
async def test_one_refusal_and_nothing_is_done(
    runtime: Runtime, street: dict[str, Viewer], what: str
) -> None:
    case, other = await cases(runtime)
    desk, hand = street["dispatcher"], street["department_handler"]
    wrong: dict[str, tuple[Doing, type[StreetwiseError]]] = {
        "stale": (doing(desk, "accept", other, 7), StaleVersion),
        "incapable": (doing(desk, "verify", other, 1, result="pass"), Forbidden),
        # It is no unit's yet, and a handler sees what their own unit has.
        "invisible": (doing(hand, "start", other, 1), NotFound),
        "unit": (doing(desk, "dispatch", case, 2, unit="nobody"), Invalid),
        "state": (doing(desk, "close", case, 2), Conflict),
    }
    refused, error = wrong[what]
    with pytest.raises(error):
        await together(runtime, doing(desk, "accept", case, 1), refused)
    assert {(one.state, one.version) for one in await cases(runtime)} == {("received", 1)}
