"""RTSP over TLS: whose certificate is good, and what goes wrong on the way."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from discover.streams.test_loop import Watched, until
from discover.streams.test_snapshot import jpeg
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.discover.streams.address import read_address
from streetwise.discover.streams.errors import Malformed, Reason
from streetwise.discover.streams.loop import Source, fixed
from streetwise.discover.streams.messages import Response
from streetwise.discover.streams.settings import StreamSettings
from streetwise.discover.streams.snapshot import NoPicture, http_picture
from streetwise.discover.streams.talk import Ended, Moved, read_redirect
from streetwise.discover.streams.tls import Tls, client_context, read_fingerprint
from streetwise.town.video.certificates import Certificate, certificate
from streetwise.town.video.clips import Clip, coded
from streetwise.town.video.encode import Coding
from streetwise.town.video.farm import Farm, Fault, Rules
from streetwise.town.video.rtsp import Door

HERE = "127.0.0.1"
NOW = datetime.now(UTC)
BEGUN = NOW - timedelta(days=2)
SETTINGS = StreamSettings(pump_ms=1, tick_s=0.0, stagger_s=0.0)
WRONG = "ab" * 32


@pytest.fixture(scope="module")
def clip() -> Clip:
    coding = Coding(width=128, height=96, key_every_s=1.0)
    grain = np.random.default_rng(5).integers(0, 255, (10, 96, 128, 3), np.uint8)
    return Clip(coding, "noise", list(coded(iter(grain), coding)))


@pytest.fixture(scope="module")
def own() -> Certificate:
    """A camera's own certificate; as cameras' are, of no name, and long over."""
    return certificate(["camera"], BEGUN - timedelta(days=900))


@pytest.fixture(scope="module")
def authority() -> Certificate:
    return certificate(["authority"], BEGUN)


@pytest.fixture
def authorities(authority: Certificate, tmp_path: Path) -> str:
    file = tmp_path / "authorities.pem"
    file.write_bytes(authority.pem)
    return str(file)


@asynccontextmanager
async def farm_of(clip: Clip, **rules: Any) -> AsyncIterator[tuple[Farm, str]]:
    farm = Farm(Rules(pace=20.0, **rules))
    farm.add("A", "clip")
    farm.put("clip", clip)
    port = await farm.start()
    try:
        yield farm, f"rtsps://admin:secret@{HERE}:{port}/A"
    finally:
        await farm.stop()


def watching(authorities: str = "", **more: Any) -> Watched:
    return Watched(
        StreamSettings(
            pump_ms=1, tick_s=0.0, stagger_s=0.0, connect_s=20.0, authorities=authorities, **more
        )
    )


def source(address: str, fingerprint: str = "") -> Source:
    return Source("A", fixed(address), fingerprint=fingerprint)


async def failure(watched: Watched, one: Source) -> tuple[Reason | None, str]:
    """Why the first connection came to nothing, or ended."""
    async with watched.running(one):
        await until(lambda: watched.loop.reports()[0].reason is not None)
        (report,) = watched.loop.reports()
    return report.reason, report.words


# --- certificates --------------------------------------------------------------------------


async def test_a_stream_by_tls_is_the_same_as_without(
    clip: Clip, authority: Certificate, authorities: str
) -> None:
    named = certificate([HERE], BEGUN, by=authority)
    got: dict[str, set[bytes]] = {}
    for way, tls in (("rtsps", named.server_context()), ("rtsp", None)):
        watched = watching(authorities)
        door = Door("basic", "admin", "secret")
        async with farm_of(clip, tls=tls, door=door) as (_, address):
            plain = address.replace("rtsps", way)
            async with watched.running(source(plain)):
                await until(lambda one=watched: len(one.pictures) >= 6)  # type: ignore[misc]
        got[way] = set(watched.of("A"))
        assert watched.lines == []
    assert got["rtsps"] == got["rtsp"]
    assert len(got["rtsps"]) == 2  # the clip's key pictures


async def test_a_camera_of_its_own_certificate_is_known_by_its_fingerprint(
    clip: Clip, own: Certificate
) -> None:
    watched = watching()
    async with (
        farm_of(clip, tls=own.server_context()) as (_, address),
        watched.running(source(address, own.fingerprint)),
    ):
        await until(lambda: len(watched.pictures) >= 2)
    assert watched.lines == []


@pytest.mark.parametrize(
    ("names", "begins", "days", "vouched", "fingerprint", "reason"),
    [
        ([HERE], BEGUN, 365, False, "", Reason.UNTRUSTED),
        ([HERE], BEGUN, 1, True, "", Reason.CERTIFICATE_DATES),
        ([HERE], NOW + timedelta(days=9), 365, True, "", Reason.CERTIFICATE_DATES),
        (["10.9.8.7", "camera.example"], BEGUN, 365, True, "", Reason.CERTIFICATE_NAME),
        # One that somebody vouches for is another than the one that was written down, too.
        ([HERE], BEGUN, 365, True, WRONG, Reason.OTHER_CERTIFICATE),
        ([HERE], BEGUN, 365, False, WRONG, Reason.OTHER_CERTIFICATE),
    ],
)
async def test_a_certificate_that_is_not_good_is_refused_before_anything_is_said(
    clip: Clip,
    authority: Certificate,
    authorities: str,
    names: list[str],
    begins: datetime,
    days: int,
    vouched: bool,
    fingerprint: str,
    reason: Reason,
) -> None:
    shown = certificate(names, begins, days, by=authority if vouched else None)
    door = Door("basic", "admin", "secret")
    async with farm_of(clip, tls=shown.server_context(), door=door) as (farm, address):
        watched = watching(authorities)
        found = await failure(watched, source(address, fingerprint))
        assert farm.refused == 0  # who says anything without a password is refused
        assert farm.sessions == set()
    assert found[0] is reason
    assert watched.pictures == []


async def test_without_a_file_of_authorities_a_street_of_ones_own_is_strange(
    clip: Clip, authority: Certificate
) -> None:
    named = certificate([HERE], BEGUN, by=authority)
    async with farm_of(clip, tls=named.server_context()) as (_, address):
        assert (await failure(watching(), source(address)))[0] is Reason.UNTRUSTED


async def test_a_file_of_authorities_that_is_gone_or_is_none_is_said(
    clip: Clip, own: Certificate, tmp_path: Path
) -> None:
    none = tmp_path / "none.pem"
    none.write_text("no certificate at all")
    async with farm_of(clip, tls=own.server_context()) as (_, address):
        for file in (none, tmp_path / "gone.pem"):
            said = await failure(watching(str(file)), source(address))
            assert said == (Reason.UNTRUSTED, "the file of authorities cannot be read")


def test_a_file_of_authorities_that_was_renewed_is_read_again(
    tmp_path: Path, authority: Certificate
) -> None:
    file = tmp_path / "authorities.pem"
    file.write_bytes(authority.pem)
    first = client_context(str(file))
    assert client_context(str(file)) is first
    other = certificate(["another"], BEGUN)
    file.write_bytes(authority.pem + other.pem)
    assert len(client_context(str(file)).get_ca_certs()) == 2


# --- the handshake, and the end ---------------------------------------------------------------


async def test_a_handshake_that_nobody_answers_is_given_up(clip: Clip, own: Certificate) -> None:
    watched = Watched(
        StreamSettings(pump_ms=1, tick_s=0.0, stagger_s=0.0, connect_s=0.2, connecting_most=1)
    )
    good = Source("B", fixed("rtsp://127.0.0.1:9/none"))
    async with (
        farm_of(clip, tls=own.server_context(), tls_stalls=True) as (_, address),
        watched.running(source(address), good),
    ):
        # The other one has its turn as well: what hangs holds nobody up for ever.
        await until(lambda: all(one.reason for one in watched.loop.reports()))
        first, second = watched.loop.reports()
    assert (first.reason, first.words) == (Reason.TIMED_OUT, "no TLS handshake in time")
    assert second.reason is Reason.REFUSED


@pytest.mark.parametrize("answer", [b"RTSP/1.0 400 Bad Request\r\nCSeq: 0\r\n\r\n", b""])
async def test_a_port_that_speaks_no_tls_is_told_from_one_that_is_closed(answer: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(serve, HERE, 0) as server:
        port = server.sockets[0].getsockname()[1]
        found = await failure(watching(), source(f"rtsps://{HERE}:{port}/A"))
    assert found[0] is Reason.TLS


@pytest.mark.parametrize("how", ["leave", "close"])
async def test_a_camera_that_ends_with_or_without_close_notify_is_closed_and_comes_back(
    how: Any, clip: Clip, own: Certificate
) -> None:
    watched = watching()
    async with (
        farm_of(clip, tls=own.server_context()) as (farm, address),
        watched.running(source(address, own.fingerprint)),
    ):
        await until(lambda: len(watched.pictures) >= 1)
        farm.fault("A", Fault(how))
        await until(lambda: watched.loop.reports()[0].reason is Reason.CLOSED)
        farm.fault("A", None)
        before = len(watched.pictures)
        await until(lambda: len(watched.pictures) > before)


async def test_switched_off_it_says_goodbye_to_camera_and_tls(clip: Clip, own: Certificate) -> None:
    watched = watching()
    async with farm_of(clip, tls=own.server_context()) as (farm, address):
        async with watched.running(source(address, own.fingerprint)):
            await until(lambda: len(farm.sessions) == 1 and len(watched.pictures) >= 1)
        await until(lambda: farm.sessions == set() and farm.connections == set())


# --- bytes in, bytes out ----------------------------------------------------------------------


class Pieces:
    """A socket that gives what it has in pieces, then would block (or ends)."""

    def __init__(self, pieces: list[bytes], *, ends: bool = False) -> None:
        self.pieces, self.ends = pieces, ends

    def recv(self, most: int) -> bytes:
        if not self.pieces:
            if self.ends:
                return b""
            raise BlockingIOError
        piece = self.pieces.pop(0)
        assert len(piece) <= most
        return piece


@pytest.fixture(scope="module")
def contexts(own: Certificate) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    return own.server_context(), client_context(fingerprint=own.fingerprint)


def shaken_pair(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
) -> tuple[ssl.SSLObject, ssl.MemoryBIO, ssl.MemoryBIO, Tls]:
    """A server (with what it gets and what it sends) and ours, their handshake done."""
    gets, sends = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = contexts[0].wrap_bio(gets, sends, server_side=True)
    ours = Tls(contexts[1], "camera")
    done, out = ours.shake(None)
    while not done:
        gets.write(out)
        with suppress(ssl.SSLWantReadError):
            server.do_handshake()
        done, out = ours.shake(sends.read())
    gets.write(out)
    server.do_handshake()
    return server, gets, sends, ours


def read_all(ours: Tls, sock: Pieces, room: int) -> bytes:
    """As the loop reads: on readiness, and once more where something was left."""
    got, view = b"", memoryview(bytearray(room))
    while True:
        try:
            came = ours.receive(cast(Any, sock), view)
        except BlockingIOError:
            if not sock.pieces:
                return got
            continue
        if came == 0:
            return got
        got += bytes(view[:came])


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(st.binary(min_size=1, max_size=40_000), min_size=1, max_size=5),
    cuts=st.lists(st.integers(1, 30_000), min_size=1, max_size=6),
    room=st.integers(1, 70_000),
    ends=st.sampled_from(["goes on", "close_notify", "torn"]),
)
def test_however_it_is_cut_what_was_sent_comes_out(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
    texts: list[bytes],
    cuts: list[int],
    room: int,
    ends: str,
) -> None:
    server, _, sends, ours = shaken_pair(contexts)
    for text in texts:
        server.write(text)
    if ends == "close_notify":
        with pytest.raises(ssl.SSLWantReadError):
            server.unwrap()
    sealed = sends.read()
    pieces: list[bytes] = []
    while sealed:
        size = cuts[len(pieces) % len(cuts)]
        pieces.append(sealed[:size])
        sealed = sealed[size:]
    room = max(room, sum(map(len, texts)) // 500)  # so that it ends soon
    got = read_all(ours, Pieces(pieces, ends=ends == "torn"), room)
    assert got == b"".join(texts)
    assert ours.ended == (ends != "goes on")
    assert not ours.broken


def test_what_was_changed_on_its_way_breaks_it_and_no_byte_of_it_is_taken(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    server, _, sends, ours = shaken_pair(contexts)
    server.write(b"whole")
    assert read_all(ours, Pieces([sends.read()]), 1000) == b"whole"
    server.write(b"a" * 100)
    sealed = bytearray(sends.read())
    sealed[-1] ^= 1
    assert read_all(ours, Pieces([bytes(sealed)]), 1000) == b""
    assert (ours.ended, ours.broken) == (True, True)
    assert isinstance(ours.sealed(b"more"), bytes)  # nothing is raised; an alert may go out


def test_what_is_sent_is_sealed_once_and_ends_with_close_notify(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    server, gets, _, ours = shaken_pair(contexts)
    first = ours.sealed(b"OPTIONS ")
    assert b"OPTIONS" not in first
    gets.write(first + ours.sealed(b"rtsps") + ours.goodbye())
    assert server.read(100) + server.read(100) == b"OPTIONS rtsps"
    assert server.read(100) == b""  # and that it is over, it has said


# --- small things -----------------------------------------------------------------------------


def test_fingerprints_are_read_as_people_write_them(own: Certificate) -> None:
    plain = own.fingerprint
    colons = ":".join(plain[at : at + 2] for at in range(0, 64, 2)).upper()
    for text in (plain, colons, f"SHA256={colons}", f"sha256 Fingerprint={colons}", f" {plain}\n"):
        assert read_fingerprint(text) == plain
    for text in ("", plain[:-1], plain + "00", "g" * 64, "md5:" + plain[:32]):
        with pytest.raises(Malformed):
            read_fingerprint(text)


def test_nobody_is_led_from_tls_to_none() -> None:
    def led(at: str, to: str) -> Ended | Moved:
        answer = Response(302, "Found", (("Location", to),))
        return read_redirect(answer, read_address(at), other_hosts=False, left=1)

    down = led("rtsps://cam/1", "rtsp://cam/2")
    assert down == Ended(Reason.REDIRECTED, "redirected from TLS to no TLS")
    assert isinstance(led("rtsps://cam/1", "rtsps://cam/2"), Moved)
    assert isinstance(led("rtsp://cam/1", "rtsps://cam/2"), Moved)
    assert read_address("rtsps://cam/1").port == 322


@asynccontextmanager
async def pictures(context: ssl.SSLContext) -> AsyncIterator[SimpleNamespace]:
    """A camera's page over https that gives a picture; what it was asked."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        body = jpeg()
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, HERE, 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    async with server:
        yield SimpleNamespace(url=f"https://{HERE}:{port}/snap.jpg", asked=asked)


async def test_pictures_over_https_have_their_certificates_checked_as_well(
    own: Certificate, authority: Certificate, authorities: str
) -> None:
    named = certificate([HERE], BEGUN, by=authority)
    trusting = StreamSettings(authorities=authorities)
    async with pictures(own.server_context()) as camera:
        good = await http_picture("A", camera.url, SETTINGS, fingerprint=own.fingerprint)
        assert good.data == jpeg()
        for fingerprint, reason in (("", Reason.UNTRUSTED), (WRONG, Reason.OTHER_CERTIFICATE)):
            with pytest.raises(NoPicture) as refused:
                await http_picture("A", camera.url, trusting, fingerprint=fingerprint)
            assert refused.value.ended.reason is reason
        assert len(camera.asked) == 1
    async with pictures(named.server_context()) as camera:
        assert (await http_picture("A", camera.url, trusting)).data == jpeg()
