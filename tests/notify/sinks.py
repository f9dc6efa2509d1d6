"""A mail server and a web server for tests: real sockets, as little of the protocol as needed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class MailSink:
    """What a mail server was given. ``replies``: what it says to RCPT, one after the other."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    rcpt: list[str] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    #: Hold every DATA until set: to look at what goes on meanwhile.
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""

        def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())

        say("220 sink")
        while line := (await reader.readline()).decode().strip():
            verb = line.split(" ", 1)[0].upper()
            if verb == "RCPT":
                self.rcpt.append(line)
                say(self.replies.pop(0) if self.replies else "250 ok")
            elif verb == "DATA":
                say("354 go on")
                raw = await reader.readuntil(b"\r\n.\r\n")
                await self.go_on.wait()
                mail = message_from_bytes(raw[:-5], policy=policy.default)
                assert isinstance(mail, EmailMessage)
                self.mails.append(mail)
                say("250 taken")
            elif verb == "QUIT":
                say("221 bye")
                break
            else:
                say("250 ok")
        writer.close()


@asynccontextmanager
async def mail_sink() -> AsyncIterator[MailSink]:
    """A mail server."""
    sink = MailSink()
    sink.go_on.set()
    async with await asyncio.start_server(sink.serve, "127.0.0.1", 0) as server:
        sink.port = server.sockets[0].getsockname()[1]
        yield sink


@dataclass
class Posted:
    """A request that came in."""

    headers: dict[str, str]
    body: bytes


@dataclass
class WebSink:
    """What a web server was given. ``answers``: status codes, one after the other; then 200."""

    port: int = 0
    posts: list[Posted] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        pairs = (line.split(": ", 1) for line in head[1:] if line)
        headers = {name.lower(): value for name, value in pairs}
        body = await reader.readexactly(int(headers["content-length"]))
        self.posts.append(Posted(headers, body))
        status = self.answers.pop(0) if self.answers else 200
        location = "Location: http://127.0.0.1:1/\r\n" if status == 302 else ""
        writer.write(
            f"HTTP/1.1 {status} x\r\n{location}Content-Length: 0\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        await writer.drain()
        writer.close()


@asynccontextmanager
async def web_sink() -> AsyncIterator[WebSink]:
    """A web server."""
    sink = WebSink()
    async with await asyncio.start_server(sink.serve, "127.0.0.1", 0) as server:
        sink.port = server.sockets[0].getsockname()[1]
        yield sink
