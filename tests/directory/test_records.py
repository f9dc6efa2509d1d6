"""Records by the API: read, previewed, changed all or nothing, with history; files in and out."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers import SYSTEM, act, report, sign_in, take_in_rows, tiny_town
from sqlalchemy import text

from streetwise.directory.folder import read_folder
from streetwise.directory.records.moving import export, load_folder
from streetwise.kernel import journal
from streetwise.kernel.archives import ArchiveLimits, pack, unpack
from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime

LIMITS = ArchiveLimits(100, 2**26, 10_000)
JSON = dict[str, Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tiny_town(tmp_path / "town")
    return tmp_path / "town"


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


async def load(runtime: Runtime, folder: Path) -> dict[str, int]:
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        return await load_folder(uow, SYSTEM, read_folder(folder), runtime.keys)


async def exported(runtime: Runtime) -> dict[str, bytes]:
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        return await export(uow, SYSTEM, runtime.keys, None)


def put(kind: str, code: str, /, **values: Any) -> JSON:
    return {"kind": kind, "code": code, "op": "put", "values": values}


def end(kind: str, code: str) -> JSON:
    return {"kind": kind, "code": code, "op": "end"}


async def preview(client: httpx.AsyncClient, *changes: JSON) -> JSON:
    answer = await client.post("/directory/preview", json={"changes": changes})
    assert answer.status_code == 200, answer.text
    found: JSON = answer.json()
    return found


async def change(client: httpx.AsyncClient, *changes: JSON, digest: str = "") -> httpx.Response:
    digest = digest or (await preview(client, *changes))["digest"]
    return await client.post(
        "/directory/changes", json={"changes": changes, "reason": "核对", "digest": digest}
    )


@pytest.fixture
async def steward(client: httpx.AsyncClient) -> httpx.AsyncClient:
    await sign_in(client, "data_steward")
    return client


async def test_every_kind_can_be_listed_paged_and_read(steward: httpx.AsyncClient) -> None:
    kinds = (await steward.get("/directory/kinds")).json()
    assert [one["kind"] for one in kinds if not one["writable"]] == ["staff", "stand_in"]
    for kind in kinds:
        seen: list[str] = []
        after = None
        while True:
            params = {"limit": 2} | ({"after": after} if after else {})
            page = (await steward.get(f"/directory/records/{kind['kind']}", params=params)).json()
            seen += [one["code"] for one in page["items"]]
            after = page["next"]
            if after is None or len(seen) > 12:
                break
        assert seen == sorted(set(seen))
        assert len(seen) == kind["count"] or len(seen) > 12
        for code in seen[:3]:
            one = await steward.get(f"/directory/records/{kind['kind']}/{code}")
            assert one.json()["code"] == code
            assert set(one.json()["values"]) == {column["name"] for column in kind["columns"]}
    assert (await steward.get("/directory/records/nothing")).status_code == 404
    assert (await steward.get("/directory/records/unit/nobody")).status_code == 404
    found = (await steward.get("/directory/records/place", params={"q": "松柏小区"})).json()
    assert [one["code"] for one in found["items"]] == ["p2"]
    assert (await steward.get("/directory/records/place", params={"q": "100%_"})).json()[
        "items"
    ] == []


async def test_accounts_are_read_by_few_and_changed_by_nobody_here(
    client: httpx.AsyncClient,
) -> None:
    await sign_in(client, "dispatcher")
    assert (await client.get("/directory/records/staff")).status_code == 403
    kinds = {one["kind"] for one in (await client.get("/directory/kinds")).json()}
    assert "unit" in kinds
    assert "staff" not in kinds
    await sign_in(client, "data_steward")
    plan = await preview(client, put("staff", "worker2", roles=["security_admin"]))
    assert plan["effects"] == []
    assert "not changed here" in plan["mistakes"][0]


async def test_another_streets_staff_and_units_are_not_this_stewards(
    steward: httpx.AsyncClient, runtime: Runtime
) -> None:
    """A second street of the same district, with a colleague there."""
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await uow.session.execute(
            text(
                "INSERT INTO unit (id, code, parent_id, tier, name, name_en, ordinal)"
                " SELECT gen_random_uuid(), 's2', id, 'street', '丙街道', 'C', 90"
                " FROM unit WHERE code = 'd1'"
            )
        )
        await uow.session.execute(
            text("UPDATE staff SET unit_id = (SELECT id FROM unit WHERE code = 's2')"
                 " WHERE login = 'worker2'")
        )  # fmt: skip
    for path in ("staff/worker2", "staff/worker2/history"):
        assert (await steward.get(f"/directory/records/{path}")).status_code == 404
    listed = await steward.get("/directory/records/staff", params={"limit": 500})
    assert "worker2" not in listed.text
    assert "inspector" in listed.text
    plan = await preview(steward, put("unit", "s2", name="x", tier="team", parent="s1"))
    assert any("another street's unit" in one for one in plan["mistakes"])


async def test_a_preview_changes_nothing_and_a_change_is_journaled_and_remembered(
    steward: httpx.AsyncClient, runtime: Runtime, clock: HandClock
) -> None:
    changes = (
        put("place", "p1", aliases=["老梧桐路"], numbers="1-99 odd"),
        put("premises", "m1", name="早点铺", kind="shop", place="p1", grid="g1", unit="dep1"),
        put("rule", "", scheme="*", condition="*", grid="g1", unit="dep1", note="新", days="sun",
            **{"class": "*"}),
    )  # fmt: skip
    plan = await preview(steward, *changes)
    assert plan["mistakes"] == []
    assert {(one["kind"], one["op"]) for one in plan["effects"]} == {
        ("place", "changed"), ("premises", "new"), ("rule", "new")
    }  # fmt: skip
    fields = {one["name"] for effect in plan["effects"] if effect["kind"] == "place"
              for one in effect["fields"]}  # fmt: skip
    assert fields == {"aliases", "numbers"}
    assert (await steward.get("/directory/records/premises/m1")).status_code == 404
    assert (await change(steward, *changes, digest=plan["digest"])).status_code == 200
    assert (await steward.get("/directory/records/premises/m1")).json()["title"] == "早点铺"
    assert (await steward.get("/directory/records/rule/L00004")).json()["values"]["days"] == "sun"
    history = (await steward.get("/directory/records/place/p1/history")).json()["entries"]
    assert [(one["op"], one["reason"], one["actor_name"]) for one in history] == [
        ("changed", "核对", "数据管理员甲"),
        ("new", "folder", None),
    ]
    assert {one["name"]: (one["before"], one["after"]) for one in history[0]["fields"]} == {
        "aliases": ([], ["老梧桐路"]), "numbers": ("1-99", "1-99 odd")
    }  # fmt: skip
    async with runtime.database.read(SYSTEM) as session:
        entries = [one for one in await journal.read(session, SYSTEM)
                   if one.action == "directory.changed"]  # fmt: skip
    assert [one.data for one in entries] == [
        {"kind": "place", "code": "p1", "op": "changed"},
        {"kind": "premises", "code": "m1", "op": "new"},
        {"kind": "rule", "code": "L00004", "op": "new"},
    ]


async def test_history_can_only_grow(runtime: Runtime) -> None:
    for statement in ("UPDATE directory_history SET reason = ''", "DELETE FROM directory_history"):
        with pytest.raises(Exception, match="permission denied"):
            async with runtime.database.unit_of_work(SYSTEM) as uow:
                await uow.session.execute(text(statement))


async def test_what_has_changed_since_is_refused_and_nothing_is_done(
    steward: httpx.AsyncClient,
) -> None:
    mine = (put("unit", "dep1", name="甲"), put("unit", "dep2", name="乙"))
    seen = await preview(steward, *mine)
    assert (await change(steward, put("unit", "dep1", name="丙"))).status_code == 200
    late = await change(steward, *mine, digest=seen["digest"])
    assert (late.status_code, late.json()["code"]) == (412, "stale_version")
    assert (await steward.get("/directory/records/unit/dep2")).json()["title"] == "平安科"
    old = {**put("unit", "dep2", name="丁"), "version": "0" * 16}
    answer = await steward.post("/directory/preview", json={"changes": [old]})
    assert (answer.status_code, answer.json()["code"]) == (412, "stale_version")


async def test_a_mistake_anywhere_refuses_everything(steward: httpx.AsyncClient) -> None:
    changes = (put("unit", "dep1", name="甲"), put("place", "p9", name="x", kind="road", lon=0))
    plan = await preview(steward, *changes)
    assert plan["mistakes"] == ["places.csv: p9 has no lat; fill it in"]
    answer = await change(steward, *changes)
    assert (answer.status_code, answer.json()["code"]) == (422, "directory_mistakes")
    assert (await steward.get("/directory/records/unit/dep1")).json()["title"] == "城管科"


WRONG: list[tuple[JSON, str]] = [
    (put("unit", "dep1", code="dep9"), "a code cannot be changed"),
    (put("unit", "dep1", id="x"), "no column 'id'"),
    (put("unit", "dep1", ended_at="2026-01-01"), "no column 'ended_at'"),
    (put("unit", "dep1", name=["x"]), "name must be a text"),
    (put("unit", "dep1", name="a\nb"), "line break"),
    (put("unit", "dep1", parent="dep1"), "circle"),
    (put("unit", "", name="x", tier="team"), "the code is missing"),
    (put("place", "p1", lon="east"), "lon must be a number"),
    (put("place", "p1", aliases=["a|b"]), "without '|'"),
    (put("grid", "g1", geometry={"type": "Polygon"}), "no readable geometry"),
    (put("grid", "g1", community="dep1"), "names no community"),
    (put("class", "request/1/R-01", conditions=[{"limit": {"value": -1}}]), "limit that is"),
    (end("unit", "nobody"), "nothing to end"),
    (end("unit", "s1"), "exactly one unit must be of tier 'street'"),
    (end("unit", "dep2"), "names the unknown unit 'dep2'"),  # a line of the matrix does
    (end("grid", "g3"), "names the unknown grid 'g3'"),  # a place lies in it
    (put("nothing", "x"), "are not changed here"),
]


async def test_what_cannot_be_is_said(steward: httpx.AsyncClient) -> None:
    for wrong, said in WRONG:
        plan = await preview(steward, wrong)
        assert any(said in one for one in plan["mistakes"]), (wrong, plan["mistakes"])


async def test_who_would_notice_a_change_is_said_before_it(
    steward: httpx.AsyncClient, runtime: Runtime
) -> None:
    await take_in_rows(
        runtime,
        [report("A1", "路灯不亮", "梧桐路路灯不亮", lon=116.905, lat=40.105)],
    )
    plan = await preview(steward, put("grid", "g1", name="一网格"), put("unit", "c1", name="东"))
    touched = {(one["key"], one["code"]): one["count"] for one in plan["touches"]}
    assert touched["places_in_grid", "g1"] == 1
    assert touched["assets_in_grid", "g1"] == 1
    assert touched["cases_of_grid", "g1"] == 1
    assert touched["cases_of_unit", "c1"] == 1
    assert touched["grids_of_community", "c1"] == 2
    assert touched["staff_in_unit", "c1"] >= 1
    assert all(not one["examples"] for one in plan["touches"] if one["key"].startswith("cases"))


async def test_an_ended_unit_keeps_its_cases_and_is_offered_no_more(
    steward: httpx.AsyncClient, runtime: Runtime
) -> None:
    await take_in_rows(runtime, [report("A1", "路灯不亮", "路灯不亮", lon=116.905, lat=40.105)])
    await sign_in(steward, "duty_officer")
    (case,) = (await steward.get("/cases")).json()["items"]
    assert (await act(steward, case, "accept")).status_code == 200
    await sign_in(steward, "dispatcher")
    (case,) = (await steward.get("/cases")).json()["items"]
    done = await act(steward, case, "dispatch", unit="out1")
    assert done.status_code == 200, done.text
    await sign_in(steward, "data_steward")
    assert (await change(steward, end("unit", "out1"))).status_code == 200
    listed = (await steward.get("/directory/records/unit")).json()["items"]
    assert "out1" not in {one["code"] for one in listed}
    ended = await steward.get("/directory/records/unit", params={"ended": True})
    assert next(one for one in ended.json()["items"] if one["code"] == "out1")["ended_at"]
    await sign_in(steward, "dispatcher")
    (case,) = (await steward.get("/cases")).json()["items"]
    assert case["unit"]["name"] == "供水公司"
    units = {one["code"] for one in (await steward.get("/directory")).json()["units"]}
    assert "out1" not in units
    await sign_in(steward, "data_steward")
    assert (await change(steward, put("unit", "out1"))).status_code == 200  # it is back
    history = (await steward.get("/directory/records/unit/out1/history")).json()["entries"]
    assert [one["op"] for one in history] == ["revived", "ended", "new"]


async def test_who_is_responsible_depends_on_place_and_time(
    steward: httpx.AsyncClient, runtime: Runtime, clock: HandClock
) -> None:
    """Monday, ten in Beijing: the exception for nights does not hold, that for days does."""
    everything = {"scheme": "*", "class": "*", "condition": "*", "grid": "*", "exception": True}
    await change(
        steward,
        put("rule", "", **everything, unit="out1", hours="18:00-08:00", note="夜间"),
        put(
            "rule", "L00009", **everything, unit="dep1", hours="08:00-18:00", place="p1", note="昼"
        ),
    )
    await take_in_rows(runtime, [report("A1", "积水", "梧桐路积水", lon=116.905, lat=40.105)])
    await sign_in(steward, "duty_officer")
    (case,) = (await steward.get("/cases")).json()["items"]
    await act(steward, case, "accept")
    await sign_in(steward, "dispatcher")
    story = (await steward.get(f"/cases/{case['id']}")).json()
    (offers,) = [one["units"] for one in story["actions"] if one["action"] == "dispatch"]
    assert (offers[0]["code"], offers[0]["suggested"], offers[0]["why"]) == ("dep1", True, "昼")


async def test_a_folder_comes_back_byte_for_byte_from_the_database(
    bare: Runtime, folder: Path
) -> None:
    given = files_of(folder)
    given["places.csv"] = b"\xef\xbb\xbf" + given["places.csv"].replace(b"\n", b"\r\n")
    (folder / "places.csv").write_bytes(given["places.csv"])
    assert (await load(bare, folder))["new"] > 100
    assert await exported(bare) == given
    again = await load(bare, folder)
    assert (again["new"], again["changed"], again["ended"]) == (0, 0, 0)
    assert await exported(bare) == given
    async with bare.database.read(SYSTEM) as session:
        sealed = (await session.execute(text("SELECT sealed::text FROM directory_form"))).all()
    assert "数据管理员".encode().hex() not in "".join(row[0] for row in sealed)


async def test_after_one_edit_one_line_differs_and_another_database_says_the_same(
    runtime: Runtime, bare: Runtime, folder: Path, steward: httpx.AsyncClient, tmp_path: Path
) -> None:
    await load(runtime, folder)
    given = files_of(folder)
    assert (await change(steward, put("unit", "out1", name="自来水公司"))).status_code == 200
    assert (
        await change(steward, put("rule", "L00002", note="新", **{"class": "P-01"}))
    ).status_code == 200
    made = await exported(runtime)
    different = {path for path in made if made[path] != given[path]}
    assert different == {"units.csv", "responsibility.csv"}
    for path in different:
        old, new = given[path].splitlines(), made[path].splitlines()
        assert sum(a != b for a, b in zip(old, new, strict=True)) == 1
    for path, content in made.items():
        (folder / path).write_bytes(content)
    await load(bare, folder)
    assert await exported(bare) == made


async def test_what_a_folder_no_longer_names_has_ended_and_comes_back(
    runtime: Runtime, folder: Path, steward: httpx.AsyncClient
) -> None:
    path = folder / "places.csv"
    whole = path.read_bytes()
    path.write_bytes(b"".join(line for line in whole.splitlines(True) if b"p3," not in line))
    assert (await load(runtime, folder))["ended"] == 1
    assert (await steward.get("/directory/records/place/p3")).json()["ended_at"]
    suggested = await steward.get("/directory/places/suggest", params={"q": "湖心"})
    assert suggested.json()["items"] == []
    path.write_bytes(whole)
    assert (await load(runtime, folder))["new"] == 1
    assert (await steward.get("/directory/records/place/p3")).json()["ended_at"] is None
    assert await exported(runtime) == files_of(folder)


def archive(files: dict[str, bytes]) -> dict[str, Any]:
    return {"file": ("street.zip", pack(files), "application/zip")}


async def test_a_folder_is_uploaded_looked_at_and_loaded_without_accounts(
    runtime: Runtime, folder: Path, steward: httpx.AsyncClient
) -> None:
    await load(runtime, folder)
    files = files_of(folder)
    files["units.csv"] = files["units.csv"].replace("城管科".encode(), "城市管理科".encode())
    files["staff.csv"] = files["staff.csv"].replace(
        b",c2,community_worker", b",c2,community_worker security_admin"
    )
    seen = (await steward.post("/directory/folder/preview", files=archive(files))).json()
    assert seen["counts"] == [{"kind": "unit", "op": "changed", "count": 1}]
    assert (seen["left_out"], seen["mistakes"]) == (["staff.csv"], [])
    late = await steward.post(
        "/directory/folder", files=archive(files), data={"reason": "x", "digest": "0"}
    )
    assert late.status_code == 412
    done = await steward.post(
        "/directory/folder", files=archive(files), data={"reason": "改名", "digest": seen["digest"]}
    )
    assert done.status_code == 200, done.text
    staff = (await steward.get("/directory/records/staff/worker2")).json()
    assert staff["values"]["roles"] == ["community_worker"]
    taken = await steward.get("/directory/export")
    assert taken.headers["content-type"] == "application/zip"
    out = unpack(taken.content, LIMITS)
    assert out == {**files, "staff.csv": files_of(folder)["staff.csv"]}
    async with runtime.database.read(SYSTEM) as session:
        last = (await journal.read(session, SYSTEM))[-1]
    assert (last.action, last.grade, last.data["files"]) == ("directory.exported", 3, len(out))


async def test_hostile_and_foreign_archives_change_nothing(
    runtime: Runtime, folder: Path, steward: httpx.AsyncClient
) -> None:
    files = files_of(folder)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("../town.yaml", files["town.yaml"])
    foreign = {**files, "town.yaml": files["town.yaml"].replace(b"code: home", b"code: other")}
    for data, status, code in (
        (out.getvalue(), 422, "archive_unsafe"),
        (b"x", 422, "file_corrupt"),
        (pack({"units.csv": b"x"}), 422, "town_folder"),
        (pack({**files, "units.csv": b"\xff\xfe"}), 422, "town_folder"),
        (pack(foreign), 403, "area_not_yours"),
    ):
        answer = await steward.post(
            "/directory/folder/preview", files={"file": ("x.zip", data, "application/zip")}
        )
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    broken = {**files, "units.csv": files["units.csv"].replace(b"c1,s1", b"c1,s9"), "x.txt": b""}
    seen = (await steward.post("/directory/folder/preview", files=archive(broken))).json()
    assert any("unknown parent 's9'" in one for one in seen["mistakes"])
    assert any("x.txt" in one for one in seen["mistakes"])
    answer = await steward.post(
        "/directory/folder", files=archive(broken), data={"reason": "x", "digest": seen["digest"]}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "directory_mistakes")


async def test_a_table_for_people_runs_no_formula(
    steward: httpx.AsyncClient, runtime: Runtime
) -> None:
    assert (
        await change(steward, put("place", "p1", name='=HYPERLINK("http://x")', aliases=["+1 路"]))
    ).status_code == 200
    answer = await steward.get("/directory/records/place.csv")
    assert answer.text.startswith("\ufeff")
    assert '"\'=HYPERLINK(""http://x"")"' in answer.text
    assert "'+1 路" in answer.text
    assert (await exported(runtime))["places.csv"].decode().count('"=HYPERLINK') == 1
    async with runtime.database.read(SYSTEM) as session:
        listed = [one for one in await journal.read(session, SYSTEM)
                  if one.action == "directory.listed"]  # fmt: skip
    assert [one.data for one in listed] == [{"kind": "place", "records": 3}]


async def test_a_class_is_translated_by_the_crosswalks(steward: httpx.AsyncClient) -> None:
    line = {
        "from_scheme": "request", "from_version": "1", "from_code": "R-03",
        "to_scheme": "urban-management", "to_version": "yuncheng-2020s", "to_code": "E-01-30",
        "relation": "broader",
    }  # fmt: skip
    assert (await change(steward, put("crosswalk", "", **line))).status_code == 200
    asked = {"scheme": "urban-management", "version": "yuncheng-2020s", "code": "E-01-30"}
    found = (await steward.get("/directory/crosswalk", params={**asked, "to": "request"})).json()
    assert [(one["code"], one["relation"], one["name"]) for one in found] == [
        ("R-03", "narrower", "环境保护")
    ]


DEVICES = {
    "cameras.csv": "\ufeffcode,name,lon,lat,direction,field_of_view,grid,place,unit,analysed\r\n"
    "k1,梧桐路口东,116.905,40.105,90,60,g1,p1,dep1,yes\r\nk2,球机,116.906,40.115,0,360,,,,\r\n",
    "sensors.csv": "code,name,kind,lon,lat,grid,place,unit,quantity,我们的列\n"
    "w1,下穿通道水位,water_level,116.905,40.106,g1,,dep1,m,甲\n",
    "duty.csv": "date,hours,post,login,note\n2026-05-11,20:00-08:00,officer,both,\n",
}


async def test_devices_and_roster_go_the_whole_way(
    runtime: Runtime, steward: httpx.AsyncClient, folder: Path
) -> None:
    """Loaded, listed, changed with what refers to them, ended, and given back byte for byte."""
    for name, words in DEVICES.items():
        (folder / name).write_bytes(words.encode())
    await load(runtime, folder)
    assert await exported(runtime) == files_of(folder)

    refers = {one["key"] for one in (await steward.get("/directory/references/unit/dep1")).json()}
    assert {"cameras_of_unit", "sensors_of_unit"} <= refers
    refers = {one["key"] for one in (await steward.get("/directory/references/staff/both")).json()}
    assert refers == {"duties_of_person"}
    table = (await steward.get("/directory/records/camera.csv")).text
    assert "朝向 direction" in table.splitlines()[0]
    assert "k1,梧桐路口东,116.905,40.105,90.0,60.0,g1,p1,dep1,yes" in table

    wrong = await preview(steward, put("camera", "k1", direction=-1))
    assert wrong["mistakes"] == [
        "cameras.csv: k1 has a direction out of range (-1.0); give degrees from 0 to below 360"
    ]
    done = await change(steward, put("camera", "k1", direction=135.5), end("sensor", "w1"))
    assert done.status_code == 200
    files = await exported(runtime)
    old, new = (one["cameras.csv"].splitlines() for one in (files_of(folder), files))
    assert new == [old[0], old[1].replace(b",90,", b",135.5,"), old[2]]
    assert files["sensors.csv"].count(b"\n") == 1  # the header is left
    # The folder as it was brings the sensor back, and the camera's old direction.
    counts = await load(runtime, folder)
    assert (counts["new"], counts["changed"], counts["ended"]) == (1, 1, 0)
    assert await exported(runtime) == files_of(folder)
