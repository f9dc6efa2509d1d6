"""Passwords: argon2id (RFC 9106) with the library's own parameters, and what makes a poor one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from streetwise.directory.letters import new_code
from streetwise.kernel.errors import Invalid

#: What must remain of a password when common words and the person's own are taken out.
REST_CHARACTERS = 6
#: Shorter words of the person's own are too likely to stand in a good password by chance.
_OWN_CHARACTERS = 3
#: A one-time password: 4 groups of 4 of 32 letters, 80 bits, to be read out and typed.
_GROUPS, _GROUP_LETTERS = 4, 4

_hasher = PasswordHasher()
#: Verified against when there is nothing else, so that the answer takes as long: of random letters
#: that nobody kept. Made once and for all: making it takes an eighth of a second at every start.
_NOBODY = (
    "$argon2id$v=19$m=65536,t=3,p=4$4KfYusdNeAch+Thsi1lhgw$"
    "kauH0247unvoW2FnbHBgW7yU88FlX/VWlQf11uHh5bg"
)


@cache
def common_parts() -> tuple[str, ...]:
    """Words, habits and rows of keys (data/common-passwords.txt), the longest first."""
    file = resources.files("streetwise.directory") / "data" / "common-passwords.txt"
    lines = file.read_text(encoding="utf-8").splitlines()
    words = {line.strip().lower() for line in lines if line.strip() and line[0] != "#"}
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


def check_strength(password: str, min_characters: int, own: Sequence[str] = ()) -> None:
    """Raise Invalid when the password is too short or easily guessed.

    ``own``: login, name, street: what everybody knows of the person.
    """
    if len(password) < min_characters:
        raise Invalid(
            f"A password needs at least {min_characters} characters.",
            code="password_too_short",
            min_characters=min_characters,
        )
    if len(set(_rest(password, own))) < REST_CHARACTERS:
        raise Invalid(
            "This password is easily guessed: without common words, rows of keys or numbers, your"
            f" login, name and street, fewer than {REST_CHARACTERS} different characters remain.",
            code="password_too_common",
            rest_characters=REST_CHARACTERS,
        )


def _rest(password: str, own: Sequence[str]) -> str:
    text = password.lower()
    words = [word.lower() for word in own if len(word) >= _OWN_CHARACTERS]
    for part in (*sorted(words, key=len, reverse=True), *common_parts()):
        text = text.replace(part, "")
    return text


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


def used_before(hashes: Sequence[str], password: str) -> bool:
    """Whether the password is one of these. As slow as there are hashes: call it in a thread."""
    return any(matches(one, password) for one in hashes)


def one_time_password() -> str:
    """A password to be given to somebody and changed at once."""
    return new_code(_GROUPS, _GROUP_LETTERS)
