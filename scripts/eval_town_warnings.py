"""What a street's first night finds in a town's year: planted clusters, and how soon.

    .venv/bin/streetwise town make DIR --seed 21 --years 1
    .venv/bin/python scripts/eval_town_warnings.py DIR [DIR ...] [--json] [--weather]

One night is computed as the product computes it (``warn/compute.py``, grids of the street, true
class and place of each problem, each problem once) with its look back over the year
(``warn_hindsight_days``), and its warnings are joined as its rows would be. A cluster of
``truth/clusters.csv`` is found by the first of them that is of its class, overlaps its place and
days, and would have been said no later than its last day; clusters that began before anything
could be said, or more than ``--days`` ago, are left out. Warnings that touch a cluster, or one of
the town's two courses, are true; all others match none. Bounded by the folder's years.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections import defaultdict
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

import numpy as np
from shapely.geometry import shape

from streetwise.directory.responsibility import calendar_of
from streetwise.evaluation.warn.files import Events
from streetwise.evaluation.warn.scoring import Said, score, touches
from streetwise.evaluation.warn.town import read_town
from streetwise.evaluation.warn.truth import TrueChange, read_truth
from streetwise.gather.weather import read_weather
from streetwise.warn.compute import compute
from streetwise.warn.hindsight import one_each
from streetwise.warn.material import AHEAD_DAYS, Ground, Read, calendar
from streetwise.warn.night import Material, Past
from streetwise.warn.nightly import NightSettings
from streetwise.warn.plane import METRES_A_DEGREE, Plane
from streetwise.warn.values import Candidate, Places, date_of, day_of

ZONE = "Asia/Shanghai"
COURSES = ("cloudburst", "smoke")
QUIET_DAYS = 7


def ground_of(folder: Path, events: Events) -> tuple[Ground, tuple[str, ...]]:
    """The street's grids in the plane of the reports, and their codes."""
    file = json.loads((folder / "grids.geojson").read_text(encoding="utf-8"))
    grids = [(one["properties"], shape(one["geometry"])) for one in file["features"]]
    codes = tuple(str(known["code"]) for known, _ in grids)
    middles = [one.representative_point() for _, one in grids]
    x, y = events.plane.metres(
        np.array([one.x for one in middles]), np.array([one.y for one in middles])
    )
    square = METRES_A_DEGREE**2 * np.cos(np.radians(events.plane.lat))
    area = np.array([one.area for _, one in grids]) * square
    regions = sorted({str(known["community"]) for known, _ in grids})
    region = np.array([regions.index(known["community"]) for known, _ in grids], dtype=np.int64)
    ids: tuple[UUID, ...] = tuple(uuid5(NAMESPACE_URL, code) for code in codes)
    plane = Plane(events.plane.lon, events.plane.lat)
    return Ground(plane, Places(codes, x, y, area), ids, region, tuple(regions)), codes


def read_of(folder: Path, *, by_weather: bool = False) -> tuple[Read, Events]:
    """What a night would read if triage knew everything."""
    events = read_town(folder, cases=True)
    ground, _ = ground_of(folder, events)
    first, last = int(events.reports.day[0]), int(events.reports.day[-1])
    weather = read_weather(folder / "history" / "weather.csv") if by_weather else ()
    days = calendar(calendar_of(None, ZONE), first, last + AHEAD_DAYS, weather, last)
    categories = tuple((one, "") for one in events.reports.categories)
    return Read(events.reports, ground, days, last, categories, 0, ZoneInfo(ZONE)), events


def clusters_of(folder: Path, events: Events) -> list[TrueChange]:
    """The planted clusters, each with its grid."""
    truth = folder / "truth" / "clusters.csv"
    with truth.open(encoding="utf-8", newline="") as file:
        grid = {row["key"]: row["grid"] for row in csv.DictReader(file)}
    return [replace(one, places=(grid[one.id],)) for one in read_truth(truth, events.plane)]


def courses_of(folder: Path) -> list[TrueChange]:
    """What the courses brought, by class: days on which somebody told of it, everywhere."""
    with (folder / "history" / "signals.csv").open(encoding="utf-8", newline="") as file:
        at = {row["id"]: day_of(date.fromisoformat(row["at"][:10])) for row in csv.DictReader(file)}
    days: dict[tuple[str, str], list[int]] = defaultdict(list)
    with (folder / "truth" / "signals.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["planted"].startswith(COURSES):
                days[row["planted"], row["category"]].append(at[row["id"]])
    return [
        TrueChange(f"{name} {category}", category, min(some), max(some))
        for (name, category), some in days.items()
    ]


def said_of(past: Past) -> Said:
    """A warning as the scoring knows it, on the night that would have said it first."""
    one = past.found
    candidate = Candidate(
        one.methods[0],
        one.category,
        one.places,
        one.first_day,
        one.last_day,
        one.observed,
        one.expected,
        0.0,
        one.recurrence_days,
    )
    return Said(past.first_night, candidate)


def measure(folder: Path, hindsight_days: int, *, by_weather: bool = False) -> dict[str, Any]:
    """One town's year."""
    read, events = read_of(folder, by_weather=by_weather)
    begun, busy = time.perf_counter(), time.process_time()
    night = compute(
        Material(
            read.reports,
            read.ground.places,
            read.ground.region,
            read.ground.regions,
            read.calendar,
            read.last_day,
            1.0,
            {},
            hindsight_days=hindsight_days,
        )
    )
    seconds, cpu_seconds = time.perf_counter() - begun, time.process_time() - busy
    past = one_each(read, night.hindsight or (), QUIET_DAYS)
    said = [said_of(one) for one in past]
    settings = NightSettings()
    first = int(read.reports.day[0]) + settings.learn_days + settings.fewest_replayed
    first = max(first, read.last_day - hindsight_days)
    truth, courses = clusters_of(folder, events), courses_of(folder)
    places, names = read.ground.places, read.reports.categories
    held = score(said, truth, places, names, first, read.last_day, courses)
    clusters = []
    for one in truth:
        mine = [each for each in said if touches(each, one, places, names)]
        delay = min((each.day for each in mine if each.day <= one.last_day), default=None)
        clusters.append(
            {
                "key": one.id,
                "watched": one.first_day >= first,
                "delay_days": None if delay is None else delay - one.first_day,
                "warnings": len(mine),
            }
        )
    none = [
        each
        for each in said
        if not any(touches(each, one, places, names) for one in (*truth, *courses))
    ]
    return {
        "folder": folder.name,
        "reports": len(read.reports),
        "places": len(places),
        "classes": len(names),
        "first_night": date_of(first).isoformat(),
        "last_night": date_of(read.last_day).isoformat(),
        "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu_seconds, 1),
        "hindsight_seconds": night.told.get("hindsight_seconds"),
        "warnings": len(said),
        "of_clusters": held.true,
        "of_courses": held.known,
        "of_none": held.false,
        "of_none_a_week": round(held.false_per_week, 2),
        "planted": held.overall.planted,
        "found": held.overall.found,
        "located": held.overall.located,
        "median_delay_days": held.overall.delay if held.overall.found else None,
        "tonight": len(night.found),
        "clusters": clusters,
        "none": [
            {
                "said": date_of(each.day).isoformat(),
                "category": names[each.candidate.category],
                "observed": each.candidate.observed,
                "expected": round(each.candidate.expected, 1),
                "recurrence_days": round(each.candidate.recurrence_days),
            }
            for each in none
        ],
    }


def main() -> None:
    """Measure each folder and print what was reached."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--days", type=int, default=365, help="So many nights back (365).")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--weather", action="store_true", help="Expect by the days' weather.")
    asked = parser.parse_args()
    for folder in asked.folders:
        reached = measure(folder, asked.days, by_weather=asked.weather)
        if asked.json:
            print(json.dumps(reached, ensure_ascii=False))
            continue
        print(
            "{folder}: {reports} problems, {places} grids, {classes} classes, nights {first_night}"
            " to {last_night}; {seconds} s ({cpu_seconds} s of a core),"
            " {hindsight_seconds} s of it looking back\n"
            "  {found} of {planted} clusters found, {located} with their place, median delay"
            " {median_delay_days} days\n"
            "  {warnings} warnings: {of_clusters} of a cluster, {of_courses} of a course, {of_none}"
            " of neither ({of_none_a_week} a week)".format(**reached)
        )
        for one in reached["clusters"]:
            late = one["delay_days"]
            words = "not in time" if late is None else f"after {late} days"
            words = words if one["watched"] else f"{words} (began before anything could be said)"
            print(f"  {one['key']}: {words}")


if __name__ == "__main__":
    main()
