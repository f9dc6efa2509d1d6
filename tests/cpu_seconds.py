"""Which tests, fixtures and programs cost CPU: a plugin for pytest, `make slow`.

Wall times say little on a machine that others use. This counts CPU seconds of the whole family:
this process, the programs that it starts (Chromium by itself) and PostgreSQL. What that did for
one test is known only without xdist (`-n 0`).

    PYTHONPATH=tests python -m pytest -p cpu_seconds -n 0 tests/kernel

With STREETWISE_CPU_LINES=FILE every test's figures are appended there, one JSON object a line.
"""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

import pytest

_TICKS = os.sysconf("SC_CLK_TCK")
#: How many tests, files and fixtures the tables name.
SHOWN = 40
#: The programs whose CPU is told apart, in the order of the tables.
KINDS = ("python", "programs", "chromium", "postgres")

Costs = dict[str, float]


def _stat(pid: int) -> tuple[str, float, float]:
    """Name, own CPU seconds, those of children that ended; zeros for a process that is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "", 0.0, 0.0
    name, _, rest = text.partition("(")[2].rpartition(")")
    ticks = [int(value) for value in rest.split()[11:15]]
    return name, sum(ticks[:2]) / _TICKS, sum(ticks[2:]) / _TICKS


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text(encoding="ascii").split())
    except OSError:
        pass
    return found


def _family(pid: int, without: int = 0) -> tuple[float, float]:
    """CPU seconds of a living process and everything below it: Chromium's, and the rest."""
    if pid == without:
        return 0.0, 0.0
    name, own, ended = _stat(pid)
    chromium, rest = (own + ended, 0.0) if "chrom" in name else (0.0, own + ended)
    for child in _children(pid):
        below = _family(child, without)
        chromium, rest = chromium + below[0], rest + below[1]
    return chromium, rest


def _postgres() -> int:
    """The process of the run's server; 0 if there is none."""
    try:
        (path,) = Path(os.environ["SW_TEST_HOME"]).glob("*/postmaster.pid")
        return int(path.read_text(encoding="ascii").split()[0])
    except (KeyError, OSError, ValueError):
        return 0


def costs() -> Costs:
    """CPU seconds up to now, by kind of program."""
    chromium = programs = 0.0
    postgres = _postgres()
    for child in _children(os.getpid()):
        below = _family(child, postgres)
        chromium, programs = chromium + below[0], programs + below[1]
    programs += _stat(os.getpid())[2]
    return {
        "python": time.process_time(),
        "programs": programs,
        "chromium": chromium,
        "postgres": sum(_family(postgres)) if postgres else 0.0,
    }


def _since(before: Costs) -> Costs:
    # When Chromium ends, what it cost moves to the programs: its own goes below zero then.
    return {kind: round(value - before[kind], 4) for kind, value in costs().items()}


@dataclass
class _Test:
    """What one test cost, phase by phase and fixture by fixture."""

    name: str
    wall: float = 0.0
    phases: dict[str, Costs] = field(default_factory=dict)
    fixtures: dict[str, Costs] = field(default_factory=dict)

    @property
    def total(self) -> float:
        return sum(sum(phase.values()) for phase in self.phases.values())


_tests: dict[str, _Test] = {}
_fixtures: dict[str, Costs] = {}


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[object]) -> Iterator[None]:
    """Count what setting up one fixture costs, those that it needs left out."""
    before = costs()
    try:
        return (yield)
    finally:
        _fixtures[fixturedef.argname] = _since(before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Hand the figures over with the report, so that they reach xdist's controller."""
    report = yield
    vars(report)["cpu"] = vars(item).get("cpu", {}).get(call.when, {})
    vars(report)["cpu_fixtures"] = dict(_fixtures)
    _fixtures.clear()
    return report


def _counted(item: pytest.Item, when: str) -> Iterator[None]:
    before = costs()
    try:
        return (yield)
    finally:
        vars(item).setdefault("cpu", {})[when] = _since(before)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Count the set-up."""
    return (yield from _counted(item, "setup"))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Count the test."""
    return (yield from _counted(item, "call"))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Count what it takes to clear up."""
    return (yield from _counted(item, "teardown"))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Collect, in the controller or where there is none."""
    if report.when is None:
        return
    test = _tests.setdefault(report.nodeid, _Test(report.nodeid))
    test.wall += report.duration
    test.phases[report.when] = vars(report).get("cpu", {})
    test.fixtures.update(vars(report).get("cpu_fixtures", {}))
    if report.when == "teardown" and "STREETWISE_CPU_LINES" in os.environ:
        with Path(os.environ["STREETWISE_CPU_LINES"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(vars(test), ensure_ascii=False) + "\n")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of N tests only one, chosen by its name, where STREETWISE_CPU_ONE_IN=N says so."""
    share = int(os.environ.get("STREETWISE_CPU_ONE_IN", "1"))
    taken = [item for item in items if crc32(item.nodeid.encode()) % share == 0]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(taken)])
    items[:] = taken


def _add(to: Costs, more: Costs) -> None:
    for kind, value in more.items():
        to[kind] = to.get(kind, 0.0) + value


def _table(title: str, rows: dict[str, Costs], counts: dict[str, int]) -> list[str]:
    lines = [f"{title:72}{'CPU s':>9}{'times':>7}" + "".join(f"{kind:>10}" for kind in KINDS)]
    ranked = sorted(rows.items(), key=lambda row: -sum(row[1].values()))
    for name, row in ranked[:SHOWN]:
        kinds = "".join(f"{row.get(kind, 0.0):10.2f}" for kind in KINDS)
        lines.append(f"{name[-72:]:72}{sum(row.values()):9.2f}{counts[name]:7}{kinds}")
    return lines


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the tables."""
    tables: dict[str, dict[str, Costs]] = {
        name: defaultdict(dict) for name in ("Phase", "Fixture", "File", "Test")
    }
    counts: dict[str, dict[str, int]] = {name: defaultdict(int) for name in tables}

    def count(table: str, name: str, more: Costs) -> None:
        _add(tables[table][name], more)
        counts[table][name] += 1

    for test in _tests.values():
        for when, phase in test.phases.items():
            count("Phase", when, phase)
            _add(tables["File"][test.name.partition("::")[0]], phase)
            _add(tables["Test"][test.name], phase)
        counts["File"][test.name.partition("::")[0]] += 1
        counts["Test"][test.name] += 1
        for name, fixture in test.fixtures.items():
            count("Fixture", name, fixture)
    for title, rows in tables.items():
        terminalreporter.write_line("")
        for line in _table(title, rows, counts[title]):
            terminalreporter.write_line(line)
