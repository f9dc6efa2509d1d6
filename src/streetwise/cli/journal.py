"""`streetwise journal …`: check the seals, and take them out for somebody outside the house."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from streetwise.cli.common import console, quiet_settings, reported, with_database
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.seals import repository
from streetwise.kernel.seals.sealing import HEAD_FILE, lines, read_kept, seal_all
from streetwise.kernel.seals.signing import PUBLIC_FILE, read_public_keys
from streetwise.kernel.seals.verify import Report, verify
from streetwise.kernel.viewer import Viewer

VIEWER = Viewer.system("journal-verify")


@click.group("journal")
def journal_group() -> None:
    """The journal's seals."""


@journal_group.command("verify")
@click.option(
    "--kept",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Seals that somebody outside has kept (`journal export`).",
)
@click.option(
    "--public-keys",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Public keys from outside, instead of those in the folder `secrets`.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def journal_verify(kept: Path | None, public_keys: Path | None, as_json: bool) -> None:
    """Find every entry that was changed, removed or put in. Exit status 1 when there is one."""
    settings = quiet_settings()
    with reported():
        # Before anything is sealed anew: the head as it stood when somebody came to look.
        outside = read_kept(settings.home / HEAD_FILE) + (read_kept(kept) if kept else [])
        keys = read_public_keys(public_keys or settings.secrets_path / PUBLIC_FILE)

        async def work(runtime: Runtime) -> Report:
            async with runtime.database.read(VIEWER) as session:
                newest = await repository.newest(session, VIEWER)
                with Progress(console=console, transient=True) as progress:
                    task = progress.add_task("Seals", total=newest.number if newest else 0)
                    return await verify(
                        session,
                        VIEWER,
                        keys,
                        outside,
                        lambda report: progress.update(task, completed=report.seals),
                    )

        report = with_database(work, settings, create_keys=False)
    if as_json:
        click.echo(json.dumps(_as_dict(report), ensure_ascii=False))
    else:
        _tell(report)
    sys.exit(0 if report.good else 1)


@journal_group.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def journal_export(file: Path) -> None:
    """Write the seals to FILE for a keeper outside the house: hashes and signatures, no content.

    Keep the public key (`secrets/journal-signing.pub`) there too. `journal verify --kept FILE`
    holds the journal against them.
    """
    settings = quiet_settings()

    async def work(runtime: Runtime) -> int:
        await seal_all(runtime)
        count = 0
        async with runtime.database.read(VIEWER) as session:
            with file.open("w", encoding="utf-8") as out:
                async for seal in repository.seals(session, VIEWER):
                    out.writelines(lines([seal]))
                    count += 1
        return count

    with reported():
        if file.exists():
            raise click.UsageError(f"{file} is there already; name a new file.")
        count = with_database(work, settings, create_keys=False)
        console.print(f"[green]✓[/green] {count} seals were written to {file}.")


def _as_dict(report: Report) -> dict[str, object]:
    return {
        "good": report.good,
        "seals": report.seals,
        "entries": report.entries,
        "last": report.last,
        "sealed_at": report.sealed_at.isoformat() if report.sealed_at else None,
        "unsealed": report.unsealed,
        "findings": [
            {"kind": one.kind, "seal": one.seal, "seqs": list(one.seqs), "says": one.says}
            for one in report.findings
        ],
        "more": report.more,
    }


def _tell(report: Report) -> None:
    out = Console(highlight=False)
    until = f", up to entry {report.last} of {report.sealed_at:%Y-%m-%d %H:%M:%S %Z}"
    counted = f"{report.entries} entries under {report.seals} seals{until if report.seals else ''}"
    if report.good:
        out.print(f"[green]✓[/green] Nothing was changed: {counted}.", soft_wrap=True)
    else:
        out.print(f"[red]✗[/red] This is not the journal that was sealed: {counted}.")
    for finding in report.findings:
        out.print(f"  • {finding.says}", soft_wrap=True)
    if report.more:
        out.print(f"  … and {report.more} more.")
    if report.unsealed:
        out.print(f"{report.unsealed} entries are newer than the last seal.")
