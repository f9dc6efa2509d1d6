"""Words of the API that cases and work orders share."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

State = Literal["received", "accepted", "dispatched", "handling", "reported", "verified", "closed"]
DueState = Literal["none", "ok", "soon", "overdue", "done", "done_late"]


class Named(BaseModel):
    """A thing with a code and a name."""

    code: str
    name: str


class Count(BaseModel):
    """A count; not exact means "at least this many"."""

    value: int
    exact: bool
