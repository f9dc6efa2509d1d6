"""House numbers of a road: ``1-99 odd; 2-60 even``. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_RANGE = re.compile(r"(\d{1,5})(?:\s*[-–~至]\s*(\d{1,5}))?\s*(odd|even|单|双)?", re.IGNORECASE)
_PARITY = {"odd": 1, "单": 1, "even": 0, "双": 0}


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Numbers from first to last, both included; ``parity`` 1: odd ones only, 0: even ones."""

    first: int
    last: int
    parity: int | None = None

    def __contains__(self, number: int) -> bool:
        return self.first <= number <= self.last and self.parity in (None, number % 2)


def parse_numbers(text: str) -> tuple[NumberRange, ...]:
    """The ranges of a cell; empty for an empty one. Raises ValueError that says what is wrong."""
    found = []
    for part in re.split("[;；,，]", text):
        part = part.strip()
        if not part:
            continue
        match = _RANGE.fullmatch(part)
        if match is None:
            raise ValueError(f"'{part}' is no range of house numbers; write 1-99 odd; 2-60 even")
        first = int(match[1])
        last = int(match[2]) if match[2] else first
        if last < first:
            raise ValueError(f"'{part}' ends before it begins; write the smaller number first")
        found.append(NumberRange(first, last, _PARITY.get((match[3] or "").lower())))
    return tuple(found)
