"""Cases, photos and imports: each is its own unit's, by whatever route or number one comes."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI
from helpers import sign_in
from web.neighbourhood import ADMINS, AREAS, PEOPLE, Known, Person, words_of
from web.walk import (
    FEW,
    OF_CASES,
    AskAs,
    both_walls,
    filled_in,
    routes,
    second_wall,
    status_of_live,
)

from streetwise.kernel.access import PUBLIC


async def test_lists_map_overview_and_feed_hold_what_the_viewer_sees_and_no_more(
    client: httpx.AsyncClient, cases: list[Known], ask_as: AskAs
) -> None:
    """What the list routes give, by each area, is what the rule says; other words nowhere."""
    for person in FEW:
        ask_as(person)
        if not person.may("case.read"):
            continue
        mine = [case for case in cases if case.seen_by(person)]
        hidden = [case for case in cases if not case.seen_by(person)]
        listed = await client.get("/cases", params={"limit": 200})
        assert {row["number"] for row in listed.json()["items"]} == {c.number for c in mine}
        assert listed.json()["count"] == {"value": len(mine), "exact": True}
        texts = [listed.text]
        for area in AREAS:
            texts += await _area(client, person, area, mine)
        for case in mine:
            texts.append((await client.get(f"/cases/{case.id}")).text)
        everything = "\n".join(texts)
        assert [word for word in words_of(hidden) if word in everything] == [], person.login


async def _area(
    client: httpx.AsyncClient, person: Person, area: str, mine: list[Known]
) -> list[str]:
    here = {case.number for case in mine if case.area == area}
    listed = await client.get("/cases", params={"area": area})
    assert {row["number"] for row in listed.json()["items"]} == here
    answers = [
        await client.get(path, params={"area": area})
        for path in ("/overview", "/map/cases", "/map", "/directory", "/orders")
    ]
    if area not in person.areas:
        assert [answer.status_code for answer in answers] == [404] * 5, (person.login, area)
        return [listed.text, *(answer.text for answer in answers)]
    assert [answer.status_code for answer in answers] == [200] * 5, (person.login, area)
    overview = answers[0].json()
    counters = {one["key"]: one["value"] for one in overview["counters"]}
    assert counters["open"] == len(here)
    about = {entry["subject"]["number"] for entry in overview["feed"]}
    assert about - {None} == here
    assert {one["number"] for one in answers[1].json()["cases"]} <= here
    assert {one["case"]["number"] for one in answers[4].json()["items"]} == here
    return [listed.text, *(answer.text for answer in answers)]


async def test_no_number_leads_from_one_unit_to_anothers_things(
    client: httpx.AsyncClient, cases: list[Known], ask_as: AskAs
) -> None:
    """Ids of cases and photos: hidden and never-there give the same answer."""
    for person in FEW:
        ask_as(person)
        nothings = {path: await client.get(f"/{path}/{uuid4()}") for path in ("cases", "files")}
        for case in cases:
            for path, thing in (("cases", case.id), ("files", case.photo)):
                answer, nothing = await client.get(f"/{path}/{thing}"), nothings[path]
                if case.seen_by(person):
                    assert answer.status_code == 200, (person.login, case.name, path)
                else:
                    assert _bare(answer) == _bare(nothing), (person.login, case.name, path)


def _bare(answer: httpx.Response) -> dict[str, Any]:
    """A refusal but for the id that was asked for."""
    assert answer.status_code in (403, 404)
    content: dict[str, Any] = answer.json()
    for key in ("request_id", "instance", "params"):
        content.pop(key)
    return content


@second_wall
async def test_no_id_of_anything_leads_anywhere_by_another_route(
    client: httpx.AsyncClient, cases: list[Known], ask_as: AskAs
) -> None:
    """Every id, in the place of every other: what does not belong there was never there."""
    for person in FEW:
        ask_as(person)
        hidden = [case for case in cases if not case.seen_by(person)][:2]
        ids = {str(one) for case in hidden for one in (case.id, case.photo)}
        ids |= {str(case.batch) for case in hidden if case.area not in person.areas}
        for route in routes():
            if route.method != "GET" or route.path.count("{") != 1:
                continue
            if PUBLIC in route.needs:
                continue  # takes a token, not an id; tests/resolve/test_call_backs.py tries it
            nothing = await client.get(re.sub(r"\{\w+\}", str(uuid4()), route.path))
            for one in ids:
                answer = await client.get(re.sub(r"\{\w+\}", one, route.path))
                assert answer.status_code == nothing.status_code, (person.login, route)
                assert _bare(answer) == _bare(nothing), (person.login, route)


async def test_anothers_photo_cannot_be_attached(
    client: httpx.AsyncClient, cases: list[Known]
) -> None:
    """By its id in the body of an action: neither one of a case, nor one just uploaded."""
    from web.neighbourhood import a_photo

    await sign_in(client, "both")
    made = await client.post("/files", files={"file": ("p.jpg", a_photo("own"), "image/jpeg")})
    lamp = next(case for case in cases if case.name == "lamp")
    next_door = next(case for case in cases if case.name == "next")
    form: dict[str, Any]
    await sign_in(client, "dispatcher")
    for step in ("accept", "dispatch"):
        version = (await client.get(f"/cases/{lamp.id}")).json()["version"]
        form = {"unit": "dep1"} if step == "dispatch" else {}
        answer = await client.post(
            f"/cases/{lamp.id}/actions/{step}", json=form, headers={"If-Match": f'"{version}"'}
        )
        assert answer.status_code == 200, answer.text
    await sign_in(client, "department_handler")
    for step, photo, right in (
        ("start", None, 200),
        ("report", made.json()["id"], 422),
        ("report", str(next_door.photo), 422),
        ("report", str(uuid4()), 422),
    ):
        version = (await client.get(f"/cases/{lamp.id}")).json()["version"]
        form = {"note": "修好了", "photos": [photo]} if photo else {}
        answer = await client.post(
            f"/cases/{lamp.id}/actions/{step}", json=form, headers={"If-Match": f'"{version}"'}
        )
        assert answer.status_code == right, answer.text
        if right == 422:
            assert answer.json()["code"] == "photo_unknown"


async def test_a_bulk_action_does_not_tell_of_others_cases(
    client: httpx.AsyncClient, cases: list[Known], ask_as: AskAs
) -> None:
    people = [person for person in PEOPLE if person.may("case.start")]
    for person in people:
        ask_as(person)
        items = [{"id": str(case.id), "version": 99} for case in cases]
        answer = await client.post("/cases/actions/start", json={"items": items})
        assert answer.json()["done"] == []
        by_id = {row["id"]: row for row in answer.json()["refused"]}
        for case in cases:
            row = by_id[str(case.id)]
            if case.seen_by(person):
                assert row["problem"]["code"] == "stale_version"
            else:
                assert (row["number"], row["problem"]["code"]) == (None, "not_found")


async def test_administrators_read_no_case_by_any_route(
    app: FastAPI, client: httpx.AsyncClient, cases: list[Known], ask_as: AskAs
) -> None:
    """Three administrators, and the data steward: lists, map, overview, live, story, files."""
    blind = [*ADMINS, *(p for p in PEOPLE if not p.may("case.read") and p not in ADMINS)]
    assert {person.role for person in blind} == {
        "system_admin",
        "security_admin",
        "audit_admin",
        "data_steward",
    }
    graded = list({case.grade: case for case in cases}.values())
    for person in blind:
        ask_as(person)
        texts = []
        for route in routes():
            if route.method != "GET" or route.path == "/live":
                continue
            for case in graded if any(one in route.path for one in OF_CASES) else cases[:1]:
                # Once: what is not known gets another made-up id each time.
                path = filled_in(route.path, case)
                answer = await client.get(path)
                # The instance repeats the address that was asked for: the ids, and the pattern of
                # what is none.
                text = re.sub(r'"instance":"[^"]*"', "", answer.text)
                texts.append(text.replace(path, ""))
                if route.hides:
                    assert answer.status_code == 404
        assert await status_of_live(app, client) == 403
        everything = "\n".join(text for text in texts if '"status":404' not in text)
        assert [word for word in words_of(cases) if word in everything] == []


@both_walls
async def test_an_import_is_seen_in_its_own_area_only(
    client: httpx.AsyncClient, cases: list[Known], ask_as: AskAs
) -> None:
    for person in PEOPLE:
        if not person.may("import.read"):
            continue
        ask_as(person)
        listed = (await client.get("/imports")).json()["items"]
        assert {row["id"] for row in listed} == {
            str(case.batch) for case in cases if case.area in person.areas
        }, person.login


@both_walls
async def test_an_unattached_photo_is_its_uploaders_alone(
    client: httpx.AsyncClient, cases: list[Known]
) -> None:
    await sign_in(client, "inspector")
    from web.neighbourhood import a_photo

    made = await client.post("/files", files={"file": ("p.jpg", a_photo("new"), "image/jpeg")})
    photo = made.json()["id"]
    for person in PEOPLE:
        await sign_in(client, person.login)
        status = (await client.get(f"/files/{photo}")).status_code
        assert status == (200 if person.login == "inspector" else 404), person.login
