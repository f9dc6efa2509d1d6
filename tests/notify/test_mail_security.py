"""E-mail to a server that demands encryption and a login, and to those that cannot be trusted."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from helpers import past_the_walls
from notify.secured import PASSWORD, USER, Certificates, Post, certificates, post_office
from notify.sinks import WebSink
from notify.telling import HANDLER, message, set_up, states, tell, wish

from streetwise.kernel.runtime import Runtime
from streetwise.notify import doctor, jobs

Office = AbstractAsyncContextManager[Post]


def trusting(runtime: Runtime, post: Post, security: str, **more: Any) -> Runtime:
    """Settings of an installation that sends its mail there."""
    return set_up(
        runtime,
        notify_smtp_host="127.0.0.1",
        notify_smtp_port=post.port,
        notify_smtp_security=security,
        **{"notify_smtp_user": USER, "notify_smtp_password": PASSWORD, **more},
    )


async def codes(runtime: Runtime) -> list[str]:
    return [one.code for one in await doctor.look(runtime.settings)]


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_mail_goes_encrypted_and_under_our_name(
    runtime: Runtime, tmp_path: Path, security: str
) -> None:
    good = certificates(tmp_path)
    kinds = {"starttls": None, "tls": None, security: good.server}
    async with post_office(starttls=kinds["starttls"], tls=kinds["tls"]) as post:
        runtime = trusting(runtime, post, security, notify_ca_file=good.authority)
        assert await codes(runtime) == []
        assert post.mails == [], "the doctor sends nothing"
        await tell(runtime, message([await wish(runtime, HANDLER, "email")]))
        await jobs.deliver(runtime)
        assert states(runtime) == [("email", "sent", 1, None)]
        assert post.mails == [(True, USER)]


#: What is wrong with a server, its name as a failure, and whether it heard our password.
Wrong = tuple[Callable[[Path], tuple[Office, dict[str, Any]]], str, bool]


def _starttls(good: Certificates, **more: Any) -> tuple[Office, dict[str, Any]]:
    return post_office(starttls=good.server), {"notify_ca_file": good.authority, **more}


WRONG: dict[str, Wrong] = {
    "of an authority that nobody knows": (
        lambda folder: (post_office(starttls=certificates(folder).server), {}),
        "insecure",
        False,
    ),
    "no longer good": (lambda folder: _starttls(certificates(folder, days=-1)), "insecure", False),
    "of another machine": (
        lambda folder: _starttls(certificates(folder, address="192.0.2.1")),
        "insecure",
        False,
    ),
    "without encryption": (lambda folder: (post_office(), {}), "insecure", False),
    "an authority's file that is not there": (
        lambda folder: _starttls(certificates(folder), notify_ca_file=folder / "none"),
        "insecure",
        False,
    ),
    "with another password": (
        lambda folder: _starttls(certificates(folder), notify_smtp_password="of before"),
        "login",
        True,
    ),
    "that knows no login": (
        lambda folder: (
            post_office(starttls=(good := certificates(folder)).server, login=False),
            {"notify_ca_file": good.authority},
        ),
        "login",
        False,
    ),
}


@pytest.mark.parametrize("what", WRONG)
async def test_a_server_that_is_not_as_it_should_be_gets_no_mail_and_no_password(
    runtime: Runtime, tmp_path: Path, what: str
) -> None:
    """The mail waits and is tried again: an administrator can mend all of these."""
    given, kind, heard = WRONG[what]
    office, settings = given(tmp_path)
    async with office as post:
        runtime = trusting(runtime, post, "starttls", **settings)
        await tell(runtime, message([await wish(runtime, HANDLER, "email")]))
        await jobs.deliver(runtime)
        assert states(runtime) == [("email", "waiting", 1, kind)]
        (found,) = await doctor.look(runtime.settings)
        assert (found.code, post.mails) == ("email_unreachable", [])
        assert f"({kind}" in found.says
        assert bool(post.logins) == heard
        assert PASSWORD not in found.says + found.do


async def test_a_mail_goes_once_the_password_was_mended(runtime: Runtime, tmp_path: Path) -> None:
    good = certificates(tmp_path)
    async with post_office(starttls=good.server) as post:
        before = trusting(
            runtime, post, "starttls", notify_ca_file=good.authority, notify_smtp_password="old"
        )
        await tell(before, message([await wish(before, HANDLER, "email")]))
        await jobs.deliver(before)
        with past_the_walls(runtime) as connection:
            connection.execute("UPDATE delivery SET due_at = due_at - interval '1 day'")
        settings = before.settings.model_copy(update={"notify_smtp_password": PASSWORD})
        await jobs.deliver(replace(before, settings=settings))
        assert states(runtime) == [("email", "sent", 2, None)]
        assert (post.logins[0], post.logins[-1]) == ("old", PASSWORD)


@pytest.mark.parametrize("known", [True, False])
async def test_a_webhook_is_believed_by_its_certificate(
    runtime: Runtime, tmp_path: Path, known: bool
) -> None:
    good, sink = certificates(tmp_path), WebSink()
    server = await asyncio.start_server(sink.serve, "127.0.0.1", 0, ssl=good.server)
    async with server:
        port = server.sockets[0].getsockname()[1]
        runtime = set_up(
            runtime,
            notify_webhook_url=f"https://127.0.0.1:{port}/in",
            notify_ca_file=good.authority if known else None,
        )
        await tell(runtime, message([await wish(runtime, HANDLER, "webhook")]))
        await jobs.deliver(runtime)
        expected = ("sent", 1, None) if known else ("waiting", 1, "insecure")
        assert states(runtime) == [("webhook", *expected)]
        assert len(sink.posts) == int(known)


async def test_the_doctor_finds_every_way_out_that_leads_nowhere(runtime: Runtime) -> None:
    with_nobody = set_up(
        runtime,
        notify_smtp_host="127.0.0.1",
        notify_smtp_port=1,
        notify_webhook_url="http://127.0.0.1:1/in?token=secret",
        notify_sms="file",
    )
    found = await doctor.look(with_nobody.settings)
    assert [one.code for one in found] == ["email_unreachable", "webhook_unreachable"]
    assert "127.0.0.1:1 (unreachable: Connection refused)" in found[0].says
    assert "secret" not in found[1].says
    assert await codes(set_up(runtime)) == [], "what is not configured is not looked for"


async def test_a_server_that_says_nothing_is_not_waited_for_without_end(runtime: Runtime) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        post = Post(port=server.sockets[0].getsockname()[1])
        (found,) = await doctor.look(
            trusting(runtime, post, "starttls", notify_timeout_seconds=0.2).settings
        )
    assert found.says.endswith("(timeout).")


def test_older_encryption_is_not_spoken(runtime: Runtime) -> None:
    from streetwise.notify.channels import trusting as whom

    context = whom(runtime.settings)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname
