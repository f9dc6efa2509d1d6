"""A report as PDF: A4, its own font cut down, charts as lines and letters."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from streetwise.resolve.reports.breaking import lines
from streetwise.resolve.reports.content import (
    Chart,
    Column,
    Content,
    Paragraph,
    Table,
    shown,
)
from streetwise.resolve.reports.drawing import Box, Drawing, Label, Stroke, draw
from streetwise.resolve.reports.fonts import Fonts, cut

MARGIN_MM = 18.0
POINT_MM = 25.4 / 72
TEXT, SMALL, HEAD, TITLE = 10.5, 8.5, 13.0, 18.0
#: A line of text is so much higher than its letters.
LEADING = 1.65
ROW_MM, PAD_MM = 6.2, 1.2
#: A table's column gets its share of the width by its letters, within these.
NARROWEST, WIDEST = 4, 16
FAMILY = "report"
ALWAYS = "0123456789.,%—…/：第页共"


def write(content: Content, at: datetime, fonts: Fonts) -> bytes:
    """The file; ``at`` (UTC) is the time that it carries."""
    letters = set("".join(_letters(content))) | set(ALWAYS)
    with tempfile.TemporaryDirectory(prefix="sw-report-") as folder:
        paper = _paper(content, at)
        for style, face in (("", fonts.regular), ("B", fonts.bold)):
            path = Path(folder) / f"{FAMILY}{style}.ttf"
            path.write_bytes(cut(face, letters)[0])
            paper.add_font(FAMILY, style, path)
        _Page(paper).write(content)
        return bytes(paper.output())


def _paper(content: Content, at: datetime) -> Any:
    from fpdf import FPDF  # noqa: PLC0415 - slow to load, needed by a job only

    class Paper(FPDF):  # type: ignore[misc]  # the library leaves it untyped
        """Numbers its pages."""

        def footer(self) -> None:
            """Page so of so many."""
            self.set_y(-12)
            self.set_font(FAMILY, "", SMALL)
            self.set_text_color(115)
            self.cell(0, 5, f"第 {self.page_no()} 页 共 {{nb}} 页", align="C")
            self.set_text_color(38)

    paper = Paper(format="A4")
    paper.set_creation_date(at.astimezone(UTC))
    paper.set_title(content.title)
    paper.set_creator("Streetwise 街智")
    paper.set_producer("Streetwise 街智")
    paper.set_lang("zh-CN")
    paper.set_margin(MARGIN_MM)
    paper.set_auto_page_break(True, MARGIN_MM)
    return paper


def _letters(content: Content) -> Iterator[str]:
    yield from (content.title, content.subtitle, *content.notes)
    for section in content.sections:
        yield section.title
        for block in section.blocks:
            if isinstance(block, Paragraph):
                yield block.text
            elif isinstance(block, Table):
                yield block.title
                yield from (column.title for column in block.columns)
                yield from (str(cell) for row in block.rows for cell in row)
            else:
                yield block.title
                yield from block.labels
                yield from (one.name for one in block.series)


class _Page:
    """Writes from top to bottom."""

    def __init__(self, paper: Any) -> None:
        self._paper = paper

    def write(self, content: Content) -> None:
        paper = self._paper
        paper.add_page()
        self._font(TITLE, bold=True)
        paper.multi_cell(0, 10, content.title, align="C", new_x="LMARGIN", new_y="NEXT")
        self._font(SMALL)
        paper.multi_cell(0, 6, content.subtitle, align="C", new_x="LMARGIN", new_y="NEXT")
        for section in content.sections:
            self._room(22)
            paper.ln(3)
            self._font(HEAD, bold=True)
            paper.multi_cell(0, 8, section.title, align="L", new_x="LMARGIN", new_y="NEXT")
            for block in section.blocks:
                if isinstance(block, Paragraph):
                    self._paragraph("　　" + block.text, TEXT)
                elif isinstance(block, Table):
                    self._table(block)
                else:
                    self._chart(block)
        paper.ln(3)
        for note in content.notes:
            self._paragraph(note, SMALL)

    def _font(self, size: float, *, bold: bool = False) -> None:
        self._paper.set_font(FAMILY, "B" if bold else "", size)

    def _room(self, height: float) -> None:
        """A new page where so much does not fit on this one."""
        paper = self._paper
        if paper.get_y() + height > paper.page_break_trigger:
            paper.add_page()

    def _paragraph(self, text: str, size: float) -> None:
        self._font(size)
        paper, height = self._paper, size * LEADING * POINT_MM
        for line in lines(text, paper.epw - 2 * paper.c_margin, paper.get_string_width):
            paper.cell(0, height, line, new_x="LMARGIN", new_y="NEXT")

    # --- tables ---------------------------------------------------------------------------

    def _table(self, table: Table) -> None:
        paper = self._paper
        self._room(10 + 3 * ROW_MM)
        paper.ln(1.5)
        self._font(SMALL, bold=True)
        paper.cell(0, ROW_MM, table.title, new_x="LMARGIN", new_y="NEXT")
        widths = _widths(table, paper.epw)
        heads = [column.title for column in table.columns]
        self._row(heads, table.columns, widths, head=True)
        for number, row in enumerate(table.rows):
            told = [shown(cell, one.form) for cell, one in zip(row, table.columns, strict=True)]
            height = self._height(told, widths)
            if paper.get_y() + height > paper.page_break_trigger:
                paper.add_page()
                self._row(heads, table.columns, widths, head=True)
            self._row(told, table.columns, widths, bold=table.total and number == 0)
        paper.ln(2)

    def _height(self, texts: list[str], widths: list[float]) -> float:
        most = max(
            len(self._broken(text, width)) for text, width in zip(texts, widths, strict=True)
        )
        return most * (ROW_MM - 2) + 2

    def _broken(self, text: str, width: float) -> list[str]:
        return lines(text, width - 2 * PAD_MM, self._paper.get_string_width)

    def _row(
        self,
        texts: list[str],
        columns: tuple[Column, ...],
        widths: list[float],
        *,
        head: bool = False,
        bold: bool = False,
    ) -> None:
        paper = self._paper
        self._font(SMALL, bold=head or bold)
        height = self._height(texts, widths)
        x, y = paper.l_margin, paper.get_y()
        paper.set_draw_color(190)
        paper.set_fill_color(242)
        for text, column, width in zip(texts, columns, widths, strict=True):
            paper.rect(x, y, width, height, style="DF" if head else "D")
            told = self._broken(text, width)
            align = "C" if head else ("L" if column.form == "text" else "R")
            inner = y + (height - len(told) * (ROW_MM - 2)) / 2
            for line in told:
                paper.set_xy(x, inner)
                paper.cell(width, ROW_MM - 2, line, align=align)
                inner += ROW_MM - 2
            x += width
        paper.set_xy(paper.l_margin, y + height)

    # --- charts ---------------------------------------------------------------------------

    def _chart(self, chart: Chart) -> None:
        paper = self._paper
        drawing = draw(chart, self._measure)
        scale = paper.epw / drawing.width
        self._room(drawing.height * scale + 4)
        paper.ln(2)
        self._shapes(drawing, paper.l_margin, paper.get_y(), scale)
        paper.set_xy(paper.l_margin, paper.get_y() + drawing.height * scale + 2)

    def _measure(self, text: str, size: float) -> float:
        self._font(size)
        return float(self._paper.get_string_width(text)) / POINT_MM

    def _shapes(self, drawing: Drawing, left: float, top: float, scale: float) -> None:
        paper = self._paper
        for shape in drawing.shapes:
            if isinstance(shape, Box):
                paper.set_fill_color(shape.colour)
                paper.rect(
                    left + shape.x * scale, top + shape.y * scale,
                    shape.width * scale, shape.height * scale, style="F",
                )  # fmt: skip
            elif isinstance(shape, Stroke):
                paper.set_draw_color(shape.colour)
                paper.set_line_width(shape.width * scale)
                paper.line(
                    left + shape.x1 * scale, top + shape.y1 * scale,
                    left + shape.x2 * scale, top + shape.y2 * scale,
                )  # fmt: skip
            else:
                self._label(shape, left, top, scale)
        paper.set_line_width(0.2)
        paper.set_text_color(38)

    def _label(self, label: Label, left: float, top: float, scale: float) -> None:
        paper = self._paper
        # The drawing's points are a little smaller or larger than the paper's.
        self._font(label.size * scale / POINT_MM, bold=label.bold)
        paper.set_text_color(label.colour)
        width = paper.get_string_width(label.text)
        x = left + label.x * scale - {"start": 0, "middle": width / 2, "end": width}[label.anchor]
        paper.text(x, top + label.y * scale, label.text)


def _widths(table: Table, room: float) -> list[float]:
    """Each column by its longest text, together the whole width."""
    wants = []
    for number, column in enumerate(table.columns):
        told = [len(shown(row[number], column.form)) for row in table.rows]
        most = max([len(column.title) / 2, *told], default=NARROWEST)
        wants.append(min(max(most, NARROWEST), WIDEST))
    return [room * one / sum(wants) for one in wants]
