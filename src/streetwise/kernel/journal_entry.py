"""One journal entry as actions make it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Entry:
    """What was done or seen. ``data`` holds no personal data and no free text.

    ``units`` are all units concerned (the one that gives up a case and the one that gets it),
    so that both screens hear of it. ``grade`` is 1 to 4.
    """

    actor: str
    action: str
    subject_kind: str
    subject: UUID | None
    area: str | None = None
    units: Sequence[UUID] = ()
    grade: int = 2
    data: Mapping[str, Any] = field(default_factory=dict)
    drill: bool = False


def staff_of(actor: str) -> UUID | None:
    """The member of staff who an actor is; None: a job, a source, the system."""
    kind, _, number = actor.partition(":")
    return UUID(number) if kind == "staff" else None
