"""Passwords: argon2id (RFC 9106) with the library's own parameters."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from streetwise.kernel.errors import Invalid

MIN_CHARACTERS = 10

_hasher = PasswordHasher()
#: Verified against when a login does not exist, so that the answer takes as long.
_NOBODY = _hasher.hash("nobody has this password")


def check_strength(password: str) -> None:
    """Raise Invalid when the password is too short."""
    if len(password) < MIN_CHARACTERS:
        raise Invalid(
            f"A password needs at least {MIN_CHARACTERS} characters.",
            code="password_too_short",
            min_characters=MIN_CHARACTERS,
        )


def hash_password(password: str) -> str:
    """The argon2id hash with its parameters. Slow on purpose: call it in a thread."""
    return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is right; takes as long when there is no hash. Call in a thread."""
    try:
        matched = _hasher.verify(password_hash or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return matched and password_hash is not None
