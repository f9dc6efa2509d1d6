"""Triage: signals find their case, a batch at a time.

What a signal says is understood first (``understanding``: class, place, what is asked, how
urgent); then it joins the case of the same problem or opens one. What is no case is put aside for
somebody to read. Run again after a crash, it gives the same answer: signals leave the queue in the
transaction that gives them their case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from streetwise.gather import SignalFacts, signal_facts, take_waiting
from streetwise.kernel.breath import breathing
from streetwise.kernel.copying import json_text
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import GRADE_INTERNAL, Viewer
from streetwise.resolve import repository
from streetwise.resolve.clocks.actions import follow_orders, opened
from streetwise.resolve.clocks.repository import insert_new
from streetwise.resolve.clocks.rows import ClockRow, given
from streetwise.resolve.desk import repository as desk
from streetwise.resolve.hazards import repository as hazards
from streetwise.resolve.hazards.loop import FOUND
from streetwise.resolve.knowledge import Knowledge, know
from streetwise.resolve.learning.classifier import classifier
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.merging import repository as merging
from streetwise.resolve.merging.book import Book, Told, Verdict, book_of, forget_book
from streetwise.resolve.opening import AGAIN, SAME, Choice, case_row, give_numbers
from streetwise.resolve.orders.actions import take_orders
from streetwise.resolve.petitions.heard import hear
from streetwise.resolve.tables import Case, Note, units_of
from streetwise.resolve.understanding import Understood, understand

__all__ = ["Choice", "Outcome", "assign", "triage"]

declare(
    {
        "case.opened": "A case was opened from a signal; data: number, to (its state), version.",
        "case.joined": "Further signals joined a case; data: signals, why; priority where"
        " that was raised.",
        "signal.set_aside": "A message that is no case was put aside for somebody to read; data:"
        " what (thanks, question, nonsense).",
    }
)

#: Decisions taken on what has changed meanwhile are taken again, so often.
TRIES = 3


@dataclass
class Outcome:
    """What a batch came to: new cases, joined signals, entries.

    ``urgent``: cases that became urgent by who joined them, with the words that say so where an
    engine found them. ``due``: what upstream wants done earlier, and which channel says so.
    ``touched``: cases of which more is known than before, to compare signals with.
    """

    cases: list[dict[str, Any]] = field(default_factory=list)
    links: list[tuple[Any, ...]] = field(default_factory=list)
    joined: Counter[UUID] = field(default_factory=Counter)
    why_joined: dict[UUID, str] = field(default_factory=dict)
    urgent: dict[UUID, dict[str, Any] | None] = field(default_factory=dict)
    raised: set[UUID] = field(default_factory=set)
    due: dict[UUID, tuple[Any, str]] = field(default_factory=dict)
    given: list[tuple[UUID, str, Any, dict[str, Any]]] = field(default_factory=list)
    touched: set[UUID] = field(default_factory=set)
    asides: list[tuple[UUID, str, str, list[dict[str, Any]], Any]] = field(default_factory=list)
    offers: list[dict[str, Any]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    orders: list[tuple[SignalFacts, UUID]] = field(default_factory=list)


async def triage(uow: UnitOfWork, viewer: Viewer, limit: int) -> int:
    """Give up to ``limit`` waiting signals their case; how many there were."""
    viewer.require("*")
    await repository.lock_triage(uow.session)
    ids = await take_waiting(uow.session, viewer, limit)
    if ids:
        await assign(uow, viewer, ids, {}, by=viewer)
    return len(ids)


async def assign(
    uow: UnitOfWork,
    viewer: Viewer,
    ids: Sequence[UUID],
    choices: Mapping[UUID, Choice],
    *,
    by: Viewer,
) -> Outcome:
    """Give these signals their case. ``by``: who the journal will name.

    The caller holds ``lock_triage``.
    """
    viewer.require("*")
    signals = await signal_facts(uow.session, viewer, ids)
    knowledge = await know(uow.session, viewer, {signal.area for signal in signals})
    engine = await classifier(uow.session)
    understood = understand(signals, knowledge, engine)
    outcome, known, book = await _settle(uow, viewer, signals, understood, knowledge, choices)
    new = {row["id"]: row for row in outcome.cases}
    await give_numbers(uow.session, outcome.cases, knowledge)
    _press(outcome, known, new)
    await _store(uow, outcome, book, knowledge)
    _record(uow, by, outcome, known)
    if outcome.orders:
        await take_orders(uow, viewer, outcome.orders, known, new)
        await follow_orders(uow, {case_id for _, case_id in outcome.orders})
        await hear(uow, viewer, outcome.orders)
    book.wrote(uow.entries)
    return outcome


async def _settle(
    uow: UnitOfWork,
    viewer: Viewer,
    signals: Sequence[SignalFacts],
    understood: Sequence[Understood],
    knowledge: Knowledge,
    choices: Mapping[UUID, Choice],
) -> tuple[Outcome, dict[UUID, Case], Book]:
    """(what is decided, the old cases that it touches, locked, the book that says so).

    An officer may close or merge a case while we decide that a signal joins it. So the cases are
    locked, all at once and in the order of their ids, and what was decided on stale knowledge is
    decided again; the last time without any joining by likeness.
    """
    for left in reversed(range(TRIES)):
        sorting = await _Sorting.begin(uow, viewer, signals, knowledge, choices, alike=left > 0)
        outcome = await sorting.decide(understood)
        new = {row["id"] for row in outcome.cases}
        known = await repository.lock_cases(
            uow.session, viewer, {link[2] for link in outcome.links} - new
        )
        if not left or not _stale(outcome, known, new):
            break
        forget_book(uow.session)
    return outcome, known, sorting.book


def _stale(outcome: Outcome, known: Mapping[UUID, Case], new: Set[UUID]) -> bool:
    """Whether a case that signals join by likeness is closed, or gone, meanwhile."""
    return any(
        case_id not in known or known[case_id].state == CLOSED
        for case_id in set(outcome.joined) - new
        if outcome.why_joined[case_id] == merging.BY_ENGINE
    )


@dataclass(frozen=True)
class _Sorting:
    """One batch on its way to its cases."""

    now: datetime
    signals: Sequence[SignalFacts]
    knowledge: Knowledge
    choices: Mapping[UUID, Choice]
    book: Book
    case_of: dict[UUID, UUID]
    same_text: dict[tuple[str, bytes], UUID]
    outcome: Outcome = field(default_factory=Outcome)

    @classmethod
    async def begin(
        cls,
        uow: UnitOfWork,
        viewer: Viewer,
        signals: Sequence[SignalFacts],
        knowledge: Knowledge,
        choices: Mapping[UUID, Choice],
        *,
        alike: bool,
    ) -> _Sorting:
        """With what is known of the cases now; ``alike`` False: of none by its likeness."""
        refers = {signal.refers_to for signal in signals if signal.refers_to}
        hashes = {signal.text_hash for signal in signals if signal.text_hash}
        return cls(
            uow.now,
            signals,
            knowledge,
            choices,
            await book_of(uow.session, viewer, uow.now) if alike else Book(),
            await repository.cases_of_signals(uow.session, viewer, refers),
            await repository.open_cases_with_text(uow.session, viewer, hashes),
        )

    async def decide(self, understood: Sequence[Understood]) -> Outcome:
        """Join, open or put aside, in the order in which the signals came."""
        voices = self.book.voices(list(zip(self.signals, understood, strict=True)))
        told = list(zip(self.signals, understood, voices, strict=True))
        async for signal, one, voice in breathing(told):
            self._one(signal, one, voice)
        return self.outcome

    def _one(self, signal: SignalFacts, understood: Understood, voice: Told) -> None:
        choice = self.choices.get(signal.id)
        if choice is not None:
            verdict = Verdict(choice.case_id, "operator")
        else:
            verdict = self._known_case(signal, understood) or self._likeness(signal, voice)
            if understood.aside is not None and verdict.case_id is None:
                why = list(understood.aside_why)
                row = (signal.id, signal.area, understood.aside, why, self.now)
                self.outcome.asides.append(row)
                return
        case_id = self._give(signal, understood, voice, verdict, 0, choice)
        self.case_of[signal.id] = case_id
        if signal.upstream is not None:
            self.outcome.orders.append((signal, case_id))
        if signal.reply:
            self.outcome.notes.append(_reply_note(signal, case_id))
        if choice is None and verdict.why != "same_upstream_item":
            for part, (further, said) in enumerate(
                zip(understood.further, voice.further, strict=True), start=1
            ):
                self._give(signal, further, said, self._likeness(signal, said), part, None)

    def _known_case(self, signal: SignalFacts, understood: Understood) -> Verdict | None:
        """The case of the same upstream item, or of exactly the same words."""
        if signal.refers_to and signal.refers_to in self.case_of:
            return Verdict(self.case_of[signal.refers_to], "same_upstream_item")
        # Of a message with several problems each part finds its own case.
        if signal.text_hash and not understood.further:
            found = self.same_text.get((signal.area, signal.text_hash))
            return Verdict(found, "same_text") if found else None
        return None

    def _likeness(self, signal: SignalFacts, voice: Told) -> Verdict:
        """What was closed upstream before it came here is history, and joins nothing; nor does
        what only some may see, by itself.
        """
        ordinary = signal.closed_at is None and signal.grade <= GRADE_INTERNAL
        return self.book.decide(voice) if ordinary else Verdict()

    def _give(
        self,
        signal: SignalFacts,
        understood: Understood,
        voice: Told,
        verdict: Verdict,
        part: int,
        choice: Choice | None,
    ) -> UUID:
        """Give a signal, or a part of it, its case."""
        outcome, case_id, why = self.outcome, verdict.case_id, verdict.why
        if case_id is None:
            row = case_row(signal, understood, self.knowledge, self.now, choice)
            outcome.cases.append(row)
            case_id, why = row["id"], "opened"
            self._opened(signal, understood, voice, row, verdict)
        elif signal.upstream is None or why != "same_upstream_item":
            # What upstream says further of an order is nobody else's voice.
            outcome.joined[case_id] += 1
            outcome.why_joined[case_id] = why
            self._joined(signal, understood, voice, verdict, case_id, choice)
        text_hash = signal.text_hash if part == 0 and not understood.further else None
        reason = json_text(verdict.reason)
        outcome.links.append((signal.id, part, case_id, why, self.now, text_hash, reason))
        return case_id

    def _opened(
        self,
        signal: SignalFacts,
        understood: Understood,
        voice: Told,
        row: dict[str, Any],
        verdict: Verdict,
    ) -> None:
        if row["state"] == CLOSED:
            return
        if signal.text_hash and understood.part is None:
            self.same_text[signal.area, signal.text_hash] = row["id"]
        if signal.grade <= GRADE_INTERNAL:
            self.book.add(row["id"], voice)
        self.outcome.touched.add(row["id"])
        for offer in verdict.offers:
            doubt = AGAIN if offer.kind == "again" else SAME
            if doubt not in row["doubts"]:
                row["doubts"].append(doubt)
            self.outcome.offers.append(
                {
                    "id": new_id(),
                    "area": signal.area,
                    "case_id": row["id"],
                    "other_id": offer.case_id,
                    "kind": offer.kind,
                    "score": offer.score,
                    "reasons": list(offer.reasons),
                    "state": merging.OPEN,
                    "made_at": self.now,
                    "decided_at": None,
                }
            )

    def _joined(
        self,
        signal: SignalFacts,
        understood: Understood,
        voice: Told,
        verdict: Verdict,
        case_id: UUID,
        choice: Choice | None,
    ) -> None:
        """A further voice: it may make the case more urgent, never less."""
        outcome = self.outcome
        if (choice and choice.urgent) or understood.urgent_why is not None:
            outcome.urgent[case_id] = understood.urgent_why
        if signal.due_at is not None:
            before = outcome.due.get(case_id)
            if before is None or signal.due_at < before[0]:
                outcome.due[case_id] = (signal.due_at, signal.source_name)
        if self.book.joined(case_id, voice):
            outcome.touched.add(case_id)


def _reply_note(signal: SignalFacts, case_id: UUID) -> Note:
    return Note(
        id=new_id(),
        case_id=case_id,
        kind="upstream_reply",
        text=signal.reply or "",
        author=f"source:{signal.source_code}",
        written_at=signal.replied_at or signal.received_at,
    )


async def _store(uow: UnitOfWork, outcome: Outcome, book: Book, knowledge: Knowledge) -> None:
    connection = await uow.raw()
    await repository.insert_cases(connection, outcome.cases)
    await insert_new(
        connection,
        [*opened(outcome.cases, knowledge, uow.now), *_pressed(outcome, knowledge, uow.now)],
    )
    found = [row for row in outcome.cases if row["nature_state"] == FOUND]
    await hazards.insert_new(
        connection, [{"case_id": row["id"], "area": row["area"], **row["hazard"]} for row in found]
    )
    await repository.insert_case_signals(connection, outcome.links)
    await repository.add_voices(uow.session, outcome.joined)
    await desk.store_asides(connection, outcome.asides)
    await merging.store_offers(connection, outcome.offers)
    new = {row["id"] for row in outcome.cases}
    await merging.store_prints(connection, book.kept(sorted(outcome.touched & new)))
    await merging.put_prints(uow.session, book.kept(sorted(outcome.touched - new)))
    uow.session.add_all(outcome.notes)


def _press(
    outcome: Outcome, known: Mapping[UUID, Case], new: Mapping[UUID, dict[str, Any]]
) -> None:
    """A voice may make its case more urgent, or due earlier; never less."""
    for case_id, why in outcome.urgent.items():
        case, row = known.get(case_id), new.get(case_id)
        if case is not None and case.priority != "high":
            case.priority, case.urgent_why = "high", case.urgent_why or why
            outcome.raised.add(case_id)
        elif row is not None and row["priority"] != "high":
            row["priority"], row["urgent_why"] = "high", row["urgent_why"] or why
    for case_id, (due_at, source) in outcome.due.items():
        step = {"code": "given_upstream", "params": {"source": source}}
        case, row = known.get(case_id), new.get(case_id)
        if case is not None and (case.due_at is None or due_at < case.due_at):
            case.due_at, case.due_why = due_at, [step]
            outcome.given.append((case_id, case.area, due_at, step))
        elif row is not None and (row["due_at"] is None or due_at < row["due_at"]):
            outcome.given.append((case_id, row["area"], due_at, step))
            row["due_at"], row["due_why"] = due_at, [step]


def _pressed(outcome: Outcome, knowledge: Knowledge, now: datetime) -> list[ClockRow]:
    """Clocks of what upstream wants done earlier of a case that has its own already; a work order
    brings its own.
    """
    ordered = {case_id for _, case_id in outcome.orders}
    return [
        given(area, case_id, now, due_at, [step], knowledge.areas[area].calendar)
        for case_id, area, due_at, step in outcome.given
        if case_id not in ordered
    ]


def _record(uow: UnitOfWork, by: Viewer, outcome: Outcome, known: Mapping[UUID, Case]) -> None:
    for signal_id, area, kind, _, _ in outcome.asides:
        uow.record(
            Entry(by.actor, "signal.set_aside", "signal", signal_id, area=area, data={"what": kind})
        )
    for row in outcome.cases:
        community = row["community_id"]
        uow.record(
            Entry(
                by.actor,
                "case.opened",
                "case",
                row["id"],
                area=row["area"],
                units=[community] if community else [],
                grade=row["grade"],
                data={"to": row["state"], "version": 1, "number": row["number"]},
            )
        )
    # A new case that more signals of this batch joined has no row to read yet.
    new = {row["id"]: row for row in outcome.cases}
    for case_id, count in sorted(outcome.joined.items()):
        case = known.get(case_id)
        area = case.area if case else new[case_id]["area"]
        grade = case.grade if case else new[case_id]["grade"]
        units = units_of(case) if case else [new[case_id]["community_id"]]
        data: dict[str, Any] = {"signals": count, "why": outcome.why_joined[case_id]}
        if case_id in outcome.raised:
            data["priority"] = "high"
        uow.record(
            Entry(
                by.actor,
                "case.joined",
                "case",
                case_id,
                area=area,
                units=[unit for unit in units if unit],
                grade=grade,
                data=data,
            )
        )
