"""The ledgers as planned: data/ledgers_*.yaml as Ledger and Column."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from .model import Column, Ledger

_DATA = Path(__file__).parent.parent / "data"
_GROUPS = ("ledgers_homes", "ledgers_things", "ledgers_logs")

#: The plan says years as a ledger of this year would; they move with the period.
_WRITTEN_IN = 2026

#: What the cells of a column hold, by the way it is drawn; `fact` says it itself.
_VALUES = {
    "serial": "code", "name": "text", "place": "text", "address": "text", "grid": "code",
    "grid_name": "text", "community": "text", "lon": "lon", "lat": "lat", "unit": "text",
    "choice": "choice", "int": "int", "num": "num", "date": "date", "when": "date",
    "remark": "text", "role": "choice", "phone": "phone", "contact": "person",
}  # fmt: skip


def words() -> dict[str, Any]:
    """The word lists."""
    return _read("ledgers_words")


def plan(start: date, until: date, scale: float) -> list[Ledger]:
    """All ledgers, with their rows and dates for a period; ``scale`` shrinks the large ones."""
    days = (until - start).days
    out = []
    for group in _GROUPS:
        for key, spec in _read(group).items():
            rows = spec["rows"]
            if "a_month" in spec:
                rows = round(spec["a_month"] * days / 30.4375)
            out.append(
                Ledger(
                    key,
                    spec["name"],
                    spec["owner"],
                    spec["category"],
                    spec["grade"],
                    spec["refresh"],
                    spec["subject"]["from"],
                    max(12, round(rows * scale)),
                    tuple(_column(c, spec, start, until) for c in spec["columns"]),
                    float(spec.get("dirt", 1.0)),
                    spec,
                )
            )
    return out


@cache
def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((_DATA / f"{name}.yaml").read_text("utf-8"))
    return content


def _column(spec: dict[str, Any], ledger: dict[str, Any], start: date, until: date) -> Column:
    kind = spec["is"]
    value = spec.get("value") or _VALUES[kind]
    low, high = str(spec.get("lo", "")), str(spec.get("hi", ""))
    if value == "date":
        since = spec.get("from", "period")
        # What somebody wrote down lies in the past; what somebody planned may lie ahead.
        back = 0 if since == "period" else _WRITTEN_IN - since
        low = (start if since == "period" else date(until.year - back, 1, 1)).isoformat()
        high = (until + timedelta(days=spec.get("to", 0))).isoformat()
        if low > high:
            low = start.isoformat()
    options = spec.get("of", [])
    weights = tuple(options.values()) if isinstance(options, dict) else ()
    if kind == "contact":
        spec = {"personal": True, **spec}
    return Column(
        name=spec["name"],
        kind=kind,
        value=value,
        meaning=spec.get("means") or words()["meanings"][kind],
        unit=spec.get("unit", "度" if value in ("lon", "lat") else ""),
        form=ledger.get("dates", "iso") if value == "date" else "",
        low=low,
        high=high,
        decimals=spec.get("decimals", 0),
        options=tuple(options),
        weights=weights,
        spec=spec,
    )
