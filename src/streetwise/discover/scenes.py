"""治理场景: what to look for, as data. Pure.

A scene is one YAML file in ``discover/scenes/``; a street may have its own beside them. It says
which things of which size count, for how long and how often they must be seen, how often to look,
which class of the taxonomy a finding is, and when it counts as gone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache
from importlib import resources
from typing import Any, Literal, cast

import yaml

from streetwise.kernel.errors import Invalid

ZoneKind = Literal["lane", "ground", "wall", "water", "sky"]
ZONE_KINDS: tuple[ZoneKind, ...] = ("lane", "ground", "wall", "water", "sky")
#: Where in its box a thing touches the zone: its lower edge's middle, or a share of its area.
Touch = Literal["foot", "area"]

#: No scene looks for persons, or for what tells one from another, whatever a detector knows.
NEVER = frozenset(
    ("person", "people", "pedestrian", "man", "woman", "child", "face", "head", "plate",
     "license_plate", "licence_plate", "number_plate")
)  # fmt: skip

_KEY = re.compile(r"[a-z][a-z0-9_]{1,40}")
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]*")
_MANY_LOOKS = 1000


@dataclass(frozen=True, slots=True)
class Hours:
    """From one time of the day to another, over midnight where ``until`` is not later."""

    since: time
    until: time

    def holds(self, at: time) -> bool:
        """Whether that time of day lies within; the end does not."""
        if self.since < self.until:
            return self.since <= at < self.until
        return at >= self.since or at < self.until


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene. Shares are of the picture, times in seconds.

    ``classes``: what counts, by the words of detectors' cards. ``stationary``: it must stay in one
    place, else it is enough that something is there. ``seen`` of ``of`` inferred looks, and
    ``dwell_seconds`` from first to last, open a finding. ``cadence_seconds``: how often to look
    when something may be there; ``least_every_seconds``: how often even when the gate sees nothing.
    ``clear_looks`` inferred looks in a row, over ``clear_seconds`` at least, without it close one.
    ``hours``: when it counts; none: always. ``priority``: 1 before 2 before 3 when not everything
    can be looked at.
    """

    key: str
    name: str
    name_en: str
    classes: frozenset[str]
    zone: ZoneKind
    touch: Touch
    area_least: float
    score: float
    stationary: bool
    dwell_seconds: float
    seen: int
    of: int
    cadence_seconds: float
    least_every_seconds: float
    clear_looks: int
    clear_seconds: float
    priority: int
    scheme: str
    code: str
    hours: tuple[Hours, ...] = ()

    @property
    def forget_seconds(self) -> float:
        """After so long unseen nothing is known any more of what was there: half as long again as
        the longest time between two looks that the scene asks for."""
        return 1.5 * self.least_every_seconds

    def active(self, local: datetime) -> bool:
        """Whether the scene counts at that local time."""
        return not self.hours or any(hours.holds(local.time()) for hours in self.hours)

    def served_by(self, classes: frozenset[str] | tuple[str, ...]) -> bool:
        """Whether a detector with these classes can see any of what counts."""
        return not self.classes.isdisjoint(classes)


@cache
def shipped_scenes() -> Mapping[str, Scene]:
    """The scenes that come with the product, by key."""
    folder = resources.files("streetwise.discover") / "scenes"
    scenes = (
        read_scene(entry.read_text(encoding="utf-8"), entry.name)
        for entry in folder.iterdir()
        if entry.name.endswith(".yaml")
    )
    return {scene.key: scene for scene in sorted(scenes, key=lambda scene: scene.key)}


def read_scene(text: str, where: str) -> Scene:
    """One scene from its YAML; Invalid with one sentence about the first thing wrong."""
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise _bad(where, f"it is not YAML ({str(error).splitlines()[0]})") from error
    if not isinstance(content, Mapping):
        raise _bad(where, "it is not a list of keys and values")
    left = dict(content)
    key, classes = _text(left, where, "key"), left.pop("classes", None)
    if not _KEY.fullmatch(key):
        raise _bad(where, "`key` is made of small letters, digits and low dashes")
    if not isinstance(classes, list) or not classes or not all(isinstance(c, str) for c in classes):
        raise _bad(where, "`classes` is a list of words of detectors' cards")
    if persons := sorted(NEVER & {one.lower() for one in classes}):
        raise _bad(
            where, f"`{persons[0]}` is never looked for: scenes are about places, not people"
        )
    seen, of = (int(_number(left, where, name, 1, _MANY_LOOKS)) for name in ("seen", "of"))
    if seen > of:
        raise _bad(where, "`seen` may not be more than `of`")
    scene = Scene(
        key=key,
        name=_text(left, where, "name"),
        name_en=_text(left, where, "name_en"),
        classes=frozenset(classes),
        zone=cast(ZoneKind, _one_of(left, where, "zone", ZONE_KINDS)),
        touch=cast(Touch, _one_of(left, where, "touch", ("foot", "area"))),
        area_least=_number(left, where, "area_least", 0, 1),
        score=_number(left, where, "score", 0, 1),
        stationary=_flag(left, where, "stationary"),
        dwell_seconds=_number(left, where, "dwell_seconds", 0, 86_400),
        seen=seen,
        of=of,
        cadence_seconds=_number(left, where, "cadence_seconds", 0.5, 86_400),
        least_every_seconds=_number(left, where, "least_every_seconds", 0.5, 86_400),
        clear_looks=int(_number(left, where, "clear_looks", 1, _MANY_LOOKS)),
        clear_seconds=_number(left, where, "clear_seconds", 0, 86_400),
        priority=int(_number(left, where, "priority", 1, 3)),
        scheme=_text(left, where, "scheme"),
        code=_text(left, where, "code"),
        hours=tuple(_hours(one, where) for one in left.pop("hours", [])),
    )
    if left:
        raise _bad(where, f"`{next(iter(left))}` is not a key of scenes")
    if not _CODE.fullmatch(scene.code):
        raise _bad(where, "`code` is a code of the taxonomy, such as E-04-96")
    if scene.least_every_seconds < scene.cadence_seconds:
        raise _bad(where, "`least_every_seconds` may not be shorter than `cadence_seconds`")
    return scene


def _bad(where: str, what: str) -> Invalid:
    return Invalid(f"The scene {where} cannot be used: {what}.", code="scene")


def _take(left: dict[str, Any], where: str, key: str) -> Any:
    if left.get(key) is None:
        raise _bad(where, f"`{key}` is missing")
    return left.pop(key)


def _text(left: dict[str, Any], where: str, key: str) -> str:
    value = _take(left, where, key)
    if not isinstance(value, str) or not value.strip():
        raise _bad(where, f"`{key}` is a text")
    return value.strip()


def _number(left: dict[str, Any], where: str, key: str, least: float, most: float) -> float:
    value = _take(left, where, key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise _bad(where, f"`{key}` is a number from {least:g} to {most:g}")
    return float(value)


def _flag(left: dict[str, Any], where: str, key: str) -> bool:
    value = _take(left, where, key)
    if not isinstance(value, bool):
        raise _bad(where, f"`{key}` is true or false")
    return value


def _one_of(left: dict[str, Any], where: str, key: str, allowed: tuple[str, ...]) -> str:
    value = _take(left, where, key)
    if value not in allowed:
        raise _bad(where, f"`{key}` is one of {', '.join(allowed)}")
    return str(value)


def _hours(value: Any, where: str) -> Hours:
    """``"07:00-22:30"``."""
    try:
        since, until = (time.fromisoformat(part) for part in str(value).split("-"))
    except ValueError as error:
        raise _bad(where, f'`hours` are such as "07:00-22:30", not {value!r}') from error
    return Hours(since, until)
