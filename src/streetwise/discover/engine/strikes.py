"""A camera whose pictures crash the decoder is left alone for a while, the longer the oftener.

Pure: times are given. One crash may be chance (memory, another program); the second in a while
of the same camera is its pictures. The state is plain data.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class StrikeRules:
    """``allowed`` crashes within ``memory_seconds`` are chance; from the next on a camera waits
    ``first_wait_seconds``, twice as long each time, at most ``longest_wait_seconds``.
    """

    allowed: int = 1
    memory_seconds: float = 3_600.0
    first_wait_seconds: float = 600.0
    longest_wait_seconds: float = 6 * 3_600.0


@dataclass(slots=True)
class _Record:
    crashes: list[float] = field(default_factory=list)
    waits: int = 0
    until: float = 0.0


class Strikes:
    """Who crashed how often, and who has to wait."""

    def __init__(self, rules: StrikeRules | None = None) -> None:
        self._rules = rules or StrikeRules()
        self._records: dict[str, _Record] = {}

    def crashed(self, camera: str, now: float) -> float | None:
        """A process ended at a picture of ``camera``: None, or until when it is left alone."""
        record, rules = self._records.setdefault(camera, _Record()), self._rules
        record.crashes = [at for at in record.crashes if now - at < rules.memory_seconds]
        record.crashes.append(now)
        if len(record.crashes) <= rules.allowed:
            return None
        wait = min(rules.first_wait_seconds * 2**record.waits, rules.longest_wait_seconds)
        record.waits += 1
        record.until = now + wait
        return record.until

    def good(self, camera: str, now: float) -> None:
        """A picture of ``camera`` was decoded: after a quiet while it begins with a clean sheet."""
        record = self._records.get(camera)
        if record is None or not record.crashes:
            self._records.pop(camera, None)
        elif now - max(record.crashes[-1], record.until) >= self._rules.memory_seconds:
            del self._records[camera]
