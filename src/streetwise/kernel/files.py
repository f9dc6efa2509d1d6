"""Files: content-addressed, encrypted, on disk before the row that names them commits.

The name is a keyed hash of the content (nobody can test whether a known picture is here), the
content is sealed (kernel/crypto.py). A file without a row is an orphan, and swept when it is old
(kernel/sweeping.py); a row without a file cannot come to be.
"""

from __future__ import annotations

import errno
import fcntl
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from streetwise.kernel.crypto import Keys
from streetwise.kernel.disk import sync_folder
from streetwise.kernel.errors import Invalid, NotFound

#: What the system says when there is no room.
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
PHOTO_FORMATS = ("JPEG", "PNG", "WEBP")
PHOTO_QUALITY = 85


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What was stored: its name in the store and the size of the plain bytes."""

    digest: bytes
    bytes: int


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as we keep it: re-encoded JPEG without metadata (EXIF holds place and owner)."""

    jpeg: bytes
    width: int
    height: int


class FileStore:
    """Sealed files below one folder."""

    def __init__(self, folder: Path, keys: Keys) -> None:
        self._folder = folder
        self._sealer = keys.sealer("files")
        self._names = keys.hasher("file-names")

    def put(self, content: bytes) -> StoredFile:
        """Store the content; the same content twice is stored once. On disk when it returns.

        Stored again it is young again: a row that is about to name it finds it there.
        """
        digest = self._names.of(content)
        path = self._path(digest)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(path.parent, fcntl.LOCK_SH):
            if path.exists():
                os.utime(path)
            else:
                self._write(path, self._sealer.seal(content, digest))
        return StoredFile(digest, len(content))

    def get(self, digest: bytes) -> bytes:
        """The plain content; NotFound when it is gone, ValueError when it was changed."""
        try:
            sealed = self._path(digest).read_bytes()
        except FileNotFoundError:
            raise NotFound("The file is no longer in the store.") from None
        return self._sealer.open(sealed, digest)

    def renew(self) -> tuple[int, int]:
        """Seal every file by the key of now; (files sealed anew, files that open by no key).

        File by file and each at once, so that it can be broken off and gone on with.
        """
        renewed = unfit = 0
        for path in sorted(self._folder.glob("??/??/*")):
            try:
                anew = self._sealer.renewed(path.read_bytes(), bytes.fromhex(path.name))
            except FileNotFoundError:
                continue  # taken out meanwhile
            except ValueError:
                unfit += not path.name.startswith(".")
                continue
            if anew is not None:
                self._write(path, anew)
                renewed += 1
        return renewed, unfit

    def older(self, before: float) -> Iterator[bytes]:
        """Names of files last stored before this wall time (seconds since 1970)."""
        for path in self._folder.glob("??/??/*"):
            if not path.name.startswith(".") and _stored_at(path) < before:
                yield bytes.fromhex(path.name)

    def remove_older(self, digest: bytes, before: float) -> bool:
        """Take an orphan out unless it was stored again since; whether it was taken out."""
        path = self._path(digest)
        with _locked(path.parent, fcntl.LOCK_EX):
            if not _stored_at(path) < before:
                return False
            path.unlink()
            return True

    def remove_half_written(self, before: float) -> int:
        """Take out what a writer that died left half-written before this time; how many."""
        half = [one for one in self._folder.glob("??/??/.*") if _stored_at(one) < before]
        for path in half:
            path.unlink(missing_ok=True)
        return len(half)

    def remove(self, digest: bytes) -> None:
        """Take a file out of the store; fine when it is not there."""
        self._path(digest).unlink(missing_ok=True)

    def _write(self, path: Path, sealed: bytes) -> None:
        temporary = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        try:
            with temporary.open("wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            temporary.rename(path)
        except OSError:
            # On a full disk, half a file would keep what little room there is.
            temporary.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)

    def _path(self, digest: bytes) -> Path:
        name = digest.hex()
        return self._folder / name[:2] / name[2:4] / name


def _stored_at(path: Path) -> float:
    """When a file was last stored; of one that is gone: never, in the future."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return float("inf")
    return found.st_mtime if stat.S_ISREG(found.st_mode) else float("inf")


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    """Hold a folder: who stores and who sweeps there are kept apart, whatever their process."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)


def read_photo(content: bytes, *, max_pixels: int, edge_pixels: int) -> Photo:
    """Sniff, decode, turn upright, shrink and re-encode a photo.

    Raises Invalid (codes ``photo_unreadable``, ``photo_too_large``).
    """
    try:
        with Image.open(io.BytesIO(content), formats=PHOTO_FORMATS) as image:
            width, height = image.size
            if width * height > max_pixels:
                raise Invalid(
                    f"The photo has {width} × {height} pixels; at most {max_pixels} are accepted.",
                    code="photo_too_large",
                    width=width,
                    height=height,
                )
            upright = ImageOps.exif_transpose(image).convert("RGB")
            upright.thumbnail((edge_pixels, edge_pixels))
            # Only the pixels go on: comments, thumbnails and EXIF stay behind with the image.
            bare = Image.new("RGB", upright.size)
            bare.paste(upright)
            out = io.BytesIO()
            bare.save(out, "JPEG", quality=PHOTO_QUALITY, optimize=True)
            return Photo(out.getvalue(), *bare.size)
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise Invalid(
            "This is not a photo that can be read; send a JPEG, PNG or WebP.",
            code="photo_unreadable",
        ) from error
