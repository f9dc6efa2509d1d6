"""What is to be done in the town's past, and when."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass
class Agenda:
    """What is to be done, by when: with cases, orders, messages; and call-backs to be told."""

    due: list[tuple[datetime, str, UUID]] = field(default_factory=list)
    verdicts: list[tuple[datetime, UUID]] = field(default_factory=list)

    def plan(self, at: datetime, action: str, subject: UUID) -> None:
        """Put something on it."""
        heapq.heappush(self.due, (at, action, subject))

    def take(self, now: datetime) -> list[tuple[str, UUID]]:
        """What is due by now."""
        found = []
        while self.due and self.due[0][0] <= now:
            _, action, subject = heapq.heappop(self.due)
            found.append((action, subject))
        return found

    @property
    def next_at(self) -> datetime | None:
        """When the first thing is due."""
        times = [heap[0][0] for heap in (self.due, self.verdicts) if heap]
        return min(times, default=None)
