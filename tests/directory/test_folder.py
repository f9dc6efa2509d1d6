"""A street's folder: every mistake is named, nothing is changed by a bad one, loading is stable."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from helpers import SYSTEM, sign_in, tiny_town
from sqlalchemy import func, select

from streetwise.directory.folder import read_folder
from streetwise.directory.records.moving import load_folder
from streetwise.directory.tables import Grid, Place, Responsibility, Staff, Unit
from streetwise.kernel import journal
from streetwise.kernel.errors import Conflict, Invalid
from streetwise.kernel.runtime import Runtime


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tiny_town(tmp_path / "town")
    return tmp_path / "town"


def replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return change


def remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def bow_tie(folder: Path) -> None:
    """A grid whose border crosses itself."""
    path = folder / "grids.geojson"
    content = json.loads(path.read_text(encoding="utf-8"))
    ring = content["features"][0]["geometry"]["coordinates"][0]
    ring[1], ring[2] = ring[2], ring[1]
    path.write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (remove("town.yaml"), "no town.yaml"),
        (remove("places.csv"), "places.csv"),
        (replace("town.yaml", "format: 1", "format: 9"), "format is 9"),
        (replace("town.yaml", "Asia/Shanghai", "Asia/Nowhere"), "unknown timezone"),
        (replace("town.yaml", "format: 1", "format: ["), "cannot be read"),
        (replace("units.csv", "c1,s1", "c1,s9"), "unknown parent 's9'"),
        (replace("units.csv", ",community,东社区", ",village,东社区"), "unknown tier 'village'"),
        (replace("units.csv", "s1,d1,street", "s1,d1,department"), "exactly one unit"),
        (replace("units.csv", "d1,,district", "d1,c1,district"), "circle"),
        (replace("units.csv", "code,parent", "kode,parent"), "lacks the column(s) code"),
        (replace("staff.csv", "worker2,", "inspector,"), "'inspector' stands twice"),
        (
            replace("staff.csv", "dispatcher2,派遣员乙,s1", "dispatcher2,派遣员乙,s7"),
            "unknown unit",
        ),
        (replace("staff.csv", "s1,dispatcher", "s1,wizard"), "unknown role 'wizard'"),
        (replace("grids.geojson", '"community": "c2"', '"community": "dep1"'), "no community"),
        (bow_tie, "not a valid polygon"),
        (replace("places.csv", "116.905,40.105", "abc,40.105"), "not numbers"),
        (replace("places.csv", "116.915,40.105", "216.9,40.105"), "not on earth"),
        (replace("places.csv", ",g3,", ",g33,"), "unknown grid 'g33'"),
        (replace("responsibility.csv", "*,*,*,*,dep2", "*,*,*,*,dep9"), "unknown unit 'dep9'"),
        (replace("responsibility.csv", "E-01,*,*,", "E-01,*,g77,"), "unknown grid or community"),
        (replace("taxonomy/request.yaml", "calendar_day", "fortnight"), "limit that is none"),
    ],
)
async def test_a_mistake_is_named_and_changes_nothing(
    bare: Runtime, folder: Path, spoil: Callable[[Path], None], named: str
) -> None:
    spoil(folder)
    with pytest.raises(Invalid, match=named.replace("(", r"\(").replace(")", r"\)")):
        async with bare.database.unit_of_work(SYSTEM) as uow:
            await load_folder(uow, SYSTEM, read_folder(folder))
    async with bare.database.read(SYSTEM) as session:
        assert (await session.execute(select(func.count()).select_from(Unit))).scalar_one() == 0
        assert await journal.last_seq(session) == 0


async def ids(runtime: Runtime) -> dict[str, object]:
    async with runtime.database.read(SYSTEM) as session:
        found: dict[str, object] = {}
        for table, key in ((Unit, "code"), (Staff, "login"), (Grid, "code"), (Place, "code")):
            query = select(getattr(table, key), table.id)
            found |= {
                f"{table.__tablename__}:{row[0]}": row[1] for row in await session.execute(query)
            }
        return found


async def test_loading_twice_keeps_every_id_and_password(runtime: Runtime, folder: Path) -> None:
    """The second load changes a name and the matrix; everything keeps its identity."""
    before = await ids(runtime)
    replace("units.csv", "城管科", "城市管理科")(folder)
    replace("responsibility.csv", "urban-management,E-01,*,*,@community,市容环境归社区\n", "")(
        folder
    )
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        counts = await load_folder(uow, SYSTEM, read_folder(folder))
    assert counts["rules"] == 2
    assert await ids(runtime) == before
    async with runtime.database.read(SYSTEM) as session:
        name = select(Unit.name).where(Unit.code == "dep1")
        assert (await session.execute(name)).scalar_one() == "城市管理科"
        rules = select(func.count()).where(Responsibility.ended_at.is_(None))
        assert (await session.execute(rules)).scalar_one() == 2
        passwords = select(func.count()).where(Staff.password_hash.is_not(None))
        assert (await session.execute(passwords)).scalar_one() > 0


async def test_who_is_no_longer_named_is_out_at_once_and_may_come_back(
    runtime: Runtime, client: httpx.AsyncClient, folder: Path
) -> None:
    """The name stays: the stories of cases tell who did what."""
    await sign_in(client, "worker2")
    line = "worker2,社区工作者乙,c2,community_worker"
    text = (folder / "staff.csv").read_text(encoding="utf-8")
    assert line in text
    (folder / "staff.csv").write_text(
        "".join(one for one in text.splitlines(keepends=True) if line not in one), encoding="utf-8"
    )
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        counts = await load_folder(uow, SYSTEM, read_folder(folder))
    assert counts["left"] == 1
    assert (await client.get("/session")).status_code == 401
    async with runtime.database.read(SYSTEM) as session:
        left = (await session.execute(select(Staff).where(Staff.login == "worker2"))).scalar_one()
        entries = await journal.read(session, SYSTEM, subject=left.id)
        others = select(func.count()).where(Staff.active, Staff.login != "worker2")
        assert (await session.execute(others)).scalar_one() == counts["staff"]
    assert not left.active
    assert entries[-1].action == "staff.left"
    (folder / "staff.csv").write_text(text, encoding="utf-8")
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        assert (await load_folder(uow, SYSTEM, read_folder(folder)))["left"] == 0
    assert (await client.get("/session")).status_code == 401  # the old session stays ended
    await sign_in(client, "worker2")


async def load(runtime: Runtime, folder: Path) -> dict[str, int]:
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        return await load_folder(uow, SYSTEM, read_folder(folder))


async def told(runtime: Runtime, since: int) -> list[tuple[str, str]]:
    """(login, what became of the account) behind an entry, in order."""
    async with runtime.database.read(SYSTEM) as session:
        logins = {row.id: row.login for row in (await session.execute(select(Staff))).scalars()}
        entries = await journal.read(session, SYSTEM, after=since)
    return [(logins[one.subject], one.action) for one in entries if one.subject in logins]


async def test_an_account_that_was_closed_on_the_screen_stays_closed(
    runtime: Runtime, client: httpx.AsyncClient, folder: Path
) -> None:
    await sign_in(client, "system_admin")
    people = (await client.get("/accounts", params={"q": "worker2"})).json()["items"]
    form = {"name": "社区工作者乙", "unit": "c2", "active": False}
    assert (await client.put(f"/accounts/{people[0]['id']}", json=form)).status_code == 200
    stand_in = (
        "login,for,from,to\nworker2,dispatcher,2026-05-11T08:00+08:00,2026-05-12T08:00+08:00\n"
    )
    (folder / "stand-ins.csv").write_text(stand_in, encoding="utf-8")
    for _ in range(2):
        counts = await load(runtime, folder)
        assert (counts["new"], counts["changed"], counts["ended"]) == (0, 0, 0)
    async with runtime.database.read(SYSTEM) as session:
        query = select(Staff.active).where(Staff.login == "worker2")
        assert (await session.execute(query)).scalar_one() is False


async def test_a_load_says_of_each_account_what_became_of_it(
    runtime: Runtime, folder: Path
) -> None:
    async with runtime.database.read(SYSTEM) as session:
        since = await journal.last_seq(session)
    replace("staff.csv", "worker2,社区工作者乙,c2,community_worker\n", "new,新人,c2,inspector\n")(
        folder
    )
    replace("staff.csv", "both,一人两岗,c1,community_worker inspector", "both,两岗,c2,inspector")(
        folder
    )
    line = "new,dispatcher,2026-05-11T08:00:00+08:00,2026-05-12T08:00:00+08:00\n"
    (folder / "stand-ins.csv").write_text(f"login,for,from,to\n{line}", encoding="utf-8")
    await load(runtime, folder)
    assert await told(runtime, since) == [
        ("worker2", "staff.left"),
        ("new", "staff.added"),
        ("new", "staff.roles_changed"),
        ("both", "staff.changed"),
        ("both", "staff.roles_changed"),
        ("new", "staff.stand_in_set"),
    ]
    async with runtime.database.read(SYSTEM) as session:
        since = await journal.last_seq(session)
    replace("stand-ins.csv", line, "")(folder)
    replace("staff.csv", "new,新人", "worker2,社区工作者乙,c2,community_worker\nnew,新人")(folder)
    await load(runtime, folder)
    assert await told(runtime, since) == [
        ("worker2", "staff.reopened"),
        ("new", "staff.stand_in_withdrawn"),
    ]


async def test_a_folder_that_leaves_no_security_administrator_changes_nothing(
    runtime: Runtime, folder: Path
) -> None:
    async with runtime.database.read(SYSTEM) as session:
        since = await journal.last_seq(session)
    replace("units.csv", "平安科", "安全科")(folder)
    replace("staff.csv", "s1,security_admin", "s1,audit_admin")(folder)
    with pytest.raises(Conflict, match="no security administrator"):
        await load(runtime, folder)
    async with runtime.database.read(SYSTEM) as session:
        assert await journal.last_seq(session) == since
        assert (await session.execute(select(Unit).where(Unit.name == "安全科"))).first() is None
