"""Reports as content, workbook, document and PDF: the same numbers, the same bytes, no boxes."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from pypdf import PdfReader
from resolve.report_figures import SHANGHAI, figures, tally

from streetwise.resolve.reports import docx, fonts, pdf, xlsx
from streetwise.resolve.reports.breaking import NOT_FIRST, NOT_LAST, lines
from streetwise.resolve.reports.content import (
    Chart,
    Content,
    Paragraph,
    Table,
    read,
    shown,
    stored,
)
from streetwise.resolve.reports.drawing import top_of
from streetwise.resolve.reports.few import FEWEST, hidden
from streetwise.resolve.reports.figures import Line, Listed, Stock
from streetwise.resolve.reports.spans import before, last_over, name_of, span
from streetwise.resolve.reports.words import more, paragraph, points, words
from streetwise.resolve.reports.writing import write

AT = datetime(2026, 5, 17, 16, tzinfo=UTC)
CONTENT = write(figures(estimated=True), SHANGHAI)


def tables(content: Content) -> list[Table]:
    return [
        block
        for section in content.sections
        for block in section.blocks
        if isinstance(block, Table)
    ]


def told(content: Content) -> list[list[str]]:
    """The rows of all tables, as they are shown."""
    return [
        [shown(cell, column.form) for cell, column in zip(row, table.columns, strict=True)]
        for table in tables(content)
        for row in table.rows
    ]


def sentences(content: Content) -> list[str]:
    return [
        block.text
        for section in content.sections
        for block in section.blocks
        if isinstance(block, Paragraph)
    ]


# --- what is said -----------------------------------------------------------------------------


def test_the_sentences_say_the_figures() -> None:
    first = sentences(CONTENT)[0]
    assert "共受理事件 121 件，比上周增加 20 件（+19.8%）；办结 120 件" in first
    assert "未办结 31 件，其中超期 4 件、挂账 2 件" in first
    assert "按期处置率 90.0%，比上周持平" in first
    assert "中位数 20.2 小时，九成在 70.5 小时以内；扣除挂账和退回期间，中位数 18.5 小时" in first
    # .1 * 1 + .5 * .8 + .4 * .7 = .78
    assert "响应率 100.0%、解决率 80.0%、满意率 70.0%，综合得分 78.0 分" in sentences(CONTENT)[1]


def test_every_sentence_can_be_filled_in() -> None:
    forms = {"text", "count", "rate", "score", "hours", "days"}
    for name, said in words()["sentences"].items():
        for sentence in said:
            places = re.findall(r"\{(\w+):(\w+)\}", sentence)
            assert {form for _, form in places} <= forms, name
            filled = paragraph(name, dict.fromkeys((place for place, _ in places), 1))
            assert filled is not None and "{" not in filled.text


def test_a_sentence_without_its_number_is_left_out() -> None:
    nothing = replace(figures(), before=replace(tally(0), median_hours=None), stock_before=Stock())
    content = write(nothing, SHANGHAI)
    assert "按期处置率" not in sentences(content)[0]
    assert "增加 120 件" in sentences(content)[0]
    assert not any("None" in cell for row in told(content) for cell in row)


def test_a_period_with_nothing_can_be_written() -> None:
    empty = replace(
        figures(), total=tally(0), before=tally(0), units=(), communities=(), classes=(),
        channels=(), stock=Stock(), stock_of={}, overdue=Listed(), matters=Listed(),
        excluded=Listed(),
    )  # fmt: skip
    content = write(empty, SHANGHAI)
    assert "期末没有需要协调的事项。" in sentences(content)
    assert "本周上级回访工单不足五件，不作三率分析。" in sentences(content)


def test_estimates_are_marked_and_change_no_score_of_upstream() -> None:
    without = write(figures(), SHANGHAI)
    marked = [row for row in told(CONTENT) if "预估" in row[0]]
    assert [row[1:] for row in marked] == [["50.0%", "10"], ["40.0%", "10"]]
    assert not any("预估" in row[0] for row in told(without))
    assert [row for row in told(CONTENT) if "预估" not in row[0]] == told(without)
    assert any("（预估）" in one and "不计入综合得分" in one for one in sentences(CONTENT))


def test_no_class_below_five_is_named_nor_found_by_a_difference() -> None:
    small = (Line("大类", tally(20), opened_before=3), Line("小类", tally(3), opened_before=40))
    content = write(replace(figures(), classes=small), SHANGHAI)
    rows = {row[0]: row for row in told(content)}
    assert "小类" not in rows
    assert rows["大类"][1:4] == ["21", "少于5", "—"]
    assert not any("比上周增加最多" in one for one in sentences(content))


@given(st.lists(st.integers(0, 40), max_size=12))
def test_what_is_hidden_cannot_be_found_by_subtracting(counts: list[int]) -> None:
    hides = hidden(counts)
    small = [one for one, hide in zip(counts, hides, strict=True) if hide]
    assert all(hide for one, hide in zip(counts, hides, strict=True) if 0 < one < FEWEST)
    assert not any(hide for one, hide in zip(counts, hides, strict=True) if one == 0)
    # Nothing, or several that are five together; or nothing but zeros is left to show.
    shown_ones = [one for one, hide in zip(counts, hides, strict=True) if not hide and one]
    assert not small or not shown_ones or (len(small) > 1 and sum(small) >= FEWEST)


def test_changes_are_told_in_words() -> None:
    assert (more(5, 5), more(12, 10), more(3, 0)) == ("持平", "增加 2 件（+20.0%）", "增加 3 件")
    assert more(6, 8) == "减少 2 件（-25.0%）"
    assert (points(0.912, 0.9), points(0.8, 0.9)) == ("上升 1.2 个百分点", "下降 10.0 个百分点")
    assert points(0.9004, 0.9) == "持平"
    assert points(None, 0.9) is None


def test_content_is_read_back_as_it_was_stored() -> None:
    assert read(stored(CONTENT)) == CONTENT


# --- periods ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "name", "start", "last"),
    [
        ("daily", "2026-03-01", datetime(2026, 2, 28, 16, tzinfo=UTC), "2026-02-28"),
        ("weekly", "2026-W01", datetime(2025, 12, 28, 16, tzinfo=UTC), "2025-W52"),
        # The capital's month begins on the nineteenth.
        ("monthly", "2026-05", datetime(2026, 4, 18, 16, tzinfo=UTC), "2026-04"),
    ],
)
def test_a_period_begins_where_its_rules_say(
    kind: Any, name: str, start: datetime, last: str
) -> None:
    found = span(kind, name, SHANGHAI)
    assert found.period.start == start
    assert before(found, SHANGHAI).name == last
    assert before(found, SHANGHAI).period.end == start
    assert name_of(kind, found.period.start, SHANGHAI) == name
    assert last_over(kind, found.period.end, SHANGHAI).name == name


@pytest.mark.parametrize(
    ("kind", "name"), [("daily", "2026-02-30"), ("weekly", "2026-W54"), ("weekly", "2027-W53")]
)
def test_what_is_no_period_is_refused(kind: Any, name: str) -> None:
    with pytest.raises(Exception, match="is no name of"):
        span(kind, name, SHANGHAI)


# --- forms ------------------------------------------------------------------------------------


def test_the_workbook_holds_the_numbers_and_charts_that_draw_them() -> None:
    book = load_workbook(io.BytesIO(xlsx.write(CONTENT, AT)))
    rows = {
        tuple(shown_value(cell) for cell in row if cell.value is not None)
        for sheet in book.worksheets[1:]
        for row in sheet.iter_rows()
    }
    for table in tables(CONTENT):
        for row in table.rows:
            assert tuple(cell for cell in row if cell is not None) in rows
    charts = [
        block
        for section in CONTENT.sections
        for block in section.blocks
        if isinstance(block, Chart)
    ]
    assert sum(len(sheet._charts) for sheet in book.worksheets) == len(charts)
    read_out = [str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row]
    for sentence in sentences(CONTENT):
        assert sentence in read_out
    # What looks like a formula is text.
    units = next(sheet for sheet in book.worksheets if "单位" in sheet.title)
    assert [cell.data_type for row in units.iter_rows() for cell in row if cell.value == "=1+1"]
    assert not [cell for row in units.iter_rows() for cell in row if cell.data_type == "f"]


def shown_value(cell: Any) -> Any:
    return cell.value


def test_the_document_has_the_same_sentences_and_tables() -> None:
    document = Document(io.BytesIO(docx.write(CONTENT, AT, fonts.find())))
    said = [one.text for one in document.paragraphs]
    for sentence in sentences(CONTENT):
        assert sentence in said
    heads = [one.text for one in document.paragraphs if one.style and one.style.name == "Heading 1"]
    assert heads == [section.title for section in CONTENT.sections]
    rows = [[cell.text for cell in row.cells] for one in document.tables for row in one.rows[1:]]
    assert rows == told(CONTENT)
    charts = [b for s in CONTENT.sections for b in s.blocks if isinstance(b, Chart)]
    assert len(document.inline_shapes) == len(charts)


def test_the_pdf_has_the_same_sentences_and_tables() -> None:
    pages = PdfReader(io.BytesIO(pdf.write(CONTENT, AT, fonts.find()))).pages
    # Text comes back with its lines broken and cells beside each other.
    text = re.sub(r"\s", "", "".join(page.extract_text() for page in pages))
    for sentence in sentences(CONTENT):
        assert re.sub(r"\s", "", sentence) in text
    for row in told(CONTENT):
        assert re.sub(r"\s", "", "".join(row)) in text
    assert "第1页共" in text


def test_written_again_they_are_the_same_bytes() -> None:
    face = fonts.find()
    assert xlsx.write(CONTENT, AT) == xlsx.write(CONTENT, AT)
    assert docx.write(CONTENT, AT, face) == docx.write(CONTENT, AT, face)
    assert pdf.write(CONTENT, AT, face) == pdf.write(CONTENT, AT, face)


def test_the_pdf_carries_a_font_with_every_letter_as_truetype() -> None:
    face = fonts.find()
    cut, lacking = fonts.cut(face.regular, "处置率骨直123%")
    assert cut[:4] == b"\x00\x01\x00\x00"
    assert not lacking
    assert fonts.cut(face.regular, "处置率骨直123%")[0] == cut
    _, lacking = fonts.cut(face.regular, "\U000f0000")
    assert lacking == {"\U000f0000"}


def test_without_a_font_it_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(fonts.NoFont, match="apt-get install fonts-noto-cjk"):
        fonts.find(folders=[str(tmp_path)])
    bad = tmp_path / "latin.ttf"
    bad.write_bytes(b"no font")
    with pytest.raises(fonts.NoFont, match=r"latin\.ttf"):
        fonts.find(bad)


@given(st.text(alphabet="街道处置，。（）12a %", min_size=1, max_size=60), st.integers(4, 20))
def test_lines_lose_nothing_and_begin_with_no_full_stop(text: str, room: int) -> None:
    found = lines(text, room, len)
    assert "".join(found).replace(" ", "") == text.replace(" ", "")
    assert all(len(one) <= room for one in found)


def test_a_line_neither_begins_with_a_full_stop_nor_parts_a_number() -> None:
    found = lines("本周共受理事件 1234 件（比上周多），办结 98.5%。", 9, len)
    assert all(one[0] not in NOT_FIRST and one[-1] not in NOT_LAST for one in found)
    assert any("1234" in one for one in found) and any("98.5%" in one for one in found)


@given(st.floats(0.1, 1e6))
def test_an_axis_holds_its_largest_value_and_is_not_much_longer(largest: float) -> None:
    top = top_of([largest])
    assert largest <= top <= max(4.0, 2 * largest + 1e-6)
