"""A report as a workbook: one sheet to read, one for each table, charts that Excel draws."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from streetwise.resolve.reports.content import (
    Cell,
    Chart,
    Content,
    Form,
    Paragraph,
    Section,
    Table,
)
from streetwise.resolve.reports.steady import steady

_FORMATS: dict[Form, str] = {"rate": "0.0%", "score": "0.0", "hours": "0.0", "days": "0.0"}
_BOLD, _TITLE, _HEAD = Font(bold=True), Font(bold=True, size=16), Font(bold=True, size=12)
_LINE = Side(style="thin", color="BFBFBF")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_SHADE = PatternFill("solid", fgColor="F2F2F2")
#: Widths in characters, rows in points, charts in centimetres.
WIDEST, CHART_CM = 40, (20.0, 9.0)
TEXT_COLUMNS, LINE_CHARACTERS, LINE_POINTS = 8, 46, 17


def write(content: Content, at: datetime) -> bytes:
    """The file; ``at`` (UTC) is the time that it carries."""
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = "报告"
    row = _text(first, 1, content.title, _TITLE)
    row = _text(first, row, content.subtitle, Font())
    for number, section in enumerate(content.sections):
        row = _text(first, row + 1, section.title, _HEAD)
        for block in section.blocks:
            if isinstance(block, Paragraph):
                row = _text(first, row, block.text, Font())
        _section(book, number, section)
    row += 1
    for note in content.notes:
        row = _text(first, row, note, Font(color="7F7F7F", size=9))
    first.column_dimensions["A"].width = 12
    for sheet in book.worksheets:
        sheet.sheet_view.showGridLines = False
        sheet.page_setup.paperSize, sheet.page_setup.fitToHeight = 9, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
    book.properties.creator, book.properties.title = "Streetwise 街智", content.title
    out = io.BytesIO()
    book.save(out)
    return steady(out.getvalue(), at)


def _text(sheet: Worksheet, row: int, text: str, font: Font) -> int:
    """A paragraph over the whole width; the row below it."""
    sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=TEXT_COLUMNS)
    cell = sheet.cell(row, 1, text)
    cell.font, cell.alignment = font, Alignment(wrap_text=True, vertical="top")
    lines = -(-len(text) // LINE_CHARACTERS)
    size = float(font.size or 11)
    sheet.row_dimensions[row].height = max(lines * LINE_POINTS, size * 1.6)
    return row + 1


def _put(sheet: Worksheet, row: int, column: int, value: Cell) -> Any:
    """A value; text stays text, whatever sign it begins with."""
    cell = sheet.cell(row, column, value)
    if isinstance(value, str):
        cell.data_type = "s"
    return cell


def _section(book: Workbook, number: int, section: Section) -> None:
    """The tables and charts of a section, on a sheet of its own."""
    tables = [block for block in section.blocks if isinstance(block, Table)]
    charts = [block for block in section.blocks if isinstance(block, Chart)]
    if not tables and not charts:
        return
    # A sheet's name has at most 31 characters and no sign that a path has.
    sheet = book.create_sheet(f"{number + 1}-{section.title.split('、')[-1].split('：')[-1]}"[:31])
    row = 1
    for table in tables:
        row = _table(sheet, row, table) + 1
    for chart in charts:
        row = _chart(sheet, row, chart)


def _table(sheet: Worksheet, row: int, table: Table) -> int:
    sheet.cell(row, 1, table.title).font = _HEAD
    row += 1
    for column, head in enumerate(table.columns, 1):
        cell = sheet.cell(row, column, head.title)
        cell.font, cell.fill, cell.border = _BOLD, _SHADE, _BOX
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
    for number, values in enumerate(table.rows):
        row += 1
        for column, (value, head) in enumerate(zip(values, table.columns, strict=True), 1):
            cell = _put(sheet, row, column, value)
            cell.border = _BOX
            cell.number_format = _FORMATS.get(head.form, "General")
            if head.form != "text":
                cell.alignment = Alignment(horizontal="right")
            if number == 0 and table.total:
                cell.font = _BOLD
    for column in range(1, len(table.columns) + 1):
        told = (len(str(values[column - 1] or "")) for values in table.rows)
        needed = min(WIDEST, 4 + 2 * max(len(table.columns[column - 1].title) // 2, *told, 4))
        letter = get_column_letter(column)
        before = sheet.column_dimensions[letter].width
        sheet.column_dimensions[letter].width = max(needed, before if row > 20 else 0)
    return row + 1


def _chart(sheet: Worksheet, row: int, chart: Chart) -> int:
    """Its values in a small table, the chart beside it."""
    sheet.cell(row, 1, chart.title).font = _HEAD
    head = row + 1
    for column, series in enumerate(chart.series, 2):
        sheet.cell(head, column, series.name).font = _BOLD
    for number, label in enumerate(chart.labels):
        _put(sheet, head + 1 + number, 1, label)
        for column, series in enumerate(chart.series, 2):
            cell = sheet.cell(head + 1 + number, column, series.values[number])
            cell.number_format = _FORMATS.get(chart.form, "General")
    last = head + len(chart.labels)
    drawn: BarChart | LineChart
    if chart.shape == "bar":
        drawn = BarChart()
        drawn.type = "bar"
        # Lying bars are drawn from below: the first label belongs on top.
        drawn.x_axis.scaling.orientation = "maxMin"
    else:
        drawn = LineChart()
    drawn.title = chart.title
    drawn.width, drawn.height = CHART_CM
    drawn.x_axis.delete = drawn.y_axis.delete = False
    drawn.y_axis.number_format = _FORMATS.get(chart.form, "General")
    data = Reference(sheet, min_col=2, max_col=1 + len(chart.series), min_row=head, max_row=last)
    drawn.add_data(data, titles_from_data=True)
    drawn.set_categories(Reference(sheet, min_col=1, min_row=head + 1, max_row=last))
    if len(chart.series) == 1:
        drawn.legend = None
    sheet.add_chart(drawn, f"{get_column_letter(len(chart.series) + 3)}{row}")
    return max(last, row + 19) + 2
