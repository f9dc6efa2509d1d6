"""Views of the list of cases, saved for oneself or for the unit."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from helpers import sign_in


async def save(client: httpx.AsyncClient, name: str, query: str, **more: Any) -> httpx.Response:
    return await client.post("/views", json={"name": name, "query": query, **more})


async def names(client: httpx.AsyncClient) -> list[tuple[str, bool, bool]]:
    items = (await client.get("/views")).json()["items"]
    return [(one["name"], one["own"], one["shared"]) for one in items]


async def test_ones_own_and_the_units(client: httpx.AsyncClient) -> None:
    await sign_in(client, "dispatcher")
    assert (await save(client, "超期路灯", "?due=overdue&q=%E8%B7%AF%E7%81%AF")).status_code == 201
    shared = await save(client, "全街待派", "state=accepted", shared=True)
    assert shared.status_code == 201, shared.text
    assert await names(client) == [("全街待派", True, True), ("超期路灯", True, False)]
    assert shared.json()["items"][1]["query"] == "due=overdue&q=%E8%B7%AF%E7%81%AF"
    (view,) = [one for one in shared.json()["items"] if one["shared"]]
    # A colleague of the unit sees what is shared, and cannot remove it; another unit sees neither.
    await sign_in(client, "dispatcher2")
    assert await names(client) == [("全街待派", False, True)]
    assert (await client.delete(f"/views/{view['id']}")).status_code == 404
    await sign_in(client, "department_handler")
    assert await names(client) == []
    await sign_in(client, "dispatcher")
    assert (await client.delete(f"/views/{view['id']}")).status_code == 200
    assert await names(client) == [("超期路灯", True, False)]


@pytest.mark.parametrize(
    ("name", "query", "code"),
    [
        (" ", "state=open", "view_name"),
        ("x", "", "view_query"),
        ("x", "cursor=abc", "view_query"),
        ("x", "q=13800138000", "view_personal"),
        ("13800138000", "state=open", "view_personal"),
    ],
)
async def test_what_is_no_view(client: httpx.AsyncClient, name: str, query: str, code: str) -> None:
    await sign_in(client, "dispatcher")
    answer = await save(client, name, query)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
