"""Values of records: from cells and requests, to cells, compared. Pure."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from streetwise.directory.records.kinds import Column, Kind, Values

TEXT_MAX = 1000
LIST_MAX = 200
#: A grid's border with more points than this is a mistake of whoever drew it.
GEOMETRY_MAX_BYTES = 2_000_000
VERSION_CHARACTERS = 16

_TRUE = frozenset({"yes", "true", "1", "x", "是"})
_FALSE = frozenset({"", "no", "false", "0", "否"})


def from_row(kind: Kind, row: Mapping[str, str], zone: ZoneInfo) -> Values:
    """The values of a CSV row. A cell that cannot be read stays text: the checks name it."""
    values = {
        column.name: _from_cell(column, row.get(column.name, "").strip(), zone)
        for column in kind.columns
    }
    return completed(kind, values)


def completed(kind: Kind, values: Values) -> Values:
    """With what an empty value stands for."""
    for column in kind.columns:
        if column.same_as is not None and values.get(column.name) is None:
            values[column.name] = values.get(column.same_as)
    return values


def _from_cell(column: Column, cell: str, zone: ZoneInfo) -> Any:
    if column.listed:
        return [item.strip() for item in cell.split(column.separator) if item.strip()]
    if column.type == "bool":
        folded = cell.lower()
        return True if folded in _TRUE else False if folded in _FALSE else cell
    if not cell:
        return None
    if column.type == "number":
        try:
            return float(cell)
        except ValueError:
            return cell
    if column.type == "int":
        return int(cell) if cell.lstrip("-").isdecimal() else cell
    if column.type == "time":
        return time_text(cell, zone)
    return cell


def time_text(text: str, zone: ZoneInfo) -> str:
    """A moment as UTC text; without an offset it is the area's own time. Unreadable: as it is."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC).isoformat()


def to_row(kind: Kind, values: Values, *, all_columns: bool = False) -> dict[str, str]:
    """The cells of a record, such that ``from_row`` gives the same values again.

    ``all_columns``: those too that do not stand in the file.
    """
    columns = kind.columns if all_columns else kind.filed
    return {column.name: _to_cell(column, values.get(column.name)) for column in columns}


def _to_cell(column: Column, value: Any) -> str:
    if column.listed:
        return column.separator.join(value or ())
    if column.type == "bool":
        return "yes" if value is True else "" if not value else str(value)
    if isinstance(value, float):
        return repr(value)
    return "" if value is None else str(value)


def cleaned(
    kind: Kind, given: Mapping[str, Any], current: Values | None
) -> tuple[Values, list[str]]:
    """A record's values after a request, over what it holds now; and what is wrong with them."""
    values: Values = dict(current) if current else {one.name: _empty(one) for one in kind.columns}
    mistakes = [f"there is no column '{name}'" for name in given if kind.column(name) is None]
    for column in kind.columns:
        if column.name not in given:
            continue
        value = _normal(column, given[column.name])
        wrong = _wrong(column, value)
        if wrong:
            mistakes.append(f"{column.name} {wrong}")
        else:
            values[column.name] = value
    return completed(kind, values), mistakes


def _empty(column: Column) -> Any:
    if column.listed or column.type == "conditions":
        return []
    return False if column.type == "bool" else None


def _normal(column: Column, value: Any) -> Any:
    if isinstance(value, str):
        value = value.strip()
    if value is None or value == "":
        return _empty(column)
    if column.type == "number" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if column.type == "time" and isinstance(value, str):
        return time_text(value, ZoneInfo("UTC"))
    if column.listed and isinstance(value, list):
        return [item.strip() if isinstance(item, str) else item for item in value if item != ""]
    return value


def _wrong(column: Column, value: Any) -> str | None:
    if value is None:
        return None
    if column.listed:
        good = isinstance(value, list) and all(
            isinstance(item, str) and column.separator not in item for item in value
        )
        if not good:
            return f"must be a list of texts without '{column.separator}' in them"
        too_long = len(value) > LIST_MAX or any(len(item) > TEXT_MAX for item in value)
        return "is too long" if too_long else None
    if column.type == "bool":
        return None if isinstance(value, bool) else "must be true or false"
    if column.type == "number":
        is_number = isinstance(value, float) and math.isfinite(value)
        return None if is_number else "must be a number"
    if column.type == "int":
        is_int = isinstance(value, int) and not isinstance(value, bool)
        return None if is_int else "must be a whole number"
    if column.type in ("geometry", "conditions"):
        wanted: type = dict if column.type == "geometry" else list
        if not isinstance(value, wanted):
            return "has another form; see the reference of the folder"
        return "is too long" if len(json.dumps(value)) > GEOMETRY_MAX_BYTES else None
    if not isinstance(value, str):
        return "must be a text"
    if len(value) > TEXT_MAX:
        return f"is longer than {TEXT_MAX} characters"
    return "holds a line break or a control character" if _controls(value) else None


def _controls(text: str) -> bool:
    return any(ord(character) < 32 or ord(character) == 127 for character in text)


def version_of(values: Values, *, ended: bool = False) -> str:
    """What stands for a record's content: the same text for the same content."""
    return digest_of([values, ended])[:VERSION_CHARACTERS]


def digest_of(content: Any) -> str:
    """SHA-256 of plain data, as hex."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
