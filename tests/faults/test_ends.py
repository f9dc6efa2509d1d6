"""Every way of ending `streetwise serve` leaves nothing behind: no process, no port, no lock."""

from __future__ import annotations

import signal
import socket
import threading
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from faults.street import BOUND_SECONDS, Street, descendants, until

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def check_nothing_left(street: Street, before: set[int]) -> None:
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in before), "all processes end")
    assert not street.database_lives()
    assert not (street.home / "postgres" / "postmaster.pid").exists()  # stopped, not killed


@pytest.mark.parametrize("number", SIGNALS)
def test_a_serving_server_ends_with_everything(street: Street, number: signal.Signals) -> None:
    """With a screen's live stream open: it never ends by itself and must not hold us up."""
    street.serve(fresh=True)
    assert street.process is not None
    begun = threading.Event()

    def watch() -> None:
        with street.client() as client, client.stream("GET", "/live") as answer:
            for line in answer.iter_lines():
                if line.startswith("event: hello"):
                    begun.set()

    screen = threading.Thread(target=watch)
    screen.start()
    assert begun.wait(BOUND_SECONDS)
    before = descendants(street.process.pid)
    assert street.database_pid() in before
    street.process.send_signal(number)
    street.process.wait(BOUND_SECONDS)
    check_nothing_left(street, before)
    screen.join(BOUND_SECONDS)
    assert not screen.is_alive()
    # The port is free for the next one, at once.
    url = urlsplit(street.url)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((url.hostname, url.port))
    with pytest.raises(httpx.ConnectError):
        httpx.get(street.url)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_server_told_to_end_while_it_starts_ends_with_everything(
    street: Street, number: signal.Signals
) -> None:
    """The database is up, nothing is served yet: the worst moment, it must not be orphaned."""
    process = street.spawn("serve", "--port", "0")
    until(street.database_lives, "the database starts")
    before = descendants(process.pid)
    process.send_signal(number)
    process.wait(BOUND_SECONDS)
    check_nothing_left(street, before)


def test_a_taken_port_is_said_before_anything_is_started(street: Street) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = street.spawn("serve", "--port", str(port))
        assert process.wait(BOUND_SECONDS) == 2
    said = street.log.read_text()
    assert f"Cannot listen on 127.0.0.1:{port}" in said
    assert "Traceback" not in said
    assert not street.database_lives()


def test_a_second_server_of_the_same_home_helps_and_leaves_the_database(street: Street) -> None:
    """Two servers share one database; the guest's end does not take it from the owner."""
    street.serve()
    first = street.process
    street.serve()
    guest = street.process
    assert first is not None and guest is not None
    guest.terminate()
    guest.wait(BOUND_SECONDS)
    assert first.poll() is None
    assert street.database_lives()
    first.terminate()
    first.wait(BOUND_SECONDS)
    assert not street.database_lives()
