"""The contact log of the town's past: whoever called the hotline is called back, and promised."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.resolve.contacts import actions as contacts
from streetwise.resolve.contacts.actions import Making
from streetwise.resolve.contacts.rules import SPOKEN
from streetwise.resolve.orders import loop as order_loop
from streetwise.resolve.orders import repository as orders
from streetwise.resolve.orders.repository import OrderRow
from streetwise.town import astray
from streetwise.town.agenda import Agenda
from streetwise.town.caseload import FOREVER, TOWN
from streetwise.town.office import Office, Shift
from streetwise.town.said import said

#: All that nobody has spoken to, however much time is left for it.
AHEAD = timedelta(days=60)
#: Between two tries with the same person; tries further apart than the product counts.
APART = timedelta(minutes=45)
DAY_HOURS = (8, 21)
#: Hours after the promised day's morning at which somebody looks whether it was kept.
LOOKED_AT_HOUR = 17


class Calling:
    """Who is to be called, and what was promised."""

    def __init__(self, keys: Keys, office: Office, agenda: Agenda, rng: random.Random) -> None:
        self._keys, self._office, self._agenda, self._rng = keys, office, agenda, rng
        # Chance is by the order (0044): what else stands on the list changes nothing.
        self._seed = rng.random()
        self._draws: dict[UUID, random.Random] = {}
        self._tried: dict[UUID, datetime] = {}

    async def call(self, uow: UnitOfWork, shift: Shift) -> None:
        """Go through the list of those whom nobody has spoken to, and call some of them."""
        wanted = orders.OrderFilter(
            area=self._office.area, states=(order_loop.OPEN, order_loop.RETURNED), contact=True
        )
        page = await orders.page(
            uow.session, TOWN, wanted, cursor=None, limit=FOREVER,
            now=uow.now + AHEAD, soon=timedelta(0), patience=timedelta(0),
        )  # fmt: skip
        officer = shift.on_duty["duty_officer"]
        makings = [self._making(uow.now, row) for row in page.rows if self._is_called(uow.now, row)]
        if not makings:
            return
        made = await contacts.make_together(uow, self._keys, [(officer, one) for one in makings])
        for contact in made:
            if contact.promised_on is not None:
                at = datetime.combine(contact.promised_on, datetime.min.time(), self._office.zone)
                at += timedelta(hours=LOOKED_AT_HOUR)
                self._agenda.plan(max(at, uow.now), "promise", contact.id)

    def _is_called(self, now: datetime, row: OrderRow) -> bool:
        order = row.order
        if order.id not in self._draws:
            self._draws[order.id] = random.Random(f"{self._seed}:{order.number}")
        last = self._tried.get(order.id)
        if order.contact_due_at is None or (last is not None and now - last < APART):
            return False
        hour = now.astimezone(self._office.zone).hour
        night = not DAY_HOURS[0] <= hour < DAY_HOURS[1]
        within = (order.contact_due_at - order.received_at) / timedelta(minutes=1)
        if not astray.first_call(within, self._draws[order.id], night=night):
            return False
        self._tried[order.id] = now
        return True

    def _making(self, now: datetime, row: OrderRow) -> Making:
        order = row.order
        rng = self._draws[order.id]
        result = astray.ground("call", rng)
        text = said("call", None, rng) if result == "reached" and rng.random() < 0.3 else None
        promise, day = None, None
        if result in SPOKEN and astray.happens("promise", rng):
            promise = said("promise", None, rng)
            day = now.astimezone(self._office.zone).date() + timedelta(days=rng.randint(1, 5))
        return Making(
            row.case.id, order.signal_id, "phone", result,
            text=text, promise=promise, promised_on=day,
        )  # fmt: skip

    async def keep(self, uow: UnitOfWork, shift: Shift, due: Sequence[UUID]) -> None:
        """Say of promises whose day has come whether they were kept."""
        for contact_id in due:
            kept = astray.happens("promise_kept", self._rng)
            officer = shift.on_duty["duty_officer"]
            await contacts.say_kept(uow, officer, contact_id, 1, kept=kept)
