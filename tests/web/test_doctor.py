"""The doctor: each fault is made, and found; a healthy place has none that is serious."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import psycopg
import pytest
from helpers import seeing_all
from sqlalchemy import select
from sqlalchemy.engine import make_url
from web.test_backup import IDENTITY, command

from streetwise.cli.doctor import examine
from streetwise.directory import statutory
from streetwise.directory.doctor import unknown_years
from streetwise.directory.responsibility import DayCalendar
from streetwise.directory.tables import Area
from streetwise.kernel.backup import keeping
from streetwise.kernel.backup.making import RECIPIENT_FILE
from streetwise.kernel.clock import wall_now
from streetwise.kernel.crypto import MASTER_KEY_FILE
from streetwise.kernel.doctor import database, place
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.postgres import PostgresPaths
from streetwise.kernel.runtime import Runtime, Urls
from streetwise.kernel.seals.sealing import HEAD_FILE, seal_all
from streetwise.kernel.seals.signing import PRIVATE_FILE
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer

#: Free room that no disk has, and a time that has always passed.
NO_DISK_MIB = 10**9
AT_ONCE = 1e-9
SYSTEM = Viewer.system("test")
#: A day in a year that the statutory calendar knows, before it has to know the next.
SPRING = date(2026, 5, 11)


def at(runtime: Runtime, urls: Urls, **differs: object) -> Settings:
    """Settings that know the database; secrets closed as in an installation."""
    runtime.settings.home.chmod(0o700)
    for path in (runtime.settings.secrets_path, *runtime.settings.secrets_path.iterdir()):
        path.chmod(0o700 if path.is_dir() else 0o600)
    where = {"database_url": urls.app, "owner_database_url": urls.owner, "doctor_disk_free_mib": 0}
    return runtime.settings.model_copy(update={**where, **differs})


async def codes(settings: Settings) -> set[str]:
    return {one.code for one in await asyncio.to_thread(examine, settings, SPRING)}


def as_owner(urls: Urls, *statements: str) -> None:
    with psycopg.connect(**conninfo(str(urls.owner)), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


async def test_a_healthy_place_has_nothing_serious(runtime: Runtime, town_urls: Urls) -> None:
    await seal_all(runtime)
    found = await asyncio.to_thread(examine, at(runtime, town_urls), SPRING)
    assert [one.code for one in found] == ["backup_not_set"]
    assert not found[0].serious


# --- the place -----------------------------------------------------------------------------


def _foreign(folder: Path) -> Path:
    """A folder of another user: made so by root, or one of root's."""
    if os.geteuid() != 0:
        return Path("/")
    os.chown(folder, 12345, 12345)
    return folder


def _of(*found: Any) -> set[str]:
    return {one.code for checked in found for one in checked}


def test_a_home_of_others_or_open_to_them(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    assert _of(place.check_home(home)) == set()
    for mode in (0o775, 0o777):
        home.chmod(mode)
        assert _of(place.check_home(home)) == {"home_rights"}
    home.chmod(0o700)
    assert _of(place.check_home(_foreign(home))) == {"home_owner"}
    assert _of(place.check_home(tmp_path / "none")) == {"home_missing"}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o610])
def test_secrets_open_to_others(tmp_path: Path, mode: int) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / RECIPIENT_FILE).touch(0o644)
    key = tmp_path / MASTER_KEY_FILE
    key.touch(0o600)
    assert _of(place.check_secrets(tmp_path)) == set()
    key.chmod(mode)
    assert _of(place.check_secrets(tmp_path)) == {"secrets_rights"}
    key.chmod(0o600)
    tmp_path.chmod(0o700 | mode & 0o077)
    assert _of(place.check_secrets(tmp_path)) == {"secrets_rights"}
    tmp_path.chmod(0o700)
    (tmp_path / RECIPIENT_FILE).chmod(0o666)
    assert _of(place.check_secrets(tmp_path)) == {"secrets_rights"}


def test_a_data_folder_of_another_user_and_a_stale_lock(tmp_path: Path) -> None:
    assert _of(place.check_data_folder(Path("/"))) == {"data_folder_owner"}
    assert _of(place.check_data_folder(tmp_path / "none")) == set()
    paths = PostgresPaths(tmp_path)
    paths.data.mkdir()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for pid, expected in ((os.getpid(), set()), (gone.pid, {"stale_lock"})):
        (paths.data / "postmaster.pid").write_text(f"{pid}\n{paths.data}\n")
        assert _of(place.check_lock(paths)) == expected


def test_a_full_disk(tmp_path: Path) -> None:
    assert _of(place.check_disks([tmp_path / "not" / "yet"], 0)) == set()
    found = list(place.check_disks([tmp_path, tmp_path / "backups"], NO_DISK_MIB))
    assert [one.code for one in found] == ["disk_full"], "two folders of one disk are told once"


# --- the database --------------------------------------------------------------------------


async def test_a_role_that_may_too_much(runtime: Runtime, town_urls: Urls) -> None:
    superuser = make_url(os.environ["SW_TEST_SUPERUSER_URL"]).set(
        database=make_url(town_urls.app).database
    )
    urls = {
        "owns tables": str(town_urls.owner),
        "is a superuser": superuser.render_as_string(hide_password=False),
    }
    for words, url in urls.items():
        found = await asyncio.to_thread(examine, at(runtime, town_urls, database_url=url), SPRING)
        told = [one for one in found if one.code == "app_role"]
        assert len(told) == 1
        assert words in told[0].says
        assert "journal_rights" in {one.code for one in found}


@pytest.mark.parametrize("right", ["UPDATE", "DELETE", "UPDATE (data)", "INSERT (seq)"])
async def test_rights_on_the_journal(runtime: Runtime, town_urls: Urls, right: str) -> None:
    as_owner(town_urls, f"GRANT {right} ON journal TO sw_app")
    assert _of(database.look(at(runtime, town_urls), town_urls.app)) >= {"journal_rights"}


@pytest.mark.parametrize("off", [timedelta(days=1), timedelta(days=-1), timedelta(minutes=1)])
async def test_clocks_that_differ(runtime: Runtime, town_urls: Urls, off: timedelta) -> None:
    settings = at(runtime, town_urls)
    found = database.look(settings, town_urls.app, machine_now=lambda: wall_now() + off)
    assert "clock_off" in _of(found)


async def test_an_entry_of_the_future(runtime: Runtime, town_urls: Urls) -> None:
    as_owner(
        town_urls,
        "ALTER TABLE journal DISABLE TRIGGER journal_at",
        "INSERT INTO journal (at, actor, action, subject_kind, units, grade, data, drill)"
        " VALUES (now() + interval '1 day', 'test', 'backup.made', 'backup', '{}', 2, '{}', false)",
    )
    assert "journal_in_future" not in await codes(at(runtime, town_urls)), "a town's time may"
    as_owner(town_urls, "UPDATE clock SET simulated = false")
    assert "journal_in_future" in await codes(at(runtime, town_urls))


async def test_keys_that_are_gone_or_another_ones(runtime: Runtime, town_urls: Urls) -> None:
    await _entry(runtime)
    await seal_all(runtime)
    folder = runtime.settings.secrets_path
    (folder / MASTER_KEY_FILE).write_bytes(bytes(32))
    (folder / PRIVATE_FILE).unlink()
    assert {"master_key_wrong", "signing_key_missing"} <= await codes(at(runtime, town_urls))
    (folder / MASTER_KEY_FILE).unlink()
    assert "master_key_missing" in await codes(at(runtime, town_urls))
    assert not (folder / MASTER_KEY_FILE).exists(), "the doctor makes nothing"


async def _entry(runtime: Runtime, with_job: str | None = None) -> None:
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        uow.record(keeping.entry(SYSTEM, "backup.made"))
        if with_job:
            uow.defer(with_job)


async def test_a_journal_that_is_not_sealed_behind_or_cut(
    runtime: Runtime, town_urls: Urls
) -> None:
    await _entry(runtime)
    await seal_all(runtime)
    await _entry(runtime)
    soon = at(runtime, town_urls, doctor_jobs_waiting_minutes=AT_ONCE)
    assert "journal_unsealed" in await codes(soon)
    head = runtime.settings.home / HEAD_FILE
    kept = head.read_text()
    head.unlink()
    assert "journal_head_behind" in await codes(at(runtime, town_urls))
    head.write_text(kept)
    as_owner(town_urls, "DELETE FROM journal_seal")
    assert "journal_cut" in await codes(at(runtime, town_urls))


async def test_jobs_that_failed_or_wait(runtime: Runtime, town_urls: Urls) -> None:
    await _entry(runtime, keeping.KEYS_JOB)
    soon = at(runtime, town_urls, doctor_jobs_waiting_minutes=AT_ONCE)
    assert "jobs_waiting" in await codes(soon)
    assert "jobs_waiting" not in await codes(at(runtime, town_urls))
    with seeing_all(town_urls.app, autocommit=True) as connection:
        connection.execute("UPDATE procrastinate_jobs SET status = 'failed'")
    found = await asyncio.to_thread(examine, soon, SPRING)
    told = [one for one in found if one.code.startswith("jobs")]
    assert [one.code for one in told] == ["jobs_failed"]
    assert f"{keeping.KEYS_JOB} (1)" in told[0].says


async def test_backups_that_are_old_or_cannot_be_made(
    runtime: Runtime, town_urls: Urls, tmp_path: Path
) -> None:
    settings = at(runtime, town_urls, backup_folder=tmp_path)
    assert {"backup_old", "backup_no_key"} <= await codes(settings)
    (settings.secrets_path / RECIPIENT_FILE).write_text(IDENTITY.recipient.text())
    of = keeping.installation(runtime)
    for hours, expected in ((49, True), (47, False)):
        then = datetime.now(UTC) - timedelta(hours=hours)
        (tmp_path / f"streetwise-{of}-{then:%Y%m%dT%H%M%SZ}.backup").touch()
        found = await codes(settings)
        assert "backup_no_key" not in found
        assert ("backup_old" in found) == expected


@pytest.mark.parametrize(
    ("version", "code"), [("0006", "migration_pending"), ("9999", "database_newer")]
)
async def test_another_version_of_the_tables(
    runtime: Runtime, town_urls: Urls, version: str, code: str
) -> None:
    as_owner(town_urls, f"UPDATE alembic_version SET version_num = '{version}'")
    assert code in await codes(at(runtime, town_urls))


async def test_the_days_off_of_next_year_are_not_known(
    runtime: Runtime, town_urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statutory, "known", lambda year: year <= SPRING.year)
    settings = at(runtime, town_urls)
    found = await asyncio.to_thread(examine, settings, date(2026, 11, 1))
    told = [one for one in found if one.code == "calendar_unknown"]
    assert ["2027" in one.says for one in told] == [True]
    async with runtime.database.read(SYSTEM) as session:
        street = await session.scalar(select(Area.name).where(Area.home))
    assert f"in {street}" in told[0].says
    assert "town.yaml" in told[0].do
    as_owner(town_urls, """UPDATE area SET calendar = '{"holidays": ["2027-01-01"]}' WHERE home""")
    assert "calendar_unknown" not in {
        one.code for one in await asyncio.to_thread(examine, settings, date(2026, 11, 1))
    }, "the folder says it"


def test_of_which_years_the_days_off_have_to_be_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statutory, "known", lambda year: year <= 2026)
    state = DayCalendar(statutory=True)
    own = DayCalendar(frozenset({date(2026, 5, 1)}), years=frozenset({2026}))
    both = DayCalendar(frozenset({date(2027, 1, 1)}), statutory=True, years=frozenset({2027}))
    for calendar, day, years in (
        (state, date(2026, 10, 31), []),
        (state, date(2026, 11, 1), ["2027"]),
        (state, date(2027, 1, 1), ["2027"]),
        (state, date(2027, 12, 31), ["2027", "2028"]),
        (own, date(2026, 12, 1), ["2027"]),
        (both, date(2026, 12, 1), []),
        (both, date(2027, 12, 1), ["2028"]),
        # Another country's file: nobody has said anything, and nothing is asked.
        (DayCalendar(), date(2026, 12, 1), []),
    ):
        found = list(unknown_years("某街道", calendar, day))
        assert [one.says[len("Nobody has said which days of ") :][:4] for one in found] == years
        assert all("某街道" in one.says and not one.serious for one in found)


async def test_a_database_that_does_not_answer(runtime: Runtime, town_urls: Urls) -> None:
    nowhere = make_url(town_urls.app).set(host="127.0.0.1", port=1, query={})
    url = nowhere.render_as_string(hide_password=False)
    assert "database_down" in await codes(at(runtime, town_urls, database_url=url))


async def test_the_embedded_server_is_found_by_its_home(settings: Settings) -> None:
    """The tests' own server, whose database has no tables yet."""
    home = Path(os.environ["SW_TEST_HOME"])
    found = await codes(settings.model_copy(update={"home": home, "doctor_disk_free_mib": 0}))
    assert "migration_pending" in found
    assert not {"database_down", "data_folder_owner", "app_role"} & found


async def test_the_command_explains_and_says_so_by_its_exit_status(
    runtime: Runtime, town_urls: Urls
) -> None:
    at(runtime, town_urls)
    as_owner(town_urls, "GRANT DELETE ON journal TO sw_app")
    done = await asyncio.to_thread(command, runtime, town_urls, "doctor", "--json")
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert not told["good"]
    assert {"journal_rights", "backup_not_set"} <= {one["code"] for one in told["findings"]}
    as_owner(town_urls, "REVOKE DELETE ON journal FROM sw_app")
    well = await asyncio.to_thread(command, runtime, town_urls, "doctor")
    assert (well.returncode, "Nothing serious" in well.stdout) == (0, True), well.stdout


async def test_a_scene_of_the_street_that_cannot_be_used_is_named_and_stops_nothing(
    runtime: Runtime, town_urls: Urls
) -> None:
    folder = runtime.settings.scenes_path
    folder.mkdir()
    shipped = resources.files("streetwise.discover") / "scenes" / "heaps.yaml"
    text = shipped.read_text(encoding="utf-8").replace("key: heaps", "key: dumping")
    (folder / "good.yaml").write_text(text, encoding="utf-8")
    (folder / "bad.yaml").write_text("key: bad", encoding="utf-8")
    found = [
        one
        for one in await asyncio.to_thread(examine, at(runtime, town_urls), SPRING)
        if one.code.startswith("scene_")
    ]
    assert [one.code for one in found] == ["scene_unusable", "scene_doubtful"]
    assert "bad.yaml" in found[0].says
    # No detector was added here, so none knows what a heap is.
    assert "dumping" in found[1].says and "detector" in found[1].says
    assert not any(one.serious for one in found)
