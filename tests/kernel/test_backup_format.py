"""The archive's format: whatever is cut off, changed, exchanged or added is found."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.kernel.backup import framing
from streetwise.kernel.backup.container import (
    DATA,
    ArchiveReader,
    ArchiveWriter,
    Manifest,
    Tail,
    check_signature,
)
from streetwise.kernel.backup.folder import archives, data_path, is_due, superfluous
from streetwise.kernel.backup.framing import (
    Damaged,
    Identity,
    OpeningReader,
    SealingWriter,
    WrongKey,
    read_identity,
    read_recipient,
)
from streetwise.kernel.crypto_providers import AES, PROVIDERS, Provider
from streetwise.kernel.errors import Conflict, Invalid
from streetwise.kernel.seals.signing import Signer

SMALL = 64
IDENTITY = Identity.make()
SIGNER = Signer(Ed25519PrivateKey.generate())
NOW = datetime(2026, 5, 11, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few hundred bytes are many chunks."""
    monkeypatch.setattr(framing, "CHUNK_BYTES", SMALL)


def sealed(content: bytes, provider: Provider = AES, identity: Identity = IDENTITY) -> bytes:
    out = io.BytesIO()
    writer = SealingWriter(out, identity.recipient, provider)
    for at in range(0, len(content), 50):
        writer.write(content[at : at + 50])
    writer.finish()
    return out.getvalue()


def opened(archive: bytes, identity: Identity = IDENTITY) -> bytes:
    reader = OpeningReader(io.BytesIO(archive), identity)
    found = b""
    while piece := reader.read(37):
        found += piece
    return found


@given(st.integers(0, 5), st.integers(-1, 1), st.sampled_from(sorted(PROVIDERS)))
@settings(max_examples=40, deadline=None)
def test_what_was_sealed_opens(chunks: int, more: int, profile: str) -> None:
    """Also where the content ends at the border of a chunk, or is empty."""
    content = bytes(range(256)) * 2
    content = content[: max(0, chunks * SMALL + more)]
    assert opened(sealed(content, PROVIDERS[profile])) == content


@pytest.mark.parametrize("profile", sorted(PROVIDERS))
def test_every_cut_and_every_changed_byte_is_found(profile: str) -> None:
    archive = sealed(b"x" * (3 * SMALL), PROVIDERS[profile])
    for size in range(len(archive)):
        with pytest.raises(Damaged):
            opened(archive[:size])
    for at in range(len(archive)):
        changed = archive[:at] + bytes([archive[at] ^ 1]) + archive[at + 1 :]
        with pytest.raises((Damaged, WrongKey)):
            opened(changed)
    with pytest.raises(Damaged):
        opened(archive + b"\0")


def test_chunks_cannot_be_moved_or_taken_from_another_archive() -> None:
    content = b"".join(bytes([n]) * SMALL for n in range(4))
    one, two = sealed(content), sealed(content)
    head, chunk = 8 + 2 + 8 + 32, SMALL + 16
    for archive in (
        one[:head] + one[head + chunk : head + 2 * chunk] + one[head : head + chunk]
        + one[head + 2 * chunk :],
        one[: head + chunk] + one[head + 2 * chunk :],
        one[: head + chunk] + two[head + chunk :],
        two[:head] + one[head:],
    ):  # fmt: skip
        with pytest.raises(Damaged):
            opened(archive)
    assert one[head:] != two[head:]


def test_only_the_private_key_opens_it(tmp_path: Path) -> None:
    other = Identity.make()
    with pytest.raises(WrongKey, match=other.recipient.name.hex()):
        opened(sealed(b"x"), other)
    public, private = tmp_path / "public", tmp_path / "private"
    public.write_text(other.recipient.text())
    private.write_text(other.text())
    assert read_recipient(public).raw == other.recipient.raw
    assert opened(sealed(b"x", identity=other), read_identity(private)) == b"x"
    for path in (public, tmp_path / "nothing", Path(__file__)):
        with pytest.raises(Invalid, match=r"There is no file|does not hold such a key"):
            read_identity(path)


def manifest(**differs: object) -> Manifest:
    values = {
        "kind": DATA, "program": "1", "migration": "0008", "at": NOW.isoformat(),
        "installation": "", "fingerprint": "", "hashes": "aes", "database": 180000,
        "tables": {"t": (1, "2")},
    }  # fmt: skip
    return Manifest(**{**values, **differs})  # type: ignore[arg-type]


def written(first: Manifest, signer: Signer = SIGNER) -> bytes:
    out = io.BytesIO()
    sealing = SealingWriter(out, IDENTITY.recipient, AES)
    writer = ArchiveWriter(sealing)
    writer.manifest(first)
    for name in ("one", "two"):
        writer.begin(name)
        writer.data(name.encode() * 50)
        writer.data(b"")
        writer.end()
    writer.finish(Tail(files=2), signer)
    return out.getvalue()


def test_parts_come_back_and_the_end_is_signed() -> None:
    archive = written(manifest())
    reader = ArchiveReader(OpeningReader(io.BytesIO(archive), IDENTITY))
    assert reader.manifest == manifest()
    found = {name: b"".join(content) for name, content in reader.parts()}
    assert found == {"one": b"one" * 50, "two": b"two" * 50}
    assert reader.tail.files == 2
    check_signature(reader.tail, {SIGNER.key_id: SIGNER.public})
    stranger = Signer(Ed25519PrivateKey.generate())
    with pytest.raises(Damaged, match="somebody else wrote it"):
        check_signature(reader.tail, {stranger.key_id: stranger.public})


def test_a_newer_format_is_named() -> None:
    with pytest.raises(Conflict, match="newer Streetwise"):
        ArchiveReader(OpeningReader(io.BytesIO(written(manifest(format=2))), IDENTITY))


def test_the_folder_knows_its_archives(tmp_path: Path) -> None:
    times = [NOW + timedelta(hours=hour) for hour in (3, 1, 2)]
    for at in times:
        data_path(tmp_path, "0123abcd", at).touch()
    data_path(tmp_path, "ffffffff", NOW).touch()
    (tmp_path / "streetwise-0123abcd.keys").touch()
    found = archives(tmp_path, "0123abcd")
    assert [one.at for one in found] == sorted(times)
    assert superfluous(found, 2) == [data_path(tmp_path, "0123abcd", times[1])]
    assert superfluous(found, 3) == superfluous(found, 9) == []
    assert archives(tmp_path / "none", "0123abcd") == []


def test_when_a_backup_is_due() -> None:
    assert is_due(None, NOW, 24)
    assert is_due(NOW - timedelta(hours=24), NOW, 24)
    assert not is_due(NOW - timedelta(hours=23), NOW, 24)
    assert is_due(NOW + timedelta(days=1), NOW, 24), "a clock that was ahead once stops nothing"
