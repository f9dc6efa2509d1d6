"""The town's daily rain beside real ones, for its shape: python scripts/compare_weather.py

Reads the rain of Chicago and Boston where the real material lies beside the checkout. The town's
climate is another one and need not agree; what is compared is how rain comes: in how many days,
how they follow each other, how heavy the heaviest are.
"""

from __future__ import annotations

import csv
import sys
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src")]

from streetwise.town import weather  # noqa: E402

#: Where real material lies, and in it: file, column, millimetres of one unit of the column.
SHARED = ROOT.parent / "shared" / "data" / "service_requests"
REAL = (
    ("chicago", "chicago_weather_daily.csv", "precipIntensity", 24 * 25.4),  # inches an hour
    ("boston", "boston_rainfall_daily.csv", "avgprcp", 0.1),  # tenths of a millimetre
)
WET = 1.0  # mm: below it stations differ in what they count


def shape(mm: NDArray[np.float64]) -> dict[str, float]:
    """How daily rain comes."""
    wet = mm >= WET
    fallen = np.sort(mm[wet])
    top = fallen[-max(1, len(fallen) // 10) :]
    return {
        "mm a year": float(mm.mean() * 365.25),
        "share of days with 1 mm": float(wet.mean()),
        "wet after wet": float(wet[1:][wet[:-1]].mean()),
        "wet after dry": float(wet[1:][~wet[:-1]].mean()),
        "correlation of neighbours, wet or not": float(np.corrcoef(wet[1:], wet[:-1])[0, 1]),
        "mean of a wet day, mm": float(fallen.mean()),
        "99 % of wet days, in means": float(np.quantile(fallen, 0.99) / fallen.mean()),
        "heaviest day, in means": float(fallen[-1] / fallen.mean()),
        "rain in the heaviest tenth of wet days": float(top.sum() / fallen.sum()),
    }


def real(name: str) -> NDArray[np.float64] | None:
    """Daily millimetres of a real city, where its file is there."""
    for city, file, column, unit in REAL:
        path = SHARED / file
        if city == name and path.exists():
            with path.open(encoding="utf-8", newline="") as f:
                return np.array([float(row[column]) * unit for row in csv.DictReader(f)])
    return None


def town(seeds: range, months: frozenset[int] = frozenset(range(1, 13))) -> NDArray[np.float64]:
    """Daily millimetres of some towns, three years each, one after the other."""
    return np.array(
        [
            d.rain_mm
            for seed in seeds
            for d in weather.days(seed, date(2023, 1, 1), date(2026, 1, 1))
            if d.date.month in months
        ]
    )


def main() -> None:
    """Print the table."""
    columns = {c: found for c, *_ in REAL if (found := real(c)) is not None}
    columns |= {
        "town": town(range(1, 9)),
        "town Jun-Sep": town(range(1, 9), frozenset(range(6, 10))),
    }
    shapes = {name: shape(mm) for name, mm in columns.items()}
    print(f"{'':42s}" + "".join(f"{name:>14s}" for name in shapes))
    for line in next(iter(shapes.values())):
        print(f"{line:42s}" + "".join(f"{s[line]:14.2f}" for s in shapes.values()))


if __name__ == "__main__":
    main()
