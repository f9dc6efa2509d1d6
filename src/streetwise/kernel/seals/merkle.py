"""Hash trees over a batch of entries (RFC 9162, section 2.1.1). Pure.

Leaves and nodes are hashed with different first bytes, so that no node can pass for an entry.
The hash is the one that a seal names: SHA-256 (FIPS 180-4) or SM3 (GB/T 32905).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Final

from cryptography.hazmat.primitives import hashes

HASH_BYTES: Final = 32
Hash = Callable[[bytes], bytes]


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _sm3(content: bytes) -> bytes:
    hasher = hashes.Hash(hashes.SM3())
    hasher.update(content)
    return hasher.finalize()


HASHES: dict[str, Hash] = {"sha256": _sha256, "sm3": _sm3}


def leaf(content: bytes, hash_of: Hash = _sha256) -> bytes:
    """The hash of one entry."""
    return hash_of(b"\x00" + content)


def root(leaves: Sequence[bytes], hash_of: Hash = _sha256) -> bytes:
    """The root over leaves, in their order; that of no leaves is the hash of nothing."""
    if not leaves:
        return hash_of(b"")
    level = list(leaves)
    while len(level) > 1:
        above = [hash_of(b"\x01" + level[at] + level[at + 1]) for at in range(0, len(level) - 1, 2)]
        # One left over goes up as it is: that is the tree of the standard, built from below.
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]
