"""Keys, sealing and the file store: nothing opens that should not, nothing gets in that is bad."""

from __future__ import annotations

import io
import struct
import threading
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from streetwise.kernel.crypto import (
    KEY_BYTES,
    MASTER_KEY_FILE,
    Hasher,
    KeyMissing,
    Keys,
    Sealer,
    load_keys,
)
from streetwise.kernel.errors import Invalid, NotFound
from streetwise.kernel.files import FileStore, read_photo
from streetwise.kernel.ids import new_id, new_ids
from streetwise.kernel.runtime import Urls, open_runtime
from streetwise.kernel.settings import Settings

KEYS = Keys(bytes(range(KEY_BYTES)))


@given(plain=st.binary(max_size=200), context=st.binary(max_size=20), at=st.integers(0, 10_000))
def test_what_was_sealed_opens_only_unchanged_and_in_its_context(
    plain: bytes, context: bytes, at: int
) -> None:
    sealer = Sealer(KEYS.derive("test"))
    sealed = sealer.seal(plain, context)
    assert sealer.open(sealed, context) == plain
    changed = bytearray(sealed)
    changed[at % len(sealed)] ^= 1
    elsewhere = (KEYS.sealer("other purpose"), Keys(bytes(KEY_BYTES)).sealer("test"))
    for used, content, about in (
        (sealer, bytes(changed), context),
        (sealer, sealed, context + b"x"),
        *((other, sealed, context) for other in elsewhere),
    ):
        with pytest.raises(ValueError, match="sealed data"):
            used.open(content, about)


@given(st.lists(st.binary(max_size=5), max_size=4), st.lists(st.binary(max_size=5), max_size=4))
def test_keyed_hashes_tell_lists_apart(one: list[bytes], other: list[bytes]) -> None:
    """Length-prefixed: ("a", "bc") is not ("ab", "c")."""
    hasher = Hasher(b"k" * 32)
    same = hasher.of(*one) == hasher.of(*other)
    assert same == (one == other)


def test_two_first_starts_agree_on_one_key(tmp_path: Path) -> None:
    found: list[bytes] = []
    gate = threading.Barrier(8)

    def start() -> None:
        gate.wait()
        found.append(load_keys(tmp_path / "secrets", create=True).derive("test"))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    path = tmp_path / "secrets" / MASTER_KEY_FILE
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == [MASTER_KEY_FILE]


def test_a_missing_or_damaged_key_is_said_and_never_replaced(tmp_path: Path) -> None:
    with pytest.raises(KeyMissing, match="restore it"):
        load_keys(tmp_path, create=False)
    (tmp_path / MASTER_KEY_FILE).write_bytes(b"short")
    with pytest.raises(KeyMissing, match="32 bytes"):
        load_keys(tmp_path, create=True)
    assert (tmp_path / MASTER_KEY_FILE).read_bytes() == b"short"


def test_the_store_keeps_content_once_sealed_and_sees_changes(tmp_path: Path) -> None:
    store = FileStore(tmp_path, KEYS)
    first, second = store.put(b"picture"), store.put(b"picture")
    assert first == second
    (path,) = (entry for entry in tmp_path.rglob("*") if entry.is_file())
    assert b"picture" not in path.read_bytes()
    assert store.get(first.digest) == b"picture"
    assert FileStore(tmp_path / "b", Keys(bytes(KEY_BYTES))).put(b"picture") != first
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(ValueError, match="sealed data"):
        store.get(first.digest)
    path.unlink()
    with pytest.raises(NotFound):
        store.get(first.digest)


def picture(kind: str = "JPEG", size: tuple[int, int] = (300, 200)) -> bytes:
    out = io.BytesIO()
    image = Image.new("RGB", size, "red")
    exif = Image.Exif()
    exif[0x010F] = "Maker of the telephone"
    exif[0x0112] = 6  # turned by 90°
    if kind == "JPEG":
        image.save(out, kind, exif=exif, comment=b"taken by telephone 1")
    elif kind == "PNG":
        text = PngInfo()
        text.add_text("comment", "taken by telephone 1")
        image.save(out, kind, exif=exif, pnginfo=text)
    else:
        image.save(out, kind, exif=exif)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_turned_upright_shrunk_and_loses_its_metadata(kind: str) -> None:
    photo = read_photo(picture(kind), max_pixels=10**6, edge_pixels=150)
    assert (photo.width, photo.height) == (100, 150)
    assert b"telephone" not in photo.jpeg
    with Image.open(io.BytesIO(photo.jpeg)) as image:
        assert image.format == "JPEG"
        assert len(image.getexif()) == 0


def bomb() -> bytes:
    """A PNG of a few bytes that says it is 60,000 × 60,000."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a" + bytes(50),
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html>",
        picture()[:200],
        bytes(1000),
        bomb(),
    ],
    ids=["empty", "gif", "svg", "html", "cut off", "zeros", "bomb"],
)
def test_what_is_no_photo_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        read_photo(content, max_pixels=50_000_000, edge_pixels=1920)
    assert refused.value.code in ("photo_unreadable", "photo_too_large")


def test_ids_are_unique_ascend_and_carry_their_time() -> None:
    found = new_ids(5000)
    assert len(set(found)) == len(found)
    assert found == sorted(found)
    assert {one.version for one in found} == {7}
    assert new_id() > found[0]


async def test_a_lost_key_is_not_replaced_and_a_wrong_one_is_refused(
    settings: Settings, bare_urls: Urls
) -> None:
    """The database remembers which key it was sealed with."""
    path = settings.secrets_path / MASTER_KEY_FILE
    path.unlink()
    async with open_runtime(settings, bare_urls.app, create_keys=True) as runtime:
        first = runtime.keys.derive("test")
    right = path.read_bytes()
    path.unlink()
    with pytest.raises(KeyMissing, match="restore it"):
        async with open_runtime(settings, bare_urls.app, create_keys=True):
            pass
    assert not path.exists()
    path.write_bytes(bytes(KEY_BYTES))
    with pytest.raises(KeyMissing, match="not the one"):
        async with open_runtime(settings, bare_urls.app, create_keys=True):
            pass
    path.write_bytes(right)
    async with open_runtime(settings, bare_urls.app) as runtime:
        assert runtime.keys.derive("test") == first
