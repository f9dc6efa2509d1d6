"""Keys outside the database, and sealing with the algorithms of a profile (crypto_providers).

One master key lies in a file that only the service's user can read. Purposes get keys of their
own by HKDF (RFC 5869), so that a key used for files can never open the vault.

A sealed blob is: one byte that names the suite, the nonce (12 bytes), the ciphertext with its
tag (16 bytes). So what one profile sealed opens under the other. Blobs of before the byte
(AES, beginning with their nonce) open too.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

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
#: (sealed, context) → the same under the key of now, None where it is already.
Renew: TypeAlias = "Callable[[bytes, bytes], bytes | None]"


class KeyMissing(StreetwiseError):
    """The master key cannot be read."""

    code = "key_missing"
    title = "The key is missing"


class Sealer:
    """Seals and opens byte strings under one key of 32 bytes."""

    def __init__(
        self, key: bytes, provider: Provider = AES, *, before: Sealer | None = None
    ) -> None:
        """``before`` opens what is still under the key of before."""
        self._before = before
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
        if self._before is None:
            return self._open(sealed, context)
        try:
            return self._open(sealed, context)
        except ValueError:
            return self._before.open(sealed, context)

    def renewed(self, sealed: bytes, context: bytes) -> bytes | None:
        """The same sealed by this key, None where it is already. Raises ValueError as ``open``."""
        with suppress(ValueError):
            self._open(sealed, context)
            return None
        return self.seal(self.open(sealed, context), context)

    def _open(self, sealed: bytes, context: bytes) -> bytes:
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

    For the same reason fingerprints stay under the first master key when another follows: the file
    then holds both, 64 bytes. While a change goes on it holds the key of before as well, 96 bytes,
    and what that one sealed opens too.
    """

    def __init__(self, content: bytes, *, seals: Profile = "aes", hashes: Profile = "aes") -> None:
        if len(content) not in (KEY_BYTES, 2 * KEY_BYTES, 3 * KEY_BYTES):
            raise KeyMissing(
                "The master key must be 32 bytes (64 once it was changed, 96 while it is being"
                " changed); restore the file from its backup."
            )
        #: What stands in the file.
        self.content = content
        self._master, second, third = (
            content[at : at + KEY_BYTES] for at in range(0, 3 * KEY_BYTES, KEY_BYTES)
        )
        self._prints = second or self._master
        self._before = third or None
        self.provider = PROVIDERS[seals]
        self.hashing = PROVIDERS[hashes]

    def with_profiles(self, *, seals: Profile, hashes: Profile) -> Keys:
        """The same master key with other algorithms."""
        return Keys(self.content, seals=seals, hashes=hashes)

    def derive(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose, to seal by."""
        return self._derived(self._master, purpose)

    def _derived(self, secret: bytes, purpose: str) -> bytes:
        return self.hashing.hkdf(secret, b"streetwise/" + purpose.encode())

    def sealer(self, purpose: str) -> Sealer:
        """A sealer for one purpose."""
        before = None
        if self._before is not None:
            before = Sealer(self._derived(self._before, purpose), self.provider)
        return Sealer(self.derive(purpose), self.provider, before=before)

    def hasher(self, purpose: str) -> Hasher:
        """A keyed hash for one purpose."""
        return Hasher(self._derived(self._prints, purpose), self.hashing)

    @property
    def fingerprint(self) -> bytes:
        """By which a database knows its keys; nothing of them can be computed from it."""
        both = b"" if self._prints == self._master else self._prints
        return self._derived(self._master + both, "fingerprint")

    @property
    def before(self) -> Keys | None:
        """The keys of before, while a change goes on."""
        if self._before is None:
            return None
        return self._like(self._before + self._prints)

    def changed(self, master: bytes) -> Keys:
        """Under a new master key; what the present one sealed opens too."""
        if len(master) != KEY_BYTES or master in (self._master, self._prints):
            raise KeyMissing("A new master key is 32 bytes, and another than before.")
        return self._like(master + self._prints + self._master)

    def opening(self, old: Keys) -> Keys:
        """Opening what this older key sealed too. Raises KeyMissing: of another installation."""
        if old._prints != self._prints or old._master == self._master:
            raise KeyMissing("This is no older master key of this installation.")
        return self._like(self._master + self._prints + old._master)

    def settled(self) -> Keys:
        """Without the key of before."""
        return self._like(self._master + self._prints)

    def _like(self, content: bytes) -> Keys:
        return Keys(content, seals=self.provider.profile, hashes=self.hashing.profile)


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
    temporary = _written(folder, os.urandom(KEY_BYTES))
    try:
        # link, unlike rename, refuses to replace: two first starts agree on one key.
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
    return Keys(path.read_bytes())


def replace_keys(folder: Path, keys: Keys) -> None:
    """Put these keys in the place of the file's; on disk, whole, when this returns."""
    path = folder / MASTER_KEY_FILE
    owner = path.stat()
    temporary = _written(folder, keys.content)
    if os.geteuid() == 0:
        # Run as root, for a service that has a user of its own.
        os.chown(temporary, owner.st_uid, owner.st_gid)
    temporary.rename(path)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _written(folder: Path, content: bytes) -> Path:
    temporary = folder / f".{MASTER_KEY_FILE}.{os.urandom(4).hex()}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return temporary


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
