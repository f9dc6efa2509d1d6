"""矛盾纠纷: mediated, visited, agreed and kept; who the parties are is in the vault alone."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from helpers import act, past_the_walls, report, sign_in, spot, take_in_rows
from resolve.test_clocks import swept
from resolve.test_duty import journal, told
from resolve.test_merging import cases

from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.resolve.disputes import loop
from streetwise.resolve.disputes.rules import read, rules
from streetwise.resolve.natures.loop import find
from streetwise.resolve.understand.wordlists import load

QUARREL = ("两家因漏水争执", "梧桐路3号两家因漏水赔偿谈不拢，吵起来了，请社区调解。")
WAGES = ("工地讨薪", "梧桐路9号工地包工头欠薪，工友讨薪，双方争执。")
#: Names and words that stand nowhere else in the test's street.
NAME, OTHER, PHONE = "欧阳瞿麦", "尉迟苍术", "13900139007"
SAID, AGREED = "瞿麦女士称愿意让步两成", "苍术先生于六月底前付清三千七百元"
ASSIGN = {"kind": "neighbours", "colour": "yellow", "unit": "c1"}


# --- pure ----------------------------------------------------------------------------------


def test_every_dispute_can_come_to_an_end_and_a_broken_promise_is_mediated_anew() -> None:
    there = {loop.OPEN}
    for _ in loop.STATES:
        there |= {line.target for line in loop.LINES if line.source in there}
    assert there == set(loop.STATES)
    broken = find(loop.LINES, "follow_up", loop.AGREED, "fail")
    assert broken is not None
    assert broken.target == loop.MEDIATING
    assert find(loop.LINES, "agree", loop.OPEN) is None


def test_the_colour_is_offered_by_the_gravest_word() -> None:
    assert rules().colour_of("邻居扬言要动手，多次争吵") == "red"
    assert rules().colour_of("两家谈不拢") == "yellow"
    assert rules().colour_of("楼上走路声音大") == "green"
    days = [one.visit_days for one in rules().colours.values()]
    assert days == sorted(days)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [({"colours": {}}, "colours"), ({"follow_up_days": 0}, "follow-up")],
)
def test_a_table_that_is_wrong_is_not_read(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read({**load("disputes.yaml"), **wrong})


# --- from open to kept ---------------------------------------------------------------------


async def quarrel(
    runtime: Runtime, client: httpx.AsyncClient, number: str = "1", words: Any = QUARREL
) -> str:
    await take_in_rows(runtime, [report(number, *words, **spot(int(number)))])
    case = (await cases(runtime))[-1]
    assert (case.nature, case.nature_state) == ("dispute", "open")
    await sign_in(client, "community_worker")
    return str(case.id)


async def do(client: httpx.AsyncClient, case_id: str, step: str, **form: Any) -> httpx.Response:
    version = (await client.get(f"/cases/{case_id}/dispute")).json()["version"]
    return await client.post(
        f"/cases/{case_id}/dispute/{step}", json=form, headers={"If-Match": f'"{version}"'}
    )


async def done(client: httpx.AsyncClient, case_id: str, step: str, **form: Any) -> dict[str, Any]:
    answer = await do(client, case_id, step, **form)
    assert answer.status_code in (200, 201), answer.text
    view: dict[str, Any] = answer.json()
    return view


async def mediated(client: httpx.AsyncClient, case_id: str) -> dict[str, Any]:
    """Two parties, a visit, and an agreement."""
    await done(client, case_id, "assign", **ASSIGN)
    await done(client, case_id, "parties", role="applicant", name=NAME, phone=PHONE)
    await done(client, case_id, "parties", role="respondent", name=OTHER)
    await done(client, case_id, "visit", result="met_both", note=SAID)
    return await done(client, case_id, "agree", note=AGREED, day="2026-06-10")


async def test_it_is_mediated_agreed_on_and_looked_at_again(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case_id = await quarrel(runtime, client)
    early = await do(client, case_id, "agree", note=AGREED, day="2026-06-10")
    assert (early.status_code, early.json()["code"]) == (409, "dispute_state")
    view = await mediated(client, case_id)
    assert (view["state"], view["visits"], view["mediator"]["code"]) == ("agreed", 1, "c1")
    kinds = [(one["kind"], one["n"], one["role"], one["result"]) for one in view["records"]]
    assert kinds == [
        ("party", 1, "applicant", None), ("party", 2, "respondent", None),
        ("visit", 1, None, "met_both"), ("agreement", 1, None, None),
    ]  # fmt: skip
    # The follow-up waits for its day also when the case is closed, and is asked for then.
    clocks = (await client.get(f"/cases/{case_id}/clocks")).json()["clocks"]
    states = {one["kind"]: one["state"] for one in clocks}
    assert (states["visit"], states["follow_up"]) == ("met", "running")
    await close(client, case_id)
    clock.advance(timedelta(days=40))
    await swept(runtime)
    late = [data for action, data in await journal(runtime) if action == "case.overdue"]
    assert [one["clock"] for one in late] == ["follow_up"]
    await sign_in(client, "community_worker")
    view = await done(client, case_id, "follow_up", result="pass", note="已付清")
    assert view["state"] == "kept"
    assert (await client.get("/disputes", params={"ended": True})).json()["count"] == 1


async def close(client: httpx.AsyncClient, case_id: str) -> None:
    """Through the case's own loop to its end."""
    for login, action, inputs in (
        ("duty_officer", "accept", {}), ("dispatcher", "dispatch", {"unit": "c1"}),
        ("community_worker", "start", {}), ("community_worker", "report", {"note": "已调解"}),
        ("inspector", "verify", {"result": "pass"}), ("dispatcher", "close", {}),
    ):  # fmt: skip
        await sign_in(client, login)
        case = (await client.get(f"/cases/{case_id}")).json()
        answer = await act(client, case, action, **inputs)
        assert answer.status_code == 200, answer.text


async def test_a_broken_agreement_is_mediated_anew_and_no_agreement_can_be_referred(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case_id = await quarrel(runtime, client)
    await mediated(client, case_id)
    view = await done(client, case_id, "follow_up", result="fail", note="没有付")
    assert (view["state"], view["follow_up_on"]) == ("mediating", None)
    # What is mediated is not let go of.
    await sign_in(client, "dispatcher")
    case = (await client.get(f"/cases/{case_id}")).json()
    end = await act(client, case, "close_otherwise", outcome="not_found", note="无")
    assert (end.status_code, end.json()["code"]) == (409, "nature_held")
    await done(client, case_id, "disagree", note="不肯")
    wrong = await do(client, case_id, "refer", body="nobody")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "dispute_body")
    view = await done(client, case_id, "refer", body="court")
    assert (view["state"], view["referred_to"], view["actions"]) == ("referred", "court", [])


async def test_a_colour_says_who_must_know_and_how_often_somebody_goes_there(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case_id = await quarrel(runtime, client, "2", WAGES)
    offered = (await client.get(f"/cases/{case_id}/dispute")).json()
    assert offered["colour"] == "red"
    await done(client, case_id, "assign", **{**ASSIGN, "colour": "red", "kind": "debt"})
    hears = {login for login, _ in await told(runtime, "dispute.assigned")}
    assert "street_commander" in hears
    clock.advance(timedelta(days=1, minutes=1))
    await swept(runtime)
    late = [data["clock"] for action, data in await journal(runtime) if action == "case.overdue"]
    assert "visit" in late


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"unit": "c2"}, "mediator_blind"),
        ({"unit": "nobody"}, "unit_unknown"),
        ({"kind": "no such"}, "dispute_kind"),
        ({"unit": None}, "input_needed"),
    ],
)
async def test_who_mediates_sees_the_case(
    runtime: Runtime, client: httpx.AsyncClient, wrong: dict[str, Any], code: str
) -> None:
    case_id = await quarrel(runtime, client)
    answer = await do(client, case_id, "assign", **{**ASSIGN, **wrong})
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text


# --- the vault -----------------------------------------------------------------------------


async def test_no_party_and_no_word_of_one_stands_anywhere_but_in_the_vault(
    runtime: Runtime, client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    case_id = await quarrel(runtime, client)
    await mediated(client, case_id)
    secrets = (NAME, OTHER, PHONE, SAID, AGREED, "瞿麦", "苍术")
    with past_the_walls(runtime) as connection:
        tables = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p')"
            " AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        for (table,) in tables:
            rows = connection.execute(f'SELECT row_to_json(t)::text FROM "{table}" t').fetchall()
            found = [secret for secret in secrets for (row,) in rows if secret in row]
            assert not found, (table, found)
    for path, params in (
        (f"/cases/{case_id}", {}), (f"/cases/{case_id}/dispute", {}), ("/disputes", {}),
        (f"/cases/{case_id}/personal", {}), ("/cases", {"q": "瞿麦"}), ("/cases", {}),
        ("/overview", {}),
    ):  # fmt: skip
        answer = await client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        assert not [secret for secret in secrets if secret in answer.text], path
    assert (await client.get("/cases", params={"q": "欧阳瞿麦"})).json()["items"] == []
    logged = "".join(capsys.readouterr())
    assert not [secret for secret in secrets if secret in logged]
    # Nothing is found again by its value: no index leads from one dispute to another.
    with past_the_walls(runtime) as connection:
        indexed = connection.execute(
            "SELECT count(*) FROM vault_field f JOIN vault_item i ON i.id = f.item_id"
            " WHERE i.kind = 'dispute' AND (f.blind_index IS NOT NULL OR i.reporter_id IS NOT NULL)"
        ).fetchone()
    assert indexed == (0,)


async def test_a_party_is_shown_for_a_purpose_that_stands_in_the_journal(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case_id = await quarrel(runtime, client)
    view = await mediated(client, case_id)
    items = (await client.get(f"/cases/{case_id}/personal")).json()["items"]
    kept = {one["item"]: one["fields"] for one in items}
    party, other, visit, agreement = view["records"]
    named = [(one["n"], one["kind"]) for one in kept[party["id"]] if one["n"]]
    assert named == [(1, "party_name"), (2, "party_phone")]

    async def reveal(item: str, n: int = 1) -> httpx.Response:
        return await client.post(
            f"/vault/fields/{item}/{n}/reveal", json={"purpose": "contact_on_site"}
        )

    shown = [(await reveal(one["id"])).json()["value"] for one in (party, other, visit, agreement)]
    assert shown == [NAME, OTHER, SAID, AGREED]
    assert (await reveal(party["id"], 2)).json()["value"] == PHONE
    reads = [data for action, data in await journal(runtime) if action == "vault.read"]
    assert len(reads) == 5
    assert not [one for one in reads if NAME in json.dumps(one, ensure_ascii=False)]

    # Who does not see the case finds nothing, and who may not read the vault is told so.
    for login, status in (("worker2", 404), ("data_steward", 404), ("audit_admin", 404)):
        await sign_in(client, login)
        assert (await reveal(party["id"])).status_code == status, login
        assert (await client.get(f"/cases/{case_id}/dispute")).status_code == 404, login
    await sign_in(client, "district_duty_officer")
    assert (await reveal(party["id"])).status_code == 403
    refused = await do(client, case_id, "visit", result="met_one", note="x")
    assert refused.status_code == 403


async def test_the_second_wall_shows_a_party_to_nobody_who_does_not_see_the_case(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case_id = await quarrel(runtime, client)
    view = await mediated(client, case_id)
    wanted = [one["id"] for one in view["records"]]
    counted: dict[str, Any] = {}
    for scope, units in (("street", "{}"), ("community", "{}")):
        with past_the_walls(runtime) as connection:
            for name, value in (
                ("scope", scope), ("units", units), ("areas", "{home}"), ("clearance", "3"),
                ("can", "{case.read,vault.read}"),
            ):  # fmt: skip
                connection.execute(
                    "SELECT set_config(%s, %s, false)", (f"streetwise.{name}", value)
                )
            area = connection.execute("SELECT code FROM area LIMIT 1").fetchone()
            assert area is not None
            connection.execute(
                "SELECT set_config('streetwise.areas', %s, false)", (f"{{{area[0]}}}",)
            )
            counted[scope] = [
                connection.execute(
                    f"SELECT count(*) FROM {table} WHERE id = ANY(%s::uuid[])",
                    (wanted,),
                ).fetchone()
                for table in ("dispute_record", "vault_item")
            ]
    assert counted == {"street": [(4,), (4,)], "community": [(0,), (0,)]}


async def test_a_dispute_that_nobody_has_taken_up_may_be_something_else(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case_id = await quarrel(runtime, client)
    await sign_in(client, "dispatcher")
    seen = await client.get(f"/cases/{case_id}/nature")
    path, etag = f"/cases/{case_id}/nature", seen.headers["etag"]
    said = await client.post(path, json={"nature": "request"}, headers={"If-Match": etag})
    assert (said.json()["nature"], said.json()["state"]) == ("request", None)
    back = await client.post(
        path, json={"nature": "dispute"}, headers={"If-Match": said.headers["etag"]}
    )
    await sign_in(client, "community_worker")
    await done(client, case_id, "parties", role="applicant", name=NAME)
    await sign_in(client, "dispatcher")
    begun = await client.post(
        path, json={"nature": "problem"}, headers={"If-Match": back.headers["etag"]}
    )
    assert (begun.status_code, begun.json()["code"]) == (409, "nature_begun")
