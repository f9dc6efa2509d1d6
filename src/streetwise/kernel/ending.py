"""Being told to end: Ctrl-C, kill and a closed terminal all unwind the same way.

The handler raises, so that every ``finally`` on the way out runs and the database is stopped.
It also remembers: an exception that comes up inside a destructor is swallowed by Python, and a
server that was told to end while it started would otherwise serve on.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_told: int | None = None


def install() -> None:
    """From now on the signals raise SystemExit."""
    for number in SIGNALS:
        signal.signal(number, _handle)


def told() -> int | None:
    """The signal that was received, if one was."""
    return _told


def _handle(number: int, _: FrameType | None) -> None:
    global _told  # noqa: PLW0603 - a signal handler has nothing else to write to
    _told = number
    raise SystemExit(128 + number)


@contextmanager
def told_instead(tell: Callable[[int], None]) -> Iterator[None]:
    """In a running loop: the signals call ``tell`` instead of raising, and nothing afterwards.

    What was told before is told at once.
    """
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, tell, number)
    if _told is not None:
        tell(_told)
    try:
        yield
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)
