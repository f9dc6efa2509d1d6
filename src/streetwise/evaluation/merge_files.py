"""What ``streetwise eval merge`` reads: signals, truth, pairs and places of anybody.

Tables are CSV, XLSX or JSON lines, told apart by content (``gather.readers``). Columns are known
by English names or by those of the public message sets (留言编号, 留言主题, 留言时间, 留言详情).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from streetwise.gather.readers import Cell, ReadError, RowProblem, open_table
from streetwise.kernel.errors import Invalid
from streetwise.resolve.place import NamedPlace

#: Our name of a column, and what it is called elsewhere.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "编号", "留言编号", "工单编号"),
    "at": ("at", "时间", "留言时间", "来电时间"),
    "title": ("title", "标题", "留言主题"),
    "text": ("text", "内容", "留言详情", "诉求内容"),
    "lon": ("lon", "经度"),
    "lat": ("lat", "纬度"),
    "channel": ("channel", "渠道"),
    "refers_to": ("refers_to",),
    "problem": ("problem",),
    "errors": ("errors",),
    "category": ("category",),
    "place": ("place",),
    "a": ("row_a", "a", "id_a"),
    "b": ("row_b", "b", "id_b"),
    "verdict": ("verdict",),
    "kind": ("kind",),
    "code": ("code",),
    "name": ("name",),
    "aliases": ("aliases",),
    "parent": ("parent",),
    "numbers": ("numbers",),
}
VERDICTS = ("same", "different", "unsure")
_TIMES = ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d", "%Y-%m-%d")

Line = tuple[int, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal as the file has it. ``row``: as a person counts, the header (if first) is 1."""

    id: str
    row: int
    at: datetime
    title: str
    text: str
    lon: float | None = None
    lat: float | None = None
    channel: str = ""
    refers_to: str = ""


@dataclass(frozen=True, slots=True)
class TrueSignal:
    """What a signal is about: one problem, or two where it tells of two. ``kinds``: of each its
    class (``scheme:code``) and place, empty where the truth does not say.
    """

    id: str
    problems: tuple[str, ...]
    errors: frozenset[str] = frozenset()
    kinds: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TruePair:
    """Two signals, by row or by id, and whether a reader found them to be one problem."""

    a: str
    b: str
    verdict: str
    kind: str = ""


def read_signals(path: Path) -> list[Signal]:
    """The signals of a table, in its order. Raises Invalid with what is wrong, and where."""
    signals = [_signal(path, row, cells) for row, cells in _lines(path, ("at", "text"))]
    if not signals:
        raise _unreadable(f"{path} holds no rows; name a file with signals.")
    return signals


def _signal(path: Path, row: int, cells: dict[str, str]) -> Signal:
    where = f"{path}, row {row}"
    return Signal(
        id=cells.get("id") or str(row),
        row=row,
        at=_moment(cells.get("at", ""), where),
        title=cells.get("title", ""),
        text=cells.get("text", ""),
        lon=_number(cells.get("lon", ""), where),
        lat=_number(cells.get("lat", ""), where),
        channel=cells.get("channel", ""),
        refers_to=cells.get("refers_to", ""),
    )


def read_truth(path: Path) -> dict[str, TrueSignal]:
    """By id. A row whose problem is empty (a thanks, a question) is left out."""
    truth: dict[str, TrueSignal] = {}
    for _, cells in _lines(path, ("id", "problem")):
        if not cells.get("problem"):
            continue
        before = truth.get(cells["id"], TrueSignal(cells["id"], ()))
        truth[cells["id"]] = TrueSignal(
            cells["id"],
            (*before.problems, cells["problem"]),
            before.errors | frozenset(filter(None, cells.get("errors", "").split("|"))),
            (*before.kinds, (cells.get("category", ""), cells.get("place", ""))),
        )
    if not truth:
        raise _unreadable(f"{path} says of no signal what problem it is about.")
    return truth


def read_pairs(path: Path) -> list[TruePair]:
    """Pairs with a verdict, the unsure ones included."""
    pairs = []
    for row, cells in _lines(path, ("a", "b", "verdict")):
        if cells.get("verdict") not in VERDICTS:
            said = ", ".join(VERDICTS)
            raise _unreadable(f"{path}, row {row}: the verdict must be one of: {said}.")
        pairs.append(TruePair(cells["a"], cells["b"], cells["verdict"], cells.get("kind", "")))
    if not pairs:
        raise _unreadable(f"{path} holds no pairs.")
    return pairs


def read_places(path: Path) -> list[NamedPlace]:
    """A street's places.csv: code, name, kind, lon, lat and, where there, aliases, parent."""
    places = []
    for row, cells in _lines(path, ("code", "name", "kind", "lon", "lat")):
        where = f"{path}, row {row}"
        lon, lat = (_number(cells.get(name, ""), where) for name in ("lon", "lat"))
        if lon is None or lat is None:
            raise _unreadable(f"{where}: a place needs lon and lat.")
        aliases = tuple(filter(None, cells.get("aliases", "").split("|")))
        places.append(
            NamedPlace(
                name=cells["name"],
                aliases=aliases,
                kind=cells["kind"],
                lon=lon,
                lat=lat,
                grid_id=None,
                code=cells["code"],
                numbers=cells.get("numbers", ""),
                parent=cells.get("parent") or None,
            )
        )
    return places


# --- tables -------------------------------------------------------------------------------


def _lines(path: Path, needed: tuple[str, ...]) -> Iterator[Line]:
    """Rows by our names of the columns; cells as trimmed text."""
    try:
        table = open_table(path)
        ours = _ours(path, table.columns, needed)
        for chunk in table.chunks(1_000):
            for line in chunk:
                if isinstance(line, RowProblem):
                    raise _unreadable(f"{path}, row {line.row}: {line.sentence}")
                row, cells = line
                yield row, {name: _text(cells.get(theirs)) for name, theirs in ours.items()}
    except ReadError as error:
        raise _unreadable(f"{path}: {error}") from error


def _ours(path: Path, columns: list[str], needed: tuple[str, ...]) -> dict[str, str]:
    ours = {}
    for name, others in COLUMNS.items():
        found = next((other for other in others if other in columns), None)
        if found is not None:
            ours[name] = found
    missing = [name for name in needed if name not in ours]
    if missing:
        names = " or ".join(COLUMNS[missing[0]])
        raise _unreadable(f"{path} has no column {names}; name it in the first line.")
    return ours


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    return cell.isoformat() if hasattr(cell, "isoformat") else str(cell).strip()


def _number(text: str, where: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError as error:
        raise _unreadable(f"{where}: '{text[:20]}' is no number.") from error


def _moment(text: str, where: str) -> datetime:
    """With its offset; without one the zone is everybody's and does not matter here."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = _written(text, where)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _written(text: str, where: str) -> datetime:
    for form in _TIMES:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise _unreadable(f"{where}: '{text[:20]}' is no time; write 2026-01-31 08:30:00.")


def _unreadable(detail: str) -> Invalid:
    return Invalid(detail, code="truth_unreadable")
