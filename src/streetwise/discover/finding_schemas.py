"""What crosses the API of findings, of what they show of cases, and of looks."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from streetwise.discover.schemas import SceneView
from streetwise.kernel.shown import Shown, shows

VerdictWord = Literal["right", "wrong"]
WrongWord = Literal["nothing", "other_thing", "allowed", "outside", "too_short", "picture"]
HowWord = Literal["masked", "mosaic"]
MomentWord = Literal["before", "during", "after"]


class PictureView(Shown):
    """A masked picture of a finding."""

    __shows__ = shows({"finding_picture": "moment at width height how"})

    moment: MomentWord
    at: datetime
    width: int
    height: int
    how: HowWord


class FindingCase(Shown):
    """The case that a finding became, or joined."""

    __shows__ = shows({"cases": "id number state"})

    id: UUID
    number: str
    state: str


class FindingView(Shown):
    """A finding with its pictures, its case where the viewer sees that, and what was said of it."""

    __shows__ = shows(
        {
            "finding": (
                "id version scene zone score opened_at seen_at seen_times cleared_at cleared_why "
                "verdict reason judged_at camera_id=watched_id judged_by"
            ),
            "camera": "camera=name camera_code=code",
            "L1 system": "may_judge",
            "holds": "pictures case",
        }
    )

    id: UUID
    version: int
    camera_id: UUID
    camera: str
    camera_code: str
    scene: str
    zone: str
    score: float
    opened_at: datetime
    seen_at: datetime
    seen_times: int
    cleared_at: datetime | None
    cleared_why: str | None
    verdict: VerdictWord | None
    reason: WrongWord | None
    judged_at: datetime | None
    judged_by: str | None
    pictures: list[PictureView]
    case: FindingCase | None
    may_judge: bool


class FindingPage(Shown):
    """Findings, the newest first, and the scenes there are."""

    __shows__ = shows({"holds": "items scenes", "L1 system": "next"})

    items: list[FindingView]
    scenes: list[SceneView]
    next: str | None


class EvidenceView(Shown):
    """What a camera saw of a case: a finding with its masked pictures."""

    __shows__ = shows(
        {
            "finding": "id scene zone opened_at cleared_at cleared_why",
            "camera": "camera=name",
            "L1 catalogue": "scene_name scene_name_en",
            "holds": "pictures",
        }
    )

    id: UUID
    camera: str
    scene: str
    scene_name: str
    scene_name_en: str
    zone: str
    opened_at: datetime
    cleared_at: datetime | None
    cleared_why: str | None
    pictures: list[PictureView]


class EvidenceList(Shown):
    """What cameras saw of a case, the newest first."""

    __shows__ = shows({"holds": "items"})

    items: list[EvidenceView]


class FindingImage(Shown):
    """The bytes of a masked picture."""

    __shows__ = shows({"L2 work": "jpeg"})

    jpeg: bytes


class LookView(Shown):
    """A look that was asked for; ``ready``: the picture is there."""

    __shows__ = shows({"camera_look": "id asked_at until how", "L1 system": "ready over"})

    id: UUID
    asked_at: datetime
    until: datetime
    ready: bool
    over: bool
    how: HowWord | None
