"""What these tests share: people with wishes, messages for them, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from helpers import SYSTEM, past_the_walls
from sqlalchemy import select

from streetwise.directory.sessions import viewer_of
from streetwise.directory.tables import Staff
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.notify import Message, notify
from streetwise.notify.actions import Change, set_preferences
from streetwise.notify.names import CHANNELS, IN_APP
from streetwise.notify.preferences import Wants
from streetwise.notify.wording import kinds

EMAIL_ADDRESS, MOBILE = "somebody.here@example.cn", "13716253850"
SECRET = "a key of the tests"
HANDLER = "department_handler"


def set_up(runtime: Runtime, **settings: Any) -> Runtime:
    """The same with other settings."""
    given = {
        "notify_smtp_from": "streetwise@example.cn",
        "notify_smtp_security": "none",
        "notify_webhook_secret": SECRET,
        "notify_timeout_seconds": 5.0,
        **settings,
    }
    return replace(runtime, settings=runtime.settings.model_copy(update=given))


async def viewer_named(runtime: Runtime, login: str) -> Viewer:
    """Somebody's Viewer."""
    async with runtime.database.read(SYSTEM) as session:
        staff = (await session.execute(select(Staff).where(Staff.login == login))).scalar_one()
        return await viewer_of(session, staff)


async def wish(runtime: Runtime, login: str, *channels: str, **more: Any) -> UUID:
    """Somebody wants these channels, besides the bell, for everything; whose id that is."""
    viewer = await viewer_named(runtime, login)
    wants = Wants({kind: [IN_APP, *channels] for kind in kinds()}, **more)
    change = Change(wants, EMAIL_ADDRESS, MOBILE)
    async with runtime.database.unit_of_work(viewer) as uow:
        await set_preferences(uow, viewer, runtime.keys, CHANNELS, change)
    assert viewer.staff_id is not None
    return viewer.staff_id


def message(people: Sequence[UUID], number: str = "AJ-1", *, urgent: bool = False) -> Message:
    """Something to tell."""
    params = {"number": number, "category": "路灯", "unit": "城管科"}
    return Message("case.dispatched", str(uuid4()), people, params, uuid4(), urgent)


async def tell(runtime: Runtime, *messages: Message) -> int:
    """Tell it."""
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        return await notify(uow, messages)


def states(runtime: Runtime) -> list[tuple[str, str, int, str | None]]:
    """(channel, state, attempts, error) of all deliveries."""
    query = "SELECT channel, state, attempts, error FROM delivery ORDER BY channel, id"
    with past_the_walls(runtime) as connection:
        return connection.execute(query).fetchall()


def change_all(runtime: Runtime, what: str) -> None:
    """Change rows past everything."""
    with past_the_walls(runtime) as connection:
        connection.execute(what.encode())
