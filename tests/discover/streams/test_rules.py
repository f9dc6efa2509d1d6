"""The pure rules of streams: back-off, rotation, slots, smart codecs, health."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.discover.streams.backoff import Backoff, stagger_s
from streetwise.discover.streams.errors import Malformed, Reason
from streetwise.discover.streams.health import CameraHealth, Line
from streetwise.discover.streams.jpeg import check_jpeg
from streetwise.discover.streams.rotation import Rotation
from streetwise.discover.streams.slots import Slots
from streetwise.discover.streams.smart import SmartRule
from streetwise.discover.values import CodedPicture


def picture(
    camera: str, at: float, *, key: bool = True, size: int = 10, whole: bool = True
) -> CodedPicture:
    return CodedPicture(camera, "h264", bytes(size), at, key, whole)


# -- back-off ---------------------------------------------------------------------------------


def test_waits_grow_to_a_most_and_chance_takes_its_share() -> None:
    rule = Backoff(2.0, 2.0, 60.0, 0.5)
    assert [rule.wait_s(n, 0.0) for n in (1, 2, 3, 6, 10_000_000)] == [2, 4, 8, 60, 60]
    assert rule.wait_s(3, 1.0) == 4.0
    assert rule.wait_s(0, 0.0) == 2.0


@given(st.integers(0, 10**9), st.floats(0, 1), st.floats(0, 1))
def test_a_wait_is_never_longer_than_the_most_nor_nothing(
    failures: int, chance: float, jitter: float
) -> None:
    wait = Backoff(2.0, 1.7, 120.0, jitter).wait_s(failures, chance)
    assert 0 <= wait <= 120
    assert wait >= 2.0 * (1 - jitter) - 1e-9


def test_the_first_connections_are_spread() -> None:
    assert [stagger_s(n, 4, 20.0) for n in range(4)] == [0, 5, 10, 15]
    assert stagger_s(0, 0, 20.0) == 0


# -- rotation ---------------------------------------------------------------------------------

rotations = st.builds(
    Rotation,
    st.integers(1, 40),
    st.integers(0, 45),
    st.floats(1.0, 100.0),
    st.floats(-1000.0, 1000.0),
)


@settings(max_examples=150, deadline=None)
@given(rotations, st.floats(0, 50))
def test_the_cap_holds_and_turns_agree_with_who_is_connected(rule: Rotation, cycles: float) -> None:
    at = rule.since + cycles * (rule.cycle_s or 1.0)
    connected = rule.connected(at)
    assert len(connected) == len(set(connected)) == (rule.cap if rule.rotates else rule.count)
    for index in range(rule.count):
        turn = rule.turn(index, at)
        assert (index in connected) == (turn.begins <= at + 1e-6)
        assert turn.ends > at - 1e-6
        if rule.rotates:
            assert turn.ends - turn.begins == pytest.approx(rule.dwell_s)
            assert turn.begins <= at + rule.cycle_s + 1e-6


@settings(max_examples=60, deadline=None)
@given(rotations)
def test_in_one_cycle_everybody_is_connected_equally_long(rule: Rotation) -> None:
    if not rule.rotates:
        assert rule.connected(rule.since) == tuple(range(rule.count))
        assert rule.turn(0, rule.since).ends == math.inf
        return
    seen = Counter[int]()
    for step in range(rule.count):
        seen.update(rule.connected(rule.since + (step + 0.5) * rule.step_s))
    assert seen == dict.fromkeys(range(rule.count), rule.cap)
    assert rule.cycle_s == pytest.approx(rule.count * rule.dwell_s / rule.cap)


def test_whoever_waits_for_the_end_of_a_turn_gets_the_next_one() -> None:
    rule = Rotation(7, 3, 10.1, 123.4)
    at = rule.since
    begins = []
    for _ in range(50):
        turn = rule.turn(5, at)
        begins.append(turn.begins)
        at = turn.ends
    assert len(set(begins)) == 50
    assert all(
        later - sooner == pytest.approx(rule.cycle_s)
        for sooner, later in zip(begins, begins[1:], strict=False)
    )


# -- slots ------------------------------------------------------------------------------------


def test_a_new_picture_takes_the_place_of_the_old_one() -> None:
    slots = Slots(6.0)
    for at in range(5):
        slots.put(picture("a", float(at)))
    assert [one.at for one in slots.take(10.0)] == [4.0]
    assert slots.take(10.0) == ()
    assert (slots.replaced("a"), slots.replaced("b")) == (4, 0)


def test_the_one_that_is_due_longest_comes_first_and_none_too_soon() -> None:
    slots = Slots(6.0)
    for camera in "abc":
        slots.put(picture(camera, 0.0))
    order = [slots.take(float(at))[0].camera for at in range(3)]
    assert sorted(order) == ["a", "b", "c"]
    for camera in "abc":
        slots.put(picture(camera, 3.0))
    assert slots.take(5.99) == ()
    assert [slots.take(at)[0].camera for at in (6.0, 7.0, 8.0)] == order


def test_a_stream_in_full_mode_waits_in_order_from_its_key() -> None:
    slots = Slots(6.0)
    slots.put(picture("a", 0.0))
    slots.put(picture("a", 1.0, key=False))
    slots.put(picture("a", 2.0))
    slots.put(picture("a", 3.0, key=False))
    slots.put(picture("a", 4.0, key=False))
    assert [one.at for one in slots.take(5.0)] == [2.0, 3.0, 4.0]
    slots.put(picture("a", 6.0, key=False))
    assert slots.take(7.0) == ()
    assert [one.at for one in slots.take(11.0)] == [6.0]
    assert slots.replaced("a") == 2


def test_a_run_that_nobody_takes_is_dropped_and_what_follows_is_not_whole() -> None:
    slots = Slots(6.0, run_pictures=3, heal_s=10.0)
    for at in range(4):
        slots.put(picture("a", float(at), key=False))
    run = slots.take(4.0)
    assert [(one.at, one.whole) for one in run] == [(3.0, False)]
    slots.put(picture("a", 14.0, key=False))
    assert [one.whole for one in slots.take(20.0)] == [True]
    by_bytes = Slots(6.0, run_bytes=25)
    for at in range(3):
        by_bytes.put(picture("a", float(at), key=False))
    assert [(one.at, one.whole) for one in by_bytes.take(4.0)] == [(2.0, False)]
    by_bytes.put(picture("a", 3.0))
    assert [one.whole for one in by_bytes.take(20.0)] == [True]


def test_nothing_of_a_camera_that_was_switched_off_is_taken() -> None:
    slots = Slots(6.0)
    slots.put(picture("a", 0.0))
    slots.put(picture("b", 0.0))
    slots.forget("a")
    slots.forget("never seen")
    assert [one.camera for one in slots.take(1.0)] == ["b"]
    assert slots.take(100.0) == ()


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.booleans(), st.booleans(), st.integers(0, 4)),
        max_size=60,
    )
)
def test_all_that_was_put_is_taken_replaced_or_waits(
    steps: list[tuple[str, bool, bool, int]],
) -> None:
    slots, now, put, taken = Slots(2.0, run_pictures=4), 0.0, Counter[str](), Counter[str]()
    for camera, key, take, later in steps:
        now += later
        slots.put(picture(camera, now, key=key))
        put[camera] += 1
        if take:
            run = slots.take(now)
            assert len(run) <= 4
            assert [one.at for one in run] == sorted(one.at for one in run)
            taken.update(one.camera for one in run)
    for _ in range(3):  # at most one run of each camera is left
        taken.update(one.camera for one in slots.take(now + 100))
    assert slots.take(now + 100) == ()
    for camera in "abc":
        assert taken[camera] + slots.replaced(camera) == put[camera]


# -- smart codec ------------------------------------------------------------------------------


def smart(now: float = 0.0) -> SmartRule:
    return SmartRule(now, no_key_s=15.0, keys_back=3, heal_s=30.0)


def test_full_mode_begins_after_long_without_a_key_and_is_said_once() -> None:
    rule = smart()
    rule.key(2.0)
    assert not rule.tick(17.0)
    assert rule.tick(17.1)
    assert not rule.tick(18.0)
    assert rule.full and rule.switches == 1


def test_what_is_decoded_without_a_key_is_clean_only_after_it_has_healed() -> None:
    rule = smart()
    rule.tick(16.0)
    assert not rule.clean(45.9)
    assert rule.clean(46.0)
    rule.gap(50.0)
    assert not rule.clean(51.0)
    rule.key(52.0)
    assert rule.clean(52.0)


def test_key_frames_that_come_regularly_again_end_full_mode() -> None:
    rule = smart()
    rule.tick(16.0)
    back = [rule.key(at) for at in (20.0, 40.0, 42.0, 44.0)]
    assert back == [False, False, False, True]
    assert not rule.full
    assert not rule.tick(59.0)


# -- health -----------------------------------------------------------------------------------


def health(now: float = 0.0) -> CameraHealth:
    return CameraHealth("c1", now, down_after_s=20.0, up_pictures=2)


def test_an_outage_is_one_line_down_and_one_up() -> None:
    one = health()
    lines: list[Line | None] = [one.picture(2.0), one.picture(4.0)]
    one.failed(Reason.CLOSED)
    one.failed(Reason.REFUSED)
    lines += [one.tick(float(at)) for at in range(5, 60)]
    one.failed(Reason.REFUSED)
    lines += [one.picture(60.0), one.picture(62.0), one.picture(64.0), one.tick(70.0)]
    down, up = [line for line in lines if line is not None]
    assert (down.up, down.at, down.reason, down.lasted_s) == (False, 25.0, Reason.REFUSED, 21.0)
    assert (up.up, up.at, up.reason, up.lasted_s) == (True, 62.0, Reason.REFUSED, 58.0)
    assert down.words == "connection refused"
    assert one.report(70.0).outages == 1


def test_a_short_gap_is_no_outage_and_a_flapping_camera_is_one() -> None:
    one = health()
    one.picture(0.0)
    one.failed(Reason.CLOSED)
    assert one.tick(19.0) is None
    assert one.picture(20.0) is None
    lines = [one.tick(41.0)]
    for at in range(50, 200, 10):
        lines += [one.picture(float(at)), one.tick(float(at))]
        one.failed(Reason.CLOSED)
    assert [line.up for line in lines if line] == [False]


def test_a_camera_that_never_came_is_down_too() -> None:
    one = health()
    assert one.report(1.0).state == "new"
    one.failed(Reason.NOT_FOUND)
    line = one.tick(21.0)
    assert line is not None and line.reason is Reason.NOT_FOUND
    assert one.picture(30.0) is None
    back = one.picture(32.0)
    assert back is not None and back.up


def test_connected_without_a_picture_is_no_key_frame() -> None:
    one = health()
    one.picture(0.0)
    line = one.tick(21.0)
    assert line is not None and line.words == "no key frame comes"
    waiting = health().tick(21.0, playing=False)
    assert waiting is not None and waiting.reason is Reason.WAITING


def test_waiting_for_its_turn_is_no_outage_but_turns_without_pictures_are() -> None:
    one = health()
    one.picture(5.0)
    one.pause(10.0)
    assert one.tick(500.0) is None
    one.resume(500.0)
    one.failed(Reason.BUSY)
    assert one.tick(514.0) is None
    one.pause(514.0)
    one.resume(1000.0)
    assert one.tick(1002.0) is not None


def test_the_cadence_is_what_was_reached() -> None:
    one = health()
    assert one.cadence_s(1.0) is None
    for at in range(0, 100, 2):
        one.picture(float(at))
    assert one.cadence_s(99.0) == 2.0
    assert one.cadence_s(120.0) == 22.0
    assert one.report(120.0).pictures == 50


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["picture", "failed", "tick", "wait"]), st.integers(0, 30)),
        max_size=80,
    )
)
def test_lines_alternate_whatever_happens(steps: list[tuple[str, int]]) -> None:
    one, now, lines = health(), 0.0, list[Line]()
    for what, later in steps:
        now += later
        line = None
        if what == "picture":
            line = one.picture(now)
        elif what == "failed":
            one.failed(Reason.STALLED)
        elif what == "tick":
            line = one.tick(now)
        lines += [line] if line else []
    assert [line.up for line in lines] == [n % 2 == 1 for n in range(len(lines))]
    assert one.outages == sum(not line.up for line in lines)


# -- pushed pictures --------------------------------------------------------------------------


def jpeg(width: int, height: int) -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (width, height), (90, 120, 60)).save(out, "JPEG")
    return out.getvalue()


def test_a_picture_is_taken_if_it_is_a_jpeg_of_a_fair_size() -> None:
    data = jpeg(64, 48)
    assert check_jpeg(data, most_bytes=10_000, most_pixels=64 * 48) == (64, 48)
    for bad, most_bytes, most_pixels in (
        (data, len(data) - 1, 10_000),
        (data, 10_000, 64 * 48 - 1),
        (data[:-300], 10_000, 10_000),
        (b"GIF89a", 10_000, 10_000),
        (b"\xff\xd8\xff\xd9", 10_000, 10_000),
        (b"", 10_000, 10_000),
    ):
        with pytest.raises(Malformed):
            check_jpeg(bad, most_bytes=most_bytes, most_pixels=most_pixels)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=80), st.integers(0, 700))
def test_no_picture_can_break_the_check(noise: bytes, at: int) -> None:
    data = bytearray(b"\xff\xd8" + noise + b"\xff\xd9" if at % 2 else jpeg(16, 16))
    data[at % len(data) : at % len(data) + len(noise)] = noise
    try:
        check_jpeg(bytes(data), most_bytes=10_000, most_pixels=1 << 20)
    except Malformed:
        return
