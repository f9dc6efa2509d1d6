"""A street's folder: every mistake is named, nothing is changed by a bad one, loading is stable."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from helpers import SYSTEM, sign_in, tiny_town
from sqlalchemy import func, select

from streetwise.directory.actions import load_folder
from streetwise.directory.folder import read_folder
from streetwise.directory.tables import Grid, Place, Responsibility, Staff, Unit
from streetwise.kernel import journal
from streetwise.kernel.errors import Invalid
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
