"""What comes with an action on cases. Plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Item:
    """A case and the version that was decided on."""

    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class Inputs:
    """What comes with an action; what it needs and takes of that stands in the loop's table."""

    unit: str | None = None
    note: str | None = None
    photos: Sequence[UUID] = ()
    result: str | None = None
    units: Sequence[str] = ()
    until: datetime | None = None
    outcome: str | None = None
    ground: str | None = None
    body: str | None = None
    #: Of a check: how it was made, and the points of the conditions for closing that are met.
    way: str | None = None
    met: Sequence[str] = ()
