"""A case that is opened for a common cause: it has no voice of its own; others hang under it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository as cases
from streetwise.resolve.clocks.actions import given_to
from streetwise.resolve.knowledge import know
from streetwise.resolve.loop import CLOSED, RECEIVED
from streetwise.resolve.natures.loop import BEGINS
from streetwise.resolve.opening import TITLE_CHARACTERS, give_numbers
from streetwise.resolve.tables import NOTHING_HAPPENED, Case, units_of

declare(
    {
        "case.taken_back": "A case that was opened for a common cause was closed again: nothing"
        " hangs under it; data: to, version.",
    }
)

SYSTEM = Viewer.system("causes")
_CLASS = ("category_scheme", "category_version", "category_code")
_PLACE = ("place_text", "place_why", "lon", "lat", "grid_id", "community_id")


async def open_for(uow: UnitOfWork, viewer: Viewer, members: Sequence[Case]) -> Case:
    """Open a case for the common cause of these, locked, the first of them first. ``uow`` is the
    system's.
    """
    row = _row(members, uow.now)
    knowledge = await know(uow.session, SYSTEM, {row["area"]})
    await give_numbers(uow.session, [row], knowledge)
    await cases.insert_cases(await uow.raw(), [row])
    units = [row["community_id"]] if row["community_id"] else []
    uow.record(
        Entry(
            viewer.actor,
            "case.opened",
            "case",
            row["id"],
            area=row["area"],
            units=units,
            grade=row["grade"],
            data={"to": row["state"], "version": 1, "number": row["number"]},
            drill=viewer.drill,
        )
    )
    made: dict[UUID, Case] = await cases.lock_cases(uow.session, SYSTEM, [row["id"]])
    await given_to(uow, made[row["id"]])
    return made[row["id"]]


def _row(members: Sequence[Case], now: Any) -> dict[str, Any]:
    """Place of the first, class if all have the same, and as urgent and due as the most urgent."""
    first = members[0]
    alike = len({tuple(getattr(one, name) for name in _CLASS) for one in members}) == 1
    classed = alike and first.category_code is not None
    due = min(
        (one for one in members if one.due_at is not None),
        key=lambda one: (one.due_at, one.id),
        default=None,
    )
    urgent = next((one for one in members if one.priority == "high"), None)
    step = {"code": "due_of_member", "params": {"number": due.number}} if due else None
    return {
        "id": new_id(),
        "number": "",
        "version": 1,
        "area": first.area,
        "state": RECEIVED,
        "nature": first.nature,
        "nature_why": first.nature_why,
        "nature_state": BEGINS.get(first.nature),
        "title": _title(first.title, len(members)),
        **{name: getattr(first, name) if classed else None for name in _CLASS},
        "category_condition": None,
        "category_why": {"code": "category_of_members", "params": {}} if classed else None,
        **{name: getattr(first, name) for name in _PLACE},
        "unit_id": None,
        "priority": "high" if urgent else "normal",
        "opened_at": now,
        "due_at": due.due_at if due else None,
        "due_why": [*due.due_why, step] if due else [],
        "closed_at": None,
        "reported_by": None,
        "reported_for": None,
        "voices": 0,
        "photos": 0,
        "reworked": 0,
        "grade": max(one.grade for one in members),
        "order_attention": None,
        "parent_id": None,
        "merged_into": None,
        "doubts": [],
        "category_ranked": None,
        "place_ranked": None,
        "urgent_why": urgent.urgent_why if urgent else None,
        "matter": None,
        "search": [],
        **NOTHING_HAPPENED,
    }


def _title(first: str, count: int) -> str:
    """What the first says stays masked, as it is."""
    words = f"同因：{first}"
    end = f"等 {count} 件"
    room = TITLE_CHARACTERS - len(end)
    return (words if len(words) <= room else words[: room - 1] + "…") + end


def close_made(uow: UnitOfWork, viewer: Viewer, case: Case) -> None:
    """Close it again, unless somebody has begun to work on it."""
    if case.state != RECEIVED:
        return
    case.state, case.closed_at, case.doubts = CLOSED, uow.now, []
    case.version += 1
    uow.record(
        Entry(
            viewer.actor,
            "case.taken_back",
            "case",
            case.id,
            area=case.area,
            units=units_of(case),
            grade=case.grade,
            data={"to": CLOSED, "version": case.version},
            drill=viewer.drill,
        )
    )
