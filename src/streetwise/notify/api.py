"""Routes of notifications: everybody's own, and nobody else's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel.access import SIGNED_IN, needs
from streetwise.kernel.crypto import Keys
from streetwise.notify import actions, repository, urgent_repository
from streetwise.notify.actions import Change
from streetwise.notify.channels import configured
from streetwise.notify.names import EMAIL, SMS
from streetwise.notify.preferences import Wants, hint_of
from streetwise.notify.schemas import (
    DeliveryView,
    Language,
    NotificationPage,
    NotificationView,
    NotifyKindView,
    PreferencesForm,
    PreferencesView,
    ReadAllForm,
    UnreadView,
)
from streetwise.notify.tables import Delivery, Notification, NotifyPreference
from streetwise.notify.wording import kind_name, kinds, write

router = APIRouter(tags=["notifications"], route_class=ShownRoute)
Current = Annotated[Deps, Depends(current)]

PAGE = 30
#: Nobody needs to know exactly how many more.
UNREAD_MOST = 100
#: One sounds like many.
SOUNDING_MOST = 50


@router.get("/notifications", openapi_extra=needs(SIGNED_IN))
async def read_notifications(
    deps: Current,
    cursor: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = PAGE,
    language: Language = "zh-CN",
) -> NotificationPage:
    """One's own notifications, the newest first."""
    viewer = deps.viewer
    async with deps.runtime.database.read(viewer) as session:
        found = await repository.listed(session, viewer, cursor, limit + 1)
        shown = found[:limit]
        went = await repository.deliveries_of(session, viewer, [one.id for one in shown])
        unread = await repository.unread(session, viewer, UNREAD_MOST)
    by_notification: dict[UUID, list[Delivery]] = defaultdict(list)
    for delivery in went:
        by_notification[delivery.notification_id].append(delivery)
    return NotificationPage(
        items=[_view(one, by_notification[one.id], language) for one in shown],
        next_cursor=shown[-1].id if len(found) > limit else None,
        unread=unread,
        unread_most=UNREAD_MOST,
    )


def _view(one: Notification, went: Sequence[Delivery], language: str) -> NotificationView:
    words = write(one.kind, one.params, language)
    return NotificationView(
        id=one.id,
        kind=one.kind,
        title=words.title,
        text=words.text,
        urgent=one.urgent,
        case_id=one.subject,
        made_at=one.made_at,
        read_at=one.read_at,
        sounds=one.urgent and one.ack_at is None,
        ack_at=one.ack_at,
        deliveries=[
            DeliveryView.model_validate(delivery, from_attributes=True) for delivery in went
        ],
    )


@router.get("/notifications/unread", openapi_extra=needs(SIGNED_IN))
async def read_unread(deps: Current) -> UnreadView:
    """How many of one's own are unread, and which must be heard: what the bell asks."""
    async with deps.runtime.database.read(deps.viewer) as session:
        unread = await repository.unread(session, deps.viewer, UNREAD_MOST)
        sounding = await urgent_repository.sounding(session, deps.viewer, SOUNDING_MOST)
    return UnreadView(unread=unread, unread_most=UNREAD_MOST, sounding=sounding)


@router.post("/notifications/read", openapi_extra=needs(SIGNED_IN), status_code=204)
async def read_all(form: ReadAllForm, deps: Current) -> Response:
    """Note that all up to one were read."""
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await repository.mark_read(uow.session, deps.viewer, uow.now, until=form.until)
    return Response(status_code=204)


@router.post(
    "/notifications/{notification_id}/read", openapi_extra=needs(SIGNED_IN), status_code=204
)
async def read_one(notification_id: UUID, deps: Current) -> Response:
    """Note that one was read; another's, or one that is gone, is none of one's own."""
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await repository.mark_read(uow.session, deps.viewer, uow.now, only=notification_id)
    return Response(status_code=204)


@router.post(
    "/notifications/{notification_id}/ack", openapi_extra=needs(SIGNED_IN), status_code=204
)
async def acknowledge(notification_id: UUID, deps: Current) -> Response:
    """Take up an urgent one: it sounds no more, for nobody whom it was told."""
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await actions.acknowledge(uow, deps.viewer, notification_id)
    return Response(status_code=204)


@router.get("/notify/preferences", openapi_extra=needs(SIGNED_IN))
async def read_preferences(deps: Current, language: Language = "zh-CN") -> PreferencesView:
    """How one is told things."""
    async with deps.runtime.database.read(deps.viewer) as session:
        return await _preferences(session, deps, language)


async def _preferences(session: AsyncSession, deps: Deps, language: str) -> PreferencesView:
    row = await repository.preference(session, deps.viewer)
    zone = await actions.zone_of(session)
    wants, keys = actions.wants_of(row), deps.runtime.keys
    return PreferencesView(
        kinds=[
            NotifyKindView(kind=kind, name=kind_name(kind, language), channels=list(wants.of(kind)))
            for kind in kinds()
        ],
        available=list(configured(deps.runtime.settings)),
        quiet_from=wants.quiet_from,
        quiet_to=wants.quiet_to,
        digest_at=wants.digest_at,
        language="en" if wants.language == "en" else "zh-CN",
        email=_hint(keys, row, EMAIL),
        mobile=_hint(keys, row, SMS),
        timezone=zone.key,
    )


def _hint(keys: Keys, row: NotifyPreference | None, channel: str) -> str | None:
    address = actions.address_of(keys, row, channel)
    return hint_of(address) if address else None


@router.put("/notify/preferences", openapi_extra=needs(SIGNED_IN))
async def set_preferences(
    form: PreferencesForm, deps: Current, language: Language = "zh-CN"
) -> PreferencesView:
    """Change how one is told things."""
    wants = Wants(form.channels, form.quiet_from, form.quiet_to, form.digest_at, form.language)
    change = Change(wants, form.email, form.mobile)
    runtime = deps.runtime
    async with runtime.database.unit_of_work(deps.viewer) as uow:
        await actions.set_preferences(
            uow, deps.viewer, runtime.keys, configured(runtime.settings), change
        )
        await uow.session.flush()
        return await _preferences(uow.session, deps, language)


@router.post("/notify/test", openapi_extra=needs(SIGNED_IN), status_code=204)
async def send_test(deps: Current) -> Response:
    """Have a test message sent to oneself, over every channel that one has chosen."""
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await actions.send_test(uow, deps.viewer)
    return Response(status_code=204)
