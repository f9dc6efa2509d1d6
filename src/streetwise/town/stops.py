"""Bus stops, named after what is near, as bus stops are."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .geometry import Geom, rng_for
from .places import Place
from .streets import WIDTH, Road, along, inside

EVERY = {"arterial": 430.0, "street": 620.0}  # metres between two stops of a road
NEAR = 240.0  # metres within which something can give a stop its name
KERB = 1.8  # metres from the edge of the road to the shelter
#: Kinds of places that stops are named after, the best first.
_NAMED_AFTER = ("hospital", "school", "landmark", "park", "office", "compound")


def stops(named: Sequence[Road], places: Sequence[Place], outline: Geom, seed: int) -> list[Place]:
    """The stops of all larger roads; the place is the shelter on one side."""
    rng = rng_for(seed, "stops")
    # A kindergarten inside a compound gives its name to no stop.
    hosts = [p for p in places if p.kind in _NAMED_AFTER and p.look not in ("bridge", "gate")
             and not p.parent and not p.name.endswith("站")]  # fmt: skip
    used: set[str] = set()
    out: list[Place] = []
    for road in named:
        if road.kind not in EVERY:
            continue
        line = inside(road.coords, outline)
        at = rng.uniform(90, 160)
        while at < line.length - 70:
            (x, y), a = along(line, at)
            at += EVERY[road.kind] * rng.uniform(0.85, 1.15)
            off = WIDTH[road.kind] / 2 + KERB
            p = (x - off * math.sin(a), y + off * math.cos(a))
            close = [h for h in hosts if h.name not in used and math.dist(h.at, p) < NEAR]
            if not close or any(math.dist(s.at, p) < 150 for s in out):
                continue
            host = min(close, key=lambda h: (math.dist(h.at, p) + 40 * _NAMED_AFTER.index(h.kind),
                                             h.code))  # fmt: skip
            used.add(host.name)
            out.append(Place(f"ST-{len(out) + 1:02d}", f"{host.name}站", "station", p,
                             (f"{host.name}公交站",), look="stop", facing=a))  # fmt: skip
    return out
