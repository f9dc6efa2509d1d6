"""Keys outside the database, and sealing with the algorithms of a profile (crypto_providers).

One master key lies in a file that only the service's user can read. Purposes get keys of their
own by HKDF (RFC 5869), so that a key used for files can never open the vault.

A sealed blob is: one byte that names the suite, the nonce (12 bytes), the ciphertext with its
tag (16 bytes). So what one profile sealed opens under the other. Blobs of before the byte
(AES, beginning with their nonce) open too.
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hmac

from streetwise.kernel.crypto_providers import (
    AES,
    BY_NUMBER,
    KEY_BYTES,
    NONCE_BYTES,
    PROVIDERS,
    Aead,
    Profile,
    Provider,
)
from streetwise.kernel.errors import StreetwiseError

__all__ = ["KEY_BYTES", "NONCE_BYTES", "Hasher", "KeyMissing", "Keys", "Sealer", "load_keys"]

MASTER_KEY_FILE = "master.key"


class KeyMissing(StreetwiseError):
    """The master key cannot be read."""

    code = "key_missing"
    title = "The key is missing"


class Sealer:
    """Seals and opens byte strings under one key of 32 bytes."""

    def __init__(self, key: bytes, provider: Provider = AES) -> None:
        self._key = key
        self._head = bytes([provider.number])
        self._aead = provider.aead(key)
        self._others: dict[int, Aead] = {provider.number: self._aead}

    def seal(self, plain: bytes, context: bytes) -> bytes:
        """The sealed blob. ``context`` is bound to it: opening needs the same."""
        nonce = os.urandom(NONCE_BYTES)
        return self._head + nonce + self._aead.encrypt(nonce, plain, context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """The plain bytes; raises ValueError when changed, or when key or context differ."""
        number = sealed[0] if sealed else 0
        if number in BY_NUMBER:
            try:
                return _open(self._aead_of(number), sealed[1:], context)
            except ValueError:
                pass  # a nonce of before the byte may begin like one
        return _open(self._aead_of(AES.number), sealed, context)

    def _aead_of(self, number: int) -> Aead:
        found = self._others.get(number)
        if found is None:
            found = self._others[number] = BY_NUMBER[number].aead(self._key)
        return found


def _open(aead: Aead, sealed: bytes, context: bytes) -> bytes:
    try:
        return aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context)
    except (InvalidTag, ValueError) as error:
        raise ValueError("sealed data was changed or belongs to another key") from error


class Keys:
    """The keys of this installation, derived from the master key by purpose.

    ``seals`` is the profile for new sealed data. ``hashes`` is the profile of derivation and
    fingerprints; it stays what it was at the first start, or nothing known would be found again.
    """

    def __init__(self, master: bytes, *, seals: Profile = "aes", hashes: Profile = "aes") -> None:
        if len(master) != KEY_BYTES:
            raise KeyMissing("The master key must be 32 bytes; restore the file from its backup.")
        self._master = master
        self.provider = PROVIDERS[seals]
        self.hashing = PROVIDERS[hashes]

    def with_profiles(self, *, seals: Profile, hashes: Profile) -> Keys:
        """The same master key with other algorithms."""
        return Keys(self._master, seals=seals, hashes=hashes)

    def derive(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose."""
        return self.hashing.hkdf(self._master, b"streetwise/" + purpose.encode())

    def sealer(self, purpose: str) -> Sealer:
        """A sealer for one purpose."""
        return Sealer(self.derive(purpose), self.provider)

    def hasher(self, purpose: str) -> Hasher:
        """A keyed hash for one purpose."""
        return Hasher(self.derive(purpose), self.hashing)


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


class Hasher:
    """HMAC over length-prefixed parts: equal only for equal lists of parts.

    Keyed, because a bare hash of a short text or a phone number can be guessed.
    """

    def __init__(self, key: bytes, provider: Provider = AES) -> None:
        self._start = hmac.HMAC(key, provider.hash)

    def of(self, *parts: bytes) -> bytes:
        """The keyed hash of the parts, 32 bytes."""
        mac = self._start.copy()
        for part in parts:
            mac.update(len(part).to_bytes(8, "big"))
            mac.update(part)
        return mac.finalize()
