"""What crosses the API of desk locks."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from streetwise.kernel.shown import Shown, shows


class LockView(Shown):
    """Who has a case open, and until when that holds by itself. ``mine``: the viewer."""

    __shows__ = shows(
        {"desk_lock": "case=case_id taken_at until", "staff": "by=name", "L2 work": "mine"}
    )

    case: UUID
    by: str
    mine: bool
    taken_at: datetime
    until: datetime


class LocksView(Shown):
    """The locks of an area that hold now."""

    __shows__ = shows({"holds": "locks"})

    locks: list[LockView]
