"""Codes of an authenticator application (RFC 6238: SHA-1, 6 digits, 30 s) and recovery codes. Pure.

A code is taken one step early or late, because telephones' clocks differ, and no step twice.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from streetwise.directory.letters import LETTERS, letters_of, new_code

STEP_SECONDS = 30
DIGITS = 6
#: 160 bits, as RFC 4226 asks for.
SECRET_BYTES = 20
#: Steps before and after the present one whose codes are taken.
WINDOW = 1
RECOVERY_CODES = 10
#: 10 letters of 32: 50 bits each, and wrong ones make the login wait.
_RECOVERY_LETTERS = 10


def new_secret() -> bytes:
    """A new shared secret."""
    return secrets.token_bytes(SECRET_BYTES)


def key_text(secret: bytes) -> str:
    """The secret for typing into an application: base32 in groups of four."""
    text = base64.b32encode(secret).decode()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def uri(secret: bytes, login: str, issuer: str) -> str:
    """The otpauth:// address that a QR code carries."""
    label = f"{quote(issuer, safe='')}:{quote(login, safe='')}"
    asked = urlencode({"secret": base64.b32encode(secret).decode(), "issuer": issuer})
    return f"otpauth://totp/{label}?{asked}"


def step_of(at: datetime) -> int:
    """The number of the 30-second step."""
    return int(at.timestamp()) // STEP_SECONDS


def code_at(secret: bytes, step: int) -> str:
    """The code of a step."""
    # SHA-1 is what RFC 6238 and every authenticator application use; as HMAC it is sound.
    code = TOTP(secret, DIGITS, SHA1(), STEP_SECONDS, enforce_key_length=False)  # noqa: S303
    return code.generate(step * STEP_SECONDS).decode()


def matching_step(secret: bytes, code: str, at: datetime, last_step: int | None) -> int | None:
    """The step that the code belongs to, newer than the last one taken; None: a wrong code."""
    typed = "".join(code.split())
    found = None
    now = step_of(at)
    # All steps are looked at, whichever fits: how long it takes says nothing.
    for step in range(now - WINDOW, now + WINDOW + 1):
        same = hmac.compare_digest(code_at(secret, step).encode(), typed.encode())
        if same and (last_step is None or step > last_step):
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Ten codes, shown once: ``abcde-fghij``."""
    return [new_code(2, _RECOVERY_LETTERS // 2) for _ in range(RECOVERY_CODES)]


def recovery_text(code: str) -> str | None:
    """A typed recovery code in its one spelling; None when it is none."""
    letters = letters_of(code)
    known = len(letters) == _RECOVERY_LETTERS and set(letters) <= set(LETTERS)
    return letters if known else None
