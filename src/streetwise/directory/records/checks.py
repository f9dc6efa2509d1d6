"""What is wrong with an area's records, as sentences that name file, record and way out. Pure.

The same checks for a folder and for changes made on a screen. A sentence has no full stop.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shapely.errors import ShapelyError
from shapely.geometry import shape

from streetwise.directory import duty
from streetwise.directory.numbers import parse_numbers
from streetwise.directory.records.book import Book
from streetwise.directory.records.kinds import KINDS, LIMIT_UNITS, Column, Kind, Values
from streetwise.directory.responsibility import ANY, COMMUNITY, parse_days, parse_hours, parse_valid
from streetwise.privacy import compatible, roles

FORMAT = 1
#: What a building may belong to: a compound, or in an old quarter its road.
BUILDING_PARENTS = ("compound", "road")


def mistakes(book: Book) -> list[str]:
    """All mistakes."""
    found = list(_town(book.town))
    for kind in KINDS.values():
        for code, values in book.of(kind.kind).items():
            where = _where(book, kind, code)
            found += [f"{where} {what}" for what in _columns(book, kind, values)]
            special = _SPECIAL.get(kind.kind)
            if special is not None:
                found += [f"{where} {what}" for what in special(book, values)]
    if sum(values["tier"] == "street" for values in book.of("unit").values()) != 1:
        found.append("units.csv: exactly one unit must be of tier 'street'")
    found += _circles(book)
    return found


def _where(book: Book, kind: Kind, code: str) -> str:
    line = book.lines.get((kind.kind, code))
    if kind.numbered:
        return f"{kind.file} line {line}:" if line else f"{kind.file}: {code}"
    return f"{kind.file}: {code}" + (f" (line {line})" if line else "")


def _town(town: dict[str, Any]) -> Iterator[str]:
    if town.get("format") != FORMAT:
        yield f"town.yaml: format is {town.get('format')!r}, this version reads {FORMAT}"
    for key in ("code", "name"):
        if not town.get(key):
            yield f"town.yaml: '{key}' is missing"
    try:
        ZoneInfo(str(town.get("timezone")))
    except (ZoneInfoNotFoundError, ValueError):
        yield f"town.yaml: unknown timezone {town.get('timezone')!r}"
    if town.get("bbox") and not _is_box(town["bbox"]):
        yield "town.yaml: bbox must be four numbers: west, south, east, north"
    for key in ("holidays", "workdays"):
        days = town.get(key) or []
        try:
            for day in days:
                parse_valid(str(day))
        except (ValueError, TypeError) as error:
            yield f"town.yaml: {key} must be a list of dates: {error}"


def _is_box(bbox: Any) -> bool:
    return (
        isinstance(bbox, list)
        and len(bbox) == 4
        and all(isinstance(value, int | float) and math.isfinite(value) for value in bbox)
    )


def _columns(book: Book, kind: Kind, values: Values) -> Iterator[str]:
    for column in kind.columns:
        value = values.get(column.name)
        if column.required and value in (None, "", []):
            yield f"has no {column.name}; fill it in"
        elif value not in (None, [], False):
            yield from _column(book, column, value)


def _column(book: Book, column: Column, value: Any) -> Iterator[str]:
    if column.type == "number" and not isinstance(value, float):
        yield f"has a {column.name} that is not numbers ('{value}')"
    elif column.type == "bool" and not isinstance(value, bool):
        yield f"has '{value}' as {column.name}; write yes, or leave it empty"
    elif column.choices and not column.open_choices and value not in column.choices:
        yield (f"has the unknown {column.name} '{value}'; it is one of {', '.join(column.choices)}")
    elif column.ref is not None:
        for one in value if column.listed else [value]:
            if not _is_known(book, column, one):
                yield (
                    f"names the unknown {_LABELS.get(column.name, column.ref)} '{one}';"
                    f" add it to {KINDS[column.ref].file}, or correct the code"
                )


def _is_known(book: Book, column: Column, code: str) -> bool:
    if code in book.of(column.ref or ""):
        return True
    # Stand-ins are of the folder's own people; a roster may name anybody of the street.
    if column.ref != "staff" or column.by_id:
        return False
    return book.people is None or code in book.people


#: What a reference is called in a sentence, where it is not called by what it refers to.
_LABELS = {"parent": "parent", "community": "community"}


def _unit(book: Book, values: Values) -> Iterator[str]:
    if values.get("kind") and values["tier"] != "outside":
        yield "has a kind, which only units of tier 'outside' have; empty it"


def _staff(book: Book, values: Values) -> Iterator[str]:
    for role in values["roles"]:
        if role not in roles():
            yield f"has the unknown role '{role}'; docs/reference/roles.md lists them"
    if not compatible(values["roles"]):
        yield "holds an administrator's role and others; an administrator's role stands alone"


def _stand_in(book: Book, values: Values) -> Iterator[str]:
    if values["login"] == values["for"]:
        yield "stands in for the same person; name somebody else"
    for name in ("from", "to"):
        if "T" not in str(values[name]) or "+" not in str(values[name]):
            yield f"has '{values[name]}' as {name}; write 2026-05-01 08:00"
            return
    if str(values["from"]) >= str(values["to"]):
        yield "ends before it begins; correct from or to"


def _grid(book: Book, values: Values) -> Iterator[str]:
    unit = book.of("unit").get(str(values["community"]))
    if unit is not None and unit["tier"] != "community":
        yield f"names no community ('{values['community']}'); name a unit of tier 'community'"
    try:
        geometry = shape(values["geometry"])
        if geometry.geom_type not in ("Polygon", "MultiPolygon") or not geometry.is_valid:
            yield "is not a valid polygon; draw its border without crossings"
    except (ShapelyError, KeyError, TypeError, ValueError, AttributeError):
        yield "has no readable geometry; it must be a GeoJSON polygon"


def _point(book: Book, values: Values) -> Iterator[str]:
    lon, lat = values["lon"], values["lat"]
    if isinstance(lon, float) and isinstance(lat, float):
        on_earth = math.isfinite(lon) and math.isfinite(lat)
        if not (on_earth and -180 <= lon <= 180 and -90 <= lat <= 90):
            yield f"lies not on earth ({lon}, {lat}); longitude comes first, WGS-84"


def _place(book: Book, values: Values) -> Iterator[str]:
    yield from _point(book, values)
    places, kind = book.of("place"), values["kind"]
    parent = places.get(values["parent"] or "")
    if kind == "building" and parent and parent["kind"] not in BUILDING_PARENTS:
        yield (
            f"is a building of '{values['parent']}', which is no compound"
            " (or road, in an old quarter); name its compound as parent"
        )
    if values["roads"]:
        if kind != "junction":
            yield "has roads, which only a junction has; empty them"
        elif len(set(values["roads"])) < 2:
            yield "is a junction of fewer than two roads; name two or more, with | between"
        for road in values["roads"]:
            if road in places and places[road]["kind"] != "road":
                yield f"is a junction of '{road}', which is no road"
    try:
        parse_numbers(values["numbers"] or "")
    except ValueError as error:
        yield f"has numbers that cannot be read: {error}"


def _premises(book: Book, values: Values) -> Iterator[str]:
    yield from _point(book, values)
    if (values["lon"] is None) != (values["lat"] is None):
        yield "has half a point; give lon and lat, or neither"


def _camera(book: Book, values: Values) -> Iterator[str]:
    yield from _point(book, values)
    direction, view = values["direction"], values["field_of_view"]
    if isinstance(direction, float) and not 0 <= direction < 360:
        yield f"has a direction out of range ({direction}); give degrees from 0 to below 360"
    if isinstance(view, float) and not 0 < view <= 360:
        yield f"has a field_of_view out of range ({view}); give degrees above 0, up to 360"


def _duty(book: Book, values: Values) -> Iterator[str]:
    for name, parse in (("date", duty.parse_date), ("hours", duty.parse_hours)):
        try:
            if values[name]:
                parse(values[name])
        except ValueError as error:
            yield f"has {name} that cannot be read: {error}"


def _class(book: Book, values: Values) -> Iterator[str]:
    if f"{values['scheme']}/{values['version']}" not in book.of("scheme"):
        yield f"belongs to the unknown scheme '{values['scheme']}' {values['version']}"
    for condition in values["conditions"]:
        if not isinstance(condition, dict):
            yield "has a condition that is no mapping"
            continue
        limit = condition.get("limit")
        if limit is not None and not _is_limit(limit):
            # An unknown unit is an error, never hours.
            yield (
                f"has a limit that is none: {limit}; write value (over 0) and unit"
                f" ({', '.join(LIMIT_UNITS)})"
            )


def _is_limit(limit: Any) -> bool:
    if not isinstance(limit, dict) or limit.get("unit") not in LIMIT_UNITS:
        return False
    value = limit.get("value")
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _crosswalk(book: Book, values: Values) -> Iterator[str]:
    for side in ("from", "to"):
        code = "/".join(str(values[f"{side}_{part}"]) for part in ("scheme", "version", "code"))
        if code not in book.of("class"):
            yield f"names the unknown class '{code}'; correct it, or add the class"


def _rule(book: Book, values: Values) -> Iterator[str]:
    units, grids = book.of("unit"), book.of("grid")
    if values["unit"] not in units and values["unit"] != COMMUNITY:
        yield f"names the unknown unit '{values['unit']}'; use a unit's code, or {COMMUNITY}"
    if values["grid"] != ANY and values["grid"] not in grids and values["grid"] not in units:
        yield f"names the unknown grid or community '{values['grid']}'; use its code, or {ANY}"
    schemes = {scheme["scheme"] for scheme in book.of("scheme").values()} | {ANY}
    if values["scheme"] not in schemes:
        yield f"names the unknown scheme '{values['scheme']}'; use a scheme's code, or {ANY}"
    for name, parse in (
        ("days", parse_days),
        ("hours", parse_hours),
        ("valid_from", parse_valid),
        ("valid_to", parse_valid),
    ):
        try:
            parse(values[name] or "")
        except ValueError as error:
            yield f"has {name} that cannot be read: {error}"
    if (values["valid_from"] or "") > (values["valid_to"] or "9999"):
        yield "ends to be valid before it begins; correct valid_from or valid_to"


_SPECIAL = {
    "unit": _unit,
    "staff": _staff,
    "stand_in": _stand_in,
    "grid": _grid,
    "place": _place,
    "asset": _point,
    "premises": _premises,
    "camera": _camera,
    "sensor": _point,
    "duty": _duty,
    "class": _class,
    "crosswalk": _crosswalk,
    "rule": _rule,
}


def _circles(book: Book) -> list[str]:
    """Parents that go round would never be written: each waits for the other."""
    found = []
    for kind in ("unit", "place"):
        records = book.of(kind)
        done: set[str] = set()
        for code in records:
            way: list[str] = []
            at: str | None = code
            while at is not None and at not in done and at not in way:
                way.append(at)
                at = records.get(at, {}).get("parent")
            if at is not None and at in way:
                found.append(
                    f"{KINDS[kind].file}: the parents go round in a circle ({at}); correct one"
                )
            done.update(way)
    return found
