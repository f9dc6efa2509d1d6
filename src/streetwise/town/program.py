"""What every parcel is for, and building it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import shapely

from . import civic, hutongs, names, sites
from .blocks import Layout, Parcel, is_new, is_old
from .geometry import XY, Geom, largest, order, polygons, rng_for, whole
from .sites import Ground, Site
from .streets import CANAL_WIDTH, Plan

SETBACK = {"arterial": 5.5, "street": 5.0, "lane": 3.2, "path": 2.0}
OLD_SETBACK = {"arterial": 4.0, "street": 2.0, "lane": 0.6, "path": 0.6}
HOUSES = ("slabs", "towers", "townhouses", "hutongs")


@dataclass(frozen=True)
class Wish:
    """A public purpose: where on the plan, how much room, what it is called."""

    use: str
    name: str
    at: XY
    area: float


WISHES = (
    Wish("park", names.PARK, (450, 830), 12_000),
    Wish("school", "澄棠中学", (1220, 820), 13_000),
    Wish("school", "南埠小学", (400, 110), 9_000),
    Wish("school", "北坞小学", (960, 1050), 9_000),
    Wish("school", "柳营小学", (420, -270), 9_000),
    Wish("school", "苇汀学校", (1150, -280), 8_000),
    Wish("hospital", "澄棠医院", (960, 330), 9_000),
    Wish("market", "鼓棚菜市场", (640, 160), 7_000),
    Wish("office", "澄棠街道办事处", (900, 580), 7_000),
    Wish("mall", "澄园广场", (880, 420), 9_000),
    Wish("works", "老棉纺厂文创园", (110, 110), 9_000),
    Wish("works", "机修厂旧址", (130, 330), 9_000),
    Wish("works", "旧轨货场", (130, -310), 9_000),
    Wish("works", "粮台粮库旧址", (400, -60), 5_000),
    Wish("office", "澄棠派出所", (150, 600), 5_000),
    Wish("office", "北坞文化活动中心", (1240, 640), 5_000),
    Wish("office", "澄棠消防救援站", (1010, -90), 5_000),
    Wish("office", "柳营养老服务中心", (250, -110), 5_000),
    Wish("park", "芦塘公园", (1230, 350), 6_000),
    Wish("park", "旧轨公园", (680, -310), 5_000),
    Wish("park", "织坊小公园", (130, 780), 4_000),
    Wish("market", "柿园便民市场", (420, 690), 5_000),
    Wish("market", "柳营农贸市场", (690, -100), 5_000),
    Wish("market", "望岫生鲜市场", (1200, 1010), 5_000),
    Wish("station", "澄棠公交场站", (930, -290), 6_000),
)

_CIVIC: dict[str, Callable[[Ground, random.Random, Site], object]] = {
    "school": civic.school,
    "hospital": civic.hospital,
    "market": civic.market,
    "office": civic.office,
    "mall": civic.mall,
    "works": civic.works,
    "station": civic.station,
}


class Builder:
    """Builds the parcels of one layout."""

    def __init__(self, plan: Plan, layout: Layout, seed: int) -> None:
        self._plan, self._layout, self._seed = plan, layout, seed
        self._tree = shapely.STRtree([r.line for r in layout.roads])
        self._wet = whole(
            [
                plan.canal.buffer(CANAL_WIDTH * 0.7, cap_style="flat"),
                plan.lake.buffer(8),
                plan.river.buffer(10),
            ]
        )
        self.ponds: list[Geom] = []

    def build(self) -> list[Site]:
        parcels = self._layout.parcels
        grounds = [self._ground(p) for p in parcels]
        self._assign(parcels, grounds)
        self._christen(parcels)
        out = []
        for parcel, ground in zip(parcels, grounds, strict=True):
            if parcel.use == "hutongs":
                ground = self._ground(parcel)
            out.append(self._build(parcel, ground))
        return out

    def _ground(self, parcel: Parcel) -> Ground:
        lot = parcel.shape
        setback = OLD_SETBACK if parcel.use == "hutongs" else SETBACK
        roads = self._layout.roads
        close = [roads[i] for i in sorted(int(k) for k in self._tree.query(lot.buffer(30)))]
        taken = [r.surface(setback[r.kind]) for r in close]
        free = lot.difference(whole([*taken, self._wet]))
        free = whole(polygons(free.buffer(-2.5).buffer(2.5), 400.0)).intersection(free)
        c = lot.centroid
        touching = [r for r in close if r.line.distance(lot.exterior) < 0.6]
        return Ground(lot, free, self._plan.turn(c.x, c.y), touching, setback)

    def _assign(self, parcels: list[Parcel], grounds: list[Ground]) -> None:
        rng = rng_for(self._seed, "uses")
        open_ones = list(range(len(parcels)))
        for wish in WISHES:
            fitting = [i for i in open_ones if largest(grounds[i].free).area >= wish.area]
            if not fitting:
                fitting = open_ones
            u, v = wish.at
            best = min(
                fitting,
                key=lambda i: (parcels[i].at[0] - u) ** 2 + (parcels[i].at[1] - v) ** 2,
            )
            parcels[best].use, parcels[best].name = wish.use, wish.name
            open_ones.remove(best)
        for i in open_ones:
            parcel = parcels[i]
            if is_old(parcel.at):
                parcel.use = "hutongs"
            elif parcel.at[1] > 1115:
                parcel.use = "townhouses"
            elif is_new(parcel.at):
                parcel.use = "towers" if rng.random() < 0.8 else "slabs"
            else:
                parcel.use = "towers" if rng.random() < 0.14 else "slabs"

    def _christen(self, parcels: list[Parcel]) -> None:
        """Compounds get a root of their community and an ending of their kind."""
        rng = rng_for(self._seed, "compounds")
        taken: set[str] = set()
        for side, roots in names.COMPOUND_ROOTS.items():
            mine = [p for p in parcels if p.side == side and p.use in HOUSES and not p.name]
            for parcel in sorted(mine, key=lambda p: order(p.shape)):
                new = parcel.use in ("towers", "townhouses")
                endings = names.TOWER_ENDINGS if new else names.SLAB_ENDINGS
                pairs = [r + e for r in roots for e in endings if r + e not in taken]
                parcel.name = "" if parcel.use == "hutongs" else rng.choice(pairs)
                taken.add(parcel.name)

    def _build(self, parcel: Parcel, ground: Ground) -> Site:
        c = parcel.shape.centroid
        rng = rng_for(self._seed, "site", *order(parcel.shape))
        site = Site(parcel.use, parcel.name, parcel.grid, parcel.side, centre=(c.x, c.y))
        open_ground = ground.free
        if parcel.use == "park":
            sites.entrances(ground, site, 3)
            pond = civic.park(ground, rng, site)
            if pond is not None:
                self.ponds.append(pond)
        elif open_ground.area < 900:
            site.use = "green"
            site.greens = [(p, "verge") for p in polygons(open_ground, 100)]
        elif parcel.use in _CIVIC:
            sites.entrances(ground, site)
            if parcel.use in ("market", "mall"):
                sites.shops(ground, rng, 0.6, site)
            _CIVIC[parcel.use](ground, rng, site)
            if parcel.use in ("school", "hospital", "office", "station"):
                sites.lawns(open_ground, rng, site, 0.6)
        elif parcel.use == "hutongs":
            hutongs.hutong_lanes(ground, rng, site)
            sites.shops(ground, rng, 0.85, site, yard=1.6)
            hutongs.hutongs(ground, rng, site)
        else:
            self._homes(parcel.use, ground, rng, site)
            sites.sheds(ground, rng, site)
            sites.lawns(open_ground, rng, site, 0.8)
        return site

    def _homes(self, use: str, ground: Ground, rng: random.Random, site: Site) -> None:
        """A compound: the way in, shops outside, kindergarten and garden where there is room."""
        sites.spine(ground, rng, site)
        sites.shops(ground, rng, 0.75 if use == "slabs" else 0.5, site, yard=6.0)
        room = ground.free.area
        if use == "townhouses":
            sites.townhouses(ground, rng, site)
        elif use == "towers":
            if room > 9_000 and rng.random() < 0.35:
                civic.kindergarten(ground, rng, site)
            if room > 9_000:
                sites.garden(ground, rng, site, 16)
            sites.towers(ground, rng, site)
        else:
            if room > 8_000 and rng.random() < 0.14:
                civic.kindergarten(ground, rng, site)
            elif room > 8_000 and rng.random() < 0.5:
                sites.garden(ground, rng, site, 14)
            sites.slabs(ground, rng, site)
