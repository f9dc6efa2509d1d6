"""Basic and Digest authentication (RFC 7617, RFC 2617, RFC 7616): MD5, SHA-256, qop=auth.

Pure: the client's nonce is passed in. Passwords show in no repr.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from streetwise.discover.streams.errors import Malformed

CHALLENGES_MOST = 16

_PIECE = re.compile(
    r"""[\s,]*(?:
        (?P<key>[\w!\#$%&'*+\-.^`|~]+)\s*=\s*(?P<value>"(?:[^"\\]|\\.)*"|[^\s,"]*)
        |(?P<scheme>[\w!\#$%&'*+\-.^`|~]+)
    )""",
    re.VERBOSE,
)
#: RFC 7616 §3.3: the first is the stronger one.
_ALGORITHMS = {"SHA-256": "sha256", "MD5": "md5"}


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who we are to a camera. Never logged, never stored by this package."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a server wants to see. ``algorithm`` is empty for Basic."""

    scheme: str  # "basic" or "digest"
    realm: str
    nonce: str = ""
    opaque: str | None = None
    algorithm: str = ""  # "MD5" or "SHA-256"
    session: bool = False  # the -sess variants
    qop_auth: bool = False
    stale: bool = False
    named: bool = False  # the server named the algorithm, so we name it too


def read_challenges(values: Iterable[str]) -> tuple[Challenge, ...]:
    """The challenges in WWW-Authenticate headers that we can answer, in the server's order."""
    found: list[tuple[str, dict[str, str]]] = []
    for value in values:
        found += _schemes(value)
        if len(found) > CHALLENGES_MOST:
            raise Malformed("too many challenges")
    read = (_challenge(scheme, parts) for scheme, parts in found)
    return tuple(challenge for challenge in read if challenge is not None)


def _schemes(value: str) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    at = 0
    while match := _PIECE.match(value, at):
        at = match.end()
        if match["scheme"] is not None:
            found.append((match["scheme"].lower(), {}))
        elif found:
            found[-1][1].setdefault(match["key"].lower(), _unquoted(match["value"]))
    return found


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value[:1] == '"' else value


def _challenge(scheme: str, parts: dict[str, str]) -> Challenge | None:
    realm = parts.get("realm", "")
    if scheme == "basic":
        return Challenge("basic", realm)
    if scheme != "digest" or "nonce" not in parts:
        return None
    named = parts.get("algorithm", "MD5").upper()
    session = named.endswith("-SESS")
    algorithm = named.removesuffix("-SESS")
    offered = {one.strip().lower() for one in parts.get("qop", "").split(",")} - {""}
    if algorithm not in _ALGORITHMS or (offered and "auth" not in offered):
        return None  # auth-int would need the body of every request: no camera asks for it
    return Challenge(
        "digest",
        realm,
        parts["nonce"],
        parts.get("opaque"),
        algorithm,
        session,
        bool(offered),
        parts.get("stale", "").lower() == "true",
        "algorithm" in parts,
    )


def strongest(challenges: Iterable[Challenge]) -> Challenge | None:
    """The one to answer: SHA-256 before MD5 before Basic, which sends the password readably."""
    order = {"SHA-256": 0, "MD5": 1, "": 2}
    return min(challenges, key=lambda one: order[one.algorithm], default=None)


def authorization(
    challenge: Challenge,
    who: Credentials,
    method: str,
    uri: str,
    *,
    count: int = 1,
    cnonce: str = "",
) -> str:
    """The value of the Authorization header. ``count``: how often this nonce was used by now."""
    if challenge.scheme == "basic":
        pair = f"{who.user}:{who.password}".encode()
        return "Basic " + base64.b64encode(pair).decode("ascii")
    parts = [
        ("username", _quoted(who.user)),
        ("realm", _quoted(challenge.realm)),
        ("nonce", _quoted(challenge.nonce)),
        ("uri", _quoted(uri)),
        ("response", _quoted(_response(challenge, who, method, uri, count, cnonce))),
    ]
    if challenge.named:
        parts.append(("algorithm", challenge.algorithm + ("-sess" if challenge.session else "")))
    if challenge.qop_auth:
        parts += [("qop", "auth"), ("nc", f"{count:08x}")]
    if challenge.qop_auth or challenge.session:
        parts.append(("cnonce", _quoted(cnonce)))
    if challenge.opaque is not None:
        parts.append(("opaque", _quoted(challenge.opaque)))
    return "Digest " + ", ".join(f"{name}={value}" for name, value in parts)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _response(
    challenge: Challenge, who: Credentials, method: str, uri: str, count: int, cnonce: str
) -> str:
    def hashed(text: str) -> str:
        name = _ALGORITHMS[challenge.algorithm]
        return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()

    secret = hashed(f"{who.user}:{challenge.realm}:{who.password}")
    if challenge.session:
        secret = hashed(f"{secret}:{challenge.nonce}:{cnonce}")
    asked = hashed(f"{method}:{uri}")
    if challenge.qop_auth:
        return hashed(f"{secret}:{challenge.nonce}:{count:08x}:{cnonce}:auth:{asked}")
    return hashed(f"{secret}:{challenge.nonce}:{asked}")
