"""An eye from coded pictures to what it tells: findings with masked pictures, once."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from discover.cards import card
from discover.engine.seeing import (
    CAR,
    CLOCK,
    PERSON,
    WALL,
    WIDTH,
    ZONE,
    RedIsCar,
    Street,
    coded,
    painted,
)
from PIL import Image

from streetwise.discover.engine.eye import Eye, EyeSettings
from streetwise.discover.engine.orders import Charge, pictures_of
from streetwise.discover.engine.wire import Message
from streetwise.discover.scenes import shipped_scenes
from streetwise.discover.values import Bgr, CodedPicture, Zone


def seen(data: bytes) -> Bgr:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))[:, :, ::-1]


def standing() -> Street:
    """A free street for a while, then a car that stays."""
    street = Street()
    street.charge()
    street.live(60, painted())
    street.live(300, painted([CAR], people=True))
    return street


def test_a_car_that_stays_is_one_finding_with_before_and_during() -> None:
    street = standing()
    (opened,) = street.of("opened")
    told = opened.fields
    assert (told["camera"], told["zone"], told["scene"]) == ("c1", "z1", "no_stopping")
    assert 60 <= told["since"] - WALL <= 90
    assert told["at"] - told["since"] >= 180
    assert told["box"][0] == pytest.approx(CAR[0] / WIDTH, abs=0.02)
    pictures = pictures_of(opened)
    during, before = seen(pictures["during"]), seen(pictures["before"])
    assert red(during) > 500
    assert red(before) == 0
    assert told["before_at"] < told["since"]


def red(bgr: Bgr) -> int:
    picture = bgr.astype(int)
    return int(((picture[:, :, 2] > 180) & (picture[:, :, 1] < 90)).sum())


def stripes(bgr: Bgr) -> float:
    """How much of what the person wears can be made out: the step from one pixel to the next."""
    left, top, right, bottom = PERSON
    green = bgr[top + 4 : bottom - 4, left + 2 : right - 2, 1].astype(int)
    return float(np.median(np.abs(np.diff(green, axis=1))))


def test_of_a_person_in_the_evidence_nothing_can_be_made_out() -> None:
    assert stripes(seen(coded(painted(people=True), 0.0).data)) > 15
    pictures = pictures_of(standing().of("opened")[0])
    assert stripes(seen(pictures["during"])) < 6


def test_when_the_car_has_gone_the_finding_is_cleared_once_with_a_picture_after() -> None:
    street = standing()
    street.live(120, painted())
    (cleared,) = street.of("cleared")
    assert cleared.fields["looks"] >= 3
    assert 360 <= cleared.fields["since"] - WALL <= 390
    assert red(seen(pictures_of(cleared)["after"])) == 0
    assert len(street.of("opened")) == 1
    free = [one.fields["free"] for one in street.of("looked")]
    # Seen again and again, then free: as often as its scene asks, and never seen in between.
    assert sum(free) == cleared.fields["looks"]
    assert free == sorted(free)


def test_a_car_that_drives_through_is_nothing() -> None:
    street = Street()
    street.charge()
    for left in range(0, 240, 40):
        street.live(4, painted([(left, 110, left + 60, 150)]))
        street.live(30, painted())
    assert street.of("opened") == []


def test_another_eye_that_remembers_does_not_open_the_same_again() -> None:
    first = standing()
    memory = first.of("memory")[-1]  # told with the finding
    second = Street()
    second.now = first.now + 20
    second.charge()
    second.eye.remember(memory, second.now)
    second.live(300, painted([CAR]))
    assert second.of("opened") == []
    second.live(120, painted())
    assert len(second.of("cleared")) == 1


def test_what_comes_to_be_known_after_the_first_looks_is_taken_over_all_the_same() -> None:
    memory = standing().of("memory")[-1]
    second = Street()
    second.now = memory.fields["at"] - WALL + 20
    second.charge()
    second.live(20, painted([CAR]))
    second.eye.remember(memory, second.now)
    second.live(300, painted([CAR]))
    assert second.of("opened") == []


def test_dark_pictures_clear_nothing_and_are_told_once() -> None:
    street = standing()
    dark = np.zeros_like(painted())
    street.live(200, dark)
    assert street.of("cleared") == []
    assert [one.fields["state"] for one in street.of("view")] == ["clear", "dark"]
    street.live(20, painted([CAR]))
    assert street.of("view")[-1].fields["state"] == "clear"
    assert len(street.of("opened")) == 1


def test_a_damaged_picture_is_told_with_its_reason_and_the_next_is_looked_at() -> None:
    street = Street()
    street.charge()
    street.eye.put(CodedPicture("c1", "jpeg", b"no picture", 0.0))
    street.told += street.eye.step(0.0)
    (view,) = street.of("view")
    assert view.fields["state"] == "damaged"
    assert view.fields["why"] == "the picture is damaged"
    assert street.marks == [7, -1]
    street.now = 2.0
    street.live(4, painted())
    assert street.detector.looks >= 1


def test_a_picture_of_long_ago_and_one_of_a_strange_camera_are_dropped() -> None:
    street = Street()
    street.charge()
    street.eye.put(coded(painted(), 0.0))
    street.eye.put(coded(painted(), 99.0, camera="strange"))
    street.eye.step(100.0)
    assert street.eye.decoded == 0


def test_where_nothing_moves_it_is_looked_at_all_the_same_but_seldom() -> None:
    street = Street()
    street.charge()
    street.live(600, painted())
    # Learning takes its time at the full cadence; then once in two minutes.
    assert 5 <= street.detector.looks <= 20


def test_a_held_scene_is_looked_at_often_and_each_look_is_told() -> None:
    street = Street()
    street.charge(held=frozenset(["no_stopping"]))
    street.live(120, painted())
    looks = street.of("looked")
    assert len(looks) >= 11
    assert all(one.fields["free"] for one in looks)
    street.live(30, painted([CAR]))
    assert not street.of("looked")[-1].fields["free"]


def test_whoever_may_look_gets_a_masked_picture() -> None:
    street = Street()
    street.charge()
    street.eye.ask("c1", "r1")
    street.live(2, painted(people=True))
    (shown,) = street.of("shown")
    assert shown.fields["requests"] == ["r1"]
    assert stripes(seen(pictures_of(shown)["now"])) < 6


def test_without_a_detector_scenes_are_said_to_be_unserved_and_pictures_are_mosaics() -> None:
    street = Street(detectors=[])
    street.charge()
    assert street.of("unserved")[-1].fields["scenes"] == [["c1", "no_stopping"]]
    street.eye.ask("c1", "r1")
    street.live(2, painted([CAR]))
    picture = seen(pictures_of(street.of("shown")[0])["now"])
    # Blocks of ten pixels, 32 of them across: hardly a step from one pixel to the next.
    steps = (np.abs(np.diff(picture[:, :, 2].astype(int), axis=1)) > 12).mean()
    assert steps < 0.12


def test_zones_drawn_anew_begin_anew_and_a_camera_taken_away_is_forgotten() -> None:
    street = standing()
    other = Zone("c1", "no_stopping", "z2", ZONE.corners)
    street.charge(zones=(other,))
    street.live(300, painted([CAR]))
    assert [one.fields["zone"] for one in street.of("opened")] == ["z1", "z2"]
    street.told += street.eye.take_charge([], street.now)
    before = street.eye.decoded
    street.live(10, painted())
    assert street.eye.decoded == before


def test_cadences_are_told_for_a_whole_stretch_with_what_was_promised() -> None:
    street = Street()
    street.eye._settings = EyeSettings(publish_seconds=60.0, memory_seconds=1e9)
    street.charge()
    street.live(130, painted())
    told = street.of("cadences")
    assert len(told) == 2
    assert told[0].fields["seconds"] == 60.0
    assert told[0].fields["at"] == pytest.approx(WALL + 60, abs=2)
    ((camera, scene, promised, looks, *_),) = told[0].fields["rows"]
    assert (camera, scene, promised) == ("c1", "no_stopping", 120.0)
    assert looks >= 1


def another_view() -> Bgr:
    """What the camera shows after somebody has turned it."""
    return np.ascontiguousarray(np.rot90(painted(), 2))


def moved() -> Street:
    """A camera that learnt its view and was turned, as its eye has told."""
    street = Street(memory_seconds=30.0)
    street.charge()
    street.live(120, painted())
    street.live(60, another_view())
    assert states(street)[-1] == "moved"
    return street


def states(street: Street) -> list[str]:
    return [one.fields["state"] for one in street.of("view")]


def test_a_moved_camera_stays_moved_for_the_eye_that_comes_after() -> None:
    first = moved()
    second = Street()
    second.now = first.now + 5
    second.charge()
    second.eye.remember(first.of("memory")[-1], second.now)
    second.live(60, another_view())
    assert states(second) == ["moved"]
    # Turned back, it is as it was.
    second.live(60, painted())
    assert states(second)[-1] == "clear"


def test_one_that_was_never_moved_is_not_remembered_and_one_that_is_back_no_more() -> None:
    street = moved()
    street.live(60, painted())
    assert states(street)[-1] == "clear"
    street.live(40, painted())
    assert street.of("memory")[-1].fields["gates"] == []
    assert street.of("memory")[0].fields["gates"] == []


def test_a_view_that_somebody_accepted_is_the_one_that_is_meant() -> None:
    street = moved()
    street.charge(view=1)
    street.live(60, another_view())
    assert states(street)[-1] == "clear"
    street.live(60, painted())
    assert states(street)[-1] == "moved"


def test_what_an_eye_knew_of_a_view_that_is_no_longer_meant_is_nothing_to_the_next() -> None:
    first = moved()
    second = Street()
    second.now = first.now + 5
    second.charge(view=1)
    second.eye.remember(first.of("memory")[-1], second.now)
    second.live(60, another_view())
    assert states(second) == ["clear"]


def overloaded(*, blind: bool = False) -> list[list[Any]]:
    """What is told to be left out by an eye that comes to nothing for some minutes."""
    eye = Eye(
        [RedIsCar(card())],
        shipped_scenes(),
        CLOCK,
        settings=EyeSettings(publish_seconds=600.0, memory_seconds=1e9),
    )
    eye.take_charge([Charge(7, "c1", (ZONE,)), Charge(8, "c2", (replace(ZONE, camera="c2"),))], 0.0)
    now, told = 0.0, list[Message]()
    while now < 720:
        eye.put(coded(painted(), now))
        if blind:
            eye.put(coded(np.zeros_like(painted()), now, "c2"))
        # From second 100 to second 550 the eye only gets as far as its pictures.
        if 100 < now < 550:
            eye._settings = replace(eye._settings, batch_pictures=0)
        else:
            eye._settings = replace(eye._settings, batch_pictures=4)
        told += eye.step(now)
        now += 2.0
    assert [one.fields["began"] for one in told if one.kind == "overload"] == [True, False]
    (cadences,) = [one for one in told if one.kind == "cadences"]
    shed: list[list[Any]] = cadences.fields["shed"]
    return shed


def test_looks_that_were_left_out_under_load_are_told() -> None:
    ((camera, scene, left_out),) = overloaded()
    assert (camera, scene) == ("c1", "no_stopping")
    # After one within the first minute the next was due every 120 s: four before second 550, of
    # which the last came late.
    assert left_out == 3


def test_a_camera_that_shows_nothing_has_no_looks_left_out() -> None:
    assert [row[0] for row in overloaded(blind=True)] == ["c1"]


def test_without_an_overload_nothing_is_left_out() -> None:
    street = Street()
    street.eye._settings = replace(street.eye._settings, publish_seconds=600.0)
    street.charge()
    street.live(300, painted())
    street.now += 400  # the stream is down
    street.live(20, painted())
    (cadences,) = street.of("cadences")
    assert cadences.fields["shed"] == []
