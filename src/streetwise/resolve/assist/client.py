"""The way to a model: one OpenAI-compatible address, from the settings and from nowhere else."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Literal

import httpx

from streetwise.kernel.settings import Settings
from streetwise.resolve.assist.prompts import Prompt

#: What is around the words of a reply, in bytes; and bytes for each of its characters (escaped).
_AROUND_BYTES, _CHARACTER_BYTES = 16_384, 12
#: Low: the same material should give nearly the same words.
TEMPERATURE = 0.2

FailedKind = Literal["timeout", "unreachable", "refused", "busy", "nonsense", "too_long"]


class Failed(Exception):
    """The model gave nothing usable. ``kind`` says how; nothing of what it said is kept."""

    def __init__(self, kind: FailedKind, why: str = "") -> None:
        super().__init__(kind)
        self.kind: FailedKind = kind
        self.why = why


async def ask(settings: Settings, prompt: Prompt) -> str:
    """What the model says, as it says it. Raises Failed."""
    most = settings.assist_max_characters
    body = {
        "model": settings.assist_model,
        "messages": list(prompt.messages),
        "temperature": TEMPERATURE,
        # A Chinese character is about one token.
        "max_tokens": most,
        "stream": False,
    }
    limit = _AROUND_BYTES + _CHARACTER_BYTES * most
    status, content = await _request(settings, "POST", "/chat/completions", limit, json=body)
    if status == 429 or status >= 500:
        raise Failed("busy", f"HTTP {status}")
    if status != 200:
        raise Failed("refused", f"HTTP {status}")
    said = _said(content)
    if len(said) > most:
        raise Failed("too_long")
    return said


async def probe(settings: Settings) -> None:
    """Ask for the list of models, and for nothing else. Raises Failed."""
    status, _ = await _request(settings, "GET", "/models", _AROUND_BYTES, cut=True)
    if status in (401, 403):
        raise Failed("refused", f"HTTP {status}")
    if status >= 500:
        raise Failed("busy", f"HTTP {status}")


async def _request(
    settings: Settings, method: str, path: str, limit: int, *, cut: bool = False, **given: Any
) -> tuple[int, bytes]:
    """(status, body), the whole within the time-out and no longer than the limit. ``cut``: what
    is longer is cut off instead of refused."""
    headers = {}
    if settings.assist_key:
        headers["Authorization"] = f"Bearer {settings.assist_key}"
    url = settings.assist_url.rstrip("/") + path
    wait = settings.assist_timeout_seconds
    try:
        async with (
            # Of the whole: one that sends a byte a second would else never be late.
            asyncio.timeout(wait),
            # trust_env: a proxy of the environment is not the address that was set.
            httpx.AsyncClient(timeout=wait, trust_env=False, follow_redirects=False) as client,
            client.stream(method, url, headers=headers, **given) as answer,
        ):
            content = bytearray()
            async for piece in answer.aiter_bytes():
                content += piece
                if len(content) > limit:
                    if cut:
                        break
                    raise Failed("too_long")
            return answer.status_code, bytes(content)
    except (TimeoutError, httpx.TimeoutException):
        raise Failed("timeout") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Failed("unreachable", type(error).__name__) from None


def _said(content: bytes) -> str:
    """The words of a reply. Raises Failed when it is none."""
    try:
        said = json.loads(content)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise Failed("nonsense") from None
    if not isinstance(said, str) or not said.strip():
        raise Failed("nonsense")
    return said
