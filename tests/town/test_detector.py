"""The detector that ships for the demo: it is what its card says, and sees the town's cameras."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from streetwise.discover.detectors.detector import Detector
from streetwise.discover.detectors.runtime import open_runtime
from streetwise.discover.scenes import shipped_scenes
from streetwise.discover.shapes import overlap
from streetwise.evaluation.detect import Judged, Thing, score
from streetwise.town import detector
from streetwise.town.detector.pictures import CLASSES, LEAST_PIXELS, VIEWS, Labelled, labelled, seen
from streetwise.town.video import staging
from streetwise.town.video.layout import Post, layout_of
from streetwise.town.video.program import Happening, happenings
from streetwise.town.video.render import Eye
from streetwise.town.video.solids import HEIGHT, WIDTH

#: Neither this seed nor cameras of these numbers were learned from or tuned on.
SEED, FIRST = 23, 8000
VEHICLES = frozenset(("car", "truck", "bus"))


@pytest.fixture(scope="module")
def pictures() -> list[Labelled]:
    """Streets, a fire lane and a market: light, weather and traffic by chance."""
    scenes = ("no_stopping", "fire_lane", "vendors", "no_stopping")
    return [
        one
        for number, scene in enumerate(scenes, FIRST)
        for one in labelled(SEED, number, scene, 5)
    ]


def test_the_file_is_the_one_of_its_card_and_small() -> None:
    card = detector.card()
    assert hashlib.sha256(detector.model()).hexdigest() == card.sha256
    assert len(detector.model()) < 2 * 2**20
    assert card.classes == CLASSES
    assert card.licence == "Apache-2.0"
    assert card.persons == {"person"} and card.vehicles >= VEHICLES
    assert card.accuracy


def test_it_serves_every_scene_that_ships() -> None:
    for scene in shipped_scenes().values():
        assert scene.served_by(detector.card().classes), scene.key


def test_it_sees_vehicles_and_persons_that_it_has_not_learned_from(
    pictures: list[Labelled],
) -> None:
    card = detector.card()
    seer = Detector(card, open_runtime(detector.model(), "onnxruntime", 1))
    found = seer.look([np.ascontiguousarray(one.rgb[:, :, ::-1]) for one in pictures])

    def word(what: str) -> str:
        return "vehicle" if what in VEHICLES else what

    judged = [
        Judged(
            tuple(Thing(word(what), box) for what, box in one.things),
            tuple(replace(d, what=word(d.what)) for d in seen_there),
        )
        for one, seen_there in zip(pictures, found, strict=True)
    ]
    reached = score(judged, ("vehicle", "person"), card.score).per_class
    assert reached["vehicle"].things > 50 and reached["person"].things > 50
    assert reached["vehicle"].recall > 0.6 and reached["vehicle"].precision > 0.6
    assert reached["person"].recall > 0.6 and reached["person"].precision > 0.6


def test_it_sees_by_the_light_of_street_lamps_what_the_night_brings() -> None:
    seer = Detector(detector.card(), open_runtime(detector.model(), "onnxruntime", 1))
    there = 0
    for scene in ("no_stopping", "fire_lane", "bins", "heaps"):
        wanted = shipped_scenes()[scene]
        for number in range(FIRST, FIRST + 3):
            post = Post(f"CAM-{number:04d}", scene, VIEWS[scene][0])
            one = of_the_night(post)
            eye, at = Eye(SEED, post), one.begin + timedelta(minutes=10)
            assert eye.state(at).light.night
            picture = np.ascontiguousarray(eye.picture(at)[:, :, ::-1])
            extent = staging.happening_extent(layout_of(SEED, post), eye.state(at).light, one)
            assert extent is not None
            left, top, right, bottom = extent
            box = (left / WIDTH, top / HEIGHT, right / WIDTH, bottom / HEIGHT)
            there += any(
                found.what in wanted.classes
                and found.score >= wanted.score
                and overlap(found.box, box) > 0.3
                for found in seer.look([picture])[0]
            )
    assert there >= 9  # of twelve


def of_the_night(post: Post) -> Happening:
    """A problem that begins before a camera between midnight and four."""
    days = (date(2026, 11, 2) + timedelta(days=n) for n in range(60))
    return next(
        one
        for day in days
        for one in happenings(SEED, post, day)
        if one.kind == "problem" and one.begin.hour < 4
    )


def test_pictures_are_the_same_for_the_same_seed_and_tell_only_what_can_be_seen(
    pictures: list[Labelled],
) -> None:
    again = next(labelled(SEED, FIRST, "no_stopping", 5))
    assert np.array_equal(again.rgb, pictures[0].rgb)
    assert again.things == pictures[0].things
    for one in pictures:
        for what, (left, top, right, bottom) in one.things:
            assert what in CLASSES
            assert 0 <= left < right <= 1
            assert (bottom - top) * HEIGHT >= LEAST_PIXELS
    small = (0.5, 0.5, 0.6, 0.5 + (LEAST_PIXELS - 1) / HEIGHT)
    assert seen([("car", small), ("van", (0.1, 0.1, 0.4, 0.4))]) == (
        ("truck", (0.1, 0.1, 0.4, 0.4)),
    )


def test_a_demo_installs_it_once_and_a_new_release_in_its_place(tmp_path: Path) -> None:
    first = detector.install(tmp_path)
    assert first.card.name == "town-nano"
    assert sorted(one.name for one in (tmp_path / "town-nano").iterdir()) == [
        "card.yaml",
        "measured.json",
        "model.onnx",
    ]
    kept = (tmp_path / "town-nano" / "measured.json").stat().st_mtime_ns
    assert detector.install(tmp_path) == first
    assert (tmp_path / "town-nano" / "measured.json").stat().st_mtime_ns == kept
    card = tmp_path / "town-nano" / "card.yaml"
    card.write_text(first.card.text.replace('version: "1"', 'version: "0"'), encoding="utf-8")
    assert detector.install(tmp_path).card == first.card
