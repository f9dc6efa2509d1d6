"""Running the server: the address is checked first, and every way of ending it ends it all."""

from __future__ import annotations

import asyncio
import resource
import socket
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import uvicorn
from fastapi import APIRouter, FastAPI

from streetwise.kernel import ending, logs, memory
from streetwise.kernel.errors import Unavailable
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.settings import Settings
from streetwise.web.app import create_app

log = logs.get(__name__)

BACKLOG = 1024
SWITCH_SECONDS = 0.0005


def listen(settings: Settings) -> socket.socket:
    """A listening socket; Unavailable that names what to do when the address is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # The protocol is named: what accept() gives inherits it, and only then asyncio switches off
    # Nagle's algorithm, which holds the body back for 40 ms behind its head.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise Unavailable(
            f"Cannot listen on {settings.host}:{settings.port} ({error.strerror}); choose"
            " another port, for example PORT=8701 make demo or STREETWISE_PORT=8701.",
            code="port_taken",
            port=settings.port,
        ) from error
    listener.listen(BACKLOG)
    return listener


class Server(uvicorn.Server):
    """uvicorn that ends quietly on Ctrl-C, kill and a closed terminal.

    uvicorn itself raises the signal again when it has stopped, and the process would die
    before the database is stopped: nothing of ours may be left running.
    """

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop; live streams never end by themselves, so they are told at once."""
        super().handle_exit(sig, frame)
        self.end()

    def end(self) -> None:
        """Ask the server to stop."""
        app = self.config.app
        assert isinstance(app, FastAPI)
        app.state.stopping.set()
        app.state.feed.wake_listeners()
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ask the server to stop on any of the signals, and forget them afterwards."""
        with ending.told_instead(lambda number: self.handle_exit(number, None)):
            yield


def app_server(runtime: Runtime, demo_router: APIRouter | None = None) -> Server:
    """A server of the application, not yet started. ``demo_router``: see ``create_app``."""
    grace = int(runtime.settings.shutdown_grace_seconds)
    return Server(
        uvicorn.Config(
            create_app(runtime, demo_router=demo_router),
            log_config=None,
            access_log=False,
            lifespan="on",
            timeout_keep_alive=runtime.settings.http_keep_alive_seconds,
            timeout_graceful_shutdown=grace or None,
            server_header=False,
            # Who is believed about addresses is our own setting (trusted_proxies).
            proxy_headers=False,
        )
    )


async def serve(
    runtime: Runtime,
    listener: socket.socket,
    *,
    beside: Callable[[str, asyncio.Event], Coroutine[Any, Any, None]] | None = None,
    ready: Callable[[str], None] | None = None,
    demo_router: APIRouter | None = None,
) -> None:
    """Serve until told to stop. ``beside`` runs while the server does (the simulator)."""
    server = app_server(runtime, demo_router)
    # A thread at work (an import is read) holds the interpreter so long at a time, and each write
    # to a screen gives it away: Python's 5 ms would be waited for again and again.
    sys.setswitchinterval(SWITCH_SECONDS)
    _allow_connections()
    host, port = listener.getsockname()[:2]
    url = f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"  # noqa: S104
    stop = asyncio.Event()
    tasks = [asyncio.create_task(_announce(server, url, ready))]
    if beside is not None:
        tasks.append(asyncio.create_task(beside(url, stop)))
    try:
        await server.serve(sockets=[listener])
    finally:
        stop.set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _allow_connections() -> None:
    """As many open connections as the system lets us have: a shell or a service starts with 1,024
    of them, and each open screen is one.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _announce(server: Server, url: str, ready: Callable[[str], None] | None) -> None:
    while not server.started:
        await asyncio.sleep(0.02)
    memory.settle()
    log.info("serving", url=url)
    if ready is not None:
        ready(url)
