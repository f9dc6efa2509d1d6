"""A gateway's places and turns while its cap and its cameras change."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streetwise.discover.streams.gateway import Gateway, Places, split_cap

NAMES = [f"cam{n}" for n in range(6)]


def gateway(cap: int, members: int) -> Gateway:
    made = Gateway(cap, 30.0)
    made.members += NAMES[:members]
    made.follow(cap, set(), 0.0)
    return made


def now_in(one: Gateway, at: float) -> set[str]:
    return {one.members[index] for index in one.rotation.connected(at)}


@example(connected={"cam0", "cam2", "cam5"}, caps=(0, 2), at=0.4)
@given(
    connected=st.sets(st.sampled_from(NAMES)),
    caps=st.tuples(st.integers(0, 7), st.integers(0, 7)),
    at=st.floats(0, 1e6),
)
def test_whoever_may_stay_connected_under_another_cap_does(
    connected: set[str], caps: tuple[int, int], at: float
) -> None:
    one = gateway(caps[0], 6)
    assert one.follow(caps[1], connected, at) == (caps[0] != caps[1])
    if caps[0] == caps[1]:
        return
    inside = now_in(one, at)
    assert len(inside) == (caps[1] if 0 < caps[1] < 6 else 6)
    windows = [{NAMES[(first + n) % 6] for n in range(caps[1] or 6)} for first in range(6)]
    assert len(inside & connected) == max(len(some & connected) for some in windows)
    for name in NAMES:
        assert (one.turn_ends(name, at) > at) == (name in inside)


def test_a_camera_in_the_place_of_another_is_another_ring() -> None:
    one = gateway(2, 4)
    assert not one.follow(2, set(), 100.0)
    one.members.remove("cam0")
    one.members.append("cam5")
    assert one.follow(2, {"cam2", "cam3"}, 100.0)
    assert now_in(one, 100.0) == {"cam2", "cam3"}


async def test_who_waits_for_a_turn_is_woken_when_turns_change() -> None:
    one, never = gateway(1, 3), asyncio.Event()

    async def waiting() -> None:
        await never.wait()

    wait = asyncio.create_task(one.wait(waiting()))
    await asyncio.sleep(0)
    one.follow(2, set(), 5.0)
    async with asyncio.timeout(20):
        await wait


async def test_what_goes_wrong_while_waiting_is_not_swallowed() -> None:
    async def broken() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await gateway(1, 3).wait(broken())


async def test_places_are_never_more_than_the_cap_of_the_moment() -> None:
    places, inside, leave = Places(1), set[int](), [asyncio.Event() for _ in range(5)]

    async def come(number: int) -> None:
        async with places:
            inside.add(number)
            await leave[number].wait()
            inside.discard(number)

    async def settled() -> int:
        for _ in range(20):
            await asyncio.sleep(0)
        return len(inside)

    tasks = [asyncio.create_task(come(number)) for number in range(5)]
    assert await settled() == 1
    places.resize(3)
    assert await settled() == 3
    places.resize(1)
    for number in sorted(inside)[:2]:
        leave[number].set()
    assert await settled() == 1
    places.resize(0)
    assert await settled() == 3
    for one in leave:
        one.set()
    await asyncio.gather(*tasks)
    assert places.taken == 0


@given(st.integers(0, 40), st.integers(0, 60), st.integers(0, 60))
def test_streams_and_pictures_asked_for_never_take_more_than_the_cap(
    cap: int, streams: int, snapshots: int
) -> None:
    for_streams, asked = split_cap(cap, streams, snapshots)
    if cap == 0:
        assert (for_streams, asked) == (0, 0)
        return
    # The streams' part must not become 0: that would be no cap at all.
    assert for_streams >= 1
    assert asked <= snapshots
    if streams:
        assert for_streams + asked <= cap
        assert asked >= 1 or not snapshots or cap == 1
    else:
        assert asked == min(cap, snapshots)
