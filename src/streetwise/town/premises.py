"""Premises: who has a door of their own on the street."""

from __future__ import annotations

from collections.abc import Sequence

from . import names
from .features import point
from .places import Finder, Place

#: How the map draws a place, or its kind → kinds of premises.
KINDS = {"shop": "shop", "school": "school", "market": "market", "works": "factory",
         "hospital": "other", "mall": "market", "clinic": "other", "service": "office",
         "office": "office", "station": "other"}  # fmt: skip
Row = dict[str, str]


def premises(places: Sequence[Place], finder: Finder) -> list[Row]:
    """Shops, kitchens, schools, markets, works, offices; the community answers for them."""
    out: list[Row] = []
    for p in places:
        kind = KINDS.get(p.look or p.kind)
        if kind is None:
            continue
        if kind == "shop" and p.name.endswith(names.FOOD):
            kind = "restaurant"
        grid = finder.grid(p.at)
        out.append(
            {
                "code": f"PR-{len(out) + 1:03d}",
                "name": p.name,
                "kind": kind,
                "place": p.code,
                "grid": grid.code,
                **point(p.at),
                "unit": names.COMMUNITIES[grid.community][0],
            }
        )
    return out
