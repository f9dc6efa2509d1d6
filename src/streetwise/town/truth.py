"""What is true of the town and planted in its history, written down for ``streetwise eval``."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from . import astray, handling
from .history import Teller
from .planted import Association, Cluster, Effect, Planted
from .planting import COLUMNS as WEATHER_COLUMNS
from .planting import course_rows, planted_weather
from .world import World

CLUSTERS = (
    "key", "shape", "category", "theme", "place", "grid", "community", "lon", "lat", "start",
    "end", "problems_a_day",
)  # fmt: skip
LINKS = ("key", "cause", "follows", "lag_days", "probability", "start", "end")
#: ``effect``: share of the rate that is gone; 0 where the action had no effect.
ACTIONS = ("key", "action", "category", "community", "start", "end", "effect")
BATCHES = ("key", "day", "rows", "hour", "minute")


def write_planted(
    folder: Path, teller: Teller, world: World, seed: int, start: date, end: date
) -> None:
    """All truth files of a period but those of the signals and the ledgers."""
    planted = teller.planter.between(start, end)
    _write(folder / "clusters.csv", CLUSTERS, (_cluster(teller, c) for c in planted.clusters))
    _write(folder / "associations.csv", LINKS, map(_link, planted.associations))
    _write(folder / "actions.csv", ACTIONS, _actions(teller, planted))
    _write(
        folder / "batches.csv",
        BATCHES,
        ((b.key, b.day, b.rows, b.hour, b.minute) for b in planted.batches),
    )
    _write(folder / "reporting_bias.csv", ("community", "factor"), teller.atlas.bias.items())
    astray.write_rates(folder / "rates.csv")
    with (folder / "weather.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, WEATHER_COLUMNS, lineterminator="\n")
        writer.writeheader()
        for one in planted_weather(seed, start, end, world.sensors):
            writer.writerow(one.row())
    for course in teller.courses:
        rows = list(course_rows(course))
        if rows:
            name = folder / f"course-{course.name}.csv"
            _write(name, tuple(rows[0]), (tuple(row.values()) for row in rows))


def _cluster(teller: Teller, cluster: Cluster) -> tuple[object, ...]:
    stage = teller.centre(cluster)
    lon, lat = teller.lonlat(stage)
    return (
        cluster.key, cluster.shape, teller.category_of(cluster.theme), cluster.theme,
        stage.spot.code, stage.grid, stage.community, f"{lon:.6f}", f"{lat:.6f}", cluster.start,
        cluster.end, cluster.height,
    )  # fmt: skip


def _link(link: Association) -> tuple[object, ...]:
    return (
        link.key, link.cause, link.follows, link.lag_days, link.probability, link.start, link.end,
    )  # fmt: skip


def _actions(teller: Teller, planted: Planted) -> Iterator[tuple[object, ...]]:
    for effect in planted.effects:
        yield _action(effect, teller.atlas.communities)
    yield (
        "handling", "办理提速", "", "", handling.QUICKER_FROM, handling.QUICKER_UNTIL,
        handling.QUICKER_BY,
    )  # fmt: skip


def _action(effect: Effect, communities: Sequence[str]) -> tuple[object, ...]:
    return (
        effect.key, effect.name, effect.category,
        communities[effect.community % len(communities)], effect.start,
        effect.end - timedelta(days=1), round(1 - effect.factor, 3),
    )  # fmt: skip


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
