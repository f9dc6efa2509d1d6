"""The call-backs of the town's past: reporters drawn by lot, called or sent a link, and answering.

The lot is the product's own, and so is the order: once a case has passed its check, some hours
later, by day. Who was not reached is tried again on another day; who does not answer a link is
called.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from streetwise.gather import signal_facts
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import StreetwiseError
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.callbacks import actions, repository
from streetwise.resolve.callbacks.actions import Said
from streetwise.resolve.callbacks.repository import Voice
from streetwise.resolve.callbacks.tables import WAITING, CallBack
from streetwise.town import answering, handling
from streetwise.town.agenda import Agenda
from streetwise.town.answering import Answer
from streetwise.town.office import Office, Shift
from streetwise.town.said import said

SYSTEM = Viewer.system("town")
#: Nobody is called out of bed; between two goes at the list.
DAY_HOURS, APART = (9, 20), timedelta(hours=4)
#: Of those of the last day so many are left for whoever opens the demo.
LEFT, LEFT_WITHIN = 0.5, timedelta(days=1)
#: Until who was not reached is tried again, and hours until a link is answered (median, spread).
AGAIN, LINK_HOURS = timedelta(days=1), (5.0, 0.9)
#: Of what the agenda says: a further call; an answer by link.
ASK, LINK = handling.ON_VOICES


@dataclass
class _Asked:
    voice: Voice
    report: str  # its upstream number
    attempts: int = 0
    token: str = ""


class Asking:
    """Whom to ask in a stretch, and what they say."""

    def __init__(
        self,
        runtime: Runtime,
        office: Office,
        agenda: Agenda,
        seed: int,
        period: tuple[datetime, datetime],
        reopen: Callable[[datetime, UUID], None],
    ) -> None:
        """``period``: from the first report to the last thing that is done. ``reopen``: plans
        that a case is opened again, after a moment.
        """
        self._runtime, self._office, self._agenda, self._seed = runtime, office, agenda, seed
        self._looked_at, self._last = period
        self._reopen = reopen
        self._asked: dict[UUID, _Asked] = {}

    async def ask(self, uow: UnitOfWork, shift: Shift, due: Sequence[tuple[str, UUID]]) -> None:
        """Those whose time has come; and by day, every few hours, those who are new on the list."""
        hour = uow.now.astimezone(self._office.zone).hour
        looks = DAY_HOURS[0] <= hour < DAY_HOURS[1] and uow.now - self._looked_at >= APART
        if not (due or looks):
            return
        await uow.session.flush()
        officer = shift.on_duty["duty_officer"]
        for action, signal_id in due:
            if action == LINK:
                await self._answer_link(uow, self._asked[signal_id])
            else:
                await self._call(uow, officer, self._asked[signal_id])
        if not looks:
            return
        since, self._looked_at = self._looked_at, uow.now
        for one in await self._drawn(uow, since):
            self._asked[one.voice.signal_id] = one
            if self._last - uow.now < LEFT_WITHIN and self._draw(one)("left").random() < LEFT:
                continue
            if not (answering.by_link(self._draw(one)) and await self._send(uow, officer, one)):
                await self._call(uow, officer, one)

    async def _drawn(self, uow: UnitOfWork, since: datetime) -> list[_Asked]:
        """On whom the lot falls, of cases that passed a check since then; by upstream number."""
        found, after = [], None
        while True:
            voices = await repository.voices_to_ask(
                uow.session, SYSTEM, since, after, actions.BATCH
            )
            found += voices
            if len(voices) < actions.BATCH:
                break
            after = (voices[-1].case_id, voices[-1].signal_id)
        keys, settings = self._runtime.keys, self._runtime.settings
        drawn = [one for one in found if actions.is_drawn(keys, settings, one.signal_id, one.round)]
        facts = await signal_facts(uow.session, SYSTEM, [one.signal_id for one in drawn])
        reports = {one.id: one.source_key or str(one.id) for one in facts}
        return sorted(
            (_Asked(one, reports[one.signal_id]) for one in drawn), key=lambda one: one.report
        )

    def _draw(self, one: _Asked) -> Callable[[str], random.Random]:
        return answering.drawing(self._seed, one.report, one.voice.round)

    async def _call(self, uow: UnitOfWork, officer: Viewer, one: _Asked) -> None:
        """A call: somebody answers, or is tried again while the product says so."""
        draw, told = self._draw(one), None
        one.attempts += 1
        result = answering.result(draw, one.attempts)
        if result == answering.REACHED:
            told = answering.answer(draw)
        row = await self._tried(uow, officer, one.voice, result, told, draw("words said"))
        if row is None:
            return
        if told is not None:
            self._follow(uow.now, one, told)
        elif row.state == WAITING:
            self._agenda.plan(uow.now + AGAIN, ASK, one.voice.signal_id)

    async def _tried(
        self,
        uow: UnitOfWork,
        officer: Viewer,
        voice: Voice,
        result: str,
        told: Answer | None,
        rng: random.Random,
    ) -> CallBack | None:
        """The call, written down; None where it may not be made as things stand now."""
        answer = None
        if told is not None:
            text = said("call_back", None, rng) if told.in_words else None
            answer = Said(told.resolved, told.satisfied, told.reached, text)
        try:
            return await actions.tried(
                uow, officer, self._runtime, voice.case_id, voice.signal_id, result, answer
            )
        except StreetwiseError:
            # Opened again meanwhile, or the command centre's own case: of that others ask.
            return None

    async def _send(self, uow: UnitOfWork, officer: Viewer, one: _Asked) -> bool:
        """A link goes out; False where none can."""
        voice = one.voice
        try:
            link = await actions.make_link(
                uow, officer, self._runtime, voice.case_id, voice.signal_id
            )
        except StreetwiseError:
            # No mobile number, or too many read in the hour: the call finds the row that is there.
            await uow.session.flush()
            return False
        await uow.session.flush()
        await actions.sent(uow, officer, voice.case_id, link)
        one.token = link.token
        draw = self._draw(one)
        hours = LINK_HOURS[0] * draw("link hours").lognormvariate(0, LINK_HOURS[1])
        if answering.answers_link(draw):
            self._agenda.plan(uow.now + timedelta(hours=hours), LINK, voice.signal_id)
        else:
            wait = timedelta(hours=self._runtime.settings.call_back_link_hours)
            self._agenda.plan(uow.now + wait, ASK, voice.signal_id)
        return True

    async def _answer_link(self, uow: UnitOfWork, one: _Asked) -> None:
        told = answering.answer(self._draw(one), link=True)
        try:
            await actions.answer_link(
                uow, self._runtime.keys, one.token, Said(told.resolved, told.satisfied)
            )
        except StreetwiseError:
            return  # the link is over: its case was opened again
        self._follow(uow.now, one, told)

    def _follow(self, now: datetime, one: _Asked, told: Answer) -> None:
        if not told.resolved and answering.reopens(self._draw(one)):
            self._reopen(now, one.voice.case_id)
