"""Background work of resolve: triage of what waits; and what other rooms ask by hooks."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory.records.touches import Touch
from streetwise.kernel import hooks
from streetwise.kernel.database import UnitOfWork, looking_as
from streetwise.kernel.jobs import job
from streetwise.kernel.pace import Pace
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.sweeping import SWEEPING
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository
from streetwise.resolve.callbacks import repository as call_backs
from streetwise.resolve.callbacks import texting
from streetwise.resolve.callbacks.actions import open_due
from streetwise.resolve.clocks.sweep import sweep
from streetwise.resolve.dispatch.actions import count_past
from streetwise.resolve.flow.actions import derive_steps
from streetwise.resolve.merging.actions import sweep_prints
from streetwise.resolve.merging.causes import look
from streetwise.resolve.photos import sweep_photos
from streetwise.resolve.scores import estimates
from streetwise.resolve.scores.actions import derive_facts
from streetwise.resolve.triage import triage

TRIAGE_JOB = "resolve.triage"
CAUSES_JOB = "resolve.causes"
FACTS_JOB = "resolve.facts"
DISPATCH_JOB = "resolve.dispatch_past"
DEADLINES_JOB = "resolve.deadlines"
CALL_BACKS_JOB = "resolve.call_backs"
TEXTS_JOB = "resolve.call_back_texts"
#: Clocks swept in one transaction.
SWEPT_CLOCKS = 1000


async def _triage_what_was_stored(*, uow: UnitOfWork) -> None:
    uow.defer(TRIAGE_JOB)


hooks.register("signals.stored", _triage_what_was_stored)


async def _cases_touched(
    *, session: AsyncSession, viewer: Viewer, area: str, records: Sequence[tuple[str, str]]
) -> list[Touch]:
    """Open cases that a change of directory records concerns: how many, never which."""
    async with looking_as(session, Viewer.system("directory.touched")):
        counted = await repository.open_cases_of_records(session, viewer, area, records)
    return [
        Touch(f"cases_of_{kind}", kind, code, count)
        for (kind, code), count in counted.items()
        if count
    ]


hooks.register("directory.touched", _cases_touched)


hooks.register(SWEEPING, sweep_photos)
hooks.register(SWEEPING, sweep_prints)
#: What our own call-backs say stands beside upstream's rates, as an estimate.
estimates.register(call_backs.estimates)


@job(TRIAGE_JOB)
async def run_triage(runtime: Runtime) -> None:
    """Triage until nothing waits; a second worker finds less to do, never the same."""
    viewer = Viewer.system("triage")
    settings = runtime.settings
    pace = Pace(settings.bulk_rest_seconds)
    while True:
        # Each case is an entry on every screen: while others wait, fewer come at a time.
        most = settings.triage_busy_signals if pace.busy else settings.triage_batch_signals
        async with runtime.database.unit_of_work(viewer) as uow:
            took = await triage(uow, viewer, most)
        if took < most:
            return
        await pace.rest()


@job(CAUSES_JOB, every=lambda settings: settings.cause_look_every_minutes * 60)
async def look_for_causes(runtime: Runtime) -> None:
    """Offer cases that may have one cause (一因多案), and bring offers up to date."""
    await look(runtime)


@job(FACTS_JOB, every=lambda settings: settings.facts_every_minutes * 60)
async def derive_what_scores_count(runtime: Runtime) -> None:
    """Bring the facts that scores count, and the steps of cases, up to date with the journal."""
    await derive_facts(runtime)
    await derive_steps(runtime)


@job(DISPATCH_JOB, every=lambda settings: settings.dispatch_count_every_hours * 3600)
async def count_what_was_dispatched(runtime: Runtime) -> None:
    """Count which units have handled what, so that a suggestion can be learnt from it."""
    await count_past(runtime)


@job(CALL_BACKS_JOB, every=lambda settings: settings.call_back_look_minutes * 60)
async def open_call_backs(runtime: Runtime) -> None:
    """Draw by lot which reporters of cases that passed their check are called back."""
    await open_due(runtime)


@job(TEXTS_JOB, every=lambda settings: settings.notify_sweep_seconds)
async def send_call_back_texts(runtime: Runtime) -> None:
    """Send the texts of call-backs that did not go out at once, or were interrupted."""
    await texting.send_due(runtime)


@job(DEADLINES_JOB, every=lambda settings: settings.deadline_sweep_seconds)
async def sweep_deadlines(runtime: Runtime) -> None:
    """Warn of what is due soon, tell of what is overdue, end suspensions whose day has come."""
    viewer = Viewer.system("deadlines")
    pace = Pace(runtime.settings.bulk_rest_seconds)
    while True:
        async with runtime.database.unit_of_work(viewer) as uow:
            took = await sweep(uow, viewer, runtime.keys, SWEPT_CLOCKS)
        if took < SWEPT_CLOCKS:
            return
        await pace.rest()
