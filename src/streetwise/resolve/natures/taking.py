"""Taking a step of a small loop beside the case's (``natures/loop.py``): the frame that hazards
and disputes share.

Lock the case, find its row and the line, look whether it may be taken, do what it does, write the
clocks, the entry and the news. What each nature does in a step, and whom it tells, is its own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict, Invalid, StaleVersion, StreetwiseError
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository as cases
from streetwise.resolve.clocks.actions import Clocks
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.natures.loop import Line, find
from streetwise.resolve.tables import Case, units_of
from streetwise.resolve.telling import News, tell


class Row(Protocol):
    """The row of a nature: where its small loop is, and how often it was changed."""

    state: Any
    version: Any


R = TypeVar("R", bound=Row)
#: What comes with an action, and what else is read before it (the orders of a hazard).
G = TypeVar("G")
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Taking(Generic[R, G, B]):
    """A step while it is being taken. ``data``: of its entry; ``aside``: what the news needs and
    the entry does not tell."""

    uow: UnitOfWork
    viewer: Viewer
    keys: Keys
    case: Case
    row: R
    line: Line
    given: G
    beside: B
    clocks: Clocks
    data: dict[str, Any] = field(default_factory=dict)
    aside: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Nature(Generic[R, G, B]):
    """What is a nature's own. ``is_none``, ``impossible``: what is said where a case is of another
    nature, or an action is none of the row's state. ``guard`` raises where the viewer may not take
    the line, given what was read beside; ``effects``: by action; ``news``: what is told when all
    is done (under this key)."""

    name: str
    lines: Sequence[Line]
    of_case: Callable[[AsyncSession, Viewer, UUID], Awaitable[R | None]]
    first_row: Callable[[Case], R]
    beside: Callable[[AsyncSession, Viewer, UUID], Awaitable[B]]
    is_none: Callable[[Case], StreetwiseError]
    impossible: Callable[[Case, R, str], StreetwiseError]
    guard: Callable[[Viewer, Line, B], None]
    effects: Mapping[str, Callable[[Taking[R, G, B]], Awaitable[None]]]
    news: Callable[[Taking[R, G, B], str], Sequence[News]]


async def locked(
    nature: Nature[R, G, B],
    uow: UnitOfWork,
    viewer: Viewer,
    case_id: UUID,
    version: int,
    *,
    closed: bool = False,
) -> tuple[Case, R]:
    """The case, locked, and its row; a first one where nobody has spoken of it yet. ``version``:
    of the row. ``closed``: the case may be.

    Raises NotFound, Conflict, StaleVersion.
    """
    name = nature.name
    case = (await cases.lock_cases(uow.session, viewer, [case_id])).get(case_id)
    if case is None:
        raise cases.no_such_case(case_id)
    if case.nature != name or case.nature_state is None:
        raise nature.is_none(case)
    if case.state == CLOSED and not closed:
        raise Conflict(f"{case.number} is closed.", code="case_closed", number=case.number)
    row = await nature.of_case(uow.session, viewer, case.id)
    if row is None:
        row = nature.first_row(case)
        uow.session.add(row)
        await uow.session.flush()
    if version != row.version:
        raise StaleVersion(
            f"The {name} was changed by somebody else; look at it again.",
            current={"version": row.version, "state": row.state},
        )
    return case, row


async def take(
    nature: Nature[R, G, B],
    uow: UnitOfWork,
    viewer: Viewer,
    keys: Keys,
    case: Case,
    row: R,
    action: str,
    given: G,
    *,
    result: str | None = None,
    hears: bool = True,
) -> None:
    """Take a step of a case and a row that are locked. ``hears`` False: nobody is told.

    Raises Conflict, Invalid, Forbidden and what the step itself refuses; then nothing has changed.
    """
    line = find(nature.lines, action, row.state, result)
    if line is None:
        raise nature.impossible(case, row, action)
    beside = await nature.beside(uow.session, viewer, case.id)
    nature.guard(viewer, line, beside)
    for name in line.needs:
        if not getattr(given, name):
            raise Invalid(f"'{action}' needs {name}.", code="input_needed", input=name)
    clocks = await Clocks.of(uow.session, viewer, [case])
    taking = Taking(uow, viewer, keys, case, row, line, given, beside, clocks)
    await nature.effects[action](taking)
    row.state = case.nature_state = line.target
    row.version += 1
    await clocks.write(uow)
    moved = {f"{nature.name}_from": line.source, f"{nature.name}_to": line.target}
    record(uow, viewer, case, line.entry, taking.data | moved)
    if hears:
        await tell(uow, viewer, nature.news(taking, f"{line.entry}:{case.id}:{row.version}"))


def record(uow: UnitOfWork, viewer: Viewer, case: Case, action: str, data: dict[str, Any]) -> None:
    """Write the entry of what was done to a case."""
    uow.record(
        Entry(
            viewer.actor,
            action,
            "case",
            case.id,
            area=case.area,
            units=units_of(case),
            grade=case.grade,
            data=data,
            drill=viewer.drill,
        )
    )
