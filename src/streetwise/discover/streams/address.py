"""Play addresses: read once, the credentials taken out, shown without anything secret."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from streetwise.discover.streams.digest import Credentials
from streetwise.discover.streams.errors import Malformed

#: RTSP over TLS: RFC 7826, 23.1 (IANA).
PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
ADDRESS_MOST = 4096
RTSP = ("rtsp", "rtsps")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a stream is. ``url`` has no user and no password, but perhaps a token in its query."""

    host: str
    port: int
    url: str = field(repr=False)
    shown: str
    who: Credentials | None = field(default=None, repr=False)

    @property
    def secure(self) -> bool:
        """Whether TLS is spoken there from the first byte on."""
        return self.url.startswith(("rtsps:", "https:"))


def _split(url: str) -> SplitResult:
    if len(url) > ADDRESS_MOST or any(ord(one) <= 0x20 or ord(one) == 0x7F for one in url):
        raise Malformed("an address that is too long or has blanks or controls in it")
    try:
        parts = urlsplit(url)
        _ = parts.port, parts.hostname
    except ValueError:
        raise Malformed("an address that cannot be read") from None
    return parts


def read_address(url: str, *, schemes: tuple[str, ...] = RTSP) -> Address:
    """Read an address of one of ``schemes``; raises Malformed without repeating it."""
    parts = _split(url)
    if parts.scheme not in schemes or not parts.hostname:
        raise Malformed(f"an address that is not {' or '.join(schemes)}")
    place = parts.netloc.rpartition("@")[2]
    who = None
    if parts.username is not None:
        who = Credentials(unquote(parts.username), unquote(parts.password or ""))
    plain = urlunsplit((parts.scheme, place, parts.path, parts.query, ""))
    return Address(parts.hostname, parts.port or PORTS[parts.scheme], plain, shown(url), who)


def shown(url: str) -> str:
    """An address as a person or a log may see it: no user, no password, no query."""
    try:
        parts = _split(url)
    except Malformed:
        return "(unreadable address)"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
