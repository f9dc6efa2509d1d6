"""Free text that an officer writes: masked in the row, its original in the vault."""

from __future__ import annotations

from uuid import UUID

from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.ids import new_id
from streetwise.kernel.viewer import Viewer
from streetwise.privacy.keeping import Original, keep
from streetwise.privacy.masking import mask
from streetwise.resolve.tables import Note


async def write_note(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, case_id: UUID, kind: str, text: str
) -> Note:
    """Store free text masked; its original, where it differs, sealed in the vault."""
    note_id = new_id()
    masked = mask(text.strip())
    if masked.counts:
        original = Original(note_id, "note", {"text": text}, {"note": text.strip()})
        await keep(uow, keys, [original])
    note = Note(
        id=note_id,
        case_id=case_id,
        kind=kind,
        text=masked.text,
        author=viewer.actor,
        written_at=uow.now,
    )
    uow.session.add(note)
    return note
