"""The same file twice adds nothing; a changed row adds what is new about a known item."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from helpers import SYSTEM, opened, read_rows, report, take_in_rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from streetwise.directory.areas import NewArea
from streetwise.gather.mapping import mapping_named
from streetwise.gather.tables import ImportBatch, Quarantine, Signal, TriageQueue
from streetwise.kernel.runtime import Runtime
from streetwise.privacy.tables import VaultItem
from streetwise.resolve.tables import Case, CaseSignal

LAMP = "梧桐路的路灯坏了三天了，晚上看不见路，请尽快处理。"


async def rows_of(runtime: Runtime, table: type[Any]) -> list[Any]:
    async with runtime.database.read(SYSTEM) as session:
        return list((await session.execute(select(table).order_by(table.id))).scalars())


async def last(runtime: Runtime) -> tuple[int, int, int, int]:
    """rows_read, rows_new, rows_known, rows_bad of the newest import."""
    one = (await rows_of(runtime, ImportBatch))[-1]
    return one.rows_read, one.rows_new, one.rows_known, one.rows_bad


FILE = [
    report("1", "路灯不亮", LAMP),
    report("2", "垃圾", "垃圾桶满了 13800138000"),
    report("3", "时间不对", "x", at="昨天"),
]


async def test_the_same_rows_twice_add_nothing(runtime: Runtime) -> None:
    await take_in_rows(runtime, FILE)
    assert await last(runtime) == (3, 2, 0, 1)
    before = await rows_of(runtime, Signal), await rows_of(runtime, Case)
    await take_in_rows(runtime, FILE)
    assert await last(runtime) == (3, 0, 2, 1)
    signals, cases = await rows_of(runtime, Signal), await rows_of(runtime, Case)
    assert [one.id for one in signals] == [one.id for one in before[0]]
    assert [(one.id, one.version) for one in cases] == [(one.id, one.version) for one in before[1]]
    # A known row leaves no second original behind; the bad one was put aside again.
    kinds = sorted(item.kind for item in await rows_of(runtime, VaultItem))
    assert kinds == ["quarantine", "quarantine", "signal"]


async def test_doubled_rows_inside_one_file_are_one_signal(runtime: Runtime) -> None:
    await take_in_rows(runtime, [FILE[0], FILE[1], FILE[0], FILE[0]])
    assert await last(runtime) == (4, 2, 2, 0)
    assert len(await rows_of(runtime, Signal)) == 2
    assert sorted(case.voices for case in await rows_of(runtime, Case)) == [1, 1]


@pytest.mark.parametrize("together", [True, False], ids=["in one file", "in a later file"])
async def test_a_changed_row_refers_to_the_first_and_joins_its_case(
    runtime: Runtime, together: bool
) -> None:
    first, changed = report("1", "路灯不亮", LAMP), report("1", "催单", LAMP + "还是没有人来。")
    again = report("1", "再催", "已经一个星期了")
    for rows in [[first, changed, again]] if together else [[first], [changed], [again]]:
        await take_in_rows(runtime, rows)
    signals = await rows_of(runtime, Signal)
    assert [one.refers_to for one in signals] == [None, signals[0].id, signals[0].id]
    (case,) = await rows_of(runtime, Case)
    assert case.voices == 3
    async with runtime.database.read(SYSTEM) as session:
        links = (await session.execute(select(CaseSignal))).scalars().all()
    assert sorted(link.why for link in links) == [
        "opened",
        "same_upstream_item",
        "same_upstream_item",
    ]


async def test_the_same_number_of_another_source_is_another_item(runtime: Runtime) -> None:
    other = replace(mapping_named("street-reports"), name="other", source_code="other")
    await take_in_rows(runtime, [report("1", "路灯不亮", "路灯坏了")])
    await take_in_rows(runtime, [report("1", "路灯不亮", "路灯坏了")], mapping=other)
    assert [one.refers_to for one in await rows_of(runtime, Signal)] == [None, None]
    assert len(await rows_of(runtime, Case)) == 2


async def test_rows_without_a_number_are_told_apart_by_their_content(runtime: Runtime) -> None:
    rows = [report("", "甲", "第一件事"), report("", "乙", "第二件事")]
    await take_in_rows(runtime, rows)
    await take_in_rows(runtime, rows)
    signals = await rows_of(runtime, Signal)
    assert [one.refers_to for one in signals] == [None, None]
    assert len(await rows_of(runtime, Case)) == 2


async def test_a_repeat_in_another_area_opens_a_case_there(runtime: Runtime) -> None:
    """The same words about two cities are two problems."""
    area = NewArea("elsewhere", "别处", "Elsewhere", "America/New_York", "E-")
    there = replace(
        mapping_named("street-reports"), name="there", source_code="there", area=area
    )  # fmt: skip
    await take_in_rows(runtime, [report("1", "路灯不亮", LAMP)])
    await take_in_rows(runtime, [report("1", "路灯不亮", LAMP)], mapping=there)
    assert sorted(case.area for case in await rows_of(runtime, Case)) == ["elsewhere", "home"]
    # Within the other area the words repeat as they do here.
    await take_in_rows(runtime, [report("2", "又", LAMP)], mapping=there)
    voices = {case.area: case.voices for case in await rows_of(runtime, Case)}
    assert voices == {"elsewhere": 2, "home": 1}


async def test_a_quarantined_row_lies_in_the_vault_and_nowhere_else(runtime: Runtime) -> None:
    row = report("1", "找张先生", "身份证110101198506158774", at="昨天 13800138000")
    await take_in_rows(runtime, [FILE[0], row])
    (item,) = await rows_of(runtime, Quarantine)
    assert (item.row, item.code, item.column) == (3, "time_unreadable", "时间")
    for secret in ("13800138000", "110101198506158774", "张先生", "昨天"):
        assert secret not in item.reason
    (sealed,) = [one for one in await rows_of(runtime, VaultItem) if one.id == item.id]
    assert sealed.kind == "quarantine"
    assert await opened(runtime, item.id) == row


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=8),
        min_size=1,
        max_size=3,
    )
)
async def test_any_files_in_any_order_give_what_a_set_of_rows_gives(
    runtime: Runtime, files: list[list[tuple[int, int]]]
) -> None:
    """Rows (number, version) over some files: each distinct row is one signal, the first one of
    a number is what the others refer to, each number has one case.
    """
    run = len(await rows_of(runtime, ImportBatch))  # examples share the database, not the numbers
    for file in files:
        rows = [
            report(f"{run}-{number}", f"{run}-{number}", f"第 {run} 轮 {number} 的 {version} 版")
            for number, version in file
        ]
        await read_rows(runtime, rows)
    queued = await rows_of(runtime, TriageQueue)
    signals = [
        one
        for one in await rows_of(runtime, Signal)
        if one.source_key and one.source_key.startswith(f"{run}-")
    ]
    distinct = list(dict.fromkeys(row for file in files for row in file))
    assert len(signals) == len(distinct)
    assert {one.id for one in signals} <= {one.id for one in queued}
    first: dict[str, Any] = {}
    for one in signals:  # ids ascend in the order in which they came
        known = first.setdefault(one.source_key, one.id)
        assert one.refers_to == (None if known == one.id else known)
    assert [one.text for one in signals] == [f"第 {run} 轮 {n} 的 {v} 版" for n, v in distinct]
