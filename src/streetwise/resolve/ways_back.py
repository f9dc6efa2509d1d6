"""What the ways back do beside the case's own columns: prints that end and begin, exemptions."""

from __future__ import annotations

from streetwise.resolve.hazards.actions import opened_again
from streetwise.resolve.merging import repository as merging
from streetwise.resolve.steps import GRANTED
from streetwise.resolve.tables import ScoreExemption
from streetwise.resolve.taking import Taking


async def reopened(taking: Taking) -> None:
    """It is compared with what comes in, as any open case."""
    await merging.end_print(taking.uow.session, taking.case.id, None)
    await opened_again(taking.uow, taking.viewer, taking.case)


async def appealed(taking: Taking) -> None:
    """What it rests on is read again when the second reviewer agrees."""
    case = taking.case
    case.appeal = {**(case.appeal or {}), "ground": taking.inputs.ground}


async def reviewed(taking: Taking) -> None:
    """Granted: scores leave the case out. What happened stays as it is."""
    case = taking.case
    if case.appeal and case.appeal["state"] == GRANTED:
        taking.uow.session.add(
            ScoreExemption(
                case_id=case.id,
                area=case.area,
                ground=case.appeal.get("ground") or "",
                made_at=taking.uow.now,
            )
        )
