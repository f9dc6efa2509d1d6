"""RTP packets of one video in, coded pictures out.

In key mode only pictures that decode alone are kept; everything else is passed over without a
copy. In full mode all slices are handed over in order, for streams that send no key frames
(``smart``). A picture with a missing packet is not handed on: the gate would see its lower half
in grey.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from streetwise.discover.streams.errors import Malformed
from streetwise.discover.streams.rtp import Packet, Sequence, read_packet
from streetwise.discover.streams.syntax import Kind, Piece, Syntax
from streetwise.discover.values import CodedPicture

START_CODE = b"\x00\x00\x00\x01"
SET_BYTES_MOST = 4096


@dataclass(slots=True)
class Counts:
    """What a stream was like since it began; only ever grows."""

    keys: int = 0  # whole key pictures
    others: int = 0  # whole other pictures, in full mode
    torn: int = 0  # key pictures (in full mode: any) with something missing
    changes: int = 0  # parameter sets that replaced others
    without_sets: int = 0  # pictures that came before their parameter sets
    too_long: int = 0  # pictures over the limit
    strange: int = 0  # packets of another payload type
    malformed: int = 0  # packets that are not what their standard says


class Depacketiser:
    """One video's state between packets. ``sequence`` is shared with the sieve's quick way."""

    def __init__(
        self,
        camera: str,
        syntax: Syntax,
        payload_type: int,
        sets: Iterable[bytes] = (),
        *,
        picture_bytes: int = 4_194_304,
    ) -> None:
        self.syntax = syntax
        self.sequence = Sequence()
        self.counts = Counts()
        self.full = False
        self._camera = camera
        self._payload_type = payload_type
        self._picture_bytes = picture_bytes
        self._source: int | None = None
        self._sets: dict[tuple[int, int], bytes] = {}
        self._front = b""  # all sets, each behind its start code
        self._front_given = b""  # as last handed on
        self._open = False
        self._stamp: int | None = None
        self._marked = False  # the marker ended the last picture
        self._by_stamp = False  # markers lie here: a picture ends where the next begins
        self._fresh()
        for unit in sets:
            self._learn(unit)

    def _fresh(self) -> None:
        """Nothing of the picture that comes next is known yet."""
        self._torn = False
        self._begun = False  # a slice of it was kept
        self._seen: set[Kind] = set()
        self._chunks: list[bytes] = []
        self._size = 0
        self._inside: int | None = None  # the type of a unit of which more is to come
        self._set: list[bytes] = []  # the parameter set that is being put together

    @property
    def idle(self) -> bool:
        """Whether a slice that is no key may be dropped unseen: no picture is in the making.

        So it is too within a picture of which nothing was kept and nothing is missing: after
        such a slice that came the whole way because it stood beside something else.
        """
        if self.full:
            return False
        return not self._open or not (
            self._torn or self._chunks or self._inside is not None or "key" in self._seen
        )

    def packet(
        self, buffer: bytes | bytearray, start: int, end: int, now: float
    ) -> list[CodedPicture]:
        """Take one RTP packet; usually nothing, sometimes a picture is whole after it.

        Raises Malformed; the packet is then passed over and its picture is torn.
        """
        done: list[CodedPicture] = []
        try:
            packet = read_packet(buffer, start, end)
            self._take_packet(buffer, packet, now, done)
        except Malformed:
            self.counts.malformed += 1
            self._torn, self._inside = True, None
            raise
        return done

    def _take_packet(
        self, buffer: bytes | bytearray, packet: Packet, now: float, done: list[CodedPicture]
    ) -> None:
        if packet.source != self._source:
            if self._source is not None:  # another sender: its numbers begin anew
                self._torn = self._open
                self.sequence.expected = None
            self._source = packet.source
        missing = self.sequence.step(packet.sequence)
        if missing < 0:
            return
        if packet.payload_type != self._payload_type:
            self.counts.strange += 1
            return
        if self._open and packet.stamp != self._stamp:  # it ended without a marker
            # What is missing may belong to either of the two.
            self._torn = self._torn or missing > 0
            self._finish(now, done)
        if not self._open:
            # More of a picture that its marker had ended: cameras that mark every slice.
            self._by_stamp = self._by_stamp or (self._marked and packet.stamp == self._stamp)
            self._fresh()
            self._open, self._marked, self._stamp = True, False, packet.stamp
        if missing:
            self._torn, self._inside = True, None
        for piece in self.syntax.pieces(buffer, packet.start, packet.end):
            self._take(buffer, piece)
        if packet.marker and not self._by_stamp:
            self._marked = True
            self._finish(now, done)

    def _take(self, buffer: bytes | bytearray, piece: Piece) -> None:
        kind = self.syntax.kind(piece.type)
        if kind in ("key", "slice"):
            self._seen.add(kind)
        if piece.first:
            self._torn = self._torn or self._inside is not None  # the one before has no end
        elif self._inside != piece.type:
            self._torn, self._inside = True, None
            return
        self._inside = None if piece.last else piece.type
        if kind == "set":
            self._collect(buffer, piece)
        elif kind == "key" or (self.full and kind in ("slice", "hint")):
            self._add(piece.head + bytes(buffer[piece.start : piece.end]), kind, piece.first)

    def _add(self, data: bytes, kind: Kind, first: bool) -> None:
        if self._torn:
            return  # it will not be handed on: no reason to keep it
        self._size += len(data) + len(START_CODE)
        if self._size > self._picture_bytes:
            self.counts.too_long += 1
            self._torn, self._chunks = True, []
            return
        if first:
            if kind != "hint" and not self._begun:
                self._begun = True
                if not self.syntax.begins_picture(data):
                    self._torn = True  # the slices before it were dropped or never came
                    return
            self._chunks.append(START_CODE)
        self._chunks.append(data)

    def _collect(self, buffer: bytes | bytearray, piece: Piece) -> None:
        if piece.first:
            self._set = []
        self._set.append(piece.head + bytes(buffer[piece.start : piece.end]))
        if piece.last:
            self._learn(b"".join(self._set))
            self._set = []

    def _learn(self, unit: bytes) -> None:
        """Take a parameter set; one that cannot be read is passed over and counted."""
        if self.syntax.kind(self.syntax.unit_type(unit)) != "set":
            return
        try:
            if len(unit) > SET_BYTES_MOST:
                raise Malformed("a parameter set that is too long")
            place = self.syntax.set_id(unit)
        except Malformed:
            self.counts.malformed += 1
            return
        before = self._sets.get(place)
        if before != unit:
            self.counts.changes += before is not None
            self._sets[place] = unit
            self._front = b"".join(START_CODE + self._sets[one] for one in sorted(self._sets))

    def _finish(self, now: float, done: list[CodedPicture]) -> None:
        """The end of a picture: hand it on if there is one and nothing of it is missing."""
        self._open = False
        key = self._seen == {"key"}
        torn = self._torn or self._inside is not None
        wanted = "key" in self._seen or (self.full and self._seen)
        chunks = self._chunks
        self._chunks = []
        if not wanted:
            return
        if torn or not chunks:
            self.counts.torn += 1
        elif not self.syntax.needs <= {rank for rank, _ in self._sets}:
            self.counts.without_sets += 1
        elif key or self.full:
            if key or self._front != self._front_given:
                chunks.insert(0, self._front)
                self._front_given = self._front
            self.counts.keys += key
            self.counts.others += not key
            data = b"".join(chunks)
            done.append(
                CodedPicture(self._camera, self.syntax.codec, data, now, key, True, self._stamp)
            )
