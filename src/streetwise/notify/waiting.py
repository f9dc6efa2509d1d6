"""How long to wait before something that did not go out is tried again. Pure."""

from __future__ import annotations

from streetwise.kernel.settings import Settings

#: Each wait before a further attempt is so many times the one before.
LONGER = 4


def wait_seconds(settings: Settings, attempts: int) -> float:
    """How long to wait after so many attempts."""
    # Bounded before it is computed: many attempts would give a number without end.
    times: float = LONGER ** min(attempts - 1, 20)
    return min(settings.notify_retry_seconds * times, settings.notify_retry_max_seconds)
