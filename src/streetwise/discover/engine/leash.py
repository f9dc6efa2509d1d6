"""The other end of a keeper's socket, inside the kept process: for one that does a thing at a time.

``Leash.messages`` gives what has come without waiting (or waits so long), ``tell`` sends. When the
keeper is gone, ``messages`` raises ``Gone``, and the process ends.
"""

from __future__ import annotations

import resource
import select
import socket
import time

from streetwise.discover.engine.crumb import Crumb
from streetwise.discover.engine.keeper import BEAT
from streetwise.discover.engine.wire import Message, Unpacker, packed

_READ_BYTES = 1 << 18
#: How often a process with nothing to say says so.
BEAT_SECONDS = 2.0


def leave_no_core() -> None:
    """A process that crashes leaves no picture of its memory on a disk: pictures are in it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Gone(Exception):
    """Whoever started this process is gone: nothing more is to be done."""


class Leash:
    """Socket and crumb of a kept process, by the descriptors on its command line."""

    def __init__(self, socket_descriptor: int, crumb_descriptor: int) -> None:
        self.socket = socket.socket(fileno=socket_descriptor)
        self.crumb = Crumb(crumb_descriptor)
        self._unpacker = Unpacker()
        self._told_at = time.monotonic()

    def messages(self, wait_seconds: float = 0.0) -> list[Message]:
        """What has come; waits for it at most so long. Raises Gone."""
        ready, _, _ = select.select([self.socket], [], [], wait_seconds)
        if not ready:
            return []
        return self.read()

    def read(self) -> list[Message]:
        """What has come on the socket, which is known to be readable. Raises Gone."""
        try:
            data = self.socket.recv(_READ_BYTES)
        except ConnectionError as error:
            raise Gone from error
        if not data:
            raise Gone
        return self._unpacker.feed(data)

    def tell(self, message: Message) -> None:
        """Send; waits until the keeper has room for it. Raises Gone."""
        try:
            self.socket.sendall(packed(message))
        except ConnectionError as error:
            raise Gone from error
        self._told_at = time.monotonic()

    def beat(self) -> None:
        """Say that we live, where nothing was said for a while."""
        if time.monotonic() - self._told_at >= BEAT_SECONDS:
            self.tell(Message(BEAT))
