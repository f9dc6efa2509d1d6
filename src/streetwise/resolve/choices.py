"""Grounds and outcomes that the ways back let choose, from data/ways_back.yaml. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import resources
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case may end. ``body``: it must be said who is right, or which case it is.

    ``states``: from which it may end so; empty: from any.
    """

    code: str
    body: bool
    states: tuple[str, ...]


@cache
def _data() -> dict[str, Any]:
    text = (resources.files("streetwise.resolve") / "data" / "ways_back.yaml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def grounds(action: str) -> tuple[str, ...]:
    """The grounds that an action may be taken on, in order; none where it asks for none."""
    return tuple(_data().get(action, ())) if action != "outcome" else ()


def time_to_report(ground: str) -> timedelta:
    """Within what a called unit must have reported, where nothing else was said."""
    return timedelta(minutes=_data()["whistle"][ground])


@cache
def outcomes(state: str) -> tuple[Outcome, ...]:
    """How a case in this state may end where that is not "fixed"."""
    found = (
        Outcome(code, bool(how.get("body")), tuple(how.get("from", ())))
        for code, how in _data()["outcome"].items()
    )
    return tuple(one for one in found if not one.states or state in one.states)
