"""Reading the folder that describes a street (format 1), wholly, before anything is changed.

``town.yaml``, ``units.csv``, ``staff.csv``, ``grids.geojson``, ``base.geojson``, ``places.csv``,
``assets.csv``, ``responsibility.csv`` and ``taxonomy/*.yaml``; docs/reference/town-folder.md.
Every reference between the files is checked here; the first mistakes are named together.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from shapely.errors import ShapelyError
from shapely.geometry import shape

from streetwise.kernel.errors import Invalid
from streetwise.privacy import compatible, roles

FORMAT = 1
TIERS = ("district", "street", "community", "department", "team", "outside")
LIMIT_UNITS = ("urgent_hour", "work_hour", "work_day", "calendar_day")
MISTAKES_NAMED = 10

Row = dict[str, str]


@dataclass(frozen=True)
class Folder:
    """The content of a street's folder, checked."""

    town: dict[str, Any]
    units: list[Row]
    staff: list[Row]
    grids: list[dict[str, Any]]
    base: dict[str, Any]
    places: list[Row]
    assets: list[Row]
    responsibility: list[Row]
    taxonomies: list[dict[str, Any]]


def read_folder(folder: Path) -> Folder:
    """Read and check a street's folder. Raises Invalid that names the mistakes."""
    if not (folder / "town.yaml").is_file():
        raise Invalid(
            f"{folder} is not a street's folder: it has no town.yaml.", code="town_folder"
        )
    try:
        content = Folder(
            town=_yaml(folder / "town.yaml"),
            units=_csv(folder / "units.csv", "code", "parent", "tier", "name", "name_en"),
            staff=_csv(folder / "staff.csv", "login", "name", "unit", "roles"),
            grids=_json(folder / "grids.geojson")["features"],
            base=_json(folder / "base.geojson"),
            places=_csv(folder / "places.csv", "code", "name", "kind", "lon", "lat", "aliases"),
            assets=_csv(folder / "assets.csv", "code", "scheme", "version", "class", "lon", "lat"),
            responsibility=_csv(
                folder / "responsibility.csv", "scheme", "class", "condition", "grid", "unit"
            ),
            taxonomies=[_yaml(path) for path in sorted((folder / "taxonomy").glob("*.yaml"))],
        )
    except (OSError, UnicodeDecodeError, KeyError, ValueError, yaml.YAMLError) as error:
        raise Invalid(f"The street's folder cannot be read: {error}", code="town_folder") from error
    mistakes = _mistakes(content)
    if mistakes:
        more = len(mistakes) - MISTAKES_NAMED
        named = "; ".join(mistakes[:MISTAKES_NAMED]) + (f"; and {more} more" if more > 0 else "")
        raise Invalid(f"The street's folder has mistakes: {named}.", code="town_folder")
    return content


def _yaml(path: Path) -> dict[str, Any]:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise ValueError(f"{path.name} is not a YAML mapping")
    return content


def _json(path: Path) -> dict[str, Any]:
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or not isinstance(content.get("features"), list):
        raise ValueError(f"{path.name} is not a GeoJSON FeatureCollection")
    return content


def _csv(path: Path, *needed: str) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = set(needed) - set(reader.fieldnames or ())
        if missing:
            raise ValueError(f"{path.name} lacks the column(s) {', '.join(sorted(missing))}")
        return [{key: (value or "").strip() for key, value in row.items() if key} for row in reader]


def _mistakes(content: Folder) -> list[str]:
    """All mistakes, as sentences without a full stop."""
    units = {row["code"]: row for row in content.units}
    grids = {str(grid["properties"].get("code")): grid["properties"] for grid in content.grids}
    found = list(_town_mistakes(content.town))
    found += _duplicates("units.csv", [row["code"] for row in content.units])
    found += _duplicates("staff.csv", [row["login"] for row in content.staff])
    found += _duplicates("places.csv", [row["code"] for row in content.places])
    found += _duplicates("assets.csv", [row["code"] for row in content.assets])
    found += _duplicates(
        "grids.geojson",
        list(grids)
        if len(grids) == len(content.grids)
        else [str(grid["properties"].get("code")) for grid in content.grids],
    )
    for row in content.units:
        if row["parent"] and row["parent"] not in units:
            found.append(f"units.csv: {row['code']} has the unknown parent '{row['parent']}'")
        if row["tier"] not in TIERS:
            found.append(f"units.csv: {row['code']} has the unknown tier '{row['tier']}'")
    if sum(row["tier"] == "street" for row in content.units) != 1:
        found.append("units.csv: exactly one unit must be of tier 'street'")
    for row in content.staff:
        if row["unit"] not in units:
            found.append(f"staff.csv: {row['login']} is in the unknown unit '{row['unit']}'")
        found += [
            f"staff.csv: {row['login']} has the unknown role '{role}'"
            for role in row["roles"].split()
            if role not in roles()
        ]
        if not compatible(row["roles"].split()):
            found.append(
                f"staff.csv: {row['login']} holds '{row['roles']}', but an administrator's role"
                " stands alone"
            )
    for grid in content.grids:
        found += _grid_mistakes(grid, units)
    for row in [*content.places, *content.assets]:
        found += _point_mistakes(row, grids)
    for taxonomy in content.taxonomies:
        found += _taxonomy_mistakes(taxonomy)
    found += _responsibility_mistakes(content, units, grids)
    return found


def _town_mistakes(town: dict[str, Any]) -> list[str]:
    found = []
    if town.get("format") != FORMAT:
        found.append(f"town.yaml: format is {town.get('format')!r}, this version reads {FORMAT}")
    found += [f"town.yaml: '{key}' is missing" for key in ("code", "name") if not town.get(key)]
    try:
        ZoneInfo(str(town.get("timezone")))
    except (ZoneInfoNotFoundError, ValueError):
        found.append(f"town.yaml: unknown timezone {town.get('timezone')!r}")
    return found


def _duplicates(file: str, codes: list[str]) -> list[str]:
    seen: set[str] = set()
    return [
        f"{file}: '{code}' stands twice"
        for code in codes
        if code in seen or seen.add(code)  # type: ignore[func-returns-value]
    ]


def _grid_mistakes(grid: dict[str, Any], units: dict[str, Row]) -> list[str]:
    properties = grid.get("properties") or {}
    code = properties.get("code")
    found = []
    if units.get(str(properties.get("community")), {}).get("tier") != "community":
        found.append(f"grids.geojson: {code} names no community ('{properties.get('community')}')")
    try:
        geometry = shape(grid["geometry"])
        if geometry.geom_type not in ("Polygon", "MultiPolygon") or not geometry.is_valid:
            found.append(f"grids.geojson: {code} is not a valid polygon")
    except (ShapelyError, KeyError, TypeError, ValueError, AttributeError):
        found.append(f"grids.geojson: {code} has no readable geometry")
    return found


def _point_mistakes(row: Row, grids: dict[str, Any]) -> list[str]:
    try:
        lon, lat = float(row["lon"]), float(row["lat"])
    except ValueError:
        return [f"{row['code']}: lon, lat '{row['lon']}', '{row['lat']}' are not numbers"]
    found = []
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        found.append(f"{row['code']}: lon, lat {lon}, {lat} are not on earth")
    if row.get("grid") and row["grid"] not in grids:
        found.append(f"{row['code']}: unknown grid '{row['grid']}'")
    return found


def _taxonomy_mistakes(taxonomy: dict[str, Any]) -> list[str]:
    name = f"taxonomy {taxonomy.get('scheme')} {taxonomy.get('version')}"
    found = [
        f"{name}: '{key}' is missing"
        for key in ("scheme", "version", "title", "classes")
        if not taxonomy.get(key)
    ]
    classes = taxonomy.get("classes") or []
    found += _duplicates(name, [str(cls.get("code")) for cls in classes])
    for cls in classes:
        for condition in cls.get("conditions") or []:
            limit = condition.get("limit")
            # An unknown unit is an error, never hours.
            if limit is not None and (
                limit.get("unit") not in LIMIT_UNITS or not limit.get("value", 0) > 0
            ):
                found.append(f"{name}: {cls.get('code')} has a limit that is none: {limit}")
    return found


def _responsibility_mistakes(
    content: Folder, units: dict[str, Row], grids: dict[str, Any]
) -> list[str]:
    found = []
    schemes = {taxonomy.get("scheme") for taxonomy in content.taxonomies} | {"*"}
    for number, row in enumerate(content.responsibility, start=2):
        where = f"responsibility.csv line {number}"
        if row["unit"] not in units and row["unit"] != "@community":
            found.append(f"{where}: unknown unit '{row['unit']}'")
        if row["grid"] != "*" and row["grid"] not in grids and row["grid"] not in units:
            found.append(f"{where}: unknown grid or community '{row['grid']}'")
        if row["scheme"] not in schemes:
            found.append(f"{where}: unknown scheme '{row['scheme']}'")
    return found
