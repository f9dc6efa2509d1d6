"""Reports as rows: what the town's history is made of, and the files that carry it."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

COLUMNS = ("编号", "渠道", "时间", "标题", "内容", "经度", "纬度")
SIGNAL_COLUMNS = ("id", "channel", "at", "title", "text", "lon", "lat", "refers_to")
TRUTH_COLUMNS = (
    "id", "problem", "category", "place", "kind", "nature", "refers_to", "community", "planted",
    "errors",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """One report with the truth about it, which the mouth that tells it does not know.

    ``kind``: problem, urge (催单), supplement (补充), thanks, question, nonsense. ``refers_to``:
    the key of the report that an urge or a supplement comes back to; it was told at ``first_at``.
    ``also``: the second problem that the same call tells of, as (problem, category, place).
    ``planted``: the key of what made it begin (a cluster, an association, a batch, a course);
    empty for daily life. ``errors``: what was distorted in the telling.
    """

    upstream_key: str
    channel: str
    at: datetime
    title: str
    text: str
    lon: float | None
    lat: float | None
    truth_category: str  # scheme:code
    truth_problem: str
    truth_place: str
    kind: str = "problem"
    nature: str = "problem"
    refers_to: str = ""
    also: tuple[str, str, str] | None = None
    community: str = ""
    planted: str = ""
    errors: tuple[str, ...] = ()
    first_at: datetime | None = None


def row_of(report: Report) -> dict[str, str]:
    """A report as a row of the file that the street's mapping `street-reports` reads.

    Who comes back to a report does so under its number.
    """
    here = report.lon is not None and report.lat is not None
    values = (
        report.refers_to or report.upstream_key,
        report.channel,
        f"{report.at:%Y-%m-%d %H:%M:%S}",
        report.title,
        report.text,
        f"{report.lon:.6f}" if here else "",
        f"{report.lat:.6f}" if here else "",
    )
    return dict(zip(COLUMNS, values, strict=True))


def signal_row(report: Report) -> dict[str, str]:
    """A report as a row of the one table of all signals, for scoring engines."""
    here = report.lon is not None and report.lat is not None
    values = (
        report.upstream_key,
        report.channel,
        report.at.isoformat(timespec="seconds"),
        report.title,
        report.text,
        f"{report.lon:.6f}" if here else "",
        f"{report.lat:.6f}" if here else "",
        report.refers_to,
    )
    return dict(zip(SIGNAL_COLUMNS, values, strict=True))


def write_reports_csv(path: Path, items: Iterable[Report]) -> int:
    """Write the file; returns how many rows it has."""
    with path.open("w", encoding="utf-8", newline="") as f:
        return reports_csv(f, items)


def reports_csv(file: IO[str], items: Iterable[Report]) -> int:
    """The same into an open file."""
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    writer.writeheader()
    count = 0
    for report in items:
        writer.writerow(row_of(report))
        count += 1
    return count


def write_truth_csv(path: Path, items: Iterable[Report]) -> None:
    """The truth behind the reports, for scoring an engine: never given to one.

    A call about two problems has two lines.
    """
    with path.open("w", encoding="utf-8", newline="") as f:
        writer = csv.writer(f, lineterminator="\n")
        writer.writerow(TRUTH_COLUMNS)
        for r in items:
            tail = [r.kind, r.nature, r.refers_to, r.community, r.planted, "|".join(r.errors)]
            writer.writerow(
                [r.upstream_key, r.truth_problem, r.truth_category, r.truth_place, *tail]
            )
            if r.also is not None:
                problem, category, place = r.also
                writer.writerow([r.upstream_key, problem, category, place, *tail])
