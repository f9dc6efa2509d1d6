"""The catalogue of a GB/T 28181 platform (as WVP exports it): channels, and whose they are. Pure.

A row is a channel: the platform's id of the device, of the channel, a name, a place, and an address
that plays it or that hands one out. Nobody can be asked to change a platform's export, so columns
are known by any of the names that platforms give them. A channel is a camera of the directory when
the directory's code is the channel's id, or its name is the only one of that name; nothing is
guessed from coordinates, of which one only sees how far they are off.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from streetwise.discover.addresses import CATALOGUE_SCHEMES, RTSP, check_begins
from streetwise.kernel.errors import Invalid
from streetwise.kernel.geo import haversine_m, valid_lonlat

ROWS_MAX = 20_000
CELL_MAX = 2000
#: What a column may be called, in the order in which it is looked for; compared without case,
#: spaces and underscores.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "device": ("deviceid", "parentdeviceid", "设备编号", "设备国标编号", "设备id"),
    "channel": (
        "channelid",
        "gbdeviceid",
        "gbid",
        "通道编号",
        "通道国标编号",
        "国标编号",
        "通道id",
    ),
    "name": ("name", "gbname", "channelname", "通道名称", "点位名称", "名称"),
    "lon": ("longitude", "gblongitude", "lon", "lng", "经度"),
    "lat": ("latitude", "gblatitude", "lat", "纬度"),
    # What says that it plays comes first: ``address`` is where a device is installed, as often.
    "address": (
        "playaddress",
        "playurl",
        "streamurl",
        "url",
        "rtsp",
        "播放地址",
        "address",
        "地址",
    ),
}
#: 20 digits (GB/T 28181 annex on codes); platforms that number by themselves use shorter ones.
_ID = re.compile(r"[0-9A-Za-z_-]{4,40}")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_PLACEHOLDERS = re.compile(r"\{(\w*)\}")
#: What an address for all channels may have instead of their ids.
FILLED = ("device", "channel")
Why = Literal["code", "name", "before"]


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel as the platform tells of it; ``row`` counts from 1."""

    row: int
    device: str
    channel: str
    name: str
    lon: float | None
    lat: float | None
    address: str

    @property
    def id(self) -> str:
        """How the platform names it."""
        return f"{self.device}/{self.channel}" if self.device else self.channel

    @property
    def kind(self) -> Literal["rtsp", "platform"]:
        """Whether its address plays it, or is asked for one that does."""
        return "rtsp" if self.address.lower().startswith(RTSP) else "platform"


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be used: a word for why, and the column."""

    row: int
    code: str
    column: str


@dataclass(frozen=True, slots=True)
class Spot:
    """A camera of the directory, and the channel that it is watched by already."""

    code: str
    name: str
    lon: float
    lat: float
    channel: str | None


@dataclass(frozen=True, slots=True)
class Matched:
    """A channel that is a camera of the directory. ``metres``: how far the platform has it from
    there; ``known``: it was watched by this channel before.
    """

    channel: Channel
    code: str
    why: Why
    metres: float | None

    @property
    def known(self) -> bool:
        """Whether it was so before."""
        return self.why == "before"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a catalogue comes to. ``digest``: by it somebody says that this is what was seen."""

    matched: tuple[Matched, ...]
    bad: tuple[BadRow, ...]
    digest: str


def read_catalogue(content: bytes, template: str | None) -> tuple[list[Channel], list[BadRow]]:
    """(channels, bad rows) of an exported file, JSON or CSV (UTF-8 or GB 18030).

    ``template``: the address of channels that bring none, such as
    ``http://wvp:18080/api/play/start/{device}/{channel}`` or ``rtsp://wvp:554/{device}/{channel}``.
    Raises Invalid: no such file at all.
    """
    if template:
        _check_template(template)
    rows = _rows(content)
    if len(rows) > ROWS_MAX:
        raise Invalid(f"More than {ROWS_MAX} rows.", code="catalogue_long", most=ROWS_MAX)
    names = _columns(rows)
    if "channel" not in names or "name" not in names:
        raise Invalid(
            "A catalogue has at least the channels' ids and names.",
            code="catalogue_columns",
            lacks=[one for one in ("channel", "name") if one not in names],
        )
    good: list[Channel] = []
    bad: list[BadRow] = []
    seen: set[str] = set()
    for number, row in enumerate(rows, start=1):
        found = _channel(number, row, names, template)
        if isinstance(found, Channel) and found.id in seen:
            found = BadRow(number, "twice", "channel")
        if isinstance(found, Channel):
            seen.add(found.id)
            good.append(found)
        else:
            bad.append(found)
    return good, bad


def _check_template(template: str) -> None:
    check_begins(template, CATALOGUE_SCHEMES)
    if set(_PLACEHOLDERS.findall(template)) - set(FILLED) or "{channel}" not in template:
        raise Invalid(
            "The address for all has {channel}, and may have {device}.", code="catalogue_template"
        )


def _rows(content: bytes) -> list[Mapping[str, Any]]:
    for coding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(coding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Invalid("This is neither JSON nor CSV.", code="catalogue_unreadable")
    if text.lstrip().startswith(("{", "[")):
        try:
            rows = _list_in(json.loads(text))
        except (json.JSONDecodeError, RecursionError):
            rows = None
        if rows is None or not all(isinstance(one, dict) for one in rows):
            raise Invalid("There is no list of channels in it.", code="catalogue_unreadable")
        return rows
    try:
        return list(csv.DictReader(io.StringIO(text, newline="")))
    except csv.Error:
        raise Invalid("This is neither JSON nor CSV.", code="catalogue_unreadable") from None


def _list_in(found: Any) -> list[Any] | None:
    """The list itself, or as WVP wraps it: ``{"code": 0, "data": {"list": […]}}``."""
    for _ in range(3):
        if isinstance(found, list):
            return found
        if not isinstance(found, dict):
            return None
        found = next((found[key] for key in ("list", "data", "records") if key in found), None)
    return found if isinstance(found, list) else None


def _columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Ours → the file's own name of the column."""
    there: dict[str, str] = {}
    for row in rows:
        for name in row:
            there.setdefault(_plain(name), name)
    found = {}
    for ours, called in COLUMNS.items():
        matching = next((there[one] for one in called if one in there), None)
        if matching is not None:
            found[ours] = matching
    return found


def _plain(name: Any) -> str:
    return re.sub(r"[\s_]", "", str(name)).lower()


def _channel(
    number: int, row: Mapping[str, Any], names: Mapping[str, str], template: str | None
) -> Channel | BadRow:
    cells = {ours: _cell(row.get(name)) for ours, name in names.items()}
    if any(len(text) > CELL_MAX for text in cells.values()):
        return BadRow(number, "too_long", next(k for k, v in cells.items() if len(v) > CELL_MAX))
    for column in ("channel", "name"):
        if not cells[column]:
            return BadRow(number, "empty", column)
    device, channel = cells.get("device", ""), cells["channel"]
    for column, value in (("channel", channel), ("device", device)):
        if value and not _ID.fullmatch(value):
            return BadRow(number, "no_id", column)
    address = cells.get("address", "")
    if template and not _URL.match(address):  # none, or in words where the device is installed
        if "{device}" in template and not device:
            return BadRow(number, "empty", "device")
        address = template.replace("{device}", quote(device)).replace("{channel}", quote(channel))
    if not address.lower().startswith(CATALOGUE_SCHEMES):
        return BadRow(number, "no_address", "address")
    point = _point(cells.get("lon", ""), cells.get("lat", ""))
    if point == "bad":
        return BadRow(number, "no_place", "lon")
    lon, lat = point if isinstance(point, tuple) else (None, None)
    return Channel(number, device, channel, cells["name"], lon, lat, address)


def _cell(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _point(lon: str, lat: str) -> tuple[float, float] | Literal["bad"] | None:
    try:
        x, y = float(lon or 0), float(lat or 0)
    except ValueError:
        return "bad"
    if x == 0 and y == 0:
        return None  # platforms say so of what has no place
    return (x, y) if valid_lonlat(x, y) else "bad"


def plan(channels: Iterable[Channel], bad: Iterable[BadRow], spots: Sequence[Spot]) -> Plan:
    """Which channel is which camera; those that are none, or claim the same one, are bad."""
    by_code = {one.code: one for one in spots}
    by_channel = {one.channel: one for one in spots if one.channel}
    names = Counter(one.name for one in spots)
    by_name = {one.name: one for one in spots if names[one.name] == 1}
    wrong = list(bad)
    taken: dict[str, Matched] = {}
    for one in channels:
        found = _spot(one, by_channel, by_code, by_name)
        if found is None:
            several = names[one.name] > 1
            wrong.append(BadRow(one.row, "several" if several else "no_camera", "name"))
            continue
        spot, why = found
        if spot.code in taken:
            wrong.append(BadRow(one.row, "camera_twice", "name"))
            continue
        metres = None
        if one.lon is not None and one.lat is not None:
            metres = haversine_m(spot.lon, spot.lat, one.lon, one.lat)
        taken[spot.code] = Matched(one, spot.code, why, metres)
    matched = tuple(taken.values())
    wrong.sort(key=lambda row: row.row)
    return Plan(matched, tuple(wrong), _digest(matched))


def _spot(
    one: Channel,
    by_channel: Mapping[str, Spot],
    by_code: Mapping[str, Spot],
    by_name: Mapping[str, Spot],
) -> tuple[Spot, Why] | None:
    if one.id in by_channel:
        return by_channel[one.id], "before"
    if one.channel in by_code:
        return by_code[one.channel], "code"
    if one.name in by_name:
        return by_name[one.name], "name"
    return None


def _digest(matched: Iterable[Matched]) -> str:
    said = [(one.code, one.channel.id, one.channel.address) for one in matched]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
