"""News of reviews from above: what an upstream platform's file says of a petition's order.

The same news twice is no news; what the table does not allow as things stand is left to an officer,
who sees upstream's row in the story of the case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from streetwise.gather import SignalFacts
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository as cases
from streetwise.resolve.answers import repository as answers
from streetwise.resolve.answers.letters import ANSWERS
from streetwise.resolve.clocks.actions import calendars
from streetwise.resolve.orders import repository as orders
from streetwise.resolve.orders.tables import WorkOrder
from streetwise.resolve.petitions import course as courses
from streetwise.resolve.petitions import loop
from streetwise.resolve.petitions.actions import Origin, hold, store
from streetwise.resolve.petitions.rules import SCHEME

#: What a file calls the stage that lies above.
STAGES = {"review": loop.REVIEW, "reexam": loop.REEXAM}


def speaks(signal: SignalFacts) -> bool:
    """Whether a row says anything of a review."""
    said = signal.upstream or {}
    return said.get("scheme") == SCHEME and (
        said.get("state") in STAGES or said.get("review_outcome") is not None
    )


async def hear(uow: UnitOfWork, viewer: Viewer, signals: Sequence[tuple[SignalFacts, UUID]]) -> int:
    """Take in what these rows say, in their order, once their orders are there; how many steps.

    The caller holds the cases that were there before.
    """
    told = [one for one, _ in signals if speaks(one)]
    if not told:
        return 0
    await uow.session.flush()
    known = await orders.known(uow.session, viewer, {one.refers_to or one.id for one in told})
    held = await cases.lock_cases(uow.session, viewer, {one.case_id for one in known.values()})
    steps = 0
    for signal in told:
        order = known.get(signal.refers_to or signal.id)
        case = held.get(order.case_id) if order is not None else None
        if order is None or case is None or _old(signal, order):
            continue
        zone = (await calendars(uow.session, {case.area}))[case.area].zone
        today = uow.now.astimezone(zone).date()
        said = signal.upstream or {}
        on = _day(said.get("review_at"), signal, zone) or today
        origin = await _origin(uow, viewer, order, signal, min(on, today), zone)
        petition = await hold(uow, viewer, case, origin)
        for doing in _doings(said, on):
            if not _is_news(petition.course, doing, said):
                continue
            try:
                after, line = courses.take(petition.course, doing, today)
            except courses.RefusedError:
                continue
            await store(uow, viewer, petition, after, line, doing, {})
            petition.fresh = False
            steps += 1
    return steps


def _doings(said: dict[str, object], on: date) -> list[courses.Doing]:
    """First that it was asked for, where the row says so, then how it came out: a file may tell
    of both at once."""
    found = [courses.Doing("ask", on, received=on)] if said.get("state") in STAGES else []
    outcome = said.get("review_outcome")
    if isinstance(outcome, str):
        found.append(courses.Doing("outcome", on, outcome))
    return found


def _is_news(course: courses.Course, doing: courses.Doing, said: dict[str, object]) -> bool:
    if doing.action == "outcome":
        stage = STAGES.get(str(said.get("state")))
        return course.open is not None and stage in (None, course.open.stage)
    last = course.reviews[-1] if course.reviews else None
    after = last.outcome_on if last is not None else None
    wanted = courses.REVIEW_AFTER.get(course.state) == STAGES.get(str(said.get("state")))
    return wanted and (after is None or doing.on > after)


def _old(signal: SignalFacts, order: WorkOrder) -> bool:
    """Whether upstream has said something newer: then it belongs to the story alone."""
    at, last = signal.upstream_at, order.upstream_at
    return at is not None and last is not None and at < last


def _day(said: object, signal: SignalFacts, zone: ZoneInfo) -> date | None:
    at = datetime.fromisoformat(said) if isinstance(said, str) else signal.upstream_at
    return at.astimezone(zone).date() if at is not None else None


async def _origin(
    uow: UnitOfWork,
    viewer: Viewer,
    order: WorkOrder,
    signal: SignalFacts,
    day: date,
    zone: ZoneInfo,
) -> Origin:
    """What is reviewed was answered, whether here or on the platform; not after that day."""
    made = (await answers.letters_of(uow.session, viewer, [order.signal_id])).get(
        order.signal_id, []
    )
    letter = next((one for one in made if one.kind in ANSWERS), None)
    at = order.answered_at or order.closed_at
    on = letter.issued_on if letter else at.astimezone(zone).date() if at else day
    return Origin(_first(signal, order), order, min(on, day), letter.id if letter else None)


def _first(signal: SignalFacts, order: WorkOrder) -> SignalFacts:
    """The petition is what came first, not the row that speaks of it now."""
    return replace(signal, id=order.signal_id)
