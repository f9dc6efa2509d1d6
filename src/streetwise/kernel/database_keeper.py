"""A database that ends under a serving process is started again: nobody has to get up for it.

Whatever ended it (a crash, somebody's kill, a full disk that is free again), the start recovers
all that was committed. One line in the log when it is down and one when it is up.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from streetwise.kernel import logs
from streetwise.kernel.postgres import EmbeddedPostgres, PostgresError
from streetwise.kernel.settings import Settings

log = logs.get(__name__)


@contextmanager
def kept_alive(postgres: EmbeddedPostgres | None, settings: Settings) -> Iterator[None]:
    """Watch the server until left; nothing to do for one that is not ours (None)."""
    if postgres is None or settings.database_watch_seconds == 0:
        yield
        return
    stop = threading.Event()
    keeper = threading.Thread(
        target=_keep, args=(postgres, settings, stop), name="database keeper", daemon=True
    )
    keeper.start()
    try:
        yield
    finally:
        # Who stops the server afterwards must not have it started again behind their back.
        stop.set()
        keeper.join()


def _keep(postgres: EmbeddedPostgres, settings: Settings, stop: threading.Event) -> None:
    down, pause = False, settings.database_watch_seconds
    while not stop.wait(pause):
        try:
            if not down and not postgres.has_ended():
                continue
            if not down:
                log.error("database_down", home=str(settings.home))
            postgres.revive()
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, it is tried again
            if not down:
                said = str(error) if isinstance(error, PostgresError) else type(error).__name__
                log.error("database_start_failed", error=said)
            down, pause = True, min(2 * pause, settings.database_watch_max_seconds)
            continue
        log.info("database_up", home=str(settings.home))
        down, pause = False, settings.database_watch_seconds
