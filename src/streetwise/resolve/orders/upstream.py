"""What a row of an upstream platform says of its order, put together with what we know. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from streetwise.resolve.orders import loop


@dataclass(frozen=True, slots=True)
class Said:
    """One row, understood. ``at``: upstream's own time of change, where its file has one.

    ``further``: of what kind the row is by the platform's own column, where it has one.
    """

    scheme: str
    level: str | None
    state: str
    received_at: datetime | None
    due_at: datetime | None
    closed_at: datetime | None
    replied: bool
    reached: bool | None
    resolved: bool | None
    satisfied: str | None
    called_back_at: datetime | None
    exclusion: str | None
    grounds: str | None
    at: datetime | None
    further: str | None = None


#: What somebody else reviews was answered here: 复查, 复核 (petitions/heard.py).
_REVIEWED = ("review", "reexam")
#: What a file says of a contest in a column of its own → what it says of the order.
_CONTEST = {"applied": loop.CONTESTED, "accepted": loop.WITHDRAWN, "refused": loop.REFUSED}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an order stands, as far as upstream can change it."""

    state: str
    resolved: bool | None
    attention: str | None


def understand(
    facts: dict[str, Any],
    *,
    due_at: datetime | None,
    closed_at: datetime | None,
    replied: bool,
    at: datetime | None,
) -> Said:
    """A signal's ``upstream`` and the rest of its row."""
    state = facts.get("state")
    if state is None:
        # A file without a column for it says it by its times.
        state = loop.CLOSED if closed_at else loop.ANSWERED if replied else loop.OPEN
    if state in _REVIEWED:
        state = loop.ANSWERED
    if state == loop.OPEN:
        state = _CONTEST.get(facts.get("contest", ""), state)
    return Said(
        scheme=facts["scheme"],
        level=facts.get("grade"),
        state=state,
        received_at=_time(facts, "received_at"),
        due_at=due_at,
        closed_at=closed_at,
        replied=replied,
        reached=_yes(facts, "reached"),
        resolved=_yes(facts, "resolved"),
        satisfied=facts.get("satisfied"),
        called_back_at=_time(facts, "called_back_at"),
        exclusion=facts.get("exclusion"),
        grounds=facts.get("grounds"),
        at=at,
        further=facts.get("further"),
    )


def stands(before: Standing, said: Said) -> tuple[Standing, str]:
    """(where it stands after what upstream said, the journal's action for that)."""
    line = loop.heard(said.state, before.state)
    state = line.target if line else before.state
    resolved = said.resolved
    asks = loop.attention(state, resolved)
    told = Standing(loop.CLOSED, resolved=False, attention=None)
    if asks == "unresolved" and before == told:
        # Somebody has acknowledged that already; the same call-back does not ask twice.
        asks = None
    if line is not None:
        entry = line.entry
    elif asks == "unresolved" and before.attention != "unresolved":
        entry = "order.unresolved"
    else:
        entry = "order.updated"
    if entry == "order.closed" and asks == "unresolved":
        entry = "order.unresolved"
    return Standing(state, resolved, asks), entry


def _time(facts: dict[str, Any], name: str) -> datetime | None:
    text = facts.get(name)
    return datetime.fromisoformat(text) if text else None


def _yes(facts: dict[str, Any], name: str) -> bool | None:
    word = facts.get(name)
    return None if word is None else word == "yes"
