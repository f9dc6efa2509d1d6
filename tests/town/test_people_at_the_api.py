"""The town's people at the real API: they sign in, and their changes are taken as ours."""

from __future__ import annotations

import httpx
from fastapi import FastAPI
from helpers import TEST_PASSWORD, report, take_in_rows

from streetwise.kernel.runtime import Runtime
from streetwise.town.client import Account, Client


async def test_the_towns_people_sign_in_and_change_a_case(app: FastAPI, runtime: Runtime) -> None:
    await take_in_rows(runtime, [report("1", "路灯不亮", "梧桐路的路灯坏了三天了，请尽快处理")])
    client = Client("http://test", TEST_PASSWORD, 1000.0, httpx.ASGITransport(app=app))
    people = [Account(login, login, "乙街道") for login in ("dispatcher", "dispatcher2")]
    for who in people:
        assert (await client.sign_in(who))["staff"]["login"] == who.login
    (case,) = (await client.get(people[0], "/cases"))["items"]
    done = await client.post(people[0], f"/cases/{case['id']}/actions/accept", {}, case["version"])
    assert done["state"] == "accepted"
    await client.close()
