"""What crosses the API of the directory."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel


class StaffView(BaseModel):
    """A member of staff."""

    id: UUID
    login: str
    name: str


class UnitView(BaseModel):
    """A unit; ``parent`` is its parent's code."""

    code: str
    name: str
    name_en: str
    tier: str
    parent: str | None


class AreaView(BaseModel):
    """An area that the viewer sees."""

    code: str
    name: str
    name_en: str
    timezone: str
    home: bool


class StandInOffer(BaseModel):
    """Somebody whom the viewer may act for now."""

    login: str
    name: str
    unit_name: str
    ends_at: datetime


class SessionView(BaseModel):
    """Who is signed in, with what rights, and what time it is (business time).

    While the viewer stands in for somebody, unit, roles and rights are that one's.
    """

    staff: StaffView
    stand_in_for: StaffView | None
    stand_ins: list[StandInOffer]
    unit: UnitView
    roles: list[str]
    clearance: str
    scope: str
    areas: list[AreaView]
    can: list[str]
    now: datetime
    clock_speed: float
    demo: bool


class GridView(BaseModel):
    """A grid with its community."""

    code: str
    name: str
    community_code: str
    community_name: str


class ClassView(BaseModel):
    """A class of a taxonomy."""

    scheme: str
    version: str
    code: str
    name: str
    name_en: str
    group: str


class DirectoryView(BaseModel):
    """What filters and forms choose from."""

    units: list[UnitView]
    communities: list[UnitView]
    grids: list[GridView]
    categories: list[ClassView]


class MapView(BaseModel):
    """The drawing of an area: GeoJSON in WGS-84; no base for another city's file."""

    area: str
    bbox: list[float] | None
    base: dict[str, Any] | None
    grids: dict[str, Any]


class TownView(BaseModel):
    """The street that this installation serves."""

    code: str
    name: str
    name_en: str
    timezone: str


class DemoAccount(BaseModel):
    """An account of the demo."""

    login: str
    name: str
    role: str
    role_name: str
    role_name_en: str
    unit_name: str


class AboutView(BaseModel):
    """What the sign-in page knows before anybody signed in."""

    name: str
    version: str
    town: TownView | None
    demo: bool
    demo_accounts: list[DemoAccount]
    demo_password: str | None
    second_factor_off: bool
    setup_open: bool
