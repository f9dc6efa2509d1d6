"""Ids: UUIDv7 (RFC 9562) made in Python, so that they sort by time of making."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A new UUIDv7."""
    return uuid7()


def new_ids(n: int) -> list[UUID]:
    """``n`` new UUIDv7 in ascending order."""
    return sorted(uuid7() for _ in range(n))
