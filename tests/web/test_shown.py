"""Answers field by field: what is not classified is not shared, what is above is left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Response
from helpers import sign_in
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from streetwise.directory.answers import ShownRoute
from streetwise.kernel.access import PUBLIC, needs
from streetwise.kernel.grades import CATEGORIES, GRADES, Rights, Unclassified
from streetwise.kernel.shown import (
    Shown,
    Withholding,
    above,
    facts_of,
    reached,
    sends,
    shows,
    some_above,
    withhold,
)
from streetwise.privacy import roles
from streetwise.privacy.access import openings
from streetwise.web import answers
from streetwise.web.app import ROUTERS


class Inner(Withholding):
    __shows__ = shows({"L1 catalogue": "name", "L3 report": "words"})
    name: str
    words: str | None


class Outer(Shown):
    __shows__ = shows({"cases": "title", "holds": "one many by_name"})
    title: str
    one: Inner | None
    many: list[Inner]
    by_name: dict[str, Inner]


@pytest.mark.parametrize(
    "said, complaint",
    [
        ({}, "title: not classified"),
        ({"cases": "title number"}, "number: no such field"),
        ({"cases": "title", "L2 work": "title"}, "title: twice"),
        ({"cases": "title=nothing"}, "no 'cases' with 'nothing'"),
        ({"nowhere": "title"}, "no 'nowhere'"),
        ({"L5 work": "title"}, "no 'L5 work'"),
        ({"L2 fun": "title"}, "no 'L2 fun'"),
        ({"holds": "title"}, "holds nothing"),
    ],
)
def test_a_field_must_be_said_once_and_truly(said: dict[str, str], complaint: str) -> None:
    model = type("Said", (Shown,), {"__annotations__": {"title": str}, "__shows__": shows(said)})
    with pytest.raises(Unclassified, match=complaint):
        facts_of(model)


def test_a_field_has_the_grade_of_its_column() -> None:
    assert (facts_of(Outer)["title"].grade, facts_of(Outer)["title"].category) == (2, "report")


@given(
    clearance=st.sampled_from(GRADES),
    opens=st.frozensets(st.tuples(st.sampled_from(sorted(CATEGORIES)), st.sampled_from(GRADES))),
    words=st.text(min_size=1),
)
def test_what_is_above_is_nowhere_in_the_answer(
    clearance: int, opens: frozenset[tuple[str, int]], words: str
) -> None:
    """Whatever the rights: a field is there, or it is null and named; the original is untouched."""
    rights = Rights(clearance, opens)
    inner = Inner(name="n", words=words)
    whole = Outer(title="t", one=inner, many=[inner, inner], by_name={"a": inner})
    found = withhold([whole], rights)[0]
    may = clearance >= 3 or any(one == "report" and up_to >= 3 for one, up_to in opens)
    for one in (found.one, *found.many, *found.by_name.values()):
        assert one is not None and one.name == "n"
        assert (one.words, one.withheld) == ((words, []) if may else (None, ["words"]))
    assert whole.many[0].words == words
    assert some_above(list[Outer], rights) == bool(above(Outer, rights) or not may)


class Plain(BaseModel):
    name: str


class Stuck(Shown):
    __shows__ = shows({"L3 report": "words"})
    words: str | None


class NeverNull(Withholding):
    __shows__ = shows({"L3 report": "words"})
    words: str


@pytest.mark.parametrize(
    "answer, complaint",
    [
        (Plain, "Plain does not derive from Shown"),
        (list[Plain], "Plain does not derive"),
        (dict[str, Any], "no model that says"),
        (None, "say what it sends"),
        (Stuck, "Stuck cannot leave out words"),
        (NeverNull, "NeverNull cannot leave out words"),
    ],
)
def test_a_route_that_could_show_too_much_does_not_start(answer: Any, complaint: str) -> None:
    router = APIRouter(route_class=ShownRoute)

    @router.get("/x", response_model=answer, openapi_extra=needs(PUBLIC))
    async def x() -> Any:
        return None

    with pytest.raises(Unclassified, match=complaint):
        answers.check_answers([router])


def test_a_picture_goes_whole_or_not_at_all() -> None:
    router = APIRouter(route_class=ShownRoute)

    @router.get("/x", response_class=Response, openapi_extra=needs(PUBLIC))
    @sends(Inner)
    async def x() -> Response:
        return Response(b"")

    with pytest.raises(Unclassified, match="Inner cannot leave out words"):
        answers.check_answers([router])


def test_a_router_that_does_not_look_does_not_start() -> None:
    router = APIRouter()

    @router.get("/x", openapi_extra=needs(PUBLIC))
    async def x() -> Inner:
        return Inner(name="n", words="w")

    with pytest.raises(Unclassified, match="route_class"):
        answers.check_answers([router])


def test_a_role_with_less_clearance_stops_what_cannot_be_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Were roles.csv to let an administrator read cases, the program would not start."""
    answers.check_answers(ROUTERS)
    changed = {
        code: replace(role, can=role.can | {"case.read"}) if code == "audit_admin" else role
        for code, role in roles().items()
    }
    monkeypatch.setattr(answers, "roles", lambda: changed)
    with pytest.raises(Unclassified, match="/cases: CaseRow cannot leave out"):
        answers.check_answers(ROUTERS)


def test_every_line_that_opens_a_category_is_needed() -> None:
    """opens.csv is no place for rights that nobody uses: without a line, something is withheld."""
    models = {
        model: route
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, ShownRoute)
        for answer in route.answers
        for model in reached(answer)
    }
    for one in openings():
        facts = [fact for model in models for fact in facts_of(model).values()]
        if one.capability == "vault.read_restricted":
            continue  # the vault itself asks for it, value by value
        assert any(
            fact.category == one.category and 1 < fact.grade <= one.grade for fact in facts
        ), one


async def test_who_does_not_manage_accounts_does_not_see_how_they_are_opened(
    client: httpx.AsyncClient,
) -> None:
    seen = {}
    for login in ("system_admin", "security_admin"):
        await sign_in(client, login)
        items = (await client.get("/accounts")).json()["items"]
        seen[login] = next(one for one in items if one["login"] == "dispatcher")
    assert seen["system_admin"] == seen["security_admin"] | {
        "state": None,
        "second_factor": None,
        "withheld": ["second_factor", "state"],
    }
    assert seen["security_admin"]["state"] == "active"
    assert seen["security_admin"]["withheld"] == []


async def test_administrators_see_that_a_unit_changed_and_not_who_did_it(
    client: httpx.AsyncClient,
) -> None:
    seen = {}
    for login in ("system_admin", "dispatcher"):
        await sign_in(client, login)
        answer = await client.get("/directory/records/unit/dep1/history")
        seen[login] = answer.json()["entries"][0]
    hidden = ["actor", "actor_name", "fields", "reason"]
    assert seen["system_admin"]["withheld"] == hidden
    assert {seen["system_admin"][name] for name in hidden} == {None}
    assert seen["dispatcher"]["withheld"] == []
    assert seen["dispatcher"]["actor"] and seen["dispatcher"]["fields"]
    assert seen["system_admin"]["op"] == seen["dispatcher"]["op"]
