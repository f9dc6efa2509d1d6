"""What crosses the API of the directory."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from streetwise.kernel.shown import Shown, shows


class StaffView(Shown):
    """A member of staff."""

    __shows__ = shows({"staff": "id login name"})

    id: UUID
    login: str
    name: str


class UnitView(Shown):
    """A unit; ``parent`` is its parent's code."""

    __shows__ = shows({"unit": "code name name_en tier parent=parent_id"})

    code: str
    name: str
    name_en: str
    tier: str
    parent: str | None


class AreaView(Shown):
    """An area that the viewer sees."""

    __shows__ = shows({"area": "code name name_en timezone home"})

    code: str
    name: str
    name_en: str
    timezone: str
    home: bool


class StandInOffer(Shown):
    """Somebody whom the viewer may act for now."""

    __shows__ = shows(
        {
            "staff": "login name",
            "unit": "unit_name=name",
            "staff_stand_in": "ends_at",
        }
    )

    login: str
    name: str
    unit_name: str
    ends_at: datetime


class SessionView(Shown):
    """Who is signed in, with what rights, and what time it is (business time).

    While the viewer stands in for somebody, unit, roles and rights are that one's.
    """

    __shows__ = shows(
        {
            "L1 own": "staff stand_in_for unit roles clearance scope can",
            "L1 system": "now clock_speed demo",
            "holds": "stand_ins areas",
        }
    )

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


class GridView(Shown):
    """A grid with its community."""

    __shows__ = shows({"grid": "code name", "unit": "community_code=code community_name=name"})

    code: str
    name: str
    community_code: str
    community_name: str


class ClassView(Shown):
    """A class of a taxonomy."""

    __shows__ = shows({"taxonomy_class": "scheme version code name name_en group=group_name"})

    scheme: str
    version: str
    code: str
    name: str
    name_en: str
    group: str


class DirectoryView(Shown):
    """What filters and forms choose from."""

    __shows__ = shows({"holds": "units communities grids categories"})

    units: list[UnitView]
    communities: list[UnitView]
    grids: list[GridView]
    categories: list[ClassView]


class MapView(Shown):
    """The drawing of an area: GeoJSON in WGS-84; no base for another city's file."""

    __shows__ = shows({"area": "area=code bbox base", "grid": "grids=geometry"})

    area: str
    bbox: list[float] | None
    base: dict[str, Any] | None
    grids: dict[str, Any]


class TownView(Shown):
    """The street that this installation serves."""

    __shows__ = shows({"area": "code name name_en timezone"})

    code: str
    name: str
    name_en: str
    timezone: str


class DemoAccount(Shown):
    """An account of the demo."""

    __shows__ = shows(
        {
            "staff": "login name role=roles",
            "L1 catalogue": "role_name role_name_en",
            "unit": "unit_name=name",
        }
    )

    login: str
    name: str
    role: str
    role_name: str
    role_name_en: str
    unit_name: str


class AboutView(Shown):
    """What the sign-in page knows before anybody signed in."""

    __shows__ = shows(
        {
            "L1 catalogue": "name",
            "L1 system": "version demo second_factor_off setup_open history_arriving",
            "holds": "town demo_accounts",
            "L1 account": "demo_password",
        }
    )

    name: str
    version: str
    town: TownView | None
    demo: bool
    demo_accounts: list[DemoAccount]
    demo_password: str | None
    second_factor_off: bool
    setup_open: bool
    #: What share of the demo's past has arrived, 0 to 1; None when nothing is on its way.
    history_arriving: float | None
