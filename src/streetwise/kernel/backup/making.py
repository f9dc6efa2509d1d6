"""Making a backup: the data with the files, and the keys apart, both of one moment."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from streetwise import __version__
from streetwise.kernel.backup import contents, programs
from streetwise.kernel.backup.container import DATA, KEYS, ArchiveWriter, Manifest, Tail
from streetwise.kernel.backup.framing import Recipient, SealingWriter, read_recipient
from streetwise.kernel.backup.snapshot import Moment, moment
from streetwise.kernel.crypto import MASTER_KEY_FILE, Keys, load_keys
from streetwise.kernel.crypto_providers import PROVIDERS
from streetwise.kernel.disk import sync_folder
from streetwise.kernel.errors import Conflict, StreetwiseError
from streetwise.kernel.seals.signing import PRIVATE_FILE, PUBLIC_FILE, Signer, load_signer
from streetwise.kernel.settings import Settings

#: The public key that backups are written for, in the folder of secrets.
RECIPIENT_FILE = "backup.pub"
#: Keys of the installation that go into the archive of keys.
SECRET_FILES = (MASTER_KEY_FILE, PRIVATE_FILE, PUBLIC_FILE, RECIPIENT_FILE)
DATABASE_PART, KEYS_PART, SECRETS, FILES = (
    "database.sql.zlib",
    "keys.sql.zlib",
    "secrets/",
    "files/",
)
#: Fast: the dump is not what takes the room, files are, and these do not shrink.
_COMPRESSION = 3
_STORED = re.compile(r"[0-9a-f]{64}")
_PIECE_BYTES = 256 * 1024
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
#: How a file ends that is not whole yet.
_PART = ".streetwise-part"

#: Hears what is being done and how much of it: rows, bytes or files, and of how many (0: unknown).
Tell = Callable[[str, int, int], None]


def silent(what: str, done: int, total: int) -> None:
    """Tell nobody."""


class Stopped(Exception):
    """Somebody asked to stop; nothing was kept."""


class NoRoom(StreetwiseError):
    """The disk of the backups is full, or cannot be written."""

    code = "backup_not_written"
    title = "The backup could not be written"


@dataclass(frozen=True, slots=True)
class Made:
    """What was made. ``data`` is None when only the keys were."""

    data: Path | None
    keys: Path
    manifest: Manifest
    tail: Tail
    bytes: int


@dataclass(frozen=True, slots=True)
class _Work:
    """What the steps of one backup share."""

    settings: Settings
    owner_url: str
    keys: Keys
    recipient: Recipient
    signer: Signer
    tell: Tell
    stop: Callable[[], bool]


def installation_of(keys: Keys) -> str:
    """What an installation is known by; it stays when the master key is changed."""
    plain = keys.with_profiles(seals="aes", hashes="aes")
    return plain.hasher("installation").of(b"backup").hex()


def recipient_of(settings: Settings) -> Recipient:
    """The public key that backups are written for. Raises Conflict when there is none yet."""
    path = settings.secrets_path / RECIPIENT_FILE
    if not path.exists():
        raise Conflict(
            "There is no backup key yet. Make one, once: `streetwise backup-key FILE`, with FILE"
            " on a medium that you take away.",
            code="backup_no_key",
        )
    return read_recipient(path)


def make_backup(
    settings: Settings,
    owner_url: str,
    data: Path | None,
    keys: Path,
    *,
    tell: Tell = silent,
    stop: Callable[[], bool] = lambda: False,
) -> Made:
    """Write the archive ``data`` (None: none) and put the archive ``keys`` in place of the last.

    Both get their name when they are whole and on disk. The keys first: whoever is broken off
    between the two has keys that are newer than the newest data, never older. Raises Conflict,
    NoRoom, DumpFailed, Stopped; then no archive was changed.
    """
    assert contents.KEY_TABLES, "the rooms were not asked which tables hold keys"
    recipient = recipient_of(settings)
    if data is not None and data.exists():
        raise _there(data)
    master = load_keys(settings.secrets_path, create=False)
    with moment(owner_url) as now:
        signer = load_signer(settings.secrets_path, create=now.head() is None)
        work = _Work(settings, owner_url, master, recipient, signer, tell, stop)
        _sweep(keys.parent, *([data.parent] if data else []))
        with _written(keys, replace=True) as out:
            manifest = _manifest(now, KEYS, work)
            tail = _write_keys(_archive(work, out), now, manifest, work)
        if data is not None:
            with _written(data) as out:
                manifest = _manifest(now, DATA, work)
                tail = _write_data(_archive(work, out), now, manifest, work)
                _same_master(work)
    made = data or keys
    return Made(data, keys, manifest, tail, made.stat().st_size)


def _same_master(work: _Work) -> None:
    """Files that were sealed anew meanwhile would not open by the keys of the beginning."""
    if load_keys(work.settings.secrets_path, create=False).content != work.keys.content:
        raise Conflict(
            "The master key was changed while the backup was made; make it again.",
            code="backup_master_changed",
        )


def _archive(work: _Work, out: BinaryIO) -> ArchiveWriter:
    provider = PROVIDERS[work.settings.crypto_profile]
    return ArchiveWriter(SealingWriter(out, work.recipient, provider))


def _manifest(now: Moment, kind: str, work: _Work) -> Manifest:
    tables = now.tables()
    wanted = [one for one in tables if (one in contents.KEY_TABLES) == (kind == KEYS)]
    counted: dict[str, tuple[int, str]] = {}
    for done, table in enumerate(wanted):
        work.tell("count", done, len(wanted))
        _go_on(work)
        counted[table] = (0, "0") if table in contents.LEFT_OUT else now.count(table)
    head = now.head()
    fingerprint, hashes = now.fingerprint()
    return Manifest(
        kind=kind,
        program=__version__,
        migration=now.migration(),
        at=now.at.isoformat(),
        installation=installation_of(work.keys),
        fingerprint=fingerprint,
        hashes=hashes,
        database=now.version,
        tables=counted,
        left_out=sorted(set(wanted) & set(contents.LEFT_OUT)),
        head=asdict(head) if head else None,
        about={name: str(now.one(query) or "") for name, query in contents.ABOUT.items()},
    )


def _write_keys(writer: ArchiveWriter, now: Moment, manifest: Manifest, work: _Work) -> Tail:
    writer.manifest(manifest)
    tables = [f"--table=public.{name}" for name in manifest.tables]
    _write_dump(writer, KEYS_PART, now, ["--data-only", *tables], work)
    for name in SECRET_FILES:
        path = work.settings.secrets_path / name
        if path.exists():
            writer.begin(SECRETS + name)
            writer.data(path.read_bytes())
            writer.end()
    tail = Tail()
    writer.finish(tail, work.signer)
    return tail


def _write_data(writer: ArchiveWriter, now: Moment, manifest: Manifest, work: _Work) -> Tail:
    writer.manifest(manifest)
    without = [*contents.KEY_TABLES, *contents.LEFT_OUT]
    arguments = [f"--exclude-table-data=public.{name}" for name in without]
    _write_dump(writer, DATABASE_PART, now, ["--no-owner", *arguments], work)
    tail = _write_files(writer, work)
    writer.finish(tail, work.signer)
    return tail


def _write_dump(
    writer: ArchiveWriter, part: str, now: Moment, arguments: Iterable[str], work: _Work
) -> None:
    program = programs.find("pg_dump", now.version)
    chosen = [f"--snapshot={now.name}", *arguments]
    packer = zlib.compressobj(_COMPRESSION)
    writer.begin(part)
    done = 0
    for piece in programs.dump(program, work.owner_url, chosen):
        _go_on(work)
        writer.data(packer.compress(piece))
        done += len(piece)
        work.tell("database", done, 0)
    writer.data(packer.flush())
    writer.end()


def stored_files(folder: Path) -> Iterator[str]:
    """Names of the stored files below a folder (``ab/cd/abcd…``), in order."""
    for first in _listed(folder):
        for second in _listed(folder / first):
            for name in _listed(folder / first / second):
                if _STORED.fullmatch(name):
                    yield f"{first}/{second}/{name}"


def _listed(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


class FilesHash:
    """One hash over names and contents of files, taken in order of their names."""

    def __init__(self) -> None:
        self._all = hashlib.sha256()

    def add(self, name: str, digest: bytes) -> None:
        """One more file, by its SHA-256."""
        self._all.update(name.encode() + b"\n" + digest)

    def hex(self) -> str:
        """Of all so far."""
        return self._all.hexdigest()


def _write_files(writer: ArchiveWriter, work: _Work) -> Tail:
    """Files of after the snapshot come along; one that is removed meanwhile is only counted."""
    tail, together = Tail(), FilesHash()
    folder = work.settings.files_path
    for name in stored_files(folder):
        _go_on(work)
        try:
            file = (folder / name).open("rb")
        except FileNotFoundError:
            tail.gone += 1
            continue
        with file:
            writer.begin(FILES + name)
            while piece := file.read(_PIECE_BYTES):
                writer.data(piece)
                tail.file_bytes += len(piece)
            together.add(name, writer.end())
        tail.files += 1
        work.tell("files", tail.files, 0)
    tail.files_hash = together.hex()
    return tail


def _go_on(work: _Work) -> None:
    if work.stop():
        raise Stopped


@contextmanager
def _written(path: Path, *, replace: bool = False) -> Iterator[BinaryIO]:
    """A file that gets its name when it is whole and on disk, and leaves nothing otherwise."""
    part = path.with_name(f".{path.name}{_PART}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if not replace and path.exists():
            raise _there(path)
        # No link, which would refuse to replace by itself: sticks and shares know none.
        part.replace(path)
        with suppress(OSError):  # nor do all of them let a folder be synced
            sync_folder(path.parent)
    except OSError as error:
        _drop(part)
        full = error.errno in _FULL
        raise NoRoom(
            f"The disk of {path.parent} is full; no backup was made. Free some space."
            if full
            else f"{path} cannot be written: {error.strerror}. No backup was made.",
            reason="full" if full else "unwritable",
        ) from error
    except BaseException:
        _drop(part)
        raise


def _there(path: Path) -> Conflict:
    return Conflict(f"{path} is there already; name a new file.", code="backup_exists")


def _drop(part: Path) -> None:
    with suppress(OSError):
        part.unlink()


def _sweep(*folders: Path) -> None:
    """Remove what a backup that was killed left; we hold the lock, so nobody is writing."""
    for folder in set(folders):
        for left in folder.glob(f".*{_PART}") if folder.is_dir() else ():
            left.unlink(missing_ok=True)
