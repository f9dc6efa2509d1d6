"""Corrections: what an officer says of class and place counts at once, and teaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any
from uuid import UUID

from streetwise.gather import SignalFacts, signal_facts
from streetwise.kernel.database import UnitOfWork, looking_as
from streetwise.kernel.errors import Conflict, Invalid
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository as cases
from streetwise.resolve.actions import require_version
from streetwise.resolve.clocks.actions import Clocks
from streetwise.resolve.inputs import Item
from streetwise.resolve.knowledge import AreaKnowledge, Knowledge
from streetwise.resolve.learning.tables import Lesson
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.merging import repository as merging
from streetwise.resolve.merging.book import corrected
from streetwise.resolve.opening import CATEGORY, PLACE, limit_of
from streetwise.resolve.place import NamedPlace
from streetwise.resolve.tables import Case, units_of

declare(
    {
        "case.corrected": "An officer said of what class a case is, or where, or that it may stay"
        " as it is; data: category, condition, place, settled, version.",
    }
)

CAPABILITY = "case.correct"
SYSTEM = Viewer.system("learning")
#: Voices of one case that teach; a hundred voices of one case are no hundred lessons.
LESSONS_MOST = 10


@dataclass(frozen=True, slots=True)
class Correction:
    """What an officer says. ``category``: scheme and code, also the one it has (then confirmed).

    ``place``: a place of the gazetteer; ``point``: (lon, lat), WGS-84. ``settled``: doubts that
    need no decision: what is there may stay.
    """

    category: tuple[str, str] | None = None
    place: NamedPlace | None = None
    point: tuple[float, float] | None = None
    settled: Sequence[str] = ()
    #: Which of the class's conditions it is (the limit belongs to that), by its code.
    condition: str | None = None


async def correct(
    uow: UnitOfWork, viewer: Viewer, item: Item, said: Correction, knowledge: Knowledge
) -> Case:
    """Correct a case. ``knowledge``: of its area."""
    return (await correct_each(uow, viewer, [(item, said)], knowledge))[0]


async def correct_each(
    uow: UnitOfWork,
    viewer: Viewer,
    each: Sequence[tuple[Item, Correction]],
    knowledge: Knowledge,
) -> list[Case]:
    """Correct cases, each in its own way, all or none; those, in the same order. What is known of
    them is read and written once for all.

    Raises Forbidden, NotFound, Invalid, Conflict, StaleVersion.
    """
    viewer.require(CAPABILITY)
    if not all(s.category or s.condition or s.place or s.point or s.settled for _, s in each):
        raise Invalid(
            "Say what is to be corrected: category, condition, place or settled.", code="no_word"
        )
    held = await cases.lock_cases(uow.session, viewer, [item.id for item, _ in each])
    of = [(_correctable(held, item), said) for item, said in each]
    classed = [case for case, said in of if said.category is not None]
    voices = await _voices(uow, viewer, classed)
    limited = [
        case for case, said in of if (said.category or said.condition) and case.state != CLOSED
    ]
    clocks = await Clocks.of(uow.session, SYSTEM, limited)
    for case, said in of:
        _correct(uow, viewer, case, said, knowledge, voices, clocks)
    await clocks.write(uow)
    await _change_prints(uow, of)
    return [case for case, _ in of]


def _correctable(held: Mapping[UUID, Case], item: Item) -> Case:
    case = held.get(item.id)
    if case is None:
        raise cases.no_such_case(item.id)
    require_version(case, item.version)
    if case.merged_into is not None:
        raise Conflict(
            f"{case.number} was merged; correct the case that it is part of.",
            code="correct_merged",
            number=case.number,
        )
    return case


def _correct(
    uow: UnitOfWork,
    viewer: Viewer,
    case: Case,
    said: Correction,
    knowledge: Knowledge,
    voices: Mapping[UUID, Sequence[SignalFacts]],
    clocks: Clocks,
) -> None:
    data: dict[str, Any] = {}
    done = set(said.settled)
    if said.category is not None:
        _category(uow, case, said.category, knowledge, voices[case.id])
        data["category"] = ":".join(said.category)
        done.add(CATEGORY)
    if said.condition is not None:
        _condition(case, said.condition, knowledge)
        data["condition"] = said.condition
    if (said.category or said.condition) and case.state != CLOSED:
        _limit(case, knowledge, clocks)
    area = knowledge.areas[case.area]
    if said.place is not None or said.point is not None:
        _place(case, said, area)
        data["place"] = said.place.code if said.place else "point"
        done.add(PLACE)
    if said.settled:
        data["settled"] = sorted(said.settled)
    case.doubts = [one for one in case.doubts if one not in done]
    case.version += 1
    uow.record(
        Entry(
            viewer.actor,
            "case.corrected",
            "case",
            case.id,
            area=case.area,
            units=units_of(case),
            grade=case.grade,
            data={**data, "version": case.version},
            drill=viewer.drill,
        )
    )


def _category(
    uow: UnitOfWork,
    case: Case,
    wanted: tuple[str, str],
    knowledge: Knowledge,
    signals: Sequence[SignalFacts],
) -> None:
    cls = knowledge.classes.get(wanted)
    if cls is None:
        raise Invalid(
            f"There is no class '{':'.join(wanted)}'; choose one of the taxonomy.",
            code="class_unknown",
        )
    changed = (case.category_scheme, case.category_code) != wanted
    case.category_scheme, case.category_version, case.category_code = (
        cls.scheme,
        cls.version,
        cls.code,
    )
    case.category_why = {"code": "category_operator", "params": {}}
    if changed:
        case.category_condition = None
    for signal in signals[:LESSONS_MOST]:
        if signal.text or signal.title:
            uow.session.add(
                Lesson(
                    id=new_id(),
                    area=case.area,
                    case_id=case.id,
                    signal_id=signal.id,
                    category_scheme=cls.scheme,
                    category_code=cls.code,
                    said_at=uow.now,
                )
            )


def _condition(case: Case, wanted: str, knowledge: Knowledge) -> None:
    key = (case.category_scheme or "", case.category_code or "")
    cls = knowledge.classes.get(key)
    if cls is None or wanted not in cls.conditions:
        raise Invalid(
            f"There is no condition '{wanted}' of this class; choose one of it.",
            code="condition_unknown",
            condition=wanted,
        )
    case.category_condition = wanted


def _limit(case: Case, knowledge: Knowledge, clocks: Clocks) -> None:
    """When it is due, by the class and the condition that it really is. What upstream wants done
    is upstream's, and stays.
    """
    cls = knowledge.classes.get((case.category_scheme or "", case.category_code or ""))
    calendar = knowledge.areas[case.area].calendar
    limit, unsure = limit_of(cls, case.category_condition, calendar, case.opened_at)
    said = [{"code": step.code, "params": dict(step.params)} for step in unsure]
    clocks.change_limit(case, case.category_scheme, limit, said)


async def _voices(
    uow: UnitOfWork, viewer: Viewer, of: Sequence[Case]
) -> dict[UUID, list[SignalFacts]]:
    """Of each case the signals that tell of it alone, first the first: they are the lessons."""
    whole: dict[UUID, list[UUID]] = {case.id: [] for case in of}
    if not whole:
        return {}
    for link in await merging.links(uow.session, viewer, list(whole)):
        # What upstream says further tells little, and of a message with two problems one is
        # told elsewhere.
        if link.part == 0 and link.why not in ("same_upstream_item", "split"):
            whole[link.case_id].append(link.signal_id)
    teach = {case_id: ids[: LESSONS_MOST * 2] for case_id, ids in whole.items()}
    async with looking_as(uow.session, SYSTEM):
        facts = await signal_facts(uow.session, SYSTEM, sorted(set(chain(*teach.values()))))
    by_id = {fact.id: fact for fact in facts}
    return {case_id: [by_id[one] for one in ids if one in by_id] for case_id, ids in teach.items()}


def _place(case: Case, said: Correction, area: AreaKnowledge) -> None:
    if said.place is not None:
        place = said.place
        case.lon, case.lat, case.grid_id = place.lon, place.lat, place.grid_id
        case.place_text = place.name
        words = place.name
    else:
        assert said.point is not None
        case.lon, case.lat = said.point
        (at,) = area.grids.locate([case.lon], [case.lat])
        case.grid_id = area.grids.ids[at] if at >= 0 else None
        words = ""
    case.place_why = {"code": "place_operator", "params": {"words": words}}
    case.community_id = area.community_of.get(case.grid_id) if case.grid_id else None


async def _change_prints(uow: UnitOfWork, of: Sequence[tuple[Case, Correction]]) -> None:
    """What a new signal is compared with follows the corrections."""
    kept = await merging.prints_of(uow.session, [case.id for case, _ in of])
    changed = []
    for case, said in of:
        if case.id not in kept:
            continue
        moved = said.place is not None or said.point is not None
        point = (case.lon, case.lat) if case.lon is not None and case.lat is not None else None
        changed.append(corrected(kept[case.id], said.category, point if moved else None))
    await merging.put_prints(uow.session, changed)
