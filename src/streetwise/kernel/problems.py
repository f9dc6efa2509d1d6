"""Errors as RFC 9457 problems. Pure."""

from __future__ import annotations

from typing import Any

from streetwise.kernel.errors import StreetwiseError

MEDIA_TYPE = "application/problem+json"


def problem_of(error: StreetwiseError, instance: str | None = None) -> dict[str, Any]:
    """The problem document of an error; ``code`` and ``params`` are what the screen reads."""
    problem: dict[str, Any] = {
        "type": f"urn:streetwise:problem:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        "params": error.params,
    }
    if instance is not None:
        problem["instance"] = instance
    return problem
