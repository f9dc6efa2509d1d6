"""``streetwise eval place``: score the place engine on texts whose true place is known.

Signals: a CSV of id, title, text and, if there, place_text, lon, lat. Truth: a CSV of id, place (a
code of the gazetteer) and, if there, errors (several with a bar between them) and kind. Places: a
street's folder or its places.csv. The main figures come from the text alone; ``with_point`` are
those of the reported point first, as triage does it.

A found place counts as at no distance when it is the true one or lies in it: a text that names
building 3 of a compound is not wrong where the truth names the compound.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from streetwise.kernel.errors import Invalid
from streetwise.kernel.geo import haversine_m
from streetwise.resolve.place import (
    Gazetteer,
    NamedPlace,
    PlaceAsked,
    PlaceCandidate,
    PlaceFound,
)

WITHIN = (50, 100, 250)
#: An answer farther from the truth is wrong.
RIGHT_METRES = 100
BINS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)
SURE = 0.9
#: Nobody can know the place from the words.
UNKNOWABLE = "vague_place"
#: The point is the office's, not the matter's: left out of the figures with a point.
DEFAULT_POINT = "default_point"
#: What makes the place itself not plain; other errors leave its name as it is.
NOT_PLAIN = frozenset(("vague_place", "misheard_place", "contradiction", "two"))


@dataclass(frozen=True, slots=True)
class Known:
    """A text and its true places (more than one where it tells two problems)."""

    id: str
    asked: PlaceAsked
    places: tuple[NamedPlace, ...]
    errors: frozenset[str]
    kind: str

    @property
    def plain(self) -> bool:
        """Whether a problem is told and its place named once and rightly."""
        return self.kind in ("", "problem") and not self.errors & NOT_PLAIN


@dataclass(slots=True)
class Tally:
    """Answers counted. ``within``: by metres; ``candidates``: the true place is among them."""

    asked: int = 0
    found: int = 0
    exact: int = 0
    wrong: int = 0
    candidates: int = 0
    within: dict[int, int] = field(default_factory=lambda: dict.fromkeys(WITHIN, 0))

    def add(self, metres: float | None, exact: bool, offered: bool) -> None:
        """One answer; ``metres`` None: nothing was found."""
        self.asked += 1
        self.candidates += offered
        if metres is None:
            return
        self.found += 1
        self.exact += exact
        self.wrong += metres > RIGHT_METRES
        for limit in WITHIN:
            self.within[limit] += metres <= limit

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``: shares of all asked, 0 to 1 with four places."""
        return {
            "asked": self.asked,
            "found": _share(self.found, self.asked),
            "exact": _share(self.exact, self.asked),
            **{f"within_{one}": _share(hits, self.asked) for one, hits in self.within.items()},
            "wrong": _share(self.wrong, self.asked),
            "candidates_at_5": _share(self.candidates, self.asked),
        }


@dataclass(slots=True)
class Bin:
    """Answers of like confidence: how many, how sure on average, how many right within 100 m."""

    low: float
    high: float
    count: int = 0
    sure: float = 0.0
    right: int = 0

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        mean = round(self.sure / self.count, 4) if self.count else None
        return {
            "from": self.low,
            "to": self.high,
            "count": self.count,
            "confidence": mean,
            "right": _share(self.right, self.count),
        }


@dataclass(slots=True)
class Score:
    """What the engine reached. ``left_out``: texts that nobody could place."""

    left_out: int = 0
    default_points: int = 0
    all: Tally = field(default_factory=Tally)
    plain: Tally = field(default_factory=Tally)
    with_point: Tally = field(default_factory=Tally)
    by_kind: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    by_error: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    by_how: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    bins: list[Bin] = field(
        default_factory=lambda: [Bin(a, b) for a, b in zip(BINS, BINS[1:], strict=False)]
    )

    @property
    def sure_wrong(self) -> float | None:
        """Share of wrong ones among answers of confidence 0.9 or more; None without any."""
        sure = [one for one in self.bins if one.low >= SURE]
        count = sum(one.count for one in sure)
        return _share(count - sum(one.right for one in sure), count)

    @property
    def calibration_error(self) -> float | None:
        """Mean gap between confidence and share right, weighted by answers."""
        count = sum(one.count for one in self.bins)
        return _share(sum(abs(one.sure - one.right) for one in self.bins), count)

    def as_dict(self) -> dict[str, Any]:
        """One JSON object: the figures over all, then by group."""
        return {
            **self.all.as_dict(),
            "left_out": self.left_out,
            "sure_wrong": self.sure_wrong,
            "calibration_error": self.calibration_error,
            "plain": self.plain.as_dict(),
            "with_point": {**self.with_point.as_dict(), "left_out": self.default_points},
            "per_class": _dicts(self.by_kind),
            "per_error": _dicts(self.by_error),
            "per_how": _dicts(self.by_how),
            "calibration": [one.as_dict() for one in self.bins],
        }


def _share(part: float, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _dicts(tallies: Mapping[str, Tally]) -> dict[str, Any]:
    return {name: tallies[name].as_dict() for name in sorted(tallies)}


# --- reading ------------------------------------------------------------------------------


def read_places(path: Path) -> list[NamedPlace]:
    """The gazetteer of a street's folder, or of its places.csv."""
    file = path / "places.csv" if path.is_dir() else path
    places = []
    for line, row in _rows(file, ("code", "name", "kind", "lon", "lat")):
        lon, lat = _float(row, "lon", file, line), _float(row, "lat", file, line)
        if lon is None or lat is None:
            raise _unreadable(f"{file}, line {line}: a place needs lon and lat.")
        places.append(
            NamedPlace(
                row["name"],
                _parts(row.get("aliases")),
                row["kind"],
                lon,
                lat,
                None,
                row["code"],
                row.get("numbers") or "",
                row.get("parent") or None,
                _parts(row.get("roads")),
            )
        )
    return places


def read_known(signals: Path, truth: Path, places: Sequence[NamedPlace]) -> list[Known]:
    """The texts whose true place is in the gazetteer, in the order of the signals."""
    by_code = {place.code: place for place in places}
    true_of: dict[str, list[dict[str, str]]] = defaultdict(list)
    for _, row in _rows(truth, ("id", "place")):
        if row["place"] in by_code:
            true_of[row["id"]].append(row)
    found = []
    for line, row in _rows(signals, ("id", "title", "text")):
        rows = true_of.get(row["id"])
        if rows:
            asked = PlaceAsked(
                row.get("place_text") or None,
                row["title"] or None,
                row["text"] or None,
                _float(row, "lon", signals, line),
                _float(row, "lat", signals, line),
            )
            true = tuple(by_code[one["place"]] for one in rows)
            errors = frozenset(error for one in rows for error in _parts(one.get("errors")))
            found.append(Known(row["id"], asked, true, errors, rows[0].get("kind") or ""))
    if not found:
        raise _unreadable(f"No id of {truth} with a known place stands in {signals}.")
    return found


def _rows(path: Path, columns: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(f"{path} cannot be read as UTF-8 text; name a CSV file.") from error
    rows = csv.DictReader(content.splitlines(keepends=True), strict=True)
    try:
        missing = [one for one in columns if one not in (rows.fieldnames or ())]
        if missing:
            raise _unreadable(f"{path} has no column '{missing[0]}'; name it in the first line.")
        for row in rows:
            yield rows.line_num, {name: value or "" for name, value in row.items() if name}
    except csv.Error as error:
        raise _unreadable(f"{path}, line {rows.line_num} is not CSV: {error}.") from error


def _float(row: Mapping[str, str], column: str, file: Path, line: int) -> float | None:
    said = row.get(column) or ""
    try:
        return float(said) if said.strip() else None
    except ValueError as error:
        raise _unreadable(f"{file}, line {line}: {column} is '{said}'; write a number.") from error


def _parts(cell: str | None) -> tuple[str, ...]:
    return tuple(one.strip() for one in (cell or "").split("|") if one.strip())


def _unreadable(detail: str) -> Invalid:
    return Invalid(detail, code="truth_unreadable")


# --- scoring ------------------------------------------------------------------------------


def score(known: Sequence[Known], places: Sequence[NamedPlace]) -> Score:
    """Ask the engine for every text, without its point, and compare with the truth."""
    gazetteer = Gazetteer(places)
    whole = _Wholes(places)
    reached = Score()
    texts = [PlaceAsked(one.asked.place_text, one.asked.title, one.asked.text) for one in known]
    for one, found in zip(known, gazetteer.locate(texts), strict=True):
        _with_point(reached, one, found, whole)
        if UNKNOWABLE in one.errors:
            reached.left_out += 1
            continue
        metres = whole.metres(found, one.places)
        exact = found.place is not None and found.place in one.places
        offered = any(whole.offered(candidate, one.places) for candidate in found.candidates)
        tallies = [reached.all, reached.by_kind[one.places[0].kind]]
        tallies += [reached.by_error[error] for error in one.errors or ("none",)]
        tallies += [reached.by_how[found.how or "nowhere"]]
        tallies += [reached.plain] if one.plain else []
        for tally in tallies:
            tally.add(metres, exact, offered)
        if metres is not None:
            _into_bin(reached.bins, found.confidence, metres <= RIGHT_METRES)
    return reached


def _with_point(reached: Score, one: Known, found: PlaceFound, whole: _Wholes) -> None:
    """The reported point where there is one, else the text: what triage would take."""
    if DEFAULT_POINT in one.errors:
        reached.default_points += 1
        return
    if one.asked.lon is None or one.asked.lat is None:
        if UNKNOWABLE not in one.errors:
            exact = found.place is not None and found.place in one.places
            reached.with_point.add(whole.metres(found, one.places), exact, exact)
        return
    metres = whole.point_metres(one.asked.lon, one.asked.lat, one.places)
    reached.with_point.add(metres, False, metres <= RIGHT_METRES)


def _into_bin(bins: Sequence[Bin], confidence: float, right: bool) -> None:
    into = next((one for one in reversed(bins) if confidence >= one.low), bins[0])
    into.count += 1
    into.sure += confidence
    into.right += right


class _Wholes:
    """What lies in what, and distances to true places."""

    def __init__(self, places: Sequence[NamedPlace]) -> None:
        self._by_code = {place.code: place for place in places}

    def metres(self, found: PlaceFound, true: Sequence[NamedPlace]) -> float | None:
        """From the found point to the nearest true place; 0 in one of them; None: not found."""
        if found.place is None or found.lon is None or found.lat is None:
            return None
        if any(self._in(found.place, one) for one in true):
            return 0.0
        return self.point_metres(found.lon, found.lat, true)

    def point_metres(self, lon: float, lat: float, true: Sequence[NamedPlace]) -> float:
        """From a point to the nearest true place."""
        return min(haversine_m(lon, lat, one.lon, one.lat) for one in true)

    def offered(self, candidate: PlaceCandidate, true: Sequence[NamedPlace]) -> bool:
        """Whether a candidate is a true place, lies in one, or next to one (50 m)."""
        if any(self._in(candidate.place, one) for one in true):
            return True
        return self.point_metres(candidate.lon, candidate.lat, true) <= WITHIN[0]

    def _in(self, place: NamedPlace, whole: NamedPlace) -> bool:
        for _ in range(4):
            if place.code == whole.code:
                return True
            parent = self._by_code.get(place.parent or "")
            if parent is None:
                return False
            place = parent
        return False


# --- telling ------------------------------------------------------------------------------


def print_score(reached: Score, console: Console) -> None:
    """The figures by group, then the calibration."""
    heads = ("asked", "found", "exact", *(f"≤{one} m" for one in WITHIN), "wrong", "in 5")
    table = Table("", *heads)
    for column in table.columns:
        column.no_wrap = True
    groups = [("all", reached.all), ("plain", reached.plain), ("with point", reached.with_point)]
    groups += [(f"kind {name}", reached.by_kind[name]) for name in sorted(reached.by_kind)]
    groups += [(f"error {name}", reached.by_error[name]) for name in sorted(reached.by_error)]
    groups += [(f"how {name}", reached.by_how[name]) for name in sorted(reached.by_how)]
    for name, tally in groups:
        asked, *shares = tally.as_dict().values()
        table.add_row(name, str(asked), *("–" if one is None else f"{one:.4f}" for one in shares))
    console.print(table)
    bins = Table("confidence", "answers", "on average", "right within 100 m")
    for one in reached.bins:
        cells = one.as_dict()
        if one.count:
            bins.add_row(
                f"{one.low:g} to {one.high:g}",
                str(one.count),
                f"{cells['confidence']:.4f}",
                f"{cells['right']:.4f}",
            )
    console.print(bins)
    console.print(
        f"{reached.all.asked} texts; {reached.left_out} more name no place that anybody could know"
        f" and are left out. Wrong at confidence {SURE:g} or more: {_said(reached.sure_wrong)};"
        f" calibration error {_said(reached.calibration_error)}."
        f" With the point, {reached.default_points} with a form's default point are left out.",
        soft_wrap=True,
    )


def _said(share: float | None) -> str:
    return "none" if share is None else f"{share:.4f}"
