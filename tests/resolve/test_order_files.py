"""Files as a hotline's platform exports them: a workbook, whole, and its rows are work orders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped,unused-ignore]
from gather.test_real_files import TEXT, ask, bring_in, needs_data

from streetwise.gather.mapping import mapping_named
from streetwise.kernel.runtime import Runtime

MAPPING = "hotline-orders"
#: Enough of the real letters to meet what is odd in them, and soon read.
ROWS = 300


def columns() -> list[str]:
    """The columns that the mapping reads, in its order."""
    how = mapping_named(MAPPING)
    assert how.work_order is not None
    return [*how.columns.values(), *how.work_order.columns.values()]


def workbook(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    """A workbook with the mapping's columns and one more, as platforms add them."""
    head = [*columns(), "承办单位"]
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("工单")
    sheet.append(head)
    for row in rows:
        sheet.append([row.get(name) for name in head])
    book.save(path)
    return path


def row(number: int, **cells: Any) -> dict[str, Any]:
    """A row with the oddities of such exports: a number as a number, blanks and line breaks in the
    text, times with slashes and without leading zeros."""
    return {
        "工单编号": number, "来电时间": "2026/5/11 9:05:00", "标题": f"{number} 反映路灯不亮",
        "诉求内容": f"\n\t\t{number}号路灯坏了三天，请处理。\n电话13900139{number:03}。\n",
        "事发地址": "梧桐路", "诉求人": f"U{number:07}", "派单时间": "2026/5/11 9:30",
        "工单状态": "办理中", "承办单位": "某街道", **cells,
    }  # fmt: skip


async def test_each_row_of_a_workbook_is_an_order(runtime: Runtime, tmp_path: Path) -> None:
    closed = {"工单状态": "已办结", "办结时间": "2026/5/13 9:00"}
    answered = {"答复内容": "已修好，致电13900139002告知。", "答复时间": "2026/5/12 10:00"}
    rows = [
        row(1, 办理时限="2026/5/13 18:00"),
        row(2, 工单状态="已答复", **answered),
        row(3, 是否联系="是", 满意度="基本满意", **closed, **answered),
        row(4, 工单状态="退回重办", 是否解决="未解决", **answered),
        row(5, 工单状态="挂起"),  # a word that nobody told us
        row(6, 来电时间="昨天"),
        row(7, 剔除状态="申请中", 剔除理由="不属本街道"),
        row(7, 剔除状态="申请中", 剔除理由="不属本街道"),  # the same line once more
    ]  # fmt: skip
    path = workbook(tmp_path / "export.xlsx", rows)
    assert await bring_in(runtime, path, MAPPING) == (8, 5, 1, 2)
    found = ask(
        runtime,
        "SELECT number, state, due_at IS NOT NULL, closed_at IS NOT NULL, satisfied, exclusion"
        " FROM work_order ORDER BY number::int",
    )
    assert found == [
        ("1", "open", True, False, None, "none"),
        ("2", "answered", False, False, None, "none"),
        ("3", "closed", False, True, "basically", "none"),
        ("4", "returned", False, False, None, "none"),
        ("7", "open", False, False, None, "applied"),
    ]
    bad = ask(runtime, 'SELECT row, "column" FROM quarantine ORDER BY row')
    assert bad == [(6, "工单状态"), (7, "来电时间")]
    # The number in its words lies in the vault alone.
    shown = "coalesce(s.text, '') || coalesce(s.reply, '') || coalesce(w.answer, '')"
    query = "FROM signal s JOIN work_order w ON w.signal_id = s.id"
    assert ask(runtime, f"SELECT count(*) {query} WHERE {shown} LIKE '%139001390%'") == [(0,)]
    assert ask(runtime, f"SELECT count(*) {query}") == [(5,)]
    assert await bring_in(runtime, path, MAPPING) == (8, 0, 6, 2)


@needs_data
async def test_real_letters_with_replies_come_in_as_orders(
    runtime: Runtime, tmp_path: Path
) -> None:
    """The first letters of 附件4 under the hotline's columns: whatever people and offices write."""
    book = openpyxl.load_workbook(TEXT / "附件4_留言与答复_2816.xlsx", read_only=True)
    assert book.active is not None
    letters = islice(book.active.iter_rows(min_row=2, values_only=True), ROWS)
    rows = [
        {
            "工单编号": number, "诉求人": who, "标题": title, "来电时间": at, "诉求内容": words,
            "答复内容": reply, "答复时间": replied, "办结时间": replied, "工单状态": "已办结",
        }
        for number, who, title, at, words, reply, replied in letters
    ]  # fmt: skip
    path = workbook(tmp_path / "letters.xlsx", rows)
    numbers = Counter(str(one["工单编号"]) for one in rows)
    assert await bring_in(runtime, path, MAPPING) == (ROWS, len(numbers), ROWS - len(numbers), 0)
    assert ask(
        runtime,
        "SELECT count(*), count(*) FILTER (WHERE state = 'closed'),"
        " count(*) FILTER (WHERE closed_at >= received_at) FROM work_order",
    ) == [(len(numbers), len(numbers), len(numbers))]
    # What was answered is there, masked: no area code with seven digits is left.
    assert ask(
        runtime,
        "SELECT count(*), count(*) FILTER (WHERE answer ~ '(^|[^0-9])07[0-9]{2}-[0-9]{7}')"
        " FROM work_order WHERE answer <> ''",
    ) == [(len(numbers), 0)]
    assert await bring_in(runtime, path, MAPPING) == (ROWS, 0, ROWS, 0)
