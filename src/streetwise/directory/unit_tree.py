"""What lies above and below a unit. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class UnitTree:
    """All units: whose parent is whose, and of which tier each is."""

    parent: Mapping[UUID, UUID | None]
    tier: Mapping[UUID, str]

    def upward(self, unit: UUID) -> list[UUID]:
        """The unit and what lies above it, to the top."""
        way: list[UUID] = []
        at: UUID | None = unit
        while at is not None and at not in way:
            way.append(at)
            at = self.parent.get(at)
        return way

    def street_of(self, unit: UUID) -> UUID | None:
        """The street that the unit is or belongs to."""
        return next((one for one in self.upward(unit) if self.tier.get(one) == "street"), None)

    def below(self, root: UUID) -> list[UUID]:
        """The unit and all that lies below it."""
        children: dict[UUID | None, list[UUID]] = {}
        for unit, above in self.parent.items():
            children.setdefault(above, []).append(unit)
        found = [root]
        for unit in found:
            found += [child for child in children.get(unit, ()) if child not in found]
        return found

    def own(self, street: UUID) -> list[UUID]:
        """A street, what lies above and below it, and what no other street holds."""
        top = self.upward(street)[-1]
        others = {unit for unit, tier in self.tier.items() if tier == "street"} - {street}
        ways = {unit: self.upward(unit) for unit in self.parent}
        return [unit for unit, way in ways.items() if way[-1] == top and others.isdisjoint(way)]
