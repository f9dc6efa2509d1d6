"""docs/benchmarks.md says what was measured, no more."""

from __future__ import annotations

from dataclasses import replace

from bench.__main__ import NAMES
from bench.page import PAGE, merged, page, recorded


def test_the_page_is_what_was_recorded() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(recorded()), "run: python -m bench --record"


def test_a_new_run_takes_the_place_of_its_old_figures() -> None:
    rows = recorded()
    lists = [one for one in rows if one.name.startswith("lists.")]
    new = [replace(lists[0], value=1.0)]
    kept = merged(rows, new, NAMES)
    assert [one for one in kept if one.name.startswith("lists.")] == new
    assert len(kept) == len(rows) - len(lists) + 1
    assert merged(rows, [], NAMES) == rows
