"""The voices of a case: who told, how each is answered, and how far that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.gather import SignalFacts, signal_facts
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import loop
from streetwise.resolve import repository as cases
from streetwise.resolve.answers import repository
from streetwise.resolve.answers.tables import Answer, Letter
from streetwise.resolve.answers.ways import (
    Clock,
    Teller,
    Told,
    Way,
    petition_clock,
    shipped_ways,
    with_first,
)
from streetwise.resolve.orders import loop as order_loop
from streetwise.resolve.orders import repository as orders
from streetwise.resolve.orders.tables import WorkOrder
from streetwise.resolve.tables import Case

DRAFT, INTERIM, GIVEN, WITHDRAWN = "draft", "interim", "given", "withdrawn"
#: From here on a case has a result to tell.
DONE_STATES = (loop.REPORTED, loop.VERIFIED, loop.CLOSED)

#: ``upstream``: answered where it came from, not by us.
VoiceState = Literal["none", "draft", "interim", "given", "upstream"]


@dataclass(frozen=True, slots=True)
class Voice:
    """One who told, and how far the answer is. ``first``: the signal with which it is answered;
    ``clock``: a petition's own; ``contact``: whether the vault holds one.
    """

    signal: SignalFacts
    way: Way
    contact: bool
    first: UUID | None
    order: WorkOrder | None
    clock: Clock | None
    answers: tuple[Answer, ...]
    letters: tuple[Letter, ...] = ()

    @property
    def version(self) -> int:
        """Rises with every change of any of its answers; none is ever removed."""
        return sum(answer.version for answer in self.answers)

    @property
    def draft(self) -> Answer | None:
        """What is written and not given."""
        return next((one for one in self.answers if one.state == DRAFT), None)

    @property
    def given(self) -> list[Answer]:
        """What was given, interim answers too, oldest first. A work order's stands with it."""
        return [one for one in self.answers if one.state in (INTERIM, GIVEN)]

    @property
    def due_at(self) -> datetime | None:
        """Its own clock, where it has one: its order's, or a petition's, also that of an order that
        upstream gave no date.
        """
        if self.order is not None and self.order.due_at is not None:
            return self.order.due_at
        return self.clock.answer_by if self.clock else None

    @property
    def wanted(self) -> bool:
        """Whether it counts among those to be answered."""
        return self.way.code != "nobody" and self.first is None

    @property
    def state(self) -> VoiceState:
        """How far its answer is."""
        done = self._done_by_order() if self.order is not None else self._done_by_us()
        if done is not None:
            return done
        if self.draft is not None:
            return "draft"
        return "interim" if any(one.state == INTERIM for one in self.answers) else "none"

    @property
    def answered(self) -> bool:
        """Whether nothing is left to be answered. An interim answer leaves the final one."""
        return self.state in ("given", "upstream")

    def _done_by_order(self) -> VoiceState | None:
        assert self.order is not None
        if self.order.state in (order_loop.OPEN, order_loop.RETURNED, order_loop.CONTESTED):
            return None
        here = self.order.answered_by is not None
        ours = here and not (self.order.answered_by or "").startswith("source:")
        return "given" if ours else "upstream"

    def _done_by_us(self) -> VoiceState | None:
        if any(one.state == GIVEN for one in self.answers):
            return "given"
        # What came with its answer was answered before it came.
        return "upstream" if self.signal.reply is not None else None


async def of_case(
    session: AsyncSession, viewer: Viewer, case: Case, settings: Settings
) -> list[Voice]:
    """The voices of a case in the order in which they told; of very many, the first."""
    ids = await cases.signal_ids(session, viewer, case.id)
    signals = await signal_facts(session, viewer, ids)
    rows = await repository.of_case(session, viewer, case.id)
    carried = [row.order for row in await orders.of_case(session, viewer, case.id)]
    return await _voices(session, viewer, signals, carried, rows, settings)


async def of_aside(
    session: AsyncSession, viewer: Viewer, signal_id: UUID, settings: Settings
) -> Voice:
    """The voice of a signal that is no case. The caller has asked whether it is the viewer's."""
    signals = await signal_facts(session, viewer, [signal_id])
    rows = await repository.of_aside(session, viewer, signal_id)
    (voice,) = await _voices(session, viewer, signals, [], rows, settings)
    return voice


async def _voices(
    session: AsyncSession,
    viewer: Viewer,
    signals: Sequence[SignalFacts],
    carried: Sequence[WorkOrder],
    rows: Sequence[Answer],
    settings: Settings,
) -> list[Voice]:
    known = await repository.reporters(session, viewer, [signal.id for signal in signals])
    order_of = {order.signal_id: order for order in carried}
    ways = {one.id: _way(one, order_of, known) for one in signals}
    petitions = [number for number, way in ways.items() if way.code == "petition"]
    letters = await repository.letters_of(session, viewer, petitions) if petitions else {}
    told = sorted(signals, key=lambda one: (one.reported_at, one.id))
    tellers = [Teller(one.id, ways[one.id].code, one.refers_to, known.get(one.id)) for one in told]
    firsts = with_first(tellers)
    return [
        Voice(
            signal=one,
            way=ways[one.id],
            contact=one.id in known,
            first=firsts.get(one.id),
            order=order_of.get(one.id),
            clock=_clock(
                one, order_of.get(one.id), ways[one.id], letters.get(one.id, ()), settings
            ),
            answers=tuple(row for row in rows if row.signal_id == one.id),
            letters=tuple(letters.get(one.id, ())),
        )
        for one in told
    ]


def _way(signal: SignalFacts, order_of: dict[UUID, WorkOrder], known: dict[UUID, UUID]) -> Way:
    order = order_of.get(signal.refers_to or signal.id)
    return shipped_ways().of(
        Told(
            source=signal.source_code,
            channel=signal.channel,
            answer_by=signal.answer_by,
            scheme=order.scheme if order else None,
            contact=signal.id in known,
        )
    )


def _clock(
    signal: SignalFacts,
    order: WorkOrder | None,
    way: Way,
    letters: Sequence[Letter],
    settings: Settings,
) -> Clock | None:
    if way.code != "petition":
        return None
    return petition_clock(
        order.received_at if order is not None else signal.reported_at,
        accept_days=settings.petition_accept_days,
        answer_days=settings.petition_answer_days,
        extended_to=next((one.until for one in letters if one.until is not None), None),
    )
