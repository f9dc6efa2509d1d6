"""Counting the past."""

from __future__ import annotations

from datetime import timedelta

from streetwise.directory import repository as directory
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.dispatch import repository


async def count_past(runtime: Runtime) -> int:
    """Count anew, area by area, which units have handled what; rows there are then. Writes no
    entry: nothing that anybody did is changed, and a second run counts the same.
    """
    viewer = Viewer.system("dispatch-past")
    back, rows = timedelta(days=runtime.settings.dispatch_past_days), 0
    async with runtime.database.read(viewer) as session:
        areas = [area.code for area in await directory.areas(session, viewer)]
    for area in areas:
        async with runtime.database.unit_of_work(viewer) as uow:
            rows += await repository.count_past(uow.session, viewer, area, uow.now - back, uow.now)
    return rows
