"""Changes of disputes: who mediates, parties, visits, how it ended, whether it was kept.

Each is an entry of the case with no words in it: who the parties are, what was said and what was
agreed goes into the vault whole, unmasked and unindexed, so that nothing leads from a person in one
dispute to the same person in another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict, Invalid
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.viewer import Viewer
from streetwise.privacy.fields import Found
from streetwise.privacy.keeping import Original, keep
from streetwise.resolve.clocks import rules as clock_rules
from streetwise.resolve.deadlines import Limit
from streetwise.resolve.disputes import loop, repository
from streetwise.resolve.disputes.rules import rules
from streetwise.resolve.disputes.tables import Dispute, DisputeRecord
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.natures.loop import Line
from streetwise.resolve.natures.taking import Nature, Taking, locked, record, take
from streetwise.resolve.tables import Case
from streetwise.resolve.telling import News
from streetwise.resolve.whom import who_may

declare(
    {
        "dispute.assigned": "A unit mediates a dispute (调解); data: kind, colour, unit.",
        "dispute.party_added": "A party of a dispute was written down; data: record, n, role. Who"
        " it is, is in the vault.",
        "dispute.visited": "The parties were visited (走访); data: record, n, result.",
        "dispute.agreed": "The parties agreed (达成协议); data: record, follow_up.",
        "dispute.not_agreed": "They did not agree (调解不成); data: record.",
        "dispute.referred": "It was referred to who may decide (转送); data: to, record.",
        "dispute.kept": "The agreement was found to be kept (回访履行); data: record.",
        "dispute.broken": "The agreement was found not to be kept: mediated anew; data: record.",
        "dispute.resumed": "It is mediated anew.",
    }
)

MAY = "dispute.mediate"
#: What the vault calls an item of a dispute, and its fields.
ITEM = "dispute"
NAME, PHONE, WORDS = "party_name", "party_phone", "mediation"
PARTY, VISIT, AGREEMENT, WORD = "party", "visit", "agreement", "word"
PARTIES_MOST, VISITS_MOST = 50, 500


@dataclass(frozen=True, slots=True)
class Given:
    """What comes with an action. ``unit``: a code; ``day``: of the follow-up; ``body``: to whom it
    is referred; ``result``: of a visit, or pass or fail of a follow-up."""

    kind: str | None = None
    colour: str | None = None
    unit: str | None = None
    note: str | None = None
    day: date | None = None
    body: str | None = None
    result: str | None = None


_Taking = Taking[Dispute, Given, None]


async def act(
    uow: UnitOfWork,
    viewer: Viewer,
    keys: Keys,
    case_id: UUID,
    version: int,
    action: str,
    given: Given,
) -> Dispute:
    """Take an action on the dispute of a case. ``version``: of the dispute, 1 where nothing is
    known of it yet. A follow-up can be made when the case is closed; nothing else can.

    Raises Invalid, Forbidden, NotFound, Conflict, StaleVersion; then nothing has changed.
    """
    viewer.require(MAY)
    following = action == "follow_up"
    case, row = await locked(DISPUTE, uow, viewer, case_id, version, closed=following)
    result = given.result if following else None
    await take(DISPUTE, uow, viewer, keys, case, row, action, given, result=result)
    return row


async def add_party(
    uow: UnitOfWork,
    viewer: Viewer,
    keys: Keys,
    case_id: UUID,
    version: int,
    role: str,
    name: str,
    phone: str | None,
) -> Dispute:
    """Write down a party: the role is seen, the name and the number lie in the vault alone."""
    viewer.require(MAY)
    case, row = await locked(DISPUTE, uow, viewer, case_id, version)
    if role not in rules().roles:
        raise Invalid(f"There is no role '{role}'.", code="dispute_role")
    if not name.strip():
        raise Invalid("A party has a name.", code="dispute_name")
    kept = {NAME: name.strip(), PHONE: (phone or "").strip()}
    values = {kind: value for kind, value in kept.items() if value}
    party = await _keep(uow, viewer, keys, case, PARTY, values, role=role)
    row.version += 1
    data = {"record": str(party.id), "n": party.n, "role": role}
    record(uow, viewer, case, "dispute.party_added", data)
    return row


def first_row(case: Case) -> Dispute:
    """A dispute of which nobody has said anything yet. Its colour is offered by its words."""
    return Dispute(
        case_id=case.id,
        version=1,
        area=case.area,
        state=loop.OPEN,
        kind=rules().kinds[-1],
        colour=rules().colour_of(case.title),
        visits=0,
    )


# --- what each action does -----------------------------------------------------------------


async def _assign(taking: _Taking) -> None:
    uow, case, row, given = taking.uow, taking.case, taking.row, taking.given
    assert given.kind and given.colour and given.unit
    if given.kind not in rules().kinds:
        raise Invalid(f"There is no kind '{given.kind}'.", code="dispute_kind")
    if given.colour not in rules().colours:
        raise Invalid(f"There is no colour '{given.colour}'.", code="dispute_colour")
    unit = await directory.unit_by_code(uow.session, taking.viewer, given.unit)
    if unit is None:
        raise Invalid(f"There is no unit '{given.unit}'.", code="unit_unknown", unit=given.unit)
    if not await who_may(uow.session, case, unit.id, MAY):
        raise Invalid(
            f"Nobody of {unit.name} sees this case and may mediate; dispatch it there first.",
            code="mediator_blind", unit=unit.name,
        )  # fmt: skip
    row.kind, row.colour, row.mediator_id = given.kind, given.colour, unit.id
    row.ended_at = None
    _next_visit(taking)
    taking.data.update(
        kind=row.kind, colour=row.colour, unit=unit.code, unit_name=unit.name
    )  # fmt: skip


def _next_visit(taking: _Taking) -> None:
    """The parties are seen again within the days of the colour."""
    row, now = taking.row, taking.uow.now
    taking.clocks.stop(taking.case, clock_rules.VISIT, now)
    limit = Limit(rules().colours[row.colour].visit_days, "calendar_day")
    taking.clocks.start(taking.case, clock_rules.VISIT, now, limit, unit_id=row.mediator_id)


async def _visit(taking: _Taking) -> None:
    row, given = taking.row, taking.given
    assert given.note and given.result
    if given.result not in rules().results:
        raise Invalid(f"There is no result '{given.result}'.", code="visit_result")
    if row.visits >= VISITS_MOST:
        raise Conflict("There are too many visits.", code="visits_most")
    record = await _words(taking, VISIT, given.result)
    row.visits, row.visited_at = row.visits + 1, taking.uow.now
    _next_visit(taking)
    taking.data.update(n=record.n, result=given.result)


async def _agree(taking: _Taking) -> None:
    """What was agreed lies in the vault; on a day somebody looks whether it is kept."""
    given, now = taking.given, taking.uow.now
    assert given.day is not None
    calendar = taking.clocks.calendars[taking.case.area]
    today = now.astimezone(calendar.zone).date()
    if not today < given.day <= today + timedelta(days=rules().follow_up_max_days):
        raise Invalid("The follow-up is on a day to come, within a year.", code="follow_up_day")
    await _words(taking, AGREEMENT)
    _ended(taking)
    taking.row.follow_up_on = given.day
    due = datetime.combine(given.day, time(), calendar.zone).astimezone(UTC) + timedelta(days=1)
    why = {"code": "due_of_agreement", "params": {"on": given.day.isoformat()}}
    taking.clocks.to_day(taking.case, clock_rules.FOLLOW_UP, now, due, why, taking.row.mediator_id)
    taking.data["follow_up"] = given.day.isoformat()


async def _disagree(taking: _Taking) -> None:
    await _words(taking, WORD)
    _ended(taking)


async def _refer(taking: _Taking) -> None:
    given = taking.given
    if given.body not in rules().bodies:
        raise Invalid(f"There is no body '{given.body}'.", code="dispute_body")
    if given.note:
        await _words(taking, WORD)
    _ended(taking)
    taking.row.referred_to = given.body
    taking.data["to_body"] = given.body


async def _follow_up(taking: _Taking) -> None:
    await _words(taking, WORD)
    taking.clocks.stop(taking.case, clock_rules.FOLLOW_UP, taking.uow.now)
    if taking.line.target == loop.MEDIATING:
        if taking.case.state == CLOSED:
            raise Conflict(
                f"{taking.case.number} is closed; open it again first.",
                code="case_closed", number=taking.case.number,
            )  # fmt: skip
        taking.row.ended_at, taking.row.follow_up_on = None, None
        _next_visit(taking)


async def _resume(taking: _Taking) -> None:
    taking.row.ended_at = None
    _next_visit(taking)


def _ended(taking: _Taking) -> None:
    taking.clocks.stop(taking.case, clock_rules.VISIT, taking.uow.now)
    taking.row.ended_at = taking.uow.now


def _is_none(case: Case) -> Conflict:
    return Conflict(f"{case.number} is no dispute.", code="no_dispute", number=case.number)


def _impossible(case: Case, row: Dispute, action: str) -> Conflict:
    return Conflict(
        f"The dispute of {case.number} is '{row.state}': '{action}' is not possible now.",
        code="dispute_state", number=case.number, state=row.state, action=action,
    )  # fmt: skip


async def _nothing(session: AsyncSession, viewer: Viewer, case_id: UUID) -> None:
    return None


def _anybody(viewer: Viewer, line: Line, beside: None) -> None:
    """Who may mediate may take every line."""


def _news(taking: _Taking, key: str) -> list[News]:
    if taking.line.action != "assign":
        return []
    row, urgent = taking.row, taking.row.colour == "red"
    told = rules().colours[row.colour].tell
    return [News(taking.case, taking.line.entry, key, told, unit=row.mediator_id, urgent=urgent)]


DISPUTE: Nature[Dispute, Given, None] = Nature(
    name="dispute",
    lines=loop.LINES,
    of_case=repository.of_case,
    first_row=first_row,
    beside=_nothing,
    is_none=_is_none,
    impossible=_impossible,
    guard=_anybody,
    effects={
        "assign": _assign,
        "visit": _visit,
        "agree": _agree,
        "disagree": _disagree,
        "refer": _refer,
        "follow_up": _follow_up,
        "resume": _resume,
    },
    news=_news,
)


# --- the vault -----------------------------------------------------------------------------


async def _words(taking: _Taking, kind: str, result: str | None = None) -> DisputeRecord:
    """What was written goes into the vault whole."""
    assert taking.given.note is not None
    record = await _keep(
        taking.uow, taking.viewer, taking.keys, taking.case, kind,
        {WORDS: taking.given.note.strip()}, result=result,
    )  # fmt: skip
    taking.data["record"] = str(record.id)
    return record


async def _keep(
    uow: UnitOfWork,
    viewer: Viewer,
    keys: Keys,
    case: Case,
    kind: str,
    values: Mapping[str, str],
    *,
    role: str | None = None,
    result: str | None = None,
) -> DisputeRecord:
    """A record without words, and its words in the vault under the same id."""
    assert viewer.staff_id is not None
    known = await repository.records(uow.session, viewer, case.id)
    n = 1 + sum(one.kind == kind for one in known)
    if kind == PARTY and n > PARTIES_MOST:
        raise Conflict("There are too many parties.", code="parties_most")
    record_id = new_id()
    # None of these kinds is looked up by value: no index leads to another dispute.
    found = [Found(field, value, kind, None) for field, value in values.items()]
    await keep(uow, keys, [Original(record_id, ITEM, dict(values), found=found)])
    record = DisputeRecord(
        id=record_id, case_id=case.id, n=n, kind=kind, role=role, result=result,
        at=uow.now, by=viewer.staff_id,
    )  # fmt: skip
    uow.session.add(record)
    await uow.session.flush()
    return record


def untouched(row: Dispute | None, records: Sequence[DisputeRecord]) -> bool:
    """Whether nobody has done anything about it as a dispute."""
    return (row is None or row.state == loop.OPEN) and not records
