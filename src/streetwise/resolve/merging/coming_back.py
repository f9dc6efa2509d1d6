"""An offer taken at the desk; a problem that has come back opens its old case again."""

from __future__ import annotations

from uuid import UUID

from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import actions
from streetwise.resolve import repository as cases
from streetwise.resolve.inputs import Item
from streetwise.resolve.loop import ACCEPTED, CLOSED, RECEIVED
from streetwise.resolve.merging import actions as merging
from streetwise.resolve.merging import offer_repository as offers
from streetwise.resolve.tables import Case

#: While nobody works on the new case, it can go into the old one.
_UNTOUCHED = (RECEIVED, ACCEPTED)


async def take_offer(uow: UnitOfWork, viewer: Viewer, keys: Keys, offer_id: UUID) -> Case:
    """Take an offer as it was made (``merging.accept``); the case to look at then.

    Has a problem come back, its closed case is opened again and takes the new one in, so that
    it is one problem still, and counted as opened again. Not where a unit works on the new one.
    """
    seen = await offers.offer(uow.session, viewer, offer_id)
    case = await merging.accept(uow, viewer, offer_id)
    if seen.kind != "again" or not viewer.may("case.reopen") or case.state not in _UNTOUCHED:
        return case
    found = await cases.lock_cases(uow.session, viewer, {case.id, seen.other_id})
    old = found.get(seen.other_id)
    if old is None or old.state != CLOSED or old.merged_into is not None:
        return case
    await uow.session.flush()
    await actions.reopen(uow, viewer, keys, old.id, "resident")
    _, into = await merging.merge(
        uow, viewer, Item(case.id, case.version), old.id, list(seen.reasons)
    )
    return into
