"""One real PostgreSQL per run, a template database in it, a clone of it per test.

The controller starts the server and makes the templates before xdist's workers start; they
find it by environment variables. Root or not, nothing outside a temporary folder is touched.
"""

from __future__ import annotations

# isort: off
import streetwise.kernel.starting  # noqa: F401 - before all others: it has its effect on them
# isort: on

import asyncio
import gc
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import psycopg
import pytest
import pytest_asyncio
from fastapi import FastAPI
from helpers import OURS, SYSTEM, TEST_PASSWORD, WEAK_HASHER, roomiest_folder, tiny_town
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from statements import sharing

from streetwise.directory import passwords
from streetwise.directory.folder import read_folder
from streetwise.directory.records.moving import load_folder
from streetwise.kernel import database
from streetwise.kernel.clock import HandClock
from streetwise.kernel.crypto import MASTER_KEY_FILE
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.postgres import EmbeddedPostgres, PostgresSettings
from streetwise.kernel.runtime import Runtime, Urls, open_runtime
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer
from streetwise.migrations.run import migrate
from streetwise.web.app import create_app

#: Safe only because nobody would miss a test's data.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "scram_iterations": "1",
}
BARE, TOWN = "template_bare", "template_town"
START = datetime(2026, 5, 11, 2, 0, tzinfo=UTC)

#: Objects made before the collector looks at the young ones: 700 is Python's own.
YOUNG_OBJECTS = 20_000

#: A time limit on an example is an assertion on wall time, which a busy machine fails.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")

_server: EmbeddedPostgres | None = None
_home: Path | None = None


def pytest_configure(config: pytest.Config) -> None:
    """In the controller: start the server and make the templates."""
    global _server, _home
    passwords._hasher, passwords._NOBODY = WEAK_HASHER, WEAK_HASHER.hash("nobody")
    vars(database)["create_async_engine"] = sharing(create_async_engine)
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    _home = Path(tempfile.mkdtemp(prefix="sw-tests-", dir=roomiest_folder()))
    # The database's own user must be able to walk in; it can read nothing but its own.
    _home.chmod(0o711)
    _server = EmbeddedPostgres.start(_home, PostgresSettings(max_connections=300, extra=FAST))
    os.environ["SW_TEST_APP_URL"] = _server.url("sw_app")
    os.environ["SW_TEST_OWNER_URL"] = _server.url("sw_owner")
    os.environ["SW_TEST_SUPERUSER_URL"] = _server.url("postgres", "postgres")
    os.environ["SW_TEST_HOME"] = str(_home)
    _make_templates()


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are cores: tests wait for processes, retries and pages."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """Leave what is imported out of every collection to come: looking at it again and again was
    a twelfth of the suite. What a test leaves behind is collected as before.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)


def pytest_unconfigure(config: pytest.Config) -> None:
    """In the controller: stop the server and clean up."""
    if _server is not None:
        _server.stop("immediate")
    if _home is not None:
        shutil.rmtree(_home, ignore_errors=True)


def _urls(database: str) -> Urls:
    app = make_url(os.environ["SW_TEST_APP_URL"]).set(database=database)
    owner = make_url(os.environ["SW_TEST_OWNER_URL"]).set(database=database)
    return Urls(
        app.render_as_string(hide_password=False), owner.render_as_string(hide_password=False)
    )


def _execute(statement: str, url: str) -> None:
    _connection(url).execute(statement.encode())


@cache
def _connection(url: str) -> psycopg.Connection[Any]:
    """One for all tests of a process: to connect was a third of what a clone costs."""
    connection = psycopg.connect(**conninfo(url), autocommit=True)
    # A connection that a test left in the middle of a COPY would hold this up for ever.
    connection.execute("SET statement_timeout = '120s'")
    return connection


def _create(database: str, rest: str = "") -> None:
    _execute(f"CREATE DATABASE {database} {rest}", os.environ["SW_TEST_OWNER_URL"])


def _make_templates() -> None:
    _create(BARE)
    owner = _urls(BARE).owner
    assert owner is not None
    migrate(owner)
    with psycopg.connect(**conninfo(owner), autocommit=True) as connection:
        # Tests move business time by hand.
        connection.execute("UPDATE clock SET simulated = true, speed = 0")
        # Reports have just been looked at (see usual_settings): in a server that starts slowly the
        # first look would come after a test has moved the clock.
        came = "INSERT INTO periodic_work VALUES ('resolve.reports', clock_timestamp())"
        connection.execute(came)
    _create(TOWN, f"TEMPLATE {BARE}")
    asyncio.run(_fill_town())


async def _fill_town() -> None:
    assert _home is not None
    folder = _home / "tiny-town"
    tiny_town(folder)
    settings = Settings(home=_home / "template", database_url=_urls(TOWN).app)
    clock = HandClock(START)
    app_url = _urls(TOWN).app
    async with (
        open_runtime(settings, app_url, clock=clock, create_keys=True) as runtime,
        runtime.database.unit_of_work(SYSTEM) as uow,
    ):
        await load_folder(uow, Viewer.system("test"), read_folder(folder))
    owner = _urls(TOWN).owner
    assert owner is not None
    with psycopg.connect(**conninfo(owner), autocommit=True) as connection:
        hashed = WEAK_HASHER.hash(TEST_PASSWORD)
        connection.execute("UPDATE staff SET password_hash = %s", (hashed,))


def _clone(template: str) -> Iterator[Urls]:
    name = f"t_{secrets.token_hex(6)}"
    _create(name, f"TEMPLATE {template} STRATEGY FILE_COPY")
    try:
        yield _urls(name)
    finally:
        # Connections of other roles may just be ending, and a vacuum may have come by: only a
        # superuser may send all of them away.
        _execute(f"DROP DATABASE {name} WITH (FORCE)", os.environ["SW_TEST_SUPERUSER_URL"])


@pytest.fixture(scope="session")
def clone() -> Callable[[str], Iterator[Urls]]:
    """Makes a clone of a database, for fixtures that are templates themselves."""
    return _clone


@pytest.fixture
def bare_urls() -> Iterator[Urls]:
    """A migrated database without a street."""
    yield from _clone(BARE)


@pytest.fixture
def town_urls() -> Iterator[Urls]:
    """A database with the tiny street loaded; all staff have TEST_PASSWORD."""
    yield from _clone(TOWN)


@pytest.fixture
def empty_urls() -> Iterator[Urls]:
    """A database with nothing in it, for a restore."""
    yield from _clone("template0")


@pytest.fixture
def other_empty_urls() -> Iterator[Urls]:
    """One more of them."""
    yield from _clone("template0")


@pytest.fixture(scope="session")
def usual_settings() -> Settings:
    """Settings with short waits. Reading them takes as long as three requests: once is enough."""
    return Settings(
        home=Path("/nonexistent"),
        port=0,
        # NOTIFY wakes both; what is polled besides costs CPU for as long as a test takes.
        jobs_poll_seconds=1.0,
        live_poll_seconds=1.0,
        import_stalled_after_seconds=1.5,
        shutdown_grace_seconds=1,
        # A night of its own accord would come between what a test does; tests/warn have theirs.
        warn_nightly=False,
        # So would reports, in a server that lives for longer than these ten minutes.
        report_look_minutes=1_440.0,
        # The tests' clock is in this process; tests/faults have a worker beside the server.
        worker="inside",
        bulk_rest_seconds=0.0,  # the other half of the suite would make imports rest
        # As in the demo, and only because the street is synthetic; tests of it say otherwise.
        second_factor="nobody",
    )


@pytest.fixture
def settings(tmp_path: Path, usual_settings: Settings) -> Settings:
    """Settings with a folder of their own, the template's key, and short waits."""
    secrets_folder = tmp_path / "home" / "secrets"
    secrets_folder.mkdir(parents=True)
    template_key = Path(os.environ["SW_TEST_HOME"]) / "template" / "secrets" / MASTER_KEY_FILE
    shutil.copy(template_key, secrets_folder / MASTER_KEY_FILE)
    return usual_settings.model_copy(update={"home": tmp_path / "home"})


@pytest.fixture
def clock() -> HandClock:
    """Business time that tests move by hand: a Monday, 10:00 in Beijing."""
    return HandClock(START)


@pytest_asyncio.fixture
async def runtime(settings: Settings, town_urls: Urls, clock: HandClock) -> AsyncIterator[Runtime]:
    """A runtime on the tiny street."""
    async with open_runtime(settings, town_urls.app, clock=clock, create_keys=True) as opened:
        yield opened


@pytest_asyncio.fixture
async def bare(settings: Settings, bare_urls: Urls, clock: HandClock) -> AsyncIterator[Runtime]:
    """A runtime on an empty, migrated database."""
    async with open_runtime(settings, bare_urls.app, clock=clock, create_keys=True) as opened:
        yield opened


@pytest_asyncio.fixture
async def app(runtime: Runtime) -> AsyncIterator[FastAPI]:
    """The application with its live feed, without a worker (tests run jobs by hand)."""
    made = create_app(runtime, with_worker=False)
    async with made.router.lifespan_context(made):
        yield made


@pytest_asyncio.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a screen, nobody signed in."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test/api/v1", headers=OURS
    ) as opened:
        yield opened
