"""Files to import: made up for a benchmark, the same on every machine."""

from __future__ import annotations

import csv
import random
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from streetwise.town.history import reports
from streetwise.town.reports import write_reports_csv

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
BOSTON = DATA / "service_requests" / "boston_311_2011h2.csv.gz"
MESSAGES = DATA / "text" / "附件3_留言_4326.xlsx"

#: At least so many reports a day come to a street's own file: enough days for n rows.
REPORTS_A_DAY = 60
UNTIL = datetime(2026, 5, 1, tzinfo=UTC)

_COLUMNS = (
    "case_enquiry_id", "open_dt", "target_dt", "closed_dt", "ontime", "case_status",
    "closure_reason", "case_title", "subject", "reason", "type", "queue", "department",
    "fire_district", "pwd_district", "city_council_district", "police_district",
    "neighborhood", "neighborhood_services_district", "ward", "precinct",
    "location_street_name", "location_zipcode", "latitude", "longitude", "source",
)  # fmt: skip
_TYPES = 140
_STREETS = ("Elm St", "Harbor Ave", "Mill Rd", "Chapel Hill Pkwy", "Old Quarry Ln", "Union Sq")
_SUBJECTS = ("Works Department", "Inspectional Services", "Parks Department", "Traffic Division")
_REASONS = ("Sanitation", "Highway Maintenance", "Lights", "Housing", "Trees", "Signs", "Recycling")
_SOURCES = ("Constituent Call", "Employee Generated", "Self Service")
_TIME = "%Y-%m-%d %H:%M:%S"


def requests_csv(path: Path, rows: int) -> None:
    """Service requests without free text, in the columns that the mapping boston-311 reads."""
    rng = random.Random(311)
    at = datetime(2011, 7, 1)  # noqa: DTZ001 - a file's local time
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        for number in range(rows):
            at += timedelta(seconds=rng.randrange(540))
            writer.writerow(_request(number, at, rng))


def _request(number: int, at: datetime, rng: random.Random) -> list[object]:
    kind = f"Request of the kind {min(int(rng.expovariate(1 / 20)), _TYPES - 1)}"
    due = at + timedelta(days=rng.choice((1, 2, 3, 7, 14)))
    closed = at + timedelta(hours=rng.expovariate(1 / 90))
    done = rng.random() < 0.94
    subject, district = rng.choice(_SUBJECTS), rng.randint(1, 12)
    return [
        101000000000 + number,
        at.strftime(_TIME),
        due.strftime(_TIME) if rng.random() < 0.8 else "",
        closed.strftime(_TIME) if done else "",
        "ONTIME" if closed <= due else "OVERDUE",
        "Closed" if done else "Open",
        "Case Closed Case Resolved" if done else "",
        kind,
        subject,
        rng.choice(_REASONS),
        kind,
        f"{subject[:4]}_{kind}",
        subject[:4].upper(),
        district,
        f"{district:02}",
        district % 9 + 1,
        f"B{district}",
        f"Neighborhood {rng.randint(1, 25)}",
        district,
        f"Ward {rng.randint(1, 22)}",
        rng.randint(100, 2299),
        f"{rng.randint(1, 900)} {rng.choice(_STREETS)}",
        f"{rng.randint(2108, 2136)}.0",
        round(42.23 + rng.random() * 0.16, 4),
        round(-71.18 + rng.random() * 0.17, 4),
        rng.choice(_SOURCES),
    ]


def reports_csv(path: Path, town: Path, seed: int, rows: int) -> int:
    """So many messages in Chinese of a synthetic street, for street-reports; how many there are.

    What people say further of an earlier message is left out: each row is a signal of its own.
    """
    start = UNTIL - timedelta(days=rows / REPORTS_A_DAY + 1)
    told = (report for report in reports(town, seed, start, UNTIL) if not report.refers_to)
    return write_reports_csv(path, islice(told, rows))
