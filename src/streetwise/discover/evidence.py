"""What cameras saw of a case, for those who work on it though they watch no cameras.

Who sees the case sees the masked pictures of the findings that it came of, as they see its photos;
nothing else of the cameras.
"""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.discover import catalogue, findings_repository
from streetwise.discover.finding_schemas import EvidenceView
from streetwise.discover.findings_repository import FindingRow
from streetwise.discover.system import SYSTEM
from streetwise.discover.tables import FindingPicture
from streetwise.discover.views import picture_view
from streetwise.kernel.database import looking_as
from streetwise.kernel.errors import NotFound
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import case_facts, signals_of_case

#: Findings of one case that are shown; a case that more of them joined shows the newest.
SHOWN_MOST = 20


async def of_case(session: AsyncSession, viewer: Viewer, case_id: UUID) -> list[EvidenceView]:
    """The findings of a case with their pictures, the newest first. Forbidden, NotFound."""
    rows, pictures = await _found(session, viewer, case_id)
    return [_view(row, pictures[row.finding.id]) for row in rows]


async def digest_of(
    session: AsyncSession, viewer: Viewer, case_id: UUID, finding_id: UUID, moment: str
) -> bytes:
    """The stored file of one of these pictures. NotFound."""
    _, pictures = await _found(session, viewer, case_id)
    found = next((one for one in pictures[finding_id] if one.moment == moment), None)
    if found is None:
        raise NotFound("There is no such picture.", id=str(finding_id), moment=moment)
    return found.digest


async def _found(
    session: AsyncSession, viewer: Viewer, case_id: UUID
) -> tuple[list[FindingRow], dict[UUID, list[FindingPicture]]]:
    viewer.require("case.read")
    if case_id not in await case_facts(session, viewer, [case_id]):
        raise NotFound("There is no such case.", id=str(case_id))
    pictures: dict[UUID, list[FindingPicture]] = defaultdict(list)
    # The viewer sees the case; of cameras they see what belongs to it, and no more.
    async with looking_as(session, SYSTEM):
        signals = await signals_of_case(session, SYSTEM, case_id)
        rows = await findings_repository.rows_of_signals(session, SYSTEM, signals, SHOWN_MOST)
        ids = [row.finding.id for row in rows]
        for one in await findings_repository.pictures(session, SYSTEM, ids):
            pictures[one.finding_id].append(one)
    return rows, pictures


def _view(row: FindingRow, pictures: list[FindingPicture]) -> EvidenceView:
    found, scene = row.finding, catalogue.known().get(row.finding.scene)
    return EvidenceView(
        id=found.id,
        camera=row.name,
        scene=found.scene,
        scene_name=scene.name if scene else found.scene,
        scene_name_en=scene.name_en if scene else found.scene,
        zone=found.zone,
        opened_at=found.opened_at,
        cleared_at=found.cleared_at,
        cleared_why=found.cleared_why,
        pictures=[picture_view(one) for one in pictures],
    )
