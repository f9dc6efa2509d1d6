"""Routes of the telephone form."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel.access import needs
from streetwise.kernel.search import bigrams
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import lists
from streetwise.resolve import repository as cases
from streetwise.resolve.knowledge import AreaKnowledge, know_area
from streetwise.resolve.learning.classifier import classifier
from streetwise.resolve.phone import actions, repository
from streetwise.resolve.phone.known import Call, rank
from streetwise.resolve.phone.schemas import (
    CallForm,
    CategoryHint,
    Hints,
    HintsForm,
    KnownCase,
    PlaceHint,
    Registered,
)

router = APIRouter(tags=["phone"], route_class=ShownRoute)

Current = Annotated[Deps, Depends(current)]

#: Places that are offered for what was typed.
PLACES_SUGGESTED = 6


@router.post("/signals/phone/hints", openapi_extra=needs("signal.register"))
async def hints(deps: Current, form: HintsForm) -> Hints:
    """While somebody types: places, a category, and open cases that may be the same."""
    viewer = deps.viewer
    viewer.require("signal.register")
    async with deps.runtime.database.read(viewer) as session:
        area = await know_area(session, viewer, form.area)
        category = await _category(session, form.text)
        return Hints(
            places=await _places(session, viewer, area, form.place),
            category=category,
            known=await _known(session, deps, area, form, category),
        )


async def _category(session: AsyncSession, typed: str) -> CategoryHint | None:
    """The class that the words speak for, where the engine is sure of one."""
    if not typed.strip():
        return None
    (guess,) = (await classifier(session, at_once=False)).guess([(None, typed)])
    if not guess.sure:
        return None
    best = guess.ranked[0]
    return CategoryHint(scheme=best.cls[0], code=best.cls[1], words=list(best.words))


async def _places(
    session: AsyncSession, viewer: Viewer, area: AreaKnowledge, typed: str
) -> list[PlaceHint]:
    found = area.index.find(typed, PLACES_SUGGESTED)
    if not found:
        return []
    units = {unit.id: unit.name for unit in await directory.units(session, viewer)}
    hints = []
    for one in found:
        grid = one.place.grid_id
        community = area.community_of.get(grid) if grid else None
        hints.append(
            PlaceHint(
                code=one.place.code,
                label=one.label,
                kind=one.place.kind,
                grid=area.grid_names.get(grid) if grid else None,
                community=units.get(community) if community else None,
            )
        )
    return hints


async def _known(
    session: AsyncSession,
    deps: Deps,
    area: AreaKnowledge,
    form: HintsForm,
    guess: CategoryHint | None,
) -> list[KnownCase]:
    viewer, settings = deps.viewer, deps.runtime.settings
    if not viewer.may("case.read"):
        return []
    since = deps.runtime.database.clock.now() - timedelta(days=settings.phone_known_days)
    place = area.index.by_code(form.place_code) if form.place_code else None
    point = (place.lon, place.lat) if place else None
    words = f"{form.text} {form.place}"
    found = await repository.with_words(session, viewer, area.code, bigrams(form.text), since)
    if point is not None:
        metres = settings.phone_known_metres
        found += await repository.near(session, viewer, area.code, point, metres, since)
    scheme, _, code = (form.category or "").partition(":")
    cls = (scheme, code) if code else (guess.scheme, guess.code) if guess else None
    once = {one.id: one for one in found}
    likely = rank(Call(words, point, cls), once.values(), settings.phone_known_metres)
    rows = {
        row.case.id: row.case
        for row in await lists.by_ids(session, viewer, [one.id for one in likely])
    }
    return [
        KnownCase(
            id=case.id,
            number=case.number,
            title=case.title,
            state=case.state,
            place_text=case.place_text,
            opened_at=case.opened_at,
            voices=case.voices,
            metres=None if one.metres is None else round(one.metres),
            why=list(one.why),
        )
        for one in likely
        if (case := rows.get(one.id)) is not None
    ]


@router.post("/signals/phone", openapi_extra=needs("signal.register"), status_code=201)
async def register_call(deps: Current, form: CallForm) -> Registered:
    """Store a call and give it its case; the answer is what to say to the caller."""
    viewer = deps.viewer
    viewer.require("signal.register")
    async with deps.runtime.database.read(viewer) as session:
        area = await know_area(session, viewer, form.area)
    async with deps.runtime.database.unit_of_work(Viewer.system("phone")) as uow:
        done = await actions.register(uow, viewer, deps.runtime.keys, area, form)
    async with deps.runtime.database.read(viewer) as session:
        seen = await cases.seen(session, viewer, done.case_id)
    return Registered(case_id=done.case_id, number=done.number, joined=done.joined, visible=seen)
