"""What was reported in the town: problems, who told of them, when and how often.

Days are made one by one, each from its own seed, so that any period can be asked for and two
periods that overlap agree. The live simulator goes on where the written history stops, and
telling the same day twice gives the same keys.

A day's problems are drawn from the rates of the day (``rates``), at places of the atlas, with
what is planted on top (``planted``). Each problem is told by one or several people, who may come
back to it. Beside problems people say thanks, ask, and dial wrongly.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from . import language
from .atlas import Atlas, Stage
from .courses import Course
from .geometry import rng_for
from .language import CHANNEL_HABITS, Telling, Theme, themes
from .planted import CLUSTER_METRES, Batch, Cluster, Planted, Planter
from .played import Played
from .rates import RateBook, is_steady, poisson
from .reports import Report
from .world import CENTRE, World, read_world

ECHO_DAYS = 5  # how many days after a problem began somebody may still report it
MOST_VOICES = 12
#: Days whose beginnings are kept: what follows of them comes up to some days later.
MOST_DAYS_KEPT = 40
#: Median minutes between two voices of one problem; urgent matters are told sooner.
VOICE_MINUTES = 420.0
#: How often a person comes back: to urge (催单), to add something (补充), word for word.
URGES, ADDS, REPEATS = 0.085, 0.03, 0.028
#: Share of the points sent by phones that are none: where the phone may not tell, the form puts the
#: street office.
DEFAULT_POINT = 0.1
#: Share of calls that tell of two problems, and of reports that tell of none.
TWO_IN_ONE, CHATTER = 0.02, 0.035
_CHATTER = (("thanks", 0.4), ("question", 0.35), ("nonsense", 0.25))
#: Who comes back to the office at all.
_PERSONS = ("hotline12345", "street_hotline", "wechat", "petition")
PREFIX = {
    "hotline12345": "RX",
    "street_hotline": "JD",
    "grid_worker": "WG",
    "wechat": "WX",
    "petition": "XF",
    "police": "GA",
    "procuratorate": "JC",
    "court": "FY",
    "justice_office": "SF",
    "media": "MT",
    "district": "QJ",
}

# Reports by hour of the day, before what the kind of problem does to it.
_HOURS = (
    0.6, 0.3, 0.2, 0.1, 0.1, 0.3, 0.7, 1.8, 4.2, 6.0, 6.6, 4.8,
    2.8, 2.6, 4.2, 4.9, 4.6, 3.9, 3.5, 3.3, 3.1, 2.6, 1.7, 0.9,
)  # fmt: skip
_SHIFTS = {
    "any": (),
    "day": ((8, 18, 1.5), (20, 24, 0.3), (0, 6, 0.1)),
    "morning": ((6, 11, 3.0),),
    "evening": ((17, 22, 3.0), (6, 12, 0.6)),
    "night": ((20, 24, 6.0), (0, 3, 5.0), (8, 17, 0.3)),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that began on a day at a place; how it is told comes later."""

    key: str
    theme: Theme
    stage: Stage
    day: date
    planted: str = ""
    batch: Batch | None = None


def reports(world: World | Path, seed: int, start: datetime, end: datetime) -> Iterator[Report]:
    """All reports with start <= at < end, in order of time."""
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError("start and end need a time zone")
    yield from Teller(world, seed).between(start, end)


class Teller:
    """Tells any day of a town's life; remembers the problems of the last days it was asked for."""

    def __init__(self, world: World | Path, seed: int, courses: Sequence[Course] = ()) -> None:
        """``courses``: what happens minute by minute in the period, and when."""
        self._seed = seed
        self._themes = themes()
        self._by_key = {theme.key: theme for theme in self._themes}
        town = read_world(world) if isinstance(world, Path) else world
        self.atlas = Atlas(town, seed, self._themes)
        self.zone = self.atlas.zone
        self.rates = RateBook(seed, self._themes, courses)
        # What the weather brings needs no planting, and would be out of season most of the year.
        steady = [t for t in self._themes if t.nature == "problem" and is_steady(t)]
        self.planter = Planter(seed, [(t.category, t.key) for t in steady])
        self.courses = tuple(courses)
        played = Played(town, seed, self.atlas)
        self._happened = [report for course in self.courses for report in played.tell(course)]
        self._begun: dict[date, list[Problem]] = {}
        self._told: dict[date, list[Report]] = {}

    def between(self, start: datetime, end: datetime) -> Iterator[Report]:
        """All reports with start <= at < end, in order of time."""
        day = start.astimezone(self.zone).date()
        while day <= end.astimezone(self.zone).date():
            yield from (r for r in self.day(day) if start <= r.at < end)
            day += timedelta(days=1)

    def with_echoes(self, start: datetime, end: datetime, until: datetime) -> list[Report]:
        """Reports of a stretch of the past, and what the same people said of them later, up to
        ``until``: whoever lives through the stretch knows what they come back to.
        """
        last = min(end + timedelta(days=ECHO_DAYS + 1), until)
        return [
            report
            for report in self.between(start, last)
            if start <= (report.first_at or report.at) < end
        ]

    def day(self, day: date) -> list[Report]:
        """What is reported on one day, of problems that began on it or on the days before."""
        first = day - timedelta(days=ECHO_DAYS)
        self._told = {d: r for d, r in self._told.items() if first <= d <= day}
        out = [report for report in self._happened if report.at.date() == day]
        for back in range(ECHO_DAYS + 1):
            born = day - timedelta(days=back)
            if born not in self._told:
                self._told[born] = self._tell_all(born)
            out += [r for r in self._told[born] if r.at.date() == day]
        return sorted(out, key=lambda r: (r.at, r.upstream_key))

    # --- what begins -------------------------------------------------------------------------

    def problems(self, day: date) -> list[Problem]:
        """What begins on a day: daily life, what is planted, and what follows of earlier days."""
        planted = self.planter.between(day, day + timedelta(days=1))
        found = list(self._daily(day, planted))
        found += self._clustered(day, planted)
        found += self._following(day, planted)
        found += self._batched(day, planted)
        return found

    def _daily(self, day: date, planted: Planted) -> list[Problem]:
        if day not in self._begun:
            if len(self._begun) >= MOST_DAYS_KEPT:
                self._begun.clear()
            self._begun[day] = self._draw(day, planted)
        return self._begun[day]

    def _draw(self, day: date, planted: Planted) -> list[Problem]:
        rng = rng_for(self._seed, "day", day.isoformat())
        out: list[Problem] = []
        for theme, rate in zip(self._themes, self.rates.rates(day).by_theme, strict=True):
            for _ in range(poisson(rng, rate)):
                stage = self.atlas.pick(theme, rng)
                kept = rng.random()
                if kept < self._left(theme, stage, day, planted):
                    out.append(Problem(f"P{day:%y%m%d}-{len(out):03d}", theme, stage, day))
        return out

    def _left(self, theme: Theme, stage: Stage, day: date, planted: Planted) -> float:
        """What the street's actions leave of the rate here."""
        left = 1.0
        for effect in planted.effects:
            where = self.atlas.communities[effect.community % len(self.atlas.communities)]
            if theme.category == effect.category and stage.community == where:
                left *= effect.factor if effect.start <= day < effect.end else 1.0
        return left

    def _clustered(self, day: date, planted: Planted) -> Iterator[Problem]:
        for cluster in planted.clusters:
            rng = rng_for(self._seed, "cluster", cluster.key, day)
            for n in range(poisson(rng, cluster.rate(day))):
                theme = self._by_key[cluster.theme]
                stage = self._around(cluster, theme, rng)
                yield Problem(f"C{day:%y%m%d}-{cluster.key}-{n}", theme, stage, day, cluster.key)

    def category_of(self, theme: str) -> str:
        """The class (scheme:code) of a theme by its key."""
        return self._by_key[theme].category

    def lonlat(self, stage: Stage) -> tuple[float, float]:
        """Where a stage is, in degrees."""
        return CENTRE.lonlat(stage.x, stage.y)

    def centre(self, cluster: Cluster) -> Stage:
        """The place that a cluster is around."""
        return self.atlas.numbered(self._by_key[cluster.theme], cluster.place)

    def _around(self, cluster: Cluster, theme: Theme, rng: random.Random) -> Stage:
        centre = self.centre(cluster)
        near = self.atlas.near(theme, (centre.x, centre.y), CLUSTER_METRES, rng) or centre
        return self.atlas.focused(near, rng)

    def _following(self, day: date, planted: Planted) -> Iterator[Problem]:
        for link in planted.associations:
            cause_day = day - timedelta(days=link.lag_days)
            if not link.start <= cause_day < link.end:
                continue
            rng = rng_for(self._seed, "follows", link.key, day)
            heirs = [t for t in self._themes if t.category == link.follows]
            earlier = self.planter.between(cause_day, cause_day + timedelta(days=1))
            for n, cause in enumerate(self._daily(cause_day, earlier)):
                if cause.theme.category != link.cause or rng.random() >= link.probability:
                    continue
                theme = rng.choice(heirs)
                stage = self.atlas.in_grid(theme, cause.stage.grid, rng)
                if stage is not None:
                    stage = self.atlas.focused(stage, rng)
                    yield Problem(f"L{day:%y%m%d}-{n:03d}", theme, stage, day, link.key)

    def _batched(self, day: date, planted: Planted) -> Iterator[Problem]:
        for batch in planted.batches:
            if batch.day == day:
                rng = rng_for(self._seed, "batch", batch.key)
                ordinary = [t for t in self._themes if t.nature == "problem"]
                for n in range(batch.rows):
                    theme = rng.choices(ordinary, [t.weight for t in ordinary])[0]
                    stage = self.atlas.pick(theme, rng)
                    yield Problem(f"B{day:%y%m%d}-{n:03d}", theme, stage, day, batch.key, batch)

    # --- how it is told ------------------------------------------------------------------------

    def _tell_all(self, born: date) -> list[Report]:
        serials = _Serials(born)
        begun = self.problems(born)
        out: list[Report] = []
        for index, problem in enumerate(begun):
            rng = rng_for(self._seed, "problem", problem.key)
            if problem.batch is not None:
                out.append(self._typed(problem, problem.batch, serials, rng))
            else:
                out += self._voices(problem, begun[index + 1 :], serials, rng)
        out += self._chatter(born, len(out), serials)
        return out

    def _voices(
        self, problem: Problem, others: list[Problem], serials: _Serials, rng: random.Random
    ) -> Iterator[Report]:
        """Everybody who tells of a problem, with what they say of it later."""
        voices = 1
        while rng.random() < problem.theme.crowd and voices < MOST_VOICES:
            voices += 1
        at = self._moment(problem.day, problem.theme, rng)
        for voice in range(voices):
            if voice:
                at = self._awake(at + timedelta(minutes=rng.expovariate(1 / VOICE_MINUTES)), rng)
            if (at.date() - problem.day).days > ECHO_DAYS:
                return
            told = self._report(problem, self._channel(problem.theme, at, rng), at, serials, rng)
            if rng.random() < TWO_IN_ONE:
                told = self._with_another(told, problem, others, rng)
            yield told
            yield from self._later(told, problem, serials, rng)

    def _later(
        self, told: Report, problem: Problem, serials: _Serials, rng: random.Random
    ) -> Iterator[Report]:
        """The same person once more: urging, adding, or the very same words."""
        if told.channel not in _PERSONS:
            return
        for kind, share in (("urge", URGES), ("supplement", ADDS), ("repeat", REPEATS)):
            if rng.random() >= share:
                continue
            at = self._awake(told.at + timedelta(minutes=rng.uniform(240, 60 * 90)), rng)
            if (at.date() - problem.day).days > ECHO_DAYS:
                continue
            key = serials.key(told.channel, at)
            if kind == "repeat":
                yield replace(told, upstream_key=key, at=at)
                continue
            spot = problem.stage.spot
            said = (
                language.urge(problem.theme, spot, rng, told.upstream_key)
                if kind == "urge"
                else language.supplement(problem.theme, spot, rng, told.upstream_key)
            )
            yield replace(
                told, upstream_key=key, at=at, title=said.title, text=said.text, kind=kind,
                refers_to=told.upstream_key, also=None, errors=said.errors, lon=None, lat=None,
                first_at=told.at,
            )  # fmt: skip

    def _report(
        self, problem: Problem, channel: str, at: datetime, serials: _Serials, rng: random.Random
    ) -> Report:
        theme, stage = problem.theme, problem.stage
        sky = self.rates.sky(at.date())
        said = language.tell(theme, stage.spot, channel, rng, at=at, sky=sky)
        lon, lat = self._located(stage, channel, rng)
        if channel == "wechat" and lon is not None and rng.random() < DEFAULT_POINT:
            lon, lat = self.lonlat(self._desk())
            said = replace(said, errors=(*said.errors, "default_point"))
        return _made(problem, channel, serials.key(channel, at), at, said, lon, lat)

    def _with_another(
        self, told: Report, problem: Problem, others: list[Problem], rng: random.Random
    ) -> Report:
        """The same call tells of a second problem of the day, which others may report as well."""
        near = [p for p in others if p.stage.community == problem.stage.community and not p.batch]
        if not near or told.channel not in _PERSONS:
            return told
        second = rng.choice(near)
        pair = ((problem.theme, problem.stage.spot), (second.theme, second.stage.spot))
        sky = self.rates.sky(told.at.date())
        said = language.tell_two(*pair, told.channel, rng, at=told.at, sky=sky)
        also = (second.key, second.theme.category, second.stage.spot.code)
        return replace(told, title=said.title, text=said.text, errors=said.errors, also=also)

    def _typed(
        self, problem: Problem, batch: Batch, serials: _Serials, rng: random.Random
    ) -> Report:
        """A paper form that somebody types in the evening: all at one point, in one minute."""
        at = datetime.combine(batch.day, time(batch.hour, batch.minute, rng.randrange(60)))
        at = at.replace(tzinfo=self.zone)
        said = language.tell(problem.theme, problem.stage.spot, "grid_worker", rng, at=at)
        lon, lat = self.lonlat(self._desk())
        return _made(problem, "grid_worker", serials.key("grid_worker", at), at, said, lon, lat)

    def _desk(self) -> Stage:
        """Where forms are typed, and what a form takes for a place that it is not told: the first
        office of the gazetteer.
        """
        stages = self.atlas.by_code.values()
        offices = [s for s in stages if s.spot.name.endswith("办事处")]
        return (offices or list(stages))[0]

    def _chatter(self, day: date, count: int, serials: _Serials) -> Iterator[Report]:
        """Thanks, questions, wrong numbers: about so many for each hundred reports."""
        rng = rng_for(self._seed, "chatter", day.isoformat())
        for _ in range(poisson(rng, count * CHATTER)):
            kind = rng.choices([k for k, _ in _CHATTER], [w for _, w in _CHATTER])[0]
            theme = rng.choice(self._themes)
            stage = self.atlas.pick(theme, rng)
            at = self._awake(self._moment(day, theme, rng), rng)
            channel = rng.choice(("hotline12345", "street_hotline", "wechat", "wechat"))
            said = _chat(kind, stage, channel, rng)
            key = serials.key(channel, at)
            yield Report(
                key, channel, at, said.title, said.text, None, None, "", "", "", kind, "none",
                community=stage.community, errors=said.errors,
            )  # fmt: skip

    def _located(
        self, stage: Stage, channel: str, rng: random.Random
    ) -> tuple[float | None, float | None]:
        """The point that comes with it: a worker stands at the spot, a phone knows it to a house
        or two, a caller gives none.
        """
        if rng.random() >= CHANNEL_HABITS[channel].located:
            return None, None
        off = stage.spread if channel == "grid_worker" else stage.spread + 15
        return CENTRE.lonlat(stage.x + rng.gauss(0, off / 2), stage.y + rng.gauss(0, off / 2))

    def _moment(self, day: date, theme: Theme, rng: random.Random) -> datetime:
        hours = list(_HOURS)
        for low, high, factor in _SHIFTS[theme.hours]:
            for h in range(low, high):
                hours[h] *= factor
        hour = rng.choices(range(24), hours)[0]
        clock = time(hour, rng.randrange(60), rng.randrange(60))
        return datetime.combine(day, clock, self.zone)

    def _awake(self, at: datetime, rng: random.Random) -> datetime:
        """Few people are up in the small hours (the weights of `_HOURS` taken for chances): what
        the others have to say comes in the morning.
        """
        if at.hour < 6 and rng.random() >= _HOURS[at.hour]:
            at = at.replace(hour=rng.randint(7, 10), minute=rng.randrange(60))
        return at.replace(microsecond=0)

    def _channel(self, theme: Theme, at: datetime, rng: random.Random) -> str:
        office = at.weekday() < 6 and 8 <= at.hour < 18
        share = {
            channel: habit.share.get(theme.nature, 0.0)
            for channel, habit in CHANNEL_HABITS.items()
            if office or not habit.office_hours
        }
        return rng.choices(list(share), list(share.values()))[0]


class _Serials:
    """Keys of a day's reports: channel, day told, how many days after, and a count."""

    def __init__(self, born: date) -> None:
        self._born, self._count = born, 0

    def key(self, channel: str, at: datetime) -> str:
        self._count += 1
        return f"{PREFIX[channel]}{at:%Y%m%d}{(at.date() - self._born).days}{self._count:04d}"


def _chat(kind: str, stage: Stage, channel: str, rng: random.Random) -> Telling:
    if kind == "thanks":
        return language.thanks(stage.spot, channel, rng)
    if kind == "question":
        return language.question(stage.spot, channel, rng)
    return language.nonsense(channel, rng)


def _made(
    problem: Problem,
    channel: str,
    key: str,
    at: datetime,
    said: Telling,
    lon: float | None,
    lat: float | None,
) -> Report:
    theme, stage = problem.theme, problem.stage
    return Report(
        key, channel, at, said.title, said.text, lon, lat, theme.category, problem.key,
        stage.spot.code, "problem", theme.nature, community=stage.community,
        planted=problem.planted, errors=said.errors,
    )  # fmt: skip
