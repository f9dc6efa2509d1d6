"""What an eye knows, taken apart by camera and put together for the next one."""

from __future__ import annotations

from streetwise.discover.engine.memory import Kept, by_camera, memory, of_cameras
from streetwise.discover.engine.wire import Message

ROWS = [{"camera": "a", "zone": "1"}, {"camera": "b", "zone": "1"}, {"camera": "a", "zone": "2"}]
GATES = [{"camera": "b", "view": 3, "state": {}}]
WHOLE = memory(5.0, ROWS, GATES, ["a", "b", "c"])


def test_each_camera_has_its_rows_and_one_without_any_has_none() -> None:
    pieces = by_camera(WHOLE)
    assert pieces["a"].fields["rules"] == [ROWS[0], ROWS[2]]
    assert pieces["b"].fields["gates"] == GATES
    assert (pieces["c"].fields["rules"], pieces["c"].fields["gates"]) == ([], [])
    assert all(piece.fields["at"] == 5.0 for piece in pieces.values())


def test_an_eye_gets_what_is_of_its_cameras() -> None:
    mine = of_cameras(WHOLE, {"b", "z"})
    assert mine is not None
    assert (mine.fields["rules"], mine.fields["gates"]) == ([ROWS[1]], GATES)
    assert mine.fields["cameras"] == ["b"]
    assert of_cameras(WHOLE, {"z"}) is None


def told(camera: str, at: float) -> Message:
    return memory(at, [], [], [camera])


def test_what_was_on_its_way_when_a_camera_moved_counts_until_the_next_machine_tells() -> None:
    kept = Kept()
    assert kept.learn("a", told("a", 1.0), by="first", owner="first")
    assert kept.learn("a", told("a", 2.0), by="first", owner="second")
    assert kept.of(["a", "b"]) == [told("a", 2.0)]
    assert kept.learn("a", told("a", 3.0), by="second", owner="second")
    assert not kept.learn("a", told("a", 4.0), by="first", owner="second")
    assert kept.of(["a"]) == [told("a", 3.0)]


def test_a_camera_that_is_watched_no_longer_is_forgotten() -> None:
    kept = Kept()
    kept.given("a", told("a", 0.5))
    assert kept.learn("b", told("b", 1.0), by="first", owner="first")
    kept.forget_all_but({"a"})
    assert kept.of(["a", "b"]) == [told("a", 0.5)]
    assert kept.learn("b", told("b", 2.0), by="second", owner="second")
