"""One RTSP session over TCP as a state machine: bytes in, bytes out and events.

OPTIONS, DESCRIBE, SETUP (interleaved), PLAY, then keep-alives within the server's timeout, and
TEARDOWN. Sans-IO: no socket and no clock; ``now`` is passed in (seconds, never back).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from streetwise.discover.streams import h264, h265
from streetwise.discover.streams.address import Address, read_address
from streetwise.discover.streams.depacketise import Counts, Depacketiser
from streetwise.discover.streams.digest import (
    Challenge,
    Credentials,
    authorization,
    read_challenges,
    strongest,
)
from streetwise.discover.streams.errors import Malformed, Reason
from streetwise.discover.streams.messages import (
    DOLLAR,
    Headers,
    Limits,
    Message,
    Request,
    Response,
    all_headers,
    cseq,
    format_message,
    header,
    read_message,
)
from streetwise.discover.streams.sdp import Media, read_sdp, resolve_control
from streetwise.discover.streams.settings import StreamSettings
from streetwise.discover.streams.sieve import Sieve
from streetwise.discover.streams.smart import SmartRule
from streetwise.discover.streams.talk import (
    TIMEOUT_S,
    Ended,
    Moved,
    Playing,
    failure,
    read_channels,
    read_redirect,
    read_session,
)
from streetwise.discover.values import CodedPicture

AGENT = "Streetwise"
SYNTAXES = {"h264": h264.SYNTAX, "h265": h265.SYNTAX}

State = Literal["new", "asking", "playing", "over"]
Event = Playing | Ended | Moved | CodedPicture


@dataclass(slots=True)
class _Asked:
    """A request that waits for its answer. ``answer_by`` None: its answer is not waited for."""

    number: int
    method: str
    uri: str
    headers: Headers
    answer_by: float | None
    proved: int = 0  # how often it was sent again with a proof


class RtspSession:
    """One session with one camera, from its first request to its end.

    The owner sends ``take_outgoing()``, gives what comes to ``receive`` and the time to ``tick``,
    and takes ``take_events()`` after each. After an :class:`Ended` or :class:`Moved` it closes
    the connection (once what is outgoing has been sent).
    """

    def __init__(
        self,
        camera: str,
        address: Address,
        smart: SmartRule,
        settings: StreamSettings,
        *,
        who: Credentials | None = None,
        redirects: int = 0,
        cnonce: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        self.state: State = "new"
        self.counts = Counts()
        self._camera = camera
        self._address = address
        self._smart = smart
        self._settings = settings
        self._who = who or address.who
        self._redirects = redirects
        self._cnonce = cnonce
        self._limits = Limits(settings.message_bytes, settings.body_bytes)
        self._out = bytearray()
        self._events: list[Event] = []
        self._number = 0
        self._asked: _Asked | None = None
        self._challenge: Challenge | None = None
        self._proofs = 0  # made for this challenge
        self._public: frozenset[str] = frozenset()
        self._base = address.url
        self._play_at = address.url
        self._media: Media | None = None
        self._session: str | None = None
        self._timeout_s = TIMEOUT_S
        self._alive_at = 0.0
        self._heard_at = 0.0  # the last packet of video
        self._depacketiser: Depacketiser | None = None
        self._sieve: Sieve | None = None

    @property
    def camera(self) -> str:
        """Whose session this is."""
        return self._camera

    @property
    def lost(self) -> int:
        """Packets that never came, by their numbers."""
        return self._depacketiser.sequence.lost if self._depacketiser else 0

    @property
    def has_outgoing(self) -> bool:
        """Whether there is something to send."""
        return bool(self._out)

    @property
    def has_events(self) -> bool:
        """Whether something happened."""
        return bool(self._events)

    def start(self, now: float) -> None:
        """The connection stands: ask."""
        self.state = "asking"
        self._ask("OPTIONS", self._address.url, now)

    def take_outgoing(self) -> bytes:
        """What is to be sent; each byte is given once."""
        out = bytes(self._out)
        self._out.clear()
        return out

    def take_events(self) -> list[Event]:
        """What happened since the last time."""
        events, self._events = self._events, []
        return events

    def receive(self, buffer: bytes | bytearray, end: int, now: float) -> int:
        """Take what is whole of ``buffer[:end]``; returns how many bytes that was."""
        at = 0
        try:
            while at < end and self.state != "over":
                if buffer[at] == DOLLAR:
                    at = self._frames(buffer, at, end, now)
                    if at < end and buffer[at] == DOLLAR:
                        break  # a frame of which more is to come
                else:
                    taken = read_message(buffer, at, end, self._limits)
                    if taken is None:
                        break
                    message, at = taken
                    self._message(message, now)
        except Malformed as error:
            self._end(Ended(Reason.GARBLED, f"garbled: {error}"))
        return end if self.state == "over" else at

    def tick(self, now: float) -> None:
        """Look at the deadlines."""
        asked = self._asked
        if self.state == "asking" and asked and asked.answer_by and now > asked.answer_by:
            self._end(Ended(Reason.TIMED_OUT, f"no answer to {asked.method} in time"))
        elif self.state == "playing":
            if now - self._heard_at > self._settings.stall_s:
                self._teardown(now)
                self._end(Ended(Reason.STALLED))
                return
            if now >= self._alive_at:
                self._keep_alive(now)
            if self._smart.tick(now) and self._depacketiser:
                self._depacketiser.full = True

    def stop(self, now: float) -> None:
        """End it ourselves: TEARDOWN is sent, its answer not waited for."""
        if self.state != "over":
            self._teardown(now)
            self._end(Ended(Reason.STOPPED))

    def closed(self) -> None:
        """The other side has closed the connection."""
        self._end(Ended(Reason.CLOSED))

    # -- what we ask --------------------------------------------------------------------------

    def _ask(
        self, method: str, uri: str, now: float, headers: Headers = (), *, wait: bool = True
    ) -> None:
        answer_by = now + self._settings.answer_s if wait else None
        self._asked = _Asked(0, method, uri, headers, answer_by)
        self._send(self._asked)

    def _send(self, asked: _Asked) -> None:
        self._number += 1
        asked.number = self._number
        headers = [("CSeq", str(self._number)), ("User-Agent", AGENT), *asked.headers]
        if self._session is not None:
            headers.append(("Session", self._session))
        if self._challenge is not None and self._who is not None:
            self._proofs += 1
            proof = authorization(
                self._challenge,
                self._who,
                asked.method,
                asked.uri,
                count=self._proofs,
                cnonce=self._cnonce(),
            )
            headers.append(("Authorization", proof))
        self._out += format_message(Request(asked.method, asked.uri, tuple(headers)))

    def _keep_alive(self, now: float) -> None:
        # A server that said nothing of GET_PARAMETER may end the session over it.
        method = "GET_PARAMETER" if "GET_PARAMETER" in self._public else "OPTIONS"
        self._ask(method, self._play_at, now, wait=False)
        self._alive_at = now + min(self._settings.alive_most_s, max(1.0, self._timeout_s / 2))

    def _teardown(self, now: float) -> None:
        if self._session is not None:
            self._ask("TEARDOWN", self._play_at, now, wait=False)

    def _end(self, event: Ended | Moved) -> None:
        if self.state != "over":
            self.state = "over"
            self._events.append(event)

    # -- what comes ---------------------------------------------------------------------------

    def _frames(self, buffer: bytes | bytearray, at: int, end: int, now: float) -> int:
        if self._sieve is None or self._depacketiser is None:
            raise Malformed("an interleaved frame before SETUP")
        torn = self.counts.torn
        found = self._sieve.sift(buffer, at, end, now)
        if found.video:
            self._heard_at = now
        if self._smart.full and self.counts.torn > torn:
            self._smart.gap(now)
        for picture in found.pictures:
            self._picture(picture, now)
        if found.bye and self.state == "playing":
            self._end(Ended(Reason.CLOSED, "the camera said BYE"))
        return found.at

    def _picture(self, picture: CodedPicture, now: float) -> None:
        if picture.key:
            if self._smart.key(now) and self._depacketiser:
                self._depacketiser.full = False
        elif not self._smart.clean(now):
            picture = replace(picture, whole=False)
        self._events.append(picture)

    def _message(self, message: Message, now: float) -> None:
        if isinstance(message, Request):
            self._asked_of_us(message)
            return
        asked = self._asked
        number = cseq(message)
        if asked is None or (number is not None and number != asked.number):
            return  # an answer that came too late
        if 100 <= message.status < 200:
            return
        if message.status == 401 and self._prove(message, asked, now):
            return
        self._asked = None
        if 300 <= message.status < 400 and self.state == "asking":
            left = self._settings.redirects_most - self._redirects
            other = self._settings.other_hosts
            self._end(read_redirect(message, self._address, other_hosts=other, left=left))
        elif self.state == "playing":
            self._kept_alive(asked, message)
        elif message.status == 401 or (message.status != 200 and asked.method != "OPTIONS"):
            self._end(failure(asked.method, message.status))
        else:
            self._next(asked.method, message, now)

    def _asked_of_us(self, request: Request) -> None:
        """A server may ask too; we can do nothing, and say so in the way that keeps it going."""
        fine = request.method in ("OPTIONS", "GET_PARAMETER", "SET_PARAMETER", "TEARDOWN")
        answer = Response(200, "OK") if fine else Response(501, "Not Implemented")
        number = cseq(request)
        headers = (("CSeq", str(number)),) if number is not None else ()
        self._out += format_message(replace(answer, headers=headers))
        if request.method in ("TEARDOWN", "REDIRECT"):
            self._end(Ended(Reason.CLOSED, f"the camera sent {request.method}"))

    def _prove(self, response: Response, asked: _Asked, now: float) -> bool:
        """Ask again with a proof: once, and once more if only the nonce had grown old."""
        challenge = strongest(read_challenges(all_headers(response, "WWW-Authenticate")))
        again = asked.proved == 1 and challenge is not None and challenge.stale
        # A proof that was sent unasked, with the nonce of an earlier answer, counts for nothing.
        if challenge is None or self._who is None or not (asked.proved == 0 or again):
            return False
        self._challenge, self._proofs = challenge, 0
        asked.proved += 1
        if asked.answer_by is not None:
            asked.answer_by = now + self._settings.answer_s
        self._send(asked)
        return True

    def _kept_alive(self, asked: _Asked, response: Response) -> None:
        if response.status in (454, 404, 401):
            self._end(failure(asked.method, response.status))
        elif response.status != 200:
            self._public = frozenset()  # OPTIONS from now on: every server knows it

    def _next(self, method: str, response: Response, now: float) -> None:
        if method == "OPTIONS":
            listed = (header(response, "Public") or "").upper()
            self._public = frozenset(one.strip() for one in listed.split(","))
            self._ask("DESCRIBE", self._address.url, now, (("Accept", "application/sdp"),))
        elif method == "DESCRIBE":
            self._described(response, now)
        elif method == "SETUP":
            self._set_up(response, now)
        elif method == "PLAY":
            self.state = "playing"
            self._heard_at = now
            self._alive_at = now + min(self._settings.alive_most_s, max(1.0, self._timeout_s / 2))
            self._events.append(Playing())

    def _described(self, response: Response, now: float) -> None:
        base = header(response, "Content-Base") or header(response, "Content-Location")
        try:
            self._base = read_address(base).url if base else self._address.url
        except Malformed:
            self._base = self._address.url
        description = read_sdp(response.body)
        self._media = description.video()
        if self._media is None:
            self._end(Ended(Reason.UNSUPPORTED))
            return
        self._play_at = resolve_control(self._base, description.control)
        wanted = (("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1"),)
        self._ask("SETUP", resolve_control(self._base, self._media.control), now, wanted)

    def _set_up(self, response: Response, now: float) -> None:
        session, channels = read_session(response), read_channels(response)
        if session is None or channels is None or self._media is None or not self._media.codec:
            self._end(Ended(Reason.UNSUPPORTED, "SETUP without a session or channels"))
            return
        self._session, self._timeout_s = session
        self._depacketiser = Depacketiser(
            self._camera,
            SYNTAXES[self._media.codec],
            self._media.payload_type,
            self._media.parameter_sets,
            picture_bytes=self._settings.picture_bytes,
        )
        self.counts = self._depacketiser.counts
        self._smart.begin(now)
        self._depacketiser.full = self._smart.full
        self._sieve = Sieve(self._depacketiser, *channels)
        self._ask("PLAY", self._play_at, now, (("Range", "npt=0.000-"),))
