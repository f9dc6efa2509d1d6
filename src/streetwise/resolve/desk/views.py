"""What was understood of cases, as shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.gather import SignalFacts, signal_facts
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import lists
from streetwise.resolve import repository as cases
from streetwise.resolve.desk.schemas import (
    CaseRef,
    CauseOfferView,
    JoinView,
    LinkView,
    MergeOfferView,
    PlaceOption,
    RankedClass,
    Understanding,
)
from streetwise.resolve.merging import cause_repository as causes_sql
from streetwise.resolve.merging import offer_repository as offers_sql
from streetwise.resolve.merging import repository
from streetwise.resolve.merging.pairs import CAPABILITY
from streetwise.resolve.merging.tables import CauseOffer, MergeOffer
from streetwise.resolve.schemas import StepView
from streetwise.resolve.tables import Case, CaseSignal
from streetwise.resolve.views import signal_view

#: Steps of a reason that are shown, the weightiest first.
STEPS = 6


async def understandings(
    session: AsyncSession, viewer: Viewer, wanted: Sequence[Case]
) -> dict[UUID, Understanding]:
    """What was understood of each of these cases, all at once."""
    ids = [case.id for case in wanted]
    links = await repository.links(session, viewer, ids)
    offers = [
        one
        for one in await offers_sql.offers_of(session, viewer, ids)
        if one.state == repository.OPEN
    ]
    causes = await causes_sql.offers_of(session, viewer, ids)
    merges = await repository.merges_into(session, viewer, ids)
    children = await repository.children_of(session, viewer, ids)
    others = {one.case_id for one in offers} | {one.other_id for one in offers}
    others |= cases_of(causes)
    others |= {one.from_id for one in merges} | {child for child, _ in children}
    others |= {one for case in wanted for one in (case.parent_id, case.merged_into) if one}
    refs = await case_refs(session, viewer, others)
    ranked = {(one["scheme"], one["code"]) for case in wanted for one in case.category_ranked or ()}
    names = await directory.newest_class_names(session, viewer, ranked)
    found = {}
    for case in wanted:
        found[case.id] = Understanding(
            id=case.id,
            version=case.version,
            doubts=case.doubts,
            categories=[
                RankedClass(
                    scheme=one["scheme"],
                    code=one["code"],
                    name=names.get((one["scheme"], one["code"]), one["code"]),
                    confidence=one["confidence"],
                )
                for one in case.category_ranked or ()
            ],
            places=[PlaceOption(**one) for one in case.place_ranked or ()],
            urgent_why=StepView(**case.urgent_why) if case.urgent_why else None,
            matter=[StepView(**one) for one in case.matter or ()],
            links=[link_view(one) for one in links if one.case_id == case.id],
            offers=[
                view
                for one in offers
                if case.id in (one.case_id, one.other_id)
                and (view := offer_view(one, case.id, refs)) is not None
            ],
            causes=[
                shown
                for one in causes
                if case.id in one.members and (shown := cause_view(one, refs)) is not None
            ],
            merged_into=refs.get(case.merged_into) if case.merged_into else None,
            parent=refs.get(case.parent_id) if case.parent_id else None,
            children=_known(refs, [child for child, parent in children if parent == case.id]),
            merged=_known(refs, [one.from_id for one in merges if one.into_id == case.id]),
            may_correct=viewer.may(CAPABILITY),
        )
    return found


def _known(refs: Mapping[UUID, CaseRef], ids: Iterable[UUID]) -> list[CaseRef]:
    return [refs[one] for one in ids if one in refs]


async def case_refs(
    session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]
) -> dict[UUID, CaseRef]:
    """Cases by id, of those that the viewer sees."""
    rows = await lists.by_ids(session, viewer, sorted(set(ids)))
    return {row.case.id: case_ref(row.case) for row in rows}


def case_ref(case: Case) -> CaseRef:
    """A case beside another."""
    return CaseRef(
        id=case.id,
        number=case.number,
        title=case.title,
        state=case.state,
        place_text=case.place_text,
        opened_at=case.opened_at,
        voices=case.voices,
        lon=case.lon,
        lat=case.lat,
    )


def link_view(link: CaseSignal) -> LinkView:
    """Why a voice is with its case."""
    reason: dict[str, Any] = link.reason or {}
    return LinkView(
        signal_id=link.signal_id,
        part=link.part,
        why=link.why,
        joined_at=link.joined_at,
        score=reason.get("score"),
        reasons=[StepView(**step) for step in reason.get("steps", ())[:STEPS]],
    )


def offer_view(
    offer: MergeOffer,
    seen_from: UUID | None,
    refs: Mapping[UUID, CaseRef],
) -> MergeOfferView | None:
    """An offer as one of its cases sees it (None: as a list does); None if one is not seen."""
    mine, other = offer.case_id, offer.other_id
    if seen_from == other:
        mine, other = other, mine
    if other not in refs:
        return None
    return MergeOfferView(
        id=offer.id,
        kind=offer.kind,
        score=offer.score,
        reasons=[StepView(**step) for step in offer.reasons[:STEPS]],
        other=refs[other],
        case=refs.get(mine) if seen_from is None else None,
    )


def cases_of(causes: Iterable[CauseOffer]) -> set[UUID]:
    """The cases that these offers speak of."""
    return {one for offer in causes for one in (*offer.members, offer.parent_id) if one}


def cause_view(offer: CauseOffer, refs: Mapping[UUID, CaseRef]) -> CauseOfferView | None:
    """An offer of a common cause; None where one of its cases is not seen."""
    if not all(one in refs for one in offer.members):
        return None
    return CauseOfferView(
        id=offer.id,
        cases=[refs[one] for one in offer.members],
        parent=refs.get(offer.parent_id) if offer.parent_id else None,
        reasons=[StepView(**step) for step in offer.reasons[:STEPS]],
        made_at=offer.made_at,
    )


async def first_voices(
    session: AsyncSession, viewer: Viewer, first: Mapping[UUID, UUID]
) -> dict[UUID, SignalFacts]:
    """case → its first signal. ``first``: case → signal, of cases that the viewer sees."""
    facts = {fact.id: fact for fact in await signal_facts(session, viewer, set(first.values()))}
    return {case: facts[signal] for case, signal in first.items() if signal in facts}


async def join_views(
    session: AsyncSession,
    viewer: Viewer,
    links: Sequence[CaseSignal],
    first: Mapping[UUID, UUID],
) -> list[JoinView]:
    """What the engine joined, each beside the first voice of its case."""
    found = await cases.cases_by_id(session, viewer, sorted({link.case_id for link in links}))
    voices = await first_voices(session, viewer, first)
    facts = {
        fact.id: fact
        for fact in await signal_facts(session, viewer, {link.signal_id for link in links})
    }
    views = []
    for link in links:
        case, signal = found.get(link.case_id), facts.get(link.signal_id)
        if case is None or signal is None:
            continue
        voice = voices.get(case.id)
        views.append(
            JoinView(
                link=link_view(link),
                signal=signal_view(signal),
                case=case_ref(case),
                version=case.version,
                first=signal_view(voice) if voice else None,
            )
        )
    return views
