"""How an archive is encrypted: to a public key, in chunks, with an end that cannot be cut off.

Pure. Byte by byte in docs/decisions/0019-backup.md:

- head: ``SWBACKUP``, version (1 byte), suite (1 byte, kernel/crypto_providers.py), the name of
  the recipient's key (8 bytes), an X25519 public key made for this archive (32 bytes)
- key: HKDF over the X25519 secret, salt = both public keys
- chunks of 256 KiB and a tag; nonce = number of the chunk (11 bytes) and 1 for the last one,
  else 0; the head is bound to each

So chunks cannot be changed, exchanged, left out or taken from another archive, and a file that
ends too early lacks its last chunk (the construction STREAM of Hoang, Reyhanitabar, Rogaway and
Vizár, as age uses it). Who makes backups needs the public key only.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from streetwise.kernel.crypto_providers import BY_NUMBER, NONCE_BYTES, TAG_BYTES, Aead, Provider
from streetwise.kernel.errors import Invalid

MAGIC = b"SWBACKUP"
VERSION = 1
CHUNK_BYTES = 256 * 1024
_NAME_BYTES = 8
_PUBLIC_BYTES = 32
_HEAD_BYTES = len(MAGIC) + 2 + _NAME_BYTES + _PUBLIC_BYTES
_INFO = b"streetwise/backup/1"
_PUBLIC_WORD, _PRIVATE_WORD = "streetwise-backup-public", "streetwise-backup-private"
_HEX = 64


class Damaged(Invalid):
    """The archive is not as it was written: cut off, changed, or no archive at all."""

    code = "backup_damaged"
    title = "The archive is damaged"


class WrongKey(Invalid):
    """The archive was written for another key."""

    code = "backup_wrong_key"
    title = "This key does not open the archive"


class Recipient:
    """Whom archives are written for: a public key."""

    def __init__(self, public: X25519PublicKey) -> None:
        self._public = public
        self.raw = public.public_bytes_raw()
        self.name = hashlib.sha256(self.raw).digest()[:_NAME_BYTES]

    def shared(self, private: X25519PrivateKey) -> bytes:
        """The secret that this recipient and the holder of ``private`` have in common."""
        return private.exchange(self._public)

    def text(self) -> str:
        """As it stands in a file."""
        return f"{_PUBLIC_WORD} {self.raw.hex()}\n"


class Identity:
    """Who opens archives: a private key."""

    def __init__(self, private: X25519PrivateKey) -> None:
        self._private = private
        self.recipient = Recipient(private.public_key())

    @classmethod
    def make(cls) -> Identity:
        """A new one."""
        return cls(X25519PrivateKey.generate())

    def shared(self, public: bytes) -> bytes:
        """The secret in common with the holder of that public key's private one."""
        return self._private.exchange(X25519PublicKey.from_public_bytes(public))

    def text(self) -> str:
        """As it stands in a file."""
        return f"{_PRIVATE_WORD} {self._private.private_bytes_raw().hex()}\n"


def read_recipient(path: Path) -> Recipient:
    """The public key in a file. Raises Invalid."""
    return Recipient(X25519PublicKey.from_public_bytes(_read_key(path, _PUBLIC_WORD)))


def read_identity(path: Path) -> Identity:
    """The private key in a file. Raises Invalid."""
    return Identity(X25519PrivateKey.from_private_bytes(_read_key(path, _PRIVATE_WORD)))


def _read_key(path: Path, word: str) -> bytes:
    try:
        found = path.read_text(encoding="ascii").split()
        if len(found) == 2 and found[0] == word and len(found[1]) == _HEX:
            return bytes.fromhex(found[1])
    except FileNotFoundError:
        raise Invalid(f"There is no file {path}.", code="backup_key_missing") from None
    except (ValueError, OSError):
        pass
    raise Invalid(
        f"{path} does not hold such a key: it would be one line that begins with {word}.",
        code="backup_key_unreadable",
    )


def _cipher(provider: Provider, shared: bytes, made: bytes, recipient: bytes) -> Aead:
    return provider.aead(provider.hkdf(shared, _INFO, salt=made + recipient))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(NONCE_BYTES - 1, "big") + bytes([last])


class SealingWriter:
    """Writes an archive to ``out``; ``finish`` writes its last chunk."""

    def __init__(self, out: BinaryIO, recipient: Recipient, provider: Provider) -> None:
        made = X25519PrivateKey.generate()
        public = made.public_key().public_bytes_raw()
        self._out = out
        self._head = MAGIC + bytes([VERSION, provider.number]) + recipient.name + public
        self._aead = _cipher(provider, recipient.shared(made), public, recipient.raw)
        self._waiting = bytearray()
        self._number = 0
        out.write(self._head)

    def write(self, data: bytes) -> None:
        """Take in bytes; whole chunks go out."""
        self._waiting += data
        # More than a chunk, so that the last one is never empty unless all is.
        while len(self._waiting) > CHUNK_BYTES:
            self._put(bytes(self._waiting[:CHUNK_BYTES]), last=False)
            del self._waiting[:CHUNK_BYTES]

    def finish(self) -> None:
        """Write what is left, marked as the end."""
        self._put(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _put(self, plain: bytes, *, last: bool) -> None:
        nonce = _nonce(self._number, last=last)
        self._out.write(self._aead.encrypt(nonce, plain, self._head))
        self._number += 1


class OpeningReader:
    """Reads an archive. Raises WrongKey at once, Damaged where it is not as it was written."""

    def __init__(self, source: BinaryIO, identity: Identity) -> None:
        head = source.read(_HEAD_BYTES)
        at = len(MAGIC)
        if len(head) < _HEAD_BYTES or not head.startswith(MAGIC):
            raise Damaged("This is not an archive that `streetwise backup` wrote.")
        version, suite = head[at], head[at + 1]
        if version != VERSION or suite not in BY_NUMBER:
            raise Damaged(
                "A newer Streetwise wrote this archive, or its head was changed;"
                " use the version that wrote it.",
            )
        name, made = head[at + 2 : at + 2 + _NAME_BYTES], head[-_PUBLIC_BYTES:]
        if name != identity.recipient.name:
            raise WrongKey(
                f"This archive was written for the backup key {name.hex()}, and the one given is"
                f" {identity.recipient.name.hex()}; give the private key of that time.",
            )
        self._source, self._head = source, head
        try:
            shared = identity.shared(made)
        except ValueError as error:
            raise Damaged("The archive's head was changed.") from error
        self._aead = _cipher(BY_NUMBER[suite], shared, made, identity.recipient.raw)
        self._number = 0
        self._next = source.read(CHUNK_BYTES + TAG_BYTES)
        self._plain = b""
        self._at = 0
        self._ended = False

    def read(self, size: int) -> bytes:
        """So many bytes; fewer at the end of the archive."""
        found = self._plain[self._at : self._at + size]
        self._at += len(found)
        while len(found) < size and not self._ended:
            self._open_next()
            more = self._plain[: size - len(found)]
            self._at = len(more)
            found += more
        return found

    def _open_next(self) -> None:
        sealed, self._next = self._next, self._source.read(CHUNK_BYTES + TAG_BYTES)
        last = not self._next
        try:
            nonce = _nonce(self._number, last=last)
            self._plain = self._aead.decrypt(nonce, sealed, self._head)
        except (InvalidTag, ValueError) as error:
            raise Damaged(
                "The archive ends too early: the copy was broken off. Take another copy."
                if last
                else "The archive was changed after it was written. Take another copy.",
            ) from error
        self._number += 1
        self._ended = last
