"""``streetwise eval forecast`` and ``eval hotspots``: what is coming, scored on anybody's past."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from streetwise.cli.common import reported

if TYPE_CHECKING:
    from datetime import date

_DAY = click.DateTime(["%Y-%m-%d"])
_SIGNALS = click.option(
    "--signals",
    required=True,
    type=click.Path(path_type=Path),
    help="CSV, also gzipped, of events: a time, a category, lon, lat, by their usual names.",
)
_COLUMNS = click.option("--columns", help="Names of the columns instead: boston or chicago.")
_BEGIN = click.option("--begin", type=_DAY, help="Days before it are left out of the past.")
_FROM = click.option("--from", "first", type=_DAY, help="First day to forecast; default: the last"
                     " third of the days.")  # fmt: skip
_TO = click.option("--to", "last", type=_DAY, help="Last day of the file that is used.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.command("forecast")
@_SIGNALS
@_COLUMNS
@_BEGIN
@_FROM
@_TO
@click.option("--cell", type=float, default=4000.0, show_default=True, help="Places: cells, in m.")
@click.option("--least", type=int, default=5, show_default=True, help="Reports a series needs"
              " before the first forecast.")  # fmt: skip
@click.option("--step-days", type=click.IntRange(1), default=13, show_default=True)
@_JSON
def eval_forecast(
    signals: Path,
    columns: str | None,
    begin: datetime | None,
    first: datetime | None,
    last: datetime | None,
    cell: float,
    least: int,
    step_days: int,
    as_json: bool,
) -> None:
    """Score the forecast of 1, 7 and 28 days: coverage of 80 % intervals, errors, baselines."""
    from streetwise.evaluation import forecast

    with reported():
        series, first_column = forecast.read_series(
            signals, columns, cell, least, _day(begin), _day(first), _day(last)
        )
        found = forecast.score_forecast(series, first_column, step_days)
    if as_json:
        click.echo(json.dumps(found.as_dict(), ensure_ascii=False))
    else:
        forecast.print_score(found, Console(highlight=False))


@click.command("hotspots")
@_SIGNALS
@_COLUMNS
@_BEGIN
@_FROM
@_TO
@click.option("--cell", type=float, default=500.0, show_default=True, help="Side of cells, in m.")
@click.option("--baseline-cell", type=float, help="Side of the decay's cells, if others: both then"
              " visit the same area.")  # fmt: skip
@_JSON
def eval_hotspots(
    signals: Path,
    columns: str | None,
    begin: datetime | None,
    first: datetime | None,
    last: datetime | None,
    cell: float,
    baseline_cell: float | None,
    as_json: bool,
) -> None:
    """Score the hot spots of next weeks beside a plain decay: reports in the first 1, 5, 10 %."""
    from streetwise.evaluation import hotspots
    from streetwise.evaluation.warn.files import read_reports
    from streetwise.kernel.errors import Invalid
    from streetwise.warn.forecast import HotSpotSettings
    from streetwise.warn.values import day_of

    with reported():
        read = read_reports(signals, columns, first_day=_day(begin), last_day=_day(last)).reports
        earliest, latest = int(read.day.min()), int(read.day.max())
        start = earliest + (latest - earliest) * 2 // 3 if first is None else day_of(first.date())
        end = latest if last is None else day_of(last.date())
        if cell <= 0 or (baseline_cell is not None and baseline_cell <= 0):
            raise Invalid("Cells need a side above 0 m.")
        settings = HotSpotSettings(cell_metres=cell)
        found = hotspots.score_hot_spots(read, start, end, settings, baseline_cell)
    if as_json:
        click.echo(json.dumps(found.as_dict(), ensure_ascii=False))
    else:
        hotspots.print_score(found, Console(highlight=False))


def _day(when: datetime | None) -> date | None:
    return None if when is None else when.date()
