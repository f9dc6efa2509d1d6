"""Putting originals into the vault: one call for all rooms, in their own transaction."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel import logs
from streetwise.kernel.breath import breathing
from streetwise.kernel.crypto import KEY_BYTES, Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.ids import new_id
from streetwise.kernel.viewer import Viewer
from streetwise.privacy import repository
from streetwise.privacy.fields import Found, contact_values, identity, values_in
from streetwise.privacy.repository import Wrapped
from streetwise.privacy.vault import REPORTER_KEY, Generation, ReporterKey, Vault

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Original:
    """What is to be kept. ``payload`` is the whole; ``texts`` are those that are shown masked,
    by the names that the screen knows them by; ``contact`` is what the reporter gave. ``found``
    are the values of the texts, where whoever masked them knows them; None has them looked for.
    """

    id: UUID
    kind: str
    payload: Mapping[str, Any]
    texts: Mapping[str, str | None] = field(default_factory=dict)
    contact: str | Mapping[str, str | None] | None = None
    found: Sequence[Found] | None = None


async def keep(uow: UnitOfWork, keys: Keys, originals: Sequence[Original]) -> None:
    """Seal and store originals with the unit of work: whole, and each personal value for itself."""
    if not originals:
        return
    vault = Vault(keys)
    generation = await writing_generation(uow, vault)
    contacts = [contact_values(one.contact) for one in originals]
    indexes = [_index(vault, contact) for contact in contacts]
    reporters = await _reporters(uow, vault, generation, {one for one in indexes if one})
    sealed = [
        vault.seal(
            generation,
            one.id,
            one.kind,
            one.payload,
            [*_values(one), *contact],
            reporters[index] if index else None,
        )
        async for one, contact, index in breathing(zip(originals, contacts, indexes, strict=True))
    ]
    await repository.store(await uow.raw(), sealed, generation.id, uow.now)


async def writing_generation(uow: UnitOfWork, vault: Vault) -> Generation:
    """The newest generation of keys, made if there is none; it stays until this unit ends."""
    found = await repository.share_generations(uow.session)
    if not found or found[-1].id == 0:
        await repository.add_generation(uow.session, 1, vault.new_generation(1), uow.now)
        found = await repository.generations(uow.session)
    return vault.generation(found[-1].id, found[-1].wrapped)


async def keep_key(uow: UnitOfWork, keys: Keys, key_id: UUID, kind: str, key: bytes) -> None:
    """Store a key for something that lies outside the database; destroying it forgets that."""
    generation = await writing_generation(uow, Vault(keys))
    wrapped = generation.wrap(key_id, kind, key)
    await repository.store_keys(await uow.raw(), [(key_id, kind, generation.id, wrapped)])


async def kept_key(session: AsyncSession, viewer: Viewer, keys: Keys, key_id: UUID) -> bytes | None:
    """The key that was stored so, None when there never was one. ValueError: destroyed."""
    found = await repository.key(session, viewer, key_id)
    return unwrap(Vault(keys), found) if found else None


async def has_key(session: AsyncSession, viewer: Viewer, key_id: UUID) -> bool:
    """Whether a key was ever stored under this id."""
    return await repository.key(session, viewer, key_id) is not None


async def forget_file(uow: UnitOfWork, key_id: UUID) -> None:
    """Destroy the key of a file that is not needed any more: it holds what may be forgotten."""
    await repository.destroy(uow.session, [key_id], uow.now)


def _values(original: Original) -> Sequence[Found]:
    if original.found is not None:
        return original.found
    try:
        return list(values_in(original.texts))
    except Exception as error:  # noqa: BLE001 - the whole is kept, whatever cannot be found in it
        log.error("values_not_found", item=str(original.id), error=type(error).__name__)
        return []


def _index(vault: Vault, contact: list[Found]) -> bytes | None:
    known_by = identity(contact)
    return vault.reporter_index(*known_by) if known_by else None


async def _reporters(
    uow: UnitOfWork, vault: Vault, generation: Generation, indexes: set[bytes]
) -> dict[bytes, ReporterKey]:
    """The keys of these reporters; who is not known yet gets one."""
    if not indexes:
        return {}
    known = await repository.reporter_keys(uow.session, indexes)
    missing = indexes - set(known)
    if missing:
        rows = []
        for index in missing:
            key_id, key = new_id(), os.urandom(KEY_BYTES)
            rows.append((index, key_id, generation.wrap(key_id, REPORTER_KEY, key)))
        await repository.add_reporter_keys(uow.session, generation.id, rows)
        # Read back: another process may have been first.
        known |= await repository.reporter_keys(uow.session, missing)
    opened: dict[int, Generation] = {}
    return {index: ReporterKey(one.id, unwrap(vault, one, opened)) for index, one in known.items()}


def unwrap(vault: Vault, wrapped: Wrapped, opened: dict[int, Generation] | None = None) -> bytes:
    """The key in the clear; ValueError when it does not open. ``opened`` keeps the generations
    of one look for the next key.
    """
    if wrapped.wrapped is None:
        raise ValueError("the key was destroyed")
    generation = opened.get(wrapped.generation) if opened else None
    if generation is None:
        generation = vault.generation(wrapped.generation, wrapped.generation_wrapped)
        if opened is not None:
            opened[wrapped.generation] = generation
    return generation.unwrap(wrapped.id, wrapped.kind, wrapped.wrapped)
