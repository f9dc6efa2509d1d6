"""The rules of scoring as data, and the periods that they count. Pure.

Flags of orders: ``called_back`` (upstream has called the resident), ``reached`` (somebody had been
in touch: 响应), ``solved``, ``satisfied``, ``basically`` (基本满意), ``excluded`` (upstream granted
the exclusion, 剔除). Of cases: ``has_due``, ``in_time``, ``reworked``, ``returned``, ``reopened``,
``repeated`` (told of more than once), ``ahead`` (found by the street itself before anybody
complained: 未诉先办), ``merged`` and ``outcome:CODE``. Of both: ``exempted`` (an appeal of the case
was granted, 申诉).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources
from typing import Any, Literal
from zoneinfo import ZoneInfo

import yaml

from streetwise.kernel.errors import Invalid

Kind = Literal["orders", "cases"]
ORDER_FLAGS = ("called_back", "reached", "solved", "satisfied", "basically", "excluded", "exempted")
CASE_FLAGS = (
    "has_due", "in_time", "reworked", "returned", "reopened", "repeated", "ahead", "merged",
    "exempted",
)  # fmt: skip
TIMES: Mapping[Kind, tuple[str, ...]] = {
    "orders": ("called_back_at", "received_at"),
    "cases": ("closed_at", "opened_at"),
}
OUTCOME = "outcome:"


@dataclass(frozen=True, slots=True)
class Rate:
    """The sum of ``value`` over the rows with all of ``among``, divided by their number."""

    name: str
    of: Kind
    when: str
    among: tuple[str, ...]
    value: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Rules:
    """One version. ``composite``: weights of rates, which sum to 1."""

    version: str
    name: str
    name_en: str
    valid_from: date | None
    month_begins_day: int
    ahead_channels: tuple[str, ...]
    rates: tuple[Rate, ...]
    composite: Mapping[str, float]
    exclude: Mapping[Kind, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Period:
    """From ``start`` on, before ``end`` (UTC). ``name``: the month that it is called by."""

    name: str
    start: datetime
    end: datetime


def parse(content: Sequence[Mapping[str, Any]]) -> tuple[Rules, ...]:
    """The versions of a file. ValueError names what is wrong."""
    found = tuple(_rules(one) for one in content)
    if len({one.version for one in found}) < len(found):
        raise ValueError("a version of the score rules is there twice")
    return found


def _rules(one: Mapping[str, Any]) -> Rules:
    version = one["version"]
    rates = tuple(
        Rate(name, rate["of"], rate["when"], tuple(rate["among"]), dict(rate["value"]))
        for name, rate in one["rates"].items()
    )
    exclude: dict[Kind, tuple[str, ...]] = {
        "orders": tuple(one["exclude"]["orders"]),
        "cases": tuple(one["exclude"]["cases"]),
    }
    for rate in rates:
        _check(version, rate.of, (*rate.among, *rate.value))
        if rate.when not in TIMES[rate.of]:
            raise ValueError(f"{version}: {rate.name} counts by '{rate.when}', which is no time")
    for kind, flags in exclude.items():
        _check(version, kind, flags)
    weights = one["composite"]
    if not set(weights) <= {rate.name for rate in rates} or abs(sum(weights.values()) - 1) > 1e-9:
        raise ValueError(f"{version}: the composite's weights must be of its rates and sum to 1")
    if not 1 <= one["month_begins_day"] <= 28:
        raise ValueError(f"{version}: a month begins on a day from 1 to 28")
    return Rules(
        version, one["name"], one["name_en"], one["valid_from"], one["month_begins_day"],
        tuple(one["ahead_channels"]), rates, weights, exclude,
    )  # fmt: skip


def _check(version: str, kind: Kind, flags: Sequence[str]) -> None:
    known = ORDER_FLAGS if kind == "orders" else CASE_FLAGS
    for flag in flags:
        if flag not in known and not (kind == "cases" and flag.startswith(OUTCOME)):
            raise ValueError(f"{version}: {kind} have no flag '{flag}'")


@cache
def versions() -> tuple[Rules, ...]:
    """What the product ships."""
    path = resources.files("streetwise.resolve") / "data" / "score_rules.yaml"
    return parse(yaml.safe_load(path.read_text(encoding="utf-8")))


def rules_for(known: Sequence[Rules], month: str, asked: str | None) -> Rules:
    """The version that was asked for, else the one valid when the month began. Raises Invalid."""
    if asked is not None:
        for one in known:
            if one.version == asked:
                return one
        said = ", ".join(one.version for one in known)
        raise Invalid(f"There are no rules '{asked}'; there are: {said}.", code="rules_unknown")
    first = _day(month)
    valid = [one for one in known if one.valid_from is not None and one.valid_from <= first]
    if not valid:
        raise Invalid(f"No rules were valid in {month}.", code="rules_unknown")
    return max(valid, key=lambda one: one.valid_from or date.min)


def period(month: str, rules: Rules, zone: ZoneInfo) -> Period:
    """The period that is called ``month`` (YYYY-MM): where it begins late in a month, it is called
    by the month in which it ends. Raises Invalid.
    """
    first = _day(month)
    if rules.month_begins_day == 1:
        return Period(month, _midnight(first, zone), _midnight(_next_month(first), zone))
    before = (first - timedelta(days=1)).replace(day=rules.month_begins_day)
    end = first.replace(day=rules.month_begins_day)
    return Period(month, _midnight(before, zone), _midnight(end, zone))


def month_of(now: datetime, rules: Rules, zone: ZoneInfo) -> str:
    """The name of the period in which ``now`` lies."""
    today = now.astimezone(zone).date()
    begins = rules.month_begins_day
    if begins > 1 and today.day >= begins:
        today = _next_month(today)
    return f"{today:%Y-%m}"


def months_back(month: str, count: int) -> list[str]:
    """So many months that end with this one, oldest first."""
    day = _day(month)
    found = []
    for _ in range(count):
        found.append(f"{day:%Y-%m}")
        day = (day - timedelta(days=1)).replace(day=1)
    return found[::-1]


def _day(month: str) -> date:
    try:
        return datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        raise Invalid(
            f"'{month}' is no month; write it as 2026-03.", code="month_unknown"
        ) from None


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
