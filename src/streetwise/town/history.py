"""What was reported in the town: problems, who told of them, when and how often.

Days are made one by one, each from its own seed, so that any period can be asked for and two
periods that overlap agree. The live simulator goes on where the written history stops, and
telling the same day twice gives the same keys.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from shapely.geometry import Polygon

from .geometry import XY, Geom, rng_for
from .language import Spot, Theme, tell, themes
from .streets import METRES_A_NUMBER, inside
from .world import CENTRE, World, read_world

REPORTS_A_DAY = 50
ECHO_DAYS = 5  # how many days after a problem began somebody may still report it
PREFIX = {
    "hotline12345": "RX",
    "street_hotline": "JD",
    "grid_worker": "WG",
    "wechat": "WX",
    "petition": "XF",
}
COLUMNS = ("编号", "渠道", "时间", "标题", "内容", "经度", "纬度")

# Reports by hour of the day, before what the kind of problem does to it.
_HOURS = (
    0.5, 0.3, 0.2, 0.1, 0.1, 0.3, 1.2, 2.6, 4.4, 5.6, 5.5, 4.2,
    2.7, 2.6, 4.2, 4.6, 4.4, 3.9, 3.5, 3.3, 3.1, 2.6, 1.7, 0.9,
)  # fmt: skip
_SHIFTS = {
    "any": (),
    "day": ((8, 18, 1.5), (20, 24, 0.3), (0, 6, 0.1)),
    "morning": ((6, 11, 3.0),),
    "evening": ((17, 22, 3.0), (6, 12, 0.6)),
    "night": ((20, 24, 6.0), (0, 3, 5.0), (8, 17, 0.3)),
}
_WEEKDAY = (1.12, 1.05, 1.02, 1.0, 1.03, 0.9, 0.84)
_CHANNEL = (("hotline12345", 46), ("wechat", 22), ("grid_worker", 27), ("street_hotline", 11),
            ("petition", 4))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """One report with the truth about it, which the mouth that tells it does not know."""

    upstream_key: str
    channel: str
    at: datetime
    title: str
    text: str
    lon: float | None
    lat: float | None
    truth_category: str  # scheme:code
    truth_problem: str
    truth_place: str


@dataclass(frozen=True, slots=True)
class _Stage:
    """A place with its point, ready to have something happen at it."""

    spot: Spot
    x: float
    y: float
    spread: float  # metres around the point
    most: int = 0  # highest number of a road, or houses of a compound

    def focused(self, rng: random.Random, atlas: _Atlas) -> _Stage:
        """One house of a compound, one stretch of a road: where this problem is."""
        if not self.most:
            return self
        number = rng.randint(1, self.most)
        at = atlas.house(self.spot, number)
        if at is None:
            return self
        return _Stage(replace(self.spot, number=number), *at, 12.0)


class _Atlas:
    """The places of a world by what kind of trouble they can have."""

    def __init__(self, world: World, seed: int) -> None:
        self.zone = ZoneInfo(world.town["timezone"])
        communities = {u["code"]: u["name"] for u in world.units}
        grid_community = {
            g["properties"]["code"]: communities[g["properties"]["community"]] for g in world.grids
        }
        name_of = {p["code"]: p["name"] for p in world.places}
        self._houses: dict[str, list[XY]] = {}
        for p in world.places:
            if p["code"].startswith("CP-") and p["kind"] == "building":
                self._houses.setdefault(p["parent"], []).append(_metres(p))
        self._roads = _road_lines(world)
        self._kinds: dict[str, list[_Stage]] = {}
        by_name: dict[str, _Stage] = {}
        for p in world.places:
            top = p["numbers"].rpartition("-")[2]
            spot = Spot(
                p["code"], p["name"], p["kind"], tuple(a for a in p["aliases"].split("|") if a),
                name_of.get(p["parent"], "") if p["kind"] == "shop" else "",
                0, grid_community.get(p["grid"], ""),
            )  # fmt: skip
            most = int(top) if top else len(self._houses.get(p["code"], ()))
            stage = _Stage(spot, *_metres(p), 10.0, most)
            by_name[p["name"]] = stage
            for kind in _kinds(p):
                self._kinds.setdefault(kind, []).append(stage)
        for a in world.assets:
            # An asset is named after what it stands by, which is how people will name it.
            label = next((n for n in _shorter(a["name"]) if n in by_name), None)
            if label is not None:
                stage = _Stage(by_name[label].spot, *_metres(a), 4.0)
                self._kinds.setdefault(f"asset:{a['class']}", []).append(stage)
        self._hot = {t.key: self._hot_spots(t, seed) for t in themes()}

    def house(self, spot: Spot, number: int) -> XY | None:
        """Where a number of a road or a house of a compound is."""
        if spot.kind == "compound":
            return self._houses[spot.code][number - 1]
        line = self._roads.get(spot.name)
        if line is None:
            return None
        p = line.interpolate(min(number * METRES_A_NUMBER, line.length))
        return p.x, p.y

    def _candidates(self, theme: Theme, kind: str) -> list[_Stage]:
        key = f"asset:{theme.category.partition(':')[2]}" if kind == "asset" else kind
        return self._kinds.get(key, []) or self._kinds["road"]

    def _hot_spots(self, theme: Theme, seed: int) -> list[_Stage]:
        """A few places where the same thing happens again and again."""
        rng = rng_for(seed, "hot", theme.key)
        return [self._anywhere(theme, rng) for _ in range(3)]

    def pick(self, theme: Theme, rng: random.Random) -> _Stage:
        """Where it happens this time; at its hot spot it is the very same house."""
        if rng.random() < 0.35:
            return rng.choice(self._hot[theme.key])
        return self._anywhere(theme, rng)

    def _anywhere(self, theme: Theme, rng: random.Random) -> _Stage:
        stage = rng.choice(self._candidates(theme, rng.choice(theme.places)))
        return stage.focused(rng, self)


def _metres(row: Mapping[str, str]) -> XY:
    return CENTRE.metres(float(row["lon"]), float(row["lat"]))


def _road_lines(world: World) -> dict[str, Geom]:
    """The named roads in metres, as far as they lie in the town."""

    def plane(coords: list[list[float]]) -> list[XY]:
        return [CENTRE.metres(lon, lat) for lon, lat in coords]

    outline = Polygon(plane(world.base[0]["geometry"]["coordinates"][0]))
    return {
        f["properties"]["name"]: inside(plane(f["geometry"]["coordinates"]), outline)
        for f in world.base
        if f["properties"]["layer"] == "road" and "name" in f["properties"]
    }


def _kinds(place: Mapping[str, str]) -> list[str]:
    """What a place is for the phrases: its kind, and what its name says beyond that."""
    name, kind = place["name"], place["kind"]
    if kind == "building" and not place["parent"].startswith("CP-"):
        return ["yard"]
    out = [kind]
    if kind == "landmark":
        out += ["hospital"] if name.endswith("医院") else []
        out += ["office"] if name.endswith(("办事处", "派出所", "中心")) else []
        out += ["market"] if name.endswith("市场") else []
        out += ["water"] if name.endswith(("桥", "步道")) else []
        out += ["site"] if name.endswith(("文创园", "旧址")) else []
    if kind == "compound" and name.endswith(("新村", "佳园", "宿舍")):
        out.append("site")  # being rebuilt
    return out


def _shorter(name: str) -> Iterator[str]:
    for cut in range(len(name) - 1, 1, -1):
        yield name[:cut]


def reports(world: World | Path, seed: int, start: datetime, end: datetime) -> Iterator[Report]:
    """All reports with start <= at < end, in order of time."""
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError("start and end need a time zone")
    teller = Teller(world, seed)
    day = start.astimezone(teller.zone).date()
    while day <= end.astimezone(teller.zone).date():
        yield from (r for r in teller.day(day) if start <= r.at < end)
        day += timedelta(days=1)


class Teller:
    """Tells any day of a town's life; remembers the problems of the last days it was asked for."""

    def __init__(self, world: World | Path, seed: int) -> None:
        self._seed = seed
        self._atlas = _Atlas(read_world(world) if isinstance(world, Path) else world, seed)
        self.zone = self._atlas.zone
        self._born: dict[date, list[Report]] = {}

    def day(self, day: date) -> list[Report]:
        """What is reported on one day, of problems that began on it or on the days before."""
        first = day - timedelta(days=ECHO_DAYS)
        self._born = {d: r for d, r in self._born.items() if first <= d <= day}
        out: list[Report] = []
        for back in range(ECHO_DAYS + 1):
            born = day - timedelta(days=back)
            if born not in self._born:
                self._born[born] = list(self._problems(born))
            out += [r for r in self._born[born] if r.at.date() == day]
        return sorted(out, key=lambda r: (r.at, r.upstream_key))

    def _problems(self, born: date) -> Iterator[Report]:
        rng = rng_for(self._seed, "day", born.isoformat())
        # About 1.45 reports come of one problem.
        mean = REPORTS_A_DAY / 1.45 * _WEEKDAY[born.weekday()]
        count = max(18, round(rng.gauss(mean, 3.2)))
        all_themes = themes()
        picked = rng.choices(all_themes, [t.weight for t in all_themes], k=count)
        for i, theme in enumerate(picked):
            yield from self._problem(born, i, theme)

    def _problem(self, born: date, number: int, theme: Theme) -> Iterator[Report]:
        rng = rng_for(self._seed, "problem", born.isoformat(), number)
        stage = self._atlas.pick(theme, rng)
        began = self._moment(born, theme, rng)
        problem = f"P{born:%y%m%d}-{number:02d}"
        voices = 1
        while rng.random() < theme.crowd and voices < 7:
            voices += 1
        at, last, told = began, "", None
        serial = 0
        for voice in range(voices):
            again = voice > 0 and rng.random() < 0.25
            if voice:
                at = self._awake(at + timedelta(minutes=rng.expovariate(1 / 420)), rng)
            if (at.date() - born).days > ECHO_DAYS:
                return
            channel = last if again and last != "grid_worker" else self._channel(theme, at, rng)
            told = self._report(
                (born, number, serial), theme, stage, channel, at, problem, rng, again=again
            )
            serial, last = serial + 1, channel
            yield told
            if rng.random() < 0.028:
                # The same person sends the very same words once more.
                later = self._awake(at + timedelta(minutes=rng.uniform(30, 1500)), rng)
                if (later.date() - born).days <= ECHO_DAYS:
                    yield _repeat(told, later, (born, number, serial))
                    serial += 1

    def _moment(self, day: date, theme: Theme, rng: random.Random) -> datetime:
        hours = list(_HOURS)
        for low, high, factor in _SHIFTS[theme.hours]:
            for h in range(low, high):
                hours[h] *= factor
        hour = rng.choices(range(24), hours)[0]
        clock = time(hour, rng.randrange(60), rng.randrange(60))
        return datetime.combine(day, clock, self.zone)

    def _awake(self, at: datetime, rng: random.Random) -> datetime:
        """Few people report in the small hours: what would fall there comes in the morning."""
        if 1 <= at.hour < 6:
            at = at.replace(hour=rng.randint(7, 9), minute=rng.randrange(60))
        return at.replace(microsecond=0)

    def _channel(self, theme: Theme, at: datetime, rng: random.Random) -> str:
        office = at.weekday() < 6 and 8 <= at.hour < 18
        request = theme.category.startswith("request:")
        share = dict(_CHANNEL)
        if not office:
            share["grid_worker"] = share["petition"] = 0
        if request:
            share["grid_worker"] //= 6
            share["petition"] *= 2
        return rng.choices(list(share), list(share.values()))[0]

    def _report(
        self,
        serial: tuple[date, int, int],
        theme: Theme,
        stage: _Stage,
        channel: str,
        at: datetime,
        problem: str,
        rng: random.Random,
        *,
        again: bool,
    ) -> Report:
        told = tell(theme, stage.spot, channel, rng, again=again)
        lon: float | None = None
        lat: float | None = None
        if channel == "grid_worker" or (channel == "wechat" and rng.random() < 0.55):
            # A worker stands at the spot; a resident's phone knows it to a house or two.
            off = stage.spread if channel == "grid_worker" else stage.spread + 15
            lon, lat = CENTRE.lonlat(
                stage.x + rng.gauss(0, off / 2), stage.y + rng.gauss(0, off / 2)
            )
        return Report(
            _key(channel, at, serial), channel, at, told.title, told.text, lon, lat,
            theme.category, problem, stage.spot.code,
        )  # fmt: skip


def _key(channel: str, at: datetime, serial: tuple[date, int, int]) -> str:
    born, number, voice = serial
    return f"{PREFIX[channel]}{at:%Y%m%d}{(at.date() - born).days}{number:02d}{voice:02d}"


def _repeat(report: Report, at: datetime, serial: tuple[date, int, int]) -> Report:
    return Report(
        _key(report.channel, at, serial), report.channel, at, report.title, report.text,
        report.lon, report.lat, report.truth_category, report.truth_problem, report.truth_place,
    )  # fmt: skip


def row_of(report: Report) -> dict[str, str]:
    """A report as a row of the file that the street's mapping `street-reports` reads."""
    here = report.lon is not None and report.lat is not None
    values = (
        report.upstream_key,
        report.channel,
        f"{report.at:%Y-%m-%d %H:%M:%S}",
        report.title,
        report.text,
        f"{report.lon:.6f}" if here else "",
        f"{report.lat:.6f}" if here else "",
    )
    return dict(zip(COLUMNS, values, strict=True))


def write_reports_csv(path: Path, items: Iterable[Report]) -> int:
    """Write the file; returns how many rows it has."""
    with path.open("w", encoding="utf-8", newline="") as f:
        return reports_csv(f, items)


def reports_csv(file: IO[str], items: Iterable[Report]) -> int:
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    writer.writeheader()
    count = 0
    for report in items:
        writer.writerow(row_of(report))
        count += 1
    return count


def write_truth_csv(path: Path, items: Iterable[Report]) -> None:
    """The truth behind the reports, for scoring an engine: never given to one."""
    with path.open("w", encoding="utf-8", newline="") as f:
        writer = csv.writer(f, lineterminator="\n")
        writer.writerow(["id", "problem", "category", "place"])
        for r in items:
            writer.writerow([r.upstream_key, r.truth_problem, r.truth_category, r.truth_place])
