"""What officers correct counts at once, teaches the next batch, and is kept over the night."""

from __future__ import annotations

from typing import Any

import httpx
from helpers import SYSTEM, report, run_jobs, sign_in, spot, take_in_rows
from sqlalchemy import select, text

from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.inputs import Item
from streetwise.resolve.knowledge import know
from streetwise.resolve.learning import classifier as kept
from streetwise.resolve.learning.actions import Correction
from streetwise.resolve.learning.actions import correct as correct_it
from streetwise.resolve.learning.jobs import learn
from streetwise.resolve.learning.repository import lessons_since
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
    figures = found["nights"][0]["figures"]
    assert figures["judged"] > 0
    assert 0 < figures["accuracy"] <= 1
    assert 0 <= figures["calibration_error"] < 1
    assert "mark" not in figures
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


async def test_a_lesson_that_commits_behind_a_later_one_still_counts(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    """Two connections: the earlier word is committed last, after the later one was learned."""
    other = "叮当盒子又冒泡了，请来看看叮当盒子"
    rows = [report("1", "", ODD, **spot(1)), report("2", "", other, **spot(900))]
    await take_in_rows(runtime, rows)
    both = await cases(runtime)
    async with runtime.database.read(SYSTEM) as session:
        knowledge = await know(session, SYSTEM, {both[0].area})
    said = Correction(category=("urban-management", "E-01-10"))
    async with runtime.database.unit_of_work(SYSTEM) as slow:
        await correct_it(slow, SYSTEM, Item(both[0].id, both[0].version), said, knowledge)
        await slow.session.flush()
        async with runtime.database.unit_of_work(SYSTEM) as quick:
            await correct_it(quick, SYSTEM, Item(both[1].id, both[1].version), said, knowledge)
        assert await taught(runtime) == [False, True]
    assert await taught(runtime) == [True, True]
    async with runtime.database.read(SYSTEM) as session:
        mark = kept._KEPT[session.bind].mark
        again = await lessons_since(session, Viewer.system("learning"), mark)
    assert again == ([], mark)


async def taught(runtime: Runtime) -> list[bool]:
    """Whether a correction decides about each of the two odd texts."""
    async with runtime.database.read(SYSTEM) as session:
        known = await kept.classifier(session)
    asked = [(None, ODD), (None, "叮当盒子又冒泡了，请来看看叮当盒子")]
    return [guess.taught for guess in known.guess(asked)]
