"""`streetwise doctor`: what is wrong, and what to do, one line each."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import click
import sqlalchemy.exc
from rich.console import Console

from streetwise.cli.common import quiet_settings, reported
from streetwise.directory.doctor import check_calendar_on
from streetwise.discover.doctor import check_scenes
from streetwise.kernel.clock import wall_now
from streetwise.kernel.doctor import database, place
from streetwise.kernel.doctor.finding import Finding
from streetwise.kernel.errors import Conflict
from streetwise.kernel.postgres import PostgresError
from streetwise.kernel.runtime import start_postgres, urls
from streetwise.kernel.settings import Settings
from streetwise.notify import doctor as ways_out
from streetwise.resolve.assist import doctor as assist


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def doctor(as_json: bool) -> None:
    """Look for what is wrong, and say what to do. Changes nothing.

    Exit status 1 when something serious was found, 0 otherwise.
    """
    settings = quiet_settings()
    with reported():
        found = examine(settings, wall_now().date())
    good = not any(one.serious for one in found)
    if as_json:
        findings = [
            {"code": one.code, "serious": one.serious, "says": one.says, "do": one.do}
            for one in found
        ]
        click.echo(json.dumps({"good": good, "findings": findings}, ensure_ascii=False))
    else:
        _tell(found)
    sys.exit(0 if good else 1)


def examine(settings: Settings, today: date) -> list[Finding]:
    """All findings, the serious ones first. ``today``: what the calendar has to know by then."""
    found = list(place.look(settings))
    broken = {"home_missing", "home_owner", "data_folder_owner"} & {one.code for one in found}
    if settings.database_url is not None or not broken:
        with _database(settings, found) as app_url:
            if app_url is not None:
                pending = list(_check_version(app_url))
                found += pending
                found += database.look(
                    settings,
                    app_url,
                    tables=not pending,
                    more=[check_calendar_on(today), check_scenes],
                )
    found += asyncio.run(ways_out.look(settings))
    found += asyncio.run(assist.look(settings))
    return sorted(found, key=lambda one: not one.serious)


@contextmanager
def _database(settings: Settings, found: list[Finding]) -> Iterator[str | None]:
    """The database as the application finds it; the embedded server is started if it must be."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    try:
        postgres = start_postgres(settings)
    except PostgresError as error:
        found.append(database.unreachable(str(error)))
        yield None
        return
    try:
        yield urls(settings, postgres).app
    finally:
        if postgres is not None:
            postgres.stop()


def _check_version(app_url: str) -> Iterator[Finding]:
    from streetwise.migrations.run import pending

    try:
        if pending(app_url):
            yield Finding(
                "migration_pending",
                "The tables are of an older version than this program.",
                "Make a backup, then run `streetwise migrate`.",
            )
    except Conflict as error:
        yield Finding(
            "database_newer", error.detail, "Install the newer Streetwise; do not go back."
        )
    except sqlalchemy.exc.SQLAlchemyError:
        return  # it is not reachable, which is said anyway


def _tell(found: list[Finding]) -> None:
    out = Console(highlight=False, soft_wrap=True)
    for one in found:
        mark = "[red]✗[/red]" if one.serious else "[yellow]![/yellow]"
        out.print(f"{mark} ", end="")
        out.print(f"{one.says} → {one.do} ({one.code})", markup=False)
    if not any(one.serious for one in found):
        out.print("[green]✓[/green] Nothing serious was found.")
