"""The database: engine, declarative base, and the one unit of work per request or job.

Actions never commit. ``async with database.unit_of_work(...)`` does, at its end, after it has
written the journal entries last, under one lock, so that ``seq`` is the order of commits.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar
from uuid import UUID

import psycopg
from psycopg import sql
from sqlalchemy import BindParameter, ColumnElement, any_, event, literal, text, true, type_coerce
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.dialects.postgresql import UUID as PGUUID
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute

from streetwise.kernel.alone import AloneConnection
from streetwise.kernel.clock import Clock, Stretch, SystemClock, TownClock
from streetwise.kernel.copying import array_text
from streetwise.kernel.grades import grades
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer

#: The types of id and time columns, the same in all tables.
Uuid = PGUUID(as_uuid=True)
Time = TIMESTAMP(timezone=True)


#: How often a process of a synthetic street looks whether its clock was changed.
CLOCK_POLL_SECONDS = 0.25


class Base(DeclarativeBase):
    """All tables of all rooms.

    ``__grades__``: (grade, category) → the columns that are that, by name (``kernel.grades``).
    """

    __grades__: ClassVar[Mapping[tuple[int, str], str]] = grades({})


@asynccontextmanager
async def looking_as(session: AsyncSession, viewer: Viewer) -> AsyncIterator[None]:
    """Another viewer for some statements of a transaction, where a number or a name is needed
    that may be told to somebody who may not see the rows themselves. Then as before.
    """
    before = session.info.get(_SAID)
    if before is None:  # not begun here
        before = dict((await session.execute(_WHO)).mappings().one())
    wanted = _settings_of(viewer)
    if before == wanted:  # as a job looks already: nothing to say, nothing to take back
        yield
        return
    await _say(session, wanted)
    try:
        yield
    except SQLAlchemyError:
        # Where the transaction is over, nothing is said in it any more, and why must stay said.
        with suppress(SQLAlchemyError):
            await _say(session, before)
        raise
    except BaseException:
        await _say(session, before)
        raise
    await _say(session, before)


def looks_as(session: AsyncSession, viewer: Viewer) -> bool:
    """Whether the transaction sees, and may write, what this viewer may."""
    return session.info.get(_SAID) == _settings_of(viewer)


#: Where a session keeps what was last said of who asks, so that nobody has to ask for it.
_SAID = "streetwise.said"


async def _say(session: AsyncSession, settings: Mapping[str, str]) -> None:
    session.info[_SAID] = settings
    await session.execute(_AS, settings)


async def about(session: AsyncSession) -> tuple[str, int]:
    """The server's version, and the size of the database in bytes."""
    row = (
        await session.execute(
            text("SELECT current_setting('server_version'), pg_database_size(current_database())")
        )
    ).one()
    return str(row[0]).split()[0], int(row[1])


#: For ``mapped_column(info=…)``: the column holds the name of a file in the store.
NAMES_A_FILE = {"names a file": True}


def among(
    column: InstrumentedAttribute[Any], values: Iterable[Any] | BindParameter[Any]
) -> ColumnElement[bool]:
    """Whether the column is one of many values: one array, where IN makes a parameter of each."""
    array = ARRAY(column.type)
    if isinstance(values, BindParameter):
        return column == any_(type_coerce(values, array))
    return column == any_(literal(list(values), array))


def of_areas(column: InstrumentedAttribute[Any], viewer: Viewer) -> ColumnElement[bool]:
    """Whether the column names an area that the viewer sees. One area, as nearly always, is said
    outright: then its index gives rows in order, and there is no list to write out each time.
    """
    if viewer.areas is None:
        return true()
    if len(viewer.areas) == 1:
        return column == next(iter(viewer.areas))
    return column.in_(viewer.areas)


#: Who asks, told to PostgreSQL for one transaction: its row-level policies read these settings.
#: Without them the policies show nothing.
_NAMES = ("scope", "areas", "units", "clearance", "can", "staff")
_AS_VIEWER = ", ".join(f"set_config('streetwise.{name}', :{name}, true)" for name in _NAMES)
_WHO = text(
    "SELECT "
    + ", ".join(f"coalesce(current_setting('streetwise.{one}', true), '') {one}" for one in _NAMES)
)
_AS = text(f"SELECT {_AS_VIEWER}")


#: A request is answered by one core: starting helpers, or compiling a query, takes longer than
#: any page of a list, and the other cores have other people's requests.
_ONE_CORE = "-c max_parallel_workers_per_gather=0 -c jit=off"


@lru_cache(maxsize=1024)
def _begin_as(viewer: Viewer, how: str) -> str:
    """The transaction and who asks in one piece: a request makes two, and each piece is a way to
    the database and back.
    """
    said = ", ".join(
        f"set_config('streetwise.{name}', {sql.quote(value)}, true)"
        for name, value in _settings_of(viewer).items()
    )
    return f"BEGIN {how}; SELECT {said}"


def _settings_of(viewer: Viewer) -> dict[str, str]:
    """The viewer as settings; areas, units and capabilities as array literals."""
    return {
        "scope": viewer.scope,
        "areas": array_text(sorted(viewer.areas or ())),
        "units": array_text(sorted(viewer.units)),
        "clearance": str(viewer.clearance),
        "can": array_text(sorted(viewer.can)),
        "staff": str(viewer.staff_id or ""),
    }


@dataclass
class UnitOfWork:
    """One transaction: a session, business time, the entries and the jobs that go with it."""

    session: AsyncSession
    now: datetime
    entries: list[Entry] = field(default_factory=list)
    jobs: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    #: Whom the viewer stands in for; every entry of the unit says so.
    stand_in_for: UUID | None = None

    def record(self, *entries: Entry) -> None:
        """Add journal entries; they are written at commit, after everything else."""
        if self.stand_in_for is not None:
            told = {"stand_in_for": str(self.stand_in_for)}
            entries = tuple(replace(entry, data={**entry.data, **told}) for entry in entries)
        self.entries.extend(entries)

    def defer(self, job: str, **arguments: Any) -> None:
        """Queue a background job in this transaction; rolled back, it never was."""
        self.jobs.append((job, arguments))

    async def raw(self) -> psycopg.AsyncConnection[Any]:
        """The psycopg connection of this transaction, for COPY and the job queue."""
        connection = await (await self.session.connection()).get_raw_connection()
        driver = connection.driver_connection
        assert isinstance(driver, psycopg.AsyncConnection)
        return driver


class Database:
    """The engine of one process, and the business clock that its transactions share."""

    def __init__(
        self,
        url: str,
        *,
        clock: Clock | None = None,
        pool_connections: int = 10,
        statement_timeout_seconds: float = 30.0,
        prepared_statements: int = 100,
        alone: bool = False,
    ) -> None:
        """``prepared_statements``: how many a connection keeps. ``alone``: nothing else happens in
        this process, so that it may wait for the database outright.
        """
        self.url = url
        self.clock: Clock = clock or SystemClock()
        timeout_ms = int(statement_timeout_seconds * 1000)
        #: Its connections begin no transaction by themselves: ``read`` and ``unit_of_work`` do, in
        #: one piece with who asks.
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_connections,
            max_overflow=pool_connections,
            # A failing statement must not write citizens' texts into the log.
            hide_parameters=True,
            connect_args={
                "options": f"-c statement_timeout={timeout_ms} -c timezone=UTC {_ONE_CORE}",
                "application_name": "streetwise",
                "autocommit": True,
                **({"async_creator_fn": AloneConnection.connect} if alone else {}),
            },
        )

        @event.listens_for(self.engine.sync_engine, "connect")
        def keep_prepared(connection: Any, _: Any) -> None:
            connection.driver_connection.prepared_max = prepared_statements

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()

    async def load_clock(self) -> None:
        """Take the business clock from the database: wall time, unless it is a town's."""
        stretch = await self._town_stretch()
        if stretch is not None:
            self.clock = TownClock(stretch.business, stretch.wall, stretch.speed)

    async def follow_clock(self) -> None:
        """Go with the changes of a town's clock until cancelled. A real street's has none: there
        this returns at once, and asks nothing.
        """
        clock = self.clock
        while isinstance(clock, TownClock):
            await asyncio.sleep(CLOCK_POLL_SECONDS)
            # A database that is away changes no clock: time goes on as it did.
            with suppress(SQLAlchemyError, OSError):
                stretch = await self._town_stretch()
                if stretch is not None:
                    clock.follow(stretch)

    async def _town_stretch(self) -> Stretch | None:
        """How a town's time runs, as the database says; None in a real street."""
        async with self.engine.connect() as connection:
            row = (
                await connection.execute(
                    text("SELECT simulated, anchor_business, anchor_wall, speed FROM clock")
                )
            ).one()
        return Stretch(row.anchor_business, row.anchor_wall, row.speed) if row.simulated else None

    @asynccontextmanager
    async def read(self, viewer: Viewer) -> AsyncIterator[AsyncSession]:
        """A session for reading only, as this viewer; PostgreSQL refuses any write in it."""
        async with await self._begun(viewer, "READ ONLY") as session:
            yield session

    @asynccontextmanager
    async def unit_of_work(
        self, viewer: Viewer, *, now: datetime | None = None
    ) -> AsyncIterator[UnitOfWork]:
        """One transaction, as this viewer. Leaves by commit, or, on any exception, by rollback.

        ``now`` sets the business time of this unit, in a simulated database only.
        """
        if now is not None and not self.clock.simulated:
            raise ValueError("business time can be set in a simulated database only")
        async with await self._begun(viewer, "READ WRITE") as session:
            uow = UnitOfWork(session, now or self.clock.now(), stand_in_for=viewer.stand_in_for)
            yield uow
            await session.flush()
            await self._write_jobs(uow)
            await self._write_entries(uow)
            await session.commit()

    async def _begun(self, viewer: Viewer, how: str) -> AsyncSession:
        """A session whose transaction has begun, as this viewer."""
        begin, info = _begin_as(viewer, how), {_SAID: _settings_of(viewer)}
        try:
            return await self._begun_once(begin, info)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        # The database was restarted. The engine has dropped all that was connected before, so
        # this costs one lost attempt; nothing had been done in it.
        return await self._begun_once(begin, info)

    async def _begun_once(self, begin: str, info: dict[Any, Any]) -> AsyncSession:
        session = AsyncSession(self.engine, expire_on_commit=False, autoflush=False, info=info)
        try:
            connection = await session.connection()
            # Without parameters, so that both statements go as they are.
            await connection.exec_driver_sql(begin, execution_options={"no_parameters": True})
        except BaseException:
            # Also when we are told to stop: a connection is given back, or it is lost to the pool.
            await asyncio.shield(session.close())
            raise
        return session

    async def _write_jobs(self, uow: UnitOfWork) -> None:
        if uow.jobs:
            # Imported here: jobs need the database, and only units that defer need jobs.
            from streetwise.kernel.jobs import defer_on

            await defer_on(await uow.raw(), uow.jobs)

    async def _write_entries(self, uow: UnitOfWork) -> None:
        if uow.entries:
            from streetwise.kernel.journal import write

            await write(await uow.raw(), uow.entries, now=uow.now if self.clock.simulated else None)
