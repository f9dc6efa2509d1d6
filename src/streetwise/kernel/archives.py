"""ZIP archives of small folders: unpacked in memory within limits, packed the same every time.

Nothing is ever written under a name that an archive gives.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from streetwise.kernel.errors import Invalid, TooLarge

#: Small archives are let off the ratio: an empty form packs very well.
_RATIO_FLOOR_BYTES = 2**20
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError,
           NotImplementedError, OverflowError, LookupError)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What an archive may hold: files, bytes unpacked, and bytes out of one byte in."""

    max_files: int
    max_bytes: int
    max_ratio: int


def unpack(data: bytes, limits: ArchiveLimits, *, own: Collection[str] = ()) -> dict[str, bytes]:
    """Path → content of all files. One folder around everything is taken off, unless it is one
    of the content's ``own``.

    Raises Invalid (not an archive, damaged, encrypted, unsafe names, a bomb) or TooLarge.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check_entries(entries, len(data), limits)
            return _without_top(_read(archive, entries, len(data), limits), own)
    except _DAMAGE as error:
        raise Invalid(
            "This is no ZIP archive, or it is damaged; pack the folder again.",
            code="file_corrupt",
            reason=type(error).__name__,
        ) from error


def _check_entries(entries: list[zipfile.ZipInfo], packed: int, limits: ArchiveLimits) -> None:
    if len(entries) > limits.max_files:
        raise TooLarge(
            f"The archive holds more than {limits.max_files} files; a street's folder has few.",
            limit=limits.max_files,
        )
    names = [entry.filename for entry in entries]
    if len({name.casefold() for name in names}) != len(names) or any(map(unsafe, names)):
        raise Invalid(
            "The archive has files with unsafe or repeated names; pack the folder again.",
            code="archive_unsafe",
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise Invalid(
            "The archive is protected by a password; pack the folder without one.",
            code="file_encrypted",
        )
    _check_size(packed, sum(entry.file_size for entry in entries), limits)


def unsafe(name: str) -> bool:
    """Whether a name could lead out of a folder, or is none for a file of ours."""
    steps = re.split(r"[/\\]", name)
    return (
        "\\" in name
        or ":" in name
        or name.startswith("/")
        or any(step in ("", ".", "..") for step in steps)
        or any(ord(character) < 32 for character in name)
    )


def _read(
    archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], packed: int, limits: ArchiveLimits
) -> dict[str, bytes]:
    """What an entry says of its size is not believed: it is counted."""
    files = {}
    unpacked = 0
    for entry in entries:
        with archive.open(entry) as source:
            content = source.read(limits.max_bytes - unpacked + 1)
        unpacked += len(content)
        _check_size(packed, unpacked, limits)
        files[entry.filename] = content
    return files


def _check_size(packed: int, unpacked: int, limits: ArchiveLimits) -> None:
    ratio = unpacked > _RATIO_FLOOR_BYTES and unpacked > packed * limits.max_ratio
    if unpacked > limits.max_bytes or ratio:
        raise Invalid(
            f"The archive unpacks to more than {limits.max_bytes} bytes, or to more than"
            f" {limits.max_ratio} times its size; a street's folder does not.",
            code="archive_bomb",
            limit=limits.max_bytes,
        )


def _without_top(files: dict[str, bytes], own: Collection[str]) -> dict[str, bytes]:
    tops = {name.partition("/")[0] for name in files if not name.startswith("__MACOSX/")}
    inside = all("/" in name for name in files)
    if len(tops) != 1 or not inside or tops <= set(own):
        return files
    top = f"{tops.pop()}/"
    return {name.removeprefix(top): data for name, data in files.items()}


def pack(files: Mapping[str, bytes]) -> bytes:
    """A ZIP archive of the files: the same bytes for the same files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, _EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[path])
    return out.getvalue()
