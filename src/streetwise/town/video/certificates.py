"""Certificates that cameras make for themselves, for a farm that speaks TLS; and those who vouch.

Made anew each time, kept nowhere; good for tests and for trying things out.
"""

from __future__ import annotations

import hashlib
import ipaddress
import ssl
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate and its key. ``pem``: as a file of authorities has it."""

    pem: bytes
    key: ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of its DER, in hex."""
        read = x509.load_pem_x509_certificate(self.pem)
        der = read.public_bytes(serialization.Encoding.DER)
        return hashlib.sha256(der).hexdigest()

    def server_context(self) -> ssl.SSLContext:
        """What a camera serves with it."""
        key = self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # OpenSSL reads it from a file only.
        with tempfile.TemporaryDirectory(prefix="sw-tls-") as folder:
            path = Path(folder) / "camera.pem"
            path.touch(mode=0o600)
            path.write_bytes(key + self.pem)
            context.load_cert_chain(path)
        return context


def certificate(
    names: Sequence[str],
    begins: datetime,
    days: float = 365,
    by: Certificate | None = None,
) -> Certificate:
    """A certificate for hosts or addresses. ``by``: who vouches for it; None: it does so itself,
    and may for others.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    issuer = subject if by is None else x509.load_pem_x509_certificate(by.pem).subject
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([_name(one) for one in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        .sign(key if by is None else by.key, hashes.SHA256())
    )
    return Certificate(made.public_bytes(serialization.Encoding.PEM), key)


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)
