"""An officer's word on what a case is: problem, hazard, dispute or request."""

from __future__ import annotations

from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict, Invalid, StreetwiseError
from streetwise.kernel.journal import declare
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository as cases
from streetwise.resolve.actions import require_version
from streetwise.resolve.disputes import repository as disputes
from streetwise.resolve.disputes.actions import untouched
from streetwise.resolve.hazards import repository as hazards
from streetwise.resolve.inputs import Item
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.natures.loop import BEGINS
from streetwise.resolve.natures.taking import record
from streetwise.resolve.tables import Case
from streetwise.resolve.understand.nature import NATURES

declare(
    {
        "case.nature_corrected": "An officer said what a case is (隐患, 矛盾纠纷, …); data:"
        " nature, was, version.",
    }
)

CAPABILITY = "case.correct"


async def correct_nature(uow: UnitOfWork, viewer: Viewer, item: Item, nature: str) -> Case:
    """Say what a case is, also what it is taken for (then confirmed). A hazard under an order and
    a dispute that somebody has taken up stay what they are.

    Raises Forbidden, Invalid, NotFound, Conflict, StaleVersion.
    """
    viewer.require(CAPABILITY)
    if nature not in NATURES:
        raise Invalid(f"There is no nature '{nature}'.", code="nature_unknown", nature=nature)
    case = (await cases.lock_cases(uow.session, viewer, [item.id])).get(item.id)
    if case is None:
        raise cases.no_such_case(item.id)
    require_version(case, item.version)
    if case.state == CLOSED:
        raise Conflict(f"{case.number} is closed.", code="case_closed", number=case.number)
    was = case.nature
    if was != nature:
        await _leave(uow, viewer, case)
        case.nature, case.nature_state = nature, BEGINS.get(nature)
    case.nature_why = {"code": "nature_operator", "params": {}}
    case.version += 1
    data = {"nature": nature, "was": was, "version": case.version}
    record(uow, viewer, case, "case.nature_corrected", data)
    return case


async def _leave(uow: UnitOfWork, viewer: Viewer, case: Case) -> None:
    """It is not what it was taken for: what was begun of that is taken away, if nothing was."""
    if case.nature == "hazard":
        if await hazards.orders(uow.session, viewer, case.id):
            raise _begun(case)
        hazard = await hazards.of_case(uow.session, viewer, case.id)
        if hazard is not None:
            await hazards.drop(uow.session, viewer, hazard)
    elif case.nature == "dispute":
        dispute = await disputes.of_case(uow.session, viewer, case.id)
        if not untouched(dispute, await disputes.records(uow.session, viewer, case.id)):
            raise _begun(case)
        if dispute is not None:
            await disputes.drop(uow.session, viewer, dispute)


def _begun(case: Case) -> StreetwiseError:
    return Conflict(
        f"{case.number} is handled as a {case.nature} already.",
        code="nature_begun", number=case.number, nature=case.nature,
    )  # fmt: skip


def may_correct(viewer: Viewer, case: Case) -> bool:
    """Whether the viewer may say what it is."""
    return viewer.may(CAPABILITY) and case.state != CLOSED
