"""Careless hands: dirt of known kinds in known cells of clean rows."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from .dates import FORMS, written
from .ground import Ground
from .model import Column, Ledger
from .rates import COORDS, rates
from .shift import gcj02
from .spelling import Speller, full_width

_NOTHING = ("/", "—", "无", "不详", "暂无", "-")
_RARE = 0.0015  # share of the rows with a rare character, where a ledger has any
_PLACED = ("name", "place", "address")


class Note(NamedTuple):
    """What was done to a cell; the column by its place, -1 for the row as a whole."""

    column: int
    kind: str
    true_value: str
    found: str


@dataclass(slots=True)
class Line:
    """A row as it goes into the file; ``pair`` is the line of which it is a repetition."""

    cells: list[str]
    notes: list[Note]
    pair: Line | None = None


class Soiler:
    """Soils the rows of one ledger."""

    def __init__(
        self, ledger: Ledger, rows: list[list[str]], ground: Ground, rng: random.Random
    ) -> None:
        self._ledger, self._ground, self._rng = ledger, ground, rng
        self._lines = [Line(cells, []) for cells in rows]
        self._taken: set[tuple[int, int]] = set()  # cells that are dirty already
        self._speller = Speller(ground)

    def soil(self) -> list[Line]:
        """The rows with all their dirt, in the order of the file."""
        self._gone()
        self._rare()
        self._coordinates()
        for k, column in enumerate(self._ledger.columns):
            makers = self._makers(column)
            for kind, rate in rates(column).items():
                self._cells(k, kind, rate, makers[kind])
        self._write_dates()
        return self._repeat()

    # --- cells ------------------------------------------------------------------------------------

    def _chosen(self, rate: float) -> list[int]:
        n = len(self._lines)
        return self._rng.sample(range(n), min(n, round(n * rate * self._ledger.dirt)))

    def _put(self, i: int, k: int, kind: str, found: str, true: str | None = None) -> None:
        line = self._lines[i]
        line.notes.append(Note(k, kind, line.cells[k] if true is None else true, found))
        line.cells[k] = found
        self._taken.add((i, k))

    def _cells(self, k: int, kind: str, rate: float, make: Callable[[str], str]) -> None:
        for i in self._chosen(rate):
            value = self._lines[i].cells[k]
            if value and (i, k) not in self._taken:
                found = make(value)
                if found != value:
                    self._put(i, k, kind, found)

    def _makers(self, column: Column) -> dict[str, Callable[[str], str]]:
        rng = self._rng
        nothing = [w for w in _NOTHING if w not in column.options]
        forms = [f for f in FORMS if f != column.form and (f, column.form) != ("iso", "native")]
        return {
            "missing": lambda v: "",
            "placeholder": lambda v: rng.choice(nothing),
            "spelling": lambda v: self._speller.other(v, column.kind, rng),
            "spaces": lambda v: rng.choice((f"{v} ", f"{v} ", f" {v}", f"{v}　")),
            "date_format": lambda v: written(v, rng.choice(forms)),
            "date_impossible": lambda v: written(self._no_day(v), column.form),
            "date_stale": lambda v: written(self._old_day(column), column.form),
            "number_as_text": lambda v: self._number_text(v, column.unit),
            "impossible": lambda v: self._no_number(v, column),
        }

    def _no_day(self, day: str) -> str:
        year, month, dom = day.split("-")
        return self._rng.choice(
            (
                f"2205-{month}-{dom}",
                f"{int(year) + 180}-{month}-{dom}",
                f"{year}-02-30",
                "1900-01-00",
            )
        )

    def _old_day(self, column: Column) -> str:
        first = date.fromisoformat(column.low)
        return (first - timedelta(days=self._rng.randint(500, 4000))).isoformat()

    def _number_text(self, value: str, unit: str) -> str:
        ways = [f"约{value}{unit}", f"{value}{unit}" if unit else f"{value}个", full_width(value),
                f"{value}左右"]  # fmt: skip
        if float(value) >= 1000:
            ways.append(f"{float(value):,.0f}" if "." not in value else f"{float(value):,.2f}")
        return self._rng.choice(ways)

    def _no_number(self, value: str, column: Column) -> str:
        high = float(column.high)
        ways: list[str] = column.spec.get("impossible", [])
        ways = ways or [f"-{value}", str(int(high * 90 + 99)), "99999999"]
        ways = [w for w in ways if not float(column.low) <= float(w) <= high]
        return self._rng.choice(ways)

    def _write_dates(self) -> None:
        """Every date that is still clean, in the form of its column."""
        for k, column in enumerate(self._ledger.columns):
            if column.value == "date" and column.form not in ("iso", "native"):
                for i, line in enumerate(self._lines):
                    if line.cells[k] and (i, k) not in self._taken:
                        line.cells[k] = written(line.cells[k], column.form)

    # --- rows -------------------------------------------------------------------------------------

    def _gone(self) -> None:
        """Rows about what no longer exists: the old place, and for a shop an old sign."""
        rng, words = self._rng, self._ground.words
        known = self._ground.names
        for i in self._chosen(float(self._ledger.spec.get("stale", 0))):
            where = f"{rng.choice(self._ground.gone)}{rng.randint(1, 40)}号"
            for k in self._ledger.of(*_PLACED):
                if self._ledger.columns[k].kind == "name":
                    sign = rng.choice(words["shop_signs"]) + rng.choice(list(words["shop_trades"]))
                    found = sign if sign not in known else where
                else:
                    found = where
                self._put(i, k, "stale_gone", found, "")

    def _rare(self) -> None:
        name = self._ledger.spec.get("rare")
        if name:
            k, n = self._ledger.index(name), len(self._lines)
            for i in self._rng.sample(range(n), min(n, max(3, round(n * _RARE)))):
                found = self._rng.choice(self._ground.words["rare_notes"])
                self._put(i, k, "rare_character", found, found)

    def _coordinates(self) -> None:
        places = self._ledger.of("lon", "lat")
        if len(places) != 2:
            return
        used: set[int] = set()
        for kind, rate in COORDS.items():
            for i in self._chosen(rate):
                if i not in used:
                    used.add(i)
                    self._move(i, kind, places[0], places[1])

    def _move(self, i: int, kind: str, a: int, b: int) -> None:
        rng, cells = self._rng, self._lines[i].cells
        lon, lat = float(cells[a]), float(cells[b])
        if kind == "coords_decimal":
            k, value = (a, lon) if rng.random() < 0.5 else (b, lat)
            self._put(i, k, kind, f"{value * rng.choice((0.1, 10)):.6f}")
            return
        if kind == "missing":
            moved = ("", "")
        elif kind == "coords_swapped":
            moved = (cells[b], cells[a])
        elif kind == "coords_gcj02":
            x, y = gcj02(lon, lat)
            moved = (f"{x:.6f}", f"{y:.6f}")
        else:
            moved = ("0", "0") if rng.random() < 0.6 else (f"{lon:.0f}.000000", f"{lat:.0f}.000000")
        self._put(i, a, kind, moved[0])
        self._put(i, b, kind, moved[1])

    # --- rows that come twice ---------------------------------------------------------------

    def _repeat(self) -> list[Line]:
        spec, rng = self._ledger.spec, self._rng
        order = [(float(i), line) for i, line in enumerate(self._lines)]
        for i in self._chosen(float(spec.get("exact", 0))):
            first = self._lines[i]
            again = Note(-1, "duplicate_exact", "", "")
            line = Line(list(first.cells), [*first.notes, again], first)
            order.append((i + rng.uniform(0, 60), line))
        serials = self._ledger.of("serial")
        if serials:
            for count, i in enumerate(self._chosen(float(spec.get("near", 0))), 1):
                order.append((i + rng.uniform(0, 400), self._near(i, serials[0], count)))
        # Stable: of two at the same place the first stays first.
        order.sort(key=lambda pair: pair[0])
        return [line for _, line in order]

    def _near(self, i: int, serial: int, count: int) -> Line:
        """The same thing under another code, typed in by somebody else."""
        first = self._lines[i]
        code = f"{first.cells[serial][:-6]}{900_000 + count:06d}"
        line = Line(list(first.cells), list(first.notes), first)
        line.notes.append(Note(serial, "duplicate_near", first.cells[serial], code))
        line.cells[serial] = code
        dirty = {note.column for note in first.notes}
        for k in self._ledger.of(*_PLACED):
            value = line.cells[k]
            other = self._speller.other(value, self._ledger.columns[k].kind, self._rng)
            if value and k not in dirty and other != value:
                line.notes.append(Note(k, "spelling", value, other))
                line.cells[k] = other
                break
        return line
