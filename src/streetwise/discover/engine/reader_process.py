"""The process that reads all streams of a machine and hands each picture to its camera's eye.

``python -m streetwise.discover.engine.reader_process SOCKET CRUMB``, started by a keeper. Eyes
connect to a socket of ours. An eye that is busy gets the latest picture of each camera when it has
room again, and none in between: what waits here is one picture per camera, never a history.
"""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from streetwise.discover.engine.keeper import BEAT
from streetwise.discover.engine.leash import BEAT_SECONDS, leave_no_core
from streetwise.discover.engine.orders import picture_message
from streetwise.discover.engine.platform import play_of
from streetwise.discover.engine.snapshots import Snapped, Snapshots
from streetwise.discover.engine.wire import Garbled, Message, Unpacker, packed
from streetwise.discover.streams.digest import Credentials
from streetwise.discover.streams.gateway import split_cap
from streetwise.discover.streams.health import Line
from streetwise.discover.streams.loop import Source, StreamLoop, fixed
from streetwise.discover.streams.settings import StreamSettings
from streetwise.discover.streams.slots import Slots
from streetwise.discover.values import CodedPicture
from streetwise.kernel import logs

#: So much may wait in an eye's socket before pictures wait in their slots.
ROOM_BYTES = 1 << 18
#: How often the state of all streams is told.
REPORT_SECONDS = 10.0
_READ_BYTES = 1 << 18
#: What a source is made of: another in any of it is another connection.
_MADE_OF = ("kind", "address", "gateway", "user", "password", "fingerprint")


class Eyes(Slots):
    """The slots of all cameras, by eye, and the way to each eye.

    A ``Slots`` for the stream loop; what is put is taken by the camera's own eye, each camera's
    at most once in ``pace_seconds``.
    """

    def __init__(self, pace_seconds: float = 0.0) -> None:
        super().__init__(pace_seconds)
        self._pace_seconds = pace_seconds
        self._of: dict[str, str] = {}
        self._slots_of: dict[str, Slots] = {}
        self._writers: dict[str, asyncio.StreamWriter] = {}

    def share_out(self, eye_of: Mapping[str, str]) -> None:
        """Which eye has which camera, from now on."""
        for camera, eye in self._of.items():
            if eye_of.get(camera) != eye:
                self._slots_of[eye].forget(camera)
        self._of = dict(eye_of)
        for eye in set(eye_of.values()):
            self._slots_of.setdefault(eye, Slots(self._pace_seconds))

    def put(self, picture: CodedPicture) -> None:
        eye = self._of.get(picture.camera)
        if eye is not None:
            self.put_count += 1
            self._slots_of[eye].put(picture)
            self.hand_on(eye)

    def replaced(self, camera: str) -> int:
        eye = self._of.get(camera)
        return self._slots_of[eye].replaced(camera) if eye is not None else 0

    def hand_on(self, eye: str) -> None:
        """Give an eye what waits, as far as it has room."""
        writer = self._writers.get(eye)
        if writer is None or writer.is_closing():
            return
        slots, now = self._slots_of.get(eye), time.monotonic()
        while slots is not None and writer.transport.get_write_buffer_size() < ROOM_BYTES:
            run = slots.take(now)
            if not run:
                return
            for picture in run:
                writer.write(packed(picture_message(picture)))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """An eye has connected: hand on until it goes."""
        unpacker, name = Unpacker(), ""
        writer.transport.set_write_buffer_limits(high=ROOM_BYTES)
        try:
            while not name:
                data = await reader.read(_READ_BYTES)
                if not data:
                    return
                for message in unpacker.feed(data):
                    name = str(message.fields["name"])
            self._writers[name] = writer
            while not reader.at_eof():
                self.hand_on(name)
                # Waits while the socket is full; a look now and then serves who was busy.
                await writer.drain()
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.1):
                        await reader.read(_READ_BYTES)
        except (ConnectionError, Garbled, asyncio.CancelledError):
            # Cancelled at the end only; asyncio would call that an error of the connection.
            pass
        finally:
            if self._writers.get(name) is writer:
                del self._writers[name]
            writer.close()


class Work:
    """The reader: told by its keeper, tells how the streams are."""

    def __init__(self, hello: Mapping[str, Any], tell: Callable[[Message], None]) -> None:
        self._tell = tell
        self._settings = StreamSettings(**hello["stream"])
        self._eyes = Eyes(hello["pace_seconds"])
        self._caps: dict[str, int] = {}
        self._loop = StreamLoop(self._settings, self._eyes, caps=self._caps, on_line=self._line)
        self._snapshots = Snapshots(self._settings, self._eyes.put, self._line)
        self._path = Path(hello["socket"])
        self._sources: dict[str, tuple[dict[str, Any], Source]] = {}

    async def run(self, messages: asyncio.Queue[Message | None]) -> None:
        """Until None is given."""
        self._path.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(self._eyes.serve, path=self._path)
        stop = asyncio.Event()
        holding = asyncio.create_task(self._loop.run([], stop))
        # A loop that breaks by itself ends the process, and its keeper starts another.
        holding.add_done_callback(lambda _: messages.put_nowait(None))
        saying = asyncio.create_task(self._say())
        # Before it runs, the loop takes no cameras: let it begin.
        await asyncio.sleep(0)
        try:
            while (message := await messages.get()) is not None:
                if message.kind == "sources":
                    self._change(message.fields["sources"])
        finally:
            stop.set()
            saying.cancel()
            await self._snapshots.close()
            await asyncio.gather(saying, return_exceptions=True)
            server.close()
            await holding

    def _change(self, rows: list[dict[str, Any]]) -> None:
        self._eyes.share_out({row["camera"]: row["eye"] for row in rows})
        streams = [row for row in rows if row["kind"] in ("rtsp", "platform")]
        # Who has not changed keeps its source, and with it its connection.
        self._sources = {row["camera"]: self._kept_or_new(row) for row in streams}
        places = _places(rows)
        self._caps.update((name, streams_most) for name, (streams_most, _) in places.items())
        self._loop.change([source for _, source in self._sources.values()])
        self._snapshots.change(
            (
                Snapped(
                    row["camera"],
                    row["address"],
                    _credentials(row),
                    row["every"],
                    row["gateway"],
                    row["fingerprint"],
                )
                for row in rows
                if row["kind"] == "snapshot"
            ),
            # A cap of 0 is none.
            {name: asked for name, (streams_most, asked) in places.items() if streams_most},
        )

    def _kept_or_new(self, row: dict[str, Any]) -> tuple[dict[str, Any], Source]:
        made_of = {name: row[name] for name in _MADE_OF}
        before = self._sources.get(row["camera"])
        if before is not None and before[0] == made_of:
            return before
        return made_of, _source(row, self._settings.authorities)

    def _line(self, line: Line) -> None:
        self._tell(
            Message(
                "line",
                {
                    "camera": line.camera,
                    "up": line.up,
                    "reason": line.reason.value,
                    "words": line.words,
                    "lasted_seconds": line.lasted_s,
                },
            )
        )

    async def _say(self) -> None:
        said_at = 0.0
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            now = time.monotonic()
            if now - said_at < REPORT_SECONDS:
                self._tell(Message(BEAT))
                continue
            said_at = now
            rows = [
                [
                    one.camera,
                    one.state,
                    one.pictures,
                    one.cadence_s,
                    one.replaced,
                    one.lost,
                    one.torn,
                    one.full,
                ]
                for one in (*self._loop.reports(), *self._snapshots.reports())
            ]
            self._tell(Message("streams", {"rows": rows}))


def _places(rows: list[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    """Of each gateway: how many streams, and how many pictures are asked for at once."""
    kinds: dict[str, list[bool]] = {}
    caps: dict[str, int] = {}
    for row in rows:
        if row["gateway"]:
            kinds.setdefault(row["gateway"], []).append(row["kind"] == "snapshot")
            caps[row["gateway"]] = row["cap"]
    return {
        name: split_cap(caps[name], len(which) - sum(which), sum(which))
        for name, which in kinds.items()
    }


def _source(row: Mapping[str, Any], authorities: str) -> Source:
    print_ = row["fingerprint"]
    if row["kind"] == "platform":
        # The fingerprint is of what streams, not of what hands addresses out.
        play = play_of(
            row["address"],
            row["password"],
            row["user"],
            authorities=authorities,
            secure=bool(print_),
        )
        return Source(row["camera"], play, row["gateway"], fingerprint=print_)
    who = _credentials(row)
    return Source(row["camera"], fixed(row["address"]), row["gateway"], who, print_)


def _credentials(row: Mapping[str, Any]) -> Credentials | None:
    return Credentials(row["user"], row["password"]) if row["user"] else None


async def _work() -> None:
    sock = socket.socket(fileno=int(sys.argv[1]))
    reader, writer = await asyncio.open_connection(sock=sock)

    def tell(message: Message) -> None:
        if not writer.is_closing():
            writer.write(packed(message))

    messages: asyncio.Queue[Message | None] = asyncio.Queue()
    work: asyncio.Task[None] | None = None
    unpacker = Unpacker()
    while data := await reader.read(_READ_BYTES):
        for message in unpacker.feed(data):
            if work is None:
                logs.set_up(message.fields["log_level"])
                work = asyncio.create_task(Work(message.fields, tell).run(messages))
            else:
                messages.put_nowait(message)
        if work is not None and work.done():
            break
    messages.put_nowait(None)
    if work is not None:
        await work


def main() -> None:
    """Read until whoever started us is gone."""
    logs.set_up("WARNING")
    leave_no_core()
    with suppress(KeyboardInterrupt):
        asyncio.run(_work())


if __name__ == "__main__":
    main()
