"""Filling an empty database and an empty folder from archives, whole or not at all.

Archives are read twice: once to see that they are whole, ours and open with this key, before
anything is touched; then into the database, in one transaction that ends by counting and hashing
every table against the manifest.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from streetwise.kernel.backup import programs, snapshot
from streetwise.kernel.backup.container import (
    DATA,
    KEYS,
    ArchiveReader,
    Manifest,
    Tail,
    check_signature,
)
from streetwise.kernel.backup.framing import Damaged, Identity, OpeningReader
from streetwise.kernel.backup.making import (
    DATABASE_PART,
    FILES,
    KEYS_PART,
    SECRET_FILES,
    SECRETS,
    FilesHash,
    Tell,
    silent,
    stored_files,
)
from streetwise.kernel.crypto import MASTER_KEY_FILE, Keys
from streetwise.kernel.disk import sync_folder
from streetwise.kernel.errors import Conflict, Invalid
from streetwise.kernel.seals.signing import PUBLIC_FILE, PublicKeys, parse_public_keys

_FILE = re.compile(r"files/(([0-9a-f]{2})/([0-9a-f]{2})/\2\3[0-9a-f]{60})")
_TABLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_HASH = re.compile(r"-?[0-9]{1,40}")
_RESTORING = "files.restoring"
#: Of a server older than this, pg_dump's first lines set something that it does not know.
_KNOWS_TRANSACTION_TIMEOUT = 170_000
_TRANSACTION_TIMEOUT = b"SET transaction_timeout = 0;\n"
_SECRET_BYTES_MAX = 2**20
#: SQL state of a table that does not hold what the manifest says: this, and its number.
_STATE = "SW"


@dataclass(frozen=True, slots=True)
class Checked:
    """An archive that was read to its end and is whole. ``secrets``: of an archive of keys."""

    path: Path
    manifest: Manifest
    tail: Tail
    secrets: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two archives that belong together."""

    data: Checked
    keys: Checked


@contextmanager
def _opened(path: Path, identity: Identity) -> Iterator[ArchiveReader]:
    try:
        with path.open("rb") as file:
            yield ArchiveReader(OpeningReader(file, identity))
    except FileNotFoundError:
        raise Invalid(f"There is no file {path}.", code="backup_missing") from None
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.", code="backup_missing") from error
    except (json.JSONDecodeError, KeyError, TypeError, UnicodeDecodeError, zlib.error) as error:
        raise Damaged(f"{path} is not in order.") from error


def check(path: Path, identity: Identity, kind: str, tell: Tell = silent) -> Checked:
    """Read an archive to its end. Raises Invalid, WrongKey, Damaged, Conflict."""
    secrets: dict[str, bytes] = {}
    total = path.stat().st_size if path.exists() else 0
    done = 0
    with _opened(path, identity) as archive:
        manifest = archive.manifest
        if manifest.kind != kind:
            raise Invalid(
                f"{path} is an archive of {manifest.kind}, and one of {kind} was asked for.",
                code="backup_other_kind",
            )
        for name, content in archive.parts():
            wanted = name.startswith(SECRETS)
            for piece in content:
                done += len(piece)
                tell("check", done, total)
                if wanted and len(secrets.setdefault(name, b"")) < _SECRET_BYTES_MAX:
                    secrets[name] += piece
        named = {name.removeprefix(SECRETS): found for name, found in secrets.items()}
        return Checked(path, manifest, archive.tail, named)


def check_pair(
    data: Path,
    keys: Path,
    identity: Identity,
    *,
    public_keys: PublicKeys | None = None,
    old_master: bytes | None = None,
    tell: Tell = silent,
) -> Pair:
    """Check both archives and that they go together; nothing is changed.

    ``public_keys``: of the journal, from outside; without them those in the archive of keys
    count. ``old_master``: the master key of the data, where it was changed since. Raises as
    ``check`` does, and Conflict, KeyMissing.
    """
    pair = Pair(check(data, identity, DATA, tell), check(keys, identity, KEYS, tell))
    trusted = public_keys or parse_public_keys(pair.keys.secrets.get(PUBLIC_FILE, b"").decode())
    for one in (pair.data, pair.keys):
        check_signature(one.tail, trusted)
    of, at = pair.data.manifest, pair.keys.manifest
    if of.installation != at.installation:
        raise Conflict(
            "These keys are of another installation than this data.", code="backup_other_keys"
        )
    if datetime.fromisoformat(at.at) < datetime.fromisoformat(of.at):
        raise Conflict(
            f"These keys ({at.at}) are older than the data ({of.at}): what came between would not"
            " open, and what was forgotten between would be back. Give the newest keys.",
            code="backup_keys_older",
        )
    pair.keys.secrets[MASTER_KEY_FILE] = _opening(pair, old_master).content
    return pair


def _opening(pair: Pair, old_master: bytes | None) -> Keys:
    """The master key in the archive of keys, with the older one behind it where that is needed."""
    of = pair.data.manifest
    found = Keys(pair.keys.secrets.get(MASTER_KEY_FILE, b""))
    keys = found.with_profiles(seals=of.hashes, hashes=of.hashes)
    if of.fingerprint not in _fingerprints(keys) and old_master is not None:
        keys = keys.opening(Keys(old_master))
    if of.fingerprint not in _fingerprints(keys):
        raise Conflict(
            "The master key was changed after this data was backed up; give the one of that time"
            " too (--old-key-file).",
            code="backup_master_changed",
        )
    return keys


def _fingerprints(keys: Keys) -> set[str]:
    return {one.fingerprint.hex() for one in (keys, keys.before) if one is not None}


def check_place(owner_url: str, files: Path, secrets: Path, pair: Pair) -> None:
    """Raise Conflict unless the database and the folder of files are empty, and the keys ours."""
    if not snapshot.is_empty(owner_url):
        raise Conflict(
            "The database is not empty. Restore into an empty place: another STREETWISE_HOME, or"
            " an empty database (STREETWISE_DATABASE_URL).",
            code="restore_not_empty",
        )
    if any(path.is_file() for path in files.rglob("*")):
        raise Conflict(
            f"{files} is not empty. Move it away, or restore to another STREETWISE_HOME.",
            code="restore_not_empty",
        )
    for name, content in pair.keys.secrets.items():
        path = secrets / name
        if name != PUBLIC_FILE and path.exists() and path.read_bytes() != content:
            raise Conflict(
                f"{path} is another one than in the archive of keys. Move it away, or restore to"
                " another STREETWISE_HOME.",
                code="restore_other_secret",
            )


def restore(
    owner_url: str,
    files: Path,
    secrets: Path,
    pair: Pair,
    identity: Identity,
    tell: Tell = silent,
) -> None:
    """Fill the empty place. Raises LoadFailed, Damaged, Invalid: then it is empty as before.

    The tables come at the version of the backup; whoever calls migrates them.
    """
    waiting = files.with_name(_RESTORING)
    shutil.rmtree(waiting, ignore_errors=True)  # of a restore that was killed
    version = _server_version(owner_url)
    try:
        with programs.loading(owner_url) as into:
            _fill(into, pair, identity, waiting, version, tell)
            tell("compare", 0, 0)
            tables = {**pair.data.manifest.tables, **pair.keys.manifest.tables}
            into.feed(_comparison(tables).encode())
            # Files are there before the rows that name them are.
            _move(waiting, files)
            _put_secrets(secrets, pair.keys.secrets)
            try:
                into.finish()
            except programs.LoadFailed as error:
                shutil.rmtree(files, ignore_errors=True)
                raise _explained(error, sorted(tables)) from error
    finally:
        shutil.rmtree(waiting, ignore_errors=True)


def _server_version(owner_url: str) -> int:
    with snapshot.moment(owner_url) as now:
        return now.version


def _fill(
    into: programs.Loading,
    pair: Pair,
    identity: Identity,
    files: Path,
    version: int,
    tell: Tell,
) -> None:
    together, seen = FilesHash(), 0
    with _opened(pair.data.path, identity) as archive:
        for name, content in archive.parts():
            if name == DATABASE_PART:
                _feed(into, content, version, tell)
            elif name.startswith(FILES):
                found = _FILE.fullmatch(name)
                if found is None:
                    raise Damaged(f"The archive holds a file of a name that there is not: {name!r}")
                _write_file(files / found[1], content)
                seen += 1
                tell("files", seen, pair.data.tail.files)
            else:
                raise Damaged("The archive holds a part that there is not.")
        _still(archive, pair.data)
    with _opened(pair.keys.path, identity) as archive:
        for name, content in archive.parts():
            if name == KEYS_PART:
                _feed(into, content, version, tell)
            else:
                for _ in content:
                    pass  # read when it was checked
        _still(archive, pair.keys)
    for name in stored_files(files):
        together.add(name, _sha256(files / name))
    if together.hex() != pair.data.tail.files_hash:
        raise Damaged("The files written are not those of the archive; check the disk.")


def _still(archive: ArchiveReader, checked: Checked) -> None:
    """What was just read is what was checked: nobody exchanged the file in between."""
    if archive.tail.signature != checked.tail.signature:
        raise Damaged(f"{checked.path} was exchanged while it was read.")


def _feed(into: programs.Loading, content: Iterable[bytes], version: int, tell: Tell) -> None:
    unpacker = zlib.decompressobj()
    first, done = True, 0
    for piece in content:
        sql = unpacker.decompress(piece)
        if first and sql:
            first = False
            if version < _KNOWS_TRANSACTION_TIMEOUT:
                sql = sql.replace(_TRANSACTION_TIMEOUT, b"", 1)
        into.feed(sql)
        done += len(sql)
        tell("database", done, 0)
    into.feed(unpacker.flush())


def _write_file(path: Path, content: Iterable[bytes]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("wb") as file:
        for piece in content:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def _sha256(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _move(waiting: Path, files: Path) -> None:
    waiting.mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder, _, _ in os.walk(waiting):
        sync_folder(Path(folder))
    if files.exists():
        shutil.rmtree(files)  # it was looked at: there is no file in it
    waiting.rename(files)
    sync_folder(files.parent)


def _put_secrets(folder: Path, secrets: dict[str, bytes]) -> None:
    """Those that are not there; the ones that are, are the same."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in SECRET_FILES:
        path = folder / name
        if name not in secrets or path.exists():
            continue
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets[name])
            file.flush()
            os.fsync(descriptor)
    sync_folder(folder)


def _comparison(tables: dict[str, tuple[int, str]]) -> str:
    """SQL that fails, with the number of the table, where one does not hold what it should."""
    lines = [snapshot.READ_ALIKE]
    for number, name in enumerate(sorted(tables)):
        rows, together = tables[name]
        if not (_TABLE.fullmatch(name) and _HASH.fullmatch(together)):
            raise Damaged("The manifest is not in order.")
        query = snapshot.COUNT.format(f'"{name}"').replace(" FROM", " INTO n, h FROM", 1)
        lines.append(
            f"DO $sw$ DECLARE n bigint; h text; BEGIN {query};"
            f" IF n <> {int(rows)} OR h <> '{together}' THEN"
            f" RAISE EXCEPTION USING ERRCODE = '{_STATE}{number:03}'; END IF; END $sw$;"
        )
    return "\n".join(lines)


def _explained(error: programs.LoadFailed, tables: list[str]) -> programs.LoadFailed:
    state = str(error.params.get("sql_state", ""))
    if state.startswith(_STATE) and state[len(_STATE) :].isdigit():
        name = tables[int(state[len(_STATE) :])]
        return programs.LoadFailed(
            f"The rows of the table {name} are not those that the manifest counts."
            " Nothing was changed.",
            table=name,
        )
    return error
