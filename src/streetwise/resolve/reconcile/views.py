"""From rows of the reconciliation to what a screen shows."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.gather import CodeName
from streetwise.kernel.journal_entry import staff_of
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.reconcile.actions import reasons
from streetwise.resolve.reconcile.engine import KINDS
from streetwise.resolve.reconcile.repository import LineRow
from streetwise.resolve.reconcile.schemas import (
    KindCount,
    LineCase,
    LineView,
    ReasonView,
    ReconciliationView,
    RunView,
)
from streetwise.resolve.reconcile.tables import EXPLAINED, OPEN, Reconciliation
from streetwise.resolve.words import Named


def reconciliation_view(
    runs: Sequence[tuple[Reconciliation, CodeName]],
    counted: Sequence[tuple[UUID, str, str, int]],
    *,
    may_explain: bool,
    at_hour: int,
) -> ReconciliationView:
    """The last runs, with the lines that last counted by kind."""
    known = {(source, kind, state): n for source, kind, state, n in counted}
    return ReconciliationView(
        runs=[_run(run, source, known) for run, source in runs],
        reasons=[
            ReasonView(code=code, name=name, name_en=english)
            for code, (name, english) in reasons().items()
        ],
        may_explain=may_explain,
        at_hour=at_hour,
    )


def _run(run: Reconciliation, source: CodeName, known: dict[tuple[UUID, str, str], int]) -> RunView:
    return RunView(
        source=Named(code=source.code, name=source.name),
        scheme=run.scheme,
        day=run.day,
        made_at=run.made_at,
        list_at=run.list_at,
        whole_at=run.whole_at,
        unread=run.unread,
        ours=run.ours,
        theirs=run.theirs,
        fresh=run.fresh,
        gone=run.gone,
        kinds=[
            KindCount(
                kind=kind,
                open=known.get((run.source_id, kind, OPEN), 0),
                explained=known.get((run.source_id, kind, EXPLAINED), 0),
            )
            for kind in KINDS
        ],
    )


async def line_views(
    session: AsyncSession, viewer: Viewer, rows: Sequence[LineRow]
) -> list[LineView]:
    """Lines, with the names of who explained them."""
    actors = {one for row in rows if (one := row.line.explained_by)}
    who = {one: staff for one in actors if (staff := staff_of(one))}
    names = await directory.staff_names(session, viewer, who.values())
    said = {one: names[staff][0] for one, staff in who.items() if staff in names}
    return [_line(row, said.get(row.line.explained_by or "")) for row in rows]


def _line(row: LineRow, by: str | None) -> LineView:
    line = row.line
    return LineView(
        id=line.id,
        version=line.version,
        source=Named(code=row.source.code, name=row.source.name),
        scheme=line.scheme,
        number=line.number,
        kind=line.kind,
        why=line.why,
        ours=line.ours,
        theirs=line.theirs,
        first_day=line.first_day,
        last_day=line.last_day,
        state=line.state,
        gone_at=line.gone_at,
        because=line.because,
        text=line.text,
        explained_at=line.explained_at,
        explained_by=by,
        case=LineCase(id=row.case[0], number=row.case[1], title=row.case[2], state=row.case[3])
        if row.case
        else None,
    )
