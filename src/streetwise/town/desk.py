"""The triage desk in the town's past: its officers decide what the engines were unsure of.

By the product's own actions, so that corrections are lessons as they are in a real street.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from streetwise.gather import signal_facts
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository as cases
from streetwise.resolve.desk import actions as desk_actions
from streetwise.resolve.desk import repository as desk
from streetwise.resolve.inputs import Item
from streetwise.resolve.knowledge import Knowledge, know
from streetwise.resolve.learning.actions import Correction, correct_each
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.merging import actions as merging
from streetwise.resolve.merging import offer_repository
from streetwise.resolve.merging import repository as merges
from streetwise.resolve.merging.tables import MergeOffer
from streetwise.resolve.opening import AGAIN, CATEGORY, PLACE, SAME
from streetwise.resolve.tables import Case
from streetwise.town import judging
from streetwise.town.reports import Report

TOWN = Viewer.system("town")
#: Of what came last this share waits for whoever opens the demo.
UNDECIDED, UNDECIDED_HOURS = 0.2, 30
UNREAD, UNREAD_HOURS = 0.5, 72
MOST_ASIDES = 1000
#: Classes that upstream gave are upstream's to correct.
UPSTREAM = "category_upstream"


@dataclass
class Desk:
    """Who sits at it knows what people meant. ``told``: reports by their upstream number."""

    area: str
    told: dict[str, Report]
    rng: random.Random
    _knowledge: Knowledge | None = None
    _seen: set[UUID] = field(default_factory=set)
    #: What cases are about that others were held against: another voice of it changes nothing.
    _meant: dict[UUID, Report] = field(default_factory=dict)

    @classmethod
    def of(cls, area: str, reports: Iterable[Report], rng: random.Random) -> Desk:
        """A desk for these reports; what comes back to one goes under its number."""
        return cls(area, {one.upstream_key: one for one in reports if not one.refers_to}, rng)

    # --- messages that are no case ---------------------------------------------------------------

    async def new_asides(self, uow: UnitOfWork, left: timedelta) -> list[UUID]:
        """Messages put aside since last time, for somebody to read; ``left``: until the demo
        opens. Some of the last ones nobody comes to.
        """
        found = []
        for one in await desk.asides(uow.session, TOWN, self.area, MOST_ASIDES):
            if one.signal_id not in self._seen:
                self._seen.add(one.signal_id)
                late = left < timedelta(hours=UNREAD_HOURS)
                if not (late and self.rng.random() < UNREAD):
                    found.append(one.signal_id)
        return found

    async def read(
        self, uow: UnitOfWork, officer: Viewer, signal_ids: Sequence[UUID]
    ) -> list[Case]:
        """Read messages: thanks and nonsense are settled, questions answered; the cases of what
        should not have been put aside.
        """
        opened = []
        for fact in await signal_facts(uow.session, TOWN, signal_ids):
            if judging.is_matter(self.told.get(fact.source_key or "")):
                row = await desk_actions.open_case(uow, officer, fact.id)
                opened.append(row.case)
            else:
                await desk_actions.settle(uow, officer, fact.id)
        return opened

    # --- cases -----------------------------------------------------------------------------------

    async def decide(
        self, uow: UnitOfWork, officer: Viewer, ids: Sequence[UUID], left: timedelta
    ) -> set[UUID]:
        """Decide what is open about cases that are about to be accepted; those that were merged.

        ``left``: until the demo opens. Some of the last ones wait for whoever opens it.
        """
        if not ids:
            return set()
        found = await cases.cases_by_id(uow.session, TOWN, ids)
        told = await self._told_of(uow, ids)
        merged: set[UUID] = set()
        said: list[tuple[Case, Correction]] = []
        for case_id in ids:
            case = found[case_id]
            late = left < timedelta(hours=UNDECIDED_HOURS)
            if case.doubts and late and self.rng.random() < UNDECIDED:
                continue
            if {SAME, AGAIN} & set(case.doubts):
                # One of them may be merged into: what was said of it before stands first.
                await self._correct(uow, officer, said)
                if await self._offers(uow, officer, case, told):
                    merged.add(case.id)
                    continue
            word = await self._said(uow, case, told.get(case.id))
            if word is not None:
                said.append((case, word))
        await self._correct(uow, officer, said)
        return merged

    async def _correct(
        self, uow: UnitOfWork, officer: Viewer, said: list[tuple[Case, Correction]]
    ) -> None:
        """Carry out what was said of cases so far, and forget it."""
        if said:
            assert self._knowledge is not None
            each = [(Item(case.id, case.version), word) for case, word in said]
            await correct_each(uow, officer, each, self._knowledge)
            said.clear()

    async def _told_of(self, uow: UnitOfWork, ids: Iterable[UUID]) -> dict[UUID, Report]:
        """What the first voice of each case meant, where we know."""
        first = await desk.first_signals(uow.session, TOWN, ids)
        facts = await signal_facts(uow.session, TOWN, set(first.values()))
        keys = {fact.id: fact.source_key or "" for fact in facts}
        named = ((case_id, keys.get(signal_id, "")) for case_id, signal_id in first.items())
        return {case_id: self.told[key] for case_id, key in named if key in self.told}

    async def _said(self, uow: UnitOfWork, case: Case, told: Report | None) -> Correction | None:
        """What the officer says of a case's class and place; None: nothing."""
        asked = CATEGORY in case.doubts
        given = f"{case.category_scheme}:{case.category_code}" if case.category_code else None
        if case.category_why and case.category_why.get("code") == UPSTREAM:
            given = None
        guesses = [f"{one['scheme']}:{one['code']}" for one in case.category_ranked or ()]
        word = judging.class_to_say(told, given, guesses, self.rng, asked=asked)
        if word is None and not case.doubts:
            return None
        if self._knowledge is None:
            self._knowledge = await know(uow.session, TOWN, {self.area})
        scheme, _, code = (word or "").partition(":")
        place = None
        if PLACE in case.doubts and told is not None:
            place = self._knowledge.areas[self.area].index.by_code(told.truth_place)
        # What nobody can say stays as it is, and is asked no more.
        done = {CATEGORY} if word else set()
        done |= {PLACE} if place is not None else set()
        return Correction(
            category=(scheme, code) if word else None,
            place=place,
            settled=[one for one in case.doubts if one not in done],
        )

    async def _offers(
        self, uow: UnitOfWork, officer: Viewer, case: Case, told: dict[UUID, Report]
    ) -> bool:
        """Take or refuse what is offered of a case; whether it was merged into another."""
        offered = [
            one
            for one in await offer_repository.offers_of(uow.session, TOWN, [case.id])
            if one.case_id == case.id and one.state == merges.OPEN
        ]
        others = {one.other_id for one in offered}
        same = sorted(one.other_id for one in offered if one.kind != "again")
        beside = await cases.cases_by_id(uow.session, TOWN, same) if same else {}
        unknown = others - self._meant.keys()
        if unknown:
            self._meant |= await self._told_of(uow, unknown)
        meant = self._meant
        for one in offered:
            right = _holds(one, told.get(case.id), meant.get(one.other_id))
            if not right:
                await merging.refuse(uow, officer, one.id)
            elif one.kind == "again":
                await merging.accept(uow, officer, one.id)
            elif beside[one.other_id].state != CLOSED:
                await merging.accept(uow, officer, one.id)
                return True
        return False


def _holds(offer: MergeOffer, mine: Report | None, other: Report | None) -> bool:
    if offer.kind == "again":
        return judging.same_place(mine, other)
    return judging.same_matter(mine, other)
