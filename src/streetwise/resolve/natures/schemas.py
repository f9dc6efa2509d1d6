"""What crosses the API of natures."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from streetwise.kernel.shown import Shown, shows
from streetwise.resolve.schemas import StepView

NatureWord = Literal["problem", "hazard", "dispute", "request"]


class NatureView(Shown):
    """What a case is taken for, why, and whether this viewer may say otherwise. ``version``: of
    the case."""

    __shows__ = shows(
        {"cases": "version nature state=nature_state why=nature_why", "L1 system": "may_correct"}
    )

    version: int
    nature: NatureWord
    state: str | None
    why: StepView | None
    may_correct: bool


class NatureForm(BaseModel):
    """What it is."""

    model_config = ConfigDict(extra="forbid")
    nature: NatureWord
