"""The town's disputes: planted shares, what the product knows, and mediators at the API."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI
from helpers import TEST_PASSWORD, act, sign_in
from resolve.test_disputes import quarrel
from town.test_astray import near

from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.resolve.disputes.rules import rules
from streetwise.town import astray, mediators
from streetwise.town.almanac import ZONE
from streetwise.town.client import Account, Cast, Client
from streetwise.town.disputes import FOLLOWED_UP_DAYS, ROLES, TWO, Course, drawing
from streetwise.town.language.phrase import read_yaml
from streetwise.town.mediators import Mediators

MANY = 4_000
OFFICER = Account("duty_officer", "duty_officer", "")
NOW = datetime(2026, 5, 12, 10, tzinfo=ZONE)


def test_disputes_go_by_the_planted_shares() -> None:
    courses = [Course(drawing(3, f"C{n}", 0)) for n in range(MANY)]
    assert near(sum(one.mediated for one in courses), MANY, astray.share("mediated"))
    assert near(sum(one.kept for one in courses), MANY, astray.share("agreement_kept"))
    ends = Counter(one.end for one in courses)
    assert near(ends["agree"], MANY, astray.share("mediation_agreed"))
    assert near(ends["refer"], MANY - ends["agree"], astray.share("mediation_referred"))
    again = [Course(drawing(3, f"C{n}", 1)).end for n in range(200)]
    assert [one.end for one in courses[:200]] != again
    # Seldom too late, but that happens too.
    late = sum(one.days_to_visit(7, 1) > 7 for one in courses)
    assert 0 < late < 0.15 * MANY


def test_what_is_said_of_a_dispute_the_product_knows() -> None:
    grounds, known = read_yaml("astray.yaml")["grounds"], rules()
    assert set(grounds["dispute_kind"]) <= set(known.kinds)
    assert set(grounds["dispute_body"]) <= set(known.bodies)
    assert set(grounds["visit"]) <= set(known.results)
    assert {role for two in (*ROLES.values(), TWO) for role in two} <= set(known.roles)
    assert set(ROLES) <= set(known.kinds)
    for n in range(200):
        step, given = Course(drawing(3, f"C{n}", 0)).ending(NOW)
        assert (given.body is None) == (step != "refer")
        if given.day is not None:
            days = (given.day - NOW.date()).days
            assert FOLLOWED_UP_DAYS[0] <= days <= FOLLOWED_UP_DAYS[1] < known.follow_up_max_days
        assert all(
            phone.startswith("1900") for *_, phone in Course(drawing(3, f"C{n}", 0)).parties()
        )


@pytest.mark.parametrize("ends", ["agree", "disagree"])
async def test_mediators_see_the_parties_and_find_an_end(
    runtime: Runtime, client: httpx.AsyncClient, app: FastAPI, clock: HandClock,
    monkeypatch: pytest.MonkeyPatch, ends: str,
) -> None:  # fmt: skip
    shares = {"mediated": 1.0, "mediation_agreed": float(ends == "agree"), "agreement_kept": 1.0}
    planted = astray.share
    monkeypatch.setattr(astray, "share", lambda name: shares.get(name, planted(name)))
    monkeypatch.setattr(mediators, "HANDLERS", ("community_worker",))
    if ends == "disagree":
        monkeypatch.setattr(Course, "end", "disagree")
    town = Client("http://test", TEST_PASSWORD, 10_000.0, httpx.ASGITransport(app=app))
    case_id = await quarrel(runtime, client)
    for who, action, inputs in (
        ("dispatcher", "accept", {}),
        ("dispatcher", "dispatch", {"unit": "c1"}),
        ("community_worker", "start", {}),
    ):
        await sign_in(client, who)
        case = (await client.get(f"/cases/{case_id}")).json()
        answer = await act(client, case, action, **inputs)
        assert answer.status_code == 200, answer.text
    case = answer.json()
    cast = Cast([Account("community_worker", "community_worker", case["unit"]["name"])])
    people = Mediators(town, cast, 5)
    await people.follow(case, "start", clock.now())
    view = await town.get(cast.accounts[0], f"/cases/{case_id}/dispute")
    assert view["state"] == "mediating"
    parties = [one for one in view["records"] if one["kind"] == "party"]
    assert len(parties) >= 2
    assert view["mediator"]["name"] == case["unit"]["name"]
    await people.follow(case, "report", clock.now())
    view = await town.get(cast.accounts[0], f"/cases/{case_id}/dispute")
    assert (view["state"], view["visits"]) == ("agreed" if ends == "agree" else "not_agreed", 1)
    if ends == "agree":
        clock.advance(timedelta(days=FOLLOWED_UP_DAYS[1] + 1))
        await people.look(OFFICER, clock.now())
        view = await town.get(cast.accounts[0], f"/cases/{case_id}/dispute")
        assert view["state"] == "kept"
    await town.close()
