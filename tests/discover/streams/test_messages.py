"""RTSP on the wire: whole, in pieces, and garbage."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.discover.streams.errors import Malformed
from streetwise.discover.streams.messages import (
    Interleaved,
    Limits,
    Message,
    Reader,
    Request,
    Response,
    all_headers,
    cseq,
    format_frame,
    format_message,
    header,
)

#: RFC 2326 §10.2, §10.5, shortened to what is read.
DESCRIBE = (
    b"RTSP/1.0 200 OK\r\nCSeq: 312\r\nDate: 23 Jan 1997 15:35:06 GMT\r\n"
    b"Content-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n"
)
PLAY = b"PLAY rtsp://example.com/twister RTSP/1.0\r\nCSeq: 4\r\nSession: 12345678\r\n\r\n"

texts = st.text("abz09/:;,=é街🚲", max_size=20)
names = st.text("ABCDEFabcdef-", min_size=1, max_size=12).map(lambda name: "X-" + name)
headers = st.lists(st.tuples(names, texts), max_size=5).map(tuple)
bodies = st.binary(max_size=60)
requests = st.builds(
    Request,
    st.sampled_from(["OPTIONS", "PLAY", "SET_UP"]),
    texts.map(lambda t: "rtsp://h/" + t),
    headers,
    bodies,
)
responses = st.builds(Response, st.integers(100, 599), texts, headers, bodies)
frames = st.builds(Interleaved, st.integers(0, 255), st.binary(max_size=80))


def wire(item: Message | Interleaved) -> bytes:
    if isinstance(item, Interleaved):
        return format_frame(item.channel, item.payload)
    return format_message(item)


def plain(item: Message | Interleaved) -> Message | Interleaved:
    """Without the length that the writer adds."""
    if isinstance(item, Interleaved):
        return item
    kept = tuple(one for one in item.headers if one[0] != "Content-Length")
    if isinstance(item, Request):
        return Request(item.method, item.uri, kept, item.body)
    return Response(item.status, item.reason, kept, item.body)


def test_the_examples_of_the_standard_are_read() -> None:
    answer, ask = Reader().feed(DESCRIBE + PLAY)
    assert isinstance(answer, Response)
    assert (answer.status, answer.reason, answer.body, cseq(answer)) == (200, "OK", b"v=0\r\n", 312)
    assert isinstance(ask, Request)
    assert (ask.method, ask.uri) == ("PLAY", "rtsp://example.com/twister")
    assert header(ask, "SESSION") == "12345678"


@settings(max_examples=120, deadline=None)
@given(
    items=st.lists(st.one_of(requests, responses, frames), max_size=5),
    cuts=st.lists(st.integers(0, 2000), max_size=12),
)
def test_what_is_written_is_read_however_it_is_cut(
    items: list[Message | Interleaved], cuts: list[int]
) -> None:
    stream = b"\r\n".join(wire(item) for item in items)
    if any(isinstance(item, Interleaved) for item in items):
        stream = b"".join(wire(item) for item in items)
    reader = Reader()
    found: list[Message | Interleaved] = []
    edges = sorted({0, len(stream), *(min(cut, len(stream)) for cut in cuts)})
    for begin, end in zip(edges, edges[1:], strict=False):
        found += reader.feed(stream[begin:end])
    assert [plain(item) for item in found] == items


@settings(max_examples=200, deadline=None)
@given(
    data=st.lists(
        st.one_of(
            st.binary(max_size=80),
            st.sampled_from([DESCRIBE, PLAY, b"RTSP/1.0 ", b"\r\n\r\n", b"$"]),
        ),
        max_size=6,
    )
)
def test_garbage_is_malformed_and_nothing_else(data: list[bytes]) -> None:
    reader = Reader(Limits(200, 100))
    for chunk in data:
        try:
            reader.feed(chunk)
        except Malformed:
            return


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x01\x02",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"RTSP/1.0 abc OK\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nno colon\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: 999999\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nX: " + b"a" * 40_000,
    ],
)
def test_each_kind_of_garbage_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        Reader().feed(data)


def test_a_message_within_the_limits_only_waits() -> None:
    assert Reader().feed(b"RTSP/1.0 200 OK\r\nContent-Length: 10\r\n\r\nabc") == []
    assert Reader().feed(b"RTSP/1.0 200 OK\r\nX: a") == []
    assert Reader().feed(b"\r\n\r\n") == []


def test_headers_may_be_folded_and_repeated() -> None:
    (answer,) = Reader().feed(
        b'RTSP/1.0 401 No\r\nWWW-Authenticate: Basic\r\n realm="a"\r\n'
        b"www-authenticate: Digest x\r\n\r\n"
    )
    assert isinstance(answer, Response)
    assert all_headers(answer, "WWW-Authenticate") == ('Basic realm="a"', "Digest x")


def test_nothing_can_be_smuggled_into_a_request() -> None:
    for request in (
        Request("PLAY", "rtsp://h/a\r\nX: y"),
        Request("PLAY", "rtsp://h/a b"),
        Request("PL AY", "rtsp://h/a"),
        Request("PLAY", "rtsp://h/a", (("X", "a\r\nY: b"),)),
        Request("PLAY", "rtsp://h/a", (("X:", "a"),)),
    ):
        with pytest.raises(Malformed):
            format_message(request)
    with pytest.raises(Malformed):
        format_frame(0, bytes(70_000))
