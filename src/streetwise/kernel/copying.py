"""Values for COPY as the text that PostgreSQL reads. Pure.

psycopg's own adapters for JSON and for lists cost more than all the rest of a row. These do the
same for what we store: JSON of our own making, and lists of texts and ids.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def json_text(value: object) -> str | None:
    """A value for a JSON column; None is NULL."""
    if value is None:
        return None
    return "{}" if value == {} else _encode(value)


def array_text(values: Iterable[object]) -> str:
    """A one-dimensional array of texts or ids, none of them None."""
    return "{" + ",".join([_element(str(value)) for value in values]) + "}"


def _element(text: str) -> str:
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
