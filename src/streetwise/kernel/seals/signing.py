"""The key that signs seals (Ed25519, RFC 8032): a file, never in the database.

Whoever owns the database can write any row and cannot sign it. The public keys lie in a file of
their own, one line a key, for whoever checks; a copy of it belongs outside the house.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from streetwise.kernel.errors import StreetwiseError

PRIVATE_FILE = "journal-signing.key"
PUBLIC_FILE = "journal-signing.pub"


class SigningKeyMissing(StreetwiseError):
    """The journal was sealed before, and the key is not there."""

    code = "signing_key_missing"
    title = "The journal's signing key is missing"


class Signer:
    """Signs with one private key."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = private.public_key()
        self.key_id = key_id(self.public.public_bytes_raw())

    def sign(self, digest: bytes) -> bytes:
        """The signature, 64 bytes."""
        return self._private.sign(digest)


#: key id → public key.
PublicKeys = dict[str, Ed25519PublicKey]


def key_id(public: bytes) -> str:
    """A short name of a public key: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:16]


def is_signed(keys: PublicKeys, name: str, digest: bytes, signature: bytes) -> bool:
    """Whether one of the keys, of that name, signed the digest."""
    key = keys.get(name)
    if key is None:
        return False
    try:
        key.verify(signature, digest)
    except InvalidSignature:
        return False
    return True


def load_signer(folder: Path, *, create: bool) -> Signer:
    """The signer of this installation; with ``create``, made when there is none.

    Raises SigningKeyMissing.
    """
    path = folder / PRIVATE_FILE
    try:
        private = path.read_bytes()
    except FileNotFoundError:
        if not create:
            raise SigningKeyMissing(
                f"There is no signing key at {path}, though the journal was sealed with one;"
                " restore it from where you keep the keys apart.",
                path=str(path),
            ) from None
        private = _make(path)
    signer = Signer(Ed25519PrivateKey.from_private_bytes(private))
    _publish(folder / PUBLIC_FILE, signer)
    return signer


def read_public_keys(path: Path) -> PublicKeys:
    """The public keys in a file; none when there is no file. Raises ValueError on a bad line."""
    return parse_public_keys(path.read_text(encoding="ascii") if path.exists() else "")


def parse_public_keys(text: str) -> PublicKeys:
    """The public keys in a file's text. Raises ValueError on a bad line."""
    keys: PublicKeys = {}
    for line in filter(str.strip, text.splitlines()):
        raw = bytes.fromhex(line.split()[-1])
        keys[key_id(raw)] = Ed25519PublicKey.from_public_bytes(raw)
    return keys


def _make(path: Path) -> bytes:
    """A new private key, wholly written before it has its name; two makers agree on one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(Ed25519PrivateKey.generate().private_bytes_raw())
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
    return path.read_bytes()


def _publish(path: Path, signer: Signer) -> None:
    if signer.key_id in read_public_keys(path):
        return
    with path.open("a", encoding="ascii") as file:
        file.write(f"{signer.key_id} {signer.public.public_bytes_raw().hex()}\n")
