"""What a case has to tell whoever reported it, gathered with the rights of who writes."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import lists
from streetwise.resolve.answers import repository
from streetwise.resolve.answers.voices import Voice
from streetwise.resolve.answers.wording import CaseFacts, VoiceFacts
from streetwise.resolve.tables import Case


async def of_case(session: AsyncSession, viewer: Viewer, case: Case) -> CaseFacts:
    """What a case has to tell."""
    row = await lists.one(session, viewer, case.id)
    note = await repository.what_was_done(session, viewer, case.id)
    area = await directory.area(session, viewer, case.area)
    zone = ZoneInfo(area.timezone)
    phones = await _phones(session, viewer)
    return CaseFacts(
        number=case.number,
        state=case.state,
        category=row.category_name,
        place=case.place_text,
        unit=row.unit[1] if row.unit else None,
        done=note.text if note else None,
        done_at=note.written_at.astimezone(zone) if note else None,
        phone=phones.get(row.unit[0]) if row.unit else None,
        offices=frozenset(phones.values()),
        zone=zone,
        outcome=case.outcome,
        body=case.outcome_body,
        extended=case.extended > 0,
        reopened=case.reopened > 0,
        due_at=case.due_at,
        until=case.suspended_until,
    )


async def of_area(session: AsyncSession, viewer: Viewer, code: str) -> CaseFacts:
    """What there is to tell where there is no case."""
    area = await directory.area(session, viewer, code)
    return CaseFacts(
        number=None,
        state=None,
        category=None,
        place=None,
        unit=None,
        done=None,
        done_at=None,
        phone=None,
        offices=frozenset((await _phones(session, viewer)).values()),
        zone=ZoneInfo(area.timezone),
    )


async def _phones(session: AsyncSession, viewer: Viewer) -> dict[str, str]:
    """unit's code → its office's number."""
    if not viewer.may("directory.read"):
        return {}
    return {one.code: one.phone for one in await directory.units(session, viewer) if one.phone}


def about(facts: CaseFacts, voice: Voice, *, joined: bool = False) -> VoiceFacts:
    """One voice's facts. ``joined``: others had told of the case before."""
    signal = voice.signal
    return VoiceFacts(
        case=facts,
        way=voice.way,
        to=signal.channel or signal.source_name,
        number=voice.order.number if voice.order else signal.source_key,
        title=signal.title,
        text=signal.text or "",
        told_at=signal.reported_at.astimezone(facts.zone),
        joined=joined,
    )


async def of_voice(
    session: AsyncSession, viewer: Viewer, case: Case | None, voice: Voice
) -> VoiceFacts:
    """What an answer to this voice is made from, and looked at with."""
    if case is not None:
        return about(await of_case(session, viewer, case), voice)
    return about(await of_area(session, viewer, voice.signal.area), voice)
