"""Problems are RFC 9457, repeat nothing that was sent, and every answer carries safe headers."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from helpers import sign_in

from streetwise.kernel.settings import Settings

SECRET = "13800138000"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Files of a megabyte at most."""
    return settings.model_copy(update={"import_max_bytes": 2**20})


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", f"/cases/{SECRET}", 422, "validation"),
        ("GET", f"/cases?limit={SECRET}", 422, "validation"),
        ("GET", f"/cases?sort={SECRET}", 422, "validation"),
        ("PATCH", "/session", 405, "http"),
        ("GET", "/cases/00000000-0000-7000-8000-000000000000", 404, "not_found"),
    ],
)
async def test_a_problem_is_a_document_and_does_not_repeat_what_was_sent(
    client: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    await sign_in(client, "dispatcher")
    answer = await client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert {"type", "title", "detail", "instance", "request_id"} <= set(problem)
    assert problem["request_id"] == answer.headers["x-request-id"]
    problem.pop("instance")  # the address itself
    if "sort" not in path:
        assert SECRET not in str(problem)


async def test_every_answer_has_safe_headers(client: httpx.AsyncClient) -> None:
    for path in ("/about", "/session", "/nowhere"):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'self'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"


async def test_a_crash_says_nothing_of_its_inside(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_: object, **__: object) -> None:
        raise RuntimeError(f"secret {SECRET}")

    await sign_in(client, "dispatcher")
    monkeypatch.setattr("streetwise.resolve.api.lists.page", crash)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test/api/v1", cookies=client.cookies
    ) as other:
        answer = await other.get("/cases")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert SECRET not in answer.text


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_that_is_too_large_is_refused_before_it_is_kept(
    client: httpx.AsyncClient, app: FastAPI, declared: bool
) -> None:
    """As it says of itself, or as it turns out."""
    await sign_in(client, "dispatcher")
    settings = app.state.runtime.settings
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        head = 'Content-Disposition: form-data; name="file"; filename="f.csv"'
        yield f"--x\r\n{head}\r\n\r\n".encode()
        while sent < settings.import_max_bytes + 4 * 2**20:
            sent += 2**20
            yield b"x" * 2**20

    body: bytes | AsyncIterator[bytes] = b"" if declared else chunks()
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    if declared:
        headers["Content-Length"] = str(settings.import_max_bytes + 2 * 2**20)
    answer = await client.post("/imports", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert sent <= settings.import_max_bytes + 2 * 2**20
