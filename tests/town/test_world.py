"""The town as a folder: same bytes for the same seed, and a map that holds together."""

from __future__ import annotations

import filecmp
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import shapely
import yaml
from shapely.geometry import Point, shape
from town.conftest import SEED

from streetwise.town.geometry import Frame
from streetwise.town.network import components
from streetwise.town.streets import WIDTH
from streetwise.town.world import CENTRE, TAXONOMIES, World, build_world, write_tables

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


def test_same_seed_same_bytes(folder: Path, world: World, tmp_path: Path) -> None:
    # A second build in this process; the first one was read back from its files.
    again = build_world(SEED)
    assert again == world
    write_tables(tmp_path / "b", again)
    files = sorted(p.relative_to(folder) for p in folder.rglob("*") if p.is_file())
    assert len(files) == 12
    for name in files:
        assert filecmp.cmp(folder / name, tmp_path / "b" / name, shallow=False), name
        assert b"\r" not in (folder / name).read_bytes()


def test_another_seed_is_another_town_that_holds_together(world: World) -> None:
    other = build_world(11)
    assert other.grids != world.grids
    test_grids_tile_the_outline(other)
    test_communities_are_in_one_piece(other)
    test_roads_meet(other)
    test_buildings_keep_off_roads_water_and_each_other(other)
    test_everything_refers_to_something(other)


def test_grids_tile_the_outline(world: World) -> None:
    grids = [shape(g["geometry"]) for g in world.grids]
    assert 35 <= len(grids) <= 45
    assert all(g.is_valid and g.geom_type == "Polygon" for g in grids)
    # Neighbours share every vertex of their border: no gap and no overlap, not even a sliver.
    assert shapely.coverage_is_valid(grids)
    outline = shape(layer(world, "outline")[0]["geometry"])
    assert shapely.union_all(grids).equals(outline)
    assert sum(g.area for g in grids) == pytest.approx(outline.area, rel=1e-9)
    assert 1.5e6 < plane(layer(world, "outline")[0]["geometry"]).area < 3e6


def test_communities_are_in_one_piece(world: World) -> None:
    for community in {g["properties"]["community"] for g in world.grids}:
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


def test_everything_refers_to_something(world: World) -> None:
    units = {u["code"]: u for u in world.units}
    assert Counter(u["tier"] for u in world.units) == {
        "district": 1, "street": 1, "community": 4, "department": 7, "outside": 6
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
    assert len(world.premises) > 20
    assert all(p["place"] in place_codes and units[p["unit"]]["tier"] == "community"
               for p in world.premises)  # fmt: skip
    for row in [*world.places, *world.assets]:
        at = Point(float(row["lon"]), float(row["lat"]))
        assert grids[row["grid"]].distance(at) < 2e-4
    assert 500 <= len(world.assets) <= 750
    kinds = {p["kind"] for p in world.places}
    assert kinds == {"road", "compound", "building", "junction", "landmark", "park", "school",
                     "shop", "underpass"}  # fmt: skip
    assert all(p["numbers"] for p in world.places if p["kind"] == "road")


def test_staff_cover_roles_and_units(world: World) -> None:
    by_login = {s["login"]: s for s in world.staff}
    assert len(by_login) == len(world.staff)
    assert len({s["name"] for s in world.staff}) == len(world.staff)
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
