"""Clean rows: what every cell says before anybody was careless."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

from ..language import PHONE_PREFIX
from .facts import FACTS
from .ground import Subject
from .model import Column, Ledger
from .subjects import Desk, rows_of

Draw = Callable[[Subject, str, dict[str, str]], str]


def clean_rows(ledger: Ledger, desk: Desk, rng: random.Random) -> list[list[str]]:
    """All rows as texts; dates as YYYY-MM-DD, numbers with their decimals."""
    draws = [_draw(c, ledger, desk, rng) for c in ledger.columns]
    facts_of = FACTS.get(ledger.key)
    out = []
    for subject, day in rows_of(ledger, desk, rng):
        facts = subject.facts
        if facts_of is not None:
            facts = {**facts, **facts_of(subject, day, desk, rng)}
        out.append([draw(subject, day, facts) for draw in draws])
    return out


def _draw(column: Column, ledger: Ledger, desk: Desk, rng: random.Random) -> Draw:
    ground, spec = desk.ground, column.spec
    kind = column.kind
    if kind in _SUBJECT:
        attribute = _SUBJECT[kind]
        return lambda s, day, facts: str(getattr(s, attribute))
    if kind in ("lon", "lat"):
        return lambda s, day, facts: f"{getattr(s, kind):.6f}"
    if "fact" in spec:
        key = spec["fact"]
        return lambda s, day, facts: facts[key]
    if kind == "when":
        return lambda s, day, facts: day
    if kind == "community":
        names = {g: ground.community(g) for g in ground.grid_codes}
        return lambda s, day, facts: names[s.grid]
    if kind == "grid_name":
        return lambda s, day, facts: ground.grids[s.grid]["name"]
    if kind == "serial":
        return _serial(spec["prefix"], ground.world.town["code"])
    if kind == "phone":
        return lambda s, day, facts: f"{PHONE_PREFIX}{rng.randrange(10_000):04d}"
    if kind == "contact":
        return _contact(ground.words, rng)
    return _chosen(column, desk, rng)


_SUBJECT = {"name": "name", "place": "place", "address": "address", "grid": "grid"}


def _serial(prefix: str, town: str) -> Draw:
    """Numbers with gaps, as after years of striking off."""
    state = {"at": 0}

    def draw(s: Subject, day: str, facts: dict[str, str]) -> str:
        state["at"] += 1 + (state["at"] % 17 == 5)
        return f"{prefix}{town}{state['at']:06d}"

    return draw


def _contact(words: dict[str, Any], rng: random.Random) -> Draw:
    def draw(s: Subject, day: str, facts: dict[str, str]) -> str:
        surname: str = rng.choice(words["surnames"])
        given: str = rng.choice(words["given"] if rng.random() < 0.55 else words["calls"])
        return surname + given

    return draw


def _chosen(column: Column, desk: Desk, rng: random.Random) -> Draw:
    """Cells that depend on nothing but chance."""
    if column.kind == "unit":
        names = desk.ground.unit_names(column.spec["units"])
        return lambda s, day, facts: rng.choice(names)
    if column.kind == "remark":
        remarks = desk.ground.words["remarks"]
        return lambda s, day, facts: rng.choice(remarks)
    if column.value == "choice":
        options = column.options
        weights = list(accumulate(column.weights or [1.0] * len(options)))
        return lambda s, day, facts: rng.choices(options, cum_weights=weights)[0]
    if column.value == "date":
        first = date.fromisoformat(column.low)
        span = (date.fromisoformat(column.high) - first).days
        days = [(first + timedelta(days=i)).isoformat() for i in range(span + 1)]
        return lambda s, day, facts: rng.choice(days)
    low, high = float(column.low), float(column.high)
    skew, decimals = float(column.spec.get("skew", 1)), column.decimals
    return lambda s, day, facts: f"{low + (high - low) * rng.random() ** skew:.{decimals}f}"
