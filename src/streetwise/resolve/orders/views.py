"""From rows of work orders to what a screen shows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from streetwise.kernel.viewer import Viewer
from streetwise.resolve.deadlines import due_state
from streetwise.resolve.orders import loop
from streetwise.resolve.orders.contest import grounds
from streetwise.resolve.orders.repository import OrderRow
from streetwise.resolve.orders.schemas import (
    CallBack,
    GroundView,
    OrderCase,
    OrderLine,
    OrderView,
)
from streetwise.resolve.words import Named


def order_view(row: OrderRow, viewer: Viewer, now: datetime, soon: timedelta) -> OrderView:
    """An order as it stands."""
    return OrderView(**_values(row, viewer, now, soon))


def order_line(row: OrderRow, viewer: Viewer, now: datetime, soon: timedelta) -> OrderLine:
    """A line of the list."""
    case = row.case
    return OrderLine(
        **_values(row, viewer, now, soon),
        case=OrderCase(
            id=case.id,
            number=case.number,
            title=case.title,
            state=case.state,
            place_text=case.place_text,
            unit=Named(code=row.unit[0], name=row.unit[1]) if row.unit else None,
        ),
    )


def _values(row: OrderRow, viewer: Viewer, now: datetime, soon: timedelta) -> dict[str, Any]:
    order = row.order
    found = (order.reached, order.resolved, order.satisfied, order.called_back_at)
    call_back = None
    if any(value is not None for value in found):
        call_back = CallBack(
            reached=order.reached,
            resolved=order.resolved,
            satisfied=order.satisfied,
            at=order.called_back_at,
        )
    actions: tuple[str, ...] = ()
    if viewer.may("order.answer"):
        actions = loop.actions_in(order.state, attention=order.attention, exclusion=order.exclusion)
    listed = [
        GroundView(code=one.code, name=one.name, name_en=one.name_en)
        for one in grounds(order.scheme)
    ]
    return {
        "id": order.id,
        "version": order.version,
        "number": order.number,
        "source": Named(code=row.source.code, name=row.source.name),
        "scheme": order.scheme,
        "level": order.level,
        "state": order.state,
        "attention": order.attention,
        "received_at": order.received_at,
        "due_at": order.due_at,
        # Once it is over, what counts is when we answered, not when upstream looked at it.
        "due_state": due_state(
            order.due_at, order.closed_at and (order.answered_at or order.closed_at), now, soon
        ),
        "answer": order.answer,
        "answered_at": order.answered_at,
        "answered_upstream": (order.answered_by or "").startswith("source:"),
        "call_back": call_back,
        "exclusion": order.exclusion,
        "grounds": order.grounds,
        "updates": order.updates,
        "closed_at": order.closed_at,
        "urged": order.urged,
        "urged_at": order.urged_at,
        "added": order.added,
        "contact_due_at": order.contact_due_at,
        "contacted_at": order.contacted_at,
        # What ended before anybody called needs no call any more.
        "contact_state": "none"
        if order.contacted_at is None and order.state in loop.ENDED
        else due_state(order.contact_due_at, order.contacted_at, now, soon / 8),
        "contest": order.contest,
        "contest_ground": next((one for one in listed if one.code == order.contest_ground), None),
        "contest_text": order.contest_text,
        "contested_at": order.contested_at,
        "contest_grounds": listed if "contest" in actions else [],
        "actions": list(actions),
    }
