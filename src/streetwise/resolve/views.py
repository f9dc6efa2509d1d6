"""From rows to what a screen shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.tables import Unit
from streetwise.gather import CodeName, SignalFacts, SignalView, signal_facts
from streetwise.kernel import journal
from streetwise.kernel.journal import Recorded
from streetwise.kernel.journal_entry import staff_of
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import lists, parties_repository, repository
from streetwise.resolve.deadlines import due_state
from streetwise.resolve.lists import Row
from streetwise.resolve.offers import offers
from streetwise.resolve.orders import repository as orders
from streetwise.resolve.orders.views import order_view
from streetwise.resolve.repository import Title
from streetwise.resolve.schemas import (
    ActorView,
    CaseRow,
    CaseView,
    CategoryView,
    EntryView,
    MapCase,
    NoteView,
    PartyView,
    PhotoView,
    StepView,
    SubjectView,
)
from streetwise.resolve.steps import bounces
from streetwise.resolve.tables import Case, CaseParty, Note, Photo
from streetwise.resolve.verify.actions import distance
from streetwise.resolve.words import Named

TIMELINE_ENTRIES = 1000


def case_row(row: Row, now: datetime, soon: timedelta) -> CaseRow:
    """A line of a list."""
    return CaseRow(**_row_values(row, now, soon))


def _row_values(row: Row, now: datetime, soon: timedelta) -> dict[str, Any]:
    case = row.case
    return {
        "id": case.id,
        "number": case.number,
        "version": case.version,
        "area": case.area,
        "title": case.title,
        "state": case.state,
        "nature": case.nature,
        "category": _category(row),
        "place_text": case.place_text,
        "grid": _named(row.grid),
        "unit": _named(row.unit),
        "community": _named(row.community),
        "opened_at": case.opened_at,
        "due_at": case.due_at,
        "due_state": due_state(case.due_at, case.closed_at, now, soon),
        "closed_at": case.closed_at,
        "voices": case.voices,
        "photos": case.photos,
        "priority": case.priority,
        "order_attention": case.order_attention,
        "returned": case.returned,
        "reopened": case.reopened,
        "bounces": bounces(case),
        "parties_left": case.parties_left,
        "outcome": case.outcome,
    }


def _category(row: Row) -> CategoryView | None:
    case = row.case
    if not (case.category_scheme and case.category_version and case.category_code):
        return None
    return CategoryView(
        scheme=case.category_scheme,
        version=case.category_version,
        code=case.category_code,
        name=row.category_name or case.category_code,
    )


def _named(pair: tuple[str, str] | None) -> Named | None:
    return Named(code=pair[0], name=pair[1]) if pair else None


def map_case(case: Case, now: datetime, soon: timedelta) -> MapCase:
    """A glyph of the map."""
    assert case.lon is not None and case.lat is not None
    return MapCase(
        id=case.id,
        number=case.number,
        title=case.title,
        lon=case.lon,
        lat=case.lat,
        state=case.state,
        due_state=due_state(case.due_at, case.closed_at, now, soon),
        voices=case.voices,
    )


async def case_view(
    session: AsyncSession,
    viewer: Viewer,
    case_id: UUID,
    now: datetime,
    soon: timedelta,
    metres: float,
    far_metres: float,
) -> CaseView:
    """A case, whole: story, facts and what this viewer may do now (``metres``: see ``offers``).

    ``far_metres``: a photo from farther away than that is remarked on.
    """
    row = await lists.one(session, viewer, case_id)
    case = row.case
    signals = await signal_facts(
        session, viewer, await repository.signal_ids(session, viewer, case_id)
    )
    entries = await journal.read(session, viewer, subject=case_id, limit=TIMELINE_ENTRIES)
    photos = [
        photo_view(one, case, far_metres)
        for one in (await repository.photos(session, viewer, case_id) if case.photos else ())
    ]
    noted = any("note" in entry.data for entry in entries)
    notes = await repository.notes(session, viewer, case_id) if noted else {}
    area = await directory.area(session, viewer, case.area)
    parties = await parties_repository.of_case(session, viewer, case_id) if case.parties else []
    return CaseView(
        **_row_values(row, now, soon),
        lon=case.lon,
        lat=case.lat,
        place_why=StepView(**case.place_why) if case.place_why else None,
        category_why=StepView(**case.category_why) if case.category_why else None,
        due_why=[StepView(**step) for step in case.due_why],
        timezone=area.timezone,
        reworked=case.reworked,
        outcome_body=case.outcome_body,
        lead=await _lead(session, viewer, case),
        parties=[party_view(party, unit, now) for party, unit in parties],
        appeal=case.appeal["state"] if case.appeal else None,
        signals=[signal_view(signal) for signal in signals],
        timeline=await _timeline(session, viewer, entries, case, photos, notes),
        photo_list=photos,
        actions=await offers(session, viewer, row, area, now, metres),
        orders=[
            order_view(order, viewer, now, soon)
            for order in await orders.of_case(session, viewer, case_id)
        ],
    )


async def _lead(session: AsyncSession, viewer: Viewer, case: Case) -> Named | None:
    """Who signed for it first, where others were called to it."""
    if case.lead_unit_id is None or not case.parties:
        return None
    unit = next(
        (one for one in await directory.units(session, viewer, ended=True)
         if one.id == case.lead_unit_id),
        None,
    )  # fmt: skip
    return Named(code=unit.code, name=unit.name) if unit else None


def party_view(party: CaseParty, unit: Unit, now: datetime) -> PartyView:
    """A called unit as shown."""
    times = {"released": party.released_at, "reported": party.reported_at, "here": party.arrived_at}
    stage = next((stage for stage, at in times.items() if at is not None), "called")
    return PartyView(
        unit=Named(code=unit.code, name=unit.name),
        ground=party.ground,
        stage=cast(Any, stage),
        late=(party.reported_at or party.released_at or now) > party.due_at,
        called_at=party.called_at,
        due_at=party.due_at,
        arrived_at=party.arrived_at,
        reported_at=party.reported_at,
        released_at=party.released_at,
    )


async def _timeline(
    session: AsyncSession,
    viewer: Viewer,
    entries: Sequence[Recorded],
    case: Case,
    photos: Sequence[PhotoView],
    notes: Mapping[UUID, Note],
) -> list[EntryView]:
    shown = await entry_views(session, viewer, entries, {case.id: case})
    by_id = {photo.id: photo for photo in photos}
    for entry in shown:
        note = notes.get(UUID(entry.data["note"])) if "note" in entry.data else None
        entry.note = NoteView(kind=note.kind, text=note.text) if note else None
        entry.photos = [
            by_id[UUID(photo)] for photo in entry.data.get("photos", ()) if UUID(photo) in by_id
        ]
    return shown


def signal_view(signal: SignalFacts) -> SignalView:
    """A signal as shown: masked."""
    return SignalView(
        id=signal.id,
        source=CodeName(code=signal.source_code, name=signal.source_name),
        channel=signal.channel,
        upstream_key=signal.source_key,
        received_at=signal.received_at,
        reported_at=signal.reported_at,
        title=signal.title,
        text=signal.text,
        text_withheld=signal.text_withheld,
        masked=signal.masked,
        reply=signal.reply,
        replied_at=signal.replied_at,
        upstream_category=signal.upstream_category,
        place_text=signal.place_text,
        lon=signal.lon,
        lat=signal.lat,
        is_update=signal.refers_to is not None,
        answer_by=signal.answer_by,
    )


def photo_view(photo: Photo, case: Case, far_metres: float) -> PhotoView:
    """A photo, where its picture is, and how far from the case's place it was taken.

    Only a photo farther away than it may be wrong by is ``far``.
    """
    away = distance(photo, case)
    unsure = photo.accuracy_metres or 0.0
    return PhotoView(
        id=photo.id,
        url=f"/api/v1/files/{photo.id}",
        width=photo.width,
        height=photo.height,
        at=photo.uploaded_at,
        taken_at=photo.taken_at,
        accuracy_metres=photo.accuracy_metres,
        away_metres=round(away) if away is not None else None,
        far=away is not None and away - unsure > far_metres,
    )


async def entry_views(
    session: AsyncSession,
    viewer: Viewer,
    entries: Sequence[Recorded],
    cases: Mapping[UUID, Case | Title] | None = None,
) -> list[EntryView]:
    """Journal entries with the names of who and what, in the same order."""
    if cases is None:
        wanted = {entry.subject for entry in entries if entry.subject_kind == "case"}
        cases = dict(await repository.titles(session, viewer, filter(None, wanted)))
    names = await directory.staff_names(
        session, viewer, filter(None, (staff_of(entry.actor) for entry in entries))
    )
    actors = {f"staff:{staff_id}": name for staff_id, name in names.items()}
    return [_entry_view(entry, actors, cases) for entry in entries]


def _entry_view(
    entry: Recorded, actors: Mapping[str, tuple[str, str]], cases: Mapping[UUID, Case | Title]
) -> EntryView:
    actor = actors.get(entry.actor)
    case = cases.get(entry.subject) if entry.subject else None
    return EntryView(
        seq=entry.seq,
        at=entry.at,
        action=entry.action,
        actor=ActorView(name=actor[0], unit_name=actor[1]) if actor else None,
        subject=SubjectView(
            kind=entry.subject_kind,
            id=entry.subject,
            number=case.number if case else None,
            title=case.title if case else None,
            # The state that this entry led to, not the one that the case has by now.
            state=entry.data.get("to") if case else None,
        ),
        area=entry.area,
        data=entry.data,
        drill=entry.drill,
    )
