"""Pictures of the town's cameras with what is in them: what its detector learns from, and is judged
by.

A function of the seed and the camera, like everything of the town. Light, traffic and happenings
are drawn evenly and not as they come in a year: of a year's hours most are empty and alike.

What counts as being there: a thing whose box is ``LEAST_PIXELS`` high or more in the picture of
360 lines and of which more than a third is to be seen (the rule of the town's own truth, see
``video/render.py``). Whether the box of something smaller is found is not asked.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from streetwise.town.almanac import ZONE
from streetwise.town.geometry import rng_for
from streetwise.town.video.layout import Post
from streetwise.town.video.light import Light
from streetwise.town.video.program import Happening, Kind
from streetwise.town.video.render import Box, Eye, State
from streetwise.town.video.solids import HEIGHT, U8, WIDTH
from streetwise.town.video.traffic import CYCLE_S

#: What the detector knows, in the words that scenes and other detectors' cards use.
CLASSES = (
    "person", "car", "truck", "bus", "motorcycle", "bin", "bin_overflow", "bag", "heap", "stall",
    "water", "floating", "smoke",
)  # fmt: skip
#: Words of the town's truth that others call otherwise: its vans and lorries, its e-bikes.
WORDS = {"van": "truck", "ebike": "motorcycle"}
LEAST_PIXELS = 10.0
#: Scene → the fields of view that its cameras have; "" are those that are not analysed.
VIEWS: dict[str, tuple[int, ...]] = {
    "bins": (66, 92), "fire_lane": (42,), "no_stopping": (66,), "vendors": (92, 66),
    "heaps": (66,), "water": (92, 66), "river": (66,), "smoke": (92,), "": (66, 92, 42),
}  # fmt: skip
#: Scene → its problems, and what only looks like one.
_HAPPENINGS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "bins": (("overflow",), ("one_bag", "person_waits")),
    "fire_lane": (("car", "van", "truck"), ("brief_car", "brief_van")),
    "no_stopping": (("car", "van", "truck"), ("brief_car", "brief_van", "ebike")),
    "vendors": (("stall", "two_stalls"), ("cart_passes", "people_talk")),
    "heaps": (("rubbish", "rubble"), ("one_bag", "ebike")),
    "water": (("rain", "pipe"), ("small_puddle",)),
    "river": (("drift",), ("boat", "leaves")),
    "smoke": (("plume",), ("mist", "steam")),
    "": ((), ()),
}
_SUNS = (-12, -12, -6, 0, 6, 12, 18, 24, 30, 36, 42, 42)
_SEASONS = ("spring", "summer", "autumn", "winter")
_BEGIN = datetime(2026, 7, 1, tzinfo=ZONE)


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """A picture, 360 x 640 x 3 bytes, red first, and what is in it (words of ``CLASSES``)."""

    rgb: U8
    things: tuple[tuple[str, Box], ...]


def labelled(
    seed: int, number: int, scene: str, states: int, moments: int = 1
) -> Iterator[Labelled]:
    """Pictures of one invented camera: so many states of light and happening, so many of each."""
    rng = rng_for(seed, "detector", number, scene)
    post = Post(f"CAM-{number:04d}", scene, rng.choice(VIEWS[scene]))
    eye, season = Eye(seed, post), rng.choice(_SEASONS)
    for _ in range(states):
        light = _light(season, rng)
        one = _happening(post, rng)
        grown = rng.choice((0.25, 0.5, 0.75, 1.0, 1.0, 1.0)) if one else 0.0
        if one is not None and one.kind == "look-alike":
            grown = 1.0
        state = State(light, one, grown)
        for _ in range(moments):
            second = rng.uniform(0, CYCLE_S)
            boxes = eye.frame_boxes(state, second)
            yield Labelled(eye.frame(state, second), seen(boxes))


def seen(boxes: list[tuple[str, Box]]) -> tuple[tuple[str, Box], ...]:
    """Of the town's truth what counts here, in the detector's words."""
    return tuple(
        (WORDS.get(what, what), box)
        for what, box in boxes
        if (box[3] - box[1]) * HEIGHT >= LEAST_PIXELS and (box[2] - box[0]) * WIDTH >= 3
    )


def _light(season: str, rng: random.Random) -> Light:
    rain = rng.choice((0, 0, 0, 0, 0, 1, 2))
    cloud = 2 if rain else rng.choice((0, 0, 1))
    return Light(season, rng.choice(_SUNS), rain, cloud, rng.choice((0, 1, 1, 2, 2, 3)))


def _happening(post: Post, rng: random.Random) -> Happening | None:
    problems, alike = _HAPPENINGS[post.scene]
    lot = rng.random()
    if not problems or lot > 0.85:
        return None
    kind: Kind = "problem" if lot < 0.58 else "look-alike"
    what = rng.choice(problems if kind == "problem" else alike)
    return Happening("", post.code, post.scene, kind, what, timedelta(0), _BEGIN,
                     _BEGIN + timedelta(hours=1), rng.randrange(1 << 30))  # fmt: skip
