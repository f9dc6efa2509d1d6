"""Errors as answers: problem documents in which nothing of what was asked is repeated."""

from __future__ import annotations

import re
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from streetwise.kernel.errors import StreetwiseError
from streetwise.kernel.problems import MEDIA_TYPE, problem_of
from streetwise.privacy.masking import mask

_UUID = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def problem_answer(request: Request, error: StreetwiseError) -> JSONResponse:
    """The answer that says an error."""
    # An address or a wrong field may be somebody's number; the answer does not repeat it.
    content = masked(problem_of(error, instance=_instance(request)))
    content["request_id"] = getattr(request.state, "request_id", None)
    headers = {}
    if "retry_after_seconds" in error.params:
        headers["Retry-After"] = str(error.params["retry_after_seconds"])
    return JSONResponse(content, error.status, headers, media_type=MEDIA_TYPE)


def _instance(request: Request) -> str:
    """The address without what is no id of ours."""
    path = route_of(request)
    for name, value in request.path_params.items():
        if _UUID.fullmatch(str(value)):
            path = path.replace(f"{{{name}}}", str(value))
    return path


def masked(content: Any) -> Any:
    """The same with personal values masked, in every text of it but ids."""
    if isinstance(content, str):
        return content if _UUID.fullmatch(content) else mask(content).text
    if isinstance(content, dict):
        return {masked(name): masked(value) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [masked(value) for value in content]
    return content


def route_of(request: Request) -> str:
    """The route's pattern, so that no id or search word gets into the log."""
    route = request.scope.get("route")
    return str(getattr(route, "path", "unknown"))
