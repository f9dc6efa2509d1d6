"""The same file twice adds nothing; a changed row adds what is new about a known item."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from helpers import SYSTEM, opened, read_rows, report, take_in_rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from streetwise.directory.areas import NewArea
from streetwise.gather.mapping import mapping_named
from streetwise.gather.tables import ImportBatch, Quarantine, Signal, TriageQueue
from streetwise.gather.updates import Incoming, Item, sift
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
    await take_in_rows(runtime, [report("1", "垃圾桶满溢", "桶满了没人清")], mapping=other)
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


async def test_what_comes_back_to_what_it_was_is_seen(runtime: Runtime) -> None:
    """A, then B, then A again upstream: three signals; each file once more adds nothing."""
    first, second = [report("1", "办理中", "甲")], [report("1", "已办结", "甲")]
    for rows, new in ((first, 1), (first, 0), (second, 1), (second, 0), (first, 1), (first, 0)):
        await take_in_rows(runtime, rows)
        assert (await last(runtime))[1] == new
    signals = await rows_of(runtime, Signal)
    assert [one.title for one in signals] == ["办理中", "已办结", "办理中"]
    assert [one.refers_to for one in signals] == [None, signals[0].id, signals[0].id]


async def test_a_file_that_grows_adds_its_new_rows(runtime: Runtime) -> None:
    """Platforms export everything since a day: the old lines stand before the new one."""
    lines = [report("1", f"第{number}次", "甲") for number in range(4)]
    for end in (1, 2, 4, 4):
        await take_in_rows(runtime, lines[:end])
    assert [one.title for one in await rows_of(runtime, Signal)] == [row["标题"] for row in lines]


Files = list[list[tuple[int, int]]]


def reference(files: Files) -> list[tuple[int, int]]:
    """Slow and plain: what is stored of (number, version) rows over some files."""
    stored: list[tuple[int, int]] = []
    before: dict[int, list[int]] = {}
    for file in files:
        told: dict[int, list[int]] = {}
        for number, version in file:
            lines = told.setdefault(number, [])
            if lines and lines[-1] == version:
                continue
            # Of the file before, what stands behind the lines that this one has repeated.
            left = list(before.get(number, []))
            for line in lines:
                if line in left:
                    left = left[left.index(line) + 1 :]
            newest = [one for one in stored if one[0] == number][-1:]
            if version not in left and newest != [(number, version)]:
                stored.append((number, version))
            lines.append(version)
        before.update(told)
    return stored


FILES = st.lists(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=8),
    min_size=1,
    max_size=5,
)


def quick(files: Files, size: int) -> list[tuple[int, int]]:
    """The engine on the same files, read in chunks of ``size`` rows."""
    items: dict[str, Item] = {}
    stored: list[tuple[int, int]] = []
    for file in files:
        batch = uuid4()
        for start in range(0, len(file), size):
            chunk = file[start : start + size]
            rows = [
                Incoming(uuid4(), str(number), f"{number:08}{version:08}".encode()[::-1], False)
                for number, version in chunk
            ]
            fresh = sift(rows, batch, items, set())
            stored += [one for one, row in zip(chunk, rows, strict=True) if row.id in fresh]
    return stored


@given(FILES, st.integers(1, 8))
@settings(max_examples=300, deadline=None)
def test_the_engine_does_what_the_slow_reference_does(files: Files, size: int) -> None:
    """However the file is cut into chunks, and a file twice in a row adds nothing."""
    assert quick(files, size) == reference(files)
    twice = [file for file in files for _ in range(2)]
    assert quick(twice, size) == quick(files, size)


@given(st.lists(st.integers(0, 2), min_size=1, max_size=12))
def test_one_row_a_file_gives_every_change(versions: list[int]) -> None:
    """A snapshot a day: stored is what differs from the day before."""
    changes = [
        version
        for before, version in zip([None, *versions], versions, strict=False)
        if version != before
    ]
    assert [version for _, version in quick([[(0, one)] for one in versions], 1)] == changes


@given(FILES, st.randoms())
def test_rows_with_a_time_of_change_come_in_any_order(files: Files, rng: Any) -> None:
    """Each is stored once, whatever files it is in and whichever comes first."""
    items: dict[str, Item] = {}
    stored: set[bytes] = set()
    shuffled = [row for file in files for row in file]
    rng.shuffle(shuffled)
    for number, version in shuffled:
        content = f"{number:08}{version:08}".encode()
        row = Incoming(uuid4(), str(number), content, True)
        if row.id in sift([row], uuid4(), items, stored):
            assert content not in stored
            stored.add(content)
    assert len(stored) == len({row for file in files for row in file})


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(FILES)
async def test_any_files_in_any_order_are_stored_as_the_reference_says(
    runtime: Runtime, files: Files
) -> None:
    """Rows (number, version) over some files, in the database: what the reference stores, the
    first one of a number being what the others refer to.
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
    expected = reference(files)
    assert {one.id for one in signals} <= {one.id for one in queued}
    first: dict[str, Any] = {}
    for one in signals:  # ids ascend in the order in which they came
        known = first.setdefault(one.source_key, one.id)
        assert one.refers_to == (None if known == one.id else known)
    assert [one.text for one in signals] == [f"第 {run} 轮 {n} 的 {v} 版" for n, v in expected]
