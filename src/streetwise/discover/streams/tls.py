"""TLS for streams and pictures (``rtsps``, ``https``): whose certificate is good, and the wire.

A certificate is checked against the system's authorities or a named file of them, with the host's
name; or, for a camera that signs its own, against a fingerprint (SHA-256 of the certificate, DER)
that somebody has written down for it: then nothing else of the certificate counts, neither its
name nor its dates. There is no way to check nothing. Checked before a byte of ours is sent.

``Tls`` is sans-IO (``ssl.MemoryBIO``): what a socket gives is decrypted in the loop that empties
all sockets, without blocking, and without two system calls for each of the small records that
cameras send.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
import socket
import ssl
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import cast

from streetwise.discover.streams.errors import WORDS, Malformed, Reason
from streetwise.discover.streams.talk import Ended

_RAW_BYTES = 65_536
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
#: X509_V_ERR_*: not yet valid, expired; the name or the address is another.
_DATES, _NAMES = frozenset((9, 10)), frozenset((62, 64))


class OtherCertificate(ssl.SSLError):
    """The certificate is not the one that was written down."""


def read_fingerprint(text: str) -> str:
    """A SHA-256 fingerprint as people write it (``AB:CD:…``, blanks, ``SHA256=``) as 64 lower-case
    hex digits. Raises Malformed.
    """
    plain = re.sub(r"^sha-?256( fingerprint)?\s*[=:]", "", text.strip().lower())
    plain = re.sub(r"[\s:-]", "", plain)
    if not _FINGERPRINT.fullmatch(plain):
        raise Malformed("a fingerprint is the SHA-256 of a certificate, 64 hex digits")
    return plain


def client_context(authorities: str = "", fingerprint: str = "") -> ssl.SSLContext:
    """How a server's certificate is checked: by its fingerprint where one is given, else by the
    authorities of a PEM file, or ("") of the system. TLS 1.2 at least.

    Raises OSError where the file cannot be read (``ssl.SSLError`` where it is none).
    """
    if fingerprint:
        return _pinned(fingerprint)
    # A file that was renewed is read again.
    changed = Path(authorities).stat().st_mtime_ns if authorities else 0
    return _trusting(authorities, changed)


@lru_cache(maxsize=4)
def _trusting(authorities: str, changed: int) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=authorities or None)
    _be_strict(context)
    return context


@lru_cache(maxsize=4096)
def _pinned(fingerprint: str) -> ssl.SSLContext:
    context = _PinnedContext(ssl.PROTOCOL_TLS_CLIENT)
    _be_strict(context)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the handshake still proves that it has the key
    context.fingerprint = fingerprint
    context.sslobject_class = _PinnedObject
    return context


def _be_strict(context: ssl.SSLContext) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION


class _PinnedContext(ssl.SSLContext):
    fingerprint: str


class _PinnedObject(ssl.SSLObject):
    """Whoever makes connections with the context has the certificate checked, httpx too."""

    def do_handshake(self) -> None:
        super().do_handshake()
        assert isinstance(self.context, _PinnedContext)
        shown = hashlib.sha256(self.getpeercert(binary_form=True) or b"").hexdigest()
        if not secrets.compare_digest(shown, self.context.fingerprint):
            raise OtherCertificate("another certificate than the one that was written down")


def tls_failure(error: OSError) -> Ended:
    """Why TLS did not come about, in words of ours: OpenSSL's may hold names."""
    if isinstance(error, OtherCertificate):
        return Ended(Reason.OTHER_CERTIFICATE)
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code in _DATES:
            return Ended(Reason.CERTIFICATE_DATES)
        if error.verify_code in _NAMES:
            return Ended(Reason.CERTIFICATE_NAME)
        return Ended(Reason.UNTRUSTED)
    if isinstance(error, ssl.SSLEOFError | ConnectionError):
        return Ended(Reason.TLS, f"{WORDS[Reason.TLS]} (closed in the handshake)")
    return Ended(Reason.TLS)


class Tls:
    """One connection's TLS between its socket and its session; bytes in, bytes out.

    ``ended``: the other side has ended it. ``more``: what came was more than fitted, so the socket
    need not have anything new.
    """

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        self.ended = False
        self.more = False
        self.broken = False  # what came was no TLS, or changed on its way
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._object = context.wrap_bio(self._in, self._out, server_hostname=host)

    @property
    def has_outgoing(self) -> bool:
        """Whether TLS itself has something to say."""
        return bool(self._out.pending)

    def shake(self, came: bytes | None) -> tuple[bool, bytes]:
        """Go on with the handshake; (whether it is done, what is to be sent). ``came`` b"": the
        other side has closed. Raises ssl.SSLError; then too there may be something to send.
        """
        if came is not None:
            self._in.write(came) if came else self._in.write_eof()
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            return False, self._out.read()
        return True, self._out.read()

    def sealed(self, data: bytes) -> bytes:
        """Bytes as they are sent, with what TLS itself has to say; nothing once it has ended."""
        try:
            if data and not self.ended:
                self._object.write(data)
        except ssl.SSLError:
            self.ended = self.broken = True
        return self._out.read()

    def receive(self, sock: socket.socket, into: memoryview) -> int:
        """As ``socket.recv_into``: how many bytes, 0 at the end; raises BlockingIOError."""
        got = self._open(into)
        if not got and not self.ended:
            came = sock.recv(_RAW_BYTES)
            self._in.write(came) if came else self._in.write_eof()
            got = self._open(into)
            if not got and not self.ended:
                raise BlockingIOError  # of a record more is to come
        return got

    def goodbye(self) -> bytes:
        """The ``close_notify`` that ends it from our side; its answer is not waited for."""
        # It wants to read the other one's, or the handshake was not done.
        with suppress(ssl.SSLError, ValueError):
            self._object.unwrap()
        return self._out.read()

    def _open(self, into: memoryview) -> int:
        got = 0
        while got < len(into) and not self.ended:
            try:
                # Into a buffer it says how many; the stubs know only of bytes.
                came = cast(int, self._object.read(len(into) - got, into[got:]))
            except ssl.SSLWantReadError:
                break
            except ssl.SSLEOFError:
                came = 0  # without a close_notify, as many cameras do
            except ssl.SSLError:
                came, self.broken = 0, True
            got += came
            self.ended = came == 0
        self.more = got == len(into)
        return got


async def shaken(sock: socket.socket, context: ssl.SSLContext, host: str, within_s: float) -> Tls:
    """The handshake on a connected socket that does not block. Raises OSError (of which
    ssl.SSLError and TimeoutError are some); the socket stays the caller's to close.
    """
    loop = asyncio.get_running_loop()
    tls = Tls(context, host)
    came: bytes | None = None
    async with asyncio.timeout(within_s):
        while True:
            try:
                done, out = tls.shake(came)
            except OtherCertificate:
                raise  # the handshake was done: there is no alert, and nothing is owed
            except ssl.SSLError:
                if alert := tls.sealed(b""):  # says what is wrong to whoever looks at its log
                    await loop.sock_sendall(sock, alert)
                raise
            if out:
                await loop.sock_sendall(sock, out)
            if done:
                return tls
            came = await loop.sock_recv(sock, _RAW_BYTES)
