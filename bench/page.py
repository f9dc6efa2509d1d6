"""docs/benchmarks.md, made from bench/results.json: what was measured, and how to repeat it."""

from __future__ import annotations

import importlib
import inspect
import json
import re
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from bench.report import RESULTS, Row

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
_HEAD = """\
# Benchmarks

Made from `bench/results.json` by `python -m bench --record`; a test holds the two equal. Each \
figure stands beside its baseline, which was measured in the same run: the ratio is what can be \
compared between machines. ✓ and ✗ say whether the goal of the design (DESIGN §12) or of an issue \
was met **in this run**. The load is that of the minute in which the figure was taken: above 2 \
somebody else was working on these two cores too, and times come out longer.

Run one again: `.venv/bin/python -m bench NAME`.
"""


def recorded() -> list[Row]:
    """The rows that were kept."""
    if not RESULTS.exists():
        return []
    return [Row(**one) for one in json.loads(RESULTS.read_text(encoding="utf-8"))]


def merged(old: Sequence[Row], new: Sequence[Row], order: Sequence[str]) -> list[Row]:
    """The rows with those of the benchmarks that just ran in the place of their old ones."""
    ran = {_module(one) for one in new}
    rows = [one for one in old if _module(one) not in ran] + list(new)
    return sorted(rows, key=lambda one: order.index(_module(one)))


def page(rows: Sequence[Row]) -> str:
    """The page."""
    parts = [_HEAD]
    for name, found in groupby(rows, key=_module):
        ours = list(found)
        parts.append(f"## {name}\n\n{_first_paragraph(name)}\n")
        parts.append(
            "| what | value | unit | baseline | its value | ratio | goal | met |\n"
            "| --- | ---: | --- | --- | ---: | ---: | --- | --- |\n"
            + "".join(map(_line, ours))
            + f"\n{ours[-1].machine}; {ours[-1].at[:10]}.\n"
        )
    return "\n".join(parts)


def _line(one: Row) -> str:
    met = {True: "✓", False: "✗", None: ""}[one.met]
    cells = [
        f"`{one.name}`",
        f"{one.value:,g}",
        one.unit,
        one.baseline_name,
        f"{one.baseline_value:,g}",
        f"{one.ratio:.3g}" if one.ratio else "",
        one.goal or "",
        met,
    ]
    return f"| {' | '.join(cells)} |\n"


def _module(one: Row) -> str:
    return one.name.partition(".")[0]


def _first_paragraph(name: str) -> str:
    """What a benchmark says of itself."""
    said = inspect.getdoc(importlib.import_module(f"bench.{name}")) or ""
    return re.sub(r"\s+", " ", said.replace("``", "`")).strip()
