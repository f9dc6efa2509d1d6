"""Whether anybody answers on a channel: one line of the log when nobody does, one when it is back.

Known to a process, not to the database: after a start the first attempt says how things stand.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from streetwise.kernel import logs
from streetwise.kernel.database import Database

log = logs.get(__name__)

#: Channels that are away, by name, with the kind of failure that they went with.
_away: WeakKeyDictionary[Database, dict[str, str]] = WeakKeyDictionary()


def went(database: Database, channel: str, failure: str) -> None:
    """Nobody answers on this channel; said when it begins."""
    gone = _away.setdefault(database, {})
    if channel not in gone:
        log.warning("channel_down", channel=channel, error=failure)
    gone.setdefault(channel, failure)


def came(database: Database, channel: str) -> None:
    """Somebody answered on this channel; said where nobody had."""
    failure = _away.get(database, {}).pop(channel, None)
    if failure is not None:
        log.info("channel_up", channel=channel, error=failure)
