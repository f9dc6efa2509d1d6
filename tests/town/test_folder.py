"""The town's folder is one that the directory loads, and gives back byte for byte."""

from __future__ import annotations

from pathlib import Path

from streetwise.directory.folder import read_folder
from streetwise.directory.records.files import write_files


def test_the_towns_folder_has_no_mistake_and_comes_back_byte_for_byte(folder: Path) -> None:
    read = read_folder(folder)
    order = {code: number for number, code in enumerate(read.book.of("rule"))}
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert write_files(read.book, read.base, read.files, order) == files
    for kind in ("premises", "crosswalk"):
        assert read.book.of(kind)
