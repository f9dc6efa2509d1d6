"""What an eye was at when it died: one number in memory that two processes share.

A decoder that crashes takes its process with it, without a word. The number of the picture's
camera, written down before it is decoded, is still there for who started the process.
"""

from __future__ import annotations

import mmap
import os
import struct

_NUMBER = struct.Struct("=q")
NOBODY = -1


class Crumb:
    """Made by the one who starts a process (``made``), opened there by its descriptor."""

    def __init__(self, descriptor: int) -> None:
        """``descriptor``: of the shared memory; it is this object's from now on."""
        self.descriptor = descriptor
        self._memory = mmap.mmap(descriptor, _NUMBER.size)

    @classmethod
    def made(cls) -> Crumb:
        descriptor = os.memfd_create("streetwise-eye", os.MFD_CLOEXEC)
        os.ftruncate(descriptor, _NUMBER.size)
        crumb = cls(descriptor)
        crumb.put(NOBODY)
        return crumb

    def put(self, number: int) -> None:
        """I am at the picture of camera ``number`` now (NOBODY: of none)."""
        _NUMBER.pack_into(self._memory, 0, number)

    def read(self) -> int:
        """Where was it?"""
        number: int = _NUMBER.unpack_from(self._memory, 0)[0]
        return number

    def close(self) -> None:
        self._memory.close()
        os.close(self.descriptor)
