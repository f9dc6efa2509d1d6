"""The town as a folder: same bytes for the same seed, and a map that holds together."""

from __future__ import annotations

import filecmp
import math
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely
import yaml
from shapely.geometry import LineString, Point, shape
from town.conftest import PERIOD, SEED

from streetwise.town.assets import KINDS
from streetwise.town.geometry import Frame
from streetwise.town.network import components
from streetwise.town.roster import roster
from streetwise.town.streets import WIDTH
from streetwise.town.world import (
    CENTRE,
    OPTIONAL,
    TAXONOMIES,
    World,
    build_world,
    read_world,
    write_tables,
)

ROLES = (
    "district_duty_officer",
    "street_commander",
    "duty_officer",
    "dispatcher",
    "department_handler",
    "community_worker",
    "inspector",
    "data_steward",
    "system_admin",
    "security_admin",
    "audit_admin",
)


def plane(geometry: dict[str, Any]) -> Any:
    """A geometry of a file back in metres."""
    return shapely.transform(shape(geometry), lambda c: [CENTRE.metres(lon, lat) for lon, lat in c])


def layer(world: World, name: str) -> list[dict[str, Any]]:
    return [f for f in world.base if f["properties"]["layer"] == name]


def test_same_seed_same_bytes(world: World, tmp_path: Path) -> None:
    # A second build in this process, and the first one read back from its files.
    again = build_world(SEED, PERIOD)
    assert again == world
    one, two = tmp_path / "a", tmp_path / "b"
    write_tables(one, world, optional=True)
    write_tables(two, again, optional=True)
    assert read_world(one) == world
    files = sorted(p.relative_to(one) for p in one.rglob("*") if p.is_file())
    assert len(files) == 15
    for name in files:
        assert filecmp.cmp(one / name, two / name, shallow=False), name
        assert b"\r" not in (one / name).read_bytes()


def test_optional_tables_need_no_file(world: World, tmp_path: Path) -> None:
    write_tables(tmp_path, world, optional=False)
    assert not [name for name in OPTIONAL if (tmp_path / f"{name}.csv").exists()]
    assert read_world(tmp_path) == replace(world, cameras=[], sensors=[], duty=[])


def test_another_seed_is_another_town_that_holds_together(world: World) -> None:
    other = build_world(11)
    assert other.grids != world.grids
    test_grids_tile_the_outline(other)
    test_grids_follow_blocks(other)
    test_forest_and_wetland_are_grids_of_their_own(other)
    test_communities_are_in_one_piece(other)
    test_roads_meet(other)
    test_buildings_keep_off_roads_water_and_each_other(other)
    test_houses_stand_at_roads_and_no_block_is_empty(other)
    test_everything_refers_to_something(other)
    test_cameras_look_at_something(other)
    test_sensors_are_where_it_happens(other)


def test_grids_tile_the_outline(world: World) -> None:
    grids = [shape(g["geometry"]) for g in world.grids]
    assert 110 <= len(grids) <= 130
    assert all(g.is_valid and g.geom_type == "Polygon" for g in grids)
    # Neighbours share every vertex of their border: no gap and no overlap, not even a sliver.
    assert shapely.coverage_is_valid(grids)
    outline = shape(layer(world, "outline")[0]["geometry"])
    assert shapely.union_all(grids).equals(outline)
    assert sum(g.area for g in grids) == pytest.approx(outline.area, rel=1e-9)
    assert 2.7e6 < plane(layer(world, "outline")[0]["geometry"]).area < 3.3e6


def test_grids_follow_blocks(world: World) -> None:
    # Every border between two grids is a road or the river.
    outline = plane(layer(world, "outline")[0]["geometry"])
    edges = [plane(r["geometry"]).buffer(1.0) for r in layer(world, "road")
             if r["properties"]["kind"] != "path"]  # fmt: skip
    edges += [plane(f["geometry"]) for f in layer(world, "water")
              if f["properties"]["kind"] == "river"]  # fmt: skip
    known = shapely.union_all([*edges, outline.exterior.buffer(1.0)])
    for g in world.grids:
        assert plane(g["geometry"]).exterior.difference(known).length < 5, g["properties"]


def test_forest_and_wetland_are_grids_of_their_own(world: World) -> None:
    grids = [plane(g["geometry"]) for g in world.grids]
    homes = [plane(f["geometry"]).centroid for f in layer(world, "building")
             if f["properties"]["kind"] in ("residential", "courtyard")]  # fmt: skip
    for kind in ("forest", "wetland"):
        green = shapely.union_all([plane(f["geometry"]) for f in layer(world, "green")
                                   if f["properties"]["kind"] == kind])  # fmt: skip
        assert green.area > 80_000
        here = max(grids, key=lambda g: g.intersection(green).area)
        assert here.intersection(green).area > 0.95 * green.area
        assert here.intersection(green).area > 0.7 * here.area
        assert not any(here.contains(p) for p in homes)
    kinds = Counter((f["properties"]["layer"], f["properties"]["kind"]) for f in world.base)
    assert kinds["water", "pond"] >= 6
    assert kinds["green", "reed"] >= 10


def test_communities_are_in_one_piece(world: World) -> None:
    communities = {g["properties"]["community"] for g in world.grids}
    assert communities == {f"CT-{n:02d}" for n in range(1, 7)}
    for community in communities:
        parts = [shape(g["geometry"]) for g in world.grids
                 if g["properties"]["community"] == community]  # fmt: skip
        assert len(parts) >= 5
        assert shapely.union_all(parts).geom_type == "Polygon"


def test_roads_meet(world: World) -> None:
    roads = layer(world, "road")
    lines = [[tuple(c) for c in r["geometry"]["coordinates"]] for r in roads]
    assert components(lines) == 1
    assert {r["properties"]["kind"] for r in roads} == {"arterial", "street", "lane", "path"}
    named = [r["properties"]["name"] for r in roads if "name" in r["properties"]]
    assert len(named) == len(set(named))


def test_buildings_keep_off_roads_water_and_each_other(world: World) -> None:
    buildings = [plane(f["geometry"]) for f in layer(world, "building")]
    assert len(buildings) > 700
    assert all(b.is_valid for b in buildings)
    roads = layer(world, "road")
    # Rounding to six decimals moves a corner by up to a decimetre.
    surfaces = [plane(r["geometry"]).buffer(WIDTH[r["properties"]["kind"]] / 2 - 0.2)
                for r in roads]  # fmt: skip
    water = [plane(f["geometry"]) for f in layer(world, "water")]
    tree = shapely.STRtree(buildings)
    for obstacle in [*surfaces, *water]:
        for i in tree.query(obstacle, predicate="intersects"):
            assert buildings[i].intersection(obstacle).area < 0.5
    left, right = tree.query(buildings, predicate="overlaps")
    for i, j in zip(left, right, strict=True):
        assert buildings[i].intersection(buildings[j]).area < 3.0


def test_houses_stand_at_roads_and_no_block_is_empty(world: World) -> None:
    roads = shapely.union_all([plane(r["geometry"]) for r in layer(world, "road")])
    shapely.prepare(roads)
    homes = [plane(f["geometry"]) for f in layer(world, "building")
             if f["properties"]["kind"] in ("residential", "courtyard", "shop")]  # fmt: skip
    far = sorted(h.distance(roads) for h in homes)
    assert far[round(0.95 * len(far))] < 20
    assert far[-1] < 45
    solid = [plane(f["geometry"]) for f in layer(world, "building") + layer(world, "green")
             + layer(world, "water")]  # fmt: skip
    tree = shapely.STRtree(solid)
    for g in world.grids:
        grid = plane(g["geometry"])
        here = [solid[i] for i in tree.query(grid, predicate="intersects")]
        assert shapely.union_all(here).intersection(grid).area > 0.12 * grid.area, g["properties"]


def test_everything_refers_to_something(world: World) -> None:
    units = {u["code"]: u for u in world.units}
    assert Counter(u["tier"] for u in world.units) == {
        "district": 1, "street": 1, "community": 6, "department": 7, "outside": 7
    }  # fmt: skip
    assert all(u["parent"] in units for u in world.units if u["tier"] != "district")
    grids = {g["properties"]["code"]: shape(g["geometry"]) for g in world.grids}
    assert {g["properties"]["community"] for g in world.grids} == {
        u["code"] for u in world.units if u["tier"] == "community"
    }
    assert all(s["unit"] in units for s in world.staff)
    codes = [p["code"] for p in world.places] + [a["code"] for a in world.assets]
    assert len(codes) == len(set(codes))
    names = [p["name"] for p in world.places]
    assert len(names) == len(set(names))
    place_codes = {p["code"] for p in world.places}
    assert all(not p["parent"] or p["parent"] in place_codes for p in world.places)
    assert all(a["unit"] in units for a in world.assets)
    roads = {p["code"] for p in world.places if p["kind"] == "road"}
    junctions = [p["roads"].split("|") for p in world.places if p["kind"] == "junction"]
    assert len(junctions) > 5
    assert all(len(two) >= 2 and set(two) <= roads for two in junctions)
    assert {u["kind"] for u in world.units if u["tier"] == "outside"} == {
        "utility", "firm", "property"
    }  # fmt: skip
    assert len(world.premises) > 200
    assert all(p["place"] in place_codes and units[p["unit"]]["tier"] == "community"
               for p in world.premises)  # fmt: skip
    for row in [*world.places, *world.assets, *world.premises, *world.cameras, *world.sensors]:
        at = Point(float(row["lon"]), float(row["lat"]))
        assert grids[row["grid"]].distance(at) < 2e-4
    assert 2_800 <= len(world.assets) <= 3_300
    assert {a["class"] for a in world.assets} == set(KINDS)
    assert len(world.places) > 1_200
    kinds = {p["kind"] for p in world.places}
    assert kinds == {"road", "compound", "building", "junction", "landmark", "park", "school",
                     "shop", "underpass", "gate", "station", "office", "hospital"}  # fmt: skip
    assert 150 <= sum(p["kind"] == "shop" for p in world.places) <= 250
    said = [a for p in world.places for a in p["aliases"].split("|") if a]
    assert len(said) == len(set(said))
    assert not set(said) & set(names)
    assert {"大转盘", "铁道口", "老粮站", "桥洞"} <= set(said)
    assert any(a.startswith("菜市场") and a.endswith("门") for a in said)
    assert all(p["numbers"] for p in world.places if p["kind"] == "road")


def at(row: dict[str, str]) -> Any:
    """The point of a row in metres."""
    return Point(CENTRE.metres(float(row["lon"]), float(row["lat"])))


def test_cameras_look_at_something(world: World) -> None:
    cameras = world.cameras
    assert len(cameras) == 1_200
    assert len({c["code"] for c in cameras}) == len({c["name"] for c in cameras}) == 1_200
    units = {u["code"] for u in world.units}
    places = {p["code"] for p in world.places}
    assert all(c["unit"] in units and c["place"] in places | {""} for c in cameras)
    outline = plane(layer(world, "outline")[0]["geometry"]).buffer(0.2)
    houses = [plane(f["geometry"]) for f in layer(world, "building")]
    tree = shapely.STRtree(houses)
    for c in cameras:
        p, turn = at(c), int(c["direction"])
        assert 0 <= turn < 360
        assert 30 <= int(c["field_of_view"]) <= 120
        assert outline.contains(p)
        assert not len(tree.query(p, predicate="dwithin", distance=0.25)), c
        # Straight ahead nothing stands in the way for ten metres.
        ahead = math.radians(90 - turn)
        ray = LineString([p, (p.x + 10 * math.cos(ahead), p.y + 10 * math.sin(ahead))])
        assert not len(tree.query(ray, predicate="intersects")), c
    assert {c["grid"] for c in cameras} == {g["properties"]["code"] for g in world.grids}
    analysed = [c for c in cameras if c["analysed"] == "yes"]
    assert len(analysed) == 101
    assert {c["analysed"] for c in cameras} == {"yes", "no"}
    assert len({c["grid"] for c in analysed}) >= 60
    poles = Counter((c["lon"], c["lat"]) for c in cameras)
    assert sum(n > 1 for n in poles.values()) > 60
    for (lon, lat), n in poles.items():
        if n > 1:
            turns = [c["direction"] for c in cameras if (c["lon"], c["lat"]) == (lon, lat)]
            assert len(set(turns)) == n


def test_sensors_are_where_it_happens(world: World) -> None:
    sensors = world.sensors
    assert len(sensors) == 40
    assert len({s["code"] for s in sensors}) == len({s["name"] for s in sensors}) == 40
    units = {u["code"] for u in world.units}
    places = {p["code"]: p for p in world.places}
    assert all(s["unit"] in units and s["place"] in places for s in sensors)
    assert {(s["kind"], s["quantity"]) for s in sensors} == {
        ("rain", "mm"), ("water_level", "m"), ("bin_level", "%"), ("smoke", "ppm"), ("air", "µg/m³")
    }  # fmt: skip
    outline = plane(layer(world, "outline")[0]["geometry"]).buffer(0.5)
    assert all(outline.contains(at(s)) for s in sensors)
    assert all(at(s).distance(at(places[s["place"]])) < 800 for s in sensors)
    where = {(s["kind"], places[s["place"]]["kind"]) for s in sensors}
    assert ("water_level", "underpass") in where
    assert ("smoke", "park") in where
    bins = [at(a) for a in world.assets if a["class"] == "P-03-05"]
    for s in sensors:
        if s["kind"] == "bin_level":
            assert min(at(s).distance(b) for b in bins) < 1
    markets = [s for s in sensors if s["kind"] == "bin_level" and s["name"].count("市场")]
    assert len(markets) == 4


def test_roster_names_one_for_every_post(world: World) -> None:
    first, days = PERIOD
    staff = {s["login"]: s for s in world.staff}
    role = {"leader": "street_commander", "officer": "duty_officer",
            "community": "community_worker"}  # fmt: skip
    assert all(staff[d["login"]]["roles"] == role[d["post"]] for d in world.duty)
    for k in range(days):
        today = [d for d in world.duty if d["date"] == (first + timedelta(days=k)).isoformat()]
        posts = Counter((d["post"], d["hours"]) for d in today)
        assert posts == {
            ("leader", "08:00-20:00"): 1, ("leader", "20:00-08:00"): 1,
            ("officer", "08:00-20:00"): 1, ("officer", "20:00-08:00"): 1,
            ("community", "08:00-20:00"): 6,
        }  # fmt: skip
        on = {staff[d["login"]]["unit"] for d in today if d["post"] == "community"}
        assert len(on) == 6
    officers = [d["login"] for d in world.duty if d["post"] == "officer"]
    assert all(a != b for a, b in zip(officers, officers[1:], strict=False))
    leaders = Counter(d["login"] for d in world.duty if d["post"] == "leader")
    assert len(leaders) >= 5
    swaps = [d for d in world.duty if d["note"]]
    assert swaps
    assert len({d["date"] for d in swaps}) < days / 2


def test_rosters_agree_where_they_overlap(world: World) -> None:
    first, days = PERIOD
    part = roster(SEED, world.staff, first + timedelta(days=10), 5)
    inside = {(first + timedelta(days=10 + k)).isoformat() for k in range(5)}
    assert part == [d for d in world.duty if d["date"] in inside]
    assert roster(SEED + 1, world.staff, first, days) != world.duty
    assert roster(SEED, world.staff, date(2026, 1, 1), 0) == []


def test_staff_cover_roles_and_units(world: World) -> None:
    by_login = {s["login"]: s for s in world.staff}
    assert len(by_login) == len(world.staff)
    assert len({s["name"] for s in world.staff}) == len(world.staff)
    workers = Counter(s["unit"] for s in world.staff if s["roles"] == "community_worker")
    assert len(workers) == 6
    assert min(workers.values()) >= 3
    assert all(by_login[role]["roles"] == role for role in ROLES)
    # Whoever may hold a case has somebody who can work on it.
    hands = {s["unit"] for s in world.staff if s["roles"] in ("department_handler",
                                                              "community_worker")}  # fmt: skip
    assert hands == {u["code"] for u in world.units if u["tier"] not in ("district", "street")}


def taxonomy_classes(folder: Path) -> list[tuple[str, str]]:
    out = []
    for path in sorted((folder / "taxonomy").glob("*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        out += [(content["scheme"], c["code"]) for c in content["classes"]]
    return out


def test_every_class_has_a_unit_in_every_grid(folder: Path, world: World) -> None:
    units = {u["code"] for u in world.units}
    classes = taxonomy_classes(folder)
    assert len(classes) > 80
    for grid in world.grids:
        code, community = grid["properties"]["code"], grid["properties"]["community"]
        for scheme, name in classes:
            fitting = [
                r for r in world.responsibility
                if r["scheme"] in ("*", scheme)
                and (r["class"] == "*" or name.startswith(r["class"]))
                and r["grid"] in ("*", code, community)
            ]  # fmt: skip
            best = max(fitting, key=lambda r: (r["grid"] != "*", len(r["class"].strip("*"))))
            unit = community if best["unit"] == "@community" else best["unit"]
            assert unit in units
            # Nothing that is a class of the schemes is left to the catch-all line.
            assert best["scheme"] == scheme
    known = set(classes)
    for line in world.crosswalks:
        assert (line["from_scheme"], line["from_code"]) in known
        assert (line["to_scheme"], line["to_code"]) in known
    for rule in world.responsibility:
        if rule["class"] != "*":
            assert any(rule["scheme"] == s and c.startswith(rule["class"]) for s, c in classes)


def test_taxonomies_are_copied_and_complete(folder: Path, world: World) -> None:
    for source in TAXONOMIES.glob("*.yaml"):
        assert (folder / "taxonomy" / source.name).read_bytes() == source.read_bytes()
    known = {code for scheme, code in taxonomy_classes(folder) if scheme == "urban-management"}
    assert {a["class"] for a in world.assets} <= known


def test_frame_is_its_own_inverse() -> None:
    frame = Frame(116.9, 40.1)
    lon, lat = frame.lonlat(812.0, -455.0)
    x, y = frame.metres(lon, lat)
    assert x == pytest.approx(812.0, abs=0.1)
    assert y == pytest.approx(-455.0, abs=0.1)
