"""What lies inside an archive: a manifest, parts, and an end that counts and signs them. Pure.

Records of one letter, a length (4 bytes) and content: ``M`` the manifest (JSON), ``P`` the name
of a part, ``D`` its bytes, ``E`` their SHA-256, ``T`` the end (JSON), which holds the SHA-256
over all records before it, signed by the key that signs the journal. Encrypting to a public key
proves nothing of the writer; the signature does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from streetwise.kernel.backup.framing import Damaged, OpeningReader, SealingWriter
from streetwise.kernel.crypto_providers import Profile
from streetwise.kernel.errors import Conflict
from streetwise.kernel.seals.signing import PublicKeys, Signer, is_signed

FORMAT = 1
DATA, KEYS = "data", "keys"
_PURPOSE = b"streetwise/backup-signature/1"
_MOST_RECORD_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says of itself, before its parts.

    ``tables``: rows and a hash per table, of the moment ``at``. ``left_out``: tables whose rows
    no archive holds. ``head``: the journal's newest seal at that moment. ``installation`` stays
    when the master key is changed; ``fingerprint`` (by the profile ``hashes``) is that of the
    master key under which the data is sealed.
    """

    kind: str
    program: str
    migration: str
    at: str
    installation: str
    fingerprint: str
    hashes: Profile
    database: int
    tables: dict[str, tuple[int, str]]
    left_out: list[str] = field(default_factory=list)
    head: dict[str, Any] | None = None
    about: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(rows for rows, _ in self.tables.values())


@dataclass(slots=True)
class Tail:
    """The end of an archive. ``gone``: files that were removed while it was written."""

    files: int = 0
    file_bytes: int = 0
    gone: int = 0
    files_hash: str = ""
    digest: str = ""
    key_id: str = ""
    signature: str = ""


class ArchiveWriter:
    """Writes records; ``finish`` signs them."""

    def __init__(self, out: SealingWriter) -> None:
        self._out = out
        self._all = hashlib.sha256()
        self._part = hashlib.sha256()

    def manifest(self, manifest: Manifest) -> None:
        """First of all."""
        self._put(b"M", json.dumps(asdict(manifest)).encode())

    def begin(self, name: str) -> None:
        """A part begins."""
        self._part = hashlib.sha256()
        self._put(b"P", name.encode())

    def data(self, content: bytes) -> None:
        """Some of its bytes."""
        if content:
            self._part.update(content)
            self._put(b"D", content)

    def end(self) -> bytes:
        """The part ends; its SHA-256."""
        digest = self._part.digest()
        self._put(b"E", digest)
        return digest

    def finish(self, tail: Tail, signer: Signer) -> None:
        """Sign and end the archive."""
        digest = self._all.digest()
        tail.digest, tail.key_id = digest.hex(), signer.key_id
        tail.signature = signer.sign(_PURPOSE + digest).hex()
        self._out.write(_record(b"T", json.dumps(asdict(tail)).encode()))
        self._out.finish()

    def _put(self, kind: bytes, content: bytes) -> None:
        record = _record(kind, content)
        self._all.update(record)
        self._out.write(record)


def _record(kind: bytes, content: bytes) -> bytes:
    return kind + len(content).to_bytes(4, "big") + content


class ArchiveReader:
    """Reads records in order: ``manifest``, then ``parts`` to their end, then ``tail``."""

    def __init__(self, source: OpeningReader) -> None:
        self._source = source
        self._all = hashlib.sha256()
        kind, content = self._take()
        if kind != b"M":
            raise Damaged("The archive does not begin with its manifest.")
        self.manifest = _manifest(content)
        self.tail = Tail()

    def parts(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Each part's name, and its bytes, which must be read before the next one is asked for.

        Raises Damaged. After the last one ``tail`` is there.
        """
        while True:
            before = self._all.digest()
            kind, content = self._take()
            if kind == b"T":
                self.tail = Tail(**_known(Tail, json.loads(content)))
                if self.tail.digest != before.hex() or self._source.read(1):
                    raise Damaged("The archive does not hold what its end says.")
                return
            if kind != b"P":
                raise Damaged("The archive is not in order.")
            yield content.decode(), self._part()

    def _part(self) -> Iterator[bytes]:
        digest = hashlib.sha256()
        while True:
            kind, content = self._take()
            if kind == b"E":
                if content != digest.digest():
                    raise Damaged("A part of the archive is not what was written.")
                return
            if kind != b"D":
                raise Damaged("The archive is not in order.")
            digest.update(content)
            yield content

    def _take(self) -> tuple[bytes, bytes]:
        head = self._source.read(5)
        size = int.from_bytes(head[1:], "big")
        content = self._source.read(size) if size <= _MOST_RECORD_BYTES else b""
        if len(head) < 5 or len(content) < size:
            raise Damaged("The archive is not in order.")
        self._all.update(head + content)
        return head[:1], content


def check_signature(tail: Tail, keys: PublicKeys) -> None:
    """Raise Damaged unless one of the keys signed this end."""
    digest, signature = bytes.fromhex(tail.digest), bytes.fromhex(tail.signature)
    if not is_signed(keys, tail.key_id, _PURPOSE + digest, signature):
        raise Damaged(
            f"The archive is signed by a key ({tail.key_id}) that is not one of this house:"
            " somebody else wrote it, or the public keys given are of another installation.",
            code="backup_not_ours",
        )


def _manifest(content: bytes) -> Manifest:
    found = json.loads(content)
    if found.get("format") != FORMAT:
        raise Conflict(
            "A newer Streetwise wrote this archive; restore with the version that wrote it"
            f" ({found.get('program')}) or a newer one.",
            code="backup_newer",
        )
    found["tables"] = {name: (rows, sum_) for name, (rows, sum_) in found["tables"].items()}
    return Manifest(**_known(Manifest, found))


def _known(kind: type[Any], found: dict[str, Any]) -> dict[str, Any]:
    return {one.name: found[one.name] for one in fields(kind) if one.name in found}
