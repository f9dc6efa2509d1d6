"""The section ``work_order`` of a mapping: what an upstream platform says of its order. Pure.

It names columns and the platform's words for what we tell apart; a cell with another word goes
to quarantine, because a state that is guessed would stop or start somebody's clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from streetwise.kernel.errors import Invalid

#: Free words, times, and words of a list, each with the words that we know.
TEXT_FIELDS = ("grade", "grounds")
TIME_FIELDS = ("received_at", "updated_at", "called_back_at", "review_at")
WORD_FIELDS: dict[str, tuple[str, ...]] = {
    "state": (
        "open",
        "answered",
        "closed",
        "returned",
        "contested",
        "withdrawn",
        "refused",
        "review",
        "reexam",
    ),
    "review_outcome": ("upheld", "changed", "revoked", "redo", "dropped"),
    "contest": ("none", "applied", "accepted", "refused"),
    "further": ("urge", "supplement", "other"),
    "reached": ("yes", "no"),
    "resolved": ("yes", "no"),
    "satisfied": ("yes", "basically", "no"),
    "exclusion": ("none", "applied", "granted", "refused"),
}
FIELDS = (*TEXT_FIELDS, *TIME_FIELDS, *WORD_FIELDS)


@dataclass(frozen=True, slots=True)
class OrderColumns:
    """How to read what a row says of its work order.

    ``scheme`` names whose rules its clock follows. ``channels``: only rows of these channels are
    orders; empty: all. ``words``: field → the platform's word → ours. ``optional``: fields whose
    column not every export has. ``whole``: a file names every order that is not over upstream, so
    that one which it does not name is missing there.
    """

    scheme: str
    columns: dict[str, str]
    channels: tuple[str, ...] = ()
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    optional: tuple[str, ...] = ()
    whole: bool = False

    @property
    def needed_columns(self) -> list[str]:
        """Columns that a file must have."""
        return [column for name, column in self.columns.items() if name not in self.optional]


class UnknownWordError(Exception):
    """A cell holds a word that the mapping does not know; ``args[0]`` is its column."""


def parse_order(content: dict[str, Any] | None, mapping: str | None) -> OrderColumns | None:
    """The section of a mapping's file. Raises Invalid."""
    if content is None:
        return None
    columns, words = content.get("columns", {}), content.get("words", {})
    optional = content.get("optional", ())
    wrong = [name for name in columns if name not in FIELDS]
    wrong += [name for name in words if name not in WORD_FIELDS]
    wrong += [
        f"{name}: {ours}"
        for name, known in words.items()
        for ours in known.values()
        if ours not in WORD_FIELDS.get(name, ())
    ]
    wrong += [name for name in columns if name in WORD_FIELDS and name not in words]
    wrong += [name for name in optional if name not in columns]
    if wrong:
        raise Invalid(
            f"Mapping '{mapping}', work_order: {', '.join(sorted(set(wrong)))} cannot be used.",
            code="mapping_invalid",
        )
    return OrderColumns(
        scheme=content["scheme"],
        columns=columns,
        channels=tuple(content.get("channels", ())),
        words=words,
        optional=tuple(optional),
        whole=bool(content.get("whole", False)),
    )


def order_facts(
    how: OrderColumns,
    channel: str | None,
    text_of: Callable[[str], str | None],
    time_of: Callable[[str], datetime | None],
) -> tuple[dict[str, Any] | None, datetime | None]:
    """(facts, when upstream last changed them); (None, None) for a row that is no order.

    ``text_of`` and ``time_of`` read a cell by its column. Raises UnknownWordError.
    """
    if how.channels and channel not in how.channels:
        return None, None
    facts: dict[str, Any] = {"scheme": how.scheme}
    updated_at = None
    for name, column in how.columns.items():
        if name in TIME_FIELDS:
            at = time_of(column)
            if name == "updated_at":
                updated_at = at
            elif at is not None:
                facts[name] = at.isoformat()
            continue
        text = text_of(column)
        if text is None:
            continue
        if name in WORD_FIELDS:
            ours = how.words[name].get(text)
            if ours is None:
                raise UnknownWordError(column)
            text = ours
        facts[name] = text
    return facts, updated_at
