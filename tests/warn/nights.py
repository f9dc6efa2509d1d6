"""A street with some weeks of reports, and nights of it whose engines are the tests' own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import psycopg
from helpers import past_the_walls, report, take_in_rows

from streetwise.directory import repository as directory
from streetwise.kernel.runtime import Runtime
from streetwise.warn.actions import SYSTEM
from streetwise.warn.jobs import analyse
from streetwise.warn.night import Chart, Compute, Found, Material, Night, Outlook, Spot
from streetwise.warn.values import ALL, Note

#: The tests' clock begins on 2026-05-11, a Monday (helpers, conftest).
TONIGHT = date(2026, 5, 11)
BINS = ("urban-management", "E-01-10")
SHOPS = ("urban-management", "E-04-06")
#: In the grid g1, and in the grid beside it.
HERE, THERE = (116.9051, 40.1051), (116.9151, 40.1051)


def one_report(n: int, day: date, at: tuple[float, float] = HERE) -> dict[str, Any]:
    """A report with words of its own."""
    return report(
        f"R{n}", f"第{n}件", f"这是第{n}件来件，说的是另一件事情{n * 7919}",
        at=f"{day.isoformat()} 09:{n % 60:02d}:00", lon=at[0], lat=at[1],
    )  # fmt: skip


async def told(runtime: Runtime, days: Sequence[tuple[date, int]], first: int = 1) -> None:
    """So many reports of one class in the grid g1 on each of these days."""
    rows: list[dict[str, Any]] = []
    for day, count in days:
        for _ in range(count):
            n = first + len(rows)
            # Some 90 m from each other, so that triage takes none for another's repeat.
            at = (116.9012 + n % 9 * 0.001, 40.1012 + n // 9 % 9 * 0.0009)
            rows.append(one_report(n, day, at))
    await take_in_rows(runtime, rows)
    classed(runtime, BINS)


def classed(runtime: Runtime, category: tuple[str, str]) -> None:
    """All cases without a class of the tests get this one, as if officers had said it."""
    with past_the_walls(runtime) as connection:
        version = connection.execute(
            "SELECT version FROM taxonomy_class WHERE scheme = %s AND code = %s", category
        ).fetchone()
        assert version is not None
        connection.execute(
            "UPDATE cases SET category_scheme = %s, category_code = %s, category_version = %s"
            " WHERE category_code IS NULL OR category_code NOT IN (%s, %s)",
            (*category, version[0], BINS[1], SHOPS[1]),
        )
        connection.commit()


def rows(runtime: Runtime, query: str) -> list[tuple[Any, ...]]:
    """What lies in the database, whoever may see it."""
    with past_the_walls(runtime) as connection:
        return connection.execute(query).fetchall()


def found(material: Material, **changes: Any) -> Found:
    """The last week of the first class in the first grid, as if it were too much."""
    last = material.last_day
    values: dict[str, Any] = {
        "methods": ("scan", "farrington"),
        "category": 0,
        "places": (0,),
        "first_day": last - 6,
        "last_day": last,
        "observed": 14,
        "expected": 3.5,
        "recurrence_days": 365.0,
        "chart": Chart(last - 13, (0,) * 7 + (2,) * 7, (0.5,) * 14),
    }
    return Found(**{**values, **changes})


def middle(material: Material, n: int) -> tuple[float, float]:
    """The middle of an area."""
    return float(material.places.x[n]), float(material.places.y[n])


def everything(material: Material) -> Night:
    """A night with something of each kind."""
    last = material.last_day
    return Night(
        found=(found(material),),
        notes=(
            Note(
                "default_point",
                last - 9,
                last,
                6,
                x=0.0,
                y=0.0,
                says="default_point",
                numbers={"reports": 6, "classes": 3},
            ),
            Note("gap", last - 3, last - 2, 2, says="gap_all", numbers={"days": 2}),
        ),
        outlooks=(
            Outlook(ALL, ALL, 7, 10.0, 14.0, 19.0),
            Outlook(0, 0, 7, 4.0, 6.5, 10.0),
            Outlook(0, 0, 1, 0.0, 1.0, 3.0),
        ),
        spots=(
            Spot(0, 0, *middle(material, 0), 3.5, 7, 9, "recent"),
            Spot(1, 0, *middle(material, 1), 1.5, 7, 2, "chronic"),
        ),
        told={"engine": "test"},
    )


def nothing(material: Material) -> Night:
    """A night on which all is as usual."""
    del material
    return Night()


async def night(
    runtime: Runtime, by: Compute = everything, on: date = TONIGHT, *, again: bool = False
) -> bool:
    """A night of the street by these engines."""
    async with runtime.database.read(SYSTEM) as session:
        area = await directory.area(session, SYSTEM, "home")
    return await analyse(runtime, area, on, by, again=again)


def weeks(count: int = 2) -> list[tuple[date, int]]:
    """Some reports a day for so many weeks before tonight."""
    return [(TONIGHT - timedelta(days=n), 1) for n in range(count * 7, 0, -1)]


def connection(runtime: Runtime) -> psycopg.Connection[Any]:
    """Past the walls."""
    return past_the_walls(runtime)
