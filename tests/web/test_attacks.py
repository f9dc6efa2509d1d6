"""Attacks on the API: fields that are not asked for, old versions, paths, bombs, headers."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from helpers import act, report, sign_in, take_in_rows
from web.neighbourhood import a_photo

from streetwise.kernel.runtime import Runtime

EVIL_NAMES = ["../../evil.csv", "..\\..\\evil.csv", "/etc/cron.d/evil", "evil.csv\x00.png"]


async def a_case(runtime: Runtime, client: httpx.AsyncClient) -> dict[str, Any]:
    await take_in_rows(runtime, [report("1", "路灯不亮", "梧桐路的路灯坏了三天了，请尽快处理")])
    await sign_in(client, "dispatcher")
    (row,) = (await client.get("/cases")).json()["items"]
    found: dict[str, Any] = (await client.get(f"/cases/{row['id']}")).json()
    return found


@pytest.mark.parametrize(
    "field", ["state", "grade", "area", "unit_id", "version", "reported_by", "closed_at", "id"]
)
async def test_a_form_takes_no_field_that_it_does_not_have(
    runtime: Runtime, client: httpx.AsyncClient, field: str
) -> None:
    """Mass assignment: the whole request is refused, and the case is as it was."""
    case = await a_case(runtime, client)
    answer = await act(client, case, "accept", **{field: "closed"})
    assert (answer.status_code, answer.json()["code"]) == (422, "validation")
    items = [{"id": case["id"], "version": case["version"], field: 1}]
    bulk = await client.post("/cases/actions/accept", json={"items": items, "who": "me"})
    assert bulk.status_code == 422
    assert (await client.get(f"/cases/{case['id']}")).json() == case
    login = {"login": "dispatcher", "password": "x", "roles": ["system_admin"]}
    assert (await client.post("/session", json=login)).status_code == 422


async def test_an_old_version_cannot_be_replayed(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    """The same request again; another one with its version; a made-up one; one without."""
    case = await a_case(runtime, client)
    assert (await act(client, case, "accept")).status_code == 200
    for action, inputs in (("accept", {}), ("dispatch", {"unit": "dep1"})):
        again = await act(client, case, action, **inputs)
        assert (again.status_code, again.json()["code"]) == (412, "stale_version")
    path = f"/cases/{case['id']}/actions/dispatch"
    for header in ('"999"', "*", '"-1"', '"2", "1"', "2; DROP TABLE cases"):
        answer = await client.post(path, json={"unit": "dep1"}, headers={"If-Match": header})
        assert answer.status_code == 412, header
    assert (await client.post(path, json={"unit": "dep1"})).status_code == 428
    assert (await client.get(f"/cases/{case['id']}")).json()["state"] == "accepted"


@pytest.mark.parametrize("name", EVIL_NAMES)
async def test_a_files_name_is_no_path(
    runtime: Runtime, client: httpx.AsyncClient, name: str, tmp_path: Path
) -> None:
    """Neither for an import nor for a photo: files lie where their content says."""
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    await sign_in(client, "dispatcher")
    table = "编号,渠道,时间,标题,内容\n1,hotline12345,2026-05-11 09:00:00,灯,路灯坏了\n".encode()
    taken = await client.post(
        "/imports", data={"mapping": "street-reports"}, files={"file": (name, table, "text/csv")}
    )
    assert taken.status_code in (202, 422)
    if taken.status_code == 202:
        assert "/" not in taken.json()["file_name"]
    await sign_in(client, "inspector")
    photo = await client.post("/files", files={"file": (name, a_photo("a"), "image/jpeg")})
    assert photo.status_code in (201, 422)
    new = {path for path in tmp_path.rglob("*") if path.is_file()} - before
    assert all(path.is_relative_to(runtime.settings.files_path) for path in new)
    assert not [path for path in new if "evil" in path.name]


@pytest.mark.parametrize(
    "path",
    ["/../../etc/passwd", "/..%2f..%2fetc%2fpasswd", "/assets/..%2f..%2fapp.py", "/%2e%2e/app.py"],
)
async def test_no_address_leads_out_of_the_screens_folder(app: FastAPI, path: str) -> None:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as browser:
        answer = await browser.get(path)
    assert "root:" not in answer.text
    assert "create_app" not in answer.text


def a_bomb(edge: int) -> bytes:
    """A PNG that says it has edge × edge pixels, in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", edge, edge, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(1 << 20))) + chunk(b"IEND", b"")
    )  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        a_bomb(60_000),
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<html><script>alert(1)</script></html>",
        b"GIF89a/*<script>*/",
    ],
    ids=["bomb", "svg", "html", "polyglot"],
)
async def test_what_is_no_harmless_photo_is_refused(
    client: httpx.AsyncClient, content: bytes
) -> None:
    await sign_in(client, "inspector")
    answer = await client.post("/files", files={"file": ("p.png", content, "image/png")})
    assert answer.status_code == 422


async def test_headers_let_no_script_run_and_nobody_frame_us(
    runtime: Runtime, client: httpx.AsyncClient, app: FastAPI
) -> None:
    """On the screen, on data, on photos and on refusals."""
    case = await a_case(runtime, client)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", cookies=client.cookies
    ) as browser:
        for path in (
            "/",
            "/api/v1/about",
            f"/api/v1/cases/{case['id']}",
            f"/api/v1/cases/{uuid4()}",
        ):
            headers = (await browser.get(path)).headers
            policy = dict(
                part.strip().partition(" ")[::2]
                for part in headers["content-security-policy"].split(";")
            )
            assert policy["default-src"] == "'self'"
            assert "script-src" not in policy, "scripts: what default-src says, and no more"
            assert policy["frame-ancestors"] == "'none'"
            assert policy["object-src"] == "'none'"
            assert policy["base-uri"] == "'none'"
            assert headers["x-content-type-options"] == "nosniff"
            if path.startswith("/api"):
                assert headers["cache-control"] == "no-store"
                assert "json" in headers["content-type"]
