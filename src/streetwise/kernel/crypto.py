"""Keys outside the database, and sealing with AES-256-GCM (NIST SP 800-38D).

One master key lies in a file that only the service's user can read. Purposes get keys of their
own by HKDF-SHA256 (RFC 5869), so that a key used for files can never open the vault.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from streetwise.kernel.errors import StreetwiseError

KEY_BYTES = 32
NONCE_BYTES = 12
MASTER_KEY_FILE = "master.key"


class KeyMissing(StreetwiseError):
    """The master key cannot be read."""

    code = "key_missing"
    title = "The key is missing"


class Sealer:
    """Seals and opens byte strings under one key."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)

    def seal(self, plain: bytes, context: bytes) -> bytes:
        """Nonce and ciphertext. ``context`` is bound to it: opening needs the same."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, plain, context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """The plain bytes; raises ValueError when changed, or when key or context differ."""
        try:
            return self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context)
        except (InvalidTag, ValueError) as error:
            raise ValueError("sealed data was changed or belongs to another key") from error


class Keys:
    """The keys of this installation, derived from the master key by purpose."""

    def __init__(self, master: bytes) -> None:
        if len(master) != KEY_BYTES:
            raise KeyMissing("The master key must be 32 bytes; restore the file from its backup.")
        self._master = master

    def derive(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose."""
        kdf = HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=b"streetwise/" + purpose.encode())
        return kdf.derive(self._master)

    def sealer(self, purpose: str) -> Sealer:
        """A sealer for one purpose."""
        return Sealer(self.derive(purpose))


def load_keys(folder: Path, *, create: bool) -> Keys:
    """Read the master key from ``folder``; make it when ``create`` and there is none.

    Raises KeyMissing with what to do. The file is written completely before it gets its name,
    so that a crash never leaves half a key.
    """
    path = folder / MASTER_KEY_FILE
    try:
        return Keys(path.read_bytes())
    except FileNotFoundError:
        if not create:
            raise KeyMissing(
                f"There is no master key at {path}; restore it from where you keep it apart.",
                path=str(path),
            ) from None
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = folder / f".{MASTER_KEY_FILE}.{os.urandom(4).hex()}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(os.urandom(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        # link, unlike rename, refuses to replace: two first starts agree on one key.
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
    return Keys(path.read_bytes())


def keyed_hash(key: bytes, *parts: bytes) -> bytes:
    """HMAC-SHA256 over length-prefixed parts: equal only for equal lists of parts.

    Keyed, because a bare hash of a short text or a phone number can be guessed.
    """
    mac = hmac.new(key, digestmod=hashlib.sha256)
    for part in parts:
        mac.update(len(part).to_bytes(8, "big"))
        mac.update(part)
    return mac.digest()
