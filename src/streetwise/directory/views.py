"""From rows of the directory to what a screen shows."""

from __future__ import annotations

from uuid import UUID

from streetwise.directory.schemas import UnitView
from streetwise.directory.tables import Unit
from streetwise.kernel.runtime import Runtime


def is_demo(runtime: Runtime) -> bool:
    """Whether this is the demo: only a synthetic street can be one."""
    return runtime.settings.demo and runtime.database.clock.simulated


def unit_view(unit: Unit, codes: dict[UUID, str]) -> UnitView:
    """A unit; ``codes`` knows its parent's."""
    return UnitView(
        code=unit.code,
        name=unit.name,
        name_en=unit.name_en,
        tier=unit.tier,
        parent=codes.get(unit.parent_id) if unit.parent_id else None,
    )
