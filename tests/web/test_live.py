"""The live stream over a real server: in order, resumed exactly, each viewer his own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from fastapi import Request
from helpers import OURS, SYSTEM, act, report, sign_in, take_in_rows
from sqlalchemy import text

from streetwise.directory.deps import COOKIE, Deps
from streetwise.directory.sessions import sign_out
from streetwise.kernel import live
from streetwise.kernel.audience import Piece
from streetwise.kernel.journal import Recorded, last_seq
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.live import Dress, Feed
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.settings import Settings
from streetwise.web import live as web_live
from streetwise.web.server import app_server, listen

SECONDS = 30


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Few entries are replayed, so that "too many" is soon reached."""
    return settings.model_copy(update={"live_replay_entries": 20, "live_ping_seconds": 2})


@pytest_asyncio.fixture
async def online(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a real server (an in-process one would buffer the stream)."""
    listener = listen(runtime.settings)
    server = app_server(runtime)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1"
    async with httpx.AsyncClient(base_url=address, timeout=SECONDS, headers=OURS) as client:
        yield client
    server.end()
    await serving


async def bare(_: object, entries: Sequence[Recorded]) -> list[str]:
    """Entries as a screen gets them, without what they are about."""
    return [f"{entry.seq};" for entry in entries]


def feed_of(runtime: Runtime, dress: Dress = bare, **settings: float) -> Feed:
    """A feed that only reads when it is told to."""
    return Feed(
        runtime.database,
        dress,
        runtime.settings.model_copy(update={"live_poll_seconds": 60, **settings}),
    )


async def events(
    client: httpx.AsyncClient, count: int, *, after: int | None = None, header: bool = True
) -> list[tuple[str, Any]]:
    """The first events of a stream but pings: (name, data)."""
    found: list[tuple[str, Any]] = []
    headers = {"Last-Event-ID": str(after)} if after is not None and header else {}
    params = {"after": str(after)} if after is not None and not header else {}
    async with (
        asyncio.timeout(SECONDS),
        client.stream("GET", "/live", headers=headers, params=params) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        name = ""
        async for line in answer.aiter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: ") and name not in ("ping", "pace"):
                found.append((name, json.loads(line.removeprefix("data: "))))
                if len(found) == count:
                    break
    return found


async def first_seq(client: httpx.AsyncClient) -> int:
    ((name, hello),) = await events(client, 1)
    assert name == "hello"
    seq: int = hello["seq"]
    return seq


async def caught_up(client: httpx.AsyncClient, runtime: Runtime) -> int:
    """The stream's newest entry, once it knows of all there are: that of a sign-in comes after
    its answer."""
    async with runtime.database.read(SYSTEM) as session:
        newest = await last_seq(session)
    while (seq := await first_seq(client)) < newest:
        pass
    return seq


async def test_what_happens_arrives_in_order_with_names(
    online: httpx.AsyncClient, runtime: Runtime
) -> None:
    await sign_in(online, "dispatcher")
    before = await caught_up(online, runtime)
    reading = asyncio.create_task(events(online, 6, after=before))
    await take_in_rows(runtime, [report("1", "路灯不亮", "梧桐路的路灯坏了三天了。")])
    (row,) = (await online.get("/cases")).json()["items"]
    assert (await act(online, row, "accept")).is_success
    found = await reading
    names = [name for name, _ in found]
    assert names == ["hello"] + ["entry"] * 5
    actions = [data["action"] for _, data in found[1:]]
    of_import = ["import.started", "import.rows", "import.finished"]
    of_case = ["case.opened", "case.accepted"]
    # The server's worker may triage what was read before the import says that it is finished.
    assert [one for one in actions if one in of_import] == of_import
    assert [one for one in actions if one in of_case] == of_case
    assert actions.index("import.rows") < actions.index("case.opened")
    assert len(actions) == len(of_import + of_case)
    seqs = [data["seq"] for _, data in found[1:]]
    assert seqs == sorted(seqs)
    last = found[-1][1]
    assert last["actor"]["name"] == "派遣员甲"
    assert last["subject"]["title"] == "路灯不亮"


@pytest.mark.parametrize("accepted", ["gzip", "identity"])
async def test_a_stream_is_packed_for_who_can_unpack_it(
    online: httpx.AsyncClient, runtime: Runtime, accepted: str
) -> None:
    await sign_in(online, "dispatcher")
    online.headers["Accept-Encoding"] = accepted
    before = await caught_up(online, runtime)
    reading = asyncio.create_task(events(online, 3, after=before))
    await take_in_rows(runtime, [report("1", "路灯不亮", "梧桐路的路灯坏了三天了。")])
    found = await reading
    assert [data["seq"] for name, data in found[1:]] == [before + 1, before + 2]
    async with online.stream("GET", "/live") as answer:
        assert answer.headers.get("Content-Encoding", "identity") == accepted


@pytest.mark.parametrize(
    ("accepted", "gzip"),
    [
        ("gzip, deflate, br", True),
        ("br;q=1.0, GZIP;q=0.5", True),
        ("*", True),
        ("", False),
        ("identity", False),
        ("gzip;q=0, *;q=0", False),
        ("gzip; q=0.000", False),
    ],
)
def test_who_takes_gzip(accepted: str, gzip: bool) -> None:
    assert web_live.takes_gzip(accepted) is gzip


async def test_with_many_screens_each_asks_again_later(
    online: httpx.AsyncClient, runtime: Runtime
) -> None:
    """The second screen is too many here; the first hears of it at its next ping."""
    runtime.settings.live_ping_seconds = 0.2
    runtime.settings.live_refreshes_per_second = 0.2
    await sign_in(online, "dispatcher")
    async with asyncio.timeout(SECONDS), online.stream("GET", "/live") as first:
        lines = first.aiter_lines()
        assert await data_of("hello", lines) == 5
        async with online.stream("GET", "/live") as second:
            others = second.aiter_lines()  # kept: without its reader the line would be closed
            assert await data_of("hello", others) == 10
            assert await data_of("pace", lines) == 10
        assert await data_of("pace", lines) == 5  # and the second one is gone


async def data_of(name: str, lines: AsyncIterator[str]) -> float:
    """What the next event of this name says of asking again."""
    while await anext(lines) != f"event: {name}":
        pass
    said: float = json.loads((await anext(lines)).removeprefix("data: "))["refresh_seconds"]
    return said


@pytest.mark.parametrize(
    ("listeners", "seconds"), [(0, 5), (100, 5), (101, 10), (200, 10), (1000, 80), (5000, 320)]
)
def test_the_questions_of_all_screens_are_so_many_a_second(
    settings: Settings, listeners: int, seconds: float
) -> None:
    class Counted:
        def __init__(self) -> None:
            self.listeners = listeners

    assert web_live._refresh_seconds(Counted(), settings) == seconds  # type: ignore[arg-type]


async def test_a_burst_comes_in_parts_and_a_quiet_screen_is_pinged(runtime: Runtime) -> None:
    """More than is read at once, and more than is made ready at once: all of it, in order."""
    sizes = []

    async def noted(session: object, entries: Sequence[Recorded]) -> list[str]:
        sizes.append(len(entries))
        return await bare(session, entries)

    feed = feed_of(runtime, noted, live_queue_entries=2000, live_ping_seconds=0.01)
    await feed.start()
    listener, began = feed.join(SYSTEM, None), feed.seq
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        uow.record(*[Entry("system:test", "case.joined", "case", None) for _ in range(1020)])
    await feed._catch_up()
    heard = b"".join(piece.plain for piece in listener.take()).decode()
    assert heard == "".join(f"{began + number};" for number in range(1, 1021))
    assert max(sizes) == live.DRESSED_AT_ONCE and feed.seq == began + 1020
    listener.woken.clear()
    pinging = asyncio.create_task(feed._ping())
    async with asyncio.timeout(SECONDS):
        await listener.wait()  # for nothing: that is a ping
    assert listener.take() == []
    pinging.cancel()


@pytest.mark.parametrize("header", [True, False], ids=["Last-Event-ID", "after"])
async def test_who_comes_back_gets_exactly_what_was_missed(
    online: httpx.AsyncClient, runtime: Runtime, header: bool
) -> None:
    await sign_in(online, "dispatcher")
    before = await caught_up(online, runtime)
    await take_in_rows(runtime, [report("1", "路灯不亮", "梧桐路的路灯坏了三天了。")])
    while await first_seq(online) < before + 4:
        await asyncio.sleep(0.02)
    found = await events(online, 5, after=before, header=header)
    assert [data["seq"] for name, data in found if name == "entry"] == [
        before + 1,
        before + 2,
        before + 3,
        before + 4,
    ]


async def test_who_missed_too_much_is_told_to_start_anew(
    online: httpx.AsyncClient, runtime: Runtime
) -> None:
    await sign_in(online, "dispatcher")
    before = await caught_up(online, runtime)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        uow.record(
            *[Entry("system:test", "case.joined", "case", None, area="home") for _ in range(50)]
        )
    while await first_seq(online) < before + 50:
        await asyncio.sleep(0.02)
    found = await events(online, 2, after=before)
    assert found[1] == ("reset", {"seq": before + 50})


async def test_each_viewer_gets_only_his_own(online: httpx.AsyncClient, runtime: Runtime) -> None:
    """Two workers of two communities, one case each: neither hears of the other's."""
    await take_in_rows(
        runtime,
        [
            report("1", "东边的事", "东边的垃圾桶满溢，没人管。", lon=116.905, lat=40.105),
            report("2", "西边的事", "西边的垃圾桶满溢，没人管。", lon=116.905, lat=40.115),
        ],
    )
    for login, title in (("community_worker", "东边的事"), ("worker2", "西边的事")):
        await sign_in(online, login)
        while await first_seq(online) < 5:
            await asyncio.sleep(0.02)
        found = await events(online, 2, after=0)
        assert [data["subject"]["title"] for name, data in found if name == "entry"] == [title]


@pytest.mark.parametrize("how", ["told by the journal", "by the clock"])
async def test_a_stream_ends_with_its_session(
    online: httpx.AsyncClient, runtime: Runtime, how: str
) -> None:
    """Signed out elsewhere: the open screen hears no more, though its connection lives."""
    runtime.settings.live_ping_seconds = 0.1
    runtime.settings.live_recheck_seconds = 0.1 if how == "by the clock" else 3600
    await sign_in(online, "dispatcher")
    async with asyncio.timeout(SECONDS), online.stream("GET", "/live") as answer:
        lines = answer.aiter_lines()
        for _ in range(3):
            while await anext(lines) != "event: ping":
                pass
        if how == "by the clock":
            async with runtime.database.unit_of_work(SYSTEM) as uow:
                await uow.session.execute(text("DELETE FROM staff_session"))
        else:
            token = online.cookies[COOKIE]
            await sign_out(runtime.database, token)
        async for _ in lines:
            pass  # it ends, or the time-out fails the test


async def test_a_change_between_who_asks_and_the_first_word_is_noticed(
    online: httpx.AsyncClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed out when it was known who asks, and heard of before the stream began."""
    runtime.settings.live_ping_seconds = 0.1
    runtime.settings.live_recheck_seconds = 3600
    await sign_in(online, "dispatcher")
    token = online.cookies[COOKIE]
    real = web_live._stream

    async def late(request: Request, deps: Deps, *rest: Any) -> AsyncIterator[Sequence[Piece]]:
        began = request.app.state.feed.seq
        await sign_out(runtime.database, token)
        while request.app.state.feed.rights_seq(deps.viewer.staff_id) <= began:
            await asyncio.sleep(0.01)
        async for piece in real(request, deps, *rest):
            yield piece

    monkeypatch.setattr(web_live, "_stream", late)
    async with asyncio.timeout(SECONDS), online.stream("GET", "/live") as answer:
        async for _ in answer.aiter_lines():
            pass  # it ends, or the time-out fails the test


async def test_a_sign_out_concerns_one_person_and_a_change_of_roles_everybody(
    runtime: Runtime,
) -> None:
    one, other = uuid4(), uuid4()
    feed = feed_of(runtime)
    await feed.start()
    began = feed.seq
    for action, subject in (
        ("case.joined", one),
        ("staff.signed_in", one),
        ("staff.signed_out", one),
        ("staff.roles_changed", other),
    ):
        async with runtime.database.unit_of_work(SYSTEM) as uow:
            uow.record(Entry("system:test", action, "staff", subject))
        await feed._catch_up()
        changed = [feed.rights_seq(who) > began for who in (one, other)]
        assert changed == {
            "staff.signed_out": [True, False],
            "staff.roles_changed": [True, True],
        }.get(action, [False, False])


async def test_a_feed_ends_even_when_something_happens_at_that_moment(runtime: Runtime) -> None:
    """``asyncio.wait_for`` of Python 3.11 forgets a cancellation that comes with the event, and
    the server would never end.
    """

    feed = feed_of(runtime)
    await feed.start()
    running = asyncio.create_task(feed.run())
    for _ in range(5):  # to where it waits
        await asyncio.sleep(0)
    feed._wake.set()
    running.cancel()
    done, _pending = await asyncio.wait({running}, timeout=5)
    assert done
