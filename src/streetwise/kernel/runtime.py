"""What one process works with: settings, database, keys, files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from streetwise.kernel.clock import Clock
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import Database
from streetwise.kernel.files import FileStore
from streetwise.kernel.key_check import keys_of
from streetwise.kernel.postgres import EmbeddedPostgres, PostgresSettings
from streetwise.kernel.settings import Settings


@dataclass(frozen=True)
class Runtime:
    """Handed to routes and jobs; owns nothing but what it names."""

    settings: Settings
    database: Database
    keys: Keys
    files: FileStore


@dataclass(frozen=True)
class Urls:
    """Where the database is, for the two roles (SQLAlchemy URLs)."""

    app: str
    owner: str | None


def start_postgres(settings: Settings) -> EmbeddedPostgres | None:
    """Start or adopt the embedded server; None when a database URL is configured."""
    if settings.database_url is not None:
        return None
    return EmbeddedPostgres.start(
        settings.home,
        PostgresSettings(start_timeout_seconds=settings.database_start_timeout_seconds),
    )


def urls(settings: Settings, postgres: EmbeddedPostgres | None) -> Urls:
    """The URLs of the embedded server, or the configured ones."""
    if postgres is not None:
        return Urls(postgres.url("sw_app"), postgres.url("sw_owner"))
    assert settings.database_url is not None
    return Urls(settings.database_url, settings.owner_database_url)


@asynccontextmanager
async def open_runtime(
    settings: Settings,
    app_url: str,
    *,
    clock: Clock | None = None,
    create_keys: bool = False,
    alone: bool = False,
) -> AsyncIterator[Runtime]:
    """A runtime on a migrated database; closes its connections at the end.

    With ``create_keys`` a new installation gets its master key. In a synthetic street that has a
    clock of its own, its changes are followed as long as the runtime is open. ``alone``: the
    process does nothing else while it waits for the database.
    """
    database = Database(
        app_url,
        clock=clock,
        pool_connections=settings.database_pool_connections,
        statement_timeout_seconds=settings.database_statement_timeout_seconds,
        prepared_statements=settings.database_prepared_statements,
        alone=alone,
    )
    following: asyncio.Task[None] | None = None
    try:
        if clock is None:
            await database.load_clock()
            following = asyncio.create_task(database.follow_clock(), name="town clock")
        keys = await keys_of(
            database,
            settings.secrets_path,
            create=create_keys,
            profile=settings.crypto_profile,
        )
        yield Runtime(settings, database, keys, FileStore(settings.files_path, keys))
    finally:
        if following is not None:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
        await database.close()
