"""Sealing originals: a fresh key per item, wrapped by a key that is not in the database.

AES-256-GCM both times; the item's id and kind are bound to the ciphertext, so that rows cannot
be exchanged. Reading with a purpose, rotation and retention come with the privacy issue.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from streetwise.kernel.crypto import KEY_BYTES, Keys, Sealer


class Vault:
    """Seals and opens payloads (JSON objects)."""

    def __init__(self, keys: Keys) -> None:
        self._wrapper = keys.sealer("vault")

    def seal(self, item_id: UUID, kind: str, payload: Mapping[str, Any]) -> tuple[bytes, bytes]:
        """(wrapped key, sealed payload) of one item."""
        context = item_id.bytes + kind.encode()
        key = os.urandom(KEY_BYTES)
        plain = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        return self._wrapper.seal(key, context), Sealer(key).seal(plain, context)

    def open(self, item_id: UUID, kind: str, wrapped_key: bytes, sealed: bytes) -> Any:
        """The payload; ValueError when anything was changed or the keys do not fit."""
        context = item_id.bytes + kind.encode()
        key = self._wrapper.open(wrapped_key, context)
        return json.loads(Sealer(key).open(sealed, context))
