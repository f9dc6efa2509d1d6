"""One value at a time, for a purpose, in the journal first; looked up whole; forgotten for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from helpers import SYSTEM, act, report, sign_in, take_in_rows
from sqlalchemy import func, select

from streetwise.gather.mapping import Mapping, mapping_named
from streetwise.kernel.journal import Journal
from streetwise.kernel.runtime import Runtime
from streetwise.privacy import repository
from streetwise.privacy.tables import VaultField, VaultItem, VaultKey, VaultReason

MOBILE, ID_CARD, PLATE = "13800138000", "110101198506158774", "京A12345"
OTHER_MOBILE = "13911112222"
TEXT = f"𠮷先生：电话{MOBILE}，身份证{ID_CARD}，车{PLATE}，请尽快处理"


def with_contact() -> Mapping:
    """The daily file with a column for who reported."""
    how = mapping_named("street-reports")
    return replace(how, columns={**how.columns, "reporter": "联系方式"})


def row(number: str, text: str, contact: str | None = None) -> dict[str, Any]:
    at = {"lon": 116.905, "lat": 40.105}
    return {**report(number, f"第{number}件", text, **at), "联系方式": contact}  # type: ignore[arg-type]


@pytest.fixture
async def cases(runtime: Runtime) -> None:
    """1: numbers in the text; 2 and 3: of one reporter; 4: of another, names the first's number."""
    rows = [
        row("1", TEXT),
        row("2", "路灯不亮了，请尽快派人来修一下", f"张女士 {OTHER_MOBILE}"),
        row("3", "垃圾桶满了很多天，没有人来清理", OTHER_MOBILE),
        row("4", f"邻居{OTHER_MOBILE}家漏水，请联系他本人", "13712345678"),
    ]
    await take_in_rows(runtime, rows, mapping=with_contact())


async def case_of(client: httpx.AsyncClient, number: str) -> dict[str, Any]:
    rows = (await client.get("/cases", params={"limit": 200})).json()["items"]
    (found,) = [one for one in rows if one["title"] == f"第{number}件"]
    whole: dict[str, Any] = (await client.get(f"/cases/{found['id']}")).json()
    return whole


async def fields_of(client: httpx.AsyncClient, number: str) -> tuple[str, dict[str, int]]:
    """(signal, kind → n) of a case."""
    signal = (await case_of(client, number))["signals"][0]["id"]
    answer = await client.get(f"/signals/{signal}/personal")
    assert answer.status_code == 200, answer.text
    return signal, {one["kind"]: one["n"] for one in answer.json()["fields"]}


async def reveal(
    client: httpx.AsyncClient, item: str, n: int, purpose: str = "call_back", **more: Any
) -> httpx.Response:
    return await client.post(f"/vault/fields/{item}/{n}/reveal", json={"purpose": purpose, **more})


async def entries(runtime: Runtime, action: str) -> Sequence[Journal]:
    async with runtime.database.read(SYSTEM) as session:
        query = select(Journal).where(Journal.action == action).order_by(Journal.seq)
        return (await session.execute(query)).scalars().all()


async def test_the_list_says_kinds_and_places_and_no_value(
    client: httpx.AsyncClient, cases: None
) -> None:
    await sign_in(client, "duty_officer")
    case = await case_of(client, "1")
    (signal,) = case["signals"]
    answer = await client.get(f"/signals/{signal['id']}/personal")
    found = answer.json()["fields"]
    assert {(one["n"], one["kind"], one["grade"]) for one in found} >= {(0, "original", "L4")}
    kinds = {one["kind"]: one for one in found}
    assert (kinds["mobile"]["grade"], kinds["id_card"]["grade"]) == ("L3", "L4")
    for one in found[1:]:
        token = signal[one["place"]][one["at"] :]  # Python counts code points, as the API does
        assert token.startswith("[")
    for value in (MOBILE, ID_CARD, PLATE):
        assert value not in answer.text
    together = (await client.get(f"/cases/{case['id']}/personal")).json()
    assert together["items"] == [answer.json()]
    assert next(one["code"] for one in together["purposes"]) == "call_back"


async def test_a_value_is_shown_for_a_purpose_and_stands_in_the_journal(
    client: httpx.AsyncClient, runtime: Runtime, cases: None
) -> None:
    await sign_in(client, "duty_officer")
    case = await case_of(client, "1")
    item, fields = await fields_of(client, "1")
    answer = await reveal(client, item, fields["mobile"])
    assert answer.json() == {"kind": "mobile", "value": MOBILE}
    assert answer.headers["cache-control"] == "no-store"
    (entry,) = await entries(runtime, "vault.read")
    assert (entry.grade, entry.subject_kind, str(entry.subject)) == (3, "case", case["id"])
    assert entry.data == {
        "item": item, "n": fields["mobile"], "kind": "mobile", "purpose": "call_back",
    }  # fmt: skip
    assert (await reveal(client, item, fields["id_card"])).json()["value"] == ID_CARD
    assert (await reveal(client, item, fields["plate"])).json()["value"] == PLATE
    assert TEXT in (await reveal(client, item, 0)).json()["value"]
    assert len(await entries(runtime, "vault.read")) == 4


async def test_the_entry_is_committed_before_the_value_is_opened(
    client: httpx.AsyncClient, runtime: Runtime, cases: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever breaks while the value is opened: that it was asked for is in the journal."""
    await sign_in(client, "duty_officer")
    item, fields = await fields_of(client, "1")

    def breaks(*_: Any) -> Any:
        raise ValueError("sealed data was changed")

    monkeypatch.setattr("streetwise.privacy.actions.unwrap", breaks)
    answer = await reveal(client, item, fields["mobile"])
    assert (answer.status_code, answer.json()["code"]) == (500, "vault_unreadable")
    assert len(await entries(runtime, "vault.read")) == 1


async def test_what_cannot_be_recorded_is_not_shown(
    client: httpx.AsyncClient, cases: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign_in(client, "duty_officer")
    item, fields = await fields_of(client, "1")

    async def breaks(*_: Any, **__: Any) -> None:
        raise RuntimeError("the journal is full")

    monkeypatch.setattr("streetwise.kernel.journal.write", breaks)
    with pytest.raises(RuntimeError, match="journal is full"):
        await reveal(client, item, fields["mobile"])


async def test_who_may_open_what(client: httpx.AsyncClient, runtime: Runtime, cases: None) -> None:
    await sign_in(client, "duty_officer")
    item, fields = await fields_of(client, "1")
    expected = {
        "dispatcher": (200, 403, 403),  # vault.read alone
        "community_worker": (200, 403, 403),  # its own community's case
        "worker2": (404, 404, 404),  # another community's
        "street_commander": (403, 403, 403),  # sees the case, opens nothing
        "data_steward": (404, 404, 404),
        "security_admin": (404, 404, 404),
    }
    for login, right in expected.items():
        await sign_in(client, login)
        found = [(await reveal(client, item, fields[kind])).status_code
                 for kind in ("mobile", "id_card", "original")]  # fmt: skip
        assert tuple(found) == right, login
    assert len(await entries(runtime, "vault.read")) == 2


async def test_a_reading_needs_a_purpose_of_the_list(
    client: httpx.AsyncClient, runtime: Runtime, cases: None
) -> None:
    await sign_in(client, "duty_officer")
    item, fields = await fields_of(client, "1")
    for purpose, more, code in (
        ("curiosity", {}, "purpose_unknown"),
        ("other", {}, "reason_needed"),
        ("legal", {"reason": " "}, "reason_needed"),
        ("call_back", {"extra": 1}, "validation"),
    ):
        answer = await reveal(client, item, fields["mobile"], purpose, **more)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not await entries(runtime, "vault.read")
    reason = f"派出所来函，当事人 {OTHER_MOBILE}"
    answer = await reveal(client, item, fields["mobile"], "legal", reason=reason)
    assert answer.status_code == 200
    (entry,) = await entries(runtime, "vault.read")
    assert "派出所" not in str(entry.data)
    async with runtime.database.read(SYSTEM) as session:
        kept = (await session.execute(select(VaultReason))).scalar_one()
    assert (str(kept.id), kept.text) == (entry.data["reason"], "派出所来函，当事人 [手机]")
    await sign_in(client, "audit_admin")
    (use,) = (await client.get("/vault/uses")).json()
    assert (use["kind"], use["purpose"], use["reason"]) == ("mobile", "legal", kept.text)


async def test_what_is_not_there_is_not_there(client: httpx.AsyncClient, cases: None) -> None:
    await sign_in(client, "duty_officer")
    item, _ = await fields_of(client, "1")
    for answer in (await reveal(client, item, 99), await reveal(client, str(uuid4()), 1)):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_there_is_a_limit_per_hour(
    app: FastAPI, client: httpx.AsyncClient, cases: None
) -> None:
    app.state.runtime = replace(
        app.state.runtime,
        settings=app.state.runtime.settings.model_copy(update={"vault_reveals_per_hour": 2}),
    )
    await sign_in(client, "duty_officer")
    item, fields = await fields_of(client, "1")
    answers = [await reveal(client, item, fields["mobile"]) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == "vault_too_many"
    assert 0 < int(answers[2].headers["retry-after"]) <= 3600
    wanted = {"kind": "mobile", "value": MOBILE, "purpose": "call_back"}
    assert (await client.post("/vault/search", json=wanted)).status_code == 429
    await sign_in(client, "dispatcher")
    assert (await reveal(client, item, fields["mobile"])).status_code == 200


async def test_a_note_is_kept_and_opened_like_a_signal(
    client: httpx.AsyncClient, runtime: Runtime, cases: None
) -> None:
    await sign_in(client, "duty_officer")
    case = await case_of(client, "1")
    answer = await act(client, case, "accept", note=f"已联系 {OTHER_MOBILE}")
    assert answer.status_code == 200, answer.text
    assert OTHER_MOBILE not in answer.text
    items = (await client.get(f"/cases/{case['id']}/personal")).json()["items"]
    (note,) = [one for one in items if one["item"] != case["signals"][0]["id"]]
    (field,) = [one for one in note["fields"] if one["kind"] == "mobile"]
    assert (field["place"], field["at"]) == ("note", 4)
    shown = answer.json()["timeline"][-1]
    assert shown["data"]["note"] == note["item"]
    assert (await reveal(client, note["item"], field["n"])).json()["value"] == OTHER_MOBILE


@pytest.mark.parametrize(
    "written", [OTHER_MOBILE, "139 1111-2222", "+86 139 1111 2222", "１３９１１１１２２２２"]
)
async def test_a_number_is_found_however_it_is_written(
    client: httpx.AsyncClient, runtime: Runtime, cases: None, written: str
) -> None:
    await sign_in(client, "duty_officer")
    wanted = {"kind": "mobile", "value": written, "purpose": "supplement"}
    answer = await client.post("/vault/search", json=wanted)
    titles = {one["title"] for one in answer.json()["cases"]}
    assert titles == {"第2件", "第3件", "第4件"}
    (entry,) = await entries(runtime, "vault.searched")
    assert entry.data == {"kind": "mobile", "purpose": "supplement"}
    assert OTHER_MOBILE not in str(entry.data)


async def test_a_search_shows_the_viewers_own_cases_only_and_refuses_parts(
    client: httpx.AsyncClient, cases: None
) -> None:
    await sign_in(client, "dispatcher")
    for kind, value, code in (
        ("mobile", "139", "value_too_short"),
        ("bank_card", "6222021234567890123", "kind_not_searchable"),
        ("original", MOBILE, "kind_not_searchable"),
    ):
        wanted = {"kind": kind, "value": value, "purpose": "call_back"}
        answer = await client.post("/vault/search", json=wanted)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert value not in answer.text
    for kind, value in (("id_card", ID_CARD), ("plate", "京a12345")):
        wanted = {"kind": kind, "value": value, "purpose": "call_back"}
        answer = await client.post("/vault/search", json=wanted)
        assert [one["title"] for one in answer.json()["cases"]] == ["第1件"]


async def numbers_of(runtime: Runtime) -> tuple[int, int, int]:
    """(keys that open, fields, items with content)."""
    async with runtime.database.read(SYSTEM) as session:
        keys = select(func.count()).where(VaultKey.wrapped.is_not(None))
        items = select(func.count()).where(VaultItem.sealed.is_not(None))
        fields = select(func.count()).select_from(VaultField)
        found = [(await session.execute(one)).scalar_one() for one in (keys, fields, items)]
    return found[0], found[1], found[2]


async def test_a_signal_is_forgotten_and_the_masked_text_stays(
    client: httpx.AsyncClient, runtime: Runtime, cases: None
) -> None:
    await sign_in(client, "duty_officer")
    item, fields = await fields_of(client, "1")
    before = await case_of(client, "1")
    await sign_in(client, "data_steward")
    target = {"upstream_key": "1"}
    assert (await client.post("/vault/forget/preview", json=target)).json() == {
        "items": 1, "reporters": 0,
    }  # fmt: skip
    body = {**target, "reason": f"本人申请 {MOBILE}"}
    assert (await client.post("/vault/forget", json=body)).json() == {"items": 1, "reporters": 0}
    (entry,) = await entries(runtime, "vault.forgotten")
    assert (entry.subject_kind, str(entry.subject)) == ("case", before["id"])
    assert MOBILE not in str(entry.data)
    # Again, nothing more happens.
    assert (await client.post("/vault/forget", json=body)).json() == {"items": 0, "reporters": 0}
    assert len(await entries(runtime, "vault.forgotten")) == 1
    await sign_in(client, "duty_officer")
    for n in (0, fields["mobile"]):
        answer = await reveal(client, item, n)
        assert (answer.status_code, answer.json()["code"]) == (410, "vault_forgotten")
    assert not await entries(runtime, "vault.read")
    personal = (await client.get(f"/signals/{item}/personal")).json()
    assert personal == {"item": item, "forgotten": True, "fields": []}
    after = await case_of(client, "1")
    assert after["signals"] == before["signals"]
    wanted = {"kind": "mobile", "value": MOBILE, "purpose": "call_back"}
    assert (await client.post("/vault/search", json=wanted)).json()["cases"] == []


async def test_a_number_is_forgotten_with_all_that_its_reporter_said(
    client: httpx.AsyncClient, runtime: Runtime, cases: None
) -> None:
    await sign_in(client, "data_steward")
    target = {"number": {"kind": "mobile", "value": "139 1111 2222"}}
    body = {**target, "reason": "本人申请"}
    keys, _, _ = await numbers_of(runtime)
    preview = (await client.post("/vault/forget/preview", json=target)).json()
    assert preview == {"items": 3, "reporters": 1}
    assert (await numbers_of(runtime))[0] == keys
    assert (await client.post("/vault/forget", json=body)).json() == preview
    assert (await numbers_of(runtime))[0] == keys - 4
    told = await entries(runtime, "vault.forgotten")
    assert sorted(one.subject_kind for one in told) == ["case", "case", "case", "vault"]
    # Whoever calls from the number again is a new reporter.
    await take_in_rows(
        runtime,
        [row("5", "公园里的长椅断了一条腿，坐上去会摔", OTHER_MOBILE)],
        mapping=with_contact(),
    )
    await sign_in(client, "duty_officer")
    item, fields = await fields_of(client, "5")
    assert (await reveal(client, item, fields["mobile"])).json()["value"] == OTHER_MOBILE
    other, fields = await fields_of(client, "1")
    assert (await reveal(client, other, fields["mobile"])).json()["value"] == MOBILE


async def test_a_number_in_an_officers_note_is_forgotten_too(
    client: httpx.AsyncClient, runtime: Runtime, cases: None
) -> None:
    """Who forgets sees no case, and so no note: it is looked for with the system's eyes."""
    number = "13700137000"
    await sign_in(client, "dispatcher")
    case = await case_of(client, "1")
    case = (await act(client, case, "accept", note=f"已电话联系居民 {number}，约定明天上门")).json()
    await sign_in(client, "data_steward")
    target = {"number": {"kind": "mobile", "value": number}}
    body = {**target, "reason": "本人申请"}
    assert (await client.post("/vault/forget", json=body)).json()["items"] == 1
    (entry,) = await entries(runtime, "vault.forgotten")
    assert (entry.subject_kind, str(entry.subject)) == ("case", case["id"])
    await sign_in(client, "duty_officer")
    wanted = {"kind": "mobile", "value": number, "purpose": "call_back"}
    assert (await client.post("/vault/search", json=wanted)).json()["cases"] == []


async def test_one_signal_leads_to_all_of_its_reporter(
    client: httpx.AsyncClient, runtime: Runtime, cases: None
) -> None:
    await sign_in(client, "data_steward")
    body = {"upstream_key": "2", "whole_reporter": True, "reason": "本人申请"}
    assert (await client.post("/vault/forget", json=body)).json() == {"items": 2, "reporters": 1}


async def test_destroying_a_reporters_key_alone_closes_all_of_theirs(
    client: httpx.AsyncClient, runtime: Runtime, cases: None
) -> None:
    """What the hierarchy is for: the items' own keys are still there, and open nothing."""
    await sign_in(client, "duty_officer")
    item, fields = await fields_of(client, "2")
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        reporter = await uow.session.scalar(
            select(VaultItem.reporter_id).where(VaultItem.id == item)
        )
        assert reporter is not None
        await repository.destroy(uow.session, [reporter], uow.now)
    assert (await reveal(client, item, fields["mobile"])).status_code == 410
    async with runtime.database.read(SYSTEM) as session:
        key = await session.get(VaultKey, item)
    assert key is not None
    assert key.wrapped is not None


async def test_a_forgetting_names_one_thing_and_says_why(
    client: httpx.AsyncClient, cases: None
) -> None:
    await sign_in(client, "data_steward")
    for body, status in (
        ({"reason": "x x"}, 422),
        ({"upstream_key": "1", "number": {"kind": "mobile", "value": MOBILE}, "reason": "xx"}, 422),
        ({"upstream_key": "1", "reason": " "}, 422),
        ({"upstream_key": "nobody's", "reason": "xx"}, 404),
    ):
        assert (await client.post("/vault/forget", json=body)).status_code == status
    numbers = (await client.get("/vault")).json()
    assert (numbers["items"], numbers["reporters"], numbers["items_forgotten"]) == (4, 2, 0)
