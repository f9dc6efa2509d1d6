"""The duty roster: who is on duty when, in local time, and who may know."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from helpers import SYSTEM, sign_in, tiny_town
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from streetwise.directory.duty import days_that_may_run, parse_hours, span
from streetwise.directory.duty_repository import on_duty
from streetwise.directory.folder import read_folder
from streetwise.directory.records.moving import load_folder
from streetwise.kernel.clock import HandClock
from streetwise.kernel.errors import Invalid
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer

BEIJING = ZoneInfo("Asia/Shanghai")
#: The tests' clock stands at ten on Monday, 2026-05-11, in Beijing.
ROSTER = """date,hours,post,login,note
2026-05-11,08:00-20:00,officer,duty_officer,
2026-05-11,08:00-08:00,leader,street_commander,
2026-05-11,08:00-20:00,community,worker2,顶替
2026-05-11,20:00-08:00,officer,dispatcher,
2026-05-12,08:00-20:00,officer,dispatcher2,
2026-05-10,20:00-08:00,officer,inspector,
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tiny_town(tmp_path / "town")
    (tmp_path / "town" / "duty.csv").write_text(ROSTER, encoding="utf-8")
    return tmp_path / "town"


async def load(runtime: Runtime, folder: Path) -> dict[str, int]:
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        return await load_folder(uow, SYSTEM, read_folder(folder), runtime.keys)


async def names_at(
    runtime: Runtime, viewer: Viewer, at: str, area: str | None = "home"
) -> list[str]:
    """Logins on duty at a moment of Beijing's clock."""
    now = datetime.fromisoformat(at).replace(tzinfo=BEIJING)
    async with runtime.database.read(viewer) as session:
        return [one.login for one in await on_duty(session, viewer, area, now)]


async def test_who_is_on_duty_at_every_hour(runtime: Runtime, folder: Path) -> None:
    """The leader first; a night belongs to its evening; the end is not in it."""
    assert (await load(runtime, folder))["duties"] == 6
    for at, expected in {
        "2026-05-11T07:59:59": ["inspector"],
        "2026-05-11T08:00:00": ["street_commander", "duty_officer", "worker2"],
        "2026-05-11T19:59:59": ["street_commander", "duty_officer", "worker2"],
        "2026-05-11T20:00:00": ["street_commander", "dispatcher"],
        "2026-05-12T00:00:00": ["street_commander", "dispatcher"],
        "2026-05-12T07:59:59": ["street_commander", "dispatcher"],
        "2026-05-12T08:00:00": ["dispatcher2"],
        "2026-05-12T20:00:00": [],
        "2026-05-10T19:59:00": [],
    }.items():
        assert await names_at(runtime, SYSTEM, at) == expected, at


async def test_the_screen_is_told_what_a_caller_needs(
    runtime: Runtime, client: httpx.AsyncClient, folder: Path
) -> None:
    await sign_in(client, "community_worker")
    assert (await client.get("/directory/on-duty")).json() == []
    units = folder / "units.csv"
    lines = units.read_text(encoding="utf-8").splitlines()
    lines = [f"{lines[0]},phone", *(f"{line}," for line in lines[1:])]
    units.write_text("\n".join(lines).replace("West community,", "West community,010-55550002"))
    await load(runtime, folder)
    answer = await client.get("/directory/on-duty")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert [(one["post"], one["name"]) for one in found] == [
        ("leader", "街道指挥长甲"),
        ("officer", "街道值班员甲"),
        ("community", "社区工作者乙"),
    ]
    assert found[2] == {
        "name": "社区工作者乙", "post": "community", "unit": "c2", "unit_name": "西社区",
        "unit_phone": "010-55550002", "hours": "08:00-20:00", "note": "顶替",
        "starts_at": "2026-05-11T00:00:00Z", "ends_at": "2026-05-11T12:00:00Z",
    }  # fmt: skip


async def test_who_may_not_read_the_directory_learns_nothing(
    runtime: Runtime, folder: Path
) -> None:
    """By the repository, and by the wall behind it; nor does another street."""
    await load(runtime, folder)
    at = "2026-05-11T10:00"
    areas, can = frozenset({"home"}), frozenset({"directory.read", "case.read"})
    knows = Viewer("staff:1", "test", "street", 2, areas, frozenset(), can)
    barred = Viewer("staff:1", "test", "street", 2, areas, frozenset(), frozenset({"case.read"}))
    elsewhere = Viewer("staff:1", "test", "street", 2, frozenset({"other"}), frozenset(), can)
    assert len(await names_at(runtime, knows, at)) == 3
    for viewer in (barred, elsewhere):
        for area in ("home", None):
            assert await names_at(runtime, viewer, at, area) == []
        async with runtime.database.read(viewer) as session:
            for table in ("duty", "camera", "sensor"):
                rows = await session.execute(text(f"SELECT count(*) FROM {table}"))
                assert rows.scalar_one() == 0
    async with runtime.database.read(knows) as session:
        assert (await session.execute(text("SELECT count(*) FROM duty"))).scalar_one() == 6


async def test_a_roster_loaded_again_is_the_roster(runtime: Runtime, folder: Path) -> None:
    """A changed note is the same line, another person is another line, what is gone has ended."""
    await load(runtime, folder)
    roster = folder / "duty.csv"
    words = roster.read_text(encoding="utf-8")
    words = words.replace("顶替", "替班").replace("officer,duty_officer", "officer,dispatcher2")
    roster.write_text(words, encoding="utf-8")
    counts = await load(runtime, folder)
    assert (counts["new"], counts["changed"], counts["ended"]) == (1, 1, 1)
    at = "2026-05-11T10:00"
    assert await names_at(runtime, SYSTEM, at) == ["street_commander", "dispatcher2", "worker2"]
    # Without its file the roster stays as it is.
    roster.unlink()
    counts = await load(runtime, folder)
    assert counts["new"] == counts["changed"] == counts["ended"] == 0
    assert len(await names_at(runtime, SYSTEM, at)) == 3


async def test_who_left_is_on_duty_no_more_and_must_leave_the_roster(
    runtime: Runtime, client: httpx.AsyncClient, folder: Path
) -> None:
    await load(runtime, folder)
    staff = folder / "staff.csv"
    lines = staff.read_text(encoding="utf-8").splitlines(keepends=True)
    staff.write_text("".join(line for line in lines if not line.startswith("worker2,")))
    with pytest.raises(Invalid, match=r"unknown staff 'worker2'; add it to staff\.csv"):
        await load(runtime, folder)
    # Closed on the screen, the folder is right all the same: the roster tells what was.
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await uow.session.execute(
            text("UPDATE staff SET active = false, from_folder = false WHERE login = 'worker2'")
        )
    await load(runtime, folder)
    at = "2026-05-11T10:00"
    assert await names_at(runtime, SYSTEM, at) == ["street_commander", "duty_officer"]


async def test_people_added_on_the_screen_may_stand_on_the_roster(
    runtime: Runtime, client: httpx.AsyncClient, folder: Path, clock: HandClock
) -> None:
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await uow.session.execute(
            text("UPDATE staff SET from_folder = false WHERE login = 'dispatcher2'")
        )
    await sign_in(client, "data_steward")
    line = {
        "date": "2026-05-11", "hours": "8:00-20:00", "post": "officer", "login": "dispatcher2",
    }  # fmt: skip
    changes = [{"kind": "duty", "op": "put", "values": line}]
    plan = (await client.post("/directory/preview", json={"changes": changes})).json()
    assert plan["mistakes"] == []
    decided = {"changes": changes, "reason": "调班", "digest": plan["digest"]}
    assert (await client.post("/directory/changes", json=decided)).status_code == 200
    [one] = (await client.get("/directory/on-duty")).json()
    assert (one["name"], one["hours"]) == ("派遣员乙", "8:00-20:00")
    # The record is called by the person's name, and found by it.
    page = (await client.get("/directory/records/duty", params={"q": "派遣员乙"})).json()
    assert [one["title"] for one in page["items"]] == ["派遣员乙"]
    assert (await client.get("/directory/records/duty", params={"q": "派遣员甲"})).json()[
        "items"
    ] == []
    code = page["items"][0]["code"]
    assert code == "2026-05-11/officer/dispatcher2/8:00-20:00"
    told = (await client.get(f"/directory/records/duty/{code}/history")).json()["entries"]
    assert [one["reason"] for one in told] == ["调班"]
    touched = (await client.get("/directory/references/staff/dispatcher2")).status_code
    assert touched == 404  # the folder's book does not know the person
    clock.advance(timedelta(hours=12))
    assert (await client.get("/directory/on-duty")).json() == []


async def test_a_screen_that_asks_by_itself_does_not_keep_a_session_open(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await sign_in(client, "dispatcher")
    old = "UPDATE staff_session SET seen_at = seen_at - interval '3 hours' RETURNING seen_at"
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        before = (await uow.session.execute(text(old))).scalar_one()
    assert (await client.get("/directory/on-duty")).status_code == 200
    async with runtime.database.read(SYSTEM) as session:
        seen = "SELECT seen_at FROM staff_session"
        assert (await session.execute(text(seen))).scalar_one() == before


HOURS = st.tuples(st.integers(0, 23), st.integers(0, 59))
ZONES = st.sampled_from(
    ["Asia/Shanghai", "Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"]
)


@given(
    day=st.dates(date(2024, 1, 1), date(2030, 1, 1)),
    begins=HOURS,
    ends=HOURS,
    zone=ZONES,
    share=st.floats(0, 1, exclude_max=True),
)
def test_a_line_begins_and_ends_as_the_wall_clock_says(
    day: date, begins: tuple[int, int], ends: tuple[int, int], zone: str, share: float
) -> None:
    """Also where a day has 23 hours; and every moment of it is among the days looked up."""
    hours = f"{begins[0]:02}:{begins[1]:02}-{ends[0]:02}:{ends[1]:02}"
    here = ZoneInfo(zone)
    first, last = span(str(day), hours, here)
    # An hour that a change of clocks leaves out does not exist on the wall.
    if first.astimezone(here).astimezone(UTC) == first:
        wall = first.astimezone(here)
        if (wall.hour, wall.minute) == begins:
            assert str(wall.date()) == str(day)
    assert timedelta(0) <= last - first <= timedelta(hours=25)
    moment = first + (last - first) * share
    assert str(day) in days_that_may_run(moment)
    assert len(days_that_may_run(moment)) <= 5


def test_a_night_over_the_change_of_clocks_ends_by_the_wall() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    short = span("2026-03-28", "20:00-08:00", berlin)
    long = span("2026-10-24", "20:00-08:00", berlin)
    assert [last - first for first, last in (short, long)] == [
        timedelta(hours=11),
        timedelta(hours=13),
    ]
    assert parse_hours("00:00-24:00") == (0, 24 * 60)


async def test_an_administrator_has_no_street_and_sees_no_roster(
    runtime: Runtime, client: httpx.AsyncClient, folder: Path
) -> None:
    await load(runtime, folder)
    await sign_in(client, "security_admin")
    answer = await client.get("/directory/on-duty")
    assert (answer.status_code, answer.json()) == (200, [])
    assert (await client.get("/directory/on-duty", params={"area": "home"})).status_code == 404
