"""A mail server that demands encryption and a login (aiosmtpd), and certificates for it."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "street", "a password of the tests"


@dataclass(frozen=True)
class Certificates:
    """An authority, and what it signed for a server at this address."""

    authority: Path
    server: ssl.SSLContext


def certificates(folder: Path, *, days: int = 1, address: str = "127.0.0.1") -> Certificates:
    """Made anew; ``days``: for how long the server's is good, negative: it was."""
    folder.mkdir(exist_ok=True)
    ours, theirs = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "the house's own authority")])
    usage = x509.KeyUsage(*(one in (5, 6) for one in range(9)))  # it signs certificates and lists
    authority = (
        _certificate(name, name, ours, 10)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(ours, hashes.SHA256())
    )
    of_server = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    signed = (
        _certificate(of_server, name, theirs, days)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ours.public_key()), critical=False
        )
        .sign(ours, hashes.SHA256())
    )
    path, chain = folder / "authority.pem", folder / "server.pem"
    path.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    key = theirs.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    chain.write_bytes(key + signed.public_bytes(serialization.Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(chain)
    return Certificates(path, context)


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=20))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


@dataclass
class Post:
    """What the server saw: logins tried, and mails with whether they came encrypted and by whom."""

    port: int = 0
    logins: list[str] = field(default_factory=list)
    mails: list[tuple[bool, str | None]] = field(default_factory=list)

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any
    ) -> AuthResult:
        """Whether this login is the right one."""
        assert isinstance(given, LoginPassword)
        self.logins.append(given.password.decode())
        right = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False, auth_data=given.login.decode())

    async def handle_DATA(  # noqa: N802 - aiosmtpd calls it so
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """A mail."""
        assert server.transport is not None
        encrypted = server.transport.get_extra_info("ssl_object") is not None
        self.mails.append((encrypted, session.auth_data))
        return "250 taken"


@asynccontextmanager
async def post_office(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, login: bool = True
) -> AsyncIterator[Post]:
    """A mail server that encrypts when asked to, from the start, or not at all."""
    post = Post()

    def connection() -> SMTP:
        given: dict[str, Any] = {}
        if login:
            # Encrypted from the start, aiosmtpd does not know that it is: it asks for no STARTTLS.
            warnings.filterwarnings("ignore", "Requiring AUTH while not requiring TLS")
            given = {
                "authenticator": post.authenticate,
                "auth_required": True,
                "auth_require_tls": starttls is not None,
            }
        return SMTP(post, hostname="mail", tls_context=starttls, require_starttls=False, **given)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(connection, "127.0.0.1", 0, ssl=tls)
    async with server:
        post.port = server.sockets[0].getsockname()[1]
        yield post
