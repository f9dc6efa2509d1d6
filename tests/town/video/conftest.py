"""Cameras and clips that several tests look at; drawn once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from streetwise.town.almanac import ZONE
from streetwise.town.video.clips import Clip, coded, state_name
from streetwise.town.video.encode import Coding
from streetwise.town.video.layout import Post
from streetwise.town.video.light import Light
from streetwise.town.video.program import Happening, Kind
from streetwise.town.video.render import Eye, State

SEED = 7
NOON = Light("summer", 36, 0, 1, 2)
BEGIN = datetime(2026, 7, 1, 12, tzinfo=ZONE)
#: Scene → field of view, a picture of its problem, the class of what is to be found.
SCENES = {
    "bins": (66, "overflow", "bin_overflow"),
    "fire_lane": (42, "car", "car"),
    "no_stopping": (66, "van", "van"),
    "vendors": (92, "stall", "stall"),
    "heaps": (66, "rubbish", "heap"),
    "water": (92, "rain", "water"),
    "river": (66, "drift", "floating"),
    "smoke": (92, "plume", "smoke"),
}


def happening(scene: str, what: str, kind: Kind = "problem", spot: int = 3) -> Happening:
    """Something that is there for an hour from ``BEGIN`` on."""
    return Happening("h", "CAM-0001", scene, kind, what, timedelta(0), BEGIN,
                     BEGIN + timedelta(hours=1), spot)  # fmt: skip


def state(scene: str, *, problem: bool = True, light: Light = NOON) -> State:
    """A scene with its problem or without."""
    one = happening(scene, SCENES[scene][1]) if problem else None
    return State(light, one, 1.0 if problem else 0.0)


@pytest.fixture(scope="session")
def eyes() -> dict[str, Eye]:
    """One camera of each scene."""
    return {
        scene: Eye(SEED, Post(f"CAM-{k:04d}", scene, SCENES[scene][0]))
        for k, scene in enumerate(SCENES)
    }


def short_clip(eye: Eye, scene: str, coding: Coding, pictures: int) -> Clip:
    """The first pictures of a round."""
    shown = state(scene)
    made = (eye.frame(shown, k / coding.fps) for k in range(pictures))
    return Clip(coding, state_name(shown), list(coded(made, coding)))


@pytest.fixture(scope="session")
def clip(eyes: dict[str, Eye]) -> Clip:
    """Four seconds of a stall, H.264."""
    return short_clip(eyes["vendors"], "vendors", Coding(), 20)


@pytest.fixture(scope="session")
def clip265(eyes: dict[str, Eye]) -> Clip:
    """The same in H.265."""
    return short_clip(eyes["vendors"], "vendors", Coding("h265"), 20)
