"""What officers correct counts at once, teaches the next batch, and is kept over the night."""

from __future__ import annotations

from typing import Any

import httpx
from helpers import SYSTEM, report, run_jobs, sign_in, spot, take_in_rows
from sqlalchemy import select, text

from streetwise.kernel.runtime import Runtime
from streetwise.resolve.learning import classifier as kept
from streetwise.resolve.learning.jobs import learn
from streetwise.resolve.tables import Case

#: A word that no taxonomy and no example of ours knows.
ODD = "咕噜柜又吱吱响了，麻烦来看看咕噜柜"
CLASS = "urban-management:E-01-10"


async def cases(runtime: Runtime) -> list[Case]:
    async with runtime.database.read(SYSTEM) as session:
        return list((await session.execute(select(Case).order_by(Case.id))).scalars())


async def correct(client: httpx.AsyncClient, case: Case, **form: Any) -> httpx.Response:
    version = (await client.get(f"/cases/{case.id}")).json()["version"]
    return await client.post(
        f"/cases/{case.id}/correct", json=form, headers={"If-Match": f'"{version}"'}
    )


async def test_a_correction_teaches_at_once_and_over_the_night(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await take_in_rows(runtime, [report("1", "", ODD, **spot(1))])
    (case,) = await cases(runtime)
    assert (case.category_code, "category" in case.doubts) == (None, True)
    await sign_in(client, "dispatcher")
    (item,) = (await client.get("/desk")).json()["items"]
    assert item["case"]["id"] == str(case.id)
    answer = await correct(client, case, category=CLASS)
    assert answer.status_code == 200, answer.text
    assert "category" not in answer.json()["doubts"]
    shown = (await client.get(f"/cases/{case.id}")).json()
    assert (shown["category"]["code"], shown["category_why"]["code"]) == (
        "E-01-10", "category_operator",
    )  # fmt: skip
    assert shown["due_at"] is not None
    await take_in_rows(runtime, [report("2", "", f"{ODD}啊", **spot(40))])
    assert (await cases(runtime))[1].category_code == "E-01-10"
    # The night: trained anew, taken into use by every process, and nothing is forgotten.
    await learn(runtime)
    kept._KEPT.clear()
    await take_in_rows(runtime, [report("3", "", f"{ODD}呀", **spot(60))])
    assert (await cases(runtime))[2].category_code == "E-01-10"
    found = (await client.get("/learning")).json()
    assert (found["lessons"], len(found["nights"])) == (1, 1)
    await learn(runtime)
    assert len((await client.get("/learning")).json()["nights"]) == 1


async def test_a_wrong_correction_changes_nothing(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await take_in_rows(runtime, [report("1", "", ODD, **spot(1))])
    (case,) = await cases(runtime)
    await sign_in(client, "dispatcher")
    for form, code in (
        ({"category": "urban-management:X-9"}, "class_unknown"),
        ({"place": "nowhere"}, "place_unknown"),
        ({}, "no_word"),
    ):
        answer = await correct(client, case, **form)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    stale = await client.post(
        f"/cases/{case.id}/correct", json={"category": CLASS}, headers={"If-Match": '"7"'}
    )
    assert stale.status_code == 412
    assert (await client.get("/learning")).json()["lessons"] == 0
    (after,) = await cases(runtime)
    assert (after.version, after.category_code) == (1, None)


async def test_a_place_is_corrected_and_what_is_compared_follows(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    words = ("路灯不亮", "门口的路灯坏了三天了，晚上看不见路，请尽快处理。")
    await take_in_rows(runtime, [report("1", *words)])
    (case,) = await cases(runtime)
    assert (case.lon, "place" in case.doubts) == (None, True)
    await sign_in(client, "dispatcher")
    assert (await correct(client, case, place="p2")).status_code == 200
    (case,) = await cases(runtime)
    assert (case.place_text, case.grid_id is not None, case.doubts) == ("松柏家园", True, [])
    async with runtime.database.read(SYSTEM) as session:
        voice = (await session.execute(text("SELECT voice FROM case_print"))).scalar_one()
    assert (voice["voices"][0]["lon"], voice["voices"][0]["lat"]) == (case.lon, case.lat)


async def test_what_may_stay_as_it_is_leaves_the_desk(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await take_in_rows(runtime, [report("1", "", ODD)])
    (case,) = await cases(runtime)
    await sign_in(client, "dispatcher")
    answer = await correct(client, case, settled=["category", "place"])
    assert answer.status_code == 200, answer.text
    desk = (await client.get("/desk")).json()
    assert (desk["items"], desk["count"]) == ([], {"value": 0, "exact": True})
    await run_jobs(runtime)


async def test_the_likeliest_classes_have_their_names(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    """One that the taxonomy does not have is shown by its code."""
    await take_in_rows(runtime, [report("1", "路灯不亮", "路灯坏了，晚上看不见路。", **spot(1))])
    ranked = [
        {"scheme": "urban-management", "code": code, "confidence": share}
        for code, share in (("P-01-37", 0.6), ("X-00-00", 0.1))
    ]
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        case = (await uow.session.execute(select(Case))).scalar_one()
        case.category_ranked = ranked
    await sign_in(client, "dispatcher")
    found = (await client.get(f"/cases/{case.id}/understanding")).json()["categories"]
    assert [one["name"] for one in found] == ["路灯", "X-00-00"]
