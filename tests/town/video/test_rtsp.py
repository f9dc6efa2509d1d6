"""The farm's RTSP without a socket: any bytes, in any pieces."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streetwise.town.video.rtsp import BadRequestError, Door, Request, answer, channels, take

ASKED = (
    b"DESCRIBE rtsp://127.0.0.1:1/live/CAM-0001?token=abc RTSP/1.0\r\nCSeq: 3\r\n\r\n"
    b"$\x01\x00\x04abcd"
    b"GET_PARAMETER rtsp://127.0.0.1:1/live/CAM-0001/trackID=0 RTSP/1.0\r\nCSeq: 4\r\n"
    b"Session: 7\r\nContent-Length: 5\r\n\r\nhello"
)


@given(st.lists(st.integers(1, 40), max_size=30))
def test_requests_are_found_however_they_are_cut(cuts: list[int]) -> None:
    buffer, found, at = bytearray(), [], 0
    for size in [*cuts, len(ASKED)]:
        buffer += ASKED[at : at + size]
        at += size
        while (request := take(buffer)) is not None:
            found.append(request)
    assert [one.method for one in found] == ["DESCRIBE", "GET_PARAMETER"]
    assert [one.camera for one in found] == ["CAM-0001", "CAM-0001"]
    assert [one.token for one in found] == ["abc", ""]
    assert not buffer


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_taken_refused_or_waited_for(data: bytes, ended: bool) -> None:
    buffer = bytearray(data + (b"\r\n\r\n" if ended else b""))
    size = len(buffer)
    try:
        found = take(buffer)
    except BadRequestError:
        return
    assert found is None or isinstance(found, Request)
    assert len(buffer) <= size


def test_a_request_without_an_end_is_refused() -> None:
    with pytest.raises(BadRequestError):
        take(bytearray(b"x" * 20_000))
    with pytest.raises(BadRequestError):
        take(bytearray(b"PLAY a RTSP/1.0\r\nContent-Length: 99999999\r\n\r\n"))


def test_basic_opens_for_the_right_password_only() -> None:
    door = Door("basic", "admin", "secret")

    def asked(text: str) -> Request:
        token = base64.b64encode(text.encode()).decode()
        return Request("DESCRIBE", "rtsp://h/c", {"authorization": f"Basic {token}"})

    assert door.opens(asked("admin:secret"), "n")
    assert not door.opens(asked("admin:wrong"), "n")
    assert not door.opens(Request("DESCRIBE", "rtsp://h/c", {}), "n")


def test_digest_is_that_of_the_rfc() -> None:
    # RFC 2069's form as RFC 2326 uses it; worked out once with coreutils' md5sum.
    door = Door("digest", "admin", "secret")
    said = {
        "authorization": 'Digest username="admin", realm="camera", nonce="abc", '
        'uri="rtsp://h/c", response="DIGEST"'
    }
    right = "b54a5374a74a91b22b90429ac60b638b"
    request = Request(
        "DESCRIBE", "rtsp://h/c", {k: v.replace("DIGEST", right) for k, v in said.items()}
    )
    assert door.opens(request, "abc")
    assert not door.opens(request, "abd")
    assert not door.opens(Request("SETUP", request.url, request.headers), "abc")


def test_channels_of_a_transport() -> None:
    assert channels("RTP/AVP/TCP;unicast;interleaved=4-5") == (4, 5)
    assert channels("RTP/AVP;unicast;client_port=1-2, RTP/AVP/TCP;unicast") == (0, 1)
    assert channels("RTP/AVP;unicast;client_port=1-2") is None
    assert channels("RTP/AVP/TCP;interleaved=300-301") is None


def test_answers_say_how_long_their_body_is() -> None:
    text = answer(200, "7", {"Session": "1"}, "街").decode()
    assert "CSeq: 7\r\n" in text
    assert "Content-Length: 3\r\n\r\n街" in text
