"""From rows of directives to what a screen shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.directives import actions, repository, rules
from streetwise.resolve.directives.repository import Row
from streetwise.resolve.directives.schemas import DirectiveCase, DirectiveView
from streetwise.resolve.schemas import ActorView
from streetwise.resolve.words import Named


async def directive_views(
    session: AsyncSession, viewer: Viewer, rows: Sequence[Row], now: datetime
) -> list[DirectiveView]:
    """Directives with their words and names, in the same order."""
    notes = {
        note
        for row in rows
        for note in (row.directive.text_id, row.directive.report_id, row.directive.check_id)
        if note
    }
    texts = await repository.texts(session, viewer, notes)
    people = {
        one
        for row in rows
        for one in (row.directive.given_by, row.directive.reported_by, row.directive.checked_by)
        if one
    }
    names = await directory.staff_names(session, viewer, people)
    return [_view(viewer, row, texts, names, now) for row in rows]


def _view(
    viewer: Viewer,
    row: Row,
    texts: Mapping[UUID, str],
    names: Mapping[UUID, tuple[str, str]],
    now: datetime,
) -> DirectiveView:
    one, case = row.directive, row.case
    values: dict[str, Any] = {
        "id": one.id,
        "version": one.version,
        "kind": one.kind,
        "state": one.state,
        "late": rules.overdue(one.state, one.due_at, now),
        "case": DirectiveCase(id=case.id, number=case.number, title=case.title, state=case.state),
        "unit": Named(code=row.unit.code, name=row.unit.name),
        "person": row.person,
        "text": texts.get(one.text_id, ""),
        "text_note": one.text_id,
        "due_at": one.due_at,
        "given_at": one.given_at,
        "given_by": actor_view(names, one.given_by),
        "report": texts.get(one.report_id) if one.report_id else None,
        "report_note": one.report_id,
        "reported_at": one.reported_at,
        "reported_by": actor_view(names, one.reported_by),
        "check": texts.get(one.check_id) if one.check_id else None,
        "checked_at": one.checked_at,
        "checked_by": actor_view(names, one.checked_by),
        "sent_back": one.sent_back,
        "actions": actions.may(viewer, one),
    }
    return DirectiveView(**values)


def actor_view(names: Mapping[UUID, tuple[str, str]], who: UUID | None) -> ActorView | None:
    """Name and unit of a member of staff."""
    name = names.get(who) if who else None
    return ActorView(name=name[0], unit_name=name[1]) if name else None
