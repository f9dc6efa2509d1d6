"""Changes of work orders: what upstream says, and what we answer. Never a change of a clock here:
only upstream's own file moves a deadline, and only it closes an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from streetwise.gather import SignalFacts, signal_facts
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict, Invalid, StaleVersion
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository as cases
from streetwise.resolve.clocks.actions import follow_orders
from streetwise.resolve.contacts.rules import shipped_rules
from streetwise.resolve.notes import write_note
from streetwise.resolve.orders import contest, loop, repository
from streetwise.resolve.orders.further import Further, further
from streetwise.resolve.orders.tables import WorkOrder
from streetwise.resolve.orders.upstream import Said, Standing, stands, understand
from streetwise.resolve.tables import Case, units_of
from streetwise.resolve.telling import News, tell

declare(
    {
        "order.opened": "A case carries a work order of an upstream platform from now on; data:"
        " order, number, order_state.",
        "order.updated": "Upstream said something further of a work order (回访, its own state).",
        "order.urged": "Upstream pressed for a work order (催单); data: also urged (how often).",
        "order.supplemented": "Upstream added to a work order (补充).",
        "order.contested": "A work order was contested upstream (派单异议); data: also ground,"
        " note, photos.",
        "order.contest_retracted": "A contest was taken back here; the order is ours.",
        "order.contest_refused": "Upstream refused a contest: the order is ours (异议驳回).",
        "order.withdrawn": "Upstream took a work order off us (撤单、改派).",
        "order.answered": "A work order was answered here and waits for upstream; data: also note.",
        "order.closed": "Upstream closed a work order (上级办结).",
        "order.returned": "Upstream returned a work order or opened it again (退回重办).",
        "order.unresolved": "The call-back found that nothing is solved (回访未解决).",
        "order.acknowledged": "An officer took note of a call-back that found nothing solved.",
        "order.exclusion_applied": "Exclusion of a work order was applied for (申请剔除); data:"
        " also note.",
    }
)


async def take_orders(
    uow: UnitOfWork,
    viewer: Viewer,
    signals: Sequence[tuple[SignalFacts, UUID]],
    old_cases: Mapping[UUID, Case],
    new_cases: Mapping[UUID, Mapping[str, Any]],
) -> None:
    """Make or update the orders that these signals (with their cases) speak of, in order.

    The caller has locked the old cases: whoever answers an order holds its case first, too.
    """
    firsts = {signal.refers_to or signal.id for signal, _ in signals}
    known = await repository.known(uow.session, viewer, firsts)
    told = await _told_before(uow, viewer, known, signals)
    touched: set[UUID] = set()
    fresh: set[UUID] = set()
    entries: list[tuple[str, WorkOrder, str, dict[str, Any]]] = []
    news: list[tuple[str, UUID, str]] = []
    for signal, case_id in signals:
        first = signal.refers_to or signal.id
        said = understand(
            signal.upstream or {},
            due_at=signal.due_at,
            closed_at=signal.closed_at,
            replied=signal.reply is not None,
            at=signal.upstream_at,
        )
        order = known.get(first)
        asked = order.attention if order else None
        words = (signal.title, signal.text)
        if order is None:
            order = known[first] = _opened(signal, case_id, first, said, uow.now)
            uow.session.add(order)
            fresh.add(order.id)
            entries.append(("order.opened", order, order.state, {}))
        else:
            kind = further(said.further, words, told.get(first, ()))
            entry = _updated(order, signal, said, uow.now)
            more = _count(order, kind, said.at or signal.received_at)
            pressed = _ENTRY_OF.get(kind or "")
            if entry != "order.updated" or pressed is None:
                entries.append((entry, order, order.state, {}))
            if pressed is not None:
                entries.append((pressed, order, order.state, more))
            if order.id not in fresh:
                told_of = _told_of(order, entry, pressed, uow.now - (said.at or uow.now))
                news += [(kind, order.case_id, f"{kind}:{order.id}:{order.version}")
                         for kind in told_of]  # fmt: skip
        told.setdefault(first, []).extend(words)
        if order.attention != asked:
            touched.add(order.case_id)
    await uow.session.flush()
    if touched:
        await repository.show_attention(uow.session, viewer, touched)
    for action, order, state, more in entries:
        case = old_cases.get(order.case_id)
        row = new_cases.get(order.case_id, {})
        units = units_of(case) if case else [row.get("community_id")]
        grade = case.grade if case else row["grade"]
        uow.record(_entry(viewer, action, order, state, units, grade, **more))
    heard = [
        News(old_cases[case_id], kind, key, urgent=True)
        for kind, case_id, key in news
        if case_id in old_cases
    ]
    await tell(uow, viewer, heard)


#: A further row of a kind → its own entry.
_ENTRY_OF = {"urge": "order.urged", "supplement": "order.supplemented"}
#: What upstream said so long ago is history: a file of last year rings nowhere.
TOLD_WITHIN = timedelta(days=2)
#: Of what else upstream says, somebody is told.
_TOLD = ("order.contest_refused", "order.withdrawn")


async def _told_before(
    uow: UnitOfWork,
    viewer: Viewer,
    known: Mapping[UUID, WorkOrder],
    signals: Sequence[tuple[SignalFacts, UUID]],
) -> dict[UUID, list[str | None]]:
    """first signal → what was said of its order before these signals; of known orders."""
    case_ids = {order.case_id for order in known.values()}
    if not case_ids:
        return {}
    now = {signal.id for signal, _ in signals}
    ids = await repository.said_of(uow.session, viewer, case_ids, known) - now
    told: dict[UUID, list[str | None]] = {}
    for one in await signal_facts(uow.session, viewer, sorted(ids)):
        told.setdefault(one.refers_to or one.id, []).extend((one.title, one.text))
    return told


def _count(order: WorkOrder, kind: Further | None, at: datetime) -> dict[str, Any]:
    """Count that an order was pressed for, or added to; what its entry says beside."""
    if kind == "urge":
        order.urged += 1
        order.urged_at = max(order.urged_at or at, at)
        return {"urged": order.urged}
    if kind == "supplement":
        order.added += 1
    return {}


def _told_of(order: WorkOrder, entry: str, pressed: str | None, age: timedelta) -> list[str]:
    """Of what its handler is to hear at once. What is over upstream presses nobody, and what was
    said long ago rings nowhere."""
    if age > TOLD_WITHIN:
        return []
    found = [entry] if entry in _TOLD else []
    if pressed is not None and order.state not in loop.ENDED:
        found.append(pressed)
    return found


def _opened(
    signal: SignalFacts, case_id: UUID, first: UUID, said: Said, now: datetime
) -> WorkOrder:
    order = WorkOrder(
        id=new_id(),
        version=1,
        area=signal.area,
        case_id=case_id,
        source_id=signal.source_id,
        number=signal.source_key,
        signal_id=first,
        scheme=said.scheme,
        state=loop.OPEN,
        attention=None,
        received_at=said.received_at or signal.reported_at,
        upstream_state=said.state,
        updates=0,
        exclusion="none",
        urged=0,
        added=0,
        contest=contest.NONE,
        contact_step=0,
    )
    _say(order, signal, said, now)
    return order


def _updated(order: WorkOrder, signal: SignalFacts, said: Said, now: datetime) -> str:
    """Bring an order up to date; the journal's action for that."""
    order.version += 1
    order.updates += 1
    if said.at is not None and order.upstream_at is not None and said.at < order.upstream_at:
        # An old file: it belongs to the story, and changes nothing of where the order stands.
        return "order.updated"
    return _say(order, signal, said, now)


def _say(order: WorkOrder, signal: SignalFacts, said: Said, now: datetime) -> str:
    before = Standing(order.state, order.resolved, order.attention)
    after, entry = stands(before, said)
    order.state, order.attention = after.state, after.attention
    order.upstream_state, order.upstream_at = said.state, said.at or order.upstream_at
    order.level = said.level or order.level
    order.contact_due_at = shipped_rules().due(order.scheme, order.level, order.received_at)
    _contest_heard(order, said, now)
    order.due_at = said.due_at or order.due_at
    if order.extended_to is not None and order.due_at is not None:
        # We have told the petitioner so; upstream's file follows, or says a later day.
        order.due_at = max(order.due_at, order.extended_to)
    order.reached, order.resolved, order.satisfied = said.reached, said.resolved, said.satisfied
    order.called_back_at = said.called_back_at
    if said.exclusion is not None and not (
        # Upstream has not looked at what we applied for.
        said.exclusion == "none" and order.exclusion == "applied"
    ):
        order.exclusion = said.exclusion
    order.grounds = said.grounds or order.grounds
    if signal.reply is not None and order.answered_by in (None, f"source:{signal.source_code}"):
        order.answer = signal.reply
        order.answered_at = signal.replied_at or now
        order.answered_by = f"source:{signal.source_code}"
    if after.state not in loop.ENDED:
        order.closed_at = None
    elif before.state not in loop.ENDED:
        order.closed_at = said.closed_at or now
    return entry


def _contest_heard(order: WorkOrder, said: Said, now: datetime) -> None:
    """What upstream says of a contest, ours or one made on the platform itself."""
    if said.state == loop.CONTESTED and order.contest != contest.APPLIED:
        order.contest, order.contested_at = contest.APPLIED, said.at or now
    elif order.contest == contest.APPLIED:
        if said.state == loop.WITHDRAWN:
            order.contest = contest.ACCEPTED
        elif said.state == loop.REFUSED:
            order.contest = contest.REFUSED


@dataclass(frozen=True, slots=True)
class Doing:
    """An officer's action on the version of an order that it was decided on."""

    order_id: UUID
    version: int
    action: str
    text: str | None = None
    ground: str | None = None
    photos: Sequence[UUID] = ()


async def act(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, doings: Sequence[Doing]
) -> list[WorkOrder]:
    """Take an officer's actions on orders, in their order; all or none. Raises a refusal."""
    viewer.require("order.answer")
    found = await repository.lock(uow.session, viewer, {doing.order_id for doing in doings})
    orders, asked_otherwise = [], []
    touched: set[UUID] = set()
    for doing in doings:
        order, case = found[doing.order_id]
        asked = order.attention
        await _take(uow, viewer, keys, order, case, doing)
        orders.append(order)
        touched.add(case.id)
        if order.attention != asked:
            asked_otherwise.append(case.id)
    if asked_otherwise:
        await uow.session.flush()
        await repository.show_attention(uow.session, viewer, asked_otherwise)
    await follow_orders(uow, touched)
    return orders


async def _take(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, order: WorkOrder, case: Case, doing: Doing
) -> None:
    action, text = doing.action, doing.text
    if order.version != doing.version:
        raise StaleVersion(
            f"Work order {order.number} was changed by somebody else; look at it again.",
            number=order.number,
            current={"version": order.version, "state": order.state},
        )
    line = loop.find(action, order.state)
    if line is None or not loop.passes(line, attention=order.attention, exclusion=order.exclusion):
        raise Conflict(
            f"Work order {order.number} is '{order.state}': '{action}' is not possible now.",
            code="order_illegal",
            number=order.number,
            state=order.state,
            action=action,
        )
    if line.needs_text and not (text and text.strip()):
        raise Invalid(f"'{action}' needs words.", code="input_needed", input="text", action=action)
    more: dict[str, Any] = {}
    if line.needs_ground:
        more["ground"] = _ground(order, doing)
    if line.takes_photos and doing.photos:
        more["photos"] = await _evidence(uow, viewer, case, doing.photos)
    if line.needs_text and text:
        note = await write_note(uow, viewer, keys, case.id, f"order_{action}", text)
        more["note"] = str(note.id)
        if action == "answer":
            order.answer, order.answered_at, order.answered_by = note.text, uow.now, viewer.actor
        elif action == "contest":
            order.contest, order.contested_at = contest.APPLIED, uow.now
            order.contest_ground, order.contest_text = doing.ground, note.text
        else:
            order.exclusion, order.grounds = "applied", note.text
    if action == "retract":
        order.contest = contest.NONE
    order.state = line.target
    if action in ("answer", "contest", "acknowledge"):
        order.attention = None
    order.version += 1
    units = units_of(case)
    uow.record(_entry(viewer, line.entry, order, order.state, units, case.grade, **more))


def _ground(order: WorkOrder, doing: Doing) -> str:
    if doing.ground is None or not contest.is_ground(order.scheme, doing.ground):
        raise Invalid(
            "Say on which of the listed grounds the order is contested.",
            code="contest_ground",
            action=doing.action,
        )
    return doing.ground


async def _evidence(
    uow: UnitOfWork, viewer: Viewer, case: Case, photos: Sequence[UUID]
) -> list[str]:
    """Photos as evidence: those of the case, and new ones of the viewer's, which it gets."""
    there = {photo.id for photo in await cases.photos(uow.session, viewer, case.id)}
    new = [photo for photo in dict.fromkeys(photos) if photo not in there]
    if new:
        attached = await cases.attach_photos(uow.session, viewer, case.id, new)
        if attached != len(new):
            raise Invalid(
                "A photo is not there, not yours, or belongs to a case already; upload it again.",
                code="photo_unknown",
            )
        case.photos += attached
    return [str(photo) for photo in dict.fromkeys(photos)]


def _entry(
    viewer: Viewer,
    action: str,
    order: WorkOrder,
    state: str,
    units: Sequence[UUID | None],
    grade: int,
    **more: Any,
) -> Entry:
    """An entry of the order's case, so that everybody who sees that hears of it."""
    return Entry(
        viewer.actor,
        action,
        "case",
        order.case_id,
        area=order.area,
        units=sorted({unit for unit in units if unit}),
        grade=grade,
        data={"order": str(order.id), "number": order.number, "order_state": state, **more},
        drill=viewer.drill,
    )
