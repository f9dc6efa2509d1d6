"""Mappings: data that turns a row of somebody's file into a Record. Pure.

A mapping is a YAML file (mappings/*.yaml; docs/reference/mappings.md): which column is what,
in which time zone times are, whose scheme the categories belong to, when the clock starts.
"""

from __future__ import annotations

from collections.abc import Mapping as Rows
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import cache
from importlib import resources
from typing import Any, Literal
from zoneinfo import ZoneInfo

import yaml

from streetwise.directory.areas import NewArea
from streetwise.gather.order_columns import (
    OrderColumns,
    UnknownWordError,
    order_facts,
    parse_order,
)
from streetwise.kernel.errors import Invalid, NotFound
from streetwise.kernel.geo import to_wgs84, valid_lonlat

Cell = str | int | float | bool | datetime | date | None

#: What a column can be. Times and coordinates are converted, the rest is text.
TIME_FIELDS = ("reported_at", "closed_at", "due_at", "replied_at")
TEXT_FIELDS = ("key", "title", "text", "reply", "category", "place", "channel", "reporter")
NUMBER_FIELDS = ("lon", "lat")
#: A key is indexed, and nobody's number is longer.
KEY_MAX_CHARACTERS = 200
#: Other years are typing errors or stand for "never" (9999-12-31); no calendar goes there.
YEARS = range(1900, 2201)


@dataclass(frozen=True, slots=True)
class Mapping:
    """How to read one kind of file."""

    name: str
    title: str
    title_en: str
    description: str
    source_code: str
    source_name: str
    source_name_en: str
    columns: dict[str, str]
    facts: tuple[str, ...]
    timezone: ZoneInfo
    time_formats: tuple[str, ...]
    crs: str
    area: NewArea | None
    category_scheme: str | None
    category_version: str | None
    clock_starts: Literal["received", "reported"]
    channels: dict[str, str] = field(default_factory=dict)
    work_order: OrderColumns | None = None

    @property
    def needed_columns(self) -> list[str]:
        """Columns that a file must have for this mapping."""
        of_orders = self.work_order.needed_columns if self.work_order else ()
        return list(dict.fromkeys([*self.columns.values(), *self.facts, *of_orders]))


@dataclass(frozen=True, slots=True)
class Record:
    """One row, understood as far as a mapping goes. Times are UTC, coordinates WGS-84.

    ``upstream`` is what an upstream platform says of its work order, and ``upstream_at`` when it
    last changed that. ``contact`` and ``answer_by`` come from a telephone call, not from a file.
    """

    key: str | None
    reported_at: datetime | None
    title: str | None
    text: str | None
    reply: str | None
    replied_at: datetime | None
    closed_at: datetime | None
    due_at: datetime | None
    category: str | None
    place: str | None
    channel: str | None
    reporter: str | None
    lon: float | None
    lat: float | None
    original_point: tuple[float, float, str] | None
    facts: dict[str, str]
    upstream: dict[str, Any] | None = None
    upstream_at: datetime | None = None
    contact: str | None = None
    answer_by: str | None = None


@dataclass(frozen=True, slots=True)
class BadCell:
    """Why a row cannot be used: a code, the column, and a sentence without its content."""

    code: str
    column: str | None
    reason: str


class _BadError(Exception):
    def __init__(self, bad: BadCell) -> None:
        self.bad = bad


@cache
def mappings() -> dict[str, Mapping]:
    """All mappings that ship with the product, by name."""
    folder = resources.files("streetwise.gather") / "mappings"
    contents = {
        content["name"]: content
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".yaml")
        for content in [yaml.safe_load(entry.read_text(encoding="utf-8"))]
    }
    return {name: parse(_like(content, contents)) for name, content in contents.items()}


def _like(content: dict[str, Any], known: Rows[str, dict[str, Any]]) -> dict[str, Any]:
    """A mapping's content put together with that of the one that it is ``like``: what it says
    itself goes before, and in the section of work orders too."""
    if "like" not in content:
        return content
    other = known[content["like"]]
    order = {**other.get("work_order", {}), **content.get("work_order", {})}
    return {**other, **content, **({"work_order": order} if order else {})}


def mapping_named(name: str) -> Mapping:
    """One mapping; NotFound names those that there are."""
    try:
        return mappings()[name]
    except KeyError:
        raise NotFound(
            f"There is no mapping '{name}'; there are: {', '.join(mappings())}.",
            code="mapping_unknown",
            mapping=name,
        ) from None


def parse(content: dict[str, Any]) -> Mapping:
    """A mapping from its YAML content. Raises Invalid."""
    known = {*TIME_FIELDS, *TEXT_FIELDS, *NUMBER_FIELDS}
    unknown = set(content["columns"]) - known
    if unknown:
        raise Invalid(
            f"Mapping '{content.get('name')}': unknown field(s) {', '.join(sorted(unknown))}.",
            code="mapping_invalid",
        )
    source, category = content["source"], content.get("category_scheme") or {}
    return Mapping(
        name=content["name"],
        title=content["title"],
        title_en=content["title_en"],
        description=content["description"],
        source_code=source["code"],
        source_name=source["name"],
        source_name_en=source["name_en"],
        columns=content["columns"],
        facts=tuple(content.get("facts", ())),
        timezone=ZoneInfo(content["timezone"]),
        time_formats=tuple(content["time_formats"]),
        crs=content.get("crs", "WGS84"),
        area=NewArea(**content["area"]) if content.get("area") else None,
        category_scheme=category.get("scheme"),
        category_version=str(category["version"]) if category else None,
        clock_starts=content.get("clock_starts", "received"),
        channels=content.get("channels", {}),
        work_order=parse_order(content.get("work_order"), content.get("name")),
    )


def missing_columns(mapping: Mapping, columns: list[str]) -> list[str]:
    """Columns that the mapping needs and the file lacks."""
    return [column for column in mapping.needed_columns if column not in columns]


def apply(mapping: Mapping, row: Rows[str, Cell]) -> Record | BadCell:
    """Turn one row into a Record, or say why not. Never raises on content."""
    try:
        texts = {name: _text(row.get(mapping.columns.get(name, ""))) for name in TEXT_FIELDS}
        times = {name: _time(mapping, name, row) for name in TIME_FIELDS}
        if not (texts["title"] or texts["text"] or texts["category"]):
            return BadCell("nothing_said", None, "The row has no title, no text and no category.")
        if len(texts["key"] or "") > KEY_MAX_CHARACTERS:
            column = mapping.columns["key"]
            return BadCell("key_too_long", column, f"The number in '{column}' is too long.")
        if mapping.columns.get("reported_at") and times["reported_at"] is None:
            column = mapping.columns["reported_at"]
            return BadCell("time_missing", column, f"There is no time in '{column}'.")
        lon, lat, original = _point(mapping, row)
        upstream, upstream_at = _order(mapping, row, texts["channel"])
    except _BadError as problem:
        return problem.bad
    facts = {name: _text(row.get(name)) for name in mapping.facts}
    return Record(
        key=texts["key"],
        reported_at=times["reported_at"],
        title=texts["title"],
        text=texts["text"],
        reply=texts["reply"],
        replied_at=times["replied_at"],
        closed_at=times["closed_at"],
        due_at=times["due_at"],
        category=texts["category"],
        place=texts["place"],
        channel=texts["channel"],
        reporter=texts["reporter"],
        lon=lon,
        lat=lat,
        original_point=original,
        facts={name: value for name, value in facts.items() if value is not None},
        # Without a number nothing could ever be said to be about the same order again.
        upstream=upstream if texts["key"] else None,
        upstream_at=upstream_at if texts["key"] else None,
    )


def _order(
    mapping: Mapping, row: Rows[str, Cell], channel: str | None
) -> tuple[dict[str, Any] | None, datetime | None]:
    if mapping.work_order is None:
        return None, None
    try:
        return order_facts(
            mapping.work_order,
            channel,
            lambda column: _text(row.get(column)),
            lambda column: _moment(mapping, column, row),
        )
    except UnknownWordError as unknown:
        column = unknown.args[0]
        raise _BadError(
            BadCell(
                "word_unknown", column, f"The word in '{column}' is none that the mapping knows."
            )
        ) from None


def _text(cell: Cell) -> str | None:
    if cell is None:
        return None
    if isinstance(cell, str):
        return cell.strip() or None
    if isinstance(cell, float) and cell.is_integer():
        # Spreadsheets turn the number 188006 into 188006.0.
        cell = int(cell)
    if isinstance(cell, datetime | date):
        cell = cell.isoformat()
    return str(cell).strip() or None


def _time(mapping: Mapping, name: str, row: Rows[str, Cell]) -> datetime | None:
    column = mapping.columns.get(name)
    return _moment(mapping, column, row) if column else None


def _moment(mapping: Mapping, column: str, row: Rows[str, Cell]) -> datetime | None:
    cell = row.get(column)
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    found = _local(cell, mapping.time_formats)
    if found is None:
        raise _BadError(
            BadCell("time_unreadable", column, f"The time in '{column}' cannot be read.")
        )
    if found.year not in YEARS:
        raise _BadError(
            BadCell("time_impossible", column, f"The year in '{column}' cannot be right.")
        )
    return _utc(found, mapping.timezone)


def _local(cell: Cell, formats: tuple[str, ...]) -> datetime | None:
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime.combine(cell, time())
    text = str(cell).strip()
    for form in formats:
        try:
            return _parsed(text, form)
        except (ValueError, OverflowError):
            continue
    return None


def _parsed(text: str, form: str) -> datetime:
    if form == "iso":
        return datetime.fromisoformat(text)
    return datetime.strptime(text, form)  # noqa: DTZ007 - the mapping's zone is put on next


def _utc(value: datetime, zone: ZoneInfo) -> datetime:
    aware = value if value.tzinfo else value.replace(tzinfo=zone)
    return aware.astimezone(UTC)


def _point(
    mapping: Mapping, row: Rows[str, Cell]
) -> tuple[float | None, float | None, tuple[float, float, str] | None]:
    cells = [row.get(mapping.columns.get(name, "")) for name in NUMBER_FIELDS]
    if any(cell is None or str(cell).strip() == "" for cell in cells):
        return None, None, None
    try:
        lon, lat = (float(str(cell)) for cell in cells)
    except ValueError:
        raise _BadError(
            BadCell("point_unreadable", mapping.columns["lon"], "The coordinates are not numbers.")
        ) from None
    if not valid_lonlat(lon, lat):
        raise _BadError(
            BadCell("point_impossible", mapping.columns["lon"], "The coordinates are not on earth.")
        )
    converted = to_wgs84(lon, lat, mapping.crs)
    return float(converted[0]), float(converted[1]), (lon, lat, mapping.crs)
