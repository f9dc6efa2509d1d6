"""Places as people say them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TypeVar

from ..names import TOWN

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Spot:
    """A place as the town knows it, for somebody to put into words."""

    code: str
    name: str
    kind: str
    aliases: tuple[str, ...] = ()
    road: str = ""  # the road it stands on, for a shop
    number: int = 0  # which house of a compound, or about which number of a road
    community: str = ""


_SIDES = ("东北角", "西北角", "东南角", "西南角")
_IN_A_COMPOUND = (
    "",
    "",
    "",
    "北门",
    "南门",
    "院里",
    "东边",
    "里面",
    "西门",
    "中间那排",
    "最后一排",
)
_ON_A_ROAD = ("", "", "路边", "中段", "路口往里", "公交站旁边", "东头", "西头", "拐弯那儿")
_BY_A_LANDMARK = ("", "", "门口", "旁边", "对面", "附近", "东侧", "后身", "斜对过")
_VAGUE = {
    "compound": ("我们小区", "我们院", "小区里", "这个院"),
    "building": ("我家楼下", "我们这栋楼", "楼后面", "我们楼", "我们单元"),
    "shop": ("楼下那家店", "路口那个店", "家门口那家", "把角那家店"),
    "junction": ("那个十字路口", "前面的路口", "红绿灯那儿"),
    "school": ("孩子学校门口", "学校门口"),
    "park": ("公园里", "遛弯那地方"),
    "road": ("家门口那条路", "上班路上那一段", "公交站往东那段", "门前这条街"),
}
_VAGUE_ELSE = ("那个地方", "单位旁边", "前面那块儿", "我们这片儿")
_HOME_KINDS = ("compound", "building")


def is_home(spot: Spot) -> bool:
    """Whether people live there, so that stairs, doors and neighbours can be spoken of."""
    return spot.kind in _HOME_KINDS


def home_of(spot: Spot) -> str:
    """Where somebody who tells of the spot may say they live."""
    return spot.name if is_home(spot) else spot.community or TOWN[0]


def vague_place(spot: Spot, rng: random.Random) -> str:
    """Words that only the caller understands."""
    return _one(_VAGUE.get(spot.kind, _VAGUE_ELSE), rng)


def place_words(spot: Spot, rng: random.Random) -> str:
    """The place as somebody says it: in full, short, or with a corner."""
    name = spot.name
    if spot.aliases and rng.random() < 0.3:
        name = _one(spot.aliases, rng)
    if spot.kind == "compound":
        if spot.number and rng.random() < 0.5:
            return f"{name}{spot.number}{_one(('号楼', '号楼', '栋', '号楼东头'), rng)}"
        return name + _one(_IN_A_COMPOUND, rng)
    if spot.kind == "building":
        unit = name.endswith(("号楼", "栋")) and rng.random() < 0.5
        return f"{name}{1 + int(rng.random() * 5)}单元" if unit else name
    if spot.kind == "road":
        if spot.number and rng.random() < 0.6:
            # Nobody agrees on the number, but nobody is three houses off either.
            about = max(1, spot.number + _one((0, 0, 0, 2, -2, 1), rng))
            return f"{name}{about}号{_one(('附近', '门前', '对面', ''), rng)}"
        return name + _one(_ON_A_ROAD, rng)
    if spot.kind == "junction":
        return name + _one(("", "", *_SIDES), rng)
    if spot.kind == "shop":
        ways = (f"{spot.road}{name}", f"{spot.road}上的{name}", f"{spot.road}那家{name}", name)
        return _one(ways, rng)
    if spot.kind == "underpass":
        return name
    return name + _one(_BY_A_LANDMARK, rng)


def _one(of: tuple[_T, ...], rng: random.Random) -> _T:
    return of[int(rng.random() * len(of))]
