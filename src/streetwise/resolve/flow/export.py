"""Taking an event log out of the house, with the entry that says who took it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import GRADE_INTERNAL, Viewer
from streetwise.resolve.flow import repository
from streetwise.resolve.flow.event_log import Stepped
from streetwise.resolve.flow.repository import Asked

declare(
    {
        "flow.exported": "The steps of cases were read as an event log; data: format, start, stop,"
        " class, unit, cases.",
    }
)

#: Cases that are read at a time: a slow reader holds so many, and no connection.
BATCH = 500


async def begin(
    uow: UnitOfWork, viewer: Viewer, asked: Asked, form: str
) -> tuple[list[UUID], list[str]]:
    """Note who takes what; the cases and the actions that occur."""
    viewer.require("score.read")
    ids = await repository.cases_of(uow.session, viewer, asked)
    actions = await repository.actions_of(uow.session, viewer, asked)
    uow.record(
        Entry(
            viewer.actor,
            "flow.exported",
            "area",
            None,
            area=asked.area,
            grade=GRADE_INTERNAL,
            data={
                "format": form,
                "start": asked.start.isoformat(),
                "stop": asked.stop.isoformat(),
                "class": asked.cls,
                "unit": str(asked.unit) if asked.unit else None,
                "cases": len(ids),
            },
            drill=viewer.drill,
        )
    )
    return ids, actions


async def batches(
    runtime: Runtime, viewer: Viewer, area: str, ids: Sequence[UUID]
) -> AsyncIterator[list[Stepped]]:
    """The steps of these cases, some cases at a time."""
    for first in range(0, len(ids), BATCH):
        async with runtime.database.read(viewer) as session:
            rows = await repository.stepped(session, viewer, area, ids[first : first + BATCH])
        yield rows
