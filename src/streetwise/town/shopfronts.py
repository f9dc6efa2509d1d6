"""Who is behind the doors along the streets: shops, and services that have a door like them."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from . import names
from .geometry import XY, rng_for
from .places import Place
from .sites import Building, Site
from .streets import Road

SHOPS = 225  # signs at most; rows beyond stay without a name (to let, or nobody knows)


def shops(
    sites: Sequence[Site], named: Sequence[Road], road_code: dict[str, str], seed: int
) -> list[Place]:
    """Name the rows of shops along the streets; every row is one place."""
    rng = rng_for(seed, "shops")
    fronts = [r for r in named if r.kind in ("arterial", "street")]
    rows = [b for s in sites for b in s.buildings if b.kind == "shop"]
    out = _services(sites, rows)
    rng.shuffle(rows)
    free = [b for b in rows if not b.name]
    for i, (b, sign) in enumerate(zip(free[:SHOPS], _signs(rng), strict=False), 1):
        c = b.shape.centroid
        road = min(fronts, key=lambda r: (round(r.line.distance(c), 2), r.name))
        b.name = sign
        out.append(Place(f"SH-{i:03d}", sign, "shop", (c.x, c.y), (), road_code[road.name]))
    return out


def _signs(rng: random.Random) -> list[str]:
    """The known ones, and then any sign with any kind, no sign more often than need be."""
    known = [brand + kind for kind, brands in names.SHOPS for brand in brands]
    more: list[str] = []
    kinds = [kind for kind, _ in names.SHOPS]
    for _ in range(4):
        rng.shuffle(kinds)
        signs = rng.sample(names.SIGNS, len(names.SIGNS))
        more += [a + b for a, b in zip(signs, kinds, strict=False)]
    known += list(dict.fromkeys(m for m in more if m not in known))
    rng.shuffle(known)
    return known


def _services(sites: Sequence[Site], rows: Sequence[Building]) -> list[Place]:
    """The committee and the health post of each community, and what the street has one of."""
    out: list[Place] = []

    def take(near: XY, name: str, kind: str, look: str, aliases: tuple[str, ...]) -> None:
        free = [b for b in rows if not b.name]
        if not free:
            return
        b = min(free, key=lambda b: (round(_far(b, near), 1), round(b.shape.centroid.x, 1)))
        b.name = name
        c = b.shape.centroid
        out.append(Place(f"SV-{len(out) + 1:02d}", name, kind, (c.x, c.y), aliases, look=look))

    for side, (_, community, _) in names.COMMUNITIES.items():
        mine = [s.centre for s in sites if s.side == side]
        x = math.fsum(c[0] for c in mine) / len(mine)
        y = math.fsum(c[1] for c in mine) / len(mine)
        take((x, y), f"{community}居委会", "office", "office",
             (f"{community.removesuffix('社区')}居委会",))  # fmt: skip
        take((x + 60, y - 60), f"{community}卫生服务站", "hospital", "clinic",
             (f"{community.removesuffix('社区')}卫生站",))  # fmt: skip
    office = next((s.centre for s in sites if s.name == "澄棠街道办事处"), (0.0, 0.0))
    for name, aliases in names.SERVICES:
        take(office, name, "landmark", "service", aliases)
    return out


def _far(b: Building, near: XY) -> float:
    return math.dist((b.shape.centroid.x, b.shape.centroid.y), near)
