"""The cases that a split opens, as triage would have opened them from the same words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from streetwise.gather import SignalFacts
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.viewer import GRADE_INTERNAL
from streetwise.resolve import repository as cases
from streetwise.resolve.clocks.actions import opened
from streetwise.resolve.clocks.repository import insert_new
from streetwise.resolve.clocks.rows import ClockRow, given
from streetwise.resolve.hazards import repository as hazards
from streetwise.resolve.hazards.loop import FOUND
from streetwise.resolve.knowledge import Knowledge
from streetwise.resolve.merging import repository as merging
from streetwise.resolve.merging.book import Book
from streetwise.resolve.merging.repository import KnownPrint
from streetwise.resolve.opening import Choice, case_row, give_numbers
from streetwise.resolve.splitting.plan import Row, words_of
from streetwise.resolve.understand.classifier import Classifier
from streetwise.resolve.understanding import Understood, understand


@dataclass(frozen=True, slots=True)
class Telling:
    """A voice of one problem: the signal with the words that tell of it, what is understood of
    them, and whether its work order comes with it.
    """

    signal: SignalFacts
    understood: Understood
    with_order: bool


def tellings(
    rows: Sequence[Row],
    home: int,
    homes: dict[UUID, int],
    signals: dict[UUID, SignalFacts],
    knowledge: Knowledge,
    engine: Classifier,
) -> list[Telling]:
    """The voices of the problem ``home``, the first that was told first."""
    whole = understand([signals[row.voice[0]] for row in rows], knowledge, engine)
    found = []
    for row, known in zip(rows, whole, strict=True):
        signal, part = signals[row.voice[0]], row.voice[1]
        if row.spans:
            words = words_of(signal.text or "", row.spans)
            signal = replace(signal, title=None, text=words)
            (own,) = understand([signal], knowledge, engine)
            place = known.place if own.place.code is None else own.place
            known = replace(own, place=place, part=words)
        elif 0 < part <= len(known.further):
            known = known.further[part - 1]
        # What an officer calls a problem is one, and one only.
        known = replace(known, aside=None, further=())
        # The case that it is split from is open.
        signal = replace(signal, closed_at=None)
        found.append(Telling(signal, known, homes.get(signal.id) == home))
    return sorted(found, key=lambda one: (one.signal.reported_at, one.signal.id))


def row_of(
    told: Sequence[Telling],
    knowledge: Knowledge,
    choice: Choice,
    title: str | None,
    now: datetime,
) -> tuple[dict[str, Any], list[ClockRow]]:
    """(a new case's row but for its number, clocks of what upstream wants of its further voices).

    It was open since the first of its voices came: what the officer needed to see that there are
    two problems is taken from nobody's time but ours.
    """
    first = told[0]
    row = case_row(first.signal, first.understood, knowledge, first.signal.received_at, choice)
    row["by_order"] = row["by_order"] and first.with_order
    row["title"] = title or row["title"]
    row["voices"] = len({one.signal.id for one in told})
    clocks = []
    calendar = knowledge.areas[row["area"]].calendar
    for one in told[1:]:
        if one.understood.urgent_why is not None and row["priority"] != "high":
            row["priority"], row["urgent_why"] = "high", one.understood.urgent_why
        at = one.signal.due_at
        if at is None:
            continue
        step = {"code": "given_upstream", "params": {"source": one.signal.source_name}}
        if not one.with_order:
            clocks.append(given(row["area"], row["id"], now, at, [step], calendar))
        if row["due_at"] is None or at < row["due_at"]:
            row["due_at"], row["due_why"] = at, [step]
    return row, clocks


def print_of(case_id: UUID, told: Sequence[Telling]) -> KnownPrint | None:
    """What new signals are compared with; None where only some may see what was told."""
    seen = [one for one in told if one.signal.grade <= GRADE_INTERNAL]
    if not seen:
        return None
    book = Book()
    first, *others = book.voices([(one.signal, one.understood) for one in seen])
    book.add(case_id, first)
    for one in others:
        book.joined(case_id, one)
    (kept,) = book.kept([case_id])
    return kept


async def store(
    uow: UnitOfWork,
    rows: Sequence[dict[str, Any]],
    pressed: Sequence[ClockRow],
    knowledge: Knowledge,
) -> None:
    """Number the new cases and write them, with their clocks and what is known of a hazard."""
    await give_numbers(uow.session, list(rows), knowledge)
    connection = await uow.raw()
    await cases.insert_cases(connection, list(rows))
    await insert_new(connection, [*opened(rows, knowledge, uow.now), *pressed])
    found = [row for row in rows if row["nature_state"] == FOUND]
    await hazards.insert_new(
        connection, [{"case_id": row["id"], "area": row["area"], **row["hazard"]} for row in found]
    )


async def store_prints(uow: UnitOfWork, prints: Sequence[KnownPrint]) -> None:
    """What new signals of these cases are compared with."""
    await merging.store_prints(await uow.raw(), prints)
