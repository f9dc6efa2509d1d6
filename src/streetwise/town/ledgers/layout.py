"""How a ledger lies in its file: sheets, titles, header, rows, sums and remarks."""

from __future__ import annotations

from dataclasses import dataclass

from .dirt import Line
from .model import Ledger, Planted


@dataclass(frozen=True)
class Sheet:
    """One sheet; ``top`` are the rows above the data, ``bottom`` those below it.

    ``merged`` are ranges such as A1:F1; ``hidden`` are letters of columns.
    """

    title: str
    top: list[list[str]]
    lines: list[Line]
    bottom: list[list[str]]
    merged: list[str]
    hidden: list[str]


def letter(k: int) -> str:
    """The letters of the column at place ``k`` (0 is A)."""
    head, tail = divmod(k, 26)
    return (letter(head - 1) if head else "") + chr(65 + tail)


def lay_out(ledger: Ledger, lines: list[Line]) -> list[Sheet]:
    """The sheets of a ledger; a text file is one sheet without a name."""
    spec = ledger.spec
    top, merged = _top(ledger)
    hidden = [letter(ledger.index(spec["hidden"]))] if "hidden" in spec else []
    parts = {"Sheet1" if spec["format"] == "xlsx" else "": lines}
    if spec.get("sheets") == "community":
        parts = _by_community(ledger, lines)
    sheets = []
    for title, part in parts.items():
        bottom = []
        if spec.get("totals"):
            bottom.append(_totals(ledger, part))
        bottom += [[note] for note in spec.get("notes", [])]
        sheets.append(Sheet(title, top, part, bottom, merged, hidden))
    if spec.get("guide"):
        guide = [["填表说明"], ["一、各社区分表填写。"], ["二、日期按年.月.日填写。"]]
        sheets.append(Sheet("填表说明", guide, [], [], [], []))
    return sheets


def _by_community(ledger: Ledger, lines: list[Line]) -> dict[str, list[Line]]:
    """A sheet for each community, by the name that its row should have."""
    k = ledger.of("community")[0]
    parts: dict[str, list[Line]] = {}
    for line in lines:
        true = next((n.true_value for n in line.notes if n.column == k), line.cells[k])
        parts.setdefault(true, []).append(line)
    return dict(sorted(parts.items()))


def _top(ledger: Ledger) -> tuple[list[list[str]], list[str]]:
    spec, names = ledger.spec, [c.name for c in ledger.columns]
    if spec["format"] == "jsonl":
        return [], []
    last = letter(len(names) - 1)
    top: list[list[str]] = [[spec[key]] for key in ("title", "under") if key in spec]
    merged = [f"A{i}:{last}{i}" for i in range(1, len(top) + 1)]
    if "groups" not in spec:
        return [*top, names], merged
    upper, lower, row = list(names), [""] * len(names), len(top) + 1
    for group, members in spec["groups"].items():
        places = [ledger.index(m) for m in members]
        for k in places:
            upper[k], lower[k] = "", names[k]
        upper[places[0]] = group
        merged.append(f"{letter(places[0])}{row}:{letter(places[-1])}{row}")
    merged += [f"{letter(k)}{row}:{letter(k)}{row + 1}" for k, n in enumerate(lower) if not n]
    return [*top, upper, lower], merged


def _totals(ledger: Ledger, lines: list[Line]) -> list[str]:
    """The sums that the office put below; of what its program could add up."""
    sums = ["合计"]
    for k, column in enumerate(ledger.columns[1:], 1):
        if column.value not in ("int", "num") or column.name == ledger.spec.get("hidden"):
            sums.append("")
            continue
        soiled = (line for line in lines if all(n.column != k for n in line.notes))
        whole = sum(float(line.cells[k]) for line in soiled if line.cells[k])
        sums.append(f"{whole:.{column.decimals}f}")
    return sums


def planted(ledger: Ledger, sheets: list[Sheet]) -> list[Planted]:
    """Every piece of dirt with the row where it stands, and the facts of the file."""
    out = _of_file(ledger, sheets)
    where = {
        id(line): (sheet.title, number)
        for sheet in sheets
        for number, line in enumerate(sheet.lines, len(sheet.top) + 1)
    }
    names = [c.name for c in ledger.columns]
    for sheet in sheets:
        for number, line in enumerate(sheet.lines, len(sheet.top) + 1):
            for note in line.notes:
                pair = None
                if line.pair is not None and note.kind.startswith("duplicate"):
                    pair = where[id(line.pair)][1]
                name = names[note.column] if note.column >= 0 else ""
                out.append(Planted(sheet.title, number, name, note.kind, note.true_value,
                                   note.found, pair))  # fmt: skip
    return out


def _of_file(ledger: Ledger, sheets: list[Sheet]) -> list[Planted]:
    spec = ledger.spec
    out = []

    def fact(kind: str, found: str = "", column: str = "", row: int | None = None,
             sheet: str = "") -> None:  # fmt: skip
        out.append(Planted(sheet, row, column, kind, "", found))

    if spec.get("encoding", "utf-8") != "utf-8":
        fact("encoding", spec["encoding"])
    if spec["format"] == "tsv" or "delimiter" in spec:
        fact("delimiter", spec.get("delimiter", "tab"))
    if spec.get("crlf"):
        fact("line_ends", "CRLF")
    for column in ledger.columns:
        if column.personal:
            fact("personal_column", column=column.name)
        if column.value == "date" and column.form not in ("iso", "native"):
            fact("column_date_format", column.form, column.name)
    if "hidden" in spec:
        fact("hidden_column", column=spec["hidden"])
    full = [s for s in sheets if s.lines]
    if len(full) > 1:
        fact("several_sheets", str(len(full)))
    for sheet in sheets:
        if not sheet.lines:
            fact("extra_sheet", sheet=sheet.title)
            continue
        header = len(sheet.top) - ("groups" in spec)
        for row in range(1, header):
            fact("title_row", sheet.top[row - 1][0], row=row, sheet=sheet.title)
        if "groups" in spec:
            fact("merged_header", row=header, sheet=sheet.title)
        for row, cells in enumerate(sheet.bottom, len(sheet.top) + len(sheet.lines) + 1):
            kind = "totals_row" if len(cells) > 1 else "note_row"
            fact(kind, cells[0], row=row, sheet=sheet.title)
    return out
