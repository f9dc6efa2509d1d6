"""Routes of work orders."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response

from streetwise.directory import repository as directory
from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel.access import needs
from streetwise.kernel.if_match import version_of
from streetwise.resolve.orders import actions, form_view, loop, repository
from streetwise.resolve.orders.repository import OrderFilter
from streetwise.resolve.orders.schemas import (
    ContestForm,
    OrderForm,
    OrderPageView,
    OrderState,
    OrderView,
    Reconciliation,
    UpstreamForm,
)
from streetwise.resolve.orders.views import order_line, order_view
from streetwise.resolve.words import Count

router = APIRouter(tags=["orders"], route_class=ShownRoute)

PAGE_MAX = 200

Current = Annotated[Deps, Depends(current)]
IfMatch = Annotated[str | None, Header()]


@router.get("/orders", openapi_extra=needs("case.read"))
async def list_orders(
    deps: Current,
    area: Annotated[str | None, Query(max_length=100)] = None,
    state: Annotated[list[OrderState] | None, Query(max_length=len(loop.STATES))] = None,
    attention: Annotated[bool, Query()] = False,
    due: Annotated[str | None, Query(max_length=20)] = None,
    check: Annotated[str | None, Query(max_length=20)] = None,
    urged: Annotated[bool, Query()] = False,
    contact: Annotated[bool, Query()] = False,
    q: Annotated[str | None, Query(max_length=100)] = None,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
) -> OrderPageView:
    """A page of the work orders of the cases that the viewer sees, by upstream's deadline.

    ``check``: ``unconfirmed`` (answered here, waiting upstream for too long) or ``case_open``
    (closed upstream, its case open here). ``urged``: pressed for and not answered; ``contact``:
    the first contact is late.
    """
    viewer, settings = deps.viewer, deps.runtime.settings
    viewer.require("case.read")
    now, soon = deps.runtime.database.clock.now(), timedelta(hours=settings.due_soon_hours)
    patience = timedelta(days=settings.order_unconfirmed_days)
    async with deps.runtime.database.read(viewer) as session:
        here = (await directory.area(session, viewer, area)).code
        wanted = OrderFilter(
            area=here,
            states=tuple(state or ()),
            attention=attention,
            due=due,
            check=check,
            urged=urged,
            contact=contact,
            words=q,
        )
        page = await repository.page(
            session,
            viewer,
            wanted,
            cursor=cursor,
            limit=limit,
            now=now,
            soon=soon,
            patience=patience,
        )

        async def count(one: OrderFilter) -> Count:
            value, exact = await repository.count(session, viewer, one, now, soon, patience)
            return Count(value=value, exact=exact)

        return OrderPageView(
            items=[order_line(row, viewer, now, soon) for row in page.rows],
            next_cursor=page.next_cursor,
            count=await count(wanted),
            reconciliation=Reconciliation(
                unconfirmed=await count(OrderFilter(area=here, check="unconfirmed")),
                case_open=await count(OrderFilter(area=here, check="case_open")),
                days=settings.order_unconfirmed_days,
            ),
        )


@router.post("/orders/{order_id}/answer", openapi_extra=needs("order.answer"))
async def answer_order(
    deps: Current, order_id: UUID, form: OrderForm, response: Response, if_match: IfMatch = None
) -> OrderView:
    """Answer an order (答复): from here on it waits for upstream."""
    return await _act(deps, order_id, "answer", form, response, if_match)


@router.post("/orders/{order_id}/exclude", openapi_extra=needs("order.answer"))
async def exclude_order(
    deps: Current, order_id: UUID, form: OrderForm, response: Response, if_match: IfMatch = None
) -> OrderView:
    """Apply for an order's exclusion (申请剔除), with the grounds."""
    return await _act(deps, order_id, "exclude", form, response, if_match)


@router.post("/orders/{order_id}/contest", openapi_extra=needs("order.answer"))
async def contest_order(
    deps: Current, order_id: UUID, form: ContestForm, response: Response, if_match: IfMatch = None
) -> OrderView:
    """Contest an order upstream (派单异议), with ground, words and evidence."""
    return await _act(deps, order_id, "contest", form, response, if_match)


@router.post("/orders/{order_id}/retract", openapi_extra=needs("order.answer"))
async def retract_contest(
    deps: Current, order_id: UUID, response: Response, if_match: IfMatch = None
) -> OrderView:
    """Take a contest back; the order is in hand again."""
    return await _act(deps, order_id, "retract", OrderForm(), response, if_match)


@router.get("/orders/{order_id}/form", openapi_extra=needs("order.answer"))
async def upstream_form(deps: Current, order_id: UUID) -> UpstreamForm:
    """The reply in upstream's own form, masked, to be copied."""
    deps.viewer.require("order.answer")
    async with deps.runtime.database.read(deps.viewer) as session:
        row = await repository.order(session, deps.viewer, order_id)
        return await form_view.of_order(session, deps.viewer, row)


@router.post("/orders/{order_id}/acknowledge", openapi_extra=needs("order.answer"))
async def acknowledge_order(
    deps: Current, order_id: UUID, response: Response, if_match: IfMatch = None
) -> OrderView:
    """Take note of a call-back that found nothing solved; the order no longer asks."""
    return await _act(deps, order_id, "acknowledge", OrderForm(), response, if_match)


async def _act(
    deps: Deps,
    order_id: UUID,
    action: str,
    form: OrderForm | ContestForm,
    response: Response,
    if_match: str | None,
) -> OrderView:
    assert action in loop.ACTIONS
    deps.viewer.require("order.answer")
    version = version_of(if_match, "order")
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        doing = actions.Doing(order_id, version, action, form.text)
        if isinstance(form, ContestForm):
            doing = replace(doing, ground=form.ground, photos=form.photos)
        await actions.act(uow, deps.viewer, deps.runtime.keys, [doing])
    now = deps.runtime.database.clock.now()
    soon = timedelta(hours=deps.runtime.settings.due_soon_hours)
    async with deps.runtime.database.read(deps.viewer) as session:
        row = await repository.order(session, deps.viewer, order_id)
    response.headers["ETag"] = f'"{row.order.version}"'
    return order_view(row, deps.viewer, now, soon)
