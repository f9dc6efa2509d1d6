"""Keep one process of ours at work: started again when it ends, ended when it hangs.

It speaks with us over a socket pair that it inherits (messages of ``wire``), so that nothing it
is told, such as a stream's password, stands on a command line or in an environment. The socket is
also the leash: when we are killed it closes, and the process ends by itself.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from streetwise.discover.engine.crumb import Crumb
from streetwise.discover.engine.wire import Garbled, Message, Unpacker, packed
from streetwise.kernel import logs

log = logs.get(__name__)

_READ_BYTES = 1 << 18
#: What a process was told and has not read; it hangs, and is killed for that soon.
MOST_UNHEARD_BYTES = 64 * 1024 * 1024
#: What a kept process gets of our environment: nothing that could be a secret.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV")
_INHERITED_FRONTS = ("OMP_", "OPENBLAS_", "MKL_", "LD_LIBRARY_")
#: Any message is a sign of life; this one says nothing else.
BEAT = "beat"


@dataclass(frozen=True, slots=True)
class KeeperRules:
    """Times of a kept process.

    ``restart_seconds``: waits before it is started again, the later ones after several short
    lives in a row; a life of ``long_seconds`` is not short. One from which nothing was heard for
    ``hung_seconds`` is killed. ``grace_seconds``: how long it may take to end when asked to.
    """

    restart_seconds: tuple[float, ...] = (0.2, 1.0, 5.0, 30.0)
    long_seconds: float = 60.0
    hung_seconds: float = 30.0
    grace_seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class Ended:
    """A process ended unasked: its exit status (negative: the signal), and where its crumb lies.

    ``hung``: we killed it, for it said nothing any more.
    """

    status: int
    crumb: int
    hung: bool


def environment() -> dict[str, str]:
    """Our environment without what a process that decodes strangers' pictures need not know."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in _INHERITED or name.startswith(_INHERITED_FRONTS)
    }


class Keeper:
    """One kept process.

    ``module``: what is run, with the descriptors of socket and crumb as arguments. ``greeting``:
    called at each start, what a new one is told first. ``heard``: each message from it.
    ``ended``: called before it is started again.
    """

    def __init__(
        self,
        name: str,
        module: str,
        *,
        greeting: Callable[[], list[Message]],
        heard: Callable[[Message], None],
        ended: Callable[[Ended], None],
        rules: KeeperRules | None = None,
    ) -> None:
        self.name = name
        self._module, self._rules = module, rules or KeeperRules()
        self._greeting, self._heard, self._ended = greeting, heard, ended
        self._writer: asyncio.StreamWriter | None = None
        self.pid: int | None = None
        self.starts = 0

    def send(self, message: Message) -> bool:
        """Tell the process; False while none runs (a new one is greeted with all it needs), or
        where it has not heard so much yet that it must hang.
        """
        if self._writer is None or self._writer.is_closing():
            return False
        if self._writer.transport.get_write_buffer_size() > MOST_UNHEARD_BYTES:
            return False
        self._writer.write(packed(message))
        return True

    async def run(self) -> None:
        """Keep it at work until cancelled."""
        loop, short = asyncio.get_running_loop(), 0
        while True:
            began = loop.time()
            try:
                end = await self._life()
            except OSError as error:
                # No memory, or no more processes: tried for as long as somebody wants it.
                log.error("process_not_started", process=self.name, errno=error.errno)
            else:
                log.warning("process_ended", process=self.name, status=end.status, hung=end.hung)
                self._ended(end)
            short = 0 if loop.time() - began > self._rules.long_seconds else short + 1
            waits = self._rules.restart_seconds
            await asyncio.sleep(waits[min(max(short - 1, 0), len(waits) - 1)])

    async def _life(self) -> Ended:
        crumb = Crumb.made()
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", self._module, str(theirs.fileno()),
                    str(crumb.descriptor), stdin=asyncio.subprocess.DEVNULL,
                    pass_fds=(theirs.fileno(), crumb.descriptor), start_new_session=True,
                    env=environment(),
                )  # fmt: skip
            self.pid, self.starts = process.pid, self.starts + 1
            reader, self._writer = await asyncio.open_connection(sock=ours)
            try:
                for message in self._greeting():
                    self.send(message)
                hung = await self._listen(reader)
            except asyncio.CancelledError:
                await self._stop(process)
                raise
            if hung:
                with suppress(ProcessLookupError):
                    process.kill()
            await self._stop(process)
            return Ended(process.returncode or 0, crumb.read(), hung)
        finally:
            self.pid = None
            if self._writer is not None:
                self._writer.close()
                self._writer = None
            ours.close()
            crumb.close()

    async def _listen(self, reader: asyncio.StreamReader) -> bool:
        """Hear it to its end; True where it hangs."""
        unpacker = Unpacker()
        while True:
            try:
                async with asyncio.timeout(self._rules.hung_seconds):
                    data = await reader.read(_READ_BYTES)
            except TimeoutError:
                return True
            except ConnectionError:
                return False
            if not data:
                return False
            try:
                messages = unpacker.feed(data)
            except Garbled:
                log.error("process_garbled", process=self.name)
                return True
            for message in messages:
                if message.kind != BEAT:
                    self._heard(message)

    async def _stop(self, process: asyncio.subprocess.Process) -> None:
        if self._writer is not None:
            self._writer.close()  # its leash: it ends at the end of what it hears
        try:
            async with asyncio.timeout(self._rules.grace_seconds):
                await process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
