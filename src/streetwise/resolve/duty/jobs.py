"""What nobody listened to goes to the leader on duty: once, whatever becomes of the worker.

What is late is locked, marked and told in one transaction: a worker that dies in the middle has
told nobody, and two at once never hold the same row. The message's key names the fact, so that
even a mark that was lost would tell a leader nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from uuid import UUID

from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.jobs import job
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.notify import Notification, acknowledge, unheard
from streetwise.resolve.directives import repository as directives
from streetwise.resolve.duty import repository
from streetwise.resolve.duty.open_items import first_of_each
from streetwise.resolve.duty.rules import rules
from streetwise.resolve.incidents import repository as incidents
from streetwise.resolve.tables import Case
from streetwise.resolve.telling import News, tell

DUTY_JOB = "resolve.duty"
VIEWER = Viewer.system("duty")
#: So many in a transaction; the rest next time.
AT_ONCE = 500


@job(DUTY_JOB, every=lambda settings: settings.duty_sweep_seconds)
async def look(runtime: Runtime) -> None:
    """Tell the leader on duty what nobody acknowledged, did or reported in time."""
    patience = timedelta(minutes=runtime.settings.duty_unheard_minutes)
    async with runtime.database.unit_of_work(VIEWER) as uow:
        await settle_answered(uow)
    async with runtime.database.unit_of_work(VIEWER) as uow:
        await raise_unheard(uow, patience)
    async with runtime.database.unit_of_work(VIEWER) as uow:
        await raise_directives(uow)
    async with runtime.database.unit_of_work(VIEWER) as uow:
        await raise_reports(uow)


async def settle_answered(uow: UnitOfWork) -> int:
    """Urgent messages whose case somebody has acted on sound no more; how many facts."""
    waiting = await unheard(uow.session, VIEWER, uow.now, limit=AT_ONCE * 10)
    cases = await _cases(uow, waiting)
    settled = 0
    for one in first_of_each(waiting):
        case = cases.get(one.subject) if one.subject else None
        if case is not None and rules().answered(one.kind, case.state):
            settled += 1
            await acknowledge(uow.session, VIEWER, one.key, None, uow.now)
    return settled


async def raise_unheard(uow: UnitOfWork, patience: timedelta) -> int:
    """Tell the leader on duty of urgent messages that nobody took up for so long; how many facts.

    Where there is no leader to be told, they stay as they are, and the next look finds them.
    """
    late = await unheard(
        uow.session, VIEWER, uow.now - patience,
        without=rules().not_raised, unraised=True, limit=AT_ONCE,
    )  # fmt: skip
    cases = await _cases(uow, late)
    told = await _tell(
        uow,
        "duty.unacknowledged",
        [(one.key, cases[one.subject]) for one in late if one.subject and one.subject in cases],
        urgent=True,
    )
    for one in late:
        # What has no case that could be named stands in its recipients' bells alone.
        if one.subject not in cases or one.key in told:
            one.raised_at = uow.now
    return len(told)


async def raise_directives(uow: UnitOfWork) -> int:
    """Tell the leader on duty of directives that are late; how many."""
    late = await directives.late_unraised(uow.session, VIEWER, uow.now, AT_ONCE)
    cases = await repository.cases_of_area(uow.session, VIEWER, None, {one.case_id for one in late})
    names = {str(one.id): (one.unit_id, one) for one in late}
    told = await _tell(
        uow,
        "directive.overdue",
        [(f"{one.id}:{one.sent_back}", cases[one.case_id]) for one in late],
        unit_of=lambda key: names[key.partition(":")[0]][0],
    )
    for one in late:
        if f"{one.id}:{one.sent_back}" in told:
            one.raised_at = uow.now
    return len(told)


async def raise_reports(uow: UnitOfWork) -> int:
    """Tell the leader on duty of incident reports that somebody should have been told of by now;
    how many tellings."""
    late = await incidents.late_unraised(uow.session, VIEWER, uow.now, AT_ONCE)
    told = await _tell(
        uow, "incident.overdue", [(str(row.tell.id), row.case) for row in late], urgent=True
    )
    for row in late:
        if str(row.tell.id) in told:
            row.tell.raised_at = uow.now
    return len(told)


async def _cases(uow: UnitOfWork, told: Iterable[Notification]) -> dict[UUID, Case]:
    subjects = {one.subject for one in told if one.subject}
    return await repository.cases_of_area(uow.session, VIEWER, None, subjects)


async def _tell(
    uow: UnitOfWork,
    kind: str,
    facts: list[tuple[str, Case]],
    *,
    unit_of: Callable[[str], UUID] | None = None,
    urgent: bool = False,
) -> set[str]:
    """Tell the leaders on duty of each area; the keys of what somebody was told of."""
    news = {
        f"{kind}:{key}": News(
            case, kind, f"{kind}:{key}", urgent=urgent, unit=unit_of(key) if unit_of else None
        )
        for key, case in facts
    }
    told = await tell(uow, VIEWER, list(news.values()))
    return {key for key, _ in facts if f"{kind}:{key}" in told}
