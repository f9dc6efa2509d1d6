"""``streetwise eval redact``: score masking against texts in which the spans are marked.

A truth file is a CSV with a column ``text`` (further columns are ignored). What must be masked
is marked in place: ``{name:王女士}住3号楼{address:2单元301室}``; a text without marks must stay
as it is. A span counts as right if its kind and both ends are right.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from streetwise.kernel.errors import Invalid
from streetwise.privacy.masking import TOKENS, Span, find

COLUMN = "text"
#: Characters shown on each side of a mistake.
AROUND_CHARACTERS = 12

_MARK = re.compile(r"\{(?P<kind>[a-z_]+):(?P<text>[^{}]+)\}")

Finder = Callable[[str], list[Span]]


@dataclass(frozen=True, slots=True)
class Snippet:
    """A text without its marks, and the spans that the marks give."""

    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A span that was missed or wrongly found, and the text around it, the span in brackets."""

    what: str
    kind: str
    around: str


@dataclass(frozen=True, slots=True)
class Tally:
    """Spans of a kind, or of all: meant by the truth, found by the rules, both."""

    meant: int
    found: int
    right: int

    @property
    def precision(self) -> float | None:
        """Right among found; None where nothing was found."""
        return self.right / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """Right among meant; None where nothing was meant."""
        return self.right / self.meant if self.meant else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of both; None where nothing was meant or found."""
        both = self.meant + self.found
        return 2 * self.right / both if both else None

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``; ratios 0 to 1 with four places."""
        ratios = {"precision": self.precision, "recall": self.recall, "f1": self.f1}
        return {
            **{name: None if value is None else round(value, 4) for name, value in ratios.items()},
            "meant": self.meant,
            "found": self.found,
            "right": self.right,
        }


@dataclass(frozen=True, slots=True)
class Score:
    """What the rules reached on a truth file."""

    snippets: int
    per_kind: dict[str, Tally]
    mistakes: tuple[Mistake, ...]

    def of(self, *kinds: str) -> Tally:
        """The kinds together; none named: all."""
        chosen = [tally for kind, tally in self.per_kind.items() if not kinds or kind in kinds]
        return Tally(
            sum(one.meant for one in chosen),
            sum(one.found for one in chosen),
            sum(one.right for one in chosen),
        )

    def as_dict(self) -> dict[str, Any]:
        """One JSON object: the figures over all, and by kind."""
        return {
            "snippets": self.snippets,
            **self.of().as_dict(),
            "per_class": {kind: tally.as_dict() for kind, tally in self.per_kind.items()},
        }


# --- truth --------------------------------------------------------------------------------


def read_truth(path: Path) -> list[Snippet]:
    """The snippets of a truth file. Raises Invalid with what is wrong, and where."""
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(f"{path} cannot be read as UTF-8 text; name a CSV file.") from error
    rows = csv.DictReader(content.splitlines(keepends=True), strict=True)
    try:
        if COLUMN not in (rows.fieldnames or ()):
            raise _unreadable(f"{path} has no column '{COLUMN}'; name it in the first line.")
        snippets = [parse(row[COLUMN] or "", where=f"{path}, line {rows.line_num}") for row in rows]
    except csv.Error as error:
        raise _unreadable(f"{path}, line {rows.line_num} is not CSV: {error}.") from error
    if not snippets:
        raise _unreadable(f"{path} holds no rows; add marked texts.")
    return snippets


def parse(marked: str, *, where: str = "the text") -> Snippet:
    """A marked text as text and spans. Raises Invalid for a mark that is none."""
    parts: list[str] = []
    spans: list[Span] = []
    length = done = 0
    for m in _MARK.finditer(marked):
        if m.group("kind") not in TOKENS:
            known = ", ".join(TOKENS)
            raise _unreadable(f"{where}: there is no kind '{m.group('kind')}'; there are: {known}.")
        before = marked[done : m.start()]
        start = length + len(before)
        length = start + len(m.group("text"))
        spans.append(Span(m.group("kind"), start, length))
        parts += (before, m.group("text"))
        done = m.end()
    text = "".join(parts) + marked[done:]
    if "{" in text or "}" in text:
        raise _unreadable(f"{where}: a mark is not closed; write {{kind:text}}.")
    return Snippet(text, tuple(spans))


def _unreadable(detail: str) -> Invalid:
    return Invalid(detail, code="truth_unreadable")


# --- scoring ------------------------------------------------------------------------------


def score(snippets: Iterable[Snippet], finder: Finder = find) -> Score:
    """Compare what ``finder`` reports with the truth, span by span."""
    meant: Counter[str] = Counter()
    found: Counter[str] = Counter()
    right: Counter[str] = Counter()
    mistakes: list[Mistake] = []
    count = 0
    for snippet in snippets:
        count += 1
        got = finder(snippet.text)
        meant.update(span.kind for span in snippet.spans)
        found.update(span.kind for span in got)
        right.update(span.kind for span in set(got) & set(snippet.spans))
        mistakes += _mistakes(snippet, got)
    tallies = {kind: Tally(meant[kind], found[kind], right[kind]) for kind in TOKENS}
    return Score(count, tallies, tuple(mistakes))


def _mistakes(snippet: Snippet, got: list[Span]) -> Iterator[Mistake]:
    for span in snippet.spans:
        if span not in got:
            yield Mistake("missed", span.kind, _around(snippet.text, span))
    for span in got:
        if span not in snippet.spans:
            yield Mistake("wrong", span.kind, _around(snippet.text, span))


def _around(text: str, span: Span) -> str:
    before = text[max(0, span.start - AROUND_CHARACTERS) : span.start]
    behind = text[span.end : span.end + AROUND_CHARACTERS]
    return f"{before}【{text[span.start : span.end]}】{behind}".replace("\n", "⏎")


# --- telling ------------------------------------------------------------------------------


def print_score(reached: Score, console: Console) -> None:
    """A table by kind, and each mistake on a line."""
    table = Table("kind", "meant", "found", "right", "precision", "recall", "f1")
    for kind, tally in (*reached.per_kind.items(), ("all", reached.of())):
        if tally.meant or tally.found:
            ratios = (tally.precision, tally.recall, tally.f1)
            table.add_row(
                kind,
                *(str(number) for number in (tally.meant, tally.found, tally.right)),
                *("–" if ratio is None else f"{ratio:.4f}" for ratio in ratios),
            )
    console.print(table)
    for mistake in reached.mistakes:
        console.print(
            f"{mistake.what} {mistake.kind}: {mistake.around}", soft_wrap=True, markup=False
        )
    console.print(f"{reached.snippets} texts, {len(reached.mistakes)} mistakes")
