"""Sealing and opening: a key per item and per reporter, under the key of a generation. Pure.

    master key (a file) ─► key of a generation ─► key of an item ┐
                                               └► key of a reporter ┴► what seals the item

What seals an item is derived from its own key and its reporter's, where it has one: destroying
either forgets it. The id and kind (and the number of a field) are bound to each ciphertext, so
that rows cannot be exchanged.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from streetwise.kernel.crypto import KEY_BYTES, Keys, Sealer
from streetwise.privacy.fields import SEARCHABLE_KINDS, Found, grade_of, normalised

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

#: The purpose of what seals the keys of generations.
GENERATIONS = "vault-generations"
#: The kind under which a reporter's key is bound.
REPORTER_KEY = "reporter"
#: The kind of the key of an imported file, which is destroyed when the file has been read.
FILE_KEY = "import"


@dataclass(frozen=True, slots=True)
class Generation:
    """A key-encrypting key and its number."""

    id: int
    sealer: Sealer

    def wrap(self, key_id: UUID, kind: str, key: bytes) -> bytes:
        """The key sealed, for this id and kind alone."""
        return self.sealer.seal(key, key_id.bytes + kind.encode())

    def unwrap(self, key_id: UUID, kind: str, wrapped: bytes) -> bytes:
        """The key; ValueError when it is not of this generation, id and kind."""
        return self.sealer.open(wrapped, key_id.bytes + kind.encode())


@dataclass(frozen=True, slots=True)
class ReporterKey:
    """A reporter's id and key in the clear; never stored so."""

    id: UUID
    key: bytes


class SealedField(NamedTuple):
    """A row of vault_field but for its item, in the order of the columns."""

    n: int
    kind: str
    grade: int
    place: str
    at: int | None
    sealed: bytes
    blind_index: bytes | None


@dataclass(frozen=True, slots=True)
class SealedItem:
    """What is stored of one original."""

    id: UUID
    kind: str
    reporter_id: UUID | None
    wrapped: bytes
    sealed: bytes
    fields: Sequence[SealedField]


class Vault:
    """Seals and opens with the keys of this installation. Holds no key of an item."""

    def __init__(self, keys: Keys) -> None:
        self._provider = keys.provider
        self._hashing = keys.hashing
        self._masters = keys.sealer(GENERATIONS)
        self._index = keys.hasher("vault-index")
        self._before = keys.sealer("vault")

    def new_generation(self, number: int) -> bytes:
        """A new key-encrypting key, sealed by the master key."""
        return self._masters.seal(os.urandom(KEY_BYTES), b"%d" % number)

    def generation(self, number: int, wrapped: bytes | None) -> Generation:
        """A generation opened; number 0 is derived from the master key itself."""
        if number == 0:
            return Generation(0, self._before)
        if wrapped is None:
            raise ValueError("this generation of keys was retired")
        key = self._masters.open(wrapped, b"%d" % number)
        return Generation(number, Sealer(key, self._provider))

    def blind_index(self, kind: str, value: str) -> bytes:
        """The keyed hash by which a value is found without being shown."""
        return self._index.of(kind.encode(), normalised(kind, value).encode())

    def reporter_index(self, kind: str, value: str) -> bytes:
        """The keyed hash by which a reporter is known; not that of a field with the number."""
        return self._index.of(b"reporter", kind.encode(), normalised(kind, value).encode())

    def seal(
        self,
        generation: Generation,
        item_id: UUID,
        kind: str,
        payload: Mapping[str, Any],
        found: Sequence[Found] = (),
        reporter: ReporterKey | None = None,
    ) -> SealedItem:
        """One original and its single values, under a fresh key."""
        key = os.urandom(KEY_BYTES)
        sealer = Sealer(self._combined(key, reporter.key if reporter else None), self._provider)
        context = item_id.bytes + kind.encode()
        plain = _encode(payload).encode()
        fields = [
            SealedField(
                n,
                one.kind,
                grade_of(one.kind),
                one.place,
                one.at,
                sealer.seal(one.value.encode(), _field_context(item_id, n, one.kind)),
                self.blind_index(one.kind, one.value) if one.kind in SEARCHABLE_KINDS else None,
            )
            for n, one in enumerate(found, start=1)
        ]
        return SealedItem(
            item_id,
            kind,
            reporter.id if reporter else None,
            generation.wrap(item_id, kind, key),
            sealer.seal(plain, context),
            fields,
        )

    def open(
        self, item_id: UUID, kind: str, key: bytes, sealed: bytes, reporter_key: bytes | None = None
    ) -> Any:
        """The original; ValueError when anything was changed or the keys do not fit."""
        sealer = Sealer(self._combined(key, reporter_key), self._provider)
        return json.loads(sealer.open(sealed, item_id.bytes + kind.encode()))

    def open_field(
        self,
        item_id: UUID,
        n: int,
        kind: str,
        key: bytes,
        sealed: bytes,
        reporter_key: bytes | None = None,
    ) -> str:
        """One value; ValueError as ``open``."""
        sealer = Sealer(self._combined(key, reporter_key), self._provider)
        return sealer.open(sealed, _field_context(item_id, n, kind)).decode()

    def _combined(self, key: bytes, reporter_key: bytes | None) -> bytes:
        """What seals: the item's own key, or one step of HKDF-Expand over both keys.

        Both are random keys of full length, so extraction would add nothing.
        """
        if reporter_key is None:
            return key
        return self._hashing.mac(key, reporter_key + b"streetwise/vault-item\x01")


def _field_context(item_id: UUID, n: int, kind: str) -> bytes:
    return item_id.bytes + n.to_bytes(4, "big") + kind.encode()
