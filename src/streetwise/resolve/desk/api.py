"""Routes of the triage desk, of merges, and of corrections that teach."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response

from streetwise.directory import repository as directory
from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel.access import needs
from streetwise.kernel.database import UnitOfWork, looking_as
from streetwise.kernel.errors import Invalid
from streetwise.kernel.if_match import version_of
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import lists, views
from streetwise.resolve import repository as cases
from streetwise.resolve.clocks.schemas import ConditionView
from streetwise.resolve.clocks.views import conditions_of
from streetwise.resolve.desk import actions as desk_actions
from streetwise.resolve.desk import repository
from streetwise.resolve.desk.schemas import (
    AsideView,
    CauseForm,
    CorrectForm,
    DeskItem,
    DeskView,
    LearnedNight,
    LearningView,
    MergeForm,
    MergeReview,
    Opened,
    ParentForm,
    SeparateForm,
    Understanding,
)
from streetwise.resolve.desk.views import (
    case_refs,
    cases_of,
    cause_view,
    first_voices,
    join_views,
    offer_view,
    understandings,
)
from streetwise.resolve.inputs import Item
from streetwise.resolve.knowledge import know
from streetwise.resolve.learning import actions as learning
from streetwise.resolve.learning import repository as lessons
from streetwise.resolve.learning.classifier import KIND
from streetwise.resolve.merging import actions as merging
from streetwise.resolve.merging import cause_repository as causes_sql
from streetwise.resolve.merging import offer_repository as offers_sql
from streetwise.resolve.merging import repository as merges
from streetwise.resolve.merging.causes import accept_cause, refuse_cause, undo_cause
from streetwise.resolve.merging.coming_back import take_offer
from streetwise.resolve.merging.hanging import hang
from streetwise.resolve.merging.separate import separate
from streetwise.resolve.schemas import StepView
from streetwise.resolve.tables import Case
from streetwise.resolve.views import signal_view
from streetwise.resolve.words import Count

router = APIRouter(tags=["desk"], route_class=ShownRoute)

Current = Annotated[Deps, Depends(current)]
IfMatch = Annotated[str | None, Header()]
Area = Annotated[str | None, Query(max_length=100)]

SYSTEM = Viewer.system("desk")
DESK_MOST, REVIEW_MOST = 50, 100
#: How far back the review of merges looks.
REVIEW_DAYS = 14


@router.get("/desk", openapi_extra=needs("case.correct"))
async def desk(
    deps: Current,
    area: Area = None,
    limit: Annotated[int, Query(ge=0, le=DESK_MOST)] = DESK_MOST,
) -> DeskView:
    """What the engines were unsure of, and messages that are no case: the next decisions.

    ``limit`` 0 gives the counts alone.
    """
    viewer = deps.viewer
    viewer.require("case.correct")
    now = deps.runtime.database.clock.now()
    soon = timedelta(hours=deps.runtime.settings.due_soon_hours)
    async with deps.runtime.database.read(viewer) as session:
        here = (await directory.area(session, viewer, area)).code
        ids = await repository.doubted(session, viewer, here, limit)
        rows = await lists.by_ids(session, viewer, ids)
        found = await cases.cases_by_id(session, viewer, ids)
        known = await understandings(session, viewer, list(found.values()))
        first = await repository.first_signals(session, viewer, ids)
        voices = await first_voices(session, viewer, first)
        asides = await repository.asides(session, viewer, here, limit)
        messages = await first_voices(
            session, viewer, {one.signal_id: one.signal_id for one in asides}
        )
        count = await repository.count_doubted(session, viewer, here)
        asides_count = await repository.count_asides(session, viewer, here)
    return DeskView(
        now=now,
        items=[
            DeskItem(
                case=views.case_row(row, now, soon),
                signal=signal_view(voices[row.case.id]) if row.case.id in voices else None,
                understanding=known[row.case.id],
            )
            for row in rows
        ],
        count=Count(value=count[0], exact=count[1]),
        asides=[
            AsideView(
                kind=one.kind,
                why=[StepView(**step) for step in one.why],
                made_at=one.made_at,
                signal=signal_view(messages[one.signal_id]),
            )
            for one in asides
            if one.signal_id in messages
        ],
        asides_count=Count(value=asides_count[0], exact=asides_count[1]),
    )


@router.get("/merges", openapi_extra=needs("case.read"))
async def review(deps: Current, area: Area = None) -> MergeReview:
    """What was merged lately by itself, each with its reason, and what is offered."""
    viewer = deps.viewer
    viewer.require("case.read")
    since = deps.runtime.database.clock.now() - timedelta(days=REVIEW_DAYS)
    async with deps.runtime.database.read(viewer) as session:
        here = (await directory.area(session, viewer, area)).code
        links = await merges.joined_lately(session, viewer, here, since, REVIEW_MOST)
        first = await repository.first_signals(session, viewer, {link.case_id for link in links})
        joins = await join_views(session, viewer, links, first)
        offers = await offers_sql.open_offers(session, viewer, here, REVIEW_MOST)
        causes = await causes_sql.open_offers(session, viewer, here, REVIEW_MOST)
        pairs = {one for offer in offers for one in (offer.case_id, offer.other_id)}
        refs = await case_refs(session, viewer, pairs | cases_of(causes))
    return MergeReview(
        joins=joins,
        offers=[
            view
            for offer in offers
            if offer.case_id in refs and (view := offer_view(offer, None, refs)) is not None
        ],
        causes=[shown for cause in causes if (shown := cause_view(cause, refs)) is not None],
    )


@router.get("/cases/{case_id}/understanding", openapi_extra=needs("case.read", hides=True))
async def understanding(deps: Current, case_id: UUID, response: Response) -> Understanding:
    """Why this class, this place, this priority, these voices; and what waits for a decision."""
    return await _understanding(deps, case_id, response)


def _item(deps: Deps, case_id: UUID, if_match: str | None) -> Item:
    """The version of the case that was decided on, of who may decide."""
    deps.viewer.require("case.correct")
    return Item(case_id, version_of(if_match, "case"))


async def _understanding(deps: Deps, case_id: UUID, response: Response) -> Understanding:
    async with deps.runtime.database.read(deps.viewer) as session:
        case = await cases.case(session, deps.viewer, case_id)
        found = await understandings(session, deps.viewer, [case])
    response.headers["ETag"] = f'"{case.version}"'
    return found[case_id]


@router.get("/desk/conditions", openapi_extra=needs("case.correct"))
async def conditions_of_class(
    deps: Current, category: Annotated[str, Query(max_length=200)]
) -> list[ConditionView]:
    """The conditions that a class (scheme:code) knows: which of them it is decides the limit."""
    deps.viewer.require("case.correct")
    scheme, _, code = category.partition(":")
    async with deps.runtime.database.read(deps.viewer) as session:
        return await conditions_of(session, deps.viewer, (scheme, code))


@router.post("/cases/{case_id}/correct", openapi_extra=needs("case.correct"))
async def correct_case(
    deps: Current, case_id: UUID, form: CorrectForm, response: Response, if_match: IfMatch = None
) -> Understanding:
    """Say what class a case is of, or where; the engines learn from it at once."""
    item = _item(deps, case_id, if_match)
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        case = await cases.case(uow.session, deps.viewer, case_id)
        async with looking_as(uow.session, SYSTEM):
            knowledge = await know(uow.session, SYSTEM, {case.area})
        place = None
        if form.place is not None:
            place = knowledge.areas[case.area].index.by_code(form.place)
            if place is None:
                raise Invalid("There is no such place; choose it again.", code="place_unknown")
        scheme, _, code = (form.category or "").partition(":")
        said = learning.Correction(
            category=(scheme, code) if form.category else None,
            place=place,
            point=(form.lon, form.lat) if form.lon is not None and form.lat is not None else None,
            settled=form.settled,
            condition=form.condition,
        )
        await learning.correct(uow, deps.viewer, item, said, knowledge)
    return await _understanding(deps, case_id, response)


@router.post("/cases/{case_id}/merge", openapi_extra=needs("case.correct"))
async def merge_case(
    deps: Current, case_id: UUID, form: MergeForm, if_match: IfMatch = None
) -> Opened:
    """This case is the same as another (并案): its voices and work orders go there."""
    item = _item(deps, case_id, if_match)

    async def do(uow: UnitOfWork) -> Case:
        return (await merging.merge(uow, deps.viewer, item, form.into, []))[1]

    return await _merged(deps, do)


@router.post("/cases/{case_id}/unmerge", openapi_extra=needs("case.correct"))
async def unmerge_case(deps: Current, case_id: UUID, if_match: IfMatch = None) -> Opened:
    """Undo the merge of a case: it is open again with its voices."""
    item = _item(deps, case_id, if_match)

    async def do(uow: UnitOfWork) -> Case:
        return (await merging.unmerge(uow, deps.viewer, item))[0]

    return await _merged(deps, do)


@router.post("/cases/{case_id}/separate", openapi_extra=needs("case.correct"))
async def separate_voice(
    deps: Current, case_id: UUID, form: SeparateForm, if_match: IfMatch = None
) -> Opened:
    """A voice tells of another problem (拆分): it gets a case of its own."""
    item = _item(deps, case_id, if_match)
    async with deps.runtime.database.unit_of_work(SYSTEM) as uow:
        _, new = await separate(uow, deps.viewer, item, form.signal_id, form.part)
    return await _opened(deps, new.id, new.number)


@router.post("/cases/{case_id}/parent", openapi_extra=needs("case.correct"))
async def hang_case(
    deps: Current, case_id: UUID, form: ParentForm, if_match: IfMatch = None
) -> Opened:
    """Hang a case under another with the same cause (一因多案), or take it from there."""
    item = _item(deps, case_id, if_match)

    async def do(uow: UnitOfWork) -> Case:
        return await hang(uow, deps.viewer, item, form.parent)

    return await _merged(deps, do)


@router.post("/merge-offers/{offer_id}/accept", openapi_extra=needs("case.correct"))
async def accept_offer(deps: Current, offer_id: UUID) -> Opened:
    """The two are one problem, one cause, or the old one has come back, as it was offered.

    A case that has come back is opened again and takes the new one in.
    """

    async def do(uow: UnitOfWork) -> Case:
        return await take_offer(uow, deps.viewer, deps.runtime.keys, offer_id)

    return await _merged(deps, do)


@router.post("/merge-offers/{offer_id}/refuse", openapi_extra=needs("case.correct"))
async def refuse_offer(deps: Current, offer_id: UUID) -> Opened:
    """The two are two problems; they are not offered again."""

    async def do(uow: UnitOfWork) -> Case:
        return await merging.refuse(uow, deps.viewer, offer_id)

    return await _merged(deps, do)


@router.post("/cause-offers/{offer_id}/accept", openapi_extra=needs("case.correct"))
async def accept_cause_offer(deps: Current, offer_id: UUID, form: CauseForm) -> Opened:
    """These cases have one cause (一因多案): they hang under one of them, or under a new one."""

    async def do(uow: UnitOfWork) -> Case:
        return await accept_cause(uow, deps.viewer, offer_id, form.parent)

    return await _merged(deps, do, SYSTEM)


@router.post("/cause-offers/{offer_id}/refuse", openapi_extra=needs("case.correct"))
async def refuse_cause_offer(deps: Current, offer_id: UUID) -> Opened:
    """These cases have not one cause; they are not offered as such again."""

    async def do(uow: UnitOfWork) -> Case:
        return await refuse_cause(uow, deps.viewer, offer_id)

    return await _merged(deps, do, SYSTEM)


@router.post("/cause-offers/{offer_id}/undo", openapi_extra=needs("case.correct"))
async def undo_cause_offer(deps: Current, offer_id: UUID) -> Opened:
    """Take the decision on a common cause back; the offer stands again."""

    async def do(uow: UnitOfWork) -> Case:
        return await undo_cause(uow, deps.viewer, offer_id)

    return await _merged(deps, do, SYSTEM)


async def _merged(
    deps: Deps, do: Callable[[UnitOfWork], Awaitable[Case]], by: Viewer | None = None
) -> Opened:
    """``by``: whose unit of work, where the officer may see a part only."""
    deps.viewer.require("case.correct")
    async with deps.runtime.database.unit_of_work(by or deps.viewer) as uow:
        case = await do(uow)
    return await _opened(deps, case.id, case.number)


async def _opened(deps: Deps, case_id: UUID, number: str) -> Opened:
    async with deps.runtime.database.read(deps.viewer) as session:
        seen = await cases.seen(session, deps.viewer, case_id)
    return Opened(id=case_id, number=number, visible=seen)


@router.post("/asides/{signal_id}/settle", openapi_extra=needs("case.correct"), status_code=204)
async def settle_aside(deps: Current, signal_id: UUID) -> None:
    """A message that is no case was read."""
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await desk_actions.settle(uow, deps.viewer, signal_id)


@router.post("/asides/{signal_id}/case", openapi_extra=needs("case.correct"), status_code=201)
async def open_aside(deps: Current, signal_id: UUID) -> Opened:
    """It is a case after all."""
    deps.viewer.require("case.correct")
    async with deps.runtime.database.unit_of_work(SYSTEM) as uow:
        row = await desk_actions.open_case(uow, deps.viewer, signal_id)
    return await _opened(deps, row.case.id, row.case.number)


@router.get("/learning", openapi_extra=needs("case.read"))
async def learned(deps: Current) -> LearningView:
    """What corrections have taught, and how well the classifier does."""
    viewer = deps.viewer
    viewer.require("case.read")
    async with deps.runtime.database.read(viewer) as session:
        nights = await lessons.history(session, viewer, KIND, 14)
        count = await lessons.count(session, viewer)
    return LearningView(
        lessons=count,
        nights=[
            LearnedNight(made_at=row[0], lessons=row[1], figures=_figures(row[2])) for row in nights
        ],
    )


def _figures(stored: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in stored.items() if name != "mark"}
