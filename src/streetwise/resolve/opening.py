"""What a new case is: title, class, place, deadline and number, from what was understood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.gather import SignalFacts
from streetwise.kernel.ids import new_id
from streetwise.kernel.search import bigrams
from streetwise.resolve import repository
from streetwise.resolve.clocks.rules import level_limit
from streetwise.resolve.deadlines import Limit, Step, WorkCalendar, deadline
from streetwise.resolve.hazards.rules import rules as hazard_rules
from streetwise.resolve.knowledge import AreaKnowledge, Knowledge, KnownClass
from streetwise.resolve.loop import CLOSED, RECEIVED
from streetwise.resolve.natures.loop import BEGINS
from streetwise.resolve.place import NamedPlace
from streetwise.resolve.tables import NOTHING_HAPPENED
from streetwise.resolve.understanding import Understood

TITLE_CHARACTERS = 40
CASE_GRADE = 2
#: What the engines may be unsure of; each asks for a decision at the triage desk.
CATEGORY, PLACE, SAME, AGAIN = "category", "place", "merge", "again"

_NO_CATEGORY = dict.fromkeys(
    (
        "category_scheme",
        "category_version",
        "category_code",
        "category_condition",
        "category_why",
        "category_ranked",
    )
)


@dataclass(frozen=True, slots=True)
class Choice:
    """What an officer has said about a signal, which then is not guessed.

    ``case_id``: the case that it joins (None: a new one). ``category``: scheme and code.
    """

    case_id: UUID | None = None
    category: tuple[str, str] | None = None
    place: NamedPlace | None = None
    urgent: bool = False


def case_row(
    signal: SignalFacts,
    understood: Understood,
    knowledge: Knowledge,
    now: datetime,
    choice: Choice | None = None,
) -> dict[str, Any]:
    """A new case's row, but for its number."""
    area = knowledge.areas[signal.area]
    category, category_doubt = category_of(
        signal, understood, knowledge, choice.category if choice else None
    )
    place, place_doubt = place_of(signal, understood, area, choice.place if choice else None)
    opened_at = signal.reported_at if signal.clock_starts == "reported" else now
    by_order = has_own_deadline(signal)
    due_at, due_why, limit = (
        due_of_order(signal)
        if by_order
        else due_of(signal, category, knowledge, area, opened_at, None)
    )
    urgent = (choice is not None and choice.urgent) or understood.urgent_why is not None
    closed = signal.closed_at is not None
    # What is closed upstream asks for nothing.
    doubts = [] if closed else [*category_doubt, *place_doubt]
    return {
        "id": new_id(),
        "number": "",
        "version": 1,
        "area": signal.area,
        "state": CLOSED if closed else RECEIVED,
        **nature_of(understood, closed=closed),
        "title": _title(signal, understood),
        **category,
        **place,
        "unit_id": None,
        "priority": "high" if urgent else "normal",
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
        "parent_id": None,
        "merged_into": None,
        "doubts": doubts,
        "urgent_why": understood.urgent_why,
        "matter": list(understood.matter) or None,
        "search": [],
        **NOTHING_HAPPENED,
        "clock_scheme": category["category_scheme"] if limit else None,
        # No columns: what its clocks are made of, and what is known of it as a hazard.
        "limit": limit,
        "by_order": by_order,
        "hazard": _hazard(signal, understood, category),
    }


def _hazard(
    signal: SignalFacts, understood: Understood, category: Mapping[str, Any]
) -> dict[str, Any]:
    """Of which kind it is by its words and its class, should it be one; how it was found."""
    known = hazard_rules()
    words = understood.part or f"{signal.title or ''} {signal.text or ''}"
    cls = f"{category['category_scheme']}:{category['category_code']}"
    return {"kind": known.kind_of(words, cls), "found_how": known.way_of(signal.channel)}


def nature_of(understood: Understood, *, closed: bool) -> dict[str, Any]:
    """(columns) what it is, how sure, by which words; a hazard or a dispute begins its own loop,
    but where it was closed before it came here.
    """
    found = understood.nature
    params = {"words": list(found.words), "confidence": found.confidence}
    return {
        "nature": found.nature,
        "nature_why": {"code": "nature_words", "params": params},
        "nature_state": None if closed else BEGINS.get(found.nature),
    }


def _title(signal: SignalFacts, understood: Understood) -> str:
    if understood.part is not None:
        return _beginning(understood.part) or signal.title or "—"
    return signal.title or _beginning(signal.text) or signal.upstream_category or "—"


def _beginning(text: str | None) -> str | None:
    if not text:
        return None
    line = " ".join(text.split())
    return line if len(line) <= TITLE_CHARACTERS else line[: TITLE_CHARACTERS - 1] + "…"


def category_of(
    signal: SignalFacts,
    understood: Understood,
    knowledge: Knowledge,
    chosen: tuple[str, str] | None,
) -> tuple[dict[str, Any], list[str]]:
    """What an officer chose, else upstream's own, else the classifier's where it is sure.

    (columns, doubts). Unsure, a case has no class, and the three likeliest are offered.
    """
    picked = knowledge.classes.get(chosen) if chosen else None
    if picked is not None:
        why = {"code": "category_operator", "params": {}}
        return _class(picked.scheme, picked.version, picked.code, why, None), []
    if signal.upstream_category and signal.category_scheme:
        why = {"code": "category_upstream", "params": {"source": signal.source_name}}
        return (
            _class(
                signal.category_scheme,
                signal.category_version,
                signal.upstream_category,
                why,
                None,
            ),
            [],
        )
    guess = understood.category
    ranked = [
        {"scheme": one.cls[0], "code": one.cls[1], "confidence": round(one.confidence, 3)}
        for one in guess.ranked
    ]
    best = guess.ranked[0] if guess.ranked else None
    cls = knowledge.classes.get(best.cls) if best else None
    if best is None or cls is None or not guess.sure:
        return {**_NO_CATEGORY, "category_ranked": ranked or None}, [CATEGORY]
    why = {
        "code": "category_learned",
        "params": {"words": list(best.words), "confidence": round(best.confidence, 2)},
    }
    return _class(cls.scheme, cls.version, cls.code, why, ranked), []


def _class(
    scheme: str | None, version: str | None, code: str, why: dict[str, Any], ranked: Any
) -> dict[str, Any]:
    return {
        "category_scheme": scheme,
        "category_version": version,
        "category_code": code,
        "category_condition": None,
        "category_why": why,
        "category_ranked": ranked,
    }


def place_of(
    signal: SignalFacts, understood: Understood, area: AreaKnowledge, chosen: NamedPlace | None
) -> tuple[dict[str, Any], list[str]]:
    """The officer's place, else the reported point, else what the text names, else unknown.

    (columns, doubts).
    """
    if chosen is not None:
        why = {"code": "place_operator", "params": {"words": chosen.name}}
        name = signal.place_text or chosen.name
        return _where(area, name, why, chosen.lon, chosen.lat, chosen.grid_id), []
    found = understood.place
    return (
        _where(
            area,
            signal.place_text or found.name,
            found.why,
            found.lon,
            found.lat,
            found.grid_id,
            [
                {
                    "code": one.place.code,
                    "name": one.label,
                    "lon": one.lon,
                    "lat": one.lat,
                    "confidence": round(one.confidence, 3),
                }
                for one in found.candidates
            ]
            or None,
        ),
        [PLACE] if found.doubtful else [],
    )


def _where(
    area: AreaKnowledge,
    name: str | None,
    why: dict[str, Any] | None,
    lon: float | None,
    lat: float | None,
    grid_id: UUID | None,
    ranked: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    return {
        "place_text": name,
        "place_why": why,
        "place_ranked": ranked,
        "lon": lon,
        "lat": lat,
        "grid_id": grid_id,
        "community_id": area.community_of.get(grid_id) if grid_id else None,
    }


Due = tuple[datetime | None, list[dict[str, Any]], Limit | None]


def has_own_deadline(signal: SignalFacts) -> bool:
    """Whether a signal brings a work order that says when it is to be done: that binds its case,
    and no limit of our own.
    """
    if signal.upstream is None:
        return False
    level = level_limit(signal.upstream["scheme"], signal.upstream.get("grade"))
    return signal.due_at is not None or level is not None


def due_of_order(signal: SignalFacts) -> Due:
    """(as upstream gave it, why, no limit of our own)."""
    if signal.due_at is None:
        return None, _steps([Step("no_limit_known", {})]), None
    step = Step("given_upstream", {"source": signal.source_name})
    return signal.due_at, _steps([step]), None


def due_of(
    signal: SignalFacts,
    category: Mapping[str, Any],
    knowledge: Knowledge,
    area: AreaKnowledge,
    opened_at: datetime,
    condition: str | None,
) -> Due:
    """(when, why, by what limit): upstream's own deadline, else the limit of the condition, else
    the strictest of the class, else none.
    """
    if signal.due_at is not None:
        return due_of_order(signal)
    cls = knowledge.classes.get((category["category_scheme"], category["category_code"]))
    limit, unsure = limit_of(cls, condition, area.calendar, opened_at)
    if limit is None:
        return None, _steps([Step("no_limit_known", {})]), None
    answer = deadline(opened_at, limit, area.calendar)
    return answer.at, _steps([*answer.why, *unsure]), limit


def limit_of(
    cls: KnownClass | None, condition: str | None, calendar: WorkCalendar, start: datetime
) -> tuple[Limit | None, list[Step]]:
    """(the limit of a condition of a class, what is to be said of it).

    Which condition it is shows on the spot: until somebody says, the strictest limit counts (a
    missing cover must not wait like a rattling one) and the screen says that it is that.
    """
    if cls is None:
        return None, []
    if condition is not None and condition in cls.conditions:
        words = Step("by_condition", {"condition": cls.conditions[condition].text})
        return cls.conditions[condition].limit, [words]
    if not cls.limits:
        return None, []
    answers = [(deadline(start, limit, calendar).at, limit) for limit in cls.limits]
    strictest = min(answers, key=lambda answer: answer[0])[1]
    several = len({at for at, _ in answers}) > 1
    return strictest, [
        Step("condition_unknown", {"conditions": len(cls.limits)})
    ] if several else []


def _steps(steps: Sequence[Step]) -> list[dict[str, Any]]:
    return [{"code": step.code, "params": step.params} for step in steps]


async def give_numbers(
    session: AsyncSession, cases: Sequence[dict[str, Any]], knowledge: Knowledge
) -> None:
    """Numbers that people can say: day and count, by area; and the words of search."""
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
