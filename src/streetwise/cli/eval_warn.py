"""``streetwise eval warn``: the nightly run over anybody's events, held against what is true."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from streetwise.cli.common import reported

if TYPE_CHECKING:
    from streetwise.evaluation.warn.files import Events
    from streetwise.evaluation.warn.running import Run
    from streetwise.evaluation.warn.truth import TrueChange

PRESETS = ("boston", "chicago", "town")


@click.command("warn")
@click.option(
    "--signals",
    required=True,
    type=click.Path(path_type=Path),
    help="CSV of events (a time, a category, lon, lat); of --preset town the folder (cases count).",
)
@click.option(
    "--truth",
    type=click.Path(path_type=Path),
    help="CSV of changes: id, category, first_day, last_day[, class, lon, lat, radius_metres].",
)
@click.option("--preset", type=click.Choice(PRESETS), help="Whose columns; else the usual names.")
@click.option("--inject", type=click.IntRange(0), help="Instead of --truth: plant with this seed.")
@click.option(
    "--each",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    help="With --inject: doublings of each class.",
)
@click.option(
    "--history-days",
    type=click.IntRange(28),
    help="Nights before so many days of history only teach (default: 365, or a third if shorter).",
)
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="First day of the file.")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="Last day of the file.")
@click.option(
    "--budget",
    type=click.FloatRange(0),
    default=1.0,
    show_default=True,
    help="Warnings a week, all in all.",
)
@click.option(
    "--verdicts/--no-verdicts",
    default=True,
    show_default=True,
    help="Officers confirm right warnings, which then do not count against the budget.",
)
@click.option(
    "--scan/--no-scan",
    default=False,
    show_default=True,
    help="The scan of space and time finds by itself, and does not only say where.",
)
@click.option(
    "--category", help="Column of the categories, where it is not the preset's or the usual one."
)
@click.option(
    "--only",
    multiple=True,
    metavar="COLUMN=VALUE",
    help="Only rows with this value; several of one column: any of them.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def eval_warn(
    signals: Path,
    truth: Path | None,
    preset: str | None,
    inject: int | None,
    each: int,
    history_days: int | None,
    first: datetime | None,
    last: datetime | None,
    budget: float,
    verdicts: bool,
    scan: bool,
    category: str | None,
    only: tuple[str, ...],
    as_json: bool,
) -> None:
    """Score warnings: share found by class, delay, false ones a week, predictive value."""
    from streetwise.evaluation.warn.cities import AVOID, KNOWN
    from streetwise.evaluation.warn.injection import Plan, plant
    from streetwise.evaluation.warn.running import run
    from streetwise.evaluation.warn.town import read_street
    from streetwise.evaluation.warn.truth import read_truth
    from streetwise.kernel.errors import Invalid
    from streetwise.warn.cleaning import OF_CASES
    from streetwise.warn.nightly import NightSettings

    if truth is not None and inject is not None:
        raise click.UsageError("Name either --truth or --inject.")
    with reported():
        events = _read(signals, preset, first, last, category, only)
        street, holidays = None, frozenset[int]()
        reports = events.reports
        days = int(reports.day[-1] - reports.day[0]) + 1
        teach = history_days or (365 if days > 2 * 365 else max(56, days // 3))
        if teach >= days:
            raise Invalid(f"The file has {days} days; --history-days asks for {teach}.")
        changes: list[TrueChange] = []
        if truth is not None:
            changes = read_truth(truth, events.plane)
        elif inject is not None:
            plan = Plan(each=each, history_days=teach, avoid=AVOID.get(preset or "", ()))
            planted = plant(reports, plan, inject)
            reports, changes = planted.reports, list(planted.truth)
        settings = NightSettings()
        settings = replace(
            settings, budget=replace(settings.budget, a_week=budget), scan_finds=scan
        )
        if preset == "town":
            street, holidays = read_street(signals, events.plane)
            # What one problem brought was joined by whoever read it.
            settings = replace(settings, cleaning=OF_CASES)
        there = set(reports.categories)
        known = [one for one in KNOWN.get(preset or "", ()) if one.category in there]
        try:
            reached = run(
                reports,
                changes,
                known,
                settings,
                street=street,
                holidays=holidays,
                first_scored=int(reports.day[0]) + teach,
                verdicts=verdicts,
            )
        except ValueError as error:
            raise Invalid(str(error)) from error
    if as_json:
        click.echo(json.dumps(reached.as_dict(), ensure_ascii=False, allow_nan=False))
    else:
        _tell(reached, Console(highlight=False))


def _read(
    signals: Path,
    preset: str | None,
    first: datetime | None,
    last: datetime | None,
    category: str | None,
    only: tuple[str, ...],
) -> Events:
    from streetwise.evaluation.warn.cities import WHOLE
    from streetwise.evaluation.warn.files import read_reports
    from streetwise.evaluation.warn.town import read_town
    from streetwise.kernel.errors import Invalid
    from streetwise.warn.values import date_of

    if preset == "town":
        if category is not None or only:
            raise Invalid("The town's columns are fixed: --category and --only are not for it.")
        return read_town(signals, cases=True)
    wanted: dict[str, set[str]] = {}
    for one in only:
        column, _, value = one.partition("=")
        wanted.setdefault(column, set()).add(value)
    whole = [date_of(day) for day in WHOLE[preset]] if preset in WHOLE else [None, None]
    return read_reports(
        signals,
        preset,
        first_day=first.date() if first else whole[0],
        last_day=last.date() if last else whole[1],
        category=category,
        only=wanted,
    )


def _tell(reached: Run, told: Console) -> None:
    from streetwise.warn.values import date_of

    score = reached.score
    told.print(
        f"{reached.reports} reports; nights {date_of(reached.first_night)} to "
        f"{date_of(reached.last_night)} ({score.weeks:.0f} weeks)"
    )
    for one in (*score.classes, score.overall):
        low, high = one.share_interval
        told.print(
            f"{one.size or 'unnamed'}: {one.found} of {one.planted} found"
            + (f" ({one.share:.0%}, 95 % {low:.0%} to {high:.0%})" if one.planted else "")
            + (f", median delay {one.delay:g} days" if one.found else "")
        )
    low, high = score.false_per_week_interval
    told.print(
        f"{score.warnings} warnings ({reached.again} of them told again): {score.true} of a true "
        f"change, {score.known} of a known one, {score.false} of neither: "
        f"{score.false_per_week:.2f} a week (95 % {low:.2f} to {high:.2f})"
    )
    if score.warnings:
        told.print(f"positive predictive value {score.ppv:.0%}")
    for name, delay in score.known_delays.items():
        late = "not in time" if delay == float("inf") else f"after {delay:g} days"
        told.print(f"{name}: {late}")
    for note in reached.notes[:10]:
        said = ", ".join(f"{name} {number:g}" for name, number in note.numbers.items())
        told.print(f"note {note.says or note.kind}: {said or note.count}", markup=False)
