"""On real reports whose days are shuffled nothing is to be found: warnings keep their promise."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from streetwise.evaluation.warn.files import read_reports
from streetwise.warn.values import Reports

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "service_requests"
FILES = {
    "chicago": ("chicago_sanitation_2011_2013.csv.gz", date(2012, 1, 1), date(2013, 6, 30)),
    "boston": ("boston_311_2011h2.csv.gz", date(2011, 7, 1), date(2011, 12, 31)),
}


def _real(city: str) -> Reports:
    name, first, last = FILES[city]
    for folder in (DATA, Path("/work/shared/data/service_requests")):
        if (folder / name).is_file():
            return read_reports(folder / name, city, first_day=first, last_day=last).reports
    pytest.skip("The real reports of ../shared/data are not here.")
