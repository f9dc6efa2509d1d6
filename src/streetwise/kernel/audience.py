"""Who hears what: screens that may see the same things form an audience, and share every piece.

A thousand screens are a few dozen audiences. What an audience hears is chosen, joined and packed
once, and then only sent; nothing is done a thousand times that can be done a dozen times.
"""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from streetwise.kernel.journal import Recorded
from streetwise.kernel.viewer import Viewer

#: Begins a gzip stream (RFC 1952): deflate, no name, no time, system unknown. The stream never
#: ends by itself, so the sum that would close it is never due.
GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
#: Up to here a piece goes as it is: one packet on the line either way.
STORED_BYTES = 1_200


def packed(plain: bytes) -> bytes:
    """A piece of a deflate stream (RFC 1951) that refers to nothing before it and ends on a byte:
    it may follow any other such piece, so one piece serves every stream.
    """
    if len(plain) <= STORED_BYTES:
        return struct.pack("<BHH", 0, len(plain), len(plain) ^ 0xFFFF) + plain
    press = zlib.compressobj(level=6, wbits=-zlib.MAX_WBITS)
    return press.compress(plain) + press.flush(zlib.Z_FULL_FLUSH)


@dataclass(frozen=True)
class Piece:
    """What an audience hears at one moment; ``entries`` counts what is in it."""

    entries: int
    plain: bytes

    @cached_property
    def packed(self) -> bytes:
        """The same for a stream that is gzip."""
        return packed(self.plain)


@dataclass(eq=False)
class Listener:
    """One screen. ``lost`` is set when it was too slow: it must fetch afresh."""

    limit: int
    pieces: list[Piece] = field(default_factory=list)
    entries: int = 0
    lost: bool = False
    #: Whether it was given anything since the last ping was thought of.
    heard: bool = False
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def give(self, piece: Piece) -> None:
        """Add a piece to what waits for this screen; never waits. It is woken by who gave."""
        self.heard = True
        if self.lost:
            return
        self.entries += piece.entries
        # A single piece is never too much: it came at once, so nobody was too slow for it.
        if self.entries > self.limit and self.pieces:
            self.take()
            self.lost = True
        else:
            self.pieces.append(piece)

    def take(self) -> list[Piece]:
        """What waits, in order; none is left."""
        pieces, self.pieces, self.entries = self.pieces, [], 0
        return pieces

    async def wait(self) -> None:
        """Wait to be woken: for something to send, for a ping, for the end."""
        await self.woken.wait()
        self.woken.clear()


@dataclass(eq=False)
class Audience:
    """Screens of viewers who may see the same, on the same area (None: all they may see)."""

    viewer: Viewer
    area: str | None
    listeners: set[Listener] = field(default_factory=set)

    def piece(self, entries: Sequence[Recorded], dressed: Sequence[str]) -> Piece | None:
        """What this audience hears of these entries; None when it is nothing."""
        heard = [text for entry, text in zip(entries, dressed, strict=True) if self._hears(entry)]
        return Piece(len(heard), "".join(heard).encode()) if heard else None

    def _hears(self, entry: Recorded) -> bool:
        if self.area is not None and entry.area != self.area:
            return False
        return self.viewer.sees(area=entry.area, units=entry.units, grade=entry.grade)


class Audiences:
    """All screens, by what they may hear."""

    def __init__(self) -> None:
        self._by_sight: dict[Hashable, Audience] = {}
        self._of: dict[Listener, Hashable] = {}

    def __len__(self) -> int:
        return len(self._of)

    def __iter__(self) -> Iterator[Audience]:
        return iter(self._by_sight.values())

    def listeners(self) -> list[Listener]:
        """Every screen, as of now."""
        return list(self._of)

    def join(self, viewer: Viewer, area: str | None, limit: int) -> Listener:
        """A new screen."""
        key = (viewer.sight, area)
        listener = Listener(limit)
        self._by_sight.setdefault(key, Audience(viewer, area)).listeners.add(listener)
        self._of[listener] = key
        return listener

    def leave(self, listener: Listener) -> None:
        """Forget a screen, and its audience with the last of it."""
        if (key := self._of.pop(listener, None)) is None:
            return
        audience = self._by_sight[key]
        audience.listeners.discard(listener)
        if not audience.listeners:
            del self._by_sight[key]
