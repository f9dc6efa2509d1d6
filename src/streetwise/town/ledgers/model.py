"""What a ledger is: its columns, its file, and what was planted in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

#: Kinds of planted dirt, and what each means. Those of the last group speak of a file or a
#: whole column; they have a row only where they stand in one.
KINDS = {
    "missing": "the cell is empty; true_value is what it should say",
    "placeholder": "the cell holds a word for nothing, such as / or 不详",
    "spelling": "another spelling of the same thing",
    "spaces": "spaces before or behind the value",
    "date_format": "a date in another format than its column has",
    "date_impossible": "no date of this calendar, or one far in the future",
    "date_stale": "a date years before all others of the column: the row was never updated",
    "number_as_text": "a number with its unit, with 约, with separators or full-width digits",
    "impossible": "a number that cannot be",
    "coords_swapped": "longitude and latitude in each other's column",
    "coords_gcj02": "GCJ-02 coordinates in a column that says WGS84",
    "coords_default": "0, 0 or the default point of the form",
    "coords_decimal": "the decimal point is off by one place",
    "stale_gone": "the row is about something that no longer exists",
    "duplicate_exact": "the row of `pair` once more",
    "duplicate_near": "the thing of the row `pair` once more, under another code",
    "rare_character": "a character that GB18030 has and GBK has not",
    "personal_column": "the column holds names or telephone numbers of persons",
    "column_date_format": "all dates of the column are in this format",
    "encoding": "the file is no plain UTF-8",
    "delimiter": "the file is not separated by commas",
    "line_ends": "the lines end as on Windows",
    "title_row": "a title above the header",
    "merged_header": "the header takes two rows with merged cells",
    "totals_row": "a row of sums below the data",
    "note_row": "a remark below the data",
    "extra_sheet": "a sheet without data",
    "several_sheets": "the data is spread over several sheets",
    "hidden_column": "the column is hidden",
}  # fmt: skip


class Planted(NamedTuple):
    """One piece of dirt.

    ``row`` counts as a person sees it: the first row (or line) of the file or sheet is 1; None
    for a fact of a file or column. ``found`` is what stands there now.
    """

    sheet: str
    row: int | None
    column: str
    kind: str
    true_value: str
    found: str
    pair: int | None = None


@dataclass(frozen=True)
class Column:
    """A column of a ledger. ``kind`` says how it is drawn, ``value`` what its cells hold.

    ``value`` is text, code, choice, int, num, date, lon, lat, phone or person. ``low`` and
    ``high`` bound numbers (in ``unit``) and dates (ISO); ``form`` is how its dates are written.
    """

    name: str
    kind: str
    value: str
    meaning: str
    unit: str = ""
    form: str = ""
    low: str = ""
    high: str = ""
    decimals: int = 0
    options: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()
    spec: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def personal(self) -> bool:
        """Whether the cells name or reach a person."""
        return bool(self.spec.get("personal"))


@dataclass(frozen=True)
class Ledger:
    """A ledger as planned, from data/ledgers_*.yaml."""

    key: str
    name: str
    owner: str  # code of a unit
    category: str
    grade: int
    refresh: str
    subject: str
    rows: int
    columns: tuple[Column, ...]
    dirt: float  # multiplies all rates of dirt
    spec: dict[str, Any] = field(compare=False)

    def index(self, name: str) -> int:
        """The place of the column of that name."""
        return next(i for i, c in enumerate(self.columns) if c.name == name)

    def of(self, *kinds: str) -> list[int]:
        """The places of the columns that are drawn in one of these ways."""
        return [i for i, c in enumerate(self.columns) if c.kind in kinds]


@dataclass(frozen=True)
class LedgerFile:
    """A ledger as written. ``rows`` are data rows: no titles, headers, totals or notes."""

    key: str
    file: str
    name: str
    owner: str
    owner_name: str
    category: str
    grade: int
    refresh: str
    format: str
    encoding: str
    delimiter: str
    sheets: tuple[str, ...]
    header_row: int
    rows: int
    columns: tuple[Column, ...]
    planted: tuple[Planted, ...]
