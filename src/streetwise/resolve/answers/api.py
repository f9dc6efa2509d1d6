"""Routes of answers."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.gather import signal_facts
from streetwise.kernel.access import needs
from streetwise.kernel.errors import NotFound
from streetwise.kernel.if_match import version_of
from streetwise.resolve import repository as cases
from streetwise.resolve.answers import (
    actions,
    facts,
    letters,
    notices,
    repository,
    similar,
    views,
    voices,
)
from streetwise.resolve.answers.actions import Doing
from streetwise.resolve.answers.schemas import (
    AnswersView,
    CheckForm,
    CheckView,
    DraftForm,
    GiveForm,
    LetterForm,
    NoticeForm,
    PetitionLetter,
    SimilarAnswers,
)
from streetwise.resolve.answers.wording import check
from streetwise.resolve.tables import Case

router = APIRouter(tags=["answers"], route_class=ShownRoute)

Current = Annotated[Deps, Depends(current)]
IfMatch = Annotated[str | None, Header()]


@router.get("/cases/{case_id}/answers", openapi_extra=needs("case.read", hides=True))
async def case_answers(deps: Current, case_id: UUID) -> AnswersView:
    """Who told of this case, how each is answered, by when, and how far that is."""
    async with deps.runtime.database.read(deps.viewer) as session:
        case = await cases.case(session, deps.viewer, case_id)
        return await _view(session, deps, case)


@router.get("/cases/{case_id}/answers/similar", openapi_extra=needs("case.read", hides=True))
async def similar_answers(deps: Current, case_id: UUID) -> SimilarAnswers:
    """Up to five past answers to cases like this one."""
    viewer = deps.viewer
    async with deps.runtime.database.read(viewer) as session:
        case = await cases.case(session, viewer, case_id)
        signals = await signal_facts(
            session, viewer, await cases.signal_ids(session, viewer, case_id)
        )
        past = await repository.past_answers(session, viewer, case.area, case_id)
    cls = None
    if case.category_scheme and case.category_code:
        cls = (case.category_scheme, case.category_code)
    text = signals[0].text if signals else None
    matter = similar.Matter(case.title, text or "", case.place_text, cls)
    return SimilarAnswers(items=[views.similar_view(one) for one in similar.rank(matter, past)])


@router.post("/cases/{case_id}/answers/{signal_id}/check", openapi_extra=needs("order.answer"))
async def check_answer(deps: Current, case_id: UUID, signal_id: UUID, form: CheckForm) -> CheckView:
    """Look at words before they go: personal data of others, and the three marks."""
    viewer = deps.viewer
    viewer.require("order.answer")
    async with deps.runtime.database.read(viewer) as session:
        case = await cases.case(session, viewer, case_id)
        voice = await _voice(session, deps, case, signal_id)
        told = await facts.of_voice(session, viewer, case, voice)
    return views.check_view(form.text, check(form.text, told))


@router.put("/cases/{case_id}/answers/{signal_id}", openapi_extra=needs("order.answer"))
async def save_answer(
    deps: Current, case_id: UUID, signal_id: UUID, form: DraftForm, if_match: IfMatch = None
) -> AnswersView:
    """Keep a draft, masked."""
    return await _save(deps, case_id, signal_id, form, if_match)


@router.delete("/cases/{case_id}/answers/{signal_id}", openapi_extra=needs("order.answer"))
async def withdraw_answer(
    deps: Current, case_id: UUID, signal_id: UUID, if_match: IfMatch = None
) -> AnswersView:
    """Take a draft back."""
    deps.viewer.require("order.answer")
    doing = Doing(case_id, signal_id, version_of(if_match, "answer"))
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await actions.withdraw(uow, deps.viewer, deps.runtime.settings, doing)
    return await _after(deps, case_id, signal_id)


@router.post("/cases/{case_id}/answers/{signal_id}/give", openapi_extra=needs("order.answer"))
async def give_answer(
    deps: Current, case_id: UUID, signal_id: UUID, form: GiveForm, if_match: IfMatch = None
) -> AnswersView:
    """Write down that a voice was answered (答复, 中间答复); a work order is answered with it."""
    return await _give(deps, case_id, signal_id, form, if_match)


@router.post(
    "/cases/{case_id}/answers/{signal_id}/letter",
    openapi_extra=needs("order.answer"),
    status_code=201,
)
async def issue_letter(
    deps: Current, case_id: UUID, signal_id: UUID, form: LetterForm
) -> AnswersView:
    """Make out the letter (答复意见书, 处理意见书) of a petition's answer that was given."""
    deps.viewer.require("order.answer")
    issuing = letters.Issuing(case_id, signal_id, form.kind, form.addressee)
    runtime = deps.runtime
    async with runtime.database.unit_of_work(deps.viewer) as uow:
        await letters.issue(uow, deps.viewer, runtime.keys, runtime.settings, issuing)
    return await _after(deps, case_id, signal_id)


@router.post(
    "/cases/{case_id}/answers/{signal_id}/notice",
    openapi_extra=needs("order.answer"),
    status_code=201,
)
async def issue_notice(
    deps: Current, case_id: UUID, signal_id: UUID, form: NoticeForm
) -> AnswersView:
    """Tell a petitioner in writing: extended (延期), not accepted (不予受理), passed on (转送)."""
    deps.viewer.require("order.answer")
    noticing = notices.Noticing(case_id, signal_id, form.kind, form.addressee, form.text)
    runtime = deps.runtime
    async with runtime.database.unit_of_work(deps.viewer) as uow:
        await notices.issue_notice(uow, deps.viewer, runtime.keys, runtime.settings, noticing)
    return await _after(deps, case_id, signal_id)


@router.get("/cases/{case_id}/letters/{letter_id}", openapi_extra=needs("case.read", hides=True))
async def letter(deps: Current, case_id: UUID, letter_id: UUID) -> PetitionLetter:
    """A letter as it is printed, masked; what stood there is opened in the vault."""
    async with deps.runtime.database.read(deps.viewer) as session:
        found, texts = await repository.letter(session, deps.viewer, case_id, letter_id)
    return views.letter_view(found, texts)


@router.get("/asides/{signal_id}/answer", openapi_extra=needs("order.answer"))
async def aside_answer(deps: Current, signal_id: UUID) -> AnswersView:
    """How the reporter of a signal that is no case (a thanks, a question) is answered."""
    deps.viewer.require("order.answer")
    return await _after(deps, None, signal_id)


@router.put("/asides/{signal_id}/answer", openapi_extra=needs("order.answer"))
async def save_aside_answer(
    deps: Current, signal_id: UUID, form: DraftForm, if_match: IfMatch = None
) -> AnswersView:
    """Keep a draft for a signal that is no case."""
    return await _save(deps, None, signal_id, form, if_match)


@router.post("/asides/{signal_id}/answer/give", openapi_extra=needs("order.answer"))
async def give_aside_answer(
    deps: Current, signal_id: UUID, form: GiveForm, if_match: IfMatch = None
) -> AnswersView:
    """Answer a signal that is no case; that settles it."""
    return await _give(deps, None, signal_id, form, if_match)


async def _save(
    deps: Deps, case_id: UUID | None, signal_id: UUID, form: DraftForm, if_match: str | None
) -> AnswersView:
    deps.viewer.require("order.answer")
    version = version_of(if_match, "answer")
    doing = Doing(case_id, signal_id, version, form.text, machine=form.machine)
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await actions.save(uow, deps.viewer, deps.runtime.keys, deps.runtime.settings, doing)
    return await _after(deps, case_id, signal_id)


async def _give(
    deps: Deps, case_id: UUID | None, signal_id: UUID, form: GiveForm, if_match: str | None
) -> AnswersView:
    deps.viewer.require("order.answer")
    doing = Doing(
        case_id,
        signal_id,
        version_of(if_match, "answer"),
        form.text,
        machine=form.machine,
        interim=form.interim,
        order_version=form.order_version,
    )
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await actions.give(uow, deps.viewer, deps.runtime.keys, deps.runtime.settings, doing)
    return await _after(deps, case_id, signal_id)


async def _after(deps: Deps, case_id: UUID | None, signal_id: UUID) -> AnswersView:
    """How things stand now, of the whole case or of the one signal that is none."""
    viewer, settings = deps.viewer, deps.runtime.settings
    now = deps.runtime.database.clock.now()
    async with deps.runtime.database.read(viewer) as session:
        if case_id is not None:
            return await _view(session, deps, await cases.case(session, viewer, case_id))
        aside = await repository.aside(session, viewer, signal_id)
        voice = await voices.of_aside(session, viewer, signal_id, settings)
        known = await facts.of_area(session, viewer, aside.area)
        return await views.answers_view(session, viewer, None, known, [voice], settings, now)


async def _view(session: AsyncSession, deps: Deps, case: Case) -> AnswersView:
    viewer, settings = deps.viewer, deps.runtime.settings
    now = deps.runtime.database.clock.now()
    told = await voices.of_case(session, viewer, case, settings)
    known = await facts.of_case(session, viewer, case)
    return await views.answers_view(session, viewer, case, known, told, settings, now)


async def _voice(session: AsyncSession, deps: Deps, case: Case, signal_id: UUID) -> voices.Voice:
    for voice in await voices.of_case(session, deps.viewer, case, deps.runtime.settings):
        if voice.signal.id == signal_id:
            return voice
    raise NotFound("This case has no such voice.", id=str(signal_id))
