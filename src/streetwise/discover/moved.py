"""Cameras that were moved, across a restart of all of discover.

What an eye that begins anew is shown first, it takes for right. So what the gates of moved cameras
know of the view that is meant is kept with the cameras' health, and given to whoever looks at them
next: the camera goes on waiting to be aimed, or for somebody to accept what it shows.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from streetwise.discover import health_repository
from streetwise.discover.engine.memory import gates_memory
from streetwise.discover.engine.orders import Charge
from streetwise.discover.engine.wire import Message
from streetwise.discover.gate import outlines
from streetwise.discover.health_repository import Meant
from streetwise.discover.system import SYSTEM
from streetwise.kernel.runtime import Runtime


class MovedCameras:
    """What is known of them, as the rows have it."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._meant: dict[str, Meant] = {}

    async def take_up(self) -> None:
        """Read what was kept."""
        async with self._runtime.database.read(SYSTEM) as session:
            kept = await health_repository.meant_views(session, SYSTEM)
        self._meant = {str(watched_id): meant for watched_id, meant in kept.items()}

    def known_of(self, charges: Iterable[Charge]) -> Message | None:
        """A memory for who looks at these cameras from now on; None: nothing is known of them, or
        of another view than the one that is meant now.
        """
        rows = [
            {"camera": one.camera, "view": meant.view, "state": meant.state}
            for one in charges
            for meant in [self._meant.get(one.camera)]
            if meant is not None and meant.view == one.view
        ]
        return gates_memory(time.time(), rows) if rows else None

    async def heard(self, told: Mapping[str, Any]) -> None:
        """Take in the memory of an eye: which of its cameras are moved now, and which no longer."""
        now = {row["camera"]: row for row in told["gates"]}
        changed: dict[str, Meant | None] = {}
        for camera in told["cameras"]:
            before, row = self._meant.get(camera), now.get(camera)
            if row is None:
                if before is not None:
                    changed[camera] = None
            elif before is None or before.view != row["view"]:
                # While it is moved, what is meant does not change.
                changed[camera] = Meant(row["view"], outlines(row["state"]))
        if not changed:
            return
        async with self._runtime.database.unit_of_work(SYSTEM) as uow:
            for camera, meant in changed.items():
                await health_repository.put_meant(uow.session, SYSTEM, UUID(camera), meant)
        for camera, meant in changed.items():
            if meant is None:
                del self._meant[camera]
            else:
                self._meant[camera] = meant
