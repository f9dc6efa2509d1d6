"""From rows of reports to what a screen shows."""

from __future__ import annotations

from collections.abc import Sequence

from streetwise.resolve.reports.content import (
    Block,
    Content,
    Paragraph,
    Table,
    read,
    shown,
)
from streetwise.resolve.reports.schemas import (
    ReportBlockView,
    ReportFileView,
    ReportLineView,
    ReportSectionView,
    ReportSeriesView,
    WholeReportView,
)
from streetwise.resolve.reports.tables import Report, ReportFile

Row = tuple[Report, list[ReportFile]]


def lines(rows: Sequence[Row]) -> list[ReportLineView]:
    """Of each whether it says the same as the edition before it, where that is among them."""
    said = {
        (row.area, row.kind, row.name, row.edition): {one.form: one.digest for one in files}
        for row, files in rows
        if row.made_at is not None
    }
    return [
        line(
            row,
            files,
            same=(row.area, row.kind, row.name, row.edition) in said
            and said.get((row.area, row.kind, row.name, row.edition - 1))
            == said[(row.area, row.kind, row.name, row.edition)],
        )
        for row, files in rows
    ]


def line(row: Report, files: Sequence[ReportFile], *, same: bool = False) -> ReportLineView:
    """One of the list."""
    return ReportLineView.model_validate(
        {
            "id": row.id, "kind": row.kind, "name": row.name, "edition": row.edition,
            "start": row.start_at, "end": row.end_at, "rules": row.rules, "state": row.state,
            "failure": row.failure, "ordered_at": row.ordered_at, "made_at": row.made_at,
            "same": same, "by_itself": row.ordered_by is None,
            "files": [ReportFileView.model_validate({"form": one.form, "bytes": one.bytes})
                      for one in files],
        }
    )  # fmt: skip


def whole(row: Report, files: Sequence[ReportFile]) -> WholeReportView:
    """To be read."""
    content = read(row.content) if row.content else Content("", "", (), ())
    sections = [
        ReportSectionView(title=one.title, blocks=[_block(block) for block in one.blocks])
        for one in content.sections
    ]
    return WholeReportView(
        line=line(row, files), title=content.title, subtitle=content.subtitle,
        notes=list(content.notes), sections=sections,
    )  # fmt: skip


def _block(block: Block) -> ReportBlockView:
    if isinstance(block, Paragraph):
        return ReportBlockView(kind="paragraph", text=block.text)
    if isinstance(block, Table):
        rows = [
            [shown(cell, column.form) for cell, column in zip(row, block.columns, strict=True)]
            for row in block.rows
        ]
        return ReportBlockView(
            kind="table", title=block.title, columns=[one.title for one in block.columns],
            numeric=[one.form != "text" for one in block.columns], rows=rows, total=block.total,
        )  # fmt: skip
    series = [
        ReportSeriesView(
            name=one.name,
            values=list(one.values),
            told=[shown(value, block.form) for value in one.values],
        )
        for one in block.series
    ]
    return ReportBlockView(
        kind="chart", title=block.title, shape=block.shape, labels=list(block.labels), series=series
    )
