"""The process view through the product: steps from the journal, routes, an export."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

import httpx
import pytest
from helpers import SYSTEM, sign_in
from resolve.test_scores import handled
from sqlalchemy import select, text

from streetwise.kernel.clock import HandClock
from streetwise.kernel.journal import Journal
from streetwise.kernel.runtime import Runtime
from streetwise.resolve import replay
from streetwise.resolve.flow.actions import derive_steps
from streetwise.resolve.flow.event_log import NAMESPACE
from streetwise.resolve.flow.tables import CaseStep
from streetwise.resolve.scores.actions import derive_facts
from streetwise.resolve.tables import Case

DAYS = {"since": "2026-04-01", "until": "2026-05-31"}


async def rows(runtime: Runtime) -> list[Any]:
    async with runtime.database.read(SYSTEM) as session:
        query = text("SELECT * FROM case_step ORDER BY case_id, n")
        return [repr(row) for row in await session.execute(query)]


async def lived(runtime: Runtime, client: httpx.AsyncClient, clock: HandClock) -> None:
    await handled(runtime, client, clock)
    await derive_facts(runtime)
    await derive_steps(runtime)


async def test_steps_are_what_the_journal_says_and_can_be_made_again(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await lived(runtime, client, clock)
    async with runtime.database.read(SYSTEM) as session:
        for case in (await session.execute(select(Case))).scalars():
            entries = await session.execute(
                select(Journal.action, Journal.data)
                .where(Journal.subject == case.id)
                .order_by(Journal.seq)
            )
            told = replay.fold([(row[0], row[1]) for row in entries])
            steps = list(
                (
                    await session.execute(
                        select(CaseStep).where(CaseStep.case_id == case.id).order_by(CaseStep.n)
                    )
                ).scalars()
            )
            assert steps[-1].to_state == told.state == case.state
            assert (str(steps[-1].unit_id) if steps[-1].unit_id else None) == told.holder
            assert steps[0].at == case.opened_at
            ends = [one.at for one in steps[1:]]
            assert [one.seconds for one in steps[:-1]] == [
                (end - one.at).total_seconds() for one, end in zip(steps, ends, strict=False)
            ]
            assert {one.version for one in steps} == {case.version}
    before = await rows(runtime)
    assert await derive_steps(runtime) == 0
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await uow.session.execute(text("DELETE FROM case_step"))
    assert await derive_steps(runtime) == 3
    assert await rows(runtime) == before


async def test_a_period_its_units_and_the_cases_behind_an_edge(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await lived(runtime, client, clock)
    await sign_in(client, "dispatcher")
    answer = await client.get("/flow", params={**DAYS, "against_since": "2026-01-01"})
    assert answer.status_code == 200, answer.text
    found, against = answer.json()["now"], answer.json()["against"]
    assert (found["cases"], found["closed"], against["cases"]) == (3, 2, 3)
    assert found["bounces"]["sent_back"] == 1
    # Told half an hour before; closed after 8 steps of an hour, and after 6 more.
    assert (found["median"], found["p90"]) == (11.5, 13.9)
    edges = {(one["source"], one["target"]): one for one in found["edges"]}
    assert edges["reported", "handling"]["count"] == 1
    assert edges["reported", "handling"]["median"] == 1
    (unit,) = found["units"]
    assert (unit["cases"], unit["sent_back"], unit["median"]) == (2, 1, 2.5)
    more = {**DAYS, "source": "reported", "target": "handling", "action": "sent_back"}
    behind = (await client.get("/flow/behind", params=more)).json()
    assert [one["waited"] for one in behind["items"]] == [1.0]
    assert behind["more"] is False
    only = (await client.get("/flow", params={**DAYS, "unit": unit["key"]})).json()["now"]
    assert only["cases"] == 2
    other = (await client.get("/flow", params={**DAYS, "unit": str(UUID(int=7))})).json()["now"]
    assert (other["cases"], other["edges"]) == (0, [])
    classes = [one["key"] for one in found["classes"] if one["key"]]
    if classes:
        one = (await client.get("/flow", params={**DAYS, "cls": classes[0]})).json()["now"]
        assert 0 < one["cases"] <= 3
    new = {**DAYS, "target": "received"}
    assert len((await client.get("/flow/behind", params=new)).json()["items"]) == 3


async def test_what_is_exported_names_nobody_and_is_noted(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await lived(runtime, client, clock)
    await sign_in(client, "dispatcher")
    answer = await client.get("/flow/export", params={**DAYS, "format": "xes"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/xml")
    root = ElementTree.fromstring(answer.content)
    events = list(root.iter(f"{{{NAMESPACE}}}event"))
    as_json = await client.get("/flow/export", params={**DAYS, "format": "ocel"})
    told = as_json.json()
    async with runtime.database.read(SYSTEM) as session:
        steps = (await session.execute(text("SELECT count(*) FROM case_step"))).scalar_one()
        titles = list((await session.execute(select(Case.title))).scalars())
        staff = (await session.execute(text("SELECT id, name, login FROM staff"))).all()
        entries = (
            await session.execute(
                select(Journal.data).where(Journal.action == "flow.exported").order_by(Journal.seq)
            )
        ).scalars()
        noted = list(entries)
    assert len(events) == len(told["events"]) == steps == 3 + 2 * 6 + 2
    assert [(one["format"], one["cases"]) for one in noted] == [("xes", 3), ("ocel", 3)]
    resources = {one.attrib["value"] for one in root.iter() if one.get("key") == "org:resource"}
    assert resources == {"dep1"}
    whole = answer.text + json.dumps(told, ensure_ascii=False)
    for word in [*titles, *(str(value) for row in staff for value in (row[0], row[1]))]:
        assert word not in whole


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/flow?since=2026-05-02&until=2026-05-01", "period_unknown"),
        ("/flow?since=2020-01-01&until=2026-05-01", "period_unknown"),
        ("/flow/export?format=csv", "validation"),
        ("/flow/behind?target=nowhere", "validation"),
    ],
)
async def test_bad_questions_are_told_what_to_ask(
    client: httpx.AsyncClient, path: str, code: str
) -> None:
    await sign_in(client, "dispatcher")
    answer = await client.get(path)
    assert answer.status_code == 422
    assert code == "validation" or answer.json()["code"] == code


@pytest.mark.parametrize("path", ["/flow", "/flow/behind?target=closed", "/flow/export?format=xes"])
async def test_who_may_not_read_scores_reads_none(client: httpx.AsyncClient, path: str) -> None:
    await sign_in(client, "department_handler")
    assert (await client.get(path)).status_code == 403
