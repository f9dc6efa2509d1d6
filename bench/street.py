"""Where benchmarks run: a database server of their own with the synthetic street in it.

As the product starts it (durable, default settings), in a temporary folder that goes away.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg

from bench.meter import Spent, spent
from streetwise.directory import passwords
from streetwise.directory.folder import read_folder
from streetwise.directory.records.moving import load_folder
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.postgres import EmbeddedPostgres
from streetwise.kernel.postgres_engine import read_pid_file
from streetwise.kernel.runtime import Runtime, Urls, open_runtime
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer
from streetwise.migrations.run import migrate
from streetwise.town.world import write_world

SEED = 1
TEMPLATE = "template_street"
PASSWORD = "a password of the benchmarks"


@dataclass
class Bench:
    """What the benchmarks of one run share. ``note`` tells whoever waits what is going on.

    ``full``: all of the real material, where a part is taken by default.
    """

    home: Path
    quick: bool
    note: Callable[[str], None]
    full: bool = False
    _postgres: EmbeddedPostgres | None = None
    _numbers: Iterator[int] = field(default_factory=count)

    def size(self, full: int, quick: int) -> int:
        """How much to do."""
        return quick if self.quick else full

    @property
    def town(self) -> Path:
        """The folder of the synthetic street."""
        folder = self.home / "town"
        if not folder.exists():
            self.note("Building the street")
            write_world(folder, SEED)
        return folder

    @property
    def postgres(self) -> EmbeddedPostgres:
        """The database server; the first use starts it and loads the street into a template."""
        if self._postgres is None:
            self.note("Starting a database")
            self._postgres = EmbeddedPostgres.start(self.home / "database")
            self._make_template()
        return self._postgres

    def ready(self) -> None:
        """Start the database now: loading the street needs an event loop of its own."""
        assert self.postgres is not None

    @property
    def postgres_pid(self) -> int:
        """The process above all of the database's."""
        pid, _ = read_pid_file(self.postgres.paths.data)
        assert pid is not None
        return pid

    @property
    def settings(self) -> Settings:
        """The product's own defaults, on the benchmarks' folder."""
        return Settings(home=self.home / "street", log_level="WARNING")

    def urls(self, database: str) -> Urls:
        """Where a database is, for the two roles."""
        return Urls(self.postgres.url("sw_app", database), self.postgres.url("sw_owner", database))

    def spent(self) -> AbstractContextManager[Spent]:
        """Measure a block of work of this process and the database."""
        return spent(os.getpid(), self.postgres_pid)

    @contextmanager
    def database(self) -> Iterator[Urls]:
        """A database with the street loaded and nothing else; gone afterwards."""
        name = f"bench_{next(self._numbers)}"
        self._execute(
            f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY OWNER sw_owner"
        )
        try:
            yield self.urls(name)
        finally:
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    @asynccontextmanager
    async def runtime(self) -> AsyncIterator[Runtime]:
        """A runtime on a database of its own."""
        with self.database() as urls:
            async with open_runtime(self.settings, urls.app, create_keys=True) as runtime:
                yield runtime

    def close(self) -> None:
        """Stop the database."""
        if self._postgres is not None:
            self._postgres.stop()

    def _execute(self, statement: str) -> None:
        """As the superuser: a database may have a worker of autovacuum in it, to be sent away."""
        with psycopg.connect(
            **conninfo(self.postgres.url("postgres", "postgres")), autocommit=True
        ) as connection:
            connection.execute(statement.encode())

    def _make_template(self) -> None:
        assert self._postgres is not None
        self._execute(f"CREATE DATABASE {TEMPLATE} OWNER sw_owner")
        urls = self.urls(TEMPLATE)
        assert urls.owner is not None
        migrate(urls.owner)
        asyncio.run(self._load(urls))
        with psycopg.connect(**conninfo(urls.owner), autocommit=True) as connection:
            hashed = passwords.hash_password(PASSWORD)
            connection.execute("UPDATE staff SET password_hash = %s", (hashed,))

    async def _load(self, urls: Urls) -> None:
        async with (
            open_runtime(self.settings, urls.app, create_keys=True) as runtime,
            runtime.database.unit_of_work(Viewer.system("bench")) as uow,
        ):
            await load_folder(uow, Viewer.system("bench"), read_folder(self.town))
