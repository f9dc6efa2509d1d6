"""Questions to the directory: what refers to a record, and who is responsible when."""

from __future__ import annotations

from typing import Any

import httpx
from helpers import sign_in

LAMPS = {"scheme": "urban-management", "code": "P-01-37", "grid": "g1"}


async def touched(client: httpx.AsyncClient, kind: str, code: str) -> dict[str, Any]:
    answer = await client.get(f"/directory/references/{kind}/{code}")
    assert answer.status_code == 200, answer.text
    return {one["key"]: (one["count"], one["examples"]) for one in answer.json()}


async def responsible(client: httpx.AsyncClient, **asked: str) -> dict[str, Any]:
    answer = await client.get("/directory/responsible", params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def write(client: httpx.AsyncClient, *changes: dict[str, Any]) -> None:
    preview = (await client.post("/directory/preview", json={"changes": changes})).json()
    assert preview["mistakes"] == []
    decided = {"changes": changes, "reason": "test", "digest": preview["digest"]}
    assert (await client.post("/directory/changes", json=decided)).status_code == 200


async def test_what_refers_to_a_record(client: httpx.AsyncClient) -> None:
    await sign_in(client, "data_steward")
    assert await touched(client, "grid", "g1") == {
        "places_in_grid": (1, ["梧桐路"]),
        "assets_in_grid": (1, ["路灯 1"]),
    }
    steward = await touched(client, "unit", "c1")
    assert steward["grids_of_community"] == (2, ["g1 网格", "g2 网格"])
    assert steward["staff_in_unit"][0] == 2
    # Who works where is not for everybody; the rest is.
    await sign_in(client, "dispatcher")
    dispatcher = await touched(client, "unit", "c1")
    assert dispatcher == {key: one for key, one in steward.items() if key != "staff_in_unit"}
    for path in ("unit/nobody", "staff/dispatcher"):
        answer = await client.get(f"/directory/references/{path}")
        assert answer.status_code in (403, 404)


async def test_who_is_responsible_and_by_which_line(client: httpx.AsyncClient) -> None:
    await sign_in(client, "data_steward")
    # The test's clock stands at ten on a Monday morning in Beijing.
    assert await responsible(client, **LAMPS) == {
        "unit": "dep1", "rule": "L00002", "at": "2026-05-11T10:00:00+08:00",
    }  # fmt: skip
    # @community is the grid's; where the grid is unknown, the line does not fit.
    bins = {"scheme": "urban-management", "code": "E-01-10"}
    assert (await responsible(client, **bins, grid="g3"))["unit"] == "c2"
    assert (await responsible(client, **bins, place="p3"))["unit"] == "c2"
    assert (await responsible(client, **bins))["rule"] == "L00003"


async def test_time_and_exceptions_decide_at_once(client: httpx.AsyncClient) -> None:
    """A line that was just written counts; one that has ended does not."""
    await sign_in(client, "data_steward")
    night = {
        "scheme": "urban-management", "class": "P-01", "condition": "*", "grid": "*",
        "unit": "out1", "hours": "18:00-08:00", "exception": True,
    }  # fmt: skip
    await write(client, {"kind": "rule", "op": "put", "values": night})
    late = await responsible(client, **LAMPS, at="2026-05-11T22:30")
    assert (late["unit"], late["rule"]) == ("out1", "L00004")
    assert (await responsible(client, **LAMPS, at="2026-05-11T14:30Z"))["unit"] == "out1"
    assert (await responsible(client, **LAMPS))["unit"] == "dep1"
    await write(client, {"kind": "rule", "code": "L00004", "op": "end"})
    assert (await responsible(client, **LAMPS, at="2026-05-11T22:30"))["unit"] == "dep1"
