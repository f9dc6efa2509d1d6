"""One session with a scripted camera, bytes passed by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from discover.streams.clips import clip, expected
from discover.streams.server import Camera, Script, playing
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.discover.streams.address import read_address
from streetwise.discover.streams.digest import Credentials
from streetwise.discover.streams.errors import Reason
from streetwise.discover.streams.messages import Request, format_message, header
from streetwise.discover.streams.session import Event, RtspSession
from streetwise.discover.streams.settings import StreamSettings
from streetwise.discover.streams.smart import SmartRule
from streetwise.discover.streams.talk import Ended, Moved, Playing
from streetwise.discover.values import CodedPicture

SETTINGS = StreamSettings()
URL = "rtsp://192.0.2.7/live"
WHO = Credentials("admin", "hunter2")


def rule(now: float = 0.0) -> SmartRule:
    return SmartRule(now, no_key_s=15.0, keys_back=3, heal_s=30.0)


def made(
    *, who: Credentials | None = None, smart: SmartRule | None = None, **more: object
) -> RtspSession:
    some = replace(SETTINGS, **more)  # type: ignore[arg-type]
    return RtspSession("c1", read_address(URL), smart or rule(), some, who=who)


def talk(session: RtspSession, camera: Camera, now: float = 0.0, step: int = 0) -> list[Event]:
    """Pass bytes until both are quiet; ``step``: the client gets so many at a time."""
    events: list[Event] = []
    tail = b""
    if session.state == "new":
        session.start(now)
    for _ in range(40):
        out = session.take_outgoing()
        if not out:
            return events
        answer = camera.feed(out)
        for at in range(0, len(answer), step or max(1, len(answer))):
            tail += answer[at : at + (step or len(answer))]
            tail = tail[session.receive(tail, len(tail), now) :]
            events += session.take_events()
    raise AssertionError("they never came to an end")


def end(events: list[Event]) -> Ended:
    assert isinstance(events[-1], Ended)
    return events[-1]


@pytest.mark.parametrize("step", [0, 1, 7])
def test_a_camera_is_asked_and_plays(step: int) -> None:
    pictures = clip("h264")
    camera = Camera(playing("h264", pictures))
    session = made()
    first, *rest = talk(session, camera, step=step)
    assert camera.methods == ["OPTIONS", "DESCRIBE", "SETUP", "PLAY"]
    assert [one.uri for one in camera.asked][1:] == [URL, URL + "/trackID=1", URL + "/"]
    assert header(camera.asked[3], "Session") == "77"
    assert first == Playing()
    assert [one.data for one in rest if isinstance(one, CodedPicture)] == [
        expected("h264", one) for one in pictures if one.key
    ]
    assert session.state == "playing"


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", None])
def test_a_password_is_proved(algorithm: str | None) -> None:
    script = Script(login=("admin", "hunter2"), algorithm=algorithm)
    camera = Camera(script)
    assert talk(made(who=WHO), camera) == [Playing()]
    # Asked once without, then everything is proved unasked.
    assert camera.methods == ["OPTIONS", "OPTIONS", "DESCRIBE", "SETUP", "PLAY"]


def test_a_wrong_password_is_tried_once() -> None:
    camera = Camera(Script(login=("admin", "other")))
    ended = end(talk(made(who=WHO), camera))
    assert ended.reason is Reason.UNAUTHORISED
    assert camera.methods == ["OPTIONS", "OPTIONS"]
    assert "hunter2" not in ended.said


def test_an_old_nonce_is_replaced_once() -> None:
    camera = Camera(Script(login=("admin", "hunter2"), stale_once=True))
    assert talk(made(who=WHO), camera) == [Playing()]
    assert camera.methods[:3] == ["OPTIONS"] * 3


def test_without_a_password_there_is_nothing_to_prove() -> None:
    assert end(talk(made(), Camera(Script(login=("a", "b"))))).reason is Reason.UNAUTHORISED


@pytest.mark.parametrize(
    ("method", "status", "reason"),
    [
        ("DESCRIBE", 404, Reason.NOT_FOUND),
        ("DESCRIBE", 403, Reason.UNAUTHORISED),
        ("SETUP", 461, Reason.UNSUPPORTED),
        ("SETUP", 453, Reason.BUSY),
        ("PLAY", 454, Reason.NOT_FOUND),
        ("PLAY", 500, Reason.REJECTED),
    ],
)
def test_a_refusal_has_its_reason(method: str, status: int, reason: Reason) -> None:
    ended = end(talk(made(), Camera(Script(statuses={method: [status]}))))
    assert ended.reason is reason
    assert method in ended.said and str(status) in ended.said


def test_a_camera_that_does_not_know_options_plays_all_the_same() -> None:
    assert talk(made(), Camera(Script(statuses={"OPTIONS": [501]}))) == [Playing()]


def test_what_has_no_video_for_us_is_unsupported() -> None:
    sdp = b"m=video 0 RTP/AVP 26\r\na=rtpmap:26 JPEG/90000\r\n"
    assert end(talk(made(), Camera(Script(sdp=sdp)))).reason is Reason.UNSUPPORTED
    assert end(talk(made(), Camera(Script(sdp=b"junk")))).reason is Reason.GARBLED
    assert end(talk(made(), Camera(Script(channels="x")))).reason is Reason.UNSUPPORTED


def test_a_redirect_is_followed_to_the_same_host_only() -> None:
    def to(location: str, session: RtspSession | None = None) -> Event:
        script = Script(statuses={"DESCRIBE": [302]}, location=location)
        return talk(session or made(), Camera(script))[-1]

    moved = to("rtsp://192.0.2.7:8554/other?t=1")
    assert isinstance(moved, Moved) and moved.address.port == 8554
    for bad in ("rtsp://203.0.113.1/x", "http://192.0.2.7/", ""):
        event = to(bad)
        assert isinstance(event, Ended) and event.reason is Reason.REDIRECTED
    allowed = to("rtsp://203.0.113.1/x", made(other_hosts=True))
    assert isinstance(allowed, Moved)
    assert isinstance(to("rtsp://192.0.2.7/again", made(redirects_most=0)), Ended)


def test_no_answer_in_time_ends_it() -> None:
    session = made()
    talk(session, Camera(Script(silent=frozenset({"SETUP"}))))
    session.tick(SETTINGS.answer_s)
    assert session.take_events() == []
    session.tick(SETTINGS.answer_s + 0.1)
    ended = end(session.take_events())
    assert (ended.reason, ended.said) == (Reason.TIMED_OUT, "no answer to SETUP in time")


def test_it_is_kept_alive_within_the_servers_timeout() -> None:
    camera = Camera(Script(timeout=";timeout=20"))
    session = made(stall_s=1000.0)
    talk(session, camera)
    at = [now for now in range(60) if _kept(session, camera, float(now))]
    assert at == [10, 20, 30, 40, 50]
    assert camera.methods[4:] == ["GET_PARAMETER"] * 5


def _kept(session: RtspSession, camera: Camera, now: float) -> bool:
    before = len(camera.asked)
    session.tick(now)
    assert talk(session, camera, now) == []
    return len(camera.asked) > before


def test_a_server_without_get_parameter_is_kept_alive_by_options() -> None:
    for script in (Script(public="OPTIONS, PLAY"), Script(statuses={"GET_PARAMETER": [501]})):
        camera = Camera(script)
        session = made(stall_s=1000.0)
        talk(session, camera)
        for now in (40.0, 80.0):
            assert _kept(session, camera, now)
        assert camera.methods[-1] == "OPTIONS"
        assert session.state == "playing"


def test_a_session_that_the_server_has_forgotten_is_over() -> None:
    camera = Camera(Script(statuses={"GET_PARAMETER": [454]}))
    session = made(stall_s=1000.0)
    talk(session, camera)
    session.tick(40.0)
    assert end(talk(session, camera, 40.0)).reason is Reason.NOT_FOUND


def test_a_stall_is_noticed_and_torn_down() -> None:
    camera = Camera(playing("h264", clip("h264")))
    session = made()
    talk(session, camera, now=5.0)
    session.tick(5.0 + SETTINGS.stall_s)
    assert session.take_events() == []
    session.tick(5.1 + SETTINGS.stall_s)
    assert end(session.take_events()).reason is Reason.STALLED
    camera.feed(session.take_outgoing())
    assert camera.methods[-1] == "TEARDOWN"


def test_stopping_says_teardown_with_the_session() -> None:
    camera = Camera(Script())
    session = made()
    talk(session, camera)
    session.stop(1.0)
    camera.feed(session.take_outgoing())
    assert camera.methods[-1] == "TEARDOWN"
    assert header(camera.asked[-1], "Session") == "77"
    assert end(session.take_events()).reason is Reason.STOPPED


def test_a_camera_may_ask_us_and_may_leave() -> None:
    session = made()
    talk(session, Camera(Script()))
    ask = format_message(Request("OPTIONS", "*", (("CSeq", "9"),)))
    assert session.receive(ask, len(ask), 1.0) == len(ask)
    assert session.take_outgoing().startswith(b"RTSP/1.0 200 OK\r\nCSeq: 9\r\n")
    bye = b"$\x01\x00\x08\x81\xcb\x00\x01\0\0\0\x07"
    session.receive(bye, len(bye), 1.0)
    assert end(session.take_events()).reason is Reason.CLOSED


def test_base_and_control_with_other_channels() -> None:
    pictures = clip("h265")
    script = playing("h265", pictures, base="rtsp://10.0.0.9/inner/", channels="4-5")
    script.stream = script.stream.replace(b"$\x00", b"$\x04", 1)
    camera = Camera(script)
    talk(made(), camera)
    assert camera.asked[2].uri == "rtsp://10.0.0.9/inner/trackID=1"


def test_a_stream_without_key_frames_is_handed_over_in_full() -> None:
    pictures = clip("h264", every=250, options=(("intra-refresh", "1"),))
    smart = rule()
    session = made(smart=smart, stall_s=1000.0)
    camera = Camera(playing("h264", pictures))
    found = [one for one in talk(session, camera, 0.0) if isinstance(one, CodedPicture)]
    assert [one.key for one in found] == [True]
    session.tick(16.0)
    assert smart.full
    later = camera.script.stream
    session.receive(later, len(later), 17.0)  # the same numbers again: it begins anew
    again = [one for one in session.take_events() if isinstance(one, CodedPicture)]
    assert again == []  # every packet of it has been seen
    fresh = playing("h264", pictures)
    second = made(smart=smart, stall_s=1000.0)
    full = [one for one in talk(second, Camera(fresh), 20.0) if isinstance(one, CodedPicture)]
    assert [one.key for one in full] == [True] + [False] * 11
    assert all(one.whole for one in full)  # they follow a key picture without a gap


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.sampled_from(
                [
                    b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n",
                    b"$\x00\x00\x10",
                    b'RTSP/1.0 401 No\r\nWWW-Authenticate: Digest nonce="a\r"\r\n\r\n',
                ]
            ),
        ),
        max_size=8,
    )
)
def test_no_camera_can_break_a_session(chunks: list[bytes]) -> None:
    for session in (made(who=WHO), made()):
        session.start(0.0)
        if session._who is None:
            talk(session, Camera(Script()))
        tail = b""
        for chunk in chunks:
            tail += chunk
            used = session.receive(tail, len(tail), 1.0)
            assert 0 <= used <= len(tail)
            tail = tail[used:]
        session.take_outgoing()
        assert session.state in ("asking", "playing", "over")
