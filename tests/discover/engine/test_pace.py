"""How often a camera's picture goes to its eye: the latest, and no more than was asked for."""

from __future__ import annotations

import asyncio
import socket

from streetwise.discover.engine.reader_process import Eyes
from streetwise.discover.engine.wire import Message, Unpacker, packed
from streetwise.discover.values import CodedPicture


async def _given(eyes: Eyes, pictures: int, wanted: int) -> list[str]:
    """An eye that reads while pictures come; what it was given, by body."""
    ours, theirs = socket.socketpair()
    served = asyncio.create_task(eyes.serve(*await asyncio.open_connection(sock=theirs)))
    reader, writer = await asyncio.open_connection(sock=ours)
    writer.write(packed(Message("eye", {"name": "eye-0"})))
    for number in range(pictures):
        eyes.put(CodedPicture("c", "h264", f"{number}".encode(), float(number)))
    unpacker, got = Unpacker(), list[str]()
    async with asyncio.timeout(30):
        while len(got) < wanted:
            for message in unpacker.feed(await reader.read(65_536)):
                got.append(message.body.decode())
                eyes.put(CodedPicture("c", "h264", f"after {got[-1]}".encode(), 10.0 + len(got)))
    writer.close()
    await served
    return got


async def test_with_a_pace_the_latest_picture_goes_and_then_none_before_its_time() -> None:
    eyes = Eyes(3600.0)
    eyes.share_out({"c": "eye-0"})
    assert await _given(eyes, 3, 1) == ["2"]
    # The one that came since waits, and is replaced by what comes later.
    assert eyes.replaced("c") == 2
    eyes.put(CodedPicture("c", "h264", b"later", 20.0))
    assert eyes.replaced("c") == 3


async def test_without_a_pace_each_picture_goes_for_which_there_is_room() -> None:
    eyes = Eyes()
    eyes.share_out({"c": "eye-0"})
    assert await _given(eyes, 3, 3) == ["2", "after 2", "after after 2"]
