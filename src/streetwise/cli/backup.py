"""`streetwise backup`, `backup-key` and `restore`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from streetwise.cli.common import console, quiet_settings, reported, with_database
from streetwise.cli.restoring import Restored, checked, run_restore, thrown_away
from streetwise.kernel.backup import folder as folders
from streetwise.kernel.backup import keeping
from streetwise.kernel.backup.framing import Identity, read_identity
from streetwise.kernel.backup.making import RECIPIENT_FILE, Made, Tell
from streetwise.kernel.errors import Conflict, Invalid
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer

BACKUP = Viewer.system("backup")
_BYTES = {"database", "check"}
_WORDS = {
    "count": "Counting rows",
    "database": "Database",
    "files": "Files",
    "check": "Reading the archives to their ends",
    "compare": "Comparing with the manifest",
    "migrate": "Bringing the tables to this version",
    "forget": "Forgetting again",
    "journal": "Checking the journal",
}
_FILE = click.Path(path_type=Path, dir_okay=False)


@contextmanager
def telling() -> Iterator[Tell]:
    """Show what is being done, and how much of it."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[amount]}"))
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        tasks: dict[str, Any] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(_WORDS[what], total=None, amount="")
            amount = f"{done >> 20:,} MiB" if what in _BYTES else f"{done:,}" if done else ""
            progress.update(tasks[what], completed=done, total=total or None, amount=amount)

        yield tell


@click.command("backup")
@click.argument("target", required=False, type=click.Path(path_type=Path))
@click.option(
    "--keys", type=click.Path(path_type=Path), help="The archive of keys: a file, or a folder."
)
@click.option("--keys-only", is_flag=True, help="Renew the archive of keys; no data.")
@click.option("--verify", type=_FILE, help="Restore this archive into a place apart, and compare.")
@click.option("--key", type=_FILE, help="With --verify: the private backup key.")
@click.option("--public-keys", type=_FILE, help="With --verify: the journal's public keys.")
@click.option(
    "--old-key-file",
    "old_key",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="With --verify: the master key of that time, where it was changed since.",
)
@click.option(
    "--in",
    "folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="With --verify: where there is room for the place (default: the temporary folder).",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def backup(
    target: Path | None,
    keys: Path | None,
    keys_only: bool,
    verify: Path | None,
    key: Path | None,
    public_keys: Path | None,
    old_key: Path | None,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Back up database and files, encrypted, into TARGET (a folder or a new file), while serving.

    Without TARGET: into the folder of the periodic backups. The keys go into an archive of their
    own (`….keys`), which takes the place of the one before: keep the newest, and only that.
    """
    settings = quiet_settings()
    with reported():
        if verify is not None:
            if keys is None or key is None:
                raise click.UsageError("--verify takes --keys (their archive) and --key.")
            done = _verify(settings, verify, keys, key, public_keys, old_key, folder)
            _tell_restored(done, as_json, "verified")
            sys.exit(0 if done.good else 1)

        from streetwise.migrations.models import TABLES

        assert TABLES  # imported for what the rooms say of their tables

        async def work(runtime: Runtime) -> Made:
            with telling() as tell:
                return await _make(runtime, target, keys, keys_only, tell)

        made = with_database(work, settings, create_keys=False)
    if as_json:
        click.echo(json.dumps(_made(made), ensure_ascii=False))
    else:
        _tell_made(made)


async def _make(
    runtime: Runtime, target: Path | None, keys: Path | None, keys_only: bool, tell: Tell
) -> Made:
    settings, of = runtime.settings, keeping.installation(runtime)
    target = target or settings.backup_folder
    if target is None:
        raise Invalid(
            "Name a folder or a file for the backup, or set STREETWISE_BACKUP_FOLDER.",
            code="backup_no_target",
        )
    in_folder = target.is_dir() or target == settings.backup_folder
    keys = keys or (keeping.keys_folder(settings) if target == settings.backup_folder else None)
    if keys is None:
        keys = target if in_folder else target.with_name(target.name + ".keys")
    if keys_only or not in_folder:
        named = folders.keys_path(keys, of) if keys.is_dir() or in_folder else keys
        return await keeping.make(runtime, BACKUP, None if keys_only else target, named, tell=tell)
    return await keeping.make_in_folder(
        runtime, BACKUP, target, keys, prune=target == settings.backup_folder, tell=tell
    )


def _made(made: Made) -> dict[str, object]:
    manifest, tail = made.manifest, made.tail
    return {
        "data": str(made.data) if made.data else None,
        "keys": str(made.keys),
        "at": manifest.at,
        "program": manifest.program,
        "migration": manifest.migration,
        "bytes": made.bytes,
        "rows": manifest.rows,
        "files": tail.files,
        "files_gone": tail.gone,
        "tables": {name: rows for name, (rows, _) in manifest.tables.items()},
        "journal_head": manifest.head,
        "about": manifest.about,
    }


def _tell_made(made: Made) -> None:
    out = Console(highlight=False)
    if made.data is not None:
        counted = f"{made.manifest.rows:,} rows and {made.tail.files:,} files"
        size = f"{made.bytes / 2**20:,.1f} MiB"
        out.print(f"[green]✓[/green] {counted} are in {made.data} ({size}).", soft_wrap=True)
    if made.tail.gone:
        out.print(f"  {made.tail.gone} files were removed while it was made, and are not in it.")
    out.print(
        f"[green]✓[/green] The keys are in {made.keys}. Keep this one only, apart from the data.",
        soft_wrap=True,
    )


@click.command("backup-key")
@click.argument("file", type=_FILE)
@click.option("--replace", is_flag=True, help="Later backups are written for the new key.")
def backup_key(file: Path, replace: bool) -> None:
    """Make the key that opens backups: the private one into FILE, to be taken away.

    The public one stays here, and is all that a backup needs. Older backups open with
    the key of their time: keep that too.
    """
    settings = quiet_settings()
    with reported():
        public = settings.secrets_path / RECIPIENT_FILE
        if public.exists() and not replace:
            raise Conflict(
                f"There is a backup key already ({public}). With --replace later backups are"
                " written for a new one; older ones still need the old one.",
                code="backup_key_exists",
            )
        identity = Identity.make()
        _write_new(file, identity.text())
        settings.secrets_path.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = public.with_name(f".{public.name}.{os.getpid()}")
        _write_new(temporary, identity.recipient.text())
        temporary.replace(public)
    name = identity.recipient.name.hex()
    console.print(
        f"[green]✓[/green] The private key {name} is in {file}. Take it away from this machine,"
        " keep two copies of it, and try it: `streetwise backup --verify`.",
        soft_wrap=True,
    )


def _write_new(path: Path, text: str) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Invalid(
            f"{path} cannot be written: {error.strerror}; name a new file.",
            code="backup_key_unwritable",
        ) from error
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)


@click.command("restore")
@click.argument("archive", type=_FILE)
@click.option("--keys", type=_FILE, required=True, help="The newest archive of keys.")
@click.option("--key", type=_FILE, required=True, help="The private backup key.")
@click.option(
    "--public-keys", type=_FILE, help="The journal's public keys, from outside the archives."
)
@click.option(
    "--old-key-file",
    "old_key",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="The master key of that time, where it was changed since.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def restore(
    archive: Path,
    keys: Path,
    key: Path,
    public_keys: Path | None,
    old_key: Path | None,
    as_json: bool,
) -> None:
    """Restore ARCHIVE into an empty home (STREETWISE_HOME) or an empty database.

    What was forgotten since it was made stays forgotten. Anything wrong with the archives or the
    place is said before anything is changed.
    """
    settings = quiet_settings()
    with reported(), telling() as tell:
        identity = read_identity(key)
        pair = checked(archive, keys, identity, tell, public_keys=public_keys, old_key=old_key)
        done = run_restore(settings, pair, identity, tell)
    _tell_restored(done, as_json, "restored")
    sys.exit(0 if done.good else 1)


def _verify(
    settings: Settings,
    archive: Path,
    keys: Path,
    key: Path,
    public_keys: Path | None,
    old_key: Path | None,
    folder: Path | None,
) -> Restored:
    with telling() as tell:
        identity = read_identity(key)
        pair = checked(archive, keys, identity, tell, public_keys=public_keys, old_key=old_key)
        with thrown_away(settings, folder) as apart:
            return run_restore(apart, pair, identity, tell)


def _as_dict(done: Restored) -> dict[str, object]:
    manifest, tail = done.pair.data.manifest, done.pair.data.tail
    return {
        "good": done.good,
        "at": manifest.at,
        "program": manifest.program,
        "migration": manifest.migration,
        "tables": {name: rows for name, (rows, _) in manifest.tables.items()},
        "rows": manifest.rows,
        "files": tail.files,
        "files_gone": tail.gone,
        "forgotten": done.forgotten,
        "without_key": done.without_key,
        "journal_last": done.journal_last,
        "findings": done.findings,
        "lost_from": done.journal_last + 1 if done.lost else None,
        "lost_to": done.lost[0] if done.lost else None,
    }


def _tell_restored(done: Restored, as_json: bool, what: str) -> None:
    if as_json:
        click.echo(json.dumps(_as_dict(done), ensure_ascii=False))
        return
    out = Console(highlight=False, soft_wrap=True)
    manifest, tail = done.pair.data.manifest, done.pair.data.tail
    counted = f"{manifest.rows:,} rows in {len(manifest.tables)} tables and {tail.files:,} files"
    out.print(f"[green]✓[/green] {counted} of {manifest.at} were {what}; each table and each file"
              " is as it was.")  # fmt: skip
    if tail.gone:
        out.print(f"  {tail.gone} files were removed while the backup was made, and are not in it.")
    if done.forgotten:
        out.print(f"  {done.forgotten} originals that were forgotten since were removed again.")
    if done.without_key:
        out.print(f"[red]✗[/red] {done.without_key} originals have no key and do not open.")
    for says in done.findings:
        out.print(f"[red]✗[/red] Journal: {says}")
    if done.lost is not None:
        last, aside = done.lost
        out.print(
            f"[yellow]![/yellow] The journal that was here before went up to entry {last}; this one"
            f" to {done.journal_last}. What came between is not in the backup. The old head is kept"
            f" in {aside}: `journal verify --kept` with it says so, rightly."
        )
    if what == "restored" and done.two_masters:
        out.print(
            "[yellow]![/yellow] This data is sealed by an older master key, which opens beside the"
            " present one now: run `streetwise vault master` before serving."
        )
    if what == "restored":
        out.print("Everybody signs in anew. Make a backup now, and look with `streetwise doctor`.")
