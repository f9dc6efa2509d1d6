"""Scenarios that somebody starts: what residents report from that moment on, in business time.

A scenario is data. The engine here keeps which were started and when; what is reported of them is
a function of the seed and that moment, so nothing else has to be kept: after a restart they go on.
It hands nothing in itself: the simulator asks what is due and takes it through the same doors as
everything else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from .reports import Report

MINUTE = timedelta(minutes=1)
#: So long before a restart the simulator looks back for what it may not have handed in.
REMEMBERED = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Scenario:
    """What can be started."""

    name: str
    title: str
    title_en: str
    minutes: int  # business minutes that its main part lasts; stragglers may come after it
    silences: str = ""  # the channel whose reports do not arrive meanwhile, and then all at once


SCENARIOS: dict[str, Scenario] = {
    one.name: one
    for one in (
        Scenario("cloudburst", "暴雨内涝", "Cloudburst", 120),
        Scenario("smoke", "林缘烟情", "Smoke at the forest edge", 180),
        Scenario("noise", "噪声投诉累积", "Noise builds up", 7 * 1440),
        Scenario("source", "热线数据中断", "A source goes down", 240, silences="hotline12345"),
    )
}


class Courses(Protocol):
    """Who knows what is reported when a thing takes its course."""

    def course(self, name: str, at: datetime) -> list[Report]:
        """Every report of a scenario that begins at this moment, in order of time."""


class StillRunning(Exception):
    """The scenario was started before and is not over."""


@dataclass
class Started:
    """A scenario that was started."""

    scenario: Scenario
    at: datetime
    reports: list[Report] = field(default_factory=list)

    @property
    def until(self) -> datetime:
        """When its main part is over."""
        return self.at + timedelta(minutes=self.scenario.minutes)

    @property
    def last(self) -> datetime:
        """When nothing comes of it any more."""
        return max([self.until, *(report.at for report in self.reports[-1:])])

    def runs(self, now: datetime) -> bool:
        """Whether its main part still lasts."""
        return now < self.until

    def told(self, now: datetime) -> int:
        """How many of its reports were made by now."""
        return sum(report.at < now for report in self.reports)


class Scenarios:
    """The scenarios of one town."""

    def __init__(self, courses: Courses, kept: Path | None = None) -> None:
        """``kept``: the file in which it stands what was started, for the next start."""
        self._courses = courses
        self._kept = kept
        self._started: list[Started] = []
        if kept is not None and kept.exists():
            for one in json.loads(kept.read_text(encoding="utf-8")):
                self._begin(one["name"], datetime.fromisoformat(one["at"]))

    def start(self, name: str, now: datetime) -> Started:
        """Start one at the next full minute. Raises KeyError (no such scenario), StillRunning."""
        scenario = SCENARIOS[name]
        latest = self.latest(scenario.name)
        if latest is not None and latest.runs(now):
            raise StillRunning(name)
        at = now.replace(second=0, microsecond=0)
        started = self._begin(name, at if at == now else at + MINUTE)
        self._started = [one for one in self._started if now - one.last < REMEMBERED]
        self._keep()
        return started

    def _begin(self, name: str, at: datetime) -> Started:
        scenario = SCENARIOS[name]
        started = Started(scenario, at, [] if scenario.silences else self._courses.course(name, at))
        self._started.append(started)
        return started

    def _keep(self) -> None:
        if self._kept is None:
            return
        kept = [{"name": one.scenario.name, "at": one.at.isoformat()} for one in self._started]
        temporary = self._kept.with_suffix(".new")
        temporary.write_text(json.dumps(kept), encoding="utf-8")
        temporary.replace(self._kept)

    def begun(self) -> list[tuple[str, datetime]]:
        """What was started, and when, as far back as that is remembered."""
        return [(one.scenario.name, one.at) for one in self._started]

    def latest(self, name: str) -> Started | None:
        """The last time that it was started."""
        found = [one for one in self._started if one.scenario.name == name]
        return max(found, key=lambda one: one.at, default=None)

    def due(self, since: datetime, until: datetime) -> list[Report]:
        """What is reported of all of them in this time, in order."""
        found: Iterable[Report] = (
            report for one in self._started for report in one.reports if since <= report.at < until
        )
        return sorted(found, key=lambda report: (report.at, report.upstream_key))

    def busy(self, now: datetime) -> bool:
        """Whether something is coming of any of them."""
        return any(one.at - MINUTE <= now <= one.last for one in self._started)

    def silent(self, channel: str, now: datetime) -> bool:
        """Whether nothing arrives over a channel now."""
        return any(
            one.scenario.silences == channel and one.at <= now and one.runs(now)
            for one in self._started
        )

    def silent_since(self, channel: str, since: datetime) -> datetime:
        """From when on a channel must be looked through, where nothing of it arrived for a while
        that was not over by ``since``.
        """
        return min(
            (
                one.at
                for one in self._started
                if one.scenario.silences == channel and one.until > since
            ),
            default=since,
        )
