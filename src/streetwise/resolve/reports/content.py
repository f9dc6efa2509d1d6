"""What a report says, before it has a form: headings, sentences, tables, charts. Pure.

The four forms (page, XLSX, DOCX, PDF) are written from this and from nothing else, and show its
values by ``shown``: so they cannot differ in a number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

#: text; a count of cases; a rate from 0 to 1; points of 100; hours; days.
Form = Literal["text", "count", "rate", "score", "hours", "days"]
#: None: there is nothing to say. A word may stand where a number would (few: "少于5").
Cell = str | int | float | None
NOTHING = "—"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences as they are read; ``numbers``: what was filled in, by name."""

    text: str
    numbers: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading and how its values are shown."""

    title: str
    form: Form


@dataclass(frozen=True, slots=True)
class Table:
    """``total``: the first row is of all together."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """One line or one colour of bars."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """``bar``: lying bars, the first label on top; ``line``: over time."""

    title: str
    shape: Literal["bar", "line"]
    form: Form
    labels: tuple[str, ...]
    series: tuple[Series, ...]


Block = Paragraph | Table | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands below it."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """A whole report. ``notes``: by which rules, and what is meant."""

    title: str
    subtitle: str
    notes: tuple[str, ...]
    sections: tuple[Section, ...]


def shown(value: Cell, form: Form) -> str:
    """A value as all forms show it."""
    if value is None:
        return NOTHING
    if isinstance(value, str):
        return value
    match form:
        case "rate":
            return f"{value * 100:.1f}%"
        case "score" | "hours" | "days":
            return f"{value:.1f}"
        case _:
            return f"{value}"


#: The block's kind in what is stored.
_KINDS: Mapping[type, str] = {Paragraph: "paragraph", Table: "table", Chart: "chart"}


def stored(content: Content) -> dict[str, Any]:
    """As JSON."""
    return {
        "title": content.title,
        "subtitle": content.subtitle,
        "notes": list(content.notes),
        "sections": [
            {
                "title": section.title,
                "blocks": [
                    {"kind": _KINDS[type(block)], **asdict(block)} for block in section.blocks
                ],
            }
            for section in content.sections
        ],
    }


def read(found: Mapping[str, Any]) -> Content:
    """From what ``stored`` gave."""
    sections = tuple(
        Section(one["title"], tuple(_block(block) for block in one["blocks"]))
        for one in found["sections"]
    )
    return Content(found["title"], found["subtitle"], tuple(found["notes"]), sections)


def _block(found: Mapping[str, Any]) -> Block:
    match found["kind"]:
        case "paragraph":
            return Paragraph(found["text"], found["numbers"])
        case "table":
            columns = tuple(Column(one["title"], one["form"]) for one in found["columns"])
            rows = tuple(tuple(row) for row in found["rows"])
            return Table(found["title"], columns, rows, found["total"])
        case _:
            series = tuple(Series(one["name"], tuple(one["values"])) for one in found["series"])
            return Chart(
                found["title"], found["shape"], found["form"], tuple(found["labels"]), series
            )
