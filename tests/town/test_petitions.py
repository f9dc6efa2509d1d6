"""The town's petitions after their answer: planted shares, what the product knows, the past, and
petitioners at the API."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from fastapi import FastAPI
from helpers import SYSTEM, TEST_PASSWORD, report, spot, take_in_rows
from resolve.test_answers import done
from resolve.test_merging import cases
from resolve.test_petitions import shown
from sqlalchemy import text
from town.test_astray import near

from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.resolve.deadlines import WorkCalendar
from streetwise.resolve.petitions import course as courses
from streetwise.resolve.petitions import loop
from streetwise.resolve.petitions.rules import rules
from streetwise.resolve.tables import Case
from streetwise.town import astray
from streetwise.town.almanac import ZONE
from streetwise.town.client import Account, Cast, Client
from streetwise.town.history import Teller
from streetwise.town.language.phrase import read_yaml
from streetwise.town.office import office_of
from streetwise.town.petitioners import Petitioners
from streetwise.town.petitions import PetitionCourse, Petitioning, drawing, standing
from streetwise.town.said import said

MANY = 3_000
NUMBER = "XF20260401-0001"
OFFICER = Account("duty_officer", "duty_officer", "")


def lived(n: int) -> courses.Course:
    """A petition lived through by the pure parts alone, from its opinion to its end."""
    mine = PetitionCourse(drawing(3, f"XF{n}"))
    course = courses.begin(date(2026, 1, 5))
    for _ in range(60):
        found = mine.next(standing(course))
        if found is None:
            return course
        action, day = found
        given = mine.given(action, standing(course), day)
        doing = courses.Doing(
            action, given.on or day, given.result, given.received, given.served, given.how,
            given.organ,
        )  # fmt: skip
        course, _ = courses.take(course, doing, day)
    raise AssertionError("a petition without an end")


def test_petitions_go_by_the_planted_shares() -> None:
    """What is drawn the product would take, day for day, and it ends."""
    lives = [lived(n) for n in range(MANY)]
    first = [one for one in lives if one.reviews]
    assert near(len(first), MANY, astray.share("petition_review"))
    outcomes = Counter(one.reviews[0].outcome for one in first)
    assert outcomes["upheld"] > len(first) / 2
    assert {one.state for one in lives} <= {loop.SERVED, loop.REVIEWED, loop.ENDED}
    assert any(one.round > 1 for one in lives) and any(one.state == loop.ENDED for one in lives)
    late = sum(
        courses.late_to_ask(one, n, rules(), WorkCalendar(ZONE))
        for one in lives
        for n in range(len(one.reviews))
    )
    assert late == 0


def test_what_is_said_of_a_petition_the_product_knows() -> None:
    grounds = read_yaml("astray.yaml")["grounds"]
    for stage in (loop.REVIEW, loop.REEXAM):
        assert set(grounds[f"petition_{stage}"]) == set(loop.OUTCOMES)
    for outcome in (*loop.OUTCOMES, "opine"):
        assert said("petition", outcome, PetitionCourse(drawing(3, "XF1")).draw(outcome))
    seen = {one.organ for n in range(MANY) for one in lived(n).reviews}
    assert seen <= set(rules().organs) and len(seen) == 3
    ways = {opinion.how for n in range(300) for opinion in lived(n).opinions}
    assert ways <= set(rules().ways)


@pytest.fixture
def asking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody asks, nothing is revoked."""
    shares = {"petition_review": 1.0, "petition_reexam": 1.0, "petition_hearing": 1.0}
    planted, ground = astray.share, astray.ground
    monkeypatch.setattr(astray, "share", lambda name: shares.get(name, planted(name)))
    monkeypatch.setattr(
        astray, "ground",
        lambda name, rng: "upheld" if name.startswith("petition_") else ground(name, rng),
    )  # fmt: skip


async def petitioned(runtime: Runtime, client: httpx.AsyncClient) -> Case:
    """A case that a petition opened, closed."""
    told = report(NUMBER, "路灯", "梧桐路的路灯坏了三天。", channel="petition", **spot(1))
    await take_in_rows(runtime, [told])
    (case,) = await cases(runtime)
    await done(client, str(case.id))
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        # How it was closed is not what this is about.
        closed = text("UPDATE cases SET state = 'closed', closed_at = :at")
        await uow.session.execute(closed, {"at": uow.now})
    (case,) = await cases(runtime)
    return case


@pytest.mark.usefixtures("asking")
async def test_the_past_lives_through_a_petition_by_the_actions(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case = await petitioned(runtime, client)
    async with runtime.database.read(SYSTEM) as session:
        office = await office_of(session, case.area)
    past = Petitioning(runtime.keys, runtime.settings, office, 5, "0401")
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await past.follow(uow, [case])
    for _ in range(130):
        clock.advance(timedelta(days=1))
        async with runtime.database.unit_of_work(SYSTEM) as uow:
            await past.look(uow)
    view = await shown(client, str(case.id))
    assert [one["stage"] for one in view["reviews"]] == ["review", "reexam"]
    assert view["state"] == "ended" and view["reviews"][1]["hearings"]
    assert view["opinions"][0]["letter"]["number"] == "信处〔2026〕0401-1号"


@pytest.mark.usefixtures("asking")
async def test_petitioners_do_the_same_at_the_api(
    runtime: Runtime, client: httpx.AsyncClient, app: FastAPI, clock: HandClock
) -> None:
    case = await petitioned(runtime, client)
    told = SimpleNamespace(channel="petition", title=case.title)
    teller = cast(Teller, SimpleNamespace(day=lambda day: [told]))
    town = Client("http://test", TEST_PASSWORD, 10_000.0, httpx.ASGITransport(app=app))
    people = Petitioners(town, Cast([OFFICER]), teller, 5)
    for _ in range(130):
        clock.advance(timedelta(days=1))
        at = clock.now().astimezone(ZONE)
        await people.look(OFFICER, datetime(at.year, at.month, at.day, 10, tzinfo=ZONE))
    view: dict[str, Any] = await shown(client, str(case.id))
    assert [one["stage"] for one in view["reviews"]] == ["review", "reexam"]
    assert view["state"] == "ended"
    assert view["opinions"][0]["letter"]["number"] == "信处〔2026〕1号"
    await town.close()
