"""The suggester of an area, kept until the area's revision changes."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory.records import repository
from streetwise.directory.suggest import KnownPlace, Suggester
from streetwise.directory.tables import Area
from streetwise.kernel.viewer import Viewer

#: Few, since an installation has few areas.
KEPT_AREAS = 8
_KEPT: dict[UUID, Suggester[KnownPlace]] = {}


async def suggester(session: AsyncSession, viewer: Viewer, area: Area) -> Suggester[KnownPlace]:
    """What finds places of an area that the viewer sees."""
    known = _KEPT.get(area.revision)
    if known is None:
        rows = await repository.places_to_suggest(session, viewer, area.code)
        known = Suggester(
            [
                KnownPlace(
                    place.code,
                    place.name,
                    place.kind,
                    place.lon,
                    place.lat,
                    tuple(place.aliases),
                    place.parent,
                    place.numbers or "",
                    grid_code,
                    grid_name,
                    community,
                )
                for place, grid_code, grid_name, community in rows
            ]
        )
        if len(_KEPT) >= KEPT_AREAS:
            _KEPT.clear()
        _KEPT[area.revision] = known
    return known
