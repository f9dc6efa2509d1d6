"""A connection for a process that has nothing else to do while it waits for the database.

The event loop is told of every wait (a socket is added to its selector, a future made, a callback
run, the socket taken out again), so that others go on meanwhile. A process with one unit of work
after another has no others: it waits outright, in psycopg's own C, and saves a tenth of what it
computes.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import waiting


class AloneConnection(psycopg.AsyncConnection[Any]):
    """Waits for the server without the event loop: everything else in the process stands still."""

    async def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """As ``AsyncConnection.wait``; a signal may end the wait between two intervals (s)."""
        return waiting.wait(gen, self.pgconn.socket, interval, timeout)
