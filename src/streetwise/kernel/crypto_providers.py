"""The two suites of algorithms, behind one interface: ``aes`` (international) and ``sm`` (国密).

- ``aes``: AES-256-GCM (NIST SP 800-38D), SHA-256 (FIPS 180-4)
- ``sm``: SM4-GCM (GB/T 32907, RFC 8998), SM3 (GB/T 32905)

HMAC (RFC 2104) and HKDF (RFC 5869) run on the suite's own hash. The primitives are those of
``cryptography`` (OpenSSL); nothing is built by hand here. Keys are 32 bytes in both suites.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

Profile = Literal["aes", "sm"]
KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
SM4_KEY_BYTES = 16


class Aead(Protocol):
    """Authenticated encryption under one key. ``decrypt`` raises InvalidTag."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Ciphertext and tag."""

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The plain bytes."""


class Sm4Gcm:
    """SM4-GCM (RFC 8998) with the same face as AESGCM; the key has 16 bytes."""

    def __init__(self, key: bytes) -> None:
        self._cipher = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Ciphertext and tag."""
        encryptor = Cipher(self._cipher, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data or b"")
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The plain bytes; InvalidTag when anything was changed."""
        if len(data) < TAG_BYTES:
            raise InvalidTag
        body, tag = data[:-TAG_BYTES], data[-TAG_BYTES:]
        decryptor = Cipher(self._cipher, modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(associated_data or b"")
        return decryptor.update(body) + decryptor.finalize()


@dataclass(frozen=True)
class Provider:
    """One suite. ``number`` is the byte at the head of everything that it sealed."""

    profile: Profile
    number: int
    hash: hashes.HashAlgorithm

    def aead(self, key: bytes) -> Aead:
        """The cipher under a 32-byte key."""
        if self.profile == "aes":
            return AESGCM(key)
        # SM4 takes 16 bytes. Derived, not cut off: the same key may serve AES beside it.
        return Sm4Gcm(self.mac(key, b"sm4-gcm")[:SM4_KEY_BYTES])

    def mac(self, key: bytes, content: bytes) -> bytes:
        """HMAC, 32 bytes."""
        mac = hmac.HMAC(key, self.hash)
        mac.update(content)
        return mac.finalize()

    def hkdf(
        self, secret: bytes, info: bytes, *, salt: bytes | None = None, length: int = KEY_BYTES
    ) -> bytes:
        """HKDF: a key of ``length`` bytes for the purpose ``info``.

        ``salt`` and ``length`` are there for the vectors of RFC 5869; we leave them as they are.
        """
        return HKDF(self.hash, length, salt=salt, info=info).derive(secret)


AES = Provider("aes", 1, hashes.SHA256())
SM = Provider("sm", 2, hashes.SM3())
PROVIDERS: dict[str, Provider] = {"aes": AES, "sm": SM}
BY_NUMBER: dict[int, Provider] = {one.number: one for one in PROVIDERS.values()}
