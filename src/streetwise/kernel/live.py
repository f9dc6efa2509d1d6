"""The live feed: one reader of the journal per process, many listeners.

NOTIFY is only a wake-up; the table is polled as well, so engines without it work. Each entry is
read and dressed (``dress`` adds what a screen shows) once, whatever the number of screens, and
chosen once for each audience (``kernel.audience``).

It goes by beats: what happened is read, given to everybody, and then nothing is read for a
breath, the longer the more screens there are. So a thousand screens get larger pieces a little
later, and the requests between them are answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel import journal, logs
from streetwise.kernel.audience import Audiences, Listener
from streetwise.kernel.database import Database
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.journal import Recorded
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer

log = logs.get(__name__)

#: Turns entries, as recorded, into what a screen gets; same order and length.
Dress = Callable[[AsyncSession, Sequence[Recorded]], Awaitable[Sequence[str]]]

READ_ENTRIES = 500
#: So many screens are woken at once; between, the server looks what else there is to do.
WOKEN_AT_ONCE = 10
#: The same for entries that are made ready for screens: an import brings hundreds.
DRESSED_AT_ONCE = 50
#: Entries that change nobody's rights: daily work. All others, known or not, may.
WORK = ("case.", "import.", "order.", "photo.", "signal.", "vault.", "files.", "notify.", "backup.")
NO_RIGHTS = frozenset({"staff.signed_in", "staff.sign_in_refused"})
#: Of the others, what ends the rights of nobody but its subject: it happens all day long.
PERSONAL = frozenset({"staff.signed_out"})


class Feed:
    """Reads the journal in order and offers each entry to every listener."""

    def __init__(self, database: Database, dress: Dress, settings: Settings) -> None:
        self._database = database
        self._dress = dress
        self._settings = settings
        self._audiences = Audiences()
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
        return len(self._audiences)

    def join(self, viewer: Viewer, area: str | None) -> Listener:
        """A new listener; it gets every entry after ``self.seq`` as it stands now."""
        return self._audiences.join(viewer, area, self._settings.live_queue_entries)

    def wake_listeners(self) -> None:
        """Wake every listener though there is nothing for it: the server stops."""
        for listener in self._audiences.listeners():
            listener.woken.set()

    def leave(self, listener: Listener) -> None:
        """Forget a listener."""
        self._audiences.leave(listener)

    async def start(self) -> None:
        """Find out where the journal stands. Before that nobody may join: a screen that comes
        back would be told that it missed nothing.
        """
        self._notifications = await self._connect()
        async with self._database.read(Viewer.system("live")) as session:
            self.seq = await journal.last_seq(session)

    async def run(self) -> None:
        """Read until cancelled."""
        beside = [asyncio.create_task(self._listen()), asyncio.create_task(self._ping())]
        try:
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._settings.live_poll_seconds):
                        await self._wake.wait()
                self._wake.clear()
                await self._catch_up_safely()
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

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
        loop = asyncio.get_running_loop()
        more = True
        while more:
            async with self._database.read(everything) as session:
                entries = await journal.read(
                    session, everything, after=self.seq, limit=READ_ENTRIES
                )
                if not entries:
                    return
                began = loop.time()
                dressed: list[str] = []
                if self.listeners:
                    for start in range(0, len(entries), DRESSED_AT_ONCE):
                        part = entries[start : start + DRESSED_AT_ONCE]
                        dressed += await self._dress(session, part)
                        await asyncio.sleep(0)
                else:
                    # Set before anything else is awaited: who joins next begins behind these.
                    self.seq = entries[-1].seq
            self._mark_rights(entries)
            given = self._give(entries, dressed) if dressed else []
            self.seq = entries[-1].seq
            await self._wake_all(given)
            # What is committed from here on is told of, and read by the next beat.
            more = len(entries) == READ_ENTRIES
            await asyncio.sleep(self._breath(len(given)) - (loop.time() - began))

    def _mark_rights(self, entries: Sequence[Recorded]) -> None:
        for entry in entries:
            if entry.action in PERSONAL:
                self._rights_of[entry.subject] = entry.seq
            elif not entry.action.startswith(WORK) and entry.action not in NO_RIGHTS:
                self._rights_seq = entry.seq

    def _give(self, entries: Sequence[Recorded], dressed: Sequence[str]) -> list[Listener]:
        """Give everybody what they may hear of it; who got something. In one go: nobody may join
        between two audiences, and miss these entries or get them twice.
        """
        given = []
        for audience in self._audiences:
            if (piece := audience.piece(entries, dressed)) is None:
                continue
            for listener in audience.listeners:
                listener.give(piece)
                given.append(listener)
        return given

    async def _wake_all(self, listeners: Sequence[Listener]) -> None:
        for start in range(0, len(listeners), WOKEN_AT_ONCE):
            for listener in listeners[start : start + WOKEN_AT_ONCE]:
                listener.woken.set()
            await asyncio.sleep(0)

    def _breath(self, screens: int) -> float:
        """Seconds that a beat for so many screens takes at least."""
        settings = self._settings
        return min(screens / settings.live_sends_per_second, settings.live_breath_max_seconds)

    async def _ping(self) -> None:
        """Wake who has heard nothing for long: one timer for all screens, not one for each."""
        while True:
            # Looked at twice in that time, nobody waits longer than it.
            await asyncio.sleep(self._settings.live_ping_seconds / 2)
            quiet = []
            for listener in self._audiences.listeners():
                if not listener.heard:
                    quiet.append(listener)
                listener.heard = False
            await self._wake_all(quiet)

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
                await asyncio.sleep(self._settings.live_poll_seconds)
                self._notifications = await self._connect()
                continue
            try:
                async with self._notifications as connection:
                    async for _ in connection.notifies():
                        self._wake.set()
            except psycopg.Error:
                self._notifications = None
