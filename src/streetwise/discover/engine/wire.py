"""Messages between the processes of one machine: a kind, plain fields, and bytes behind them.

On a stream socket: length of the head, length of the body (four bytes each, big end first), the
head as JSON, the body as it is. Both ends are ours and were started by the same program, so what
does not fit is a fault, and the connection ends.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from typing import Any

_LENGTHS = struct.Struct("!II")
#: A larger message is a fault: no coded picture and no state of a camera comes near.
MOST_HEAD_BYTES = 16 * 1024 * 1024
MOST_BODY_BYTES = 64 * 1024 * 1024


class Garbled(Exception):
    """What came over the wire is no message."""


@dataclass(frozen=True, slots=True)
class Message:
    """``kind`` says what the fields are; they are what JSON can hold.

    Never printed: addresses with logins and pictures are among them.
    """

    kind: str
    fields: dict[str, Any] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


def packed(message: Message) -> bytes:
    """A message as it goes over the wire. Raises ValueError where it is too large."""
    head = json.dumps([message.kind, message.fields], separators=(",", ":")).encode()
    if len(head) > MOST_HEAD_BYTES or len(message.body) > MOST_BODY_BYTES:
        raise ValueError(f"a message of kind {message.kind} is too large")
    return _LENGTHS.pack(len(head), len(message.body)) + head + message.body


class Unpacker:
    """Puts messages together from whatever pieces come."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """The messages that are whole with this piece. Raises Garbled."""
        self._waiting += data
        whole: list[Message] = []
        at = 0
        while len(self._waiting) - at >= _LENGTHS.size:
            head, body = _LENGTHS.unpack_from(self._waiting, at)
            if head > MOST_HEAD_BYTES or body > MOST_BODY_BYTES:
                raise Garbled("a length that no message has")
            end = at + _LENGTHS.size + head + body
            if len(self._waiting) < end:
                break
            begin = at + _LENGTHS.size
            whole.append(
                _read(
                    bytes(self._waiting[begin : begin + head]),
                    bytes(self._waiting[begin + head : end]),
                )
            )
            at = end
        del self._waiting[:at]
        return whole


def _read(head: bytes, body: bytes) -> Message:
    try:
        kind, fields = json.loads(head)
    except ValueError as error:
        raise Garbled("the head is no JSON of two parts") from error
    if not isinstance(kind, str) or not isinstance(fields, dict):
        raise Garbled("the head has no kind and fields")
    return Message(kind, fields, body)
