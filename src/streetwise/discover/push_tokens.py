"""Tokens by which cameras push their pictures: one per camera, shown once, kept as a keyed hash."""

from __future__ import annotations

import secrets
from uuid import UUID

from streetwise.discover.changing import of_version, record
from streetwise.discover.tables import PUSH
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict
from streetwise.kernel.journal import declare
from streetwise.kernel.viewer import Viewer

declare(
    {
        "camera.push_token": "A camera was given a token by which it pushes its pictures; one that"
        " it had before opens nothing any more; data: first.",
    }
)

PURPOSE = "camera-push-token"
#: Of chance, so that nobody need count wrong ones.
TOKEN_BYTES = 32


async def new_token(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, watched_id: UUID, version: int
) -> str:
    """A token for a camera that pushes; the one before ends. It cannot be shown again.

    Raises Conflict where the camera is no such, StaleVersion.
    """
    row = await of_version(uow, viewer, watched_id, version)
    if row.kind != PUSH:
        raise Conflict("This camera does not push its pictures.", code="camera_no_push")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    first = row.push_print is None
    row.push_print = print_of(keys, token)
    row.version += 1
    await uow.session.flush()
    record(uow, viewer, row, "camera.push_token", {"first": first})
    return token


def print_of(keys: Keys, token: str) -> bytes:
    """What is kept of a token. Keyed: whoever reads the table cannot try tokens against it."""
    return keys.hasher(PURPOSE).of(token.encode())
