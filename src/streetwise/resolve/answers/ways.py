"""Who is answered how? One table (data/ways.yaml), read from the top. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any, Literal, get_args
from uuid import UUID

import yaml

from streetwise.resolve.understand.draft import Kind

WayCode = Literal[
    "work_order", "petition", "referral", "media", "call", "message", "letter", "nobody"
]
Form = Literal["order", "letter", "referral", "call", "message", "none"]
#: Why nobody is answered: the reporter wants none, left no contact, is unknown, is one of us, or
#: is a device.
NobodyWhy = Literal["declined", "no_contact", "anonymous", "staff", "device"]
#: Ways that lead to the reporter in person: somebody who told twice is answered once.
IN_PERSON = ("call", "message", "letter")


@dataclass(frozen=True, slots=True)
class Told:
    """A signal, as far as it matters here.

    ``scheme``: that of the work order it carries. ``answer_by``: phone, message, letter, none,
    or None (nobody asked). ``contact``: whether the vault holds a number of the reporter's.
    """

    source: str
    channel: str | None
    answer_by: str | None
    scheme: str | None
    contact: bool


@dataclass(frozen=True, slots=True)
class Way:
    """How a signal is answered: in which form, drafted by which template; ``why`` only where
    nobody is."""

    code: WayCode
    form: Form
    draft: Kind
    why: NobodyWhy | None = None


@dataclass(frozen=True, slots=True)
class Ways:
    """The table, read."""

    ways: Mapping[str, Way]
    orders: Mapping[str, str]
    answer_by: Mapping[str, tuple[str, NobodyWhy | None]]
    names: Mapping[str, tuple[str, NobodyWhy | None]]

    def of(self, told: Told) -> Way:
        """The way of a signal. Always one: who cannot be reached is answered by nobody."""
        if told.scheme is not None:
            return self._way(self.orders.get(told.scheme) or self.orders["*"])
        if told.answer_by is not None:
            return self._way(*self.answer_by[told.answer_by])
        for name in (told.channel, told.source):
            if name and name in self.names:
                return self._way(*self.names[name])
        return self._way("call") if told.contact else self._way("nobody", "no_contact")

    def _way(self, code: str, why: NobodyWhy | None = None) -> Way:
        return replace(self.ways[code], why=why)


@cache
def shipped_ways() -> Ways:
    """The table that comes with the program."""
    table = resources.files("streetwise.resolve") / "data" / "ways.yaml"
    return read_ways(yaml.safe_load(table.read_text(encoding="utf-8")))


def read_ways(content: Mapping[str, Any]) -> Ways:
    """A table from what the file says. ValueError: a way, form or reason that there is none of."""
    forms = {code: Way(code, line["form"], line["draft"]) for code, line in content["ways"].items()}
    if set(forms) != set(get_args(WayCode)):
        raise ValueError("ways: there must be a line for each way")
    for way in forms.values():
        if way.form not in get_args(Form) or way.draft not in get_args(Kind):
            raise ValueError(f"{way.code}: no such form, or no such template")
    answer_by = {wish: _line(line, forms) for wish, line in content["answer_by"].items()}
    names: dict[str, tuple[str, NobodyWhy | None]] = {}
    for line in content["channels"]:
        for name in line["names"]:
            if name in names:
                raise ValueError(f"channels: {name} stands there twice")
            names[name] = _line(line, forms)
    orders = dict(content["orders"])
    if not set(orders.values()) <= set(forms) or "*" not in orders:
        raise ValueError("orders: a way that there is none of, or none for all others")
    return Ways(forms, orders, answer_by, names)


def _line(line: Mapping[str, Any], forms: Mapping[str, Way]) -> tuple[str, NobodyWhy | None]:
    way, why = line["way"], line.get("why")
    if way not in forms or (why is not None) != (way == "nobody"):
        raise ValueError(f"{line}: no such way, or a reason where none belongs")
    if why is not None and why not in get_args(NobodyWhy):
        raise ValueError(f"{line}: no such reason")
    return way, why


@dataclass(frozen=True, slots=True)
class Teller:
    """Who told, as far as it must be known to answer once.

    ``refers_to``: the first signal about the same upstream item. ``reporter``: the vault's key id
    of a reporter with a contact number; it says nothing by itself.
    """

    signal_id: UUID
    way: WayCode
    refers_to: UUID | None
    reporter: UUID | None


def with_first(tellers: Sequence[Teller]) -> dict[UUID, UUID]:
    """signal → the earlier one with which it is answered, for those that have one.

    ``tellers`` come in the order in which they told. A reminder (催单) goes with its item; who
    told twice in person is answered once. Formal ways each get their own answer.
    """
    there = {one.signal_id for one in tellers}
    first_of: dict[tuple[UUID, str], UUID] = {}
    found: dict[UUID, UUID] = {}
    for one in tellers:
        if one.refers_to is not None and one.refers_to in there:
            found[one.signal_id] = one.refers_to
        elif one.reporter is not None and one.way in IN_PERSON:
            first = first_of.setdefault((one.reporter, "person"), one.signal_id)
            if first != one.signal_id:
                found[one.signal_id] = first
    return found


@dataclass(frozen=True, slots=True)
class Clock:
    """The clock of a petition: when it must be accepted, and answered (UTC)."""

    accept_by: datetime
    answer_by: datetime


def petition_clock(
    received: datetime, *, accept_days: int, answer_days: int, extended_to: datetime | None = None
) -> Clock:
    """Both are counted from the day the petition came, in calendar days: that of the answer is
    stricter than from its acceptance, and cannot be put off by accepting late. ``extended_to``:
    what the petitioner was told in writing counts, and it never makes the time shorter."""
    answer_by = received + timedelta(days=answer_days)
    return Clock(received + timedelta(days=accept_days), max(answer_by, extended_to or answer_by))
