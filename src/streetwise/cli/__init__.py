"""The command line: `streetwise …`. Exit status 0: done; 2: bad input, with a sentence."""

from __future__ import annotations

# isort: off
import streetwise.kernel.starting  # noqa: F401 - before all others: it has its effect on them
# isort: on

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click

from streetwise import __version__
from streetwise.cli.backup import backup, backup_key, restore
from streetwise.cli.common import console, quiet_settings, reported, with_database
from streetwise.cli.discover import discover
from streetwise.cli.doctor import doctor
from streetwise.cli.evaluate import evaluate
from streetwise.cli.journal import journal_group
from streetwise.cli.model import model_group
from streetwise.cli.work import worker
from streetwise.kernel import logs
from streetwise.kernel.jobs import HANDLERS
from streetwise.kernel.runtime import Runtime, start_postgres, urls
from streetwise.kernel.settings import Settings
from streetwise.town.video.command import town_cameras

#: Who measured the weather, where nobody said.
WEATHER_SOURCE = "气象资料"
#: The weather that a street's folder comes with, if any.
TOWN_WEATHER = Path("history") / "weather.csv"


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__)
def main() -> None:
    """Streetwise 街智: an open command platform for one sub-district of a large city."""


@main.command()
@click.option("--port", type=int, help="TCP port (setting: port).")
@click.option("--host", help="Address to listen on (setting: host).")
def serve(port: int | None, host: str | None) -> None:
    """Serve a street: database, screen, and jobs in a process beside it (setting: worker)."""
    given = {"port": port, "host": host}
    settings = Settings().model_copy(
        update={key: value for key, value in given.items() if value is not None}
    )
    logs.set_up(settings.log_level, settings.log_format)
    from streetwise.web.server import listen
    from streetwise.web.server import serve as run_server

    with reported():
        listener = listen(settings)

        async def work(runtime: Runtime) -> None:
            await run_server(runtime, listener, ready=await _first_start(runtime))

        with_database(work, settings, stays=True)


async def _first_start(runtime: Runtime) -> Callable[[str], None] | None:
    """What to say once the address is known: the way to the first administrators, if needed."""
    from streetwise.directory.setup import code_for_console

    code = await code_for_console(runtime)
    if code is None:
        return None

    def say(url: str) -> None:
        _say_setup(runtime.settings, code, url)

    return say


def _say_setup(settings: Settings, code: str, url: str) -> None:
    from streetwise.directory.setup import CODE_FILE

    # Behind the hash sign: browsers do not send it, so that it stands in no server's log.
    link = f"{(settings.public_url or url).rstrip('/')}/setup#{code}"
    console.print(
        "There is no security administrator yet. Make the three administrators here, once:",
        soft_wrap=True,
    )
    console.print(f"[bold]{link}[/bold]", soft_wrap=True)
    console.print(
        f"The code is good for {settings.setup_code_hours:g} hours; it lies in"
        f" {settings.secrets_path / CODE_FILE} too.",
        soft_wrap=True,
    )


@main.command()
def init() -> None:
    """Prepare the database and show the way to the first administrators."""
    from streetwise.directory.setup import code_for_console

    settings = quiet_settings()

    async def work(runtime: Runtime) -> str | None:
        return await code_for_console(runtime)

    with reported():
        code = with_database(work, settings)
        if code is None:
            console.print(
                "[green]✓[/green] The database is ready; there are administrators already."
            )
        else:
            _say_setup(settings, code, f"http://127.0.0.1:{settings.port}")


@main.command()
@click.option("--port", type=int, default=None, help="TCP port (default 8700).")
@click.option("--speed", type=float, default=1.0, show_default=True, help="Times as fast.")
@click.option("--seed", type=int, default=1, show_default=True, help="Which street.")
@click.option("--fresh", is_flag=True, help="Throw the demo's data away first.")
@click.option(
    "--years",
    type=click.FloatRange(0, 3),
    default=1.0,
    show_default=True,
    help="How much history; the last month is there at once.",
)
@click.option(
    "--cameras",
    type=click.IntRange(0, 101),
    default=101,
    show_default=True,
    help="How many cameras are shown and looked at.",
)
def demo(
    port: int | None, speed: float, seed: int, fresh: bool, years: float, cameras: int
) -> None:
    """Serve a synthetic street, with years of history and life in it, and print its accounts."""
    from streetwise.town.demo import run_demo

    with reported():
        run_demo(
            port=port,
            speed=speed,
            seed=seed,
            fresh=fresh,
            console=console,
            years=years,
            cameras=cameras,
        )


@main.command()
def migrate() -> None:
    """Bring the database to this version (as sw_owner)."""
    settings = quiet_settings()
    from streetwise.migrations.run import migrate as run_migrations

    with reported():
        postgres = start_postgres(settings)
        try:
            where = urls(settings, postgres)
            if where.owner is None:
                raise click.UsageError("Set STREETWISE_OWNER_DATABASE_URL to migrate.")
            run_migrations(where.owner)
            console.print("[green]✓[/green] The database is up to date.")
        finally:
            if postgres is not None:
                postgres.stop()


@main.group()
def town() -> None:
    """A street's folder: write a synthetic one, load any."""


@town.command("make")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--seed", type=int, default=1, show_default=True, help="Which street.")
@click.option(
    "--years",
    type=click.FloatRange(0, 3),
    default=3.0,
    show_default=True,
    help="How much history; 0: the street alone.",
)
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    default="2026-11-01",
    show_default=True,
    help="The day after the history's last.",
)
def town_make(folder: Path, seed: int, years: float, until: datetime) -> None:
    """Write a synthetic street to FOLDER, with its history, its ledgers and the truth of both."""
    from streetwise.town.console import make_with_progress

    with reported():
        make_with_progress(folder, seed, years, until.date(), console)


town.add_command(town_cameras)


@town.command("load")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
def town_load(folder: Path, dry_run: bool) -> None:
    """Load a street, real or synthetic, from FOLDER; again: brings it up to date."""
    from streetwise.directory.console import tell_plan
    from streetwise.directory.folder import read_folder
    from streetwise.directory.records.moving import load_folder, plan_folder
    from streetwise.gather.weather import read_weather
    from streetwise.gather.weather_actions import put_weather
    from streetwise.kernel.viewer import Viewer

    async def work(runtime: Runtime) -> None:
        viewer = Viewer.system("town-load")
        if dry_run:
            async with runtime.database.read(viewer) as session:
                tell_plan(await plan_folder(session, viewer, content, accounts=True), console)
            return
        async with runtime.database.unit_of_work(viewer) as uow:
            counts = await load_folder(uow, viewer, content, runtime.keys)
            if days:
                # The folder of a synthetic street may reach beyond today.
                past = [one for one in days if one.day <= uow.now.date()]
                put = await put_weather(uow, viewer, None, past, WEATHER_SOURCE)
                counts["days of weather"] = put.new + put.corrected
        loaded = ", ".join(f"{count} {kind}" for kind, count in counts.items())
        console.print(f"[green]✓[/green] Loaded: {loaded}.")

    with reported():
        content = read_folder(folder)
        weather = folder / TOWN_WEATHER
        days = read_weather(weather) if weather.is_file() else []
        with_database(work, quiet_settings())


@town.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--area", help="Which area (default: the home area).")
def town_export(folder: Path, area: str | None) -> None:
    """Write the street to FOLDER as it was loaded, with what has changed since."""
    from streetwise.directory.folder import write_folder
    from streetwise.directory.records.moving import export
    from streetwise.kernel.viewer import Viewer

    if folder.exists() and any(folder.iterdir()):
        raise click.UsageError(f"{folder} is not empty; name a new folder.")

    async def work(runtime: Runtime) -> dict[str, bytes]:
        viewer = Viewer.system("town-export")
        async with runtime.database.unit_of_work(viewer) as uow:
            return await export(uow, viewer, runtime.keys, area)

    with reported():
        files = with_database(work, quiet_settings())
        write_folder(folder, files)
        console.print(f"[green]✓[/green] {len(files)} files were written to {folder}.")


@main.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--mapping", required=True, help="Which mapping reads it.")
@click.option("--demo", "in_demo", is_flag=True, help="Into the demo instead of the street.")
@click.option("--seed", type=int, default=1, show_default=True, help="Which demo.")
def import_file(file: Path, mapping: str, in_demo: bool, seed: int) -> None:
    """Import FILE; already known rows add nothing."""
    from streetwise.gather.console import run_import_with_progress
    from streetwise.resolve import jobs as resolve_jobs

    settings = quiet_settings()
    if in_demo:
        from streetwise.town.demo import demo_settings

        settings = demo_settings(settings, seed=seed)
    with reported():

        async def work(runtime: Runtime) -> None:
            # Where no server runs, this process triages as well.
            assert resolve_jobs.TRIAGE_JOB in HANDLERS
            await run_import_with_progress(runtime, file, mapping, console)

        with_database(work, settings)


@main.command("import-weather")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--source", default=WEATHER_SOURCE, show_default=True, help="Who measured it.")
@click.option("--area", help="Which area (default: the home area).")
@click.option("--demo", "in_demo", is_flag=True, help="Into the demo instead of the street.")
@click.option("--seed", type=int, default=1, show_default=True, help="Which demo.")
def import_weather(file: Path, source: str, area: str | None, in_demo: bool, seed: int) -> None:
    """Take in the weather of days from FILE: date, rain_mm, max_c, min_c, gust_ms.

    Known days add nothing, other values correct them; a bad row and nothing is taken in.
    """
    from streetwise.gather.weather import read_weather
    from streetwise.gather.weather_actions import Put, put_weather
    from streetwise.kernel.viewer import Viewer

    settings = quiet_settings()
    if in_demo:
        from streetwise.town.demo import demo_settings

        settings = demo_settings(settings, seed=seed)

    async def work(runtime: Runtime) -> Put:
        viewer = Viewer.system("import-weather")
        async with runtime.database.unit_of_work(viewer) as uow:
            return await put_weather(uow, viewer, area, days, source)

    with reported():
        days = read_weather(file)
        put = with_database(work, settings)
        console.print(
            f"[green]✓[/green] {len(days)} days: {put.new} new, {put.corrected} corrected,"
            f" {put.known} known already."
        )


@main.group()
def user() -> None:
    """Accounts of staff."""


@user.command("password")
@click.argument("login")
@click.password_option(help="Asked for when not given.")
@click.option("--keep", is_flag=True, help="It need not be changed at the next sign-in.")
def user_password(login: str, password: str, keep: bool) -> None:
    """Set the password of LOGIN; it must be changed at the next sign-in."""
    from streetwise.directory.accounts import set_password
    from streetwise.kernel.viewer import Viewer

    async def work(runtime: Runtime) -> None:
        viewer = Viewer.system("user-password")
        async with runtime.database.unit_of_work(viewer) as uow:
            await set_password(uow, viewer, runtime.settings, login, password, must_change=not keep)

    with reported():
        with_database(work, quiet_settings())
        console.print(f"[green]✓[/green] {login} can sign in.")


@main.group()
def vault() -> None:
    """The vault's keys."""


@vault.command("rotate")
def vault_rotate() -> None:
    """Bring all keys under a new generation; goes on with a rotation that was broken off."""
    from streetwise.kernel.viewer import Viewer
    from streetwise.privacy import rotation

    async def work(runtime: Runtime) -> rotation.Progress:
        viewer = Viewer.system("vault-rotate")
        async with runtime.database.read(viewer) as session:
            before = await rotation.progress(session, viewer)
        if not before.running:
            async with runtime.database.unit_of_work(viewer) as uow:
                await rotation.start_rotation(uow, viewer, runtime.keys)
        done = 0

        def tell(count: int) -> None:
            nonlocal done
            done += count
            if count:
                console.print(f"[dim]… {done} keys[/dim]")

        await rotation.rotate_all(runtime, viewer, tell)
        async with runtime.database.read(viewer) as session:
            return await rotation.progress(session, viewer)

    with reported():
        after = with_database(work, quiet_settings(), create_keys=False)
        console.print(
            f"[green]✓[/green] {after.done} keys are under generation {after.generation};"
            " the keys of older generations are destroyed. Back up the keys anew."
        )


@vault.command("master")
@click.option(
    "--new-key-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File of 32 random bytes to become the new key; without it one is made.",
)
@click.option(
    "--old-key-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="After a restore: the master key of that time, to bring what it sealed under the present.",
)
def vault_master(new_key_file: Path | None, old_key_file: Path | None) -> None:
    """Change the master key, while the service is stopped; goes on with a change broken off."""
    from streetwise.directory.master_key import Changed, add_old_key, change_master_key
    from streetwise.web.rooms import ROOMS

    # The rooms have sealed things of their own, and answer when the key changes.
    assert ROOMS
    new = new_key_file.read_bytes() if new_key_file else None

    async def work(runtime: Runtime) -> Changed:
        return await change_master_key(runtime, new)

    with reported():
        settings = quiet_settings()
        if old_key_file:
            add_old_key(settings.secrets_path, old_key_file)
        done = with_database(work, settings, create_keys=False)
        console.print(
            f"[green]✓[/green] Key {done.new} is the master key now; key {done.old} opens nothing"
            f" more here. {done.files} files were sealed anew. Back up {settings.secrets_path} and"
            " the vault's keys, and keep the old key only with backups from before."
        )
        if done.unfit:
            console.print(f"[yellow]![/yellow] {done.unfit} files open by neither key; they stay.")


@vault.command("settle")
def vault_settle() -> None:
    """After a restore: remove what was forgotten since that backup was made."""
    from streetwise.cli.restoring import forget_again
    from streetwise.kernel.viewer import Viewer

    async def work(runtime: Runtime) -> int:
        return await forget_again(runtime, Viewer.system("vault-settle"))

    with reported():
        count = with_database(work, quiet_settings(), create_keys=False)
        console.print(f"[green]✓[/green] {count} forgotten originals were removed again.")


for command in (backup, backup_key, restore, doctor):
    main.add_command(command)
main.add_command(journal_group)
main.add_command(model_group)
main.add_command(worker)
main.add_command(discover)


main.add_command(evaluate)


@main.command("openapi", hidden=True)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def write_openapi(file: Path) -> None:
    """Write the API's description to FILE (the screen's types are made from it)."""
    from streetwise.web.openapi import openapi_json

    file.write_text(openapi_json(), encoding="utf-8")


if __name__ == "__main__":
    main()
