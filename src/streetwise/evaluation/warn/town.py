"""The synthetic street's year as reports, with the class and place that its truth gives them.

In the product triage finds class and place in the words. Here the truth stands in for it, so that
the engines of warn are measured and not the reading of texts; what the truth says nobody can
know (a vague place) stays unknown, and a point that came with a report is taken as it came.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
import yaml

from streetwise.evaluation.warn.files import Columns, Events, from_rows
from streetwise.kernel.errors import Invalid
from streetwise.warn.nightly import Street
from streetwise.warn.plane import Plane
from streetwise.warn.values import Places, day_of

COLUMNS = Columns("at", "category", "id", "lon", "lat")


def read_town(folder: Path, *, cases: bool = False) -> Events:
    """Reports about problems of a folder that ``streetwise town make`` wrote.

    Left out are questions, thanks and nonsense, and what comes back to an earlier report (催单,
    补充). A call about two problems gives two reports with the same id. With ``cases`` there is
    one report per problem, when it was first told, with the number of tellings as its volume:
    what Resolve would give if it merged without a mistake (clean it with ``OF_CASES``). Raises
    Invalid where the files are not there.
    """
    try:
        told = {row["id"]: row for row in _rows(folder / "history" / "signals.csv")}
        middles = {row["code"]: row for row in _rows(folder / "places.csv")}
        rows: list[list[str]] = []
        tellings: dict[str, int] = {}
        for true in _rows(folder / "truth" / "signals.csv"):
            if true["kind"] != "problem":
                continue
            key = true["problem"] if cases else f"{true['id']} {len(rows)}"
            tellings[key] = tellings.get(key, 0) + 1
            if tellings[key] > 1:
                continue
            where = told[true["id"]]
            if not where["lon"] and "vague_place" not in true["errors"].split("|"):
                where = {**where, **_place(middles, true["place"])}
            rows.append([where["at"], true["category"], true["id"], where["lon"], where["lat"]])
    except KeyError as error:
        raise Invalid(f"{folder} is not a folder of `streetwise town make`: no {error}.") from error
    events = from_rows(rows, COLUMNS)
    if not cases:
        return events
    # No row is left out, and rows of equal time stay in their order.
    order = sorted(range(len(rows)), key=lambda i: datetime.fromisoformat(rows[i][0]))
    volume = np.array(list(tellings.values()), dtype=np.int64)[order]
    return replace(events, reports=replace(events.reports, volume=volume))


def read_street(folder: Path, plane: Plane) -> tuple[Street, frozenset[int]]:
    """Its grids as places and its communities as regions, as the product watches them; holidays.

    Raises Invalid where the files are not there.
    """
    try:
        drawn = json.loads((folder / "grids.geojson").read_text(encoding="utf-8"))["features"]
        town = yaml.safe_load((folder / "town.yaml").read_text(encoding="utf-8"))
    except OSError as error:
        raise Invalid(f"{folder} is not a folder of `streetwise town make`: {error}.") from error
    x, y, area = np.zeros(len(drawn)), np.zeros(len(drawn)), np.zeros(len(drawn))
    for n, one in enumerate(drawn):
        lon, lat = np.array(one["geometry"]["coordinates"][0])[:, :2].T
        east, north = plane.metres(lon, lat)
        x[n], y[n] = east[:-1].mean(), north[:-1].mean()
        area[n] = abs((east[:-1] * north[1:] - east[1:] * north[:-1]).sum()) / 2.0
    names = tuple(one["properties"]["code"] for one in drawn)
    of = [one["properties"]["community"] for one in drawn]
    regions = tuple(sorted(set(of)))
    region = np.array([regions.index(one) for one in of], dtype=np.int64)
    holidays = frozenset(day_of(date.fromisoformat(str(one))) for one in town["holidays"])
    return Street(Places(names, x, y, area), region, regions), holidays


def _place(middles: dict[str, dict[str, str]], code: str) -> dict[str, str]:
    place = middles.get(code)
    return {"lon": place["lon"], "lat": place["lat"]} if place else {}


def _rows(path: Path) -> Iterator[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from error
