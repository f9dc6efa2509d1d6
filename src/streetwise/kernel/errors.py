"""Typed errors. Each has a stable ``code`` that the screen turns into a sentence.

The API renders them as RFC 9457 problems (kernel/problems.py); ``params`` fill the sentence.
"""

from __future__ import annotations

from typing import Any


class StreetwiseError(Exception):
    """Base of every error that a person may see.

    ``detail`` is one English sentence that says what happened and what to do.
    """

    status = 500
    code = "internal"
    title = "Something went wrong"

    def __init__(self, detail: str, *, code: str | None = None, **params: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        if code is not None:
            self.code = code
        self.params = params


class Invalid(StreetwiseError):
    """The input cannot be used; nothing was changed."""

    status = 422
    code = "validation"
    title = "The input cannot be used"


class Unauthenticated(StreetwiseError):
    """Nobody is signed in, or the session has ended."""

    status = 401
    code = "unauthenticated"
    title = "Please sign in"


class Forbidden(StreetwiseError):
    """The viewer may not do this."""

    status = 403
    code = "forbidden"
    title = "Not allowed"


class NotFound(StreetwiseError):
    """There is no such thing, or this viewer may not know of it (the two are not told apart)."""

    status = 404
    code = "not_found"
    title = "Not found"


class Conflict(StreetwiseError):
    """The thing is in a state in which this cannot be done."""

    status = 409
    code = "conflict"
    title = "Not possible in this state"


class StaleVersion(StreetwiseError):
    """Somebody else changed the thing since the viewer read it; nothing was changed."""

    status = 412
    code = "stale_version"
    title = "Changed by somebody else"


class PreconditionRequired(StreetwiseError):
    """An action came without the version that it was decided on."""

    status = 428
    code = "precondition_required"
    title = "A version is required"


class TooLarge(StreetwiseError):
    """More than this installation takes in one piece."""

    status = 413
    code = "file_too_large"
    title = "Too large"


class TooManyRequests(StreetwiseError):
    """Slow down; ``params['retry_after_seconds']`` says for how long."""

    status = 429
    code = "too_many_requests"
    title = "Too many attempts"


class Unavailable(StreetwiseError):
    """Something that this needs is not there right now; trying again later may help."""

    status = 503
    code = "unavailable"
    title = "Not available right now"


class DiskFull(StreetwiseError):
    """There is no room to write to; somebody must make some."""

    status = 507
    code = "disk_full"
    title = "The disk is full"

    def __init__(self) -> None:
        super().__init__(
            "The disk of the server is full; nothing was changed. Tell the administrator to make"
            " room, then try again."
        )
