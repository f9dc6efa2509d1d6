"""One eye as a process: ``python -m streetwise.discover.engine.eye_process SOCKET CRUMB``.

Started by a keeper, told everything over the socket, and gone when that closes. Coded pictures
come over a second socket, from the process that reads the streams on the same machine.
"""

from __future__ import annotations

import select
import socket
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from streetwise.discover.detectors.registry import Registry
from streetwise.discover.engine.crumb import NOBODY
from streetwise.discover.engine.decoding import NotDecoded
from streetwise.discover.engine.eye import Clock, Eye, EyeSettings
from streetwise.discover.engine.leash import Gone, Leash, leave_no_core
from streetwise.discover.engine.orders import Charge, read_charges, read_picture
from streetwise.discover.engine.player import Player
from streetwise.discover.engine.wire import Garbled, Message, Unpacker, packed
from streetwise.discover.scenes import read_scene, shipped_scenes
from streetwise.kernel import logs

#: With nothing to do: how long it sleeps unless something comes.
IDLE_SECONDS = 0.5
_RECEIVE_BYTES = 1 << 20
_RECONNECT_SECONDS = 0.5


def main() -> None:
    """Look until whoever started us is gone."""
    logs.set_up("WARNING")
    leave_no_core()
    leash = Leash(int(sys.argv[1]), int(sys.argv[2]))
    with suppress(Gone):
        hello, early = _hello(leash)
        _Work(leash, hello).run(early)


def _hello(leash: Leash) -> tuple[dict[str, Any], list[Message]]:
    """The first message says who we are; others may have come with it."""
    while True:
        messages = leash.messages(IDLE_SECONDS)
        if messages:
            return messages[0].fields, messages[1:]


class _Work:
    def __init__(self, leash: Leash, hello: dict[str, Any]) -> None:
        self._leash = leash
        self._pictures = _Pictures(hello["reader"], hello["name"])
        self._players: dict[str, Player] = {}
        self._numbers: dict[str, int] = {}
        registry = Registry(Path(hello["models"]))
        detectors = [registry.open(name, threads=hello["threads"]) for name in hello["detectors"]]
        scenes = dict(shipped_scenes())
        for text in hello["scenes"]:
            scene = read_scene(text, "of the street")
            scenes[scene.key] = scene
        self._eye = Eye(
            detectors,
            scenes,
            _clock(hello["zone"]),
            settings=EyeSettings(**hello["settings"]),
            mark=leash.crumb.put,
        )
        leash.tell(Message("ready", {"detectors": hello["detectors"]}))

    def run(self, messages: list[Message]) -> None:
        while True:
            for message in messages:
                self._told(message)
            for picture in self._pictures.read():
                self._eye.put(read_picture(picture))
            self._play()
            for message in self._eye.step(time.monotonic()):
                self._leash.tell(message)
            self._leash.beat()
            messages = self._wait()

    def _wait(self) -> list[Message]:
        """Sleep until something comes or is due; what was told meanwhile."""
        seconds = 0.0 if self._eye.busy else IDLE_SECONDS
        due = min((one.due for one in self._players.values()), default=None)
        if due is not None:
            seconds = max(0.0, min(seconds, due - time.monotonic()))
        watched = [self._leash.socket, *self._pictures.sockets]
        ready, _, _ = select.select(watched, [], [], seconds)
        return self._leash.read() if self._leash.socket in ready else []

    def _told(self, message: Message) -> None:
        now = time.monotonic()
        if message.kind == "charges":
            charges = read_charges(message)
            for told in self._eye.take_charge(charges, now):
                self._leash.tell(told)
            self._players_for(charges)
        elif message.kind == "picture":  # pushed: it came by no reader
            self._eye.put(read_picture(message))
        elif message.kind == "memory":
            self._eye.remember(message, now)
        elif message.kind == "ask":
            self._eye.ask(message.fields["camera"], message.fields["request"])

    def _players_for(self, charges: list[Charge]) -> None:
        self._numbers = {one.camera: one.number for one in charges}
        wanted = {one.camera: one for one in charges if one.file is not None}
        for camera in self._players.keys() - wanted.keys():
            del self._players[camera]
        for camera, one in wanted.items():
            if camera not in self._players:
                assert one.file is not None
                self._players[camera] = Player(one.file, camera, one.every_seconds)

    def _play(self) -> None:
        now = time.monotonic()
        for camera, player in self._players.items():
            # Files crash decoders more often than streams do.
            self._leash.crumb.put(self._numbers[camera])
            try:
                frame = player.frame(now)
            except NotDecoded as problem:
                self._leash.tell(
                    Message("view", {"camera": camera, "state": "damaged", "why": problem.why})
                )
                continue
            finally:
                self._leash.crumb.put(NOBODY)
            if frame is not None:
                for message in self._eye.put_frame(frame):
                    self._leash.tell(message)


class _Pictures:
    """The socket on which coded pictures come; connected again when the reader was started anew."""

    def __init__(self, path: str | None, name: str) -> None:
        self._path, self._name = path, name
        self._socket: socket.socket | None = None
        self._unpacker = Unpacker()
        self._try_at = 0.0

    @property
    def sockets(self) -> list[socket.socket]:
        return [self._socket] if self._socket is not None else []

    def read(self) -> list[Message]:
        """All that has come; never waits."""
        if self._socket is None and not self._connect():
            return []
        assert self._socket is not None
        messages: list[Message] = []
        try:
            while data := self._socket.recv(_RECEIVE_BYTES, socket.MSG_DONTWAIT):
                messages += self._unpacker.feed(data)
            self._close()  # an empty read: the reader has gone
        except BlockingIOError:
            pass
        except (ConnectionError, Garbled):
            self._close()
        return messages

    def _connect(self) -> bool:
        now = time.monotonic()
        if self._path is None or now < self._try_at:
            return False
        self._try_at = now + _RECONNECT_SECONDS
        made = socket.socket(socket.AF_UNIX)
        try:
            made.connect(self._path)
            made.sendall(packed(Message("eye", {"name": self._name})))
        except OSError:
            made.close()
            return False
        self._socket, self._unpacker = made, Unpacker()
        return True

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _clock(zone: str) -> Clock:
    tz = ZoneInfo(zone)

    def wall(at: float) -> float:
        return time.time() - (time.monotonic() - at)

    def local(at: float) -> datetime:
        return datetime.fromtimestamp(wall(at), UTC).astimezone(tz)

    return Clock(wall, local)


if __name__ == "__main__":
    main()
