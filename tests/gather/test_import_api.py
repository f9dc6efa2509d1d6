"""A file through the API: read and triaged, or refused with a reason, and nothing changed."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import openpyxl  # type: ignore[import-untyped,unused-ignore]
import pytest
from helpers import past_the_walls, run_jobs, sign_in

from streetwise.kernel.runtime import Runtime

HEADER = ["编号", "渠道", "时间", "标题", "内容", "经度", "纬度"]
ROWS: list[list[Any]] = [
    ["A1", "hotline12345", "2026-05-11 09:30:00", "路灯不亮", "梧桐路的路灯坏了三天了", None, None],
    ["A2", "wechat", "2026-05-11 09:31:00", "垃圾", "垃圾桶满了 13800138000", 116.905, 40.115],
    ["A3", "wechat", "昨天", "时间不对", "打 13900139000", None, None],
    ["A4", "grid_worker", "2026-05-11 09:32:00", "𠮷祥里井盖", "井盖响", "116.915", "40.105"],
]
COUNTS = {
    "rows_total": 4,
    "rows_read": 4,
    "rows_new": 3,
    "rows_known": 0,
    "rows_bad": 1,
    "rows_triaged": 3,
}


def as_csv(rows: Sequence[Sequence[Any]], encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def as_xlsx(rows: Sequence[Sequence[Any]]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(HEADER)
    for row in rows:
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def post(
    client: httpx.AsyncClient, content: bytes, name: str = "file", mapping: str = "street-reports"
) -> httpx.Response:
    return await client.post(
        "/imports", data={"mapping": mapping}, files={"file": (name, content)}
    )  # fmt: skip


#: Tables that an import writes to.
TABLES = (
    *("import_batch", "signal", "quarantine", "vault_item", "triage_queue", "cases"),
    *("case_signal", "journal", "area", "source", "procrastinate_jobs"),
)


def counts(runtime: Runtime) -> dict[str, int]:
    """How many rows there are, and how many files."""
    found = {}
    with past_the_walls(runtime) as connection:
        for table in TABLES:
            row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
            assert row is not None
            found[table] = row[0]
    found["files"] = sum(1 for path in runtime.settings.files_path.rglob("*") if path.is_file())
    return found


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (as_csv(ROWS), "来件.csv"),
        (as_csv(ROWS, "utf-8-sig"), "来件.csv"),
        (as_csv(ROWS, "gb18030"), "来件.csv"),
        (gzip.compress(as_csv(ROWS)), "来件.csv.gz"),
        (as_xlsx(ROWS), "来件.xlsx"),
        (as_xlsx(ROWS), "来件.csv"),  # what it is called does not matter
    ],
    ids=["csv", "csv with mark", "gb18030", "gz", "xlsx", "xlsx called csv"],
)
async def test_a_file_becomes_cases(
    runtime: Runtime, client: httpx.AsyncClient, content: bytes, name: str
) -> None:
    await sign_in(client, "duty_officer")
    answer = await post(client, content, name)
    assert answer.status_code == 202, answer.text
    begun = answer.json()
    assert (begun["state"], begun["rows_total"], begun["file_name"]) == ("queued", 4, name)
    await run_jobs(runtime)
    found = (await client.get(f"/imports/{begun['id']}")).json()
    assert {key: found[key] for key in COUNTS} == COUNTS
    assert (found["state"], found["by"], found["area"]) == ("done", "街道值班员甲", "home")
    assert found["problem"] is None
    listed = (await client.get("/imports")).json()["items"]
    assert listed == [found]
    cases = (await client.get("/cases", params={"sort": "number"})).json()["items"]
    assert sorted(case["title"] for case in cases) == ["垃圾", "路灯不亮", "𠮷祥里井盖"]
    places = {case["title"]: case["grid"] and case["grid"]["code"] for case in cases}
    assert places == {"路灯不亮": "g1", "垃圾": "g3", "𠮷祥里井盖": "g2"}
    everything = "\n".join([(await client.get(f"/cases/{case['id']}")).text for case in cases])
    assert "13800138000" not in everything
    assert "[手机]" in everything
    # No file in the clear is left behind.
    assert list((runtime.settings.home / "work").iterdir()) == []
    for path in runtime.settings.files_path.rglob("*"):
        assert path.is_dir() or b"13800138000" not in path.read_bytes()


async def test_a_file_twice_adds_nothing(runtime: Runtime, client: httpx.AsyncClient) -> None:
    await sign_in(client, "dispatcher")
    assert (await post(client, as_csv(ROWS))).status_code == 202
    await run_jobs(runtime)
    before = counts(runtime)
    # Also in another form: what counts is what the rows say.
    for content in (as_csv(ROWS), as_xlsx(ROWS)):
        assert (await post(client, content)).status_code == 202
        await run_jobs(runtime)
    after = counts(runtime)
    for table in ("signal", "cases", "case_signal", "triage_queue", "source", "area"):
        assert after[table] == before[table], table
    newest = (await client.get("/imports")).json()["items"][0]
    assert (newest["rows_new"], newest["rows_known"], newest["rows_bad"]) == (0, 3, 1)


async def test_another_citys_file_is_an_area_of_its_own(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    columns = (
        "case_enquiry_id,open_dt,target_dt,closed_dt,ontime,case_status,case_title,subject,"
        "reason,type,department,neighborhood,location_street_name,latitude,longitude,source"
    )
    row = (
        "101000295613,2011-07-01 00:30:00,2011-07-04 08:30:00,,OVERDUE,Open,Street Light Outages,"
        "Public Works,Street Lights,Street Light Outages,PWDx,Roxbury,1 Main St,42.33,-71.08,"
        "Constituent Call"
    )
    await sign_in(client, "dispatcher")
    answer = await post(client, f"{columns}\n{row}\n".encode(), mapping="boston-311")
    assert answer.status_code == 202, answer.text
    await run_jobs(runtime)
    areas = {area["code"]: area for area in (await client.get("/session")).json()["areas"]}
    assert areas["boston"]["timezone"] == "America/New_York"
    (case,) = (await client.get("/cases", params={"area": "boston"})).json()["items"]
    assert case["number"] == "BOS-20110701-0001"  # Boston's day, not UTC's or ours
    assert case["opened_at"] == "2011-07-01T04:30:00Z"
    assert case["due_at"] == "2011-07-04T12:30:00Z"
    view = (await client.get(f"/cases/{case['id']}")).json()
    assert view["timezone"] == "America/New_York"
    assert view["due_why"] == [{"code": "given_upstream", "params": {"source": "波士顿 311"}}]
    assert (await client.get("/cases", params={"area": "home"})).json()["items"] == []


async def test_quarantine_comes_in_pages_in_the_order_of_the_file(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    rows = [[f"B{n}", "wechat", "昨天", "t", f"手机 1380013{n:04d}", "", ""] for n in range(230)]
    rows[100][2] = "2026-05-11 09:30:00"
    await sign_in(client, "data_steward")
    answer = await post(client, as_csv(rows))
    await run_jobs(runtime)
    seen: list[dict[str, Any]] = []
    cursor: str | None = None
    sizes = []
    while True:
        params = {"cursor": cursor} if cursor else {}
        page = await client.get(f"/imports/{answer.json()['id']}/quarantine", params=params)
        assert "1380013" not in page.text
        assert "昨天" not in page.text
        seen += page.json()["items"]
        sizes.append(len(page.json()["items"]))
        cursor = page.json()["next_cursor"]
        if cursor is None:
            break
    assert [row["row"] for row in seen] == [n for n in range(2, 232) if n != 102]
    assert sizes == [100, 100, 29]
    assert {(row["code"], row["column"]) for row in seen} == {("time_unreadable", "时间")}


HOSTILE = [
    pytest.param(b"", "street-reports", "file_empty", id="empty"),
    pytest.param(as_csv([]), "street-reports", "file_empty", id="header only"),
    pytest.param(as_csv(ROWS), "messages", "mapping_columns_missing", id="other columns"),
    pytest.param(bytes(range(256)) * 40, "street-reports", None, id="noise"),
    pytest.param(as_xlsx(ROWS)[:-200], "street-reports", None, id="workbook cut off"),
    pytest.param(b"PK\x03\x04" + bytes(400), "street-reports", None, id="zip of nothing"),
    pytest.param(b"%PDF-1.7 %%EOF" * 50, "street-reports", None, id="pdf"),
    pytest.param(gzip.compress(as_csv(ROWS))[:-9], "street-reports", None, id="gzip cut off"),
    pytest.param(gzip.compress(bytes(30 << 20)), "street-reports", None, id="gzip bomb"),
    pytest.param(b"<html><body>404</body></html>", "street-reports", None, id="a web page"),
]


@pytest.mark.parametrize(("content", "mapping", "code"), HOSTILE)
async def test_a_file_that_cannot_be_used_is_refused_and_changes_nothing(
    runtime: Runtime, client: httpx.AsyncClient, content: bytes, mapping: str, code: str | None
) -> None:
    await sign_in(client, "dispatcher")
    before = counts(runtime)
    answer = await post(client, content, mapping=mapping)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == code if code else problem["code"] != "validation"
    assert problem["detail"].endswith(".")
    assert "Traceback" not in problem["detail"]
    assert counts(runtime) == before
    assert list((runtime.settings.home / "work").iterdir()) == []


async def test_an_unknown_mapping_changes_nothing_and_says_which_there_are(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await sign_in(client, "dispatcher")
    before = counts(runtime)
    answer = await post(client, as_csv(ROWS), mapping="../../etc/passwd")
    assert (answer.status_code, answer.json()["code"]) == (404, "mapping_unknown")
    assert "street-reports" in answer.json()["detail"]
    assert counts(runtime) == before
    listed = (await client.get("/mappings")).json()
    assert {one["name"] for one in listed} >= {"street-reports", "messages", "boston-311"}


async def test_too_many_rows_and_too_many_bytes_are_refused(
    runtime: Runtime, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign_in(client, "dispatcher")
    before = counts(runtime)
    monkeypatch.setattr(runtime.settings, "import_max_rows", 3)
    answer = await post(client, as_csv(ROWS))
    assert answer.status_code == 422
    assert answer.json()["code"] == "too_many_rows"
    monkeypatch.setattr(runtime.settings, "import_max_rows", 100)
    monkeypatch.setattr(runtime.settings, "import_max_bytes", 300)
    answer = await post(client, as_csv(ROWS))
    assert (answer.status_code, answer.json()["code"]) in (
        (413, "file_too_large"),
        (422, "file_too_large"),
    )
    assert counts(runtime) == before


async def test_a_files_name_is_kept_as_a_name_only(
    runtime: Runtime, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    await sign_in(client, "dispatcher")
    for given, kept in (
        ("../../../tmp/evil.csv", "evil.csv"),
        ("C:\\Users\\me\\来件.csv", "来件.csv"),
        ("a" * 300 + ".csv", ("a" * 300 + ".csv")[-200:]),
        ("名\u0000字.csv", None),
    ):
        answer = await post(client, as_csv(ROWS), given)
        if kept is None:
            assert answer.status_code in (202, 422), answer.text
        else:
            assert answer.json()["file_name"] == kept
    assert not (tmp_path / "evil.csv").exists()
