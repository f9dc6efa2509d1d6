"""What tests share: a tiny street, sign-in, work done by hand."""

from __future__ import annotations

import asyncio
import csv
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from importlib import resources
from pathlib import Path
from types import ModuleType
from typing import Any, TypedDict
from uuid import UUID
from weakref import WeakKeyDictionary

import httpx
import psycopg
from argon2 import PasswordHasher

from streetwise.directory import passwords
from streetwise.gather.actions import ReadRow, finish_import, start_import, take_in
from streetwise.gather.mapping import Mapping, apply, mapping_named
from streetwise.kernel.jobs import Worker, conninfo
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.privacy import roles
from streetwise.privacy.keeping import unwrap
from streetwise.privacy.repository import stored
from streetwise.privacy.vault import Vault
from streetwise.resolve.triage import triage

#: Tests that set things up by hand do so as a job would.
SYSTEM = Viewer.system("test")
TEST_PASSWORD = "a password of the tests"
#: Two workers with a clone or a server each, the templates, and the log between checkpoints take
#: 1 GiB at most.
MEMORY_NEEDED_BYTES = 4 * 1024**3
#: As weak as argon2 goes, put in place for all tests in this process: they sign in hundreds of
#: times. The product has no such switch.
WEAK_HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
PRODUCT_HASHER, PRODUCT_NOBODY = passwords._hasher, passwords._NOBODY
#: What a screen of ours sends, where no browser adds an Origin.
OURS = {"X-Requested-With": "streetwise"}

#: Two communities of two grids each, side by side: 0.01° squares from (116.90, 40.10).
_GRIDS = (("g1", "c1", 0, 0), ("g2", "c1", 1, 0), ("g3", "c2", 0, 1), ("g4", "c2", 1, 1))
_WEST, _SOUTH, _STEP = 116.90, 40.10, 0.01

_UNITS = """code,parent,tier,name,name_en
d1,,district,甲区,District A
s1,d1,street,乙街道,Street B
c1,s1,community,东社区,East community
c2,s1,community,西社区,West community
dep1,s1,department,城管科,Urban management
dep2,s1,department,平安科,Safety
out1,d1,outside,供水公司,Water company
"""
_PLACES = """code,name,kind,lon,lat,aliases,parent,grid,numbers
p1,梧桐路,road,116.905,40.105,,,g1,1-99
p2,松柏家园,compound,116.915,40.105,松柏小区|松柏家园小区,,g2,
p3,湖心公园,park,116.905,40.115,,,g3,
"""
_ASSETS = """code,scheme,version,class,name,lon,lat,grid,unit
a1,urban-management,{version},P-01-37,路灯 1,116.905,40.105,g1,dep1
"""
_RULES = """scheme,class,condition,grid,unit,note
urban-management,E-01,*,*,@community,市容环境归社区
urban-management,P-01-37,*,*,dep1,路灯归城管科
*,*,*,*,dep2,其他
"""


def roomiest_folder() -> Path:
    """Where databases of tests lie: in memory if there is room (a clone takes 0.04 s there, on a
    busy disk 0.3 s), else the temporary folder. Short: PostgreSQL's socket lies in it too."""
    memory = Path("/dev/shm")
    enough = memory.is_dir() and shutil.disk_usage(memory).free > MEMORY_NEEDED_BYTES
    return memory if enough else Path(tempfile.gettempdir())


def tiny_town(folder: Path) -> None:
    """Write the tests' own street: 4 grids, 3 places, one login per role (plus second ones)."""
    taxonomies = resources.files("streetwise.directory") / "data" / "taxonomy"
    (folder / "taxonomy").mkdir(parents=True)
    version = ""
    for entry in taxonomies.iterdir():
        if entry.name.endswith(".yaml"):
            content = entry.read_text(encoding="utf-8")
            (folder / "taxonomy" / entry.name).write_text(content, encoding="utf-8")
            if entry.name == "urban-management.yaml":
                line = next(row for row in content.splitlines() if row.startswith("version:"))
                version = line.partition(":")[2].strip().strip("\"'")
    town = (
        "format: 1\ncode: home\nname: 乙街道\nname_en: Street B\ntimezone: Asia/Shanghai\n"
        "bbox: [116.90, 40.10, 116.92, 40.12]\n"
    )
    files = {
        "town.yaml": town,
        "units.csv": _UNITS,
        "places.csv": _PLACES,
        "assets.csv": _ASSETS.format(version=version),
        "responsibility.csv": _RULES,
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    _write_staff(folder / "staff.csv")
    _write_json(folder / "grids.geojson", [_grid(*grid) for grid in _GRIDS])
    _write_json(folder / "base.geojson", [])


def _write_staff(path: Path) -> None:
    home = {"district": "d1", "street": "s1", "community": "c1", "department": "dep1"}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["login", "name", "unit", "roles"])
        for role in roles().values():
            writer.writerow([role.code, f"{role.name}甲", home[role.tier], role.code])
        writer.writerow(["worker2", "社区工作者乙", "c2", "community_worker"])
        writer.writerow(["dispatcher2", "派遣员乙", "s1", "dispatcher"])
        writer.writerow(["both", "一人两岗", "c1", "community_worker inspector"])


def _grid(code: str, community: str, column: int, row: int) -> dict[str, Any]:
    west, south = round(_WEST + column * _STEP, 6), round(_SOUTH + row * _STEP, 6)
    east, north = round(west + _STEP, 6), round(south + _STEP, 6)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "type": "Feature",
        "properties": {"code": code, "name": f"{code} 网格", "community": community},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def _write_json(path: Path, features: list[dict[str, Any]]) -> None:
    content = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


async def sign_in(client: httpx.AsyncClient, login: str) -> dict[str, Any]:
    """Sign in; the session's view."""
    answer = await client.post("/session", json={"login": login, "password": TEST_PASSWORD})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


#: The sessions that `go_on_as` opened for each client, by login.
_sessions: WeakKeyDictionary[httpx.AsyncClient, dict[str, httpx.Cookies]] = WeakKeyDictionary()


async def go_on_as(client: httpx.AsyncClient, login: str) -> None:
    """Be this person: in the session that they had here if it still counts, else sign in.

    A sign-in is some thirty statements; where people take turns at a case, signing in each time
    was an eighth of what the test cost. Nobody is signed out by it: where that matters, `sign_in`.
    """
    kept = _sessions.setdefault(client, {})
    client.cookies = kept.get(login, httpx.Cookies())
    if login in kept:
        answer = await client.get("/session")
        if answer.status_code == 200 and answer.json()["staff"]["login"] == login:
            return
        client.cookies = httpx.Cookies()
    await sign_in(client, login)
    kept[login] = httpx.Cookies(client.cookies)


def report(
    number: str,
    title: str,
    text: str,
    *,
    at: str = "2026-05-11 09:30:00",
    lon: float | None = None,
    lat: float | None = None,
    channel: str = "hotline12345",
) -> dict[str, Any]:
    """A row as the mapping `street-reports` reads it."""
    return {
        "编号": number,
        "渠道": channel,
        "时间": at,
        "标题": title,
        "内容": text,
        "经度": lon,
        "纬度": lat,
    }


class Spot(TypedDict):
    """A point, WGS-84."""

    lon: float
    lat: float


def spot(number: int) -> Spot:
    """A point of the tests' street, some 200 m from every other: no two are one place."""
    return {"lon": 116.9011 + number % 9 * 0.0021, "lat": 40.1011 + number // 9 * 0.0019}


async def read_rows(
    runtime: Runtime,
    rows: Sequence[dict[str, Any]],
    *,
    mapping: str | Mapping = "street-reports",
    now: datetime | None = None,
) -> UUID:
    """Take rows in, by the same actions as an import; their signals wait for triage."""
    viewer = Viewer.system("test")
    how = mapping if isinstance(mapping, Mapping) else mapping_named(mapping)
    async with runtime.database.unit_of_work(SYSTEM, now=now) as uow:
        batch = await start_import(
            uow, viewer, how, file_name="test.csv", file_digest=b"", rows_total=len(rows)
        )
        uow.jobs.clear()  # the rows are read here; a worker would look for the file
    read = [ReadRow(number, row, apply(how, row)) for number, row in enumerate(rows, start=2)]
    async with runtime.database.unit_of_work(SYSTEM, now=now) as uow:
        assert await take_in(uow, viewer, runtime.keys, how, batch.id, read, read_before=0)
    async with runtime.database.unit_of_work(SYSTEM, now=now) as uow:
        await finish_import(uow, viewer, batch.id)
    return batch.id


async def take_in_rows(
    runtime: Runtime,
    rows: Sequence[dict[str, Any]],
    *,
    mapping: str | Mapping = "street-reports",
    now: datetime | None = None,
) -> UUID:
    """Take rows in and triage them, by the same actions as an import; the batch's id."""
    batch_id = await read_rows(runtime, rows, mapping=mapping, now=now)
    await triage_all(runtime, now=now)
    return batch_id


async def triage_all(runtime: Runtime, *, now: datetime | None = None) -> None:
    """Triage until nothing waits."""
    limit = runtime.settings.triage_batch_signals
    while True:
        async with runtime.database.unit_of_work(SYSTEM, now=now) as uow:
            if await triage(uow, Viewer.system("test"), limit) < limit:
                return


async def opened(runtime: Runtime, item_id: UUID) -> Any:
    """The whole original of a vault item, opened as nobody may in the product."""
    vault = Vault(runtime.keys)
    async with runtime.database.read(SYSTEM) as session:
        found = await stored(session, SYSTEM, item_id, 0)
    assert found is not None
    reporter = unwrap(vault, found.reporter) if found.reporter else None
    key = unwrap(vault, found.key)
    return vault.open(item_id, found.item_kind, key, found.sealed, reporter)


async def run_jobs(runtime: Runtime) -> None:
    """Run the jobs that wait, and those that they leave behind, by hand."""
    # Else a worker that finds no further job would cut off the one that runs.
    patient = runtime.settings.model_copy(update={"shutdown_grace_seconds": 60.0})
    runtime = replace(runtime, settings=patient)
    waiting = "SELECT 1 FROM procrastinate_jobs WHERE status = 'todo'"
    with psycopg.connect(**conninfo(runtime.database.url), autocommit=True) as connection:
        async with asyncio.timeout(60):
            while connection.execute(waiting).fetchone():
                await Worker(runtime).run(wait=False)


#: Who asks, for a connection past the application: the system, whom no wall stops.
AS_SYSTEM = (
    "-c streetwise.scope=all -c streetwise.clearance=4 -c streetwise.can={*}"
    " -c streetwise.areas={} -c streetwise.units={}"
)


def past_the_walls(runtime: Runtime) -> psycopg.Connection[Any]:
    """A connection of the application's role that sees every row."""
    return seeing_all(runtime.database.url)


def seeing_all(url: str, *, autocommit: bool = False) -> psycopg.Connection[Any]:
    """The same by the database's address."""
    return psycopg.connect(**conninfo(url), options=AS_SYSTEM, autocommit=autocommit)


async def act(
    client: httpx.AsyncClient, case: dict[str, Any], action: str, **inputs: Any
) -> httpx.Response:
    """Take an action on the version of the case that is given."""
    return await client.post(
        f"/cases/{case['id']}/actions/{action}",
        json=inputs,
        headers={"If-Match": f'"{case["version"]}"'},
    )


@contextmanager
def log_of(module: ModuleType) -> Iterator[list[dict[str, Any]]]:
    """What a module's own logger is told meanwhile: the event and its fields, in order.

    Loggers are kept once they were used, so what a test sets up of structlog reaches some only.
    """
    told: list[dict[str, Any]] = []

    class Listening:
        def __getattr__(self, level: str) -> Callable[..., None]:
            return lambda event, **fields: told.append({"event": event, "level": level, **fields})

    before = vars(module)["log"]
    vars(module)["log"] = Listening()
    try:
        yield told
    finally:
        vars(module)["log"] = before
