"""All records of an area as one value; what changes between two such values. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from streetwise.directory.records.kinds import KINDS, RULE, Kind, Values
from streetwise.directory.records.values import cleaned, completed, version_of

Op = Literal["new", "changed", "ended", "revived"]
NEW_RULE = "L{:05d}"


@dataclass(frozen=True)
class Book:
    """What an area's directory holds. ``records``: kind → code → values, in the files' order.

    ``ended``: what held once. ``lines``: where a record stands in its file, for messages.
    ``town`` is the content of town.yaml. ``people``: logins of staff whom no folder names (who
    were added on the screen, or whose account was closed there) and a roster may; None: only the
    database knows them.
    """

    town: dict[str, Any]
    records: dict[str, dict[str, Values]]
    ended: dict[str, dict[str, Values]] = field(default_factory=dict)
    lines: dict[tuple[str, str], int] = field(default_factory=dict)
    people: frozenset[str] | None = None

    def of(self, kind: str) -> dict[str, Values]:
        """The records of a kind by their codes."""
        return self.records.get(kind, {})

    def once(self, kind: str) -> dict[str, Values]:
        """The ended records of a kind by their codes."""
        return self.ended.get(kind, {})

    def with_records(self, changed: Mapping[str, dict[str, Values]]) -> Book:
        """The same with other records of some kinds."""
        return replace(self, records={**self.records, **changed})


@dataclass(frozen=True, slots=True)
class Effect:
    """What happens to one record."""

    kind: str
    code: str
    op: Op
    before: Values | None
    after: Values | None

    def fields(self) -> list[tuple[str, Any, Any]]:
        """(column, before, after) of what differs."""
        before, after = self.before or {}, self.after or {}
        return [
            (column.name, before.get(column.name), after.get(column.name))
            for column in KINDS[self.kind].columns
            if before.get(column.name) != after.get(column.name)
        ]


@dataclass(frozen=True, slots=True)
class Wish:
    """A change as somebody asks for it."""

    kind: str
    code: str
    op: Literal["put", "end"]
    values: Mapping[str, Any]
    version: str | None


def effects_of(before: Book, after: Book) -> list[Effect]:
    """What differs, in the order of the kinds and of the records."""
    found: list[Effect] = []
    for kind in KINDS:
        old, new, once = before.of(kind), after.of(kind), before.once(kind)
        for code, values in new.items():
            if code not in old:
                if code in once:
                    found.append(Effect(kind, code, "revived", once[code], values))
                else:
                    found.append(Effect(kind, code, "new", None, values))
            elif old[code] != values:
                found.append(Effect(kind, code, "changed", old[code], values))
        found += [
            Effect(kind, code, "ended", values, None)
            for code, values in old.items()
            if code not in new
        ]
    return found


def counts_of(effects: Sequence[Effect]) -> list[tuple[str, Op, int]]:
    """(kind, op, how many), in the order of their first appearance."""
    counted = Counter((effect.kind, effect.op) for effect in effects)
    return [(kind, op, count) for (kind, op), count in counted.items()]


def title_of(kind: Kind, code: str, values: Values | None) -> str:
    """What a record is called on a screen."""
    return str((values or {}).get(kind.title) or code)


def apply_wishes(
    book: Book, wishes: Sequence[Wish]
) -> tuple[Book, list[str], list[tuple[str, str]]]:
    """The book after the wishes, what is wrong with them, and (kind, code) of stale ones."""
    records = {kind: dict(book.of(kind)) for kind in KINDS}
    mistakes: list[str] = []
    stale: list[tuple[str, str]] = []
    seen: set[tuple[str, str]] = set()
    for wish in wishes:
        kind = KINDS.get(wish.kind)
        if kind is None or not kind.writable:
            mistakes.append(f"records of the kind '{wish.kind}' are not changed here")
            continue
        code, found = _apply_one(book, records[kind.kind], kind, wish)
        mistakes += [f"{kind.file}: {code or 'new'}: {one}" for one in found]
        if (kind.kind, code) in seen:
            mistakes.append(f"{kind.file}: {code} stands twice among the changes")
        seen.add((kind.kind, code))
        if wish.version is not None and wish.version != current_version(book, kind.kind, code):
            stale.append((kind.kind, code))
    return book.with_records(records), mistakes, stale


def current_version(book: Book, kind: str, code: str) -> str | None:
    """The version of a record as the book has it; None: there is none."""
    if code in book.of(kind):
        return version_of(book.of(kind)[code])
    if code in book.once(kind):
        return version_of(book.once(kind)[code], ended=True)
    return None


def _apply_one(
    book: Book, records: dict[str, Values], kind: Kind, wish: Wish
) -> tuple[str, list[str]]:
    code = wish.code
    if wish.op == "end":
        if records.pop(code, None) is None:
            return code, ["there is no such record, or it has ended; nothing to end"]
        return code, []
    if kind.numbered and not code:
        code = next_rule_code([*book.of(kind.kind), *book.once(kind.kind), *records])
    current = records.get(code) or book.once(kind.kind).get(code)
    values, mistakes = cleaned(kind, wish.values, current)
    if kind.key == ("code",) and not values.get("code"):
        values = completed(kind, {**values, "code": code})
    made = kind.code_of(values)
    if code and made != code:
        mistakes.append("a code cannot be changed; end this record and make a new one")
    elif not made.strip("/"):
        mistakes.append("the code is missing")
    if not mistakes:
        records[made] = values
    return made, mistakes


def next_rule_code(used: Sequence[str]) -> str:
    """The number for a new line of the responsibility matrix."""
    numbers = [int(code[1:]) for code in used if code[1:].isdecimal()]
    return NEW_RULE.format(max(numbers, default=0) + 1)


#: A line of the matrix that says when it holds is the same line when its answer changes.
_ANSWER = ("code", "unit", "note")


def number_rules(book: Book, lines: Sequence[Values]) -> dict[str, Values]:
    """Give the lines of a file the numbers that the same lines have already; new ones to others.

    First lines that are wholly the same, then those that differ in their answer only.
    """
    free = dict(book.of(RULE.kind))
    codes: list[str | None] = [None] * len(lines)
    for leave_out in (("code",), _ANSWER):
        by_content: dict[str, list[str]] = {}
        for code, values in free.items():
            by_content.setdefault(_content(values, leave_out), []).append(code)
        for at, values in enumerate(lines):
            same = by_content.get(_content(values, leave_out))
            if codes[at] is None and same:
                codes[at] = same.pop(0)
                del free[str(codes[at])]
    unused = next_rule_code([*book.of(RULE.kind), *book.once(RULE.kind)])
    numbered: dict[str, Values] = {}
    for held, values in zip(codes, lines, strict=True):
        code = held or unused
        if held is None:
            unused = next_rule_code([unused])
        numbered[code] = {**values, "code": code}
    return numbered


def _content(values: Values, leave_out: tuple[str, ...]) -> str:
    return repr([values.get(one.name) for one in RULE.columns if one.name not in leave_out])
