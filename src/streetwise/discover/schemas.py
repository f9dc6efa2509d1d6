"""What crosses the API of discover. No address of a stream ever does: it may hold a login."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from streetwise.kernel.shown import Shown, shows

KindWord = Literal["rtsp", "snapshot", "push", "file", "platform"]
StateWord = Literal["off", "unknown", "live", "down", "aim"]
VerdictWord = Literal["right", "wrong"]
WrongWord = Literal["nothing", "other_thing", "allowed", "outside", "too_short", "picture"]
OffWord = Literal["maintenance", "no_need", "relocated", "objection", "other"]
LookWord = Literal["finding", "case", "incident", "zones", "stream", "other"]
HowWord = Literal["masked", "mosaic"]
MomentWord = Literal["before", "during", "after"]
Share = Annotated[float, Field(ge=0, le=1)]


class SceneView(Shown):
    """A scene that can be looked for."""

    __shows__ = shows({"L1 catalogue": "code name name_en clear_looks"})

    code: str
    name: str
    name_en: str
    clear_looks: int


class CadenceNow(Shown):
    """What was reached of late for one scene: seconds from one look to the next, the longest gap;
    ``reached`` None: not one look.
    """

    __shows__ = shows({"camera_cadence": "scene at promised reached"})

    scene: str
    at: datetime
    promised: float
    reached: float | None


class CameraRowView(Shown):
    """A line of the list of cameras. ``since``: from when it is in its state."""

    __shows__ = shows(
        {
            "watched_camera": "id kind on",
            "camera": "code name",
            "unit": "owner=name",
            "video_gateway": "gateway=name",
            "L2 work": "state since reason scenes",
            "holds": "cadence",
        }
    )

    id: UUID
    code: str
    name: str
    kind: KindWord
    on: bool
    state: StateWord
    since: datetime | None
    reason: str | None
    owner: str | None
    gateway: str | None
    scenes: list[str]
    cadence: list[CadenceNow]


class StateCount(Shown):
    """How many cameras are in a state."""

    __shows__ = shows({"L2 work": "state count"})

    state: StateWord
    count: int


class CameraPage(Shown):
    """Watched cameras of an area by code, how many are in each state, and the scenes there are."""

    __shows__ = shows({"holds": "items counts scenes", "L1 catalogue": "next"})

    items: list[CameraRowView]
    counts: list[StateCount]
    scenes: list[SceneView]
    next: str | None


class Corner(Shown):
    """A corner, in shares of the picture: x to the right, y down."""

    __shows__ = shows({"L2 work": "x y"})

    x: Share
    y: Share


class ZoneView(Shown):
    """A zone as it is drawn now."""

    __shows__ = shows(
        {
            "watch_zone": "id scene name clear_looks lon lat metres began_at",
            "holds": "corners",
        }
    )

    id: UUID
    scene: str
    name: str
    corners: list[Corner]
    clear_looks: int
    lon: float | None
    lat: float | None
    metres: float | None
    began_at: datetime


class OutageView(Shown):
    """An outage of a stream; ``ended_at`` None: it goes on."""

    __shows__ = shows({"camera_outage": "id began_at ended_at reason"})

    id: UUID
    began_at: datetime
    ended_at: datetime | None
    reason: str


class GatewayView(Shown):
    """A gateway and how many streams it gives at a time."""

    __shows__ = shows({"video_gateway": "name streams_max"})

    name: str
    streams_max: int


class CameraView(Shown):
    """A watched camera, whole. ``lacks``: what it needs to be switched on. ``has_address``: one is
    written down; nobody sees it again.
    """

    __shows__ = shows(
        {
            "watched_camera": (
                "id version kind channel purpose approval approved_until on on_since off_why "
                "set_up_at zones_version area"
            ),
            "camera": "code name lon lat direction field_of_view",
            "unit": "owner=name owner_code=code",
            "L2 work": "state since reason has_address lacks",
            "L1 system": "may_set_up may_judge",
            "holds": "gateway zones outages scenes",
        }
    )

    id: UUID
    version: int
    area: str
    code: str
    name: str
    lon: float
    lat: float
    direction: float
    field_of_view: float
    kind: KindWord
    channel: str | None
    has_address: bool
    gateway: GatewayView | None
    owner: str | None
    owner_code: str | None
    purpose: str | None
    approval: str | None
    approved_until: datetime | None
    on: bool
    on_since: datetime | None
    off_why: str | None
    set_up_at: datetime
    state: StateWord
    since: datetime | None
    reason: str | None
    lacks: list[str]
    zones_version: int
    zones: list[ZoneView]
    outages: list[OutageView]
    scenes: list[SceneView]
    may_set_up: bool
    may_judge: bool


class CadencePoint(Shown):
    """One stretch of ``seconds`` that began at ``at``."""

    __shows__ = shows({"camera_cadence": "scene at seconds promised reached looks shed"})

    scene: str
    at: datetime
    seconds: float
    promised: float
    reached: float | None
    looks: int
    shed: int


class CadenceView(Shown):
    """How often a camera was really looked at."""

    __shows__ = shows({"holds": "items", "L1 system": "start end"})

    start: datetime
    end: datetime
    items: list[CadencePoint]


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


class ChannelView(Shown):
    """A channel of a platform that is a camera of the directory. ``why``: by code, by name, or
    it was so before; ``metres``: how far off the platform has it.
    """

    __shows__ = shows({"L2 catalogue": "row channel name camera why metres"})

    row: int
    channel: str
    name: str
    camera: str
    why: Literal["code", "name", "before"]
    metres: int | None


class BadRowView(Shown):
    """A row of a catalogue that cannot be used, and why."""

    __shows__ = shows({"L2 catalogue": "row code column"})

    row: int
    code: str
    column: str


class CatalogueView(Shown):
    """What a catalogue comes to. Taken in only with the same ``digest``."""

    __shows__ = shows({"holds": "matched bad", "L1 system": "digest"})

    matched: list[ChannelView]
    bad: list[BadRowView]
    digest: str


# --- what comes in -------------------------------------------------------------------------


class SetUpForm(BaseModel):
    """What a camera is watched by and who answers for that. ``address`` left out: as it was."""

    model_config = ConfigDict(extra="forbid")
    kind: KindWord
    address: str | None = Field(None, max_length=2000)
    channel: str | None = Field(None, max_length=200)
    gateway: str | None = Field(None, max_length=60)
    streams_max: int | None = Field(None, ge=1, le=10_000)
    owner: str | None = Field(None, max_length=100)
    purpose: str | None = Field(None, max_length=200)
    approval: str | None = Field(None, max_length=200)
    approved_until: AwareDatetime | None = None


class NewCameraForm(SetUpForm):
    """The same of a camera of the directory that was not watched before, by its code."""

    camera: str = Field(min_length=1, max_length=100)
    area: str | None = Field(None, max_length=100)


class OffForm(BaseModel):
    """Why a camera is switched off."""

    model_config = ConfigDict(extra="forbid")
    reason: OffWord


class GroundForm(BaseModel):
    """Which ground a zone shows: a point (WGS-84) and so many metres around it."""

    model_config = ConfigDict(extra="forbid")
    lon: float
    lat: float
    metres: float = Field(gt=0, le=200)


class CornerForm(BaseModel):
    """A corner, in shares of the picture."""

    model_config = ConfigDict(extra="forbid")
    x: Share
    y: Share


class ZoneForm(BaseModel):
    """A zone as it is to be."""

    model_config = ConfigDict(extra="forbid")
    scene: str = Field(min_length=1, max_length=60)
    name: str = Field(min_length=1, max_length=60)
    corners: list[CornerForm] = Field(min_length=3, max_length=32)
    ground: GroundForm | None = None


class ZonesForm(BaseModel):
    """All zones of a camera."""

    model_config = ConfigDict(extra="forbid")
    zones: list[ZoneForm] = Field(max_length=32)


class VerdictForm(BaseModel):
    """What an officer makes of a finding; wrong says why."""

    model_config = ConfigDict(extra="forbid")
    verdict: VerdictWord
    reason: WrongWord | None = None


class LookForm(BaseModel):
    """Why somebody looks."""

    model_config = ConfigDict(extra="forbid")
    reason: LookWord
    note: str | None = Field(None, max_length=200)
