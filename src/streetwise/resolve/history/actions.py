"""Taking a case's history out of the house is a read that is written down."""

from __future__ import annotations

from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.tables import Case, units_of

declare(
    {
        "case.exported": "The whole history of a case was exported (read); data: format, lines.",
    }
)


def exported(uow: UnitOfWork, viewer: Viewer, case: Case, kind: str, lines: int) -> None:
    """Write down that somebody took the history of a case, and how much of it."""
    viewer.require("case.read")
    uow.record(
        Entry(
            viewer.actor,
            "case.exported",
            "case",
            case.id,
            area=case.area,
            units=units_of(case),
            grade=case.grade,
            data={"format": kind, "lines": lines},
            drill=viewer.drill,
        )
    )
