"""How long, how far and how wide problems of a kind are spoken of: data/kinds.yaml. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

#: Scheme and code.
Class = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Kind:
    """See data/kinds.yaml. ``area``: the whole yard or street has it, not one spot of it."""

    half_life_hours: float
    reach_metres: float
    area: bool


@cache
def _content() -> dict[str, object]:
    path = resources.files("streetwise.resolve.understand") / "data" / "kinds.yaml"
    content: dict[str, object] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


@cache
def _table() -> dict[str, Kind]:
    content = _content()
    kinds = content["kinds"]
    assert isinstance(kinds, dict)
    return {
        key: Kind(row["half_life_hours"], row["reach_metres"], row["spread"] == "area")
        for key, row in {"": content["default"], **kinds}.items()
    }


@cache
def kind_of(cls: Class | None) -> Kind:
    """What is known of a class; the longest beginning of its code counts."""
    table = _table()
    name = ":".join(cls) if cls else ""
    return next(table[name[:size]] for size in range(len(name), -1, -1) if name[:size] in table)


@cache
def causes() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Classes that may bring about others, and those (or beginnings of their codes)."""
    rows = _content()["causes"]
    assert isinstance(rows, list)
    return tuple((row["cause"], tuple(row["follows"])) for row in rows)
