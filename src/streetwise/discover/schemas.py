"""What crosses the API of cameras. No address of a stream ever does: it may hold a login.

Findings and looks: ``finding_schemas.py``; what comes in: ``forms.py``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from streetwise.kernel.shown import Shown, shows

KindWord = Literal["rtsp", "snapshot", "push", "file", "platform"]
StateWord = Literal["off", "unknown", "live", "down", "aim"]
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


class PushView(Shown):
    """How a camera pushes its pictures: ``path`` on the port of `streetwise discover` (0: it takes
    none), and whether it has a token; nobody sees that again.
    """

    __shows__ = shows({"L2 work": "path port has_token"})

    path: str
    port: int
    has_token: bool


class ThresholdView(Shown):
    """From how sure on a scene counts at a camera. ``shipped``: of the scene itself; ``by``:
    scene (nobody has set another), verdicts or hand. ``right``, ``wrong``: verdicts that have had
    no effect yet; ``needed``: fewer change nothing.
    """

    __shows__ = shows({"L2 work": "scene least shipped by since right wrong needed"})

    scene: str
    least: float
    shipped: float
    by: Literal["scene", "verdicts", "hand"]
    since: datetime | None
    right: int
    wrong: int
    needed: int


class CameraView(Shown):
    """A watched camera, whole. ``lacks``: what it needs to be switched on. ``has_address``: one is
    written down; nobody sees it again. ``push``: of one that pushes its pictures.
    """

    __shows__ = shows(
        {
            "watched_camera": (
                "id version kind channel purpose approval approved_until on on_since off_why "
                "set_up_at zones_version area fingerprint=certificate"
            ),
            "camera": "code name lon lat direction field_of_view",
            "unit": "owner=name owner_code=code",
            "L2 work": "state since reason has_address lacks",
            "L1 system": "may_set_up may_judge",
            "holds": "gateway zones outages scenes push thresholds",
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
    fingerprint: str | None
    set_up_at: datetime
    state: StateWord
    since: datetime | None
    reason: str | None
    lacks: list[str]
    zones_version: int
    zones: list[ZoneView]
    outages: list[OutageView]
    scenes: list[SceneView]
    push: PushView | None
    thresholds: list[ThresholdView]
    may_set_up: bool
    may_judge: bool


class PushTokenView(Shown):
    """A token, once."""

    __shows__ = shows({"L4 own": "token", "holds": "camera"})

    token: str
    camera: CameraView


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
