"""Session descriptions (RFC 8866) as cameras send them: media, rtpmap, fmtp, control, sprop.

Cameras write SDP badly; unknown lines are passed over. What cannot be used at all raises
Malformed.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from streetwise.discover.streams.errors import Malformed
from streetwise.discover.values import Codec

LINES_MOST = 1000
MEDIA_MOST = 32
SETS_MOST = 32
SET_BYTES_MOST = 4096

_MEDIA = re.compile(r"(\w+) ([0-9]{1,5})(?:/[0-9]+)? (\S+)((?: \S+)*)\s*")
_RTPMAP = re.compile(r"([0-9]{1,3})\s+([\w.+-]+)/([0-9]{1,9})(?:/.*)?\s*")
_CODECS: dict[str, Codec] = {"H264": "h264", "H265": "h265", "HEVC": "h265"}
_SPROPS = ("sprop-vps", "sprop-sps", "sprop-pps", "sprop-parameter-sets")


@dataclass(frozen=True, slots=True)
class Media:
    """One ``m=`` section. ``codec`` is None where we cannot read it."""

    kind: str
    protocol: str
    payload_type: int
    encoding: str = ""
    clock_hz: int = 0
    control: str | None = None
    codec: Codec | None = None
    fmtp: dict[str, str] = field(default_factory=dict)
    parameter_sets: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Description:
    """What DESCRIBE answered. ``control``: of the whole session."""

    control: str | None = None
    media: tuple[Media, ...] = ()

    def video(self) -> Media | None:
        """The first video that we can read; cameras put the main one first."""
        return next((one for one in self.media if one.codec is not None), None)


def read_sdp(body: bytes) -> Description:
    """Read a description; raises Malformed where it has no media at all."""
    lines = body.decode("utf-8", "replace").splitlines()
    if len(lines) > LINES_MOST:
        raise Malformed("a description that is too long")
    control: str | None = None
    sections: list[tuple[str, list[str]]] = []
    for line in lines:
        kind, equals, value = line.strip().partition("=")
        if equals and kind == "m":
            sections.append((value, []))
        elif equals and kind == "a" and sections:
            sections[-1][1].append(value)
        elif equals and kind == "a" and value.lower().startswith("control:"):
            control = value[8:].strip()
    if not sections or len(sections) > MEDIA_MOST:
        raise Malformed("a description with no media or too many")
    return Description(control, tuple(_media(value, attributes) for value, attributes in sections))


def _media(value: str, attributes: list[str]) -> Media:
    match = _MEDIA.fullmatch(value)
    formats = match[4].split() if match else []
    # The first format is the one that is sent (RFC 8866 §5.14); only one is read here.
    if not match or not formats or not re.fullmatch(r"[0-9]{1,3}", formats[0]):
        return Media("unknown", "", -1)
    payload_type = int(formats[0])
    encoding, clock_hz, control, fmtp = "", 0, None, {}
    for attribute in attributes:
        name, _, rest = attribute.partition(":")
        rest = rest.strip()
        if name == "rtpmap" and (mapped := _RTPMAP.fullmatch(rest)):
            if int(mapped[1]) == payload_type:
                encoding, clock_hz = mapped[2].upper(), int(mapped[3])
        elif name == "fmtp" and rest.partition(" ")[0] == formats[0]:
            fmtp = _fmtp(rest.partition(" ")[2])
        elif name == "control":
            control = rest
    codec = _CODECS.get(encoding) if match[1] == "video" else None
    sets = _parameter_sets(fmtp) if codec else ()
    return Media(match[1], match[3], payload_type, encoding, clock_hz, control, codec, fmtp, sets)


def _fmtp(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.strip().partition("=")
        if equals:
            found.setdefault(name.strip().lower(), value.strip())
    return found


def _parameter_sets(fmtp: dict[str, str]) -> tuple[bytes, ...]:
    """The NAL units in sprop parameters; one that cannot be read is left out: it may come in band.

    RFC 6184 §8.1 (sprop-parameter-sets), RFC 7798 §7.1 (sprop-vps, -sps, -pps).
    """
    found: list[bytes] = []
    for name in _SPROPS:
        for part in fmtp.get(name, "").split(","):
            try:
                unit = base64.b64decode(part.strip().strip('"'), validate=True)
            except (binascii.Error, ValueError):
                continue
            if 2 < len(unit) <= SET_BYTES_MOST and len(found) < SETS_MOST:
                found.append(unit)
    return tuple(found)


def resolve_control(base: str, control: str | None) -> str:
    """The address to SETUP or PLAY (RFC 2326 C.1.1).

    A relative control is put behind the base with a slash, as all clients do: many a base lacks
    its closing slash or ends in a query, and RFC 3986 would then drop its last part.
    """
    if not control or control == "*":
        return base
    try:
        if urlsplit(control).scheme.lower() in {"rtsp", "rtspu", "rtsps"}:
            return control
        if control.startswith("/"):
            return urljoin(base, control)
    except ValueError:
        raise Malformed("a control address that cannot be read") from None
    return base.rstrip("/") + "/" + control
