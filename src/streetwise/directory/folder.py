"""Reading the folder that describes a street (format 1), wholly, before anything is changed.

What the files are and what their columns mean: docs/reference/town-folder.md. Every reference
between the files is checked; the first mistakes are named together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from streetwise.directory.records import checks
from streetwise.directory.records.files import TOWN, Folder, is_litter, read_files
from streetwise.directory.records.values import GEOMETRY_MAX_BYTES
from streetwise.kernel.errors import Invalid

__all__ = ["Folder", "checked", "folder_of", "read_folder", "write_folder"]

MISTAKES_SAID = 10
#: A base map of a whole district has some ten megabytes.
FILE_MAX_BYTES = 100 * GEOMETRY_MAX_BYTES


def read_folder(folder: Path) -> Folder:
    """Read and check a street's folder. Raises Invalid that names the mistakes."""
    if not (folder / TOWN).is_file():
        raise Invalid(
            f"{folder} is not a street's folder: it has no town.yaml.",
            code="town_folder",
            mistakes=TOWN,
        )
    try:
        files = {path: (folder / path).read_bytes() for path in _paths(folder)}
    except (OSError, ValueError) as error:
        raise _unreadable(error) from error
    return checked(folder_of(files))


def _paths(folder: Path) -> list[str]:
    """The files of the folder and of its `taxonomy`, without what desktops leave behind."""
    found = []
    for path in sorted((*folder.iterdir(), *(folder / "taxonomy").glob("*"))):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or is_litter(name):
            continue
        if path.stat().st_size > FILE_MAX_BYTES:
            raise ValueError(f"{name} is larger than {FILE_MAX_BYTES} bytes")
        found.append(name)
    return found


def folder_of(files: Mapping[str, bytes]) -> Folder:
    """A folder from its files. Raises Invalid when one of them cannot be read at all."""
    if TOWN not in files:
        raise Invalid(
            "This is not a street's folder: it has no town.yaml.", code="town_folder", mistakes=TOWN
        )
    try:
        return read_files(files)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> Invalid:
    return Invalid(
        f"The street's folder cannot be read: {error}", code="town_folder", mistakes=str(error)
    )


def checked(folder: Folder) -> Folder:
    """The folder, if nothing is wrong with it. Raises Invalid that names the mistakes."""
    mistakes = [*folder.mistakes, *checks.mistakes(folder.book)]
    if mistakes:
        raise Invalid(
            f"The street's folder has mistakes: {named(mistakes)}.",
            code="town_folder",
            mistakes=named(mistakes),
        )
    return folder


def named(mistakes: Sequence[str]) -> str:
    """The first mistakes in one sentence, and how many more there are."""
    more = len(mistakes) - MISTAKES_SAID
    return "; ".join(mistakes[:MISTAKES_SAID]) + (f"; and {more} more" if more > 0 else "")


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder's files; a file that is there already is replaced."""
    (folder / "taxonomy").mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        (folder / path).write_bytes(content)
