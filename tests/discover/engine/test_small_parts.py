"""The small parts between the processes: messages, crumbs, strikes."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.discover.engine.crumb import NOBODY, Crumb
from streetwise.discover.engine.strikes import StrikeRules, Strikes
from streetwise.discover.engine.wire import Garbled, Message, Unpacker, packed

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
MESSAGES = st.builds(
    Message, st.text(max_size=10), st.dictionaries(st.text(), PLAIN, max_size=4), st.binary()
)


@settings(max_examples=60, deadline=None)
@given(st.lists(MESSAGES, max_size=5), st.integers(1, 40))
def test_messages_come_out_as_they_went_in_whatever_the_pieces(
    messages: list[Message], piece: int
) -> None:
    wire = b"".join(packed(one) for one in messages)
    unpacker = Unpacker()
    got: list[Message] = []
    for at in range(0, len(wire), piece):
        got += unpacker.feed(wire[at : at + piece])
    assert got == messages


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_noise_on_the_wire_is_garbled_or_waited_for(noise: bytes) -> None:
    with suppress(Garbled):
        Unpacker().feed(noise)


@pytest.mark.parametrize("wire", [b"\xff" * 8, b"\0\0\0\2\0\0\0\0[]", b"\0\0\0\6\0\0\0\0[1,{}]"])
def test_what_is_no_message_is_said_to_be_none(wire: bytes) -> None:
    with pytest.raises(Garbled):
        Unpacker().feed(wire)


def test_a_crumb_outlives_the_process_that_left_it() -> None:
    crumb = Crumb.made()
    assert crumb.read() == NOBODY
    died = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os, sys\n"
            "from streetwise.discover.engine.crumb import Crumb\n"
            "Crumb(int(sys.argv[1])).put(41)\n"
            "os.abort()",
            str(crumb.descriptor),
        ],
        pass_fds=[crumb.descriptor],
        capture_output=True,
    )
    assert died.returncode < 0
    assert crumb.read() == 41
    descriptor = crumb.descriptor
    crumb.close()
    with pytest.raises(OSError):
        os.fstat(descriptor)


def test_the_second_crash_in_a_while_makes_a_camera_wait_and_each_one_more_twice_as_long() -> None:
    strikes = Strikes(StrikeRules(1, 100.0, 10.0, 35.0))
    assert strikes.crashed("a", 0.0) is None
    assert strikes.crashed("a", 5.0) == 15.0
    assert strikes.crashed("b", 5.0) is None
    assert strikes.crashed("a", 20.0) == 40.0
    assert strikes.crashed("a", 50.0) == 85.0  # not 40 seconds: no longer than the longest


def test_a_crash_long_ago_is_chance_again() -> None:
    strikes = Strikes(StrikeRules(1, 100.0, 10.0, 35.0))
    strikes.crashed("a", 0.0)
    assert strikes.crashed("a", 100.0) is None
    assert strikes.crashed("a", 101.0) == 111.0
    strikes.good("a", 150.0)
    assert strikes.crashed("a", 151.0) == 171.0  # good for too short a while: it still counts
    strikes.good("a", 171.0 + 100.0)
    assert strikes.crashed("a", 272.0) is None
