"""Audiences: everybody hears what they may, made once for all who may hear the same."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streetwise.kernel.audience import GZIP_HEAD, STORED_BYTES, Audiences, Listener, Piece, packed
from streetwise.kernel.journal import Recorded
from streetwise.kernel.viewer import Scope, Viewer

UNITS = [UUID(int=number) for number in range(3)]
AREAS = ["east", "west"]
plain = st.one_of(st.binary(max_size=40), st.binary(min_size=1, max_size=9).map(lambda b: b * 700))


def entry(seq: int, area: str | None, unit: UUID, grade: int) -> Recorded:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    return Recorded(
        seq, at, "system:test", "case.opened", "case", None, area, (unit,), grade, {}, False
    )


def viewer(
    scope: Scope = "street",
    clearance: int = 2,
    areas: frozenset[str] | None = frozenset(AREAS),
    units: frozenset[UUID] = frozenset(),
    actor: str = "staff:1",
) -> Viewer:
    return Viewer(actor, "work", scope, clearance, areas, units, frozenset({"case.read"}))


viewers = st.builds(
    viewer,
    st.sampled_from(["all", "street", "community", "unit", "none"]),
    st.integers(1, 4),
    st.sampled_from([None, frozenset(AREAS), frozenset(AREAS[:1]), frozenset[str]()]),
    st.frozensets(st.sampled_from(UNITS)),
    st.sampled_from(["staff:1", "staff:2"]),
)
entries = st.lists(
    st.builds(
        entry,
        st.just(0),
        st.sampled_from([None, *AREAS]),
        st.sampled_from(UNITS),
        st.integers(1, 4),
    ),
    min_size=1,
    max_size=8,
)


@given(st.lists(plain, max_size=8))
def test_packed_pieces_of_any_kind_follow_each_other_in_one_gzip_stream(
    pieces: list[bytes],
) -> None:
    """A browser unpacks them as they come: each is whole when its last byte is there."""
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 16)
    assert unpack.decompress(GZIP_HEAD) == b""
    for piece in pieces:
        assert unpack.decompress(packed(piece)) == piece


def test_a_long_piece_is_made_shorter_and_a_short_one_only_framed() -> None:
    long = b"the same words again and again " * 500
    assert len(packed(long)) < len(long) / 10
    assert len(packed(b"x" * STORED_BYTES)) == STORED_BYTES + 5


@given(st.lists(st.tuples(viewers, st.sampled_from([None, *AREAS])), max_size=6), entries)
def test_each_screen_hears_just_what_its_viewer_sees(
    screens: list[tuple[Viewer, str | None]], happened: list[Recorded]
) -> None:
    """Against the rule itself, asked of each screen and each entry."""
    audiences = Audiences()
    joined = [(audiences.join(who, area, 99), who, area) for who, area in screens]
    words = [f"{number}." for number in range(len(happened))]
    for audience in audiences:
        if piece := audience.piece(happened, words):
            for listener in audience.listeners:
                listener.give(piece)
    for listener, who, area in joined:
        heard = b"".join(piece.plain for piece in listener.take()).decode()
        assert heard == "".join(
            word
            for one, word in zip(happened, words, strict=True)
            if (area is None or one.area == area)
            and who.sees(area=one.area, units=one.units, grade=one.grade)
        )


def test_who_sees_the_same_shares_an_audience_until_the_last_has_left() -> None:
    audiences = Audiences()
    one = audiences.join(viewer(actor="staff:1"), "east", 9)
    same = audiences.join(viewer(actor="staff:2"), "east", 9)
    elsewhere = audiences.join(viewer(), "west", 9)
    higher = audiences.join(viewer(clearance=3), "east", 9)
    assert [len(audience.listeners) for audience in audiences] == [2, 1, 1]
    assert len(audiences) == 4
    for listener in (one, same, same, elsewhere, higher):  # leaving twice is leaving
        audiences.leave(listener)
    assert list(audiences) == [] and len(audiences) == 0


@pytest.mark.parametrize(("sizes", "lost"), [([3, 3], False), ([3, 4], True), ([7], False)])
def test_who_is_too_slow_loses_all_and_is_told_once(sizes: list[int], lost: bool) -> None:
    """One large piece is nobody's slowness: it came at once."""
    listener = Listener(limit=6)
    for size in sizes:
        listener.give(Piece(size, b"x"))
    assert listener.lost is lost
    assert len(listener.take()) == (0 if lost else len(sizes))
    listener.lost = False  # it was told
    listener.give(Piece(6, b"y"))
    assert [piece.plain for piece in listener.take()] == [b"y"]
