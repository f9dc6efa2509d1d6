"""Words of the API that cases and work orders share."""

from __future__ import annotations

from typing import Literal

from streetwise.kernel.shown import Shown, shows

State = Literal[
    "received", "accepted", "dispatched", "handling", "suspended", "reported", "verified", "closed"
]
DueState = Literal["none", "ok", "soon", "overdue", "done", "done_late"]


class Named(Shown):
    """A thing with a code and a name."""

    __shows__ = shows({"L1 catalogue": "code name"})

    code: str
    name: str


class Count(Shown):
    """A count; not exact means "at least this many"."""

    __shows__ = shows({"L1 system": "value exact"})

    value: int
    exact: bool
