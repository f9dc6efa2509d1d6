"""Triage: signals find their case, a batch at a time.

The seam for the real engines: ``Gazetteer.find`` (place), ``KeywordRules.guess`` (category) and
the exact repeat below (merging). Run again after a crash, it gives the same answer: signals
leave the queue in the transaction that gives them their case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.gather import SignalFacts, signal_facts, take_waiting
from streetwise.kernel.breath import breathing
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.search import bigrams
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository
from streetwise.resolve.category import shipped_rules
from streetwise.resolve.deadlines import Step, deadline
from streetwise.resolve.knowledge import AreaKnowledge, Knowledge, know
from streetwise.resolve.loop import CLOSED, RECEIVED
from streetwise.resolve.orders.actions import take_orders
from streetwise.resolve.place import NamedPlace
from streetwise.resolve.tables import Case, Note

declare(
    {
        "case.opened": "A case was opened from a signal; data: number, to (its state), version.",
        "case.joined": "Further signals joined a case; data: signals, why; priority where"
        " that was raised.",
    }
)

TITLE_CHARACTERS = 40
CASE_GRADE = 2


@dataclass
class Outcome:
    """What a batch came to: new cases, joined signals, entries. ``urgent``: old cases that an
    officer found urgent.
    """

    cases: list[dict[str, Any]] = field(default_factory=list)
    links: list[tuple[Any, ...]] = field(default_factory=list)
    joined: Counter[UUID] = field(default_factory=Counter)
    why_joined: dict[UUID, str] = field(default_factory=dict)
    urgent: set[UUID] = field(default_factory=set)
    notes: list[Note] = field(default_factory=list)
    orders: list[tuple[SignalFacts, UUID]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Choice:
    """What an officer has said about a signal, which then is not guessed.

    ``case_id``: the case that it joins (None: a new one). ``category``: scheme and code.
    """

    case_id: UUID | None = None
    category: tuple[str, str] | None = None
    place: NamedPlace | None = None
    urgent: bool = False


async def triage(uow: UnitOfWork, viewer: Viewer, limit: int) -> int:
    """Give up to ``limit`` waiting signals their case; how many there were."""
    viewer.require("*")
    await repository.lock_triage(uow.session)
    ids = await take_waiting(uow.session, viewer, limit)
    if ids:
        await assign(uow, viewer, ids, {}, by=viewer)
    return len(ids)


async def assign(
    uow: UnitOfWork,
    viewer: Viewer,
    ids: Sequence[UUID],
    choices: Mapping[UUID, Choice],
    *,
    by: Viewer,
) -> Outcome:
    """Give these signals their case. ``by``: who the journal will name."""
    viewer.require("*")
    signals = await signal_facts(uow.session, viewer, ids)
    knowledge = await know(uow.session, viewer, {signal.area for signal in signals})
    outcome = await _decide(uow, viewer, signals, knowledge, choices)
    new = {row["id"]: row for row in outcome.cases}
    # All at once, in the order of their ids, and before their orders: as whoever acts does.
    known = await repository.lock_cases(
        uow.session, viewer, {link[1] for link in outcome.links} - set(new)
    )
    await _number(uow.session, outcome.cases, knowledge)
    connection = await uow.raw()
    await repository.insert_cases(connection, outcome.cases)
    await repository.insert_case_signals(connection, outcome.links)
    await repository.add_voices(uow.session, outcome.joined)
    uow.session.add_all(outcome.notes)
    _record(uow, by, outcome, known)
    if outcome.orders:
        await take_orders(uow, viewer, outcome.orders, known, new)
    return outcome


async def _decide(
    uow: UnitOfWork,
    viewer: Viewer,
    signals: Sequence[SignalFacts],
    knowledge: Knowledge,
    choices: Mapping[UUID, Choice],
) -> Outcome:
    """Join or open, in the order in which the signals came."""
    case_of = await repository.cases_of_signals(
        uow.session, viewer, {signal.refers_to for signal in signals if signal.refers_to}
    )
    same_text = await repository.open_cases_with_text(
        uow.session, viewer, {signal.text_hash for signal in signals if signal.text_hash}
    )
    grid_of = _grids(signals, knowledge)
    outcome = Outcome()
    async for signal in breathing(signals):
        choice = choices.get(signal.id)
        if choice is not None:
            case_id, why = choice.case_id, "operator"
        else:
            case_id, why = _known_case(signal, case_of, same_text)
        if case_id is None:
            row = _open(signal, knowledge, grid_of.get(signal.id), uow.now, choice)
            outcome.cases.append(row)
            case_id, why = row["id"], "opened"
            if signal.text_hash and row["state"] != CLOSED:
                same_text[signal.area, signal.text_hash] = case_id
        elif signal.upstream is None or why != "same_upstream_item":
            # What upstream says further of an order is nobody else's voice.
            outcome.joined[case_id] += 1
            outcome.why_joined[case_id] = why
            if choice is not None and choice.urgent:
                outcome.urgent.add(case_id)
        case_of[signal.id] = case_id
        outcome.links.append((signal.id, case_id, why, uow.now, signal.text_hash))
        if signal.upstream is not None:
            outcome.orders.append((signal, case_id))
        if signal.reply:
            outcome.notes.append(_reply_note(signal, case_id))
    return outcome


def _grids(signals: Sequence[SignalFacts], knowledge: Knowledge) -> dict[UUID, UUID]:
    """signal → grid of its point; all points of an area at once, which costs as much as one."""
    found: dict[UUID, UUID] = {}
    for area in knowledge.areas.values():
        here = [signal for signal in signals if signal.area == area.code]
        points = [
            (signal.id, signal.lon, signal.lat)
            for signal in here
            if signal.lon is not None and signal.lat is not None
        ]
        if points:
            ids, lons, lats = zip(*points, strict=True)
            within = area.grids.locate(lons, lats)
            inside = [(one, at) for one, at in zip(ids, within, strict=True) if at >= 0]
            found.update((one, area.grids.ids[at]) for one, at in inside)
    return found


def _known_case(
    signal: SignalFacts,
    case_of: dict[UUID, UUID],
    same_text: dict[tuple[str, bytes], UUID],
) -> tuple[UUID | None, str]:
    if signal.refers_to and signal.refers_to in case_of:
        return case_of[signal.refers_to], "same_upstream_item"
    if signal.text_hash and (signal.area, signal.text_hash) in same_text:
        return same_text[signal.area, signal.text_hash], "same_text"
    return None, ""


def _reply_note(signal: SignalFacts, case_id: UUID) -> Note:
    return Note(
        id=new_id(),
        case_id=case_id,
        kind="upstream_reply",
        text=signal.reply or "",
        author=f"source:{signal.source_code}",
        written_at=signal.replied_at or signal.received_at,
    )


def _open(
    signal: SignalFacts,
    knowledge: Knowledge,
    grid_id: UUID | None,
    now: datetime,
    choice: Choice | None,
) -> dict[str, Any]:
    """A new case's row, but for its number. ``grid_id``: where the reported point lies."""
    area = knowledge.areas[signal.area]
    category = _category(signal, knowledge, choice.category if choice else None)
    place = _place(signal, area, grid_id, choice)
    title = signal.title or _beginning(signal.text) or signal.upstream_category or "—"
    opened_at = signal.reported_at if signal.clock_starts == "reported" else now
    due_at, due_why = _due(signal, category, knowledge, area, opened_at)
    return {
        "id": new_id(),
        "number": "",
        "version": 1,
        "area": signal.area,
        "state": CLOSED if signal.closed_at else RECEIVED,
        "nature": "problem",
        "title": title,
        **category,
        **place,
        "unit_id": None,
        "priority": "high" if choice and choice.urgent else "normal",
        "opened_at": opened_at,
        "due_at": due_at,
        "due_why": due_why,
        # What was closed upstream before it came here is history, not work.
        "closed_at": signal.closed_at,
        "reported_by": None,
        "reported_for": None,
        "voices": 1,
        "photos": 0,
        "reworked": 0,
        "grade": CASE_GRADE,
        "order_attention": None,
        "search": [],
    }


def _beginning(text: str | None) -> str | None:
    if not text:
        return None
    line = " ".join(text.split())
    return line if len(line) <= TITLE_CHARACTERS else line[: TITLE_CHARACTERS - 1] + "…"


def _category(
    signal: SignalFacts, knowledge: Knowledge, chosen: tuple[str, str] | None
) -> dict[str, Any]:
    """What an officer chose, else upstream's own, else the keyword rules' guess, else none."""
    picked = knowledge.classes.get(chosen) if chosen else None
    if picked is not None:
        return {
            "category_scheme": picked.scheme,
            "category_version": picked.version,
            "category_code": picked.code,
            "category_condition": None,
            "category_why": {"code": "category_operator", "params": {}},
        }
    if signal.upstream_category and signal.category_scheme:
        return {
            "category_scheme": signal.category_scheme,
            "category_version": signal.category_version,
            "category_code": signal.upstream_category,
            "category_condition": None,
            "category_why": {"code": "category_upstream", "params": {"source": signal.source_name}},
        }
    guess = shipped_rules().guess(signal.title, signal.text)
    cls = knowledge.classes.get((guess.scheme, guess.code)) if guess else None
    if guess is None or cls is None:
        return dict.fromkeys(
            (
                "category_scheme",
                "category_version",
                "category_code",
                "category_condition",
                "category_why",
            )
        )
    return {
        "category_scheme": cls.scheme,
        "category_version": cls.version,
        "category_code": cls.code,
        "category_condition": None,
        "category_why": {"code": "category_keywords", "params": {"words": list(guess.words)}},
    }


def _place(
    signal: SignalFacts, area: AreaKnowledge, grid_id: UUID | None, choice: Choice | None
) -> dict[str, Any]:
    """The reported point where there is one, else a name of the gazetteer, else unknown."""
    if choice is not None and choice.place is not None:
        found = choice.place
        return {
            "place_text": signal.place_text or found.name,
            "place_why": {"code": "place_operator", "params": {"words": found.name}},
            "lon": found.lon,
            "lat": found.lat,
            "grid_id": found.grid_id,
            "community_id": area.community_of.get(found.grid_id) if found.grid_id else None,
        }
    guess = area.gazetteer.find(signal.place_text, signal.title, signal.text)
    why: dict[str, Any] | None = None
    lon, lat = signal.lon, signal.lat
    if lon is not None and lat is not None:
        why = {"code": "place_point", "params": {}}
    elif guess is not None:
        lon, lat, grid_id = guess.place.lon, guess.place.lat, guess.place.grid_id
        why = {"code": "place_name", "params": {"words": guess.matched}}
    return {
        "place_text": signal.place_text or (guess.place.name if guess else None),
        "place_why": why,
        "lon": lon,
        "lat": lat,
        "grid_id": grid_id,
        "community_id": area.community_of.get(grid_id) if grid_id else None,
    }


def _due(
    signal: SignalFacts,
    category: dict[str, Any],
    knowledge: Knowledge,
    area: AreaKnowledge,
    opened_at: datetime,
) -> tuple[datetime | None, list[dict[str, Any]]]:
    """Upstream's own deadline, else the limit of the class, else none."""
    if signal.due_at is not None:
        return signal.due_at, _steps([Step("given_upstream", {"source": signal.source_name})])
    cls = knowledge.classes.get((category["category_scheme"], category["category_code"]))
    limits = cls.limits if cls else ()
    if not limits:
        return None, _steps([Step("no_limit_known", {})])
    # Which condition it is shows on the spot: until somebody says, the strictest limit counts
    # (a missing cover must not wait like a rattling one) and the screen says that it is that.
    answers = [deadline(opened_at, limit, area.calendar) for limit in limits]
    strictest = min(answers, key=lambda answer: answer.at)
    steps = list(strictest.why)
    if len({answer.at for answer in answers}) > 1:
        steps.append(Step("condition_unknown", {"conditions": len(limits)}))
    return strictest.at, _steps(steps)


def _steps(steps: Sequence[Step]) -> list[dict[str, Any]]:
    return [{"code": step.code, "params": step.params} for step in steps]


async def _number(session: AsyncSession, cases: list[dict[str, Any]], knowledge: Knowledge) -> None:
    """Numbers that people can say: day and count, by area."""
    by_day: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in cases:
        area = knowledge.areas[row["area"]]
        day = row["opened_at"].astimezone(area.zone).strftime("%Y%m%d")
        by_day.setdefault((row["area"], day), []).append(row)
    first = await repository.next_numbers(
        session, {f"{code}:{day}": len(rows) for (code, day), rows in by_day.items()}
    )
    for (code, day), rows in by_day.items():
        prefix = knowledge.areas[code].prefix
        for number, row in enumerate(rows, start=first[f"{code}:{day}"]):
            row["number"] = f"{prefix}{day}-{number:04d}"
            row["search"] = bigrams(row["number"], row["title"], row["place_text"])


def _record(uow: UnitOfWork, by: Viewer, outcome: Outcome, known: Mapping[UUID, Case]) -> None:
    for row in outcome.cases:
        community = row["community_id"]
        uow.record(
            Entry(
                by.actor,
                "case.opened",
                "case",
                row["id"],
                area=row["area"],
                units=[community] if community else [],
                grade=row["grade"],
                data={"to": row["state"], "version": 1, "number": row["number"]},
            )
        )
    # A new case that more signals of this batch joined has no row to read yet.
    new = {row["id"]: row for row in outcome.cases}
    for case_id, count in sorted(outcome.joined.items()):
        case = known.get(case_id)
        area = case.area if case else new[case_id]["area"]
        grade = case.grade if case else new[case_id]["grade"]
        units = [case.unit_id, case.community_id] if case else [new[case_id]["community_id"]]
        data: dict[str, Any] = {"signals": count, "why": outcome.why_joined[case_id]}
        if case is not None and case_id in outcome.urgent and case.priority != "high":
            case.priority = data["priority"] = "high"
        uow.record(
            Entry(
                by.actor,
                "case.joined",
                "case",
                case_id,
                area=area,
                units=[unit for unit in units if unit],
                grade=grade,
                data=data,
            )
        )
