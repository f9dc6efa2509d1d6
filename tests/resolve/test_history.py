"""The whole history of a case as a file: masked, safe to open, and written down."""

from __future__ import annotations

import csv
import io
import json
from uuid import uuid4

import httpx
import pytest
from helpers import sign_in
from openpyxl import load_workbook  # type: ignore[import-untyped,unused-ignore]
from resolve.test_orders import bring, do, one, order

from streetwise.kernel.runtime import Runtime

FORMULA = "=HYPERLINK(1) 已更换灯泡，联系电话13800138000。"


async def a_case(runtime: Runtime, client: httpx.AsyncClient) -> str:
    await bring(runtime, order())
    await sign_in(client, "dispatcher")
    found = await one(client)
    assert (await do(client, found, "answer", FORMULA)).status_code == 200
    return str(found["case"]["id"])


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
async def test_it_holds_all_and_nothing_personal(
    runtime: Runtime, client: httpx.AsyncClient, kind: str
) -> None:
    case_id = await a_case(runtime, client)
    answer = await client.get(f"/cases/{case_id}/history.{kind}")
    assert answer.status_code == 200, answer.text
    assert f".{kind}" in answer.headers["content-disposition"]
    if kind == "json":
        told = json.loads(answer.content)
        assert told["case"]["orders"][0]["number"] == "HL1"
        cells = [json.dumps(told, ensure_ascii=False)]
    elif kind == "csv":
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert {row[1] for row in rows[1:]} == {"来件", "全程留痕", "工单", "时限"}
        times = [row[0] for row in rows[1:]]
        assert times == sorted(times)
        cells = [cell for row in rows for cell in row]
    else:
        book = load_workbook(io.BytesIO(answer.content))
        assert book.sheetnames == ["事件", "全程"]
        sheet = [row for name in book.sheetnames for row in book[name].iter_rows(values_only=True)]
        cells = [str(cell) for row in sheet for cell in row if cell is not None]
    whole = "\n".join(cells)
    assert "13800138000" not in whole
    assert "order.answered" in whole and "已更换灯泡" in whole and "梧桐路" in whole
    if kind != "json":
        assert not any(cell.startswith("=") for cell in cells)
    story = (await client.get(f"/cases/{case_id}")).json()["timeline"]
    entry = next(one for one in story if one["action"] == "case.exported")
    assert entry["data"]["format"] == kind


@pytest.mark.parametrize(
    ("language", "header", "answered", "state", "kind"),
    [
        ("zh-CN", "事项", "答复工单 HL1，待上级确认", "状态：已答复，待上级确认", "工单 HL1"),
        ("en", "What", "Answered work order HL1, waiting upstream", "State: ", "Work order HL1"),
    ],
)
async def test_codes_have_their_words_beside_them(
    runtime: Runtime,
    client: httpx.AsyncClient,
    language: str,
    header: str,
    answered: str,
    state: str,
    kind: str,
) -> None:
    case_id = await a_case(runtime, client)
    asked = {"language": language}
    answer = await client.get(f"/cases/{case_id}/history.csv", params=asked)
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][2] == header
    by_code = {row[3]: row for row in rows[1:]}
    assert by_code["order.answered"][2] == answered
    assert by_code["order"][2] == kind
    assert by_code["answered"][2] == "HL1"
    assert by_code["answered"][7].startswith(state)
    assert json.loads(by_code["order.answered"][8])["number"] == "HL1"
    book = load_workbook(
        io.BytesIO((await client.get(f"/cases/{case_id}/history.xlsx", params=asked)).content)
    )
    facts = {row[2]: row[1] for row in book.worksheets[0].iter_rows(values_only=True) if row[2]}
    assert facts["received"] == ("待受理" if language == "zh-CN" else "Received")
    assert facts["problem"] == ("问题" if language == "zh-CN" else "Problem")
    refused = await client.get(f"/cases/{case_id}/history.csv", params={"language": "fr"})
    assert refused.status_code == 422


async def test_who_does_not_see_the_case_gets_no_file(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case_id = await a_case(runtime, client)
    assert (await client.get(f"/cases/{uuid4()}/history.csv")).status_code == 404
    await sign_in(client, "department_handler")
    assert (await client.get(f"/cases/{case_id}/history.csv")).status_code == 404
