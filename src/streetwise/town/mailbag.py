"""The files that reach the street in the town's past: a day's own, and the hotline's export.

A file is begun with its first row, read on as the day goes, and ended when the day is over, by
the same actions that read a real one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

from streetwise.gather import actions as gather
from streetwise.gather.actions import ReadRow
from streetwise.gather.mapping import Mapping, apply, mapping_named
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.viewer import Viewer
from streetwise.town import platform
from streetwise.town.reports import Report, reports_csv

OWN_MAPPING = "street-reports"


@dataclass
class File:
    """A file, read as the day goes on."""

    mapping: Mapping
    name: str
    day: date
    times: list[datetime]
    cells: list[dict[str, str]]
    #: Which of its rows say something further of an order that the street has.
    further: frozenset[int] = frozenset()
    batch_id: UUID | None = None
    read: int = 0

    @property
    def next_at(self) -> datetime | None:
        """When its next row comes; None after the last."""
        return self.times[self.read] if self.read < len(self.times) else None


@dataclass
class Mailbag:
    """All files of a period, in the order of their days."""

    files: list[File] = field(default_factory=list)

    @property
    def next_at(self) -> datetime | None:
        """When the next row comes; None when all have come."""
        times = [at for file in self.files[:4] if (at := file.next_at) is not None]
        return min(times, default=None)

    async def deliver(
        self, uow: UnitOfWork, keys: Keys, steward: Viewer, zone: ZoneInfo
    ) -> tuple[int, bool]:
        """Take in what has come by now: how many rows, and whether orders were spoken of again."""
        count, again = 0, False
        today = uow.now.astimezone(zone).date()
        for file in [file for file in self.files[:4] if file.day <= today]:
            before = file.read
            count += await _read_on(uow, keys, steward, file)
            again = again or not file.further.isdisjoint(range(before, file.read))
            if file.day < today:
                await end(uow, file)
                self.files.remove(file)
        return count, again


def mailbag(reports: Iterable[Report]) -> Mailbag:
    """The files of these reports, which are in order of time and in the street's zone."""
    bag = Mailbag()
    for day, found in groupby(reports, key=lambda report: report.at.date()):
        told = list(found)
        own = [report for report in told if report.channel != platform.CHANNEL]
        orders = [report for report in told if report.channel == platform.CHANNEL]
        if own:
            text = io.StringIO()
            reports_csv(text, own)
            bag.files.append(_file(OWN_MAPPING, f"来件-{day:%Y-%m-%d}.csv", day, own, text))
        if orders:
            text = io.StringIO()
            platform.orders_csv(text, [platform.order_row(report) for report in orders])
            name = f"12345工单-{day:%Y-%m-%d}.csv"
            bag.files.append(_file(platform.MAPPING, name, day, orders, text))
    return bag


def call_backs(rows: list[dict[str, str]], now: datetime, zone: ZoneInfo) -> File:
    """The platform's export of call-backs, whole at once."""
    local = now.astimezone(zone)
    name = f"12345回访-{local:%Y-%m-%d-%H}.csv"
    mapping = mapping_named(platform.MAPPING)
    return File(mapping, name, local.date(), [now] * len(rows), rows)


async def take_whole(uow: UnitOfWork, keys: Keys, steward: Viewer, file: File) -> None:
    """Begin, read and end a file in one go."""
    await _read_on(uow, keys, steward, file)
    await end(uow, file)


async def end(uow: UnitOfWork, file: File) -> None:
    """All rows were read."""
    if file.batch_id is not None:
        await gather.finish_import(uow, Viewer.system("import"), file.batch_id)
        await uow.session.flush()


def _file(mapping: str, name: str, day: date, reports: list[Report], text: io.StringIO) -> File:
    text.seek(0)
    cells = list(csv.DictReader(text))
    times = [report.at for report in reports]
    further = frozenset(n for n, report in enumerate(reports) if report.refers_to)
    return File(mapping_named(mapping), name, day, times, cells, further)


async def _begin(uow: UnitOfWork, steward: Viewer, file: File) -> UUID:
    batch = await gather.start_import(
        uow,
        steward,
        file.mapping,
        file_name=file.name,
        # Never in the store: what is read here at once is not there afterwards either.
        file_digest=b"",
        rows_total=len(file.cells),
    )
    uow.jobs.clear()  # the rows are read here, at their simulated time
    await uow.session.flush()
    return batch.id


async def _read_on(uow: UnitOfWork, keys: Keys, steward: Viewer, file: File) -> int:
    due = sum(at <= uow.now for at in file.times[file.read :])
    if not due:
        return 0
    if file.batch_id is None:
        file.batch_id = await _begin(uow, steward, file)
    rows = [
        ReadRow(number + 2, file.cells[number], apply(file.mapping, file.cells[number]))
        for number in range(file.read, file.read + due)
    ]
    await gather.take_in(
        uow,
        Viewer.system("import"),
        keys,
        file.mapping,
        file.batch_id,
        rows,
        read_before=file.read,
    )
    uow.jobs.clear()
    file.read += due
    await uow.session.flush()
    return due
