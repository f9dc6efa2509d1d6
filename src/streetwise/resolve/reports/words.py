"""The words of reports, and sentences with numbers filled in. Pure.

``resolve/data/report_text.yaml``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import yaml

from streetwise.resolve.reports.content import Cell, Form, Paragraph, shown

_PLACE = re.compile(r"\{(\w+):(\w+)\}")


@cache
def words() -> Mapping[str, Any]:
    """The file."""
    path = resources.files("streetwise.resolve") / "data" / "report_text.yaml"
    found: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def paragraph(name: str, numbers: Mapping[str, Cell]) -> Paragraph | None:
    """The sentences of this name; one with a number that is not there is left out, and a
    paragraph without any sentence is none.
    """
    said: list[str] = []
    used: dict[str, Cell] = {}
    for sentence in words()["sentences"][name]:
        places = _PLACE.findall(sentence)
        if any(numbers.get(place) is None for place, _ in places):
            continue
        said.append(_PLACE.sub(lambda found: _filled(found, numbers), sentence))
        used |= {place: numbers[place] for place, _ in places}
    return Paragraph("".join(said), used) if said else None


def _filled(found: re.Match[str], numbers: Mapping[str, Cell]) -> str:
    form: Form = found[2]  # type: ignore[assignment]  # the test reads every sentence
    return shown(numbers[found[1]], form)


def more(now: int, last: int) -> str:
    """How a count has changed: 增加 12 件（+8.5%）."""
    unit = words()["unit_of_change"]["count"]
    if now == last:
        return str(words()["same"])
    way = words()["grew" if now > last else "shrank"]
    share = f"（{(now - last) / last * 100:+.1f}%）" if last else ""
    return f"{way} {abs(now - last)} {unit}{share}"


def points(now: float | None, last: float | None) -> str | None:
    """How a rate has changed, in points of a hundred; None where one is not there."""
    if now is None or last is None:
        return None
    return _moved(round(now * 100, 1) - round(last * 100, 1), "points")


def score_more(now: float | None, last: float | None) -> str | None:
    """How the composite has changed."""
    return None if now is None or last is None else _moved(now - last, "score")


def _moved(by: float, unit: str) -> str:
    by = round(by, 1)
    if not by:
        return str(words()["same"])
    return (
        f"{words()['rose' if by > 0 else 'fell']} {abs(by):.1f} {words()['unit_of_change'][unit]}"
    )
