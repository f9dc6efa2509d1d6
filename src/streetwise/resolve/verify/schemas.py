"""What crosses the API of checks."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from streetwise.kernel.shown import Shown, shows


class DrawView(Shown):
    """Whether a reported case is looked at, and why; the screen makes a sentence of it."""

    __shows__ = shows({"L2 work": "drawn code params"})

    drawn: bool
    code: str
    params: dict[str, Any]


class ClosingView(Shown):
    """What must be so before a case of this condition is closed (结案条件), point by point."""

    __shows__ = shows({"taxonomy_class": "code=conditions text=conditions points=conditions"})

    code: str
    text: str
    points: list[str]


class SightingView(Shown):
    """What a device that can see the case saw of it last; ``sees``: the problem is there still."""

    __shows__ = shows({"case_sighting": "device kind seen_at clear_at clear", "L2 work": "sees"})

    device: str
    kind: Literal["camera", "sensor"]
    seen_at: datetime | None
    clear_at: datetime | None
    clear: int
    sees: bool


class CaseCheckView(Shown):
    """How a case is to be checked, or was. ``ways``: by which an officer may pass it; ``way``,
    ``passed``, ``at``: of the last check.
    """

    __shows__ = shows(
        {
            "cases": "case_id=id lon lat",
            "case_check": "way passed at",
            "holds": "draw closings sightings",
            "L2 work": "ways far_metres",
        }
    )

    case_id: UUID
    draw: DrawView | None
    ways: list[Literal["site", "call_back", "record"]]
    closings: list[ClosingView]
    lon: float | None
    lat: float | None
    far_metres: float
    way: Literal["site", "call_back", "record", "device"] | None
    passed: bool | None
    at: datetime | None
    sightings: list[SightingView]
