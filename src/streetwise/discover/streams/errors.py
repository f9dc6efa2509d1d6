"""What goes wrong with a stream: one error for garbage, and the reasons of an outage in words."""

from __future__ import annotations

from enum import StrEnum


class Malformed(ValueError):
    """What came over the wire is not what its standard says. The only error of the parsers."""


class Reason(StrEnum):
    """Why a stream ended or did not begin. The value goes into logs and onto the screen's API."""

    ADDRESS = "address"  # no usable play address could be had
    REFUSED = "refused"  # nobody listens, or the network has no way there
    TIMED_OUT = "timed_out"  # no answer in time
    UNAUTHORISED = "unauthorised"
    NOT_FOUND = "not_found"  # no such stream, or its play address has expired
    BUSY = "busy"  # the camera or its gateway has no place left
    UNSUPPORTED = "unsupported"  # no video that we can read
    REJECTED = "rejected"  # another answer than these
    REDIRECTED = "redirected"  # sent elsewhere, where we may not go
    TLS = "tls"  # no TLS, none that we accept, or it broke
    UNTRUSTED = "untrusted"  # nobody whom we trust vouches for its certificate
    CERTIFICATE_DATES = "certificate_dates"  # it has run out, or has not begun
    CERTIFICATE_NAME = "certificate_name"  # it is for another name
    OTHER_CERTIFICATE = "other_certificate"  # not the one that was written down
    GARBLED = "garbled"  # what came is not RTSP or RTP
    WAITING = "waiting"  # its first connection has not been made yet
    STALLED = "stalled"  # connected, and no video comes
    NO_KEY_FRAME = "no_key_frame"  # video comes, nothing that can be decoded alone
    SILENT = "silent"  # it pushes its pictures itself, and none comes
    CLOSED = "closed"  # the other side ended it
    STOPPED = "stopped"  # we ended it ourselves


WORDS: dict[Reason, str] = {
    Reason.ADDRESS: "no usable play address",
    Reason.REFUSED: "connection refused",
    Reason.TIMED_OUT: "no answer in time",
    Reason.UNAUTHORISED: "user name or password not accepted",
    Reason.NOT_FOUND: "stream not found or its address has expired",
    Reason.BUSY: "no free place on the camera or its gateway",
    Reason.UNSUPPORTED: "no H.264 or H.265 video over TCP",
    Reason.REJECTED: "the camera refused a request",
    Reason.REDIRECTED: "redirected to a place that is not allowed",
    Reason.TLS: "TLS could not be agreed on, or broke",
    Reason.UNTRUSTED: "nobody trusted vouches for the certificate",
    Reason.CERTIFICATE_DATES: "the certificate has run out or is not valid yet",
    Reason.CERTIFICATE_NAME: "the certificate is for another name",
    Reason.OTHER_CERTIFICATE: "another certificate than the one that was written down",
    Reason.GARBLED: "what came is not RTSP or RTP",
    Reason.WAITING: "not connected yet",
    Reason.STALLED: "connected but no video comes",
    Reason.NO_KEY_FRAME: "no key frame comes",
    Reason.SILENT: "no picture is pushed any more",
    Reason.CLOSED: "closed by the other side",
    Reason.STOPPED: "switched off",
}
