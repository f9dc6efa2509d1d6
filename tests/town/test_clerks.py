"""The live town's officers at the desk of the real server, by its API alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from helpers import TEST_PASSWORD, Spot, report, spot, take_in_rows

from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.town import clerks, judging
from streetwise.town.almanac import ZONE
from streetwise.town.clerks import CASES_LEFT, LOOK_MINUTES, Clerks
from streetwise.town.client import JSON, Account, Cast, Client
from streetwise.town.history import Teller
from streetwise.town.pace import Steering
from streetwise.town.reports import Report

OFFICER = Account("duty_officer", "duty_officer", "乙街道")
NOWHERE = ("路面坑洼", "路中间有个大坑，车过都颠。")
LAMPS = (("路灯不亮", "路灯坏了，晚上看不见路。"), ("灯坏了", "这边灯不亮，走路害怕。"))
#: Nobody can say of what class these are; the very same words would be one case.
WHERE = ("门口", "楼下", "院里", "拐角")
WHAT = (
    "那个东西又坏了好几天了，没人管",
    "老样子，反映过一次没有结果",
    "情况不太好，希望早点解决",
    "有点问题，请派人过来看看",
)
THANKS = ("感谢", "感谢社区工作人员及时修好路灯，非常满意，点赞！")
FIRST = datetime(2026, 4, 11, 9, 30, tzinfo=ZONE)
LAMP, ROAD = "urban-management:P-01-37", "urban-management:E-01-13"


@dataclass
class Told:
    """A teller of few words: what the tests' rows meant."""

    reports: list[Report] = field(default_factory=list)
    zone = ZONE
    asked: list[date] = field(default_factory=list)

    def day(self, day: date) -> list[Report]:
        self.asked.append(day)
        return [one for one in self.reports if one.at.date() == day]

    def means(self, number: str, category: str = "", place: str = "", **more: Any) -> Report:
        """Say what the row of this number meant."""
        at = more.pop("at", datetime(2026, 5, 11, 9, 30, tzinfo=ZONE))
        problem = more.pop("problem", f"P{number}")
        self.reports.append(
            Report(number, "hotline12345", at, "", "", None, None, category, problem, place, **more)
        )
        return self.reports[-1]


@dataclass
class Sitting:
    """Officers, what they know, and the desk before them."""

    client: Client
    told: Told
    clock: HandClock
    steering: Any = None

    def __post_init__(self) -> None:
        teller, steering = cast(Teller, self.told), cast(Steering | None, self.steering)
        self.clerks = Clerks(self.client, teller, Cast([OFFICER]), 7, steering)

    async def look(self, minutes: float = LOOK_MINUTES) -> JSON:
        """They look after so many minutes; what lies at the desk then."""
        self.clock.advance(timedelta(minutes=minutes))
        await self.clerks.decide(self.clock.now())
        return await self.desk()

    async def desk(self) -> JSON:
        return await self.client.get(OFFICER, "/desk")

    async def cases(self) -> dict[str, JSON]:
        """Open cases by title."""
        found = (await self.client.get(OFFICER, "/cases", state="open"))["items"]
        return {one["title"]: one for one in found}


@pytest_asyncio.fixture
async def sitting(app: FastAPI, clock: HandClock) -> AsyncIterator[Sitting]:
    client = Client("http://test", TEST_PASSWORD, 1000.0, httpx.ASGITransport(app=app))
    yield Sitting(client, Told(), clock)
    await client.close()


@pytest.fixture
def thorough(monkeypatch: pytest.MonkeyPatch) -> None:
    """They leave nothing, and make no slips."""
    monkeypatch.setattr(clerks, "CASES_LEFT", 0)
    monkeypatch.setattr(clerks, "ASIDES_LEFT", 0)
    monkeypatch.setattr(judging, "SLIPS", 0.0)


def vague(count: int) -> list[dict[str, Any]]:
    """So many days, a vague message each."""
    return [
        report(
            str(n), f"反映问题{n}", f"{WHERE[n % 4]}{WHAT[n // 4]}。",
            at=f"{FIRST + timedelta(days=n):%Y-%m-%d %H:%M:%S}", **spot(n),
        )
        for n in range(count)
    ]  # fmt: skip


async def test_a_few_are_decided_at_each_look_and_a_dozen_is_always_left(
    sitting: Sitting, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "SLIPS", 0.0)
    await take_in_rows(runtime, vague(CASES_LEFT + 4))
    for n in range(CASES_LEFT + 4):
        sitting.told.means(str(n), ROAD, at=FIRST + timedelta(days=n))
    assert (await sitting.desk())["count"]["value"] == CASES_LEFT + 4
    assert (await sitting.look())["count"]["value"] == CASES_LEFT + 1
    asked = sitting.client.requests
    assert (await sitting.look(LOOK_MINUTES / 2))["count"]["value"] == CASES_LEFT + 1
    assert sitting.client.requests == asked + 1  # ours alone: they do not look all the time
    for _ in range(3):
        assert (await sitting.look())["count"]["value"] == CASES_LEFT
    learned = await sitting.client.get(OFFICER, "/learning")
    assert learned["lessons"] == 4
    classes = [
        one["category"] and one["category"]["code"] for one in (await sitting.cases()).values()
    ]
    assert classes.count(ROAD.partition(":")[2]) >= 4
    # The oldest first.
    assert sitting.told.asked == [(FIRST + timedelta(days=n)).date() for n in range(4)]


@pytest.mark.usefixtures("thorough")
@pytest.mark.parametrize(("place", "shown"), [("p2", "松柏家园"), ("nowhere", ""), ("", "")])
async def test_a_place_is_named_where_the_gazetteer_knows_it(
    sitting: Sitting, runtime: Runtime, place: str, shown: str
) -> None:
    await take_in_rows(runtime, [report("1", *NOWHERE)])
    sitting.told.means("1", ROAD, place)
    (item,) = (await sitting.desk())["items"]
    assert "place" in item["understanding"]["doubts"]
    assert (await sitting.look())["items"] == []
    (case,) = (await sitting.cases()).values()
    assert (case["place_text"] or "") == shown


@pytest.mark.usefixtures("thorough")
@pytest.mark.parametrize(("same", "left"), [(True, 1), (False, 2)])
async def test_an_offer_is_taken_where_both_are_one_problem_and_refused_otherwise(
    sitting: Sitting, runtime: Runtime, same: bool, left: int
) -> None:
    there, later = spot(3), datetime(2026, 5, 13, 21, 30, tzinfo=ZONE)
    beside = Spot(lon=there["lon"] + 0.0006, lat=there["lat"])
    first, second = LAMPS
    await take_in_rows(
        runtime,
        [
            report("1", *first, **there),
            report("2", *second, at=f"{later:%Y-%m-%d %H:%M:%S}", **beside),
        ],
    )
    sitting.told.means("1", LAMP, "p1", problem="P")
    sitting.told.means("2", LAMP, "p3", problem="P" if same else "Q", at=later)
    assert any(one["understanding"]["offers"] for one in (await sitting.desk())["items"])
    for _ in range(2):
        desk = await sitting.look()
    assert desk["items"] == []
    cases = await sitting.cases()
    assert len(cases) == left
    for case in cases.values():
        known = await sitting.client.get(OFFICER, f"/cases/{case['id']}/understanding")
        assert known["offers"] == []
        assert len(known["merged"]) == 2 - left


@pytest.mark.usefixtures("thorough")
@pytest.mark.parametrize(
    ("kinds", "opened"), [(("thanks", "thanks"), 0), (("thanks", "problem"), 1)]
)
async def test_what_was_put_aside_is_settled_or_is_a_case_after_all(
    sitting: Sitting, runtime: Runtime, kinds: Sequence[str], opened: int
) -> None:
    rows = [report(str(n), THANKS[0], f"{THANKS[1]}{n}", **spot(n)) for n in range(len(kinds))]
    await take_in_rows(runtime, rows)
    for n, kind in enumerate(kinds):
        sitting.told.means(str(n), LAMP, kind=kind)
    assert (await sitting.desk())["asides_count"]["value"] == len(kinds)
    assert (await sitting.look())["asides_count"]["value"] == 0
    assert len(await sitting.cases()) == opened


@pytest.mark.usefixtures("thorough")
async def test_what_nobody_knows_is_asked_no_more(sitting: Sitting, runtime: Runtime) -> None:
    await take_in_rows(runtime, vague(1))
    assert (await sitting.look())["items"] == []
    assert (await sitting.client.get(OFFICER, "/learning"))["lessons"] == 0


@pytest.mark.usefixtures("thorough")
async def test_what_a_scenario_told_is_known_also_when_it_began_after_the_day_was_told(
    sitting: Sitting, runtime: Runtime
) -> None:
    played: list[Report] = []
    scenarios = SimpleNamespace(
        due=lambda since, until: [one for one in played if since <= one.at < until]
    )
    officers = replace(sitting, steering=SimpleNamespace(scenarios=scenarios))
    rows = vague(2)
    await take_in_rows(runtime, rows[:1])
    await officers.look()
    played.append(Told().means("1", ROAD, at=FIRST + timedelta(days=1)))
    await take_in_rows(runtime, rows[1:])
    assert (await officers.look())["items"] == []
    assert (await sitting.client.get(OFFICER, "/learning"))["lessons"] == 1
