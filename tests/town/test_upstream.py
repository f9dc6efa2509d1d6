"""The platform's whole list, as the living town hands it in: it differs where it is planted to."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, cast

import httpx
import pytest
from fastapi import FastAPI
from helpers import TEST_PASSWORD, read_rows, sign_in, take_in_rows
from resolve.test_reconcile import lines, run
from sqlalchemy import func, select

from streetwise.gather.tables import Signal
from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.reconcile.jobs import run_reconciliation
from streetwise.town import platform, upstream
from streetwise.town.almanac import ZONE
from streetwise.town.client import Account, Cast, Client
from streetwise.town.reports import Report
from streetwise.town.upstream import Upstream

AT = datetime(2026, 5, 11, 8, 30, tzinfo=ZONE)
DISPATCHER = Account("dispatcher", "dispatcher", "")
SAID = (
    ("路灯不亮", "梧桐路的路灯坏了三天了，晚上看不见路。"),
    ("道路破损", "桂花路中间有一个大坑，车过去都颠。"),
    ("垃圾桶满溢", "银杏路的垃圾桶满了好几天，没有人来清理。"),
)


class Told:
    """Three calls of today."""

    zone = ZONE

    def __init__(self) -> None:
        self.calls = [
            Report(f"RX{AT:%Y%m%d}0{n:04}", platform.CHANNEL, AT, *words, None, None, "", "", "")
            for n, words in enumerate(SAID)
        ]

    def day(self, day: date) -> list[Report]:
        return list(self.calls) if day == AT.date() else []


async def test_the_list_leaves_out_and_brings_what_was_planted(
    runtime: Runtime, client: httpx.AsyncClient, app: FastAPI, clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    told = Told()
    came = [platform.order_row(one) for one in told.calls[:2]]
    await take_in_rows(runtime, came, mapping=platform.MAPPING)
    clock.advance(timedelta(minutes=10))
    left_out, late = told.calls[1].upstream_key, told.calls[2].upstream_key
    monkeypatch.setattr(upstream, "_dropped", lambda seed, number: number == left_out)
    monkeypatch.setattr(upstream, "missed", lambda seed, number: number == late)
    town = Client("http://test", TEST_PASSWORD, 10_000.0, httpx.ASGITransport(app=app))
    there = Upstream(town, cast(Any, told), Cast([DISPATCHER]), 5)
    assert await there.whole_list(clock.now().replace(hour=20)) == []  # four in the morning
    rows = await there.whole_list(clock.now())
    assert await there.whole_list(clock.now()) == []  # once a day
    before = await signals(runtime)
    await read_rows(runtime, rows, mapping=upstream.LIST_MAPPING)
    # What is known already is no news: what the export left out is.
    assert await signals(runtime) == before + 1
    clock.advance(timedelta(hours=2))
    await run_reconciliation(runtime)
    await sign_in(client, "dispatcher")
    assert (await run(client))["whole_at"] is not None
    assert await lines(client) == [
        (left_out, "only_here", "dropped"), (late, "only_there", "waiting")
    ]  # fmt: skip
    await town.close()


async def signals(runtime: Runtime) -> int:
    async with runtime.database.read(Viewer.system("test")) as session:
        return int((await session.execute(select(func.count()).select_from(Signal))).scalar_one())
