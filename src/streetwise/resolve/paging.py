"""Cursors of lists that are paged by key: where the last page ended, in one opaque word."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, literal, literal_column

from streetwise.kernel.database import Time
from streetwise.kernel.errors import Invalid

#: What has no deadline comes behind everything that has one.
INFINITY: ColumnElement[datetime] = literal_column("'infinity'::timestamptz")


def write_cursor(sort: str, last: datetime | str | None, row_id: UUID) -> str:
    """Behind this row; ``last``: its value in this order, None: no deadline."""
    value = last.isoformat() if isinstance(last, datetime) else last
    return base64.urlsafe_b64encode(json.dumps([sort, value, str(row_id)]).encode()).decode()


def read_cursor(cursor: str, sort: str, *, words: bool = False) -> tuple[Any, Any]:
    """(value, id) in SQL; ``words``: the values are words, not times. Raises Invalid."""
    try:
        written_for, value, row_id = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        if written_for != sort:
            raise ValueError("another order")
        last = literal(UUID(row_id))
        if words:
            return literal(str(value)), last
        if value is None:
            return INFINITY, last
        return literal(datetime.fromisoformat(value), Time), last
    except (ValueError, TypeError, AttributeError) as error:
        raise Invalid(
            "The cursor is not one of ours; start the list anew.", code="cursor"
        ) from error
