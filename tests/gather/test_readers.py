"""Reading tables of anybody: the ordinary ones and the odd ones."""

from __future__ import annotations

import csv
import gzip
import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from gather.table_files import (
    MOMENT,
    SHEET,
    Write,
    changed,
    refused,
    rows_of,
    sheet_xml,
    workbook,
    writer,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.gather.readers import Limits, RowProblem, open_table


@pytest.fixture
def write(tmp_path: Path) -> Write:
    return writer(tmp_path)


# --- CSV ----------------------------------------------------------------------------------


def test_a_plain_csv(write: Write) -> None:
    table = open_table(write("编号,内容\n1,噪音\n2,积水\n"))
    assert (table.columns, table.kind, table.encoding, table.total_rows) == (
        ["编号", "内容"], "csv", "utf-8", None,
    )  # fmt: skip
    assert rows_of(table) == [
        (2, {"编号": "1", "内容": "噪音"}),
        (3, {"编号": "2", "内容": "积水"}),
    ]


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_delimiters(write: Write, delimiter: str) -> None:
    lines = [["编号", "内容", "时间"], ["1", "a,b;c", "5;6"], ["2", "d", "e"]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(lines)
    table = open_table(write(out.getvalue()))
    assert table.delimiter == delimiter
    assert [list(row[1].values()) for row in rows_of(table)] == lines[1:]


def test_decimal_commas_do_not_make_columns(write: Write) -> None:
    assert open_table(write("名;长,宽;高\na;1,5;2,5\nb;1;2\n")).columns == ["名", "长,宽", "高"]


def test_a_line_that_names_the_separator(write: Write) -> None:
    table = open_table(write("sep=;\r\na;b\r\n1;2,3\r\n"))
    assert rows_of(table) == [(3, {"a": "1", "b": "2,3"})]


@pytest.mark.parametrize(
    ("encoding", "reported"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("gbk", "gb18030"),
     ("gb18030", "gb18030")],
)  # fmt: skip
def test_encodings(write: Write, encoding: str, reported: str) -> None:
    table = open_table(write("姓名,地址\n张三,幸福路1号\n李四,和平里\n".encode(encoding)))
    assert table.encoding == reported
    assert table.columns == ["姓名", "地址"]
    assert rows_of(table)[0] == (2, {"姓名": "张三", "地址": "幸福路1号"})


def test_rare_characters_survive(write: Write) -> None:
    name = "𠮷㐂䶮𬭎"  # four bytes each in GB18030, two of them outside the basic plane
    table = open_table(write(f"姓名,号\n{name},1\n".encode("gb18030")))
    assert table.encoding == "gb18030"
    assert rows_of(table) == [(2, {"姓名": name, "号": "1"})]


def test_a_character_cut_in_two_by_a_block_is_no_error(write: Write) -> None:
    for pad in range(4):
        text = "名\n" + "x" * pad + "汉" * 700_000
        table = open_table(write(text.encode("gb18030")), Limits(max_cell_chars=800_000))
        assert table.encoding == "gb18030"


def test_gzipped(write: Write) -> None:
    content = "编号,内容\n" + "".join(f"{i},第{i}件\n" for i in range(5000))
    table = open_table(write(gzip.compress(content.encode("gb18030")), "x.csv.gz"))
    assert (table.kind, table.encoding) == ("csv", "gb18030")
    assert rows_of(table)[-1] == (5001, {"编号": "4999", "内容": "第4999件"})
    assert len(rows_of(table)) == 5000  # and once more from the start


@pytest.mark.parametrize("name", ["a.xlsx", "a.pdf", "a", "a.csv.gz"])
def test_the_name_does_not_matter(write: Write, name: str) -> None:
    assert open_table(write("a,b\n1,2\n", name)).kind == "csv"
    assert open_table(write(workbook([["a", "b"], [1, 2]]), name)).kind == "xlsx"


def test_quoted_newlines_and_quotes(write: Write) -> None:
    table = open_table(write('a,b\n"一\n二","他说""好"""\n3,4\n'))
    assert rows_of(table) == [(2, {"a": "一\n二", "b": '他说"好"'}), (3, {"a": "3", "b": "4"})]


def test_mixed_newlines(write: Write) -> None:
    table = open_table(write("a,b\r\n1,2\n3,4\r5,6"))
    assert [row[1]["a"] for row in rows_of(table)] == ["1", "3", "5"]


def test_empty_rows_count_but_do_not_come(write: Write) -> None:
    table = open_table(write("\n\na,b\n\n1,2\n,\n  ,\t\n3,4\n\n\n"))
    assert rows_of(table) == [(5, {"a": "1", "b": "2"}), (8, {"a": "3", "b": "4"})]


def test_blank_cells_are_none_and_spaces_stay(write: Write) -> None:
    table = open_table(write('a,b,c\n" x ",,"  "\n'))
    assert rows_of(table) == [(2, {"a": " x ", "b": None, "c": None})]


def test_ragged_rows_are_reported_in_place(write: Write) -> None:
    got = rows_of(open_table(write("a,b,c\n1,2,3\n1,2\n1,2,3,4\n1,2,3,,\n5,6,7\n")))
    assert [(row.row, row.code) for row in got if isinstance(row, RowProblem)] == [
        (3, "too_few_cells"),
        (4, "too_many_cells"),
    ]
    assert [row[0] for row in got if not isinstance(row, RowProblem)] == [2, 5, 6]


def test_nul_characters_are_stripped(write: Write) -> None:
    table = open_table(write(b"some,names\n1\x00,\x00\x002x\n\x00\x00,\x00\n"))
    assert rows_of(table) == [(2, {"some": "1", "names": "2x"})]


def test_a_huge_cell_is_a_problem_of_its_row(write: Write) -> None:
    content = "a,b\n1,2\n" + "x" * 120_000 + ",2\n" + "y" * 500_000 + ",2\n3,4\n"
    got = rows_of(open_table(write(content)))
    assert [getattr(row, "code", row[0] if isinstance(row, tuple) else None) for row in got] == [
        2, "cell_too_long", "cell_too_long", 5,
    ]  # fmt: skip


def test_a_quote_that_is_not_closed_is_told(write: Write) -> None:
    got = rows_of(open_table(write('a,b\n1,2\n3,"four\n5,6\n7,8\n')))
    assert got[0] == (2, {"a": "1", "b": "2"})
    assert (got[1].row, got[1].code, len(got)) == (3, "quote_not_closed", 2)


def test_a_closed_quote_at_the_very_end_is_fine(write: Write) -> None:
    for end in ("", "\n", "\r\n"):
        assert rows_of(open_table(write('a,b\n1,"2"' + end))) == [(2, {"a": "1", "b": "2"})]


def test_an_endless_line_is_refused(write: Write) -> None:
    assert refused(write("a,b\n" + "1" * 9_000_000)).code == "line_too_long"
    # ... also over many lines of one record, each of them short
    assert refused(write('a,b\n"x\n' + '","\n' * 3_000_000)).code == "line_too_long"


def test_chunks_and_skip(write: Write) -> None:
    table = open_table(write("a\n" + "".join(f"{i}\n" for i in range(10))))
    assert [len(chunk) for chunk in table.chunks(4)] == [4, 4, 2]
    assert [row[0] for chunk in table.chunks(4, skip=7) for row in chunk] == [9, 10, 11]  # type: ignore[index]
    assert list(table.chunks(4, skip=99)) == []
    with pytest.raises(ValueError, match="at least"):
        next(table.chunks(0))


def test_a_text_file_is_streamed(write: Write) -> None:
    """A row that is added while the first chunk is being worked on still comes."""
    path = write("编号,内容\n" + "".join(f"{i},{i:0100}\n" for i in range(3000)))
    chunks = open_table(path).chunks(500)
    assert len(next(chunks)) == 500
    with path.open("a") as file:
        file.write("late,row\n")
    assert list(chunks)[-1][-1] == (3002, {"编号": "late", "内容": "row"})


# --- header -------------------------------------------------------------------------------


def test_names_are_tidied(write: Write) -> None:
    table = open_table(write('\ufeff 留言\u3000编号 ,"留言\n时间",,x,,\n1,2,3,4,,\n'))
    assert table.columns == ["留言 编号", "留言 时间", "column_3", "x"]


def test_only_a_header(write: Write) -> None:
    table = open_table(write("a,b\n"))
    assert table.columns == ["a", "b"]
    assert rows_of(table) == []


@pytest.mark.parametrize("content", ["编号,内容,编号\n1,2,3\n", "a b,a  b\n1,2\n"])
def test_repeated_names(write: Write, content: str) -> None:
    assert refused(write(content)).code == "duplicate_columns"


@pytest.mark.parametrize(
    "content",
    ["1,2,3\n4,5,6\n", "2019-01-01,12.5\n2019-01-02,13\n", "某街道台账\n编号,内容\n1,噪音\n",
     "某街道台账\n编号\t内容\n1\t噪音\n", "某街道台账,,\n编号,内容,时间\n1,噪音,今天\n"],
)  # fmt: skip
def test_no_header(write: Write, content: str) -> None:
    assert refused(write(content)).code == "no_header"


def test_ten_thousand_columns(write: Write) -> None:
    wide = ",".join(f"c{i}" for i in range(10_000)) + "\n"
    assert refused(write(wide)).code == "too_many_columns"
    assert refused(write(workbook([[f"c{i}" for i in range(600)]]))).code == "too_many_columns"


# --- XLSX ---------------------------------------------------------------------------------


def test_a_workbook_with_types(write: Write) -> None:
    content = workbook(
        [
            ["编号", "内容", "时间", "日期", "数", "真", "时刻", "时长"],
            [1, " 噪音\n大 ", MOMENT, date(2019, 1, 2), 2.5, True,
             time(3, 4), timedelta(hours=30)],
            [],
            [12345678901, None, None, None, None, None, None, "x"],
        ]
    )  # fmt: skip
    table = open_table(write(content))
    assert (table.kind, table.encoding, table.sheet, table.total_rows) == ("xlsx", None, "Sheet", 3)
    got = rows_of(table)
    assert [row[0] for row in got] == [2, 4]
    assert list(got[0][1].values()) == [
        1, " 噪音\n大 ", MOMENT, date(2019, 1, 2), 2.5, True, "03:04:00",
        "30:00:00",
    ]  # fmt: skip
    assert got[1][1]["编号"] == 12345678901
    assert isinstance(got[1][1]["编号"], int)


def test_a_table_that_does_not_start_at_the_corner(write: Write) -> None:
    content = workbook([[], [None, None, "a", "b"], [None, None, 1, 2]])
    assert rows_of(open_table(write(content))) == [(3, {"a": 1, "b": 2})]


def test_cells_beyond_the_header_are_a_problem(write: Write) -> None:
    got = rows_of(open_table(write(workbook([["a", "b"], [1, 2], [1, 2, 3], [4]]))))
    assert got[0] == (2, {"a": 1, "b": 2})
    assert (got[1].row, got[1].code) == (3, "too_many_cells")
    assert got[2] == (4, {"a": 4, "b": None})


def test_sheets(write: Write) -> None:
    content = workbook([], 一=[["a"], [1]], 二=[["b"], [2]])
    assert open_table(write(content)).sheet == "一"  # the first has nothing
    assert rows_of(open_table(write(content), sheet="二")) == [(2, {"b": 2})]
    error = refused(write(content), sheet="三")
    assert error.code == "sheet_missing"
    assert error.params["sheets"] == ["Sheet", "一", "二"]


def test_far_formatting_does_not_matter(write: Write) -> None:
    """A styled but empty cell in the last corner is common, and costs nothing."""
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'
        '<row r="2"><c r="A2"><v>1</v></c></row><row r="1048576"><c r="XFD1048576" s="0"/></row>'
    )
    content = changed(workbook([["a"], [1]]), {SHEET: sheet_xml(rows)})
    assert rows_of(open_table(write(content))) == [(2, {"a": 1})]


def test_other_threads_may_go_on(write: Write) -> None:
    with ThreadPoolExecutor(1) as pool:
        chunks = open_table(write(workbook([["a"], [1], [2]]))).chunks(1)
        assert pool.submit(next, chunks).result() == [(2, {"a": 1})]
        assert next(chunks) == [(3, {"a": 2})]


# --- JSON lines ---------------------------------------------------------------------------


def test_json_lines(write: Write) -> None:
    lines = [
        '{"id": 1, "text": "噪音", "big": 1.0, "ok": true}',
        "",
        '{"id": 2, "place": {"lon": 1}, "text": ""}',
        "[1, 2]",
        '{"id": NaN}',
        '{"id": "a\\u0000b\\ud800"}',
    ]
    table = open_table(write("\n".join(lines)))
    assert (table.kind, table.columns) == ("jsonl", ["id", "text", "big", "ok", "place"])
    blank: dict[str, Any] = dict.fromkeys(table.columns)
    assert rows_of(table) == [
        (1, {"id": 1, "text": "噪音", "big": 1, "ok": True, "place": None}),
        (3, {**blank, "id": 2, "place": '{"lon": 1}'}),
        RowProblem(4, "line_not_json", "Line 4 is no JSON object; write one object per line."),
        RowProblem(5, "line_not_json", "Line 5 is no JSON object; write one object per line."),
        (6, {**blank, "id": "ab?"}),
    ]


def test_hostile_json(write: Write) -> None:
    deep = '{"a": 1}\n{"a": ' + "[" * 100_000 + "]" * 100_000 + "}\n"
    wide = json.dumps({f"k{i}": i for i in range(600)}) + "\n"
    number = '{"a": ' + "9" * 10_000 + "}\n" + '{"a": 1e999}\n'
    got = rows_of(open_table(write(deep + wide.replace("\n", "") + "\n" + number)))
    assert [getattr(row, "code", None) for row in got] == [
        None, "line_not_json", "too_many_cells", "line_not_json", None,
    ]  # fmt: skip
    assert got[-1] == (5, {"a": "inf"})


# --- properties and real files ------------------------------------------------------------

cell = st.text(
    st.characters(exclude_characters="\0\ufeff", exclude_categories=["Cs", "Cc"]), max_size=12
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(cell, min_size=3, max_size=3), max_size=8),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
    st.sampled_from([",", "\t", ";"]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_what_was_written_is_read(
    tmp_path_factory: Any, cells: list[list[str]], encoding: str, delimiter: str, end: str, gz: bool
) -> None:
    out = io.StringIO(newline="")
    records = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    records.writerows([["编号", "内容", "时间"], *cells])
    content = out.getvalue().encode(encoding)
    path = tmp_path_factory.mktemp("csv") / "x"
    path.write_bytes(gzip.compress(content) if gz else content)
    table = open_table(path)
    expected = [
        (number, dict(zip(table.columns, (c if c.strip() else None for c in row), strict=True)))
        for number, row in enumerate(cells, 2)
        if any(c.strip() for c in row)
    ]
    assert rows_of(table, 3) == expected
    assert rows_of(table, 100) == expected  # equal bytes, equal rows, whatever the chunks


DATA = Path(__file__).parents[3] / "shared/data"


@pytest.mark.skipif(not DATA.exists(), reason="../shared/data is not here")
@pytest.mark.parametrize(
    ("pattern", "kind", "rows"),
    [
        ("text/附件2*.xlsx", "xlsx", 495),
        ("text/附件4*.xlsx", "xlsx", 2816),
        ("service_requests/boston_311*.csv.gz", "csv", 58_251),
        ("service_requests/smell*/smell_raw.csv", "csv", 10_353),
    ],
)
def test_real_files(pattern: str, kind: str, rows: int) -> None:
    (path,) = DATA.glob(pattern)
    table = open_table(path)
    got = rows_of(table)
    assert (table.kind, len(got)) == (kind, rows)
    assert not any(isinstance(row, RowProblem) for row in got)
