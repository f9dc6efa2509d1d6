"""What a line of the loop changes in a case's own columns, and what its entry says of that. Pure.

``take`` is the whole of it: the loop's table says which line, this what becomes of the row. The
entry's ``data`` holds each changed value as it is afterwards, so that replay needs no more
(``replay``). Rows beside the case, prints and messages are ``effects``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from streetwise.resolve.loop import Transition, closes

#: How far a called unit is.
CALLED, HERE, DONE, RELEASED = "called", "here", "reported", "released"
#: What becomes of an appeal; of the first two somebody has still to say something.
ASKED, SECONDED, GRANTED, REFUSED = "asked", "seconded", "granted", "refused"
WAITING = (ASKED, SECONDED)
#: So often returned, it goes to and fro.
BOUNCES = 2


class Row(Protocol):
    """The columns of a case that the loop looks at and changes (``tables.Case``)."""

    state: Any
    version: Any
    unit_id: Any
    closed_at: Any
    reported_by: Any
    reported_for: Any
    reworked: Any
    returned: Any
    reopened: Any
    returned_from: Any
    outcome: Any
    outcome_body: Any
    lead_unit_id: Any
    party_ids: Any
    parties_left: Any
    parties: Any
    appeal: Any


@dataclass(frozen=True, slots=True)
class Given:
    """What a step is taken with. ``units``: the viewer's; ``unit``, ``named``: chosen ones."""

    now: datetime
    staff: UUID | None = None
    stand_in_for: UUID | None = None
    units: frozenset[UUID] = frozenset()
    unit: UUID | None = None
    named: tuple[UUID, ...] = ()
    outcome: str | None = None
    body: str | None = None

    @property
    def people(self) -> list[str]:
        """Who stands behind it."""
        return [str(one) for one in (self.staff, self.stand_in_for) if one is not None]


Step = Callable[[Row, Transition, Given], dict[str, Any]]


def in_part(row: Any, units: Collection[UUID], stage: str) -> list[UUID]:
    """Which of these units were called to the case and are that far."""
    parties: Mapping[str, str] = row.parties or {}
    return [one for one in sorted(units) if parties.get(str(one)) == stage]


def bounces(row: Any) -> bool:
    """Whether a case goes to and fro (踢皮球): returned twice, or with who returned it again."""
    again = row.unit_id is not None and row.unit_id == row.returned_from
    return bool(again or row.returned >= BOUNCES)


def _holder(row: Row) -> dict[str, Any]:
    return {
        "holder": str(row.unit_id) if row.unit_id else None,
        "lead": str(row.lead_unit_id) if row.lead_unit_id else None,
    }


def _given(row: Row, line: Transition, given: Given) -> dict[str, Any]:
    # To another unit: who signs for it first leads.
    row.unit_id, row.lead_unit_id = given.unit, None
    return _holder(row)


def _started(row: Row, line: Transition, given: Given) -> dict[str, Any]:
    if row.lead_unit_id is None:
        row.lead_unit_id = row.unit_id
    return _holder(row)


def _reported(row: Row, line: Transition, given: Given) -> dict[str, Any]:
    row.reported_by, row.reported_for = given.staff, given.stand_in_for
    return {}


def _checked(row: Row, line: Transition, given: Given) -> dict[str, Any]:
    if line.result == "fail":
        row.reworked += 1
        return {"reworked": row.reworked}
    return {}


def _returned(row: Row, line: Transition, given: Given) -> dict[str, Any]:
    row.returned += 1
    row.returned_from, row.unit_id, row.lead_unit_id = row.unit_id, None, None
    return {"returned": row.returned, **_holder(row)}


def _moved(row: Row, moved: Collection[UUID], stage: str) -> dict[str, Any]:
    row.parties = {**(row.parties or {}), **{str(one): stage for one in moved}}
    row.parties_left = sum(one != RELEASED for one in row.parties.values())
    return {"parties": row.parties}


def _whistled(row: Row, line: Transition, given: Given) -> dict[str, Any]:
    known = set(row.party_ids)
    row.party_ids = [*row.party_ids, *(one for one in given.named if one not in known)]
    return _moved(row, given.named, CALLED)


def _arrived(row: Row, line: Transition, given: Given) -> dict[str, Any]:
    return _moved(row, in_part(row, given.units, CALLED), HERE)


def _co_reported(row: Row, line: Transition, given: Given) -> dict[str, Any]:
    return _moved(row, in_part(row, given.units, HERE), DONE)


def _released(row: Row, line: Transition, given: Given) -> dict[str, Any]:
    return _moved(row, given.named, RELEASED)


def _ended_otherwise(row: Row, line: Transition, given: Given) -> dict[str, Any]:
    row.outcome, row.outcome_body = given.outcome, given.body
    return {"outcome": row.outcome, "body": row.outcome_body}


def _reopened(row: Row, line: Transition, given: Given) -> dict[str, Any]:
    row.reopened += 1
    row.closed_at, row.outcome, row.outcome_body = None, None, None
    row.unit_id, row.lead_unit_id = None, None
    return {"reopened": row.reopened, "outcome": None, "body": None, **_holder(row)}


def _appealed(row: Row, line: Transition, given: Given) -> dict[str, Any]:
    row.appeal = {"state": ASKED, "people": given.people}
    return {"appeal": ASKED}


def _reviewed(row: Row, line: Transition, given: Given) -> dict[str, Any]:
    before: dict[str, Any] = row.appeal or {}
    said = SECONDED if before["state"] == ASKED else GRANTED
    state = said if line.result == "pass" else REFUSED
    row.appeal = {**before, "state": state, "people": [*before["people"], *given.people]}
    return {"appeal": state}


#: By action; the others change the state alone.
STEPS: Mapping[str, Step] = {
    "dispatch": _given,
    "reassign": _given,
    "start": _started,
    "report": _reported,
    "verify": _checked,
    "return": _returned,
    "whistle": _whistled,
    "arrive": _arrived,
    "co_report": _co_reported,
    "release": _released,
    "close_otherwise": _ended_otherwise,
    "reopen": _reopened,
    "appeal": _appealed,
    "review_appeal": _reviewed,
}


def change(row: Row, line: Transition, given: Given) -> dict[str, Any]:
    """Change the columns, but for state and version; what the entry says of it."""
    own = STEPS.get(line.action)
    data = own(row, line, given) if own else {}
    if closes(line):
        row.closed_at = given.now
    return data


def settle(row: Row, line: Transition) -> None:
    """The case is where the line leads."""
    row.state = line.target
    row.version += 1


def take(row: Row, line: Transition, given: Given) -> dict[str, Any]:
    """Take a line, whole; the entry's data."""
    data = {"from": row.state, "to": line.target, "version": row.version + 1}
    data |= change(row, line, given)
    settle(row, line)
    return data
