"""The live feed: one reader of the journal per process, many listeners.

NOTIFY is only a wake-up; the table is polled as well, so engines without it work. Each entry is
read and dressed (``dress`` adds what a screen shows) once, whatever the number of screens.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel import journal, logs
from streetwise.kernel.database import Database
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.journal import Recorded
from streetwise.kernel.viewer import Viewer

log = logs.get(__name__)

#: Turns entries, as recorded, into what a screen gets; same order and length.
Dress = Callable[[AsyncSession, Sequence[Recorded]], Awaitable[Sequence[Any]]]

READ_ENTRIES = 500
#: Entries that change nobody's rights: daily work. All others, known or not, may.
WORK = ("case.", "import.", "order.", "photo.", "signal.", "vault.", "files.", "notify.", "backup.")
NO_RIGHTS = frozenset({"staff.signed_in", "staff.sign_in_refused"})
#: Of the others, what ends the rights of nobody but its subject: it happens all day long.
PERSONAL = frozenset({"staff.signed_out"})


@dataclass(eq=False)
class Listener:
    """One screen. ``lost`` is set when it was too slow: it must fetch afresh."""

    viewer: Viewer
    area: str | None
    limit: int
    queue: deque[tuple[Recorded, Any]] = field(default_factory=deque)
    lost: bool = False
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, entry: Recorded, dressed: Any) -> None:
        """Queue an entry if this viewer may see it; never waits."""
        if self.area is not None and entry.area != self.area:
            return
        if not self.viewer.sees(area=entry.area, units=entry.units, grade=entry.grade):
            return
        if len(self.queue) >= self.limit:
            self.queue.clear()
            self.lost = True
        elif not self.lost:
            self.queue.append((entry, dressed))
        self.woken.set()

    async def wait(self, seconds: float) -> bool:
        """Wait for something to send; False when ``seconds`` went by in silence."""
        if self.woken.is_set():  # no timer for what is there already
            self.woken.clear()
            return True
        try:
            # Not ``wait_for``: in Python 3.11 it forgets a cancellation that comes with the event.
            async with asyncio.timeout(seconds):
                await self.woken.wait()
        except TimeoutError:
            return False
        self.woken.clear()
        return True


class Feed:
    """Reads the journal in order and offers each entry to every listener."""

    def __init__(
        self, database: Database, dress: Dress, *, poll_seconds: float, queue_entries: int
    ) -> None:
        self._database = database
        self._dress = dress
        self._poll_seconds = poll_seconds
        self._queue_entries = queue_entries
        self._listeners: set[Listener] = set()
        self._wake = asyncio.Event()
        self._down = False
        self._notifications: psycopg.AsyncConnection[Any] | None = None
        self.seq = 0
        self._rights_seq = 0
        self._rights_of: dict[UUID | None, int] = {}

    @property
    def down(self) -> bool:
        """Whether the journal could not be read at the last try."""
        return self._down

    def rights_seq(self, staff_id: UUID | None) -> int:
        """The newest entry that may have changed who this person is, or what they may see."""
        return max(self._rights_seq, self._rights_of.get(staff_id, 0))

    @property
    def listeners(self) -> int:
        """How many screens listen."""
        return len(self._listeners)

    def join(self, viewer: Viewer, area: str | None) -> Listener:
        """A new listener; it gets every entry after ``self.seq`` as it stands now."""
        listener = Listener(viewer, area, self._queue_entries)
        self._listeners.add(listener)
        return listener

    def wake_listeners(self) -> None:
        """Wake every listener though there is nothing for it: the server stops."""
        for listener in self._listeners:
            listener.woken.set()

    def leave(self, listener: Listener) -> None:
        """Forget a listener."""
        self._listeners.discard(listener)

    async def start(self) -> None:
        """Find out where the journal stands. Before that nobody may join: a screen that comes
        back would be told that it missed nothing.
        """
        self._notifications = await self._connect()
        async with self._database.read(Viewer.system("live")) as session:
            self.seq = await journal.last_seq(session)

    async def run(self) -> None:
        """Read until cancelled."""
        notifier = asyncio.create_task(self._listen())
        try:
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._poll_seconds):
                        await self._wake.wait()
                self._wake.clear()
                await self._catch_up_safely()
        finally:
            notifier.cancel()
            await asyncio.gather(notifier, return_exceptions=True)

    async def _catch_up_safely(self) -> None:
        try:
            await self._catch_up()
        except (OperationalError, DBAPIError, psycopg.Error) as error:
            if not self._down:
                log.warning("live_feed_down", error=type(error).__name__)
            self._down = True
            return
        if self._down:
            log.info("live_feed_back")
        self._down = False

    async def _catch_up(self) -> None:
        everything = Viewer.system("live")
        while True:
            async with self._database.read(everything) as session:
                entries = await journal.read(
                    session, everything, after=self.seq, limit=READ_ENTRIES
                )
                if not entries:
                    return
                dressed: Sequence[Any] = ()
                if self._listeners:
                    dressed = await self._dress(session, entries)
                else:
                    # Set before anything else is awaited: who joins next begins behind these.
                    self.seq = entries[-1].seq
            for entry in entries:
                if entry.action in PERSONAL:
                    self._rights_of[entry.subject] = entry.seq
                elif not entry.action.startswith(WORK) and entry.action not in NO_RIGHTS:
                    self._rights_seq = entry.seq
            for entry, view in zip(entries, dressed, strict=False):
                for listener in tuple(self._listeners):
                    listener.offer(entry, view)
                self.seq = entry.seq
            # An import writes thousands of entries: let requests in between.
            await asyncio.sleep(0)

    async def _connect(self) -> psycopg.AsyncConnection[Any] | None:
        """A connection that hears NOTIFY; None when there is none to be had now."""
        try:
            connection = await psycopg.AsyncConnection.connect(
                **conninfo(self._database.url), autocommit=True
            )
            await connection.execute(f"LISTEN {journal.CHANNEL}")
        except psycopg.Error:
            return None
        return connection

    async def _listen(self) -> None:
        """Wake the reader on NOTIFY; without it the poll alone carries on."""
        while True:
            if self._notifications is None:
                await asyncio.sleep(self._poll_seconds)
                self._notifications = await self._connect()
                continue
            try:
                async with self._notifications as connection:
                    async for _ in connection.notifies():
                        self._wake.set()
            except psycopg.Error:
                self._notifications = None
