"""Delivery over real sockets and a real file: recorded, retried, and once."""

from __future__ import annotations

import asyncio
import fcntl
import json
import logging
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from dumps import dump
from helpers import SYSTEM, past_the_walls, run_jobs
from notify.sinks import mail_sink, web_sink
from notify.telling import (
    EMAIL_ADDRESS,
    HANDLER,
    MOBILE,
    SECRET,
    change_all,
    message,
    set_up,
    states,
    tell,
    wish,
)

from streetwise.kernel import logs
from streetwise.kernel.clock import HandClock
from streetwise.kernel.jobs import HANDLERS
from streetwise.kernel.runtime import Runtime
from streetwise.notify import jobs, repository
from streetwise.notify.channels import outbox
from streetwise.notify.channels.webhook import SIGNATURE, TIMESTAMP, signature
from streetwise.notify.waiting import wait_seconds


async def deliver(runtime: Runtime) -> None:
    """What a worker does."""
    await jobs.deliver(runtime)


async def until(so: Callable[[], bool]) -> None:
    """Wait until it is so; not for ever."""
    async with asyncio.timeout(30):
        while not so():
            await asyncio.sleep(0.01)


#: A port on which nobody answers.
NOBODY = 1


def lines(runtime: Runtime) -> list[dict[str, Any]]:
    """The whole lines of the SMS sink."""
    path = outbox(runtime.settings)
    found = []
    for line in path.read_bytes().splitlines() if path.exists() else []:
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


async def test_one_message_goes_out_over_every_channel_once(runtime: Runtime) -> None:
    async with mail_sink() as mail, web_sink() as web:
        runtime = set_up(
            runtime,
            notify_smtp_host="127.0.0.1",
            notify_smtp_port=mail.port,
            notify_webhook_url=f"http://127.0.0.1:{web.port}/in",
            notify_sms="file",
            public_url="https://street.example/",
        )
        person = await wish(runtime, HANDLER, "email", "sms", "webhook")
        told = message([person])
        assert await tell(runtime, told) == 1
        assert await tell(runtime, told) == 0  # the same fact: once
        await deliver(runtime)
        await deliver(runtime)
    assert states(runtime) == [(one, "sent", 1, None) for one in ("email", "sms", "webhook")]
    (sent,) = mail.mails
    assert [one.upper() for one in mail.rcpt] == [f"RCPT TO:<{EMAIL_ADDRESS}>".upper()]
    assert sent["Subject"] == "派遣：AJ-1" and sent["To"] == EMAIL_ADDRESS
    assert sent["Auto-Submitted"] == "auto-generated"
    assert "路灯" in sent.get_content()
    assert f"https://street.example/cases/{told.subject}" in sent.get_content()
    (posted,) = web.posts
    at = posted.headers[TIMESTAMP.lower()]
    assert posted.headers[SIGNATURE.lower()] == signature(SECRET.encode(), at, posted.body)
    body = json.loads(posted.body)
    assert body["recipient"] == HANDLER and body["params"]["number"] == "AJ-1"
    assert posted.headers["idempotency-key"] == body["id"]
    # No address but the one that is written to.
    assert MOBILE.encode() not in posted.body and EMAIL_ADDRESS.encode() not in posted.body
    (line,) = lines(runtime)
    assert line["to"] == MOBILE and "AJ-1" in line["text"]
    assert outbox(runtime.settings).stat().st_mode & 0o077 == 0


async def test_the_job_comes_with_the_change_and_goes_with_it(runtime: Runtime) -> None:
    """One job for many messages; rolled back: neither message nor job."""
    runtime = set_up(runtime, notify_sms="file")
    person = await wish(runtime, HANDLER, "sms")
    other = await wish(runtime, "worker2", "sms")
    with pytest.raises(ZeroDivisionError):
        async with runtime.database.unit_of_work(SYSTEM) as uow:
            from streetwise.notify import notify

            assert await notify(uow, [message([person])]) == 1
            raise ZeroDivisionError
    assert states(runtime) == []
    many = [message([person, other], f"AJ-{n}") for n in range(10_000)]
    assert await tell(runtime, *many, message([other], urgent=True)) == 3
    with past_the_walls(runtime) as connection:
        waiting = connection.execute("SELECT task_name FROM procrastinate_jobs").fetchall()
    assert waiting == [("notify.deliver",)]
    await run_jobs(runtime)
    found = sorted(line["text"] for line in lines(runtime))
    assert len(found) == 3 and found[0].startswith("10000 件事件已派给城管科")
    assert found[2].startswith("【紧急】AJ-1")


async def test_few_are_told_one_by_one(runtime: Runtime) -> None:
    person = await wish(runtime, HANDLER)
    assert await tell(runtime, *(message([person], f"AJ-{n}") for n in range(3))) == 3
    assert await tell(runtime, *(message([person], f"AJ-{n}") for n in range(4))) == 1
    assert states(runtime) == []  # the bell's row is the message


async def test_dead_between_sent_and_noted(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent again under the same id, by which mail and webhook know it; the SMS file looks."""
    async with mail_sink() as mail, web_sink() as web:
        runtime = set_up(
            runtime,
            notify_smtp_host="127.0.0.1",
            notify_smtp_port=mail.port,
            notify_webhook_url=f"http://127.0.0.1:{web.port}/in",
            notify_sms="file",
        )
        await tell(runtime, message([await wish(runtime, HANDLER, "email", "sms", "webhook")]))

        async def dead(*_: Any, **__: Any) -> bool:
            await asyncio.Event().wait()
            return False

        with monkeypatch.context() as patched:
            patched.setattr(repository, "settle", dead)
            task = asyncio.create_task(deliver(runtime))
            await until(lambda: bool(mail.mails and web.posts and lines(runtime)))
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert [row[1:] for row in states(runtime)] == [("sending", 1, None)] * 3
        await deliver(runtime)  # the claim still holds: nobody takes them up
        assert len(mail.mails) == len(web.posts) == 1
        change_all(runtime, "UPDATE delivery SET claimed_at = claimed_at - interval '1 hour'")
        await deliver(runtime)
    assert [row[1:] for row in states(runtime)] == [("sent", 2, None)] * 3
    assert len({one["Message-ID"] for one in mail.mails}) == 1 and len(mail.mails) == 2
    assert len({one.headers["idempotency-key"] for one in web.posts}) == 1
    assert len(web.posts) == 2
    assert len(lines(runtime)) == 1


async def test_who_comes_back_late_changes_nothing(runtime: Runtime) -> None:
    """A sender whose claim ran out does not overwrite what the next one noted."""
    async with mail_sink() as mail:
        runtime = set_up(runtime, notify_smtp_host="127.0.0.1", notify_smtp_port=mail.port)
        await tell(runtime, message([await wish(runtime, HANDLER, "email")]))
        mail.go_on.clear()
        slow = asyncio.create_task(deliver(runtime))
        await until(lambda: bool(mail.rcpt))
        change_all(runtime, "UPDATE delivery SET state = 'failed', error = 'interrupted'")
        mail.go_on.set()
        await slow
    assert states(runtime) == [("email", "failed", 1, "interrupted")]


async def test_two_workers_at_once_send_each_once(runtime: Runtime) -> None:
    async with web_sink() as web:
        runtime = set_up(
            runtime, notify_webhook_url=f"http://127.0.0.1:{web.port}/in", notify_sms="file"
        )
        people = [await wish(runtime, one, "webhook", "sms") for one in (HANDLER, "worker2")]
        for n in range(12):
            await tell(runtime, message(people, f"AJ-{n}"))
        await asyncio.gather(*(deliver(runtime) for _ in range(3)))
    keys = Counter(one.headers["idempotency-key"] for one in web.posts)
    assert len(keys) == 24 and set(keys.values()) == {1}
    assert len({line["id"] for line in lines(runtime)}) == len(lines(runtime)) == 24
    assert {row[1:] for row in states(runtime)} == {("sent", 1, None)}


async def test_a_channel_that_is_away_holds_up_no_other(runtime: Runtime, clock: HandClock) -> None:
    runtime = set_up(
        runtime, notify_smtp_host="127.0.0.1", notify_smtp_port=NOBODY, notify_sms="file",
        notify_attempts=3,
    )  # fmt: skip
    person = await wish(runtime, HANDLER, "email", "sms")
    for n in range(10):
        await tell(runtime, message([person], f"AJ-{n}"))
    await deliver(runtime)
    found = Counter(states(runtime))
    assert found["sms", "sent", 1, None] == 10
    # Eight were tried; then nobody knocked any more at a door where nobody is.
    assert found["email", "waiting", 1, "unreachable"] == 8
    assert found["email", "waiting", 0, None] == 2
    for _ in range(4):
        clock.advance(timedelta(seconds=runtime.settings.notify_retry_max_seconds))
        await deliver(runtime)
        await deliver(runtime)
    assert Counter(states(runtime))["email", "failed", 3, "unreachable"] == 10
    async with mail_sink() as mail:  # given up is given up
        runtime = set_up(runtime, notify_smtp_host="127.0.0.1", notify_smtp_port=mail.port)
        await deliver(runtime)
        assert not mail.mails


async def test_busy_is_tried_again_and_refused_is_not(runtime: Runtime, clock: HandClock) -> None:
    async with mail_sink() as mail, web_sink() as web:
        mail.replies = ["450 mailbox busy", "250 ok", "550 no such user"]
        web.answers = [503, 302]
        runtime = set_up(
            runtime,
            notify_smtp_host="127.0.0.1",
            notify_smtp_port=mail.port,
            notify_webhook_url=f"http://127.0.0.1:{web.port}/in",
        )
        person = await wish(runtime, HANDLER, "email", "webhook")
        await tell(runtime, message([person]))
        await deliver(runtime)
        assert states(runtime) == [
            ("email", "waiting", 1, "busy"), ("webhook", "waiting", 1, "busy"),
        ]  # fmt: skip
        await deliver(runtime)
        assert len(mail.rcpt) == len(web.posts) == 1  # not before its time
        clock.advance(timedelta(seconds=runtime.settings.notify_retry_seconds))
        await deliver(runtime)
        # A redirect is not followed: only the address of the settings is spoken to.
        assert states(runtime) == [("email", "sent", 2, None), ("webhook", "failed", 2, "refused")]
        await tell(runtime, message([person], "AJ-2"))
        await deliver(runtime)
        assert ("email", "failed", 1, "refused") in states(runtime)


def test_waits_grow_up_to_a_limit(runtime: Runtime) -> None:
    waits = [wait_seconds(runtime.settings, attempts) for attempts in (1, 2, 3, 4, 5, 500)]
    assert waits == [60, 240, 960, 3840, 14_400, 14_400]


async def test_nobody_to_write_to(runtime: Runtime) -> None:
    gone, bare, off = [
        await wish(runtime, one, channel)
        for one, channel in ((HANDLER, "sms"), ("worker2", "sms"), ("dispatcher2", "webhook"))
    ]
    runtime = set_up(runtime, notify_sms="file")
    await tell(runtime, message([gone, bare, off]))
    change_all(runtime, f"UPDATE staff SET active = false WHERE id = '{gone}'")
    change_all(
        runtime, f"UPDATE notify_preference SET mobile_sealed = NULL WHERE staff_id = '{bare}'"
    )
    await deliver(runtime)
    assert {row[3] for row in states(runtime)} == {
        "recipient_gone", "no_address", "not_configured",
    }  # fmt: skip
    assert {row[1] for row in states(runtime)} == {"failed"}
    assert lines(runtime) == []


async def test_a_torn_line_of_the_sms_file(runtime: Runtime) -> None:
    """The machine died in the middle of a line: the next begins anew, the letter goes again."""
    runtime = set_up(runtime, notify_sms="file")
    await tell(runtime, message([await wish(runtime, HANDLER, "sms")]))
    with past_the_walls(runtime) as connection:
        (delivery,) = connection.execute("SELECT id::text FROM delivery").fetchone() or ("",)
    path: Path = outbox(runtime.settings)
    path.parent.mkdir()
    path.write_text(f'{{"id": "{delivery}", "to": "137')
    change_all(
        runtime,
        "UPDATE delivery SET state = 'sending', attempts = 1,"
        " claimed_at = now() - interval '1 hour'",
    )
    await deliver(runtime)
    assert [line["id"] for line in lines(runtime)] == [delivery]


async def test_an_sms_file_that_somebody_holds(runtime: Runtime) -> None:
    """Not waited for longer than the claim: tried again, and there once."""
    runtime = set_up(runtime, notify_sms="file", notify_timeout_seconds=0.05)
    await tell(runtime, message([await wish(runtime, HANDLER, "sms")]))
    path = outbox(runtime.settings)
    path.parent.mkdir()
    with path.open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        await deliver(runtime)
    assert states(runtime) == [("sms", "waiting", 1, "unreachable")]
    change_all(runtime, "UPDATE delivery SET due_at = due_at - interval '1 hour'")
    await deliver(runtime)
    assert len(lines(runtime)) == 1


async def test_quiet_hours_end_in_one_message_and_urgent_ones_do_not_wait(
    runtime: Runtime, clock: HandClock
) -> None:
    async with mail_sink() as mail:
        runtime = set_up(
            runtime, notify_smtp_host="127.0.0.1", notify_smtp_port=mail.port, notify_sms="file"
        )
        clock.advance(timedelta(hours=13))  # 23:00 in Beijing
        times = {"quiet_from": "22:00", "quiet_to": "07:00", "language": "en"}
        person = await wish(runtime, HANDLER, "email", "sms", **times)
        other = await wish(runtime, "worker2", "sms", **times)
        for n in range(3):
            await tell(runtime, message([person], f"AJ-{n}"))
        await tell(runtime, message([other], "AJ-7"))
        await tell(runtime, message([person], "AJ-9", urgent=True))
        await deliver(runtime)
        assert [one["Subject"] for one in mail.mails] == ["[Urgent] Dispatched: AJ-9"]
        clock.advance(timedelta(hours=7, minutes=59))
        await deliver(runtime)
        assert len(mail.mails) == 1
        clock.advance(timedelta(minutes=1))
        await asyncio.gather(*(deliver(runtime) for _ in range(3)))
        await deliver(runtime)
    assert [one["Subject"] for one in mail.mails[1:]] == ["Streetwise: 3 notifications"]
    assert all(f"AJ-{n}" in mail.mails[1].get_content() for n in range(3))
    texts = [line["text"] for line in lines(runtime)]
    # One alone is no digest.
    assert len(texts) == 3 and sum("AJ-7" in text for text in texts) == 1
    found = Counter(row[:2] for row in states(runtime))
    assert found["email", "digested"] == 3 and found["email", "sent"] == 2
    assert found["sms", "sent"] == 3


async def test_a_daily_digest(runtime: Runtime, clock: HandClock) -> None:
    runtime = set_up(runtime, notify_sms="file")
    person = await wish(runtime, HANDLER, "sms", digest_at="17:30")
    for n in range(30):
        await tell(runtime, message([person], f"AJ-{n}"))
        clock.advance(timedelta(minutes=1))
    await deliver(runtime)
    assert lines(runtime) == []
    clock.advance(timedelta(hours=7))  # 17:30 in Beijing: 10:30 and 7 hours
    await deliver(runtime)
    (line,) = lines(runtime)
    assert "另有 10 条" in line["text"] and "AJ-0" in line["text"]


async def test_other_times_hold_for_what_is_held(runtime: Runtime, clock: HandClock) -> None:
    runtime = set_up(runtime, notify_sms="file")
    person = await wish(runtime, HANDLER, "sms", digest_at="17:30")
    await tell(runtime, message([person]))
    clock.advance(timedelta(hours=1))
    await wish(runtime, HANDLER, "sms")
    await deliver(runtime)
    assert len(lines(runtime)) == 1


async def test_what_was_abandoned_too_often_is_given_up(runtime: Runtime) -> None:
    runtime = set_up(runtime, notify_sms="file")
    await tell(runtime, message([await wish(runtime, HANDLER, "sms")]))
    change_all(
        runtime,
        "UPDATE delivery SET state = 'sending', attempts = 6,"
        " claimed_at = now() - interval '1 hour'",
    )
    await deliver(runtime)
    assert states(runtime) == [("sms", "failed", 6, "interrupted")]


async def test_old_ones_are_removed(runtime: Runtime, clock: HandClock) -> None:
    runtime = set_up(runtime, notify_sms="file")
    person = await wish(runtime, HANDLER, "sms")
    await tell(runtime, message([person]))
    await deliver(runtime)
    clock.advance(timedelta(days=runtime.settings.notify_keep_days + 1))
    await tell(runtime, message([person], "AJ-2"))
    await deliver(runtime)
    assert states(runtime) == [("sms", "sent", 1, None)]


async def test_addresses_stand_nowhere(
    runtime: Runtime, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not in the database, nor in logs or journal, whatever goes wrong; a channel that breaks
    with the address in its words included."""
    logs.set_up("DEBUG", "json")
    with caplog.at_level(logging.DEBUG):
        async with mail_sink() as mail:
            mail.replies = [f"550 {EMAIL_ADDRESS} unknown", "451 later", "250 ok"]
            runtime = set_up(
                runtime, notify_smtp_host="127.0.0.1", notify_smtp_port=mail.port,
                notify_sms="file", notify_webhook_url=f"http://127.0.0.1:{NOBODY}/",
            )  # fmt: skip
            person = await wish(runtime, HANDLER, "email", "sms", "webhook")
            outbox(runtime.settings).mkdir(parents=True)  # a folder where the file should be
            for n in range(3):
                await tell(runtime, message([person], f"AJ-{n}"))
                await HANDLERS["notify.deliver"](runtime)
    assert {row[3] for row in states(runtime)} == {"refused", "busy", "unreachable", None}
    seen = dump(runtime.database.url) + "".join(capsys.readouterr()).encode()
    seen += caplog.text.encode() + "".join(repr(r.__dict__) for r in caplog.records).encode()
    assert b"delivery_failed" in seen and b"notify.preferences_changed" in seen
    for address in (EMAIL_ADDRESS, MOBILE):
        assert address.encode() not in seen
        assert address.encode().hex().encode() not in seen
