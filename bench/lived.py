"""What became of the requests that lived again (``lives.py``): of each, by what the database holds.

Every one has a case of its own or joined one, none two; a case is closed with the last of its
requests, in that one's own second, or not at all; the journal of a case tells what its row holds;
and the same requests once more add nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import select

from bench.lives import AREA, MAPPING, ONCE, SYSTEM, Life
from streetwise.gather import actions as intake
from streetwise.gather.mapping import mapping_named
from streetwise.gather.tables import ImportBatch, Signal
from streetwise.kernel import journal
from streetwise.kernel.runtime import Runtime
from streetwise.resolve import replay
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.tables import Case, CaseSignal


@dataclass
class Account:
    """What became of the requests. ``wrong``: of which it cannot be said that nothing was lost."""

    own: int = 0
    joined: int = 0
    closed: int = 0
    with_others: int = 0
    open: int = 0
    replayed: int = 0
    wrong: list[str] = field(default_factory=list)


async def account(runtime: Runtime, lives: Sequence[Life], sample: int) -> Account:
    """What the database holds of every request; the journals of so many cases are replayed."""
    found = Account()
    async with runtime.database.read(SYSTEM) as session:
        links = defaultdict(list)
        query = select(Signal.source_key, CaseSignal.case_id, CaseSignal.why).outerjoin(
            CaseSignal, CaseSignal.signal_id == Signal.id
        )
        for key, case_id, why in await session.execute(query.where(Signal.area == AREA)):
            links[key].append((case_id, why))
        rows = (await session.execute(select(Case).where(Case.area == AREA))).scalars().all()
        cases = {case.id: case for case in rows}
        members: dict[UUID, list[Life]] = defaultdict(list)
        for life in lives:
            whose = [one for one in links[life.key] if one[0] is not None]
            if len(whose) != 1:
                found.wrong.append(f"{life.key}: {len(whose)} cases")
                continue
            case_id, why = whose[0]
            members[case_id].append(life)
            found.own += why == "opened"
            found.joined += why != "opened"
        known = {life.key for life in lives}
        found.wrong += [f"{key}: from nowhere" for key in links if key not in known]
        found.wrong += [f"{case.number}: nobody's" for case in rows if case.id not in members]
        for case_id, group in members.items():
            _judge(found, cases[case_id], group)
        for case in sorted(rows, key=attrgetter("id"))[:: max(1, len(rows) // sample)]:
            entries = await journal.read(session, SYSTEM, subject=case.id, limit=1000)
            found.replayed += 1
            state = replay.fold((one.action, one.data) for one in entries)
            if differs(state, case) or [one.action for one in entries].count("case.opened") != 1:
                found.wrong.append(f"{case.number}: its journal tells another story")
    return found


def _judge(found: Account, case: Any, group: Sequence[Life]) -> None:
    """Whether a case was opened and ended when its requests say."""
    first = min(group, key=attrgetter("opened", "key"))
    if sum(life.own for life in group) != 1 or case.voices != len(group):
        found.wrong.append(f"{case.number}: opened by {sum(life.own for life in group)}")
    if case.opened_at != first.opened:
        found.wrong.append(f"{case.number}: opened at {case.opened_at}")
    ends = [life.closed for life in group]
    last = None if None in ends else max(end for end in ends if end is not None)
    if (case.closed_at, case.state == CLOSED) != (last, last is not None):
        found.wrong.append(f"{case.number}: closed at {case.closed_at}, not {last}")
    for end in ends:
        found.closed += end is not None and end == case.closed_at
        found.with_others += end is not None and end != case.closed_at
        found.open += end is None


def differs(state: replay.CaseState, case: Any) -> bool:
    """Whether what the journal tells of a case is not what its row holds."""
    told = (
        state.state, state.version, state.holder, state.lead, state.outcome,
        state.returned, state.reopened, state.reworked,
    )  # fmt: skip
    unit, lead = (str(one) if one else None for one in (case.unit_id, case.lead_unit_id))
    held = (
        case.state, case.version, unit, lead, case.outcome,
        case.returned, case.reopened, case.reworked,
    )  # fmt: skip
    return told != held


async def again(runtime: Runtime, lives: Sequence[Life]) -> tuple[int, int]:
    """Take the same requests in once more: (new, known)."""
    mapping, now = mapping_named(MAPPING), runtime.database.clock.now()
    rows = [life.row for life in lives]
    async with runtime.database.unit_of_work(SYSTEM, now=now) as uow:
        batch = await intake.start_import(
            uow, SYSTEM, mapping, file_name="boston.csv", file_digest=b"", rows_total=len(rows)
        )
        uow.jobs.clear()
    for start in range(0, len(rows), ONCE):
        async with runtime.database.unit_of_work(SYSTEM, now=now) as uow:
            await intake.take_in(
                uow, SYSTEM, runtime.keys, mapping, batch.id, rows[start : start + ONCE],
                read_before=start,
            )  # fmt: skip
    async with runtime.database.read(SYSTEM) as session:
        counted = await session.get_one(ImportBatch, batch.id)
        return counted.rows_new, counted.rows_known
