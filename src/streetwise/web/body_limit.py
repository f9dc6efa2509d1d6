"""No body larger than the largest file: refused before anything is written anywhere."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streetwise.kernel.errors import TooLarge


class BodyLimit:
    """Counts what arrives. FastAPI's own limit answers in plain text; this one raises, so that
    the application answers as it does to everything else.
    """

    def __init__(self, app: ASGIApp, limit_bytes: int) -> None:
        self._app = app
        self._limit_bytes = limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = _declared(scope)
        arrived = 0

        async def counted() -> Message:
            nonlocal arrived
            if declared > self._limit_bytes:
                raise HTTPException(TooLarge.status)
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > self._limit_bytes:
                raise HTTPException(TooLarge.status)
            return message

        await self._app(scope, counted, send)


def _declared(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
