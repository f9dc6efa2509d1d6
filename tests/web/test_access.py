"""Who gets what: every route, every role, own and other units and areas, against roles.csv."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from fastapi import FastAPI
from helpers import SYSTEM, sign_in
from web.neighbourhood import PEOPLE, ROLES, Known, Person, words_of
from web.walk import AskAs, both_walls, call, expected, routes, routes_of, shown_above, steps

from streetwise.kernel.access import PENDING, PUBLIC, SIGNED_IN
from streetwise.kernel.runtime import Runtime
from streetwise.resolve import loop


def test_every_route_is_described(app: FastAPI) -> None:
    """But for the description itself."""
    described = {(route.method, route.path) for route in routes()}
    assert routes_of(app) == described | {("GET", "/openapi.json")}


def test_every_route_declares_what_it_needs() -> None:
    """One capability of roles.csv, or several of which one is enough, or that it is open."""
    assert len(ROLES) == 11
    known = {*next(iter(ROLES.values())), PUBLIC, SIGNED_IN, PENDING}
    known |= {line.capability for line in loop.TRANSITIONS} | {"case.{action}"}
    for route in routes():
        assert route.needs, f"{route.method} {route.path} declares no capability"
        assert set(route.needs) <= known, route


def test_only_these_routes_are_open_to_anybody() -> None:
    """What a route declares is believed here; so what is open is said a second time."""
    assert {(route.method, route.path) for route in routes() if route.public} == {
        ("GET", "/about"),
        ("POST", "/session"),
        ("DELETE", "/session"),
        ("GET", "/setup"),
        ("POST", "/setup"),  # with the code of the first start, and once
        # By a link that was sent to a reporter, and once.
        ("GET", "/public/call-backs/{token}"),
        ("POST", "/public/call-backs/{token}"),
    }


@both_walls
async def test_every_route_answers_every_role_as_it_declares(
    app: FastAPI, client: httpx.AsyncClient, cases: list[Known], ask_as: AskAs
) -> None:
    """All routes × all people × all cases (own and other units, areas, L1 to L4), and no field
    of an answer above what the person may read.

    What asks for neither a case nor an area depends on the role alone: one person of each.
    """
    assert {case.grade for case in cases} == {1, 2, 3, 4}

    async def walk(person: Person) -> list[Any]:
        wrong: list[Any] = []
        ask_as(person)
        for route in routes():
            for case, action in steps(person, route, cases):
                answer = await call(app, client, route.method, route.path, case, action)
                right, status = expected(person, route, case, action), answer.status_code
                if not (status in right if right else status not in (401, 403, 500)):
                    wrong.append((person.login, route, action, case.name, status, right))
                wrong += [(person.login, route, one) for one in shown_above(person, route, answer)]
        return wrong

    async def walk_all(people: list[Person]) -> list[Any]:
        return [one for person in people for one in await walk(person)]

    # A few side by side: the database works on one's question while another's answer is made.
    wrong = await asyncio.gather(*(walk_all(PEOPLE[begin::3]) for begin in range(3)))
    assert [one for some in wrong for one in some] == []


@both_walls
async def test_nobody_signed_in_gets_nothing(
    app: FastAPI, client: httpx.AsyncClient, cases: list[Known]
) -> None:
    for route in routes():
        status = (await call(app, client, route.method, route.path, cases[0], "accept")).status_code
        if not route.public:
            assert status == 401, route
        elif (route.method, route.path) == ("POST", "/session"):
            assert status == 401  # a wrong login: asked, and refused
        elif (route.method, route.path) == ("POST", "/setup"):
            assert status == 409  # the first start is over
        elif route.path.startswith("/public/"):
            assert status in (410, 429)  # no such link; and nobody tries many
        else:
            assert status in (200, 204), route
    about = await client.get("/about")
    assert not any(word in about.text for word in words_of(cases))
    assert about.json()["demo_accounts"] == []


async def test_a_made_up_session_is_none(client: httpx.AsyncClient) -> None:
    for token in ("", "x", "0" * 43, "' OR 1=1 --"):
        answer = await client.get("/session", headers={"Cookie": f"streetwise_session={token}"})
        assert answer.status_code == 401
        assert answer.json()["code"] == "unauthenticated"


@both_walls
async def test_rights_taken_away_are_gone_at_the_next_request(
    runtime: Runtime, client: httpx.AsyncClient, cases: list[Known]
) -> None:
    """A session is no store of rights: roles, unit and account are read at each request."""
    from sqlalchemy import text

    await sign_in(client, "inspector")
    assert (await client.get(f"/cases/{cases[0].id}")).status_code == 200
    for change, status in (
        ("roles = '{audit_admin}'", 404),
        ("roles = '{made_up_role}'", 404),
        ("roles = '{}'", 404),
        ("active = false", 401),
    ):
        async with runtime.database.unit_of_work(SYSTEM) as uow:
            await uow.session.execute(text(f"UPDATE staff SET {change} WHERE login = 'inspector'"))
        assert (await client.get(f"/cases/{cases[0].id}")).status_code == status, change
