"""A webhook: one address that the administrator sets, for the house's own messenger.

The body is signed (HMAC-SHA256 over time and body), so that the other side knows who speaks and
that nobody plays an old one again; ``Idempotency-Key`` is the delivery's id, by which it knows
a repetition.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import ssl
from typing import Any

import httpx

from streetwise.kernel.clock import wall_now
from streetwise.kernel.settings import Settings
from streetwise.notify.channels import Failed, Letter, trusting

VERSION = "v1"
TIMESTAMP, SIGNATURE = "Streetwise-Timestamp", "Streetwise-Signature"
#: Answers that pass: the other side is busy, or its own other side is.
_BUSY = frozenset({408, 425, 429})


class Webhook:
    """One address, from the settings and from nowhere else; no redirect is followed."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.notify_webhook_url
        self._secret = (settings.notify_webhook_secret or "").encode()
        self._settings = settings

    async def send(self, letter: Letter) -> str | None:
        """Post it. Raises Failed."""
        body = content(letter)
        at = str(int(wall_now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": str(letter.id),
            TIMESTAMP: at,
            SIGNATURE: signature(self._secret, at, body),
        }
        answer = await self._request("POST", content=body, headers=headers)
        if answer.is_success:
            return None
        again = answer.status_code in _BUSY or answer.is_server_error
        raise Failed("busy" if again else "refused", f"HTTP {answer.status_code}")

    async def probe(self) -> None:
        """Ask for nothing (HEAD): whatever is answered, somebody is there. Raises Failed."""
        await self._request("HEAD")

    async def _request(self, method: str, **given: Any) -> httpx.Response:
        wait = self._settings.notify_timeout_seconds
        try:
            # trust_env: a proxy of the environment is not the address that was set.
            async with httpx.AsyncClient(
                timeout=wait, trust_env=False, verify=trusting(self._settings)
            ) as client:
                return await client.request(method, self._url, **given)
        except httpx.TimeoutException:
            raise Failed("timeout") from None
        except httpx.HTTPError as error:
            insecure = isinstance(error.__cause__, ssl.SSLError) or "SSL" in str(error)
            raise Failed("insecure" if insecure else "unreachable", str(error)) from None


def content(letter: Letter) -> bytes:
    """The body: who is meant, what about, and the words in the recipient's language."""
    told = {
        "id": str(letter.id),
        "kind": letter.kind,
        "recipient": letter.recipient,
        "urgent": letter.urgent,
        "made_at": letter.made_at.isoformat(),
        "title": letter.title,
        "text": letter.text,
        "link": letter.link or None,
        "params": dict(letter.params),
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def signature(secret: bytes, at: str, body: bytes) -> str:
    """``v1=`` and the HMAC-SHA256 of time, a dot, and the body."""
    made = hmac.new(secret, at.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"{VERSION}={made}"
