"""Who is asking. Every read takes a Viewer (docs/decisions/0004: why it lives in the kernel).

Only the value lives here; how roles become a Viewer is ``privacy.access``.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from streetwise.kernel.errors import Forbidden
from streetwise.kernel.grades import Rights

Scope = Literal["all", "district", "street", "community", "unit", "none"]
#: Scopes that see every case of their areas, whoever holds it.
WIDE_SCOPES: frozenset[str] = frozenset({"all", "district", "street"})

GRADE_PUBLIC, GRADE_INTERNAL, GRADE_SENSITIVE, GRADE_RESTRICTED = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Viewer:
    """One person (or job) with rights, for one request.

    ``areas`` None means every area (jobs only). ``units`` are the units whose cases a
    community or unit scope sees. ``clearance`` is 1 (L1) to 4 (L4).
    """

    actor: str
    purpose: str
    scope: Scope
    clearance: int
    areas: frozenset[str] | None
    units: frozenset[UUID]
    can: frozenset[str]
    staff_id: UUID | None = None
    unit_id: UUID | None = None
    roles: frozenset[str] = frozenset()
    drill: bool = False
    #: Whom the person acts for right now, with that one's unit and roles; ``actor`` stays oneself.
    stand_in_for: UUID | None = None
    #: (category, grade) of fields that a capability opens beyond the clearance.
    opens: frozenset[tuple[str, int]] = frozenset()

    @classmethod
    def system(cls, purpose: str) -> Viewer:
        """The viewer of a background job; ``purpose`` is what the journal will name."""
        return cls(
            actor=f"system:{purpose}",
            purpose=purpose,
            scope="all",
            clearance=GRADE_RESTRICTED,
            areas=None,
            units=frozenset(),
            can=frozenset({"*"}),
        )

    @property
    def rights(self) -> Rights:
        """What the viewer may read of an answer, field by field."""
        return Rights(self.clearance, self.opens)

    @property
    def people(self) -> frozenset[UUID]:
        """Who stands behind an action: oneself, and whom one stands in for. Maker ≠ checker."""
        return frozenset(one for one in (self.staff_id, self.stand_in_for) if one is not None)

    @property
    def wide(self) -> bool:
        """True when the viewer sees all cases of the areas, not only those of some units."""
        return self.scope in WIDE_SCOPES

    def may(self, capability: str) -> bool:
        """Whether the role table gives this capability."""
        return capability in self.can or "*" in self.can

    def require(self, capability: str) -> None:
        """Raise Forbidden unless the viewer has the capability."""
        if not self.may(capability):
            raise Forbidden(
                f"Your role does not include '{capability}'; ask your administrator.",
                capability=capability,
            )

    @property
    def sight(self) -> tuple[Hashable, ...]:
        """All that ``sees`` depends on: viewers of the same sight see the same."""
        return (self.scope == "none", self.wide, self.clearance, self.areas, self.units)

    def sees_area(self, area: str | None) -> bool:
        """Whether things of this area may be shown at all."""
        return self.areas is None or area is None or area in self.areas

    def sees(self, *, area: str | None, units: Iterable[UUID], grade: int) -> bool:
        """Whether a thing of this area, these units and this grade may be shown.

        The same rule in SQL: ``resolve.repository.visible`` and ``kernel.journal.visible``.
        """
        if grade > self.clearance or self.scope == "none" or not self.sees_area(area):
            return False
        return self.wide or not self.units.isdisjoint(units)
