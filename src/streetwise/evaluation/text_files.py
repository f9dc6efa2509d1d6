"""Labelled texts in files of anybody, for ``streetwise eval text``.

Columns are taken by name: those that were asked for, else the usual ones in Chinese and English.
Texts are masked as they would be on their way into the product.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from streetwise.gather.readers import ReadError, RowProblem, open_table
from streetwise.kernel.errors import Invalid
from streetwise.privacy.masking import mask

#: The usual names, the likeliest first; a name is taken whole before it is taken in part.
TEXT_NAMES = (
    "留言详情", "诉求内容", "反映内容", "问题描述", "事件描述", "留言内容", "正文", "内容", "描述",
    "详情", "文本", "text", "content", "message", "description", "complaint", "body",
)  # fmt: skip
LABEL_NAMES = (
    "一级分类", "一级标签", "问题分类", "问题类别", "分类", "类别", "标签", "label", "category",
    "class", "type",
)  # fmt: skip
TITLE_NAMES = ("留言主题", "标题", "主题", "title", "subject")
CHUNK_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Example:
    """A masked text and the label that stands beside it."""

    title: str | None
    text: str | None
    label: str


@dataclass(frozen=True, slots=True)
class Taken:
    """Which columns of a file were read, and what came of its rows.

    ``left_out``: rows without text or label, or that cannot be read.
    """

    file: str
    text: str
    label: str
    title: str | None
    rows: int
    left_out: int

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)

    def sentence(self) -> str:
        """For people: what was taken from where."""
        title = f", title '{self.title}'" if self.title else ", no title"
        left = f"; {self.left_out} rows left out" if self.left_out else ""
        return (
            f"{self.file}: text '{self.text}'{title}, label '{self.label}', {self.rows} rows{left}."
        )


def read_examples(
    path: Path, text_column: str | None, label_column: str | None
) -> tuple[list[Example], Taken]:
    """The labelled texts of a file. Raises Invalid with a sentence for what cannot be used."""
    try:
        table = open_table(path)
        text = _column(path, table.columns, text_column, TEXT_NAMES, "--text-column")
        others = [column for column in table.columns if column != text]
        label = _column(path, others, label_column, LABEL_NAMES, "--label-column")
        title = _guess([column for column in others if column != label], TITLE_NAMES)
        examples: list[Example] = []
        left_out = 0
        for chunk in table.chunks(CHUNK_ROWS):
            for row in chunk:
                found = (
                    None if isinstance(row, RowProblem) else _example(row[1], text, label, title)
                )
                if found is None:
                    left_out += 1
                else:
                    examples.append(found)
    except ReadError as error:
        raise unusable(f"{path}: {error}") from error
    if not examples:
        raise unusable(f"{path} holds no row with both '{text}' and '{label}'.")
    return examples, Taken(path.name, text, label, title, len(examples), left_out)


def _example(
    cells: Mapping[str, object], text: str, label: str, title: str | None
) -> Example | None:
    story, cls = _words(cells.get(text)), _words(cells.get(label))
    heading = _words(cells.get(title)) if title else None
    if cls is None or (story is None and heading is None):
        return None
    return Example(_masked(heading), _masked(story), cls)


def _words(cell: object) -> str | None:
    return None if cell is None else str(cell).strip() or None


def _masked(text: str | None) -> str | None:
    return mask(text).text if text else None


def _column(
    path: Path, columns: Sequence[str], asked: str | None, usual: Sequence[str], option: str
) -> str:
    if asked is not None:
        if asked not in columns:
            raise unusable(f"{path} has no column '{asked}'; it has: {', '.join(columns)}.")
        return asked
    found = _guess(columns, usual)
    if found is None:
        raise unusable(f"Name a column of {path} with {option}; it has: {', '.join(columns)}.")
    return found


def _guess(columns: Sequence[str], usual: Sequence[str]) -> str | None:
    plain = {column.casefold(): column for column in columns}
    for name in usual:
        if name in plain:
            return plain[name]
    for name in usual:
        for one, column in plain.items():
            if name in one:
                return column
    return None


def unusable(detail: str) -> Invalid:
    """The error of a file that cannot be scored."""
    return Invalid(detail, code="truth_unreadable")
