"""What is new about an item that is known upstream? Pure (docs/decisions/0017).

A file is compared with what the file before it said about the same item, row for row and in
order: what that said too is known, and so is what we have as the newest. The rest is an update.
So the same file twice adds nothing, a file that grows adds its new rows, and an item that goes
from A to B and back to A is seen to have come back.

Rows that carry the upstream's own time of change need none of this: the same row never comes
twice with another meaning, so whatever is stored already is known, in whatever order files come.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from uuid import UUID

#: So much of a content hash stands for it here; two rows of one item never meet by chance.
MARK_BYTES = 8


def mark(content_hash: bytes) -> bytes:
    """What stands for a row's content among the rows of its item."""
    return content_hash[:MARK_BYTES]


@dataclass(slots=True)
class Item:
    """A known upstream item.

    ``seen``: the marks of its rows in the last file that named it, one after the other;
    ``before``: those of the file before that; ``matched``: how many of ``before`` the last file
    has passed; ``latest``: the mark of the newest signal; ``first_id``: the item's first signal;
    ``listed_in``: the last file that named it at all.
    """

    first_id: UUID
    latest: bytes
    batch_id: UUID | None
    seen: bytes = b""
    before: bytes = b""
    matched: int = 0
    listed_in: UUID | None = None

    def take(self, row: bytes, batch_id: UUID | None) -> bool:
        """Take note of a row (its mark) of a file; True when it is an update."""
        if batch_id != self.batch_id:
            self.batch_id, self.before, self.seen, self.matched = batch_id, self.seen, b"", 0
        if self.seen.endswith(row):
            return False  # the line above, once more
        self.seen += row
        found = _find(self.before, row, self.matched)
        if found is not None:
            self.matched = found + 1
            return False
        if row == self.latest:
            return False
        self.latest = row
        return True


def opened(first_id: UUID, row: bytes, batch_id: UUID | None) -> Item:
    """An item that is seen for the first time."""
    return Item(first_id, row, batch_id, seen=row, listed_in=batch_id)


def _find(marks: bytes, row: bytes, start: int) -> int | None:
    """The place of a mark among marks, from a place on."""
    at = marks.find(row, start * MARK_BYTES)
    while at % MARK_BYTES and at >= 0:
        at = marks.find(row, at + 1)
    return at // MARK_BYTES if at >= 0 else None


@dataclass(frozen=True, slots=True)
class Incoming:
    """A row of a file: its signal's id, the item's number, its content, and whether the row
    carries the upstream's own time of change."""

    id: UUID
    key: str | None
    content: bytes
    timed: bool


def sift(
    rows: Sequence[Incoming],
    batch_id: UUID | None,
    items: dict[str, Item],
    stored: Set[bytes],
) -> dict[UUID, UUID | None]:
    """The rows that are new: id → the first signal of their item (None: they are the first).

    ``items`` holds what is known of the items named here, and is brought up to date. ``stored``:
    contents of rows without a number, or with a time of change, that are stored already.
    """
    fresh: dict[UUID, UUID | None] = {}
    absolute = set(stored)
    for row in rows:
        item = items.get(row.key) if row.key is not None else None
        if item is not None and batch_id is not None:
            item.listed_in = batch_id
        if row.key is None or row.timed:
            if row.content in absolute:
                continue
            absolute.add(row.content)
            fresh[row.id] = item.first_id if item else None
            if item is not None:
                item.latest = mark(row.content)
        elif item is None or item.take(mark(row.content), batch_id):
            fresh[row.id] = item.first_id if item else None
        if row.key is not None and item is None:
            items[row.key] = opened(row.id, mark(row.content), batch_id)
    return fresh
