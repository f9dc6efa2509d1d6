"""The town's folder: what its tables are, writing them and reading them again."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .features import Feature

# The taxonomy belongs to the directory; the town only puts a copy into its folder. The files
# are read by path because importing that room would bring its database along.
TAXONOMIES = Path(__file__).parent.parent / "directory" / "data" / "taxonomy"

Row = dict[str, str]

COLUMNS: dict[str, tuple[str, ...]] = {
    "units": ("code", "parent", "tier", "name", "name_en", "kind"),
    "staff": ("login", "name", "unit", "roles"),
    "places": (
        "code", "name", "kind", "lon", "lat", "aliases", "parent", "grid", "numbers", "roads",
    ),
    "assets": ("code", "scheme", "version", "class", "name", "lon", "lat", "grid", "unit"),
    "premises": ("code", "name", "kind", "place", "grid", "lon", "lat", "unit"),
    "responsibility": (
        "scheme", "class", "condition", "grid", "unit", "note", "days", "hours", "exception",
    ),
    "crosswalks": (
        "from_scheme", "from_version", "from_code", "to_scheme", "to_version", "to_code",
        "relation",
    ),
    "cameras": (
        "code", "name", "lon", "lat", "direction", "field_of_view", "grid", "place", "unit",
        "analysed",
    ),
    "sensors": ("code", "name", "kind", "lon", "lat", "grid", "place", "unit", "quantity"),
    "duty": ("date", "hours", "post", "login", "note"),
}  # fmt: skip
#: Tables whose file is optional: without rows none is written, without a file there are no rows.
OPTIONAL = ("cameras", "sensors", "duty")
#: Whether they are written when nobody says: to be true as soon as the directory reads them.
WRITE_OPTIONAL = True


@dataclass(frozen=True)
class World:
    """The tables of the folder.

    ``scenes``: what each analysed camera is analysed for; in no table, ``town make`` writes it
    into ``cameras/``.
    """

    town: dict[str, Any]
    units: list[Row]
    staff: list[Row]
    places: list[Row]
    assets: list[Row]
    premises: list[Row]
    responsibility: list[Row]
    crosswalks: list[Row]
    cameras: list[Row]
    sensors: list[Row]
    duty: list[Row]
    grids: list[Feature]
    base: list[Feature]
    scenes: dict[str, str] = field(default_factory=dict, compare=False)


def write_tables(folder: Path, world: World, *, optional: bool = WRITE_OPTIONAL) -> None:
    """Write a world that is already built; `optional`: the optional tables that have rows, too."""
    folder.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(world.town, allow_unicode=True, sort_keys=False)
    _write(folder / "town.yaml", text)
    for table, columns in COLUMNS.items():
        rows = getattr(world, table)
        if table not in OPTIONAL or (optional and rows):
            _write_csv(folder / f"{table}.csv", columns, rows)
    _write_features(folder / "grids.geojson", world.grids)
    _write_features(folder / "base.geojson", world.base)
    (folder / "taxonomy").mkdir(exist_ok=True)
    for source in sorted(TAXONOMIES.glob("*.yaml")):
        _write(folder / "taxonomy" / source.name, source.read_text(encoding="utf-8"))


def read_world(folder: Path) -> World:
    """The tables of a folder, as strings; checking them is the loader's work, not the town's."""
    tables: dict[str, list[Row]] = {}
    for table in COLUMNS:
        if table in OPTIONAL and not (folder / f"{table}.csv").exists():
            tables[table] = []
            continue
        with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as f:
            tables[table] = list(csv.DictReader(f))
    return World(
        town=yaml.safe_load((folder / "town.yaml").read_text(encoding="utf-8")),
        grids=_read_features(folder / "grids.geojson"),
        base=_read_features(folder / "base.geojson"),
        **tables,
    )


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as f:
        f.write(text)


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as f:
        writer = csv.DictWriter(f, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _write_features(path: Path, features: Sequence[Feature]) -> None:
    """One feature per line: a difference between two worlds can be read."""
    lines = [json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features]
    body = ",\n".join(lines)
    _write(path, '{"type":"FeatureCollection","features":[\n' + body + "\n]}\n")


def _read_features(path: Path) -> list[Feature]:
    features: list[Feature] = json.loads(path.read_text(encoding="utf-8"))["features"]
    return features
