"""What crosses the API of assist."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from streetwise.kernel.shown import Shown, shows
from streetwise.resolve.answers.schemas import CheckView


class AssistForm(BaseModel):
    """``signal_id``: the voice that a draft answers."""

    model_config = ConfigDict(extra="forbid")
    signal_id: UUID | None = None


class AssistView(Shown):
    """What a machine wrote, masked: text for a screen, kept nowhere. ``check``: of a draft."""

    __shows__ = shows(
        {"L2 report": "text", "L2 work": "kind machine", "L1 system": "model", "holds": "check"}
    )

    kind: Literal["summary", "draft"]
    text: str
    machine: Literal[True]
    model: str
    check: CheckView | None
