"""What comes in over the API of discover."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from streetwise.discover.finding_schemas import VerdictWord, WrongWord
from streetwise.discover.schemas import KindWord, Share

OffWord = Literal["maintenance", "no_need", "relocated", "objection", "other"]
LookWord = Literal["finding", "case", "incident", "zones", "stream", "other"]


class SetUpForm(BaseModel):
    """What a camera is watched by and who answers for that. ``address`` left out: as it was.
    ``fingerprint``: SHA-256 of its certificate, where that is its own and nobody vouches for it.
    """

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
    fingerprint: str | None = Field(None, max_length=200)


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


class ThresholdForm(BaseModel):
    """From how sure on a scene counts; ``least`` null: as the scene says, and verdicts set it."""

    model_config = ConfigDict(extra="forbid")
    scene: str = Field(min_length=1, max_length=60)
    least: float | None = Field(ge=0.05, le=0.95)
