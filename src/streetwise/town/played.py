"""What people report while a course runs (in the past, or as a scenario): its plan, told.

A course names kinds of trouble and kinds of places; here they get words, and real places of the
town where such a thing is at home: low roads by the water, houses by the forest, one site that
works at night. All who speak of the same place and trouble speak of one problem.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property

from shapely.geometry import MultiPoint, Point, shape

from . import language
from .atlas import Atlas, Stage
from .cloudburst import cloudburst
from .courses import Course
from .geometry import Geom, rng_for
from .language import Theme
from .noise import noise
from .reports import Report
from .smoke import smoke
from .world import CENTRE, World

COURSES: dict[str, Callable[[int, datetime], Course]] = {
    "cloudburst": cloudburst,
    "smoke": smoke,
    "noise": noise,
}
#: Kind of trouble → class that it belongs to. Who asks about a smoke tells of the smoke.
CLASSES = {
    "underpass_flooded": "urban-management:E-05-06",
    "road_flooded": "urban-management:E-05-06",
    "car_stalled": "urban-management:E-05-06",
    "basement_water": "urban-management:E-05-03",
    "roof_leaks": "request:R-01",
    "manhole_lifted": "urban-management:P-01-03",
    "tree_fallen": "urban-management:P-04-02",
    "power_cut": "request:R-08",
    "mud_left": "urban-management:E-01-12",
    "smoke_seen": "urban-management:E-01-20",
    "burning_smell": "urban-management:E-01-20",
    "ash_falling": "urban-management:E-01-20",
    "is_it_safe": "urban-management:E-01-20",
    "noise_at_night": "urban-management:E-03-01",
}
#: The theme whose words fit, where a class has several and not all of them do.
THEMES = {
    "underpass_flooded": "urban-management:E-05-06/underpass",
    "car_stalled": "urban-management:E-05-06/underpass",
    "road_flooded": "urban-management:E-05-06/a",
    "roof_leaks": "request:R-01/leak",
    "tree_fallen": "urban-management:P-04-02/branch",
    "power_cut": "request:R-08/power",
    "noise_at_night": "urban-management:E-03-01/night",
}
#: Kind of place in a course → kind of place in the atlas, how many are hit, what they lie by.
PLACES = {
    "underpass": ("underpass", 1, ""),
    "low_point": ("road", 4, "water"),
    "compound": ("compound", 8, ""),
    "tower": ("compound", 4, "forest"),
    "road": ("road", 9, ""),
    "one_site": ("site", 1, ""),
}
#: In a smoke all places are those by the forest.
BY_FOREST = {"compound": ("compound", 5, "forest"), "road": ("road", 2, "forest")}
#: What people may speak of while it lasts.
SKY = {"cloudburst": ("rain", "storm"), "smoke": ("wind",), "noise": ()}
#: In an hour like this people call; some write.
_CHANNELS = ("hotline12345",) * 6 + ("street_hotline",) * 3 + ("wechat",) * 4 + ("grid_worker",) * 2


class Played:
    """Tells the courses of one town."""

    def __init__(self, world: World, seed: int, atlas: Atlas | None = None) -> None:
        """``atlas``: the town's, where there is one already."""
        self._world, self._seed, self._known = world, seed, atlas

    @cached_property
    def _themes(self) -> tuple[Theme, ...]:
        return language.themes()

    @cached_property
    def _atlas(self) -> Atlas:
        # Only when a scenario is started: it takes a moment, and most demos start none.
        return self._known or Atlas(self._world, self._seed, self._themes)

    @cached_property
    def _by(self) -> dict[str, Geom | None]:
        return {
            "water": _metres_of(self._world, "water", ""),
            "forest": _metres_of(self._world, "green", "forest"),
        }

    def course(self, name: str, at: datetime) -> list[Report]:
        """Every report of a course of this name that begins at this moment, in order of time."""
        return self.tell(COURSES[name](self._seed, at))

    def tell(self, course: Course) -> list[Report]:
        """Every report of a course, in order of time."""
        rng = rng_for(self._seed, "played", course.name, course.start.isoformat())
        kinds = PLACES | (BY_FOREST if course.name == "smoke" else {})
        hit = {where: self._hit(kind, n, by, rng) for where, (kind, n, by) in kinds.items()}
        out: list[Report] = []
        for planned in course.reports:
            for _ in range(planned.voice_count):
                stage = rng.choice(hit[planned.where])
                moment = course.at(planned.minute) + timedelta(seconds=rng.randrange(60))
                out.append(self._told(course, planned.kind, stage, moment, len(out), rng))
        return sorted(out, key=lambda report: (report.at, report.upstream_key))

    def _told(
        self,
        course: Course,
        kind: str,
        stage: Stage,
        moment: datetime,
        number: int,
        rng: random.Random,
    ) -> Report:
        at = moment.astimezone(self._atlas.zone)
        channel = rng.choice(_CHANNELS)
        theme = self._theme(kind, rng)
        said = language.tell(theme, stage.spot, channel, rng, at=at, sky=SKY[course.name])
        lon: float | None = None
        lat: float | None = None
        if channel in ("grid_worker", "wechat"):
            lon, lat = CENTRE.lonlat(stage.x + rng.gauss(0, 12), stage.y + rng.gauss(0, 12))
        # The minute of its start stands in the keys: what is started again is no old news.
        begin = f"{course.start.astimezone(self._atlas.zone):%Y%m%d%H%M}"
        name = f"{course.name}-{begin}"
        return Report(
            f"{course.name[0].upper()}{begin}{number:03d}", channel, at, said.title, said.text,
            lon, lat, theme.category, f"X-{name}-{kind}-{stage.spot.code}", stage.spot.code,
            "problem", theme.nature, community=stage.community, planted=name, errors=said.errors,
        )  # fmt: skip

    def _theme(self, kind: str, rng: random.Random) -> Theme:
        name, category = THEMES.get(kind), CLASSES[kind]
        return rng.choice([one for one in self._themes if one.category == category
                           and name in (None, one.key)])  # fmt: skip

    def _hit(self, kind: str, count: int, by: str, rng: random.Random) -> list[Stage]:
        """Places of a kind: the nearest to water or forest, or just some."""
        found = self._atlas.of_kind(kind) or self._atlas.of_kind("road")
        near = self._by.get(by)
        if near is not None:
            far = {one: round(near.distance(Point(one.x, one.y)), 1) for one in found}
            found = sorted(found, key=lambda one: (far[one], one.spot.code))[: 2 * count]
        picked = rng.sample(found, min(count, len(found)))
        return [self._atlas.focused(one, rng) for one in picked]


def _metres_of(world: World, layer: str, kind: str) -> Geom | None:
    """The corners of all that the map draws on a layer (of a kind), in metres; None: nothing."""
    points = [
        CENTRE.metres(lon, lat)
        for feature in world.base
        if feature["properties"]["layer"] == layer and kind in feature["properties"]["kind"]
        for lon, lat in shape(feature["geometry"]).exterior.coords
    ]
    return MultiPoint(points) if points else None
