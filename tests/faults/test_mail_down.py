"""The mail server refuses, is silent, dies in the middle of a mail, is gone, and comes back."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import httpx
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from helpers import act, log_of, report, sign_in, spot, take_in_rows
from notify.telling import EMAIL_ADDRESS, HANDLER, message, set_up, states, tell, wish
from resolve.test_clocks import DIRTY_ROAD, handled

from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.notify import health, jobs
from streetwise.notify.waiting import wait_seconds
from streetwise.resolve.jobs import sweep_deadlines

#: Long enough for a mail on a busy machine; a server that says nothing is waited for so long.
PATIENCE_SECONDS = 1.0
#: Who hears of what is late: at once, and after a while.
TOLD = ("dispatcher", "street_commander")
REFUSES, SILENT, DIES, TAKES = "refuses", "silent", "dies in DATA", "takes"


@dataclass
class Office:
    """A real mail server (aiosmtpd) with moods; what it took, by Message-ID and subject."""

    mood: str = TAKES
    port: int = 0
    mails: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    knocks: int = 0
    server: asyncio.Server | None = None

    async def handle_MAIL(  # noqa: N802 - aiosmtpd calls it so
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Somebody wants to send."""
        self.knocks += 1
        if self.mood == REFUSES:
            return "421 closing, too busy"
        if self.mood == SILENT:
            await asyncio.sleep(PATIENCE_SECONDS * 3)
        envelope.mail_from = address
        return "250 ok"

    async def handle_DATA(  # noqa: N802 - aiosmtpd calls it so
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """The mail itself; a server that dies now has not said that it took it."""
        if self.mood == DIES:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            return "250 nobody hears this"
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append(mail["Message-ID"])
        self.titles.append(mail["Subject"])
        return "250 taken"

    async def open(self) -> None:
        """Listen; the second time at the same address."""
        loop = asyncio.get_running_loop()
        self.server = await loop.create_server(
            lambda: SMTP(self, hostname="mail"), "127.0.0.1", self.port
        )
        self.port = self.server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """Nobody listens any more."""
        if self.server is not None:
            self.server.close()
            await self.server.wait_closed()
            self.server = None


async def an_office(runtime: Runtime, mood: str) -> tuple[Runtime, Office]:
    """A mail server, and an installation that sends its mail there and its texts into a file."""
    office = Office(mood)
    await office.open()
    runtime = set_up(
        runtime,
        notify_smtp_host="127.0.0.1",
        notify_smtp_port=office.port,
        notify_timeout_seconds=PATIENCE_SECONDS,
        notify_sms="file",
        notify_attempts=4,
    )
    return runtime, office


async def is_back(runtime: Runtime, office: Office) -> Runtime:
    """It takes mails again, and is waited for on a busy machine too."""
    office.mood = TAKES
    if office.server is None:
        await office.open()
    patient = runtime.settings.model_copy(update={"notify_timeout_seconds": 30.0})
    return replace(runtime, settings=patient)


@pytest.mark.parametrize("mood", [REFUSES, SILENT, DIES, "gone"])
async def test_what_was_told_meanwhile_arrives_once(
    runtime: Runtime, clock: HandClock, mood: str
) -> None:
    """However it is away: nothing is lost or doubled, other ways out go on, one line each way."""
    runtime, office = await an_office(runtime, mood)
    if mood == "gone":
        await office.shut()
    person = await wish(runtime, HANDLER, "email", "sms")
    with log_of(health) as told:
        for n in range(3):
            await tell(runtime, message([person], f"AJ-{n}"))
            await jobs.deliver(runtime)
            clock.advance(timedelta(seconds=wait_seconds(runtime.settings, 1)))
        assert office.mails == []
        # The other way out is not held up, nor the bell: their rows are there and gone.
        assert [one[:3] for one in states(runtime) if one[0] == "sms"] == [("sms", "sent", 1)] * 3
        runtime = await is_back(runtime, office)
        for _ in range(3):
            clock.advance(timedelta(seconds=wait_seconds(runtime.settings, 3)))
            await jobs.deliver(runtime)
    await office.shut()
    assert sorted(office.titles) == [f"派遣：AJ-{n}" for n in range(3)]
    assert len(set(office.mails)) == 3
    assert {one[1] for one in states(runtime)} == {"sent"}
    # A server that says that it is busy is there: that is no outage.
    lines = [one["event"] for one in told]
    assert lines == ([] if mood == REFUSES else ["channel_down", "channel_up"])


async def test_nobody_waits_for_the_mail_server_and_the_bell_rings(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    """An officer acts while the server hangs: the action, its entry and the bell are there at
    once, and what could not be delivered at last is said to whom it was meant for.
    """
    slow, office = await an_office(runtime, SILENT)
    await wish(slow, HANDLER, "email")
    await take_in_rows(runtime, [report("1", "路灯坏了", "路灯坏了很多天", **spot(1))])
    await sign_in(client, "dispatcher")
    (case,) = (await client.get("/cases")).json()["items"]
    case = (await act(client, case, "accept")).json()
    await tell(slow, message([await wish(slow, HANDLER, "email")], "AJ-9"))
    hanging = asyncio.ensure_future(jobs.deliver(slow))
    async with asyncio.timeout(30):
        while not office.knocks:  # it hangs now, in the middle of a mail
            await asyncio.sleep(0.01)
    answer = await act(client, case, "dispatch", unit="dep1")
    assert answer.status_code == 200
    assert not hanging.done()
    await sign_in(client, HANDLER)
    bell = (await client.get("/notifications")).json()["items"]
    assert {one["kind"] for one in bell} == {"case.dispatched"} and len(bell) == 2
    await hanging
    await office.shut()
    for attempts in range(1, 5):
        await jobs.deliver(slow)
        clock.advance(timedelta(seconds=wait_seconds(slow.settings, attempts)))
    await jobs.deliver(slow)
    assert {one[:3] for one in states(slow)} == {("email", "failed", 4)}
    bell = (await client.get("/notifications")).json()["items"]
    assert len(bell) == 2
    assert all(failed(one) for one in bell), json.dumps(bell, ensure_ascii=False)
    assert EMAIL_ADDRESS not in json.dumps(bell)


async def test_an_escalation_is_told_once_though_no_mail_goes(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    """The sweep of deadlines writes what it tells in its own transaction and waits for nobody;
    of all that rang in the bell meanwhile there is one mail each afterwards.
    """
    runtime, office = await an_office(runtime, TAKES)
    await office.shut()
    longer = runtime.settings.model_copy(update={"notify_attempts": 9})
    runtime = replace(runtime, settings=longer)
    for login in TOLD:
        await wish(runtime, login, "email")
    await handled(runtime, client, DIRTY_ROAD)  # two office hours
    for hours in (2, 5, 72, 72):
        clock.advance(timedelta(hours=hours))
        await sweep_deadlines(runtime)
        await sweep_deadlines(runtime)
        await jobs.deliver(runtime)
    bell, kinds = [], set()
    for login in TOLD:
        await sign_in(client, login)
        for one in (await client.get("/notifications")).json()["items"]:
            bell.append(one["title"])
            kinds.add(one["kind"])
    assert {"case.overdue", "case.escalated"} <= kinds
    assert office.mails == []
    runtime = await is_back(runtime, office)
    for _ in range(3):
        clock.advance(timedelta(seconds=runtime.settings.notify_retry_max_seconds))
        await jobs.deliver(runtime)
    await office.shut()
    assert sorted(one.removeprefix("【紧急】") for one in office.titles) == sorted(bell)
    assert len(set(office.mails)) == len(bell)


def failed(shown: dict[str, Any]) -> bool:
    """Whether the bell says of a message that its mail did not arrive."""
    return any((one["channel"], one["state"]) == ("email", "failed") for one in shown["deliveries"])
