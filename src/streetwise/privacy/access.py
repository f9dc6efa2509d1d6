"""Roles and what they may: one CSV table (data/roles.csv), and the Viewer made from it.

A second table (data/opens.csv) says which capability opens which category of fields beyond the
clearance: an office that reads no case still needs the fields that it is there for.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import cast, get_args
from uuid import UUID

from streetwise.kernel.grades import CATEGORIES, GRADES, Rights
from streetwise.kernel.viewer import Scope, Viewer

_FIXED_COLUMNS = ("role", "name", "name_en", "tier", "scope", "clearance")
#: From narrow to wide: with several roles, the widest counts.
_SCOPE_ORDER: tuple[Scope, ...] = ("none", "unit", "community", "street", "district")


#: The three administrators 三员: they exclude each other, and none does a street's daily work.
#: The database checks the same (``staff_administrator_stands_alone``).
ADMINISTRATORS: frozenset[str] = frozenset({"system_admin", "security_admin", "audit_admin"})


@dataclass(frozen=True, slots=True)
class Role:
    """One line of the table."""

    code: str
    name: str
    name_en: str
    tier: str
    scope: Scope
    clearance: int
    can: frozenset[str]

    @property
    def rights(self) -> Rights:
        """What who has this role alone may read, field by field."""
        return Rights(self.clearance, opened_by(self.can))


@cache
def roles() -> dict[str, Role]:
    """All roles by code, in the order of the table."""
    return {row["role"]: _role(row) for row in csv.DictReader(_table())}


@cache
def capabilities() -> tuple[str, ...]:
    """All capabilities: the columns of the table."""
    header = next(csv.reader(_table()))
    return tuple(column for column in header if column not in _FIXED_COLUMNS)


@dataclass(frozen=True, slots=True)
class Opening:
    """A capability that opens a category of fields up to a grade, and what for."""

    capability: str
    category: str
    grade: int
    why: str


@cache
def openings() -> tuple[Opening, ...]:
    """All lines of opens.csv. Raises ValueError: an unknown capability, category or grade."""
    found = tuple(
        Opening(row["capability"], row["category"], int(row["grade"]), row["why"])
        for row in csv.DictReader(_table("opens.csv"))
    )
    for one in found:
        if (
            one.capability not in capabilities()
            or one.category not in CATEGORIES
            or one.grade not in GRADES
        ):
            raise ValueError(f"opens.csv: unknown word in the line of '{one.capability}'")
    return found


def opened_by(can: Iterable[str]) -> frozenset[tuple[str, int]]:
    """(category, grade) that these capabilities open."""
    held = frozenset(can)
    return frozenset((one.category, one.grade) for one in openings() if one.capability in held)


def _table(name: str = "roles.csv") -> list[str]:
    table = resources.files("streetwise.privacy") / "data" / name
    return table.read_text(encoding="utf-8").splitlines()


def _role(row: dict[str, str]) -> Role:
    if row["scope"] not in get_args(Scope):
        raise ValueError(f"roles.csv: unknown scope '{row['scope']}' of role '{row['role']}'")
    return Role(
        row["role"],
        row["name"],
        row["name_en"],
        row["tier"],
        cast(Scope, row["scope"]),
        int(row["clearance"]),
        frozenset(key for key, value in row.items() if key not in _FIXED_COLUMNS and value),
    )


def compatible(role_codes: Iterable[str]) -> bool:
    """Whether one person may hold these roles together: an administrator's role stands alone."""
    held = set(role_codes)
    return held.isdisjoint(ADMINISTRATORS) or len(held) == 1


def viewer_for(
    *,
    staff_id: UUID,
    unit_id: UUID,
    role_codes: Iterable[str],
    subtree: Iterable[UUID],
    street_areas: Iterable[str],
    district_areas: Iterable[str],
    purpose: str = "",
) -> Viewer:
    """The Viewer of a member of staff.

    ``subtree``: the own unit and all below it. ``street_areas``: areas that the own street
    answers for; ``district_areas``: those of the whole district. Unknown roles give nothing.
    """
    held = [roles()[code] for code in role_codes if code in roles()]
    can: frozenset[str] = frozenset().union(*(role.can for role in held))
    scopes: list[Scope] = [role.scope for role in held]
    scope: Scope = max(scopes, key=_SCOPE_ORDER.index, default="none")
    # A utility or a department works for all streets of its district: there its unit says which
    # cases are its own, not the area.
    areas = district_areas if scope in ("district", "unit") else street_areas
    return Viewer(
        actor=f"staff:{staff_id}",
        purpose=purpose,
        scope=scope,
        clearance=max((role.clearance for role in held), default=1),
        areas=frozenset() if scope == "none" else frozenset(areas),
        units=frozenset(subtree) if scope == "community" else frozenset({unit_id}),
        can=can,
        staff_id=staff_id,
        unit_id=unit_id,
        roles=frozenset(role.code for role in held),
        opens=opened_by(can),
    )
