"""Findings of a night in the columns of a warning's row, and rows as events again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from math import isfinite
from typing import Any
from uuid import UUID

import numpy as np

from streetwise.warn.following import Event, strength
from streetwise.warn.material import Ground, Read
from streetwise.warn.meeting import meet
from streetwise.warn.night import Found, Zone
from streetwise.warn.plane import circle
from streetwise.warn.tables import Warning  # noqa: A004
from streetwise.warn.values import ALL, date_of, day_of

#: Of a warning's evidence: where it was said to be before; so many of these at most.
BEFORE, BEFORE_MOST = "before", 10


def event_found(read: Read, found: Found) -> Event:
    """What tells a finding from others."""
    places = frozenset(str(read.ground.ids[n]) for n in found.places)
    return Event(category_of(read, found.category), places, found.first_day, found.last_day)


def event_of(row: Warning) -> Event:
    """What tells a warning from others."""
    known = row.category_scheme is not None and row.category_code is not None
    category = (row.category_scheme or "", row.category_code or "") if known else None
    places = frozenset(str(one) for one in row.grid_ids)
    return Event(category, places, day_of(row.first_day), day_of(row.last_day))


def category_of(read: Read, number: int) -> tuple[str, str] | None:
    """Scheme and code of a number; None for all classes."""
    return None if number == ALL else read.categories[number]


def class_columns(number: tuple[str, str] | None) -> dict[str, str | None]:
    """The two columns that name a class."""
    scheme, code = number or (None, None)
    return {"category_scheme": scheme, "category_code": code}


def _evidence(read: Read, found: Found) -> dict[str, Any]:
    return {
        "at_least": found.at_least,
        "mostly_at": [str(read.ground.ids[n]) for n in found.mostly_at],
        "first_day": date_of(found.chart.first_day).isoformat(),
        "observed": list(found.chart.observed),
        "expected": [round(one, 3) for one in found.chart.expected],
    }


def beside_each_other(members: Sequence[Found]) -> Found:
    """The strongest of a night's findings about one event, and with it those that lie where none of
    the others does: what was said of the whole street may go on in two of its communities.
    """
    order = sorted(members, key=lambda one: -strength(one.recurrence_days))
    parts = order[:1]
    for one in order[1:]:
        days = (one.chart.first_day, len(one.chart.observed))
        alike = days == (order[0].chart.first_day, len(order[0].chart.observed))
        if alike and not any(meet(one.places, each.places) for each in parts):
            parts.append(one)
    if len(parts) == 1:
        return parts[0]
    parts = [one.since(min(each.first_day for each in parts)) for one in parts]
    charts = [one.chart for one in parts]
    return replace(
        parts[0],
        places=tuple(sorted(place for one in parts for place in one.places)),
        observed=sum(one.observed for one in parts),
        expected=sum(one.expected for one in parts),
        chart=replace(
            charts[0],
            observed=tuple(sum(day) for day in zip(*(one.observed for one in charts), strict=True)),
            expected=tuple(sum(day) for day in zip(*(one.expected for one in charts), strict=True)),
        ),
        mostly_at=tuple(place for one in parts for place in one.mostly_at),
    )


def places_before(row: Warning, places: Sequence[UUID], *, again: bool) -> list[dict[str, Any]]:
    """Where a warning was said to be before, the oldest first, given where it is now: with its days
    and figures as they were last. ``again``: the night that wrote the row is run once more, so that
    what the row says is not what was said before.
    """
    known: list[dict[str, Any]] = list(row.evidence.get(BEFORE, ()))
    if again or set(row.grid_ids) == set(places):
        return known
    said: dict[str, Any] = {
        "grids": [str(one) for one in row.grid_ids],
        "first_day": row.first_day.isoformat(),
        "last_day": row.last_day.isoformat(),
        "observed": row.observed,
        "expected": round(row.expected, 3),
    }
    # What was said first stays as it was, however often it changed since.
    first, rest = known[:1], known[1:]
    rest = [one for one in rest if set(one["grids"]) != set(said["grids"])]
    if not first or set(first[0]["grids"]) != set(said["grids"]):
        rest.append(said)
    return [*first, *rest[-(BEFORE_MOST - 1) :]]


def measured(read: Read, members: Sequence[Found]) -> dict[str, Any]:
    """What the strongest of a night's findings about one event says, and who agrees with it."""
    best = beside_each_other(members)
    methods = dict.fromkeys([*best.methods, *(m for one in members for m in one.methods)])
    recurrence = best.recurrence_days if isfinite(best.recurrence_days) else None
    return {
        "methods": list(methods),
        "grid_ids": [read.ground.ids[n] for n in best.places],
        **_circle(read.ground, best.places),
        "first_day": date_of(best.first_day),
        "last_day": date_of(best.last_day),
        "observed": best.observed,
        "expected": best.expected,
        "recurrence_days": recurrence,
        "evidence": _evidence(read, best),
        "zones": [_zone(read, one) for one in _zones(best, members)],
        "young": best.young,
    }


def _zones(best: Found, members: Sequence[Found]) -> tuple[Zone, ...]:
    """Where the strongest gathers; where nobody looked for that, where another of them does."""
    return next((one.zones for one in (best, *members) if one.zones), ())


def _zone(read: Read, zone: Zone) -> dict[str, Any]:
    return {
        "grids": [str(read.ground.ids[n]) for n in zone.places],
        "first_day": date_of(zone.first_day).isoformat(),
        "last_day": date_of(zone.last_day).isoformat(),
        "observed": zone.observed,
        "expected": round(zone.expected, 3),
        "as_dense": zone.as_dense,
        "replicates": zone.replicates,
        "first_night": date_of(zone.first_night).isoformat(),
        "over": zone.over,
    }


def zones_of(row: Warning, place: Mapping[str, int]) -> tuple[Zone, ...]:
    """A warning's zones in a night's numbers. ``place``: the number of each grid's id; a zone all
    of whose grids are no more is none.
    """
    known = [
        (one, tuple(sorted(place[grid] for grid in one["grids"] if grid in place)))
        for one in row.zones
    ]
    return tuple(
        Zone(
            places=places,
            first_day=day_of(date.fromisoformat(one["first_day"])),
            last_day=day_of(date.fromisoformat(one["last_day"])),
            observed=one["observed"],
            expected=one["expected"],
            as_dense=one["as_dense"],
            replicates=one["replicates"],
            first_night=day_of(date.fromisoformat(one["first_night"])),
            over=one["over"],
        )
        for one, places in known
        if places
    )


def factor_of(observed: int, expected: float) -> float | None:
    """How many times what was expected; None where nothing was."""
    return observed / expected if expected > 0 else None


def _circle(ground: Ground, places: Sequence[int]) -> dict[str, float | None]:
    if not places:
        return {"lon": None, "lat": None, "metres": None}
    some = np.array(places, dtype=np.int64)
    reach = ground.reach()
    x, y, metres = circle(ground.places.x[some], ground.places.y[some], reach[some])
    lon, lat = ground.plane.degrees(x, y)
    return {"lon": lon, "lat": lat, "metres": metres}
