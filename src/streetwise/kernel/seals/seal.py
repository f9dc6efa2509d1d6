"""What an entry and a seal are, byte by byte. Pure; docs/reference/seals.md is the same in words.

An entry is hashed as it is read back, since PostgreSQL writes JSON in its own order and its own
numbers: a JSON array, without spaces, of the columns in the order of ``ENTRY_COLUMNS``, times
as microseconds since 1970 (UTC), ids, units and data as PostgreSQL prints them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from streetwise.kernel.seals import merkle

#: The text that every seal's hash begins with, so that a signature over it is good for no
#: other purpose.
PURPOSE = b"streetwise/journal-seal/1"
NOTHING = bytes(merkle.HASH_BYTES)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

ENTRY_COLUMNS = (
    "seq", "at", "actor", "action", "subject_kind", "subject", "area", "units", "grade", "drill",
    "request", "data",
)  # fmt: skip
#: The columns as they are read to be hashed.
ENTRY_SQL = (
    "seq, (extract(epoch FROM at) * 1000000)::bigint, actor, action, subject_kind, subject::text,"
    " area, units::text, grade, drill, request, data::text"
)

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def entry_bytes(row: Sequence[Any]) -> bytes:
    """An entry, read by ``ENTRY_SQL``, as it is hashed."""
    return _encode(list(row)).encode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True)
class Seal:
    """One sealed batch: every entry with ``after`` < seq <= ``last``.

    ``leaves``: the entries' hashes, 32 bytes each, in order. They are not signed (``root`` is);
    they are kept to say which entry was changed, not only that one was.
    """

    number: int
    after: int
    last: int
    entries: int
    algorithm: str
    root: bytes
    previous: bytes
    sealed_at: datetime
    key_id: str
    signature: bytes
    leaves: bytes

    def digest(self) -> bytes:
        """What is signed, and what the next seal names as ``previous``."""
        numbers = (self.number, self.after, self.last, self.entries, microseconds(self.sealed_at))
        content = b"".join(one.to_bytes(8, "big", signed=True) for one in numbers)
        named = self.algorithm.encode() + b"/" + self.key_id.encode()
        head = PURPOSE + len(named).to_bytes(2, "big") + named
        return merkle.HASHES[self.algorithm](head + content + self.root + self.previous)


def microseconds(at: datetime) -> int:
    """Since 1970, UTC."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def batch(
    rows: Sequence[Sequence[Any]], before: Seal | None, *, hash_name: str, at: datetime, key_id: str
) -> Seal:
    """The seal over rows, in order of ``seq``, that follows ``before``; not yet signed."""
    hash_of = merkle.HASHES[hash_name]
    leaves = [merkle.leaf(entry_bytes(row), hash_of) for row in rows]
    return Seal(
        number=before.number + 1 if before else 1,
        after=before.last if before else 0,
        last=rows[-1][0],
        entries=len(rows),
        algorithm=hash_name,
        root=merkle.root(leaves, hash_of),
        previous=before.digest() if before else NOTHING,
        sealed_at=at,
        key_id=key_id,
        signature=b"",
        leaves=b"".join(leaves),
    )


def signed(seal: Seal, signature: bytes) -> Seal:
    """The same seal with its signature."""
    return replace(seal, signature=signature)
