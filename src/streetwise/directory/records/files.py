"""The files of a street's folder (format 1) and the book that they make; both ways. Pure.

Old folders stay readable: files and columns that came later may be missing.
"""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from streetwise.directory.records.book import Book, number_rules
from streetwise.directory.records.csv_form import CsvForm, Line, parse_csv, render
from streetwise.directory.records.kinds import CLASS, GRID, KINDS, RULE, SCHEME, Kind, Values
from streetwise.directory.records.values import completed, from_row, to_row

TOWN, GRIDS, BASE, TAXONOMY = "town.yaml", "grids.geojson", "base.geojson", "taxonomy/*.yaml"
#: What spreadsheet programs and desktops leave behind; neither read nor given back.
LITTER = ("__MACOSX/*", "*/.*", ".*", "*/Thumbs.db", "Thumbs.db", "~$*")
CSV_KINDS = tuple(kind for kind in KINDS.values() if kind.file.endswith(".csv"))
ACCOUNT_FILES = ("staff.csv", "stand-ins.csv")
_UNSURE_ZONE = ZoneInfo("UTC")
#: The one written in C reads a taxonomy some ten times quicker.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Folder:
    """A street's folder: its files as they came, and what they say.

    ``absent``: kinds whose file is not there (and need not be). ``mistakes`` are those of
    reading; what the records say is looked at by ``checks``.
    """

    files: Mapping[str, bytes]
    book: Book
    base: dict[str, Any]
    rules: list[Values]
    absent: frozenset[str]
    mistakes: list[str]


def is_litter(path: str) -> bool:
    """Whether a file is passed over without a word."""
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in LITTER)


def is_known(path: str) -> bool:
    """Whether a file belongs to format 1."""
    if path in (TOWN, GRIDS, BASE) or path in {kind.file for kind in CSV_KINDS}:
        return True
    return path.count("/") == 1 and fnmatch.fnmatchcase(path, TAXONOMY)


def read_files(files: Mapping[str, bytes]) -> Folder:
    """Read a folder's files. Raises ValueError when one that must be there cannot be read."""
    files = {path: data for path, data in files.items() if not is_litter(path)}
    mistakes = [
        f"{path}: this is no file of a street's folder; move it elsewhere, nothing reads it"
        for path in sorted(files)
        if not is_known(path)
    ]
    files = {path: data for path, data in files.items() if is_known(path)}
    town = _yaml(TOWN, _needed(files, TOWN))
    zone = zone_of(town)
    records: dict[str, dict[str, Values]] = {}
    lines: dict[tuple[str, str], int] = {}
    rules: list[Values] = []
    absent = set()
    for kind in CSV_KINDS:
        if kind.file not in files and kind.optional_file:
            absent.add(kind.kind)
            records[kind.kind] = {}
            continue
        form = _form(kind, _needed(files, kind.file))
        rows = [(line, from_row(kind, form.row(line), zone)) for line in form.lines if line.cells]
        if kind is RULE:
            rules = [values for _, values in rows]
            records[kind.kind] = number_rules(Book({}, {}), rules)
            numbers = [line.number for line, _ in rows]
            lines |= {
                (kind.kind, code): number
                for code, number in zip(records[kind.kind], numbers, strict=True)
            }
        else:
            records[kind.kind] = _by_code(kind, rows, lines, mistakes)
    records[GRID.kind] = _grids(_needed(files, GRIDS), mistakes)
    records[SCHEME.kind], records[CLASS.kind] = {}, {}
    for path in sorted(path for path in files if path.startswith("taxonomy/")):
        scheme, classes = _taxonomy(path, files[path], mistakes)
        for kind, found in ((SCHEME, scheme), (CLASS, classes)):
            mistakes += [
                f"{path}: {one} stands twice" for one in found if one in records[kind.kind]
            ]
            records[kind.kind] |= found
    base = _features(BASE, _needed(files, BASE))
    book = Book(town, records, lines=lines)
    return Folder(files, book, base, rules, frozenset(absent), mistakes)


def zone_of(town: Mapping[str, Any]) -> ZoneInfo:
    """The area's time zone; UTC where it is a mistake, which the checks name."""
    try:
        return ZoneInfo(str(town.get("timezone")))
    except (ZoneInfoNotFoundError, ValueError):
        return _UNSURE_ZONE


def _needed(files: Mapping[str, bytes], path: str) -> bytes:
    if path not in files:
        raise ValueError(f"{path} is missing")
    return files[path]


def _form(kind: Kind, data: bytes) -> CsvForm:
    try:
        form = parse_csv(data)
    except ValueError as error:
        raise ValueError(f"{kind.file} {error}") from error
    missing = set(kind.needed_in_file) - set(form.columns)
    if missing:
        raise ValueError(f"{kind.file} lacks the column(s) {', '.join(sorted(missing))}")
    return form


def _by_code(
    kind: Kind,
    rows: Iterable[tuple[Line, Values]],
    lines: dict[tuple[str, str], int],
    mistakes: list[str],
) -> dict[str, Values]:
    found: dict[str, Values] = {}
    for line, values in rows:
        code = kind.code_of(values)
        if not code.strip("/"):
            mistakes.append(f"{kind.file} line {line.number}: the code is missing; fill it in")
        elif code in found:
            mistakes.append(
                f"{kind.file}: '{code}' stands twice (line {line.number}); remove one of them"
            )
        else:
            found[code] = values
            lines[kind.kind, code] = line.number
    return found


def _yaml(path: str, data: bytes) -> dict[str, Any]:
    try:
        content = yaml.load(data.decode("utf-8"), Loader=_LOADER)  # noqa: S506 - both are safe
    except yaml.YAMLError as error:
        raise ValueError(f"{path}: {error}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{path} is not a YAML mapping")
    return {str(key): _plain(value) for key, value in content.items()}


def _plain(value: Any) -> Any:
    """YAML's dates as text: nothing else of it is no plain data."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _features(path: str, data: bytes) -> dict[str, Any]:
    content = json.loads(data.decode("utf-8-sig"))
    if not isinstance(content, dict) or not isinstance(content.get("features"), list):
        raise ValueError(f"{path} is not a GeoJSON FeatureCollection")
    return content


def _grids(data: bytes, mistakes: list[str]) -> dict[str, Values]:
    found: dict[str, Values] = {}
    for number, feature in enumerate(_features(GRIDS, data)["features"], start=1):
        values = _grid(feature)
        if values["code"] is None:
            mistakes.append(f"{GRIDS}: feature {number} has no code; give it one")
        elif values["code"] in found:
            mistakes.append(f"{GRIDS}: '{values['code']}' stands twice; remove one of them")
        else:
            found[values["code"]] = values
    return found


def _grid(feature: Any) -> Values:
    feature = feature if isinstance(feature, dict) else {}
    properties = feature.get("properties") or {}
    return completed(
        GRID,
        {
            "code": _text(properties.get("code")),
            "name": _text(properties.get("name")),
            "community": _text(properties.get("community")),
            "geometry": feature.get("geometry"),
        },
    )


def _text(value: Any) -> str | None:
    return None if value in (None, "") else str(value)


def _taxonomy(
    path: str, data: bytes, mistakes: list[str]
) -> tuple[dict[str, Values], dict[str, Values]]:
    content = _yaml(path, data)
    name = f"{path}: taxonomy {content.get('scheme')} {content.get('version')}"
    missing = [
        f"{name}: '{key}' is missing"
        for key in ("scheme", "version", "title", "classes")
        if not content.get(key)
    ]
    if missing:
        mistakes += missing
        return {}, {}
    keys = {"scheme": str(content["scheme"]), "version": str(content["version"])}
    texts = {key: _text(content.get(key)) for key in ("title", "title_en", "source", "note")}
    scheme = completed(SCHEME, {**keys, **texts})
    classes: dict[str, Values] = {}
    for given in content["classes"]:
        values = _class(keys, given if isinstance(given, dict) else {})
        code = CLASS.code_of(values)
        if code in classes:
            mistakes.append(f"{name}: '{values['code']}' stands twice; remove one of them")
        classes[code] = values
    return {SCHEME.code_of(scheme): scheme}, classes


def _class(keys: Mapping[str, str], given: Mapping[str, Any]) -> Values:
    texts = {key: _text(given.get(key)) for key in ("code", "name", "name_en", "group")}
    kind = _text(given.get("kind")) or "event"
    values = {**keys, **texts, "kind": kind, "conditions": list(given.get("conditions") or [])}
    return completed(CLASS, values)


# --- the way out ---------------------------------------------------------------------------


def write_files(
    book: Book,
    base: Mapping[str, Any] | None,
    kept: Mapping[str, bytes],
    rule_order: Mapping[str, int],
) -> dict[str, bytes]:
    """The folder of a book. ``kept``: the files as they came; ``rule_order``: the line (from 0)
    on which each rule stood. What has not changed since is given back byte for byte.
    """
    zone = zone_of(book.town)
    files = {TOWN: _town_file(book.town, kept.get(TOWN))}
    for kind in CSV_KINDS:
        given = kept.get(kind.file)
        if given is None and kind.optional_file and not book.of(kind.kind):
            continue
        files[kind.file] = _csv_file(kind, book.of(kind.kind), given, zone, rule_order)
    files[GRIDS] = _grids_file(book.of(GRID.kind), kept.get(GRIDS))
    files[BASE] = _base_file(base, kept.get(BASE))
    return files | _taxonomy_files(book, kept)


def _town_file(town: Mapping[str, Any], given: bytes | None) -> bytes:
    content = {key: value for key, value in town.items() if value not in (None, "", [])}
    if given is not None:
        said = _yaml(TOWN, given)
        if _town_facts(said) == _town_facts(town):
            return given
        content = {**said, **content}
    return _dumped(content)


def _town_facts(town: Mapping[str, Any]) -> list[Any]:
    bbox = [float(value) for value in town.get("bbox") or ()]
    texts = [str(town.get(key) or "") for key in ("code", "name", "timezone", "prefix")]
    days = [[str(day) for day in town.get(key) or ()] for key in ("holidays", "workdays")]
    return [*texts, str(town.get("name_en") or town.get("name")), bbox, *days]


def _csv_file(
    kind: Kind,
    records: Mapping[str, Values],
    given: bytes | None,
    zone: ZoneInfo,
    rule_order: Mapping[str, int],
) -> bytes:
    names = [column.name for column in kind.filed]
    if given is None:
        return render(None, names, [], [to_row(kind, values) for values in records.values()])
    form = parse_csv(given)
    code_at = _codes_of_lines(kind, form, zone, rule_order)
    kept: list[tuple[Line, Mapping[str, str] | None]] = []
    written: set[str] = set()
    for line in form.lines:
        code = code_at(line)
        if code is None:
            kept.append((line, None))
        elif code in records and code not in written:
            written.add(code)
            kept.append((line, _cell_changes(kind, form, line, records[code], zone)))
    new = [to_row(kind, values) for code, values in records.items() if code not in written]
    changes = [*new, *(cells for _, cells in kept if cells is not None)]
    added = [
        name
        for name in names
        if name not in form.columns and any(_says(kind, name, row) for row in changes)
    ]
    return render(form, names, kept, new, added)


def _codes_of_lines(
    kind: Kind, form: CsvForm, zone: ZoneInfo, rule_order: Mapping[str, int]
) -> Callable[[Line], str | None]:
    """Which record a line is; None for an empty line."""
    full = [line for line in form.lines if line.cells]
    if kind is RULE:
        by_order = {order: code for code, order in rule_order.items()}
        by_number = {line.number: by_order.get(at, "") for at, line in enumerate(full)}
    else:
        by_number = {
            line.number: kind.code_of(from_row(kind, form.row(line), zone)) for line in full
        }
    return lambda line: by_number.get(line.number)


def _cell_changes(
    kind: Kind, form: CsvForm, line: Line, values: Values, zone: ZoneInfo
) -> dict[str, str] | None:
    """The cells that must change so that the line says the values; None: it says them."""
    said = from_row(kind, form.row(line), zone)
    cells = to_row(kind, values)
    changes = {name: cell for name, cell in cells.items() if said[name] != values.get(name)}
    return changes or None


def _says(kind: Kind, name: str, row: Mapping[str, str]) -> bool:
    """Whether a row needs this column: it holds more than what empty means."""
    column = kind.column(name)
    assert column is not None
    return bool(row.get(name)) and not (column.same_as and row.get(column.same_as) == row[name])


def _grids_file(grids: Mapping[str, Values], given: bytes | None) -> bytes:
    content: dict[str, Any] = {"type": "FeatureCollection"}
    features: list[Any] = []
    if given is not None:
        content = _features(GRIDS, given)
        features = content["features"]
        if [_grid(feature) for feature in features] == list(grids.values()):
            return given
    held = {str((one.get("properties") or {}).get("code")): one for one in features}
    made = [_grid_feature(held.get(code), values) for code, values in grids.items()]
    return _collection({**content, "features": made})


def _grid_feature(held: dict[str, Any] | None, values: Values) -> dict[str, Any]:
    if held is not None and _grid(held) == values:
        return held
    more = (held or {}).get("properties") or {}
    properties = {**more, **{key: values[key] for key in ("code", "name", "community")}}
    return {"type": "Feature", "properties": properties, "geometry": values["geometry"]}


def _base_file(base: Mapping[str, Any] | None, given: bytes | None) -> bytes:
    if given is not None and (base is None or _features(BASE, given) == base):
        return given
    return _collection(base or {"type": "FeatureCollection", "features": []})


def _collection(content: Mapping[str, Any]) -> bytes:
    """One feature per line: a difference can be read."""
    head = {key: value for key, value in content.items() if key != "features"}
    start = json.dumps(head, ensure_ascii=False, separators=(",", ":"))[:-1]
    lines = [
        json.dumps(feature, ensure_ascii=False, separators=(",", ":"))
        for feature in content["features"]
    ]
    return (start + ',"features":[\n' + ",\n".join(lines) + "\n]}\n").encode()


def _taxonomy_files(book: Book, kept: Mapping[str, bytes]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    given = {path: data for path, data in kept.items() if path.startswith("taxonomy/")}
    paths = {}
    for path, data in given.items():
        paths[scheme_of(path, data)] = path
    for code, scheme in book.of(SCHEME.kind).items():
        classes = {
            key: values
            for key, values in book.of(CLASS.kind).items()
            if f"{values['scheme']}/{values['version']}" == code
        }
        path = paths.get(code) or f"taxonomy/{re.sub('[^A-Za-z0-9._-]+', '-', code)}.yaml"
        files[path] = _taxonomy_file(path, scheme, classes, given.get(path))
    return files


def scheme_of(path: str, data: bytes) -> str:
    """The code of the scheme that a taxonomy's file describes."""
    content = _yaml(path, data)
    return f"{content.get('scheme')}/{content.get('version')}"


def _taxonomy_file(
    path: str, scheme: Values, classes: Mapping[str, Values], given: bytes | None
) -> bytes:
    said: dict[str, Any] = {}
    held: dict[str, Any] = {}
    if given is not None:
        schemes, said_classes = _taxonomy(path, given, [])
        same = list(schemes.values()) == [scheme]
        if same and list(said_classes.items()) == list(classes.items()):
            return given
        said = _yaml(path, given)
        held = {str(one["code"]): one for one in said["classes"]}
    made = [_class_content(held.get(str(values["code"])), values) for values in classes.values()]
    heads = {key: value for key, value in scheme.items() if value is not None}
    return _dumped({**said, **heads, "classes": made})


_CLASS_KEYS = ("code", "name", "name_en", "group", "kind")
_CONDITION_KEYS = ("code", "text", "open_when", "close_when", "limit")


def _class_content(held: Mapping[str, Any] | None, values: Values) -> dict[str, Any]:
    content = {**(held or {}), **{key: values[key] for key in _CLASS_KEYS if values[key]}}
    conditions = []
    for condition in values["conditions"]:
        first = {key: condition[key] for key in _CONDITION_KEYS if key in condition}
        conditions.append({**first, **condition})
    return {**content, "conditions": conditions}


def _dumped(content: Mapping[str, Any]) -> bytes:
    text: str = yaml.safe_dump(dict(content), allow_unicode=True, sort_keys=False)
    return text.encode()
