"""Session descriptions: as the standards write them, as cameras do, and garbage."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.discover.streams.errors import Malformed
from streetwise.discover.streams.sdp import read_sdp, resolve_control

SPS, PPS = bytes.fromhex("6742c00ada0836840000030004"), bytes.fromhex("68ce0fc8")
SETS = ",".join(base64.b64encode(one).decode() for one in (SPS, PPS))
H264 = """v=0
o=- 1 1 IN IP4 192.0.2.7
s=Media Presentation
c=IN IP4 0.0.0.0
t=0 0
a=control:rtsp://192.0.2.7/live/
m=audio 0 RTP/AVP 8
a=rtpmap:8 PCMA/8000
a=control:trackID=2
m=video 0 RTP/AVP 96
b=AS:400
a=rtpmap:96 H264/90000
a=fmtp:96 profile-level-id=42C00A; packetization-mode=1;sprop-parameter-sets=SETS
a=control:trackID=1
""".replace("\n", "\r\n").replace("SETS", SETS)


def test_the_video_of_a_camera_is_found() -> None:
    found = read_sdp(H264.encode())
    video = found.video()
    assert video is not None
    assert (video.codec, video.payload_type, video.clock_hz) == ("h264", 96, 90_000)
    assert video.parameter_sets == (SPS, PPS)
    assert video.fmtp["packetization-mode"] == "1"
    assert (found.control, video.control) == ("rtsp://192.0.2.7/live/", "trackID=1")
    assert [one.kind for one in found.media] == ["audio", "video"]
    assert found.media[0].codec is None


def test_h265_has_its_sets_in_three_parameters_in_any_order() -> None:
    units = {"sps": b"\x42\x01\x01", "vps": b"\x40\x01\x0c", "pps": b"\x44\x01\xc1"}
    fmtp = ";".join(f"sprop-{k}={base64.b64encode(v).decode()}" for k, v in units.items())
    body = f"m=video 0 RTP/AVP 98\na=rtpmap:98 H265/90000\na=fmtp:98 {fmtp}\n"
    video = read_sdp(body.encode()).video()
    assert video is not None and video.codec == "h265"
    assert video.parameter_sets == (units["vps"], units["sps"], units["pps"])


def test_a_set_that_cannot_be_read_is_left_out() -> None:
    body = (
        "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\n"
        "a=fmtp:96 sprop-parameter-sets=,%%%,AA==,Z0LACtoI\n"
    )
    video = read_sdp(body.encode()).video()
    assert video is not None
    assert video.parameter_sets == (base64.b64decode("Z0LACtoI"),)


def test_what_we_cannot_read_is_no_video() -> None:
    body = (
        b"m=video 0 RTP/AVP 26\r\na=rtpmap:26 JPEG/90000\r\nm=video x\r\nm=application 0 TCP y\r\n"
    )
    assert read_sdp(body).video() is None
    with pytest.raises(Malformed):
        read_sdp(b"v=0\r\n")
    with pytest.raises(Malformed):
        read_sdp(b"m=audio 0 RTP/AVP 0\n" * 40)


@pytest.mark.parametrize(
    ("base", "control", "whole"),
    [
        ("rtsp://h/live", None, "rtsp://h/live"),
        ("rtsp://h/live", "*", "rtsp://h/live"),
        ("rtsp://h/live", "trackID=1", "rtsp://h/live/trackID=1"),
        ("rtsp://h/live/", "trackID=1", "rtsp://h/live/trackID=1"),
        ("rtsp://h/live?a=b", "trackID=1", "rtsp://h/live?a=b/trackID=1"),
        ("rtsp://h/live", "rtsp://10.0.0.1/x", "rtsp://10.0.0.1/x"),
        ("rtsp://h:8554/live/a", "/other/track1", "rtsp://h:8554/other/track1"),
    ],
)
def test_control_addresses_are_resolved(base: str, control: str | None, whole: str) -> None:
    assert resolve_control(base, control) == whole


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(
            st.one_of(
                st.sampled_from(H264.splitlines()),
                st.text(max_size=30).map(lambda text: "a=fmtp:96 " + text),
                st.text(max_size=30).map(lambda text: "m=video 0 RTP/AVP " + text),
                st.text(max_size=30).map(lambda text: "a=rtpmap:" + text),
            ),
            max_size=12,
        ).map(lambda lines: "\n".join(lines).encode("utf-8", "replace")),
    )
)
def test_garbage_is_malformed_and_nothing_else(body: bytes) -> None:
    try:
        found = read_sdp(body)
        for one in found.media:
            resolve_control("rtsp://h/a", one.control)
    except Malformed:
        return
