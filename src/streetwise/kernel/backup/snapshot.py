"""One moment of the database, as its owner sees it: what is counted is what is dumped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import psycopg
from psycopg import sql

from streetwise.kernel.crypto_providers import Profile
from streetwise.kernel.errors import Conflict
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.seals.sealing import Kept
from streetwise.kernel.seals.tables import NAMES, JournalSeal, seal_of

#: Only one backup at a time, whoever makes it.
_LOCK = "SELECT pg_try_advisory_lock(hashtext('streetwise.backup'))"
_EXPORT = "SELECT pg_export_snapshot(), clock_timestamp(), current_setting('server_version_num')"
_TABLES = (
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    " AND relpersistence = 'p' ORDER BY relname"
)
_MIGRATION = "SELECT version_num FROM alembic_version"
_FINGERPRINT = "SELECT encode(fingerprint, 'hex'), hashes FROM master_key"
_NEWEST_SEAL = f"SELECT {', '.join(NAMES)} FROM journal_seal ORDER BY number DESC LIMIT 1"  # noqa: S608
_ANALYZE = "ANALYZE"
#: Rows and a sum over their hashes: the same for the same rows in any order.
COUNT = "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM public.{} t"
#: Under these settings a row reads the same everywhere.
READ_ALIKE = (
    "SET timezone = 'UTC'; SET datestyle = 'ISO, MDY'; SET intervalstyle = 'postgres';"
    " SET bytea_output = 'hex'; SET extra_float_digits = 1; SET statement_timeout = 0;"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """An open snapshot. ``name``: for pg_dump; ``version``: the server's, as 180004."""

    connection: psycopg.Connection[Any]
    name: str
    at: datetime
    version: int

    def one(self, query: str) -> Any:
        """The first value of the first row, None without rows."""
        row = self.connection.execute(sql.SQL(query)).fetchone()
        return row[0] if row else None

    def tables(self) -> list[str]:
        """All tables."""
        return [name for (name,) in self.connection.execute(_TABLES)]

    def count(self, table: str) -> tuple[int, str]:
        """Rows of a table and their hash."""
        query = sql.SQL(COUNT).format(sql.Identifier(table))
        row = self.connection.execute(query).fetchone()
        assert row is not None
        return row[0], row[1]

    def migration(self) -> str:
        """The version of the tables."""
        return str(self.one(_MIGRATION))

    def fingerprint(self) -> tuple[str, Profile]:
        """Of the master key, and the profile that it is made by."""
        row = self.connection.execute(_FINGERPRINT).fetchone()
        return (row[0], cast(Profile, row[1])) if row else ("", "aes")

    def head(self) -> Kept | None:
        """The journal's newest seal."""
        row = self.connection.execute(sql.SQL(_NEWEST_SEAL)).fetchone()
        return Kept.of(seal_of(JournalSeal(**dict(zip(NAMES, row, strict=True))))) if row else None


@contextmanager
def moment(owner_url: str) -> Iterator[Moment]:
    """Hold one moment of the database. Raises Conflict when another backup is being made."""
    with psycopg.connect(**conninfo(owner_url), autocommit=True) as connection:
        connection.execute(sql.SQL(READ_ALIKE))
        locked = connection.execute(_LOCK).fetchone()
        if locked is None or not locked[0]:
            raise Conflict("Another backup is being made; wait for its end.", code="backup_running")
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        with connection.transaction():
            row = connection.execute(_EXPORT).fetchone()
            assert row is not None
            yield Moment(connection, row[0], row[1], int(row[2]))


def is_empty(owner_url: str) -> bool:
    """Whether the database has no table."""
    with psycopg.connect(**conninfo(owner_url), autocommit=True) as connection:
        return connection.execute(_TABLES).fetchone() is None


def analyze(owner_url: str) -> None:
    """Let PostgreSQL look at what was loaded, or the first lists after it are slow."""
    with psycopg.connect(**conninfo(owner_url), autocommit=True) as connection:
        connection.execute(_ANALYZE)
