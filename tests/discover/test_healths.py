"""A camera's health from what its stream, its pictures and its decoder say: changes, each once."""

from __future__ import annotations

import pytest

from streetwise.discover.engine.wire import Message
from streetwise.discover.health import HealthNow, Healths


@pytest.fixture
def healths() -> Healths:
    made = Healths()
    made.only({"a", "b"})
    return made


def line(up: bool, reason: str = "refused") -> Message:
    return Message("line", {"camera": "a", "up": up, "reason": reason})


def view(state: str) -> Message:
    return Message("view", {"camera": "a", "state": state})


def crashed(waits: float | None) -> Message:
    return Message("crashed", {"camera": "a", "waits_seconds": waits})


def test_a_first_picture_makes_it_live_and_an_outage_down_until_it_is_over(
    healths: Healths,
) -> None:
    assert healths.heard(view("clear")) == [HealthNow("a", "live", None)]
    assert healths.heard(view("clear")) == []
    assert healths.heard(line(False)) == [HealthNow("a", "down", "refused")]
    assert healths.heard(line(False)) == []
    assert healths.heard(line(True)) == [HealthNow("a", "live", None)]


def test_one_that_was_not_yet_tried_is_not_down(healths: Healths) -> None:
    assert healths.heard(line(False, "waiting")) == [HealthNow("a", "unknown", None)]
    assert healths.heard(line(False)) == [HealthNow("a", "down", "refused")]
    healths.heard(line(True))
    assert healths.heard(line(False, "waiting")) == [HealthNow("a", "down", "waiting")]


def test_night_is_no_fault_but_a_moved_or_covered_camera_must_be_aimed(healths: Healths) -> None:
    assert healths.heard(view("dark")) == [HealthNow("a", "live", None)]
    assert healths.heard(view("moved")) == [HealthNow("a", "aim", "moved")]
    assert healths.heard(view("covered")) == [HealthNow("a", "aim", "covered")]
    assert healths.heard(view("clear")) == [HealthNow("a", "live", None)]


def test_of_several_faults_the_worst_is_shown(healths: Healths) -> None:
    healths.heard(view("moved"))
    assert healths.heard(view("damaged")) == [HealthNow("a", "down", "damaged")]
    assert healths.heard(line(False)) == [HealthNow("a", "down", "refused")]
    assert healths.heard(line(True)) == [HealthNow("a", "down", "damaged")]
    assert healths.heard(view("moved")) == [HealthNow("a", "aim", "moved")]


def test_one_crash_may_be_chance_and_two_are_not(healths: Healths) -> None:
    healths.heard(view("clear"))
    assert healths.heard(crashed(None)) == []
    assert healths.heard(crashed(600.0)) == [HealthNow("a", "down", "crashes")]
    # Tried again after its wait, and it can be decoded.
    assert healths.heard(view("clear")) == [HealthNow("a", "live", None)]
    assert healths.heard(Message("cadences", {"rows": []})) == []


def test_a_camera_that_is_not_watched_is_not_spoken_of(healths: Healths) -> None:
    healths.only({"b"})
    assert healths.heard(view("clear")) == []


def test_a_reader_that_begins_anew_says_what_is_up_and_the_outage_is_over(
    healths: Healths,
) -> None:
    healths.heard(line(False))
    rows = [["a", "up", 3, 2.0, 0, 0, 0, False], ["b", "new", 0, None, 0, 0, 0, False]]
    assert healths.heard(Message("streams", {"rows": rows})) == [HealthNow("a", "live", None)]
    assert healths.heard(Message("streams", {"rows": rows})) == []
