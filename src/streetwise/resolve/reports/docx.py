"""A report as a document that Word opens: headings, tables and pictures to go on writing in."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from streetwise.resolve.reports.content import Chart, Content, Paragraph, Table, shown
from streetwise.resolve.reports.fonts import Fonts
from streetwise.resolve.reports.picture import picture
from streetwise.resolve.reports.steady import steady

#: Fonts by name: the reader's machine has them, or takes another of its own.
LATIN, CHINESE, CHINESE_HEAD = "Times New Roman", "宋体", "黑体"
TEXT, SMALL, TITLE = 12.0, 9.0, 20.0
PICTURE_CM = 15.5


def write(content: Content, at: datetime, fonts: Fonts) -> bytes:
    """The file; ``at`` (UTC) is the time that it carries. ``fonts`` draw its charts."""
    from docx import Document  # noqa: PLC0415 - slow to load, needed by a job only
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415
    from docx.shared import Cm, Pt  # noqa: PLC0415

    document = Document()
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2.6)
    for name, chinese, size in (
        ("Normal", CHINESE, TEXT), ("Title", CHINESE_HEAD, TITLE), ("Heading 1", CHINESE_HEAD, 14),
        ("Caption", CHINESE, SMALL),
    ):  # fmt: skip
        _style(document.styles[name], chinese, Pt(size))
    document.add_paragraph(content.title, style="Title").alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.add_paragraph(content.subtitle).alignment = WD_ALIGN_PARAGRAPH.CENTER
    for section in content.sections:
        document.add_heading(section.title, level=1)
        for block in section.blocks:
            if isinstance(block, Paragraph):
                # Two letters in, as Chinese paragraphs begin.
                told = document.add_paragraph(block.text)
                told.paragraph_format.first_line_indent = Pt(2 * TEXT)
            elif isinstance(block, Table):
                _table(document, block)
            else:
                _picture(document, block, fonts)
    for note in content.notes:
        document.add_paragraph(note, style="Caption")
    properties = document.core_properties
    properties.author = properties.last_modified_by = "Streetwise 街智"
    properties.title, properties.language = content.title, "zh-CN"
    properties.created = properties.modified = at.replace(tzinfo=None)
    out = io.BytesIO()
    document.save(out)
    return steady(out.getvalue(), at)


def _style(style: Any, chinese: str, size: Any) -> None:
    from docx.oxml.ns import qn  # noqa: PLC0415
    from docx.shared import RGBColor  # noqa: PLC0415

    style.font.name, style.font.size = LATIN, size
    style.font.color.rgb = RGBColor(0x26, 0x26, 0x26)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    # The template names theme fonts, which would come first.
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)
    fonts.set(qn("w:eastAsia"), chinese)


def _table(document: Any, table: Table) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH  # noqa: PLC0415
    from docx.oxml import OxmlElement  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415
    from docx.shared import Pt  # noqa: PLC0415

    document.add_paragraph(table.title, style="Caption").paragraph_format.keep_with_next = True
    made = document.add_table(rows=0, cols=len(table.columns), style="Table Grid")
    rows = [[column.title for column in table.columns]]
    for row in table.rows:
        rows.append([shown(cell, one.form) for cell, one in zip(row, table.columns, strict=True)])
    for number, texts in enumerate(rows):
        line = made.add_row()
        heavy = number == 0 or (table.total and number == 1)
        for cell, text, column in zip(line.cells, texts, table.columns, strict=True):
            told = cell.paragraphs[0]
            run = told.add_run(text)
            run.bold, run.font.size = heavy, Pt(SMALL)
            if number and column.form != "text":
                told.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        if number == 0:
            # The heading comes again on each page.
            again = OxmlElement("w:tblHeader")
            again.set(qn("w:val"), "true")
            line._tr.get_or_add_trPr().append(again)


def _picture(document: Any, chart: Chart, fonts: Fonts) -> None:
    from docx.shared import Cm  # noqa: PLC0415

    shape = document.add_picture(io.BytesIO(picture(chart, fonts)), width=Cm(PICTURE_CM))
    # Who listens to the document hears what is drawn.
    values = (
        f"{label} {shown(value, chart.form)}"
        for series in chart.series
        for label, value in zip(chart.labels, series.values, strict=True)
    )
    shape._inline.docPr.set("descr", f"{chart.title}：{'，'.join(values)}")
