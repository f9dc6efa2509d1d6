"""What the commands share: known errors as one sentence, and a runtime on the database."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console

from streetwise.kernel import ending, logs
from streetwise.kernel.database_keeper import kept_alive
from streetwise.kernel.errors import Conflict, StreetwiseError
from streetwise.kernel.postgres import PostgresError
from streetwise.kernel.runtime import Runtime, Urls, open_runtime, start_postgres, urls
from streetwise.kernel.settings import Settings

console = Console(stderr=True, highlight=False)


@contextmanager
def reported() -> Iterator[None]:
    """Turn known errors into one sentence and exit status 2.

    A kill or a closed terminal unwinds like Ctrl-C, so that the database is stopped too.
    """
    ending.install()
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(130)
    except (StreetwiseError, PostgresError) as error:
        console.print(f"[red]✗[/red] {getattr(error, 'detail', error)}", soft_wrap=True)
        sys.exit(2)


def with_database(
    work: Callable[[Runtime], Any],
    settings: Settings,
    *,
    create_keys: bool = True,
    stays: bool = False,
) -> Any:
    """Start or adopt the database, migrate it if it is ours, and run ``work`` on a runtime.

    ``stays``: the work goes on for days; a database that ends meanwhile is started again.
    """
    from streetwise.migrations.run import migrate, pending

    postgres = start_postgres(settings)
    try:
        where = urls(settings, postgres)
        if postgres is not None:
            assert where.owner is not None
            migrate(where.owner)
        elif pending(where.app):
            raise Conflict(
                "The database is not at this version; run `streetwise migrate` first"
                " (with STREETWISE_OWNER_DATABASE_URL).",
                code="migration_pending",
            )
        with kept_alive(postgres if stays else None, settings):
            return asyncio.run(_run(settings, where, work, create_keys))
    finally:
        if postgres is not None:
            postgres.stop()


async def _run(
    settings: Settings, where: Urls, work: Callable[[Runtime], Any], create_keys: bool
) -> Any:
    async with open_runtime(settings, where.app, create_keys=create_keys) as runtime:
        return await work(runtime)


def quiet_settings() -> Settings:
    """The settings of a command that talks to a person: logs from WARNING up."""
    settings = Settings()
    logs.set_up("WARNING", settings.log_format)
    return settings
