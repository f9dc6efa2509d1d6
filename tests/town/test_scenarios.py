"""Scenarios: what comes of them, when, and what is kept of them."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import shapely
from town.conftest import SEED

from streetwise.town.played import COURSES, Played
from streetwise.town.reports import Report
from streetwise.town.scenarios import SCENARIOS, Scenarios, StillRunning
from streetwise.town.world import World

NOW = datetime(2026, 9, 9, 2, 0, 30, tzinfo=UTC)  # half a minute past ten in the morning
MINUTE = timedelta(minutes=1)
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def played(world: World) -> Played:
    return Played(world, SEED)


class Told:
    """Three reports, a minute, an hour and a day after the beginning."""

    def course(self, name: str, at: datetime) -> list[Report]:
        waits = (MINUTE, timedelta(hours=1), timedelta(days=1))
        return [
            Report(
                f"{name}{at:%H%M}{n}", "wechat", at + wait, "", "水", None, None, "x:y", "p", "q"
            )
            for n, wait in enumerate(waits)
        ]


def test_every_scenario_with_a_course_is_told_and_tells_it_again_the_same(played: Played) -> None:
    assert {one.name for one in SCENARIOS.values() if not one.silences} == set(COURSES)
    for name in COURSES:
        reports = played.course(name, NOW)
        assert reports == played.course(name, NOW)
        assert reports == sorted(reports, key=lambda one: (one.at, one.upstream_key))
        assert len({one.upstream_key for one in reports}) == len(reports) > 20
        assert all(one.at >= NOW.replace(second=0) for one in reports)
        assert all(one.text for one in reports)


def test_keys_of_two_starts_on_one_day_differ(played: Played) -> None:
    """Else the second would be taken for old news about the first."""
    first, second = (
        {one.upstream_key for one in played.course("smoke", at)}
        for at in (NOW, NOW + timedelta(hours=4))
    )
    assert not first & second


def test_a_cloudburst_floods_the_underpass_and_roads_by_the_water(played: Played) -> None:
    reports = played.course("cloudburst", NOW)
    flooded = Counter(
        one.truth_place for one in reports if one.truth_category == "urban-management:E-05-06"
    )
    assert any(place.startswith("UP-") for place in flooded)
    assert 3 <= len(flooded) <= 5  # the same few places, told of by many
    assert any(one.truth_category == "urban-management:P-04-02" for one in reports)  # a tree
    assert max(flooded.values()) >= 5
    until = NOW + timedelta(minutes=SCENARIOS["cloudburst"].minutes)
    assert sum(one.at < until for one in reports) > len(reports) / 2


def test_a_smoke_is_seen_from_the_edge_of_the_forest(played: Played, world: World) -> None:
    forest = shapely.unary_union(
        [
            shapely.geometry.shape(one["geometry"])
            for one in world.base
            if one["properties"]["kind"] == "forest"
        ]
    )
    place = {one["code"]: (float(one["lon"]), float(one["lat"])) for one in world.places}

    def away(code: str) -> float:
        return float(forest.distance(shapely.geometry.Point(place[code])))

    reports = played.course("smoke", NOW)
    assert {one.truth_category for one in reports} == {"urban-management:E-01-20"}
    assert len({one.truth_place for one in reports}) < 12
    homes = sorted(away(code) for code in place if code.startswith("CP-"))
    hit = {one.truth_place for one in reports if one.truth_place.startswith("CP-")}
    assert max(away(code) for code in hit) <= homes[len(homes) // 2]


def test_a_noise_grows_round_one_place_in_the_evenings(played: Played) -> None:
    reports = played.course("noise", NOW)
    assert len({one.truth_place for one in reports}) == 1
    days = [(one.at - NOW).days for one in reports]
    first, last = sum(day < 3 for day in days), sum(day >= 4 for day in days)
    assert last > 2 * first > 0
    night = [one for one in reports if not 9 <= one.at.astimezone(ZONE).hour < 20]
    assert len(night) == len(reports)


def test_a_scenario_runs_once_at_a_time_and_ends() -> None:
    scenarios = Scenarios(Told())
    started = scenarios.start("cloudburst", NOW)
    assert started.at == NOW + 30 * timedelta(seconds=1)  # the next full minute
    with pytest.raises(StillRunning):
        scenarios.start("cloudburst", NOW + timedelta(hours=1))
    assert scenarios.start("smoke", NOW).runs(NOW)
    later = started.until
    assert not started.runs(later)
    assert scenarios.busy(later)  # what comes the next morning
    assert not scenarios.busy(started.last + MINUTE)
    assert scenarios.start("cloudburst", later).at == later
    with pytest.raises(KeyError):
        scenarios.start("flood", NOW)


def test_what_is_due_comes_once_and_in_order() -> None:
    scenarios = Scenarios(Told())
    at = scenarios.start("cloudburst", NOW).at
    scenarios.start("smoke", NOW)
    assert [one.upstream_key[0] for one in scenarios.due(at, at + 2 * MINUTE)] == ["c", "s"]
    assert scenarios.due(at, at + MINUTE) == []  # its own minute has not come
    assert len(scenarios.due(at, at + timedelta(days=2))) == 6
    latest = scenarios.latest("smoke")
    assert latest is not None
    assert [latest.told(at + wait) for wait in (MINUTE, 2 * MINUTE, timedelta(days=2))] == [0, 1, 3]


def test_started_scenarios_go_on_after_a_restart(tmp_path: Path) -> None:
    kept = tmp_path / "scenarios.json"
    first = Scenarios(Told(), kept)
    first.start("cloudburst", NOW)
    first.start("source", NOW)
    again = Scenarios(Told(), kept)
    while_it_lasts = NOW + timedelta(hours=1)
    assert again.due(NOW, while_it_lasts) == first.due(NOW, while_it_lasts) != []
    assert again.silent("hotline12345", while_it_lasts)
    with pytest.raises(StillRunning):
        again.start("cloudburst", while_it_lasts)
    # What is long over is forgotten with the next start.
    again.start("smoke", NOW + timedelta(days=9))
    assert [one["name"] for one in json.loads(kept.read_text())] == ["smoke"]


def test_a_source_is_silent_for_its_time_and_is_then_looked_through_from_its_beginning() -> None:
    scenarios = Scenarios(Told())
    started = scenarios.start("source", NOW)
    assert not scenarios.silent("hotline12345", NOW)
    assert scenarios.silent("hotline12345", started.at)
    assert not scenarios.silent("wechat", started.at)
    assert not scenarios.silent("hotline12345", started.until)
    since = started.at + timedelta(hours=2)
    assert scenarios.silent_since("hotline12345", since) == started.at
    assert scenarios.silent_since("hotline12345", started.until) == started.until
    assert scenarios.silent_since("wechat", since) == since
