"""ZIP archives: what leads out, lies about itself or is too much is refused; packing is stable."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from streetwise.kernel.archives import ArchiveLimits, pack, unpack, unsafe
from streetwise.kernel.errors import StreetwiseError

LIMITS = ArchiveLimits(max_files=10, max_bytes=4 * 2**20, max_ratio=50)


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def refused(data: bytes) -> str:
    with pytest.raises(StreetwiseError) as caught:
        unpack(data, LIMITS)
    return caught.value.code


def test_what_was_packed_is_unpacked_and_the_same_files_are_the_same_bytes() -> None:
    files = {"units.csv": "编码\n".encode(), "taxonomy/a.yaml": b"x", "empty": b""}
    assert unpack(pack(files), LIMITS) == files
    assert pack(files) == pack(dict(reversed(files.items())))


def test_one_folder_around_everything_is_taken_off() -> None:
    assert unpack(zipped({"我的街道/a.csv": b"1", "我的街道/taxonomy/b": b"2"}), LIMITS) == {
        "a.csv": b"1",
        "taxonomy/b": b"2",
    }
    inner = zipped({"taxonomy/a": b"1", "taxonomy/b": b"2"})
    assert set(unpack(inner, LIMITS, own=["taxonomy"])) == {"taxonomy/a", "taxonomy/b"}
    assert set(unpack(inner, LIMITS)) == {"a", "b"}


@pytest.mark.parametrize(
    "name", ["../a", "a/../../b", "/etc/passwd", "C:/a", "a\\..\\b", "a//b", "./a", "a\nb"]
)
def test_names_that_lead_out_are_refused(name: str) -> None:
    assert unsafe(name)
    assert refused(zipped({name: b"x"})) == "archive_unsafe"


def test_repeated_names_are_refused_also_in_other_letters() -> None:
    assert refused(zipped({"a.csv": b"x", "A.csv": b"y"})) == "archive_unsafe"


def test_too_many_files_and_too_much_are_refused() -> None:
    assert refused(zipped({str(number): b"" for number in range(11)})) == "file_too_large"
    assert refused(zipped({"a": b"0" * (5 * 2**20)})) == "archive_bomb"
    assert refused(zipped({"a": b"0" * (2 * 2**20)})) == "archive_bomb"  # a thousand to one


def test_a_size_that_is_a_lie_is_found_out() -> None:
    data = bytearray(zipped({"a": b"0" * (3 * 2**20)}))
    at = data.index(b"PK\x01\x02")  # the central directory's entry says how large it is
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    assert refused(bytes(data)) in ("archive_bomb", "file_corrupt")


@pytest.mark.parametrize("data", [b"", b"no archive", b"PK\x03\x04 and nothing"])
def test_what_is_no_archive(data: bytes) -> None:
    assert refused(data) == "file_corrupt"


def test_a_password_is_refused() -> None:
    data = bytearray(zipped({"a": b"x"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert refused(bytes(data)) == "file_encrypted"
