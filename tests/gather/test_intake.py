"""Intake: what is shown is masked, what came in lies sealed, and nothing gets past."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from helpers import SYSTEM, opened, take_in_rows
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from streetwise.gather import repository
from streetwise.gather.intake import Intake
from streetwise.gather.jobs import accept_file, run_import
from streetwise.gather.mapping import Mapping, Record, apply, mapping_named
from streetwise.gather.tables import Signal
from streetwise.kernel.clock import wall_now
from streetwise.kernel.crypto import KEY_BYTES, Keys
from streetwise.kernel.runtime import Runtime
from streetwise.privacy.keeping import kept_key
from streetwise.privacy.masking import mask
from streetwise.privacy.tables import VaultItem

KEYS, OTHER_KEYS = Keys(bytes(KEY_BYTES)), Keys(b"\x01" * KEY_BYTES)
MOBILE, ID_CARD = "13800138000", "110101198506158774"
SOURCE, BATCH = uuid4(), uuid4()


def record(**changes: Any) -> Record:
    row: dict[str, Any] = {
        "编号": "N-1",
        "渠道": "hotline12345",
        "时间": "2026-05-11 09:30:00",
        "标题": "路灯不亮",
        "内容": "梧桐路的路灯坏了三天了，请尽快处理",
    }
    found = apply(mapping_named("street-reports"), {**row, **changes})
    assert isinstance(found, Record)
    return found


def prepare(one: Record, keys: Keys = KEYS) -> Any:
    how = mapping_named("street-reports")
    (found,) = Intake(keys).prepare(
        [one],
        source_id=SOURCE,
        area="home",
        batch_id=BATCH,
        received_at=wall_now(),
        channels=how.channels,
    )
    return found


def test_what_is_shown_is_masked_and_counted() -> None:
    found = prepare(record(标题=f"找 {MOBILE}", 内容=f"电话{MOBILE}，身份证{ID_CARD}。"))
    assert found.values["title"] == "找 [手机]"
    assert found.values["text"] == "电话[手机]，身份证[身份证]。"
    assert found.values["masked"] == {"mobile": 2, "id_card": 1}
    assert not found.values["text_withheld"]
    assert found.values["channel"] == "12345 热线"


def test_nothing_to_hide_leaves_no_original() -> None:
    found = prepare(record())
    assert found.original is None
    assert found.values["masked"] == {}


@pytest.mark.parametrize("column", ["标题", "内容", "渠道"])
def test_no_column_lets_a_number_through(column: str) -> None:
    found = prepare(record(**{column: f"请打 {MOBILE} 找我"}))
    shown = {key: value for key, value in found.values.items() if not isinstance(value, bytes)}
    assert MOBILE not in str(shown)
    assert MOBILE in str(found.original)


def test_no_fact_no_category_and_no_place_does_either() -> None:
    row = {name: f"{name} {MOBILE}" for name in mapping_named("boston-311").needed_columns}
    row |= {"case_enquiry_id": "1", "longitude": "", "latitude": ""}
    row |= dict.fromkeys(["open_dt", "target_dt", "closed_dt"], "2011-07-01 00:00:00")
    one = apply(mapping_named("boston-311"), row)
    assert isinstance(one, Record)
    found = prepare(one)
    assert MOBILE not in str(found.values)
    assert set(found.values["facts"]) == set(one.facts)


def test_the_reporter_is_known_to_the_vault_alone() -> None:
    row: dict[str, Any] = {
        "留言编号": 1,
        "留言用户": "U0001",
        "留言时间": "2019-01-01",
        "留言详情": "x",
    }
    one = apply(mapping_named("messages"), row)
    assert isinstance(one, Record)
    found = prepare(one)
    assert found.original["reporter"] == "U0001"
    assert "U0001" not in str(found.values)


def test_if_masking_fails_everything_is_withheld_and_kept(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(text: str) -> Any:
        raise RuntimeError(f"cannot mask {text}")

    monkeypatch.setattr("streetwise.gather.intake.mask", fails)
    one = record(内容=f"电话{MOBILE}")
    with caplog.at_level(logging.ERROR):
        found = prepare(one)
    assert found.values["text_withheld"]
    for name in ("title", "text", "reply", "place_text", "channel", "upstream_category"):
        assert found.values[name] is None
    assert found.original["text"] == one.text
    assert MOBILE not in caplog.text


def test_if_only_the_masking_of_facts_fails_they_are_kept_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails_once(text: str) -> Any:
        if text == "7":
            raise RuntimeError("no")
        return mask(text)

    monkeypatch.setattr("streetwise.gather.intake.mask", fails_once)
    row: dict[str, Any] = {"留言编号": 1, "留言时间": "2019-01-01", "留言详情": "x", "点赞数": 7}
    one = apply(mapping_named("messages"), row)
    assert isinstance(one, Record)
    found = prepare(one)
    assert found.values["facts"] == {}
    assert found.original["facts"] == {"点赞数": "7"}


def test_hashes_are_the_same_here_and_different_elsewhere() -> None:
    """Equal content, equal hash, so that an import adds nothing; in another house, another hash."""
    for name in ("content_hash", "text_hash"):
        assert prepare(record()).values[name] == prepare(record()).values[name]
        assert prepare(record()).values[name] != prepare(record(), OTHER_KEYS).values[name]


@pytest.mark.parametrize(
    "change",
    [
        {"编号": "N-2"},
        {"渠道": "wechat"},
        {"时间": "2026-05-11 09:30:01"},
        {"标题": "路灯不亮了"},
        {"内容": "梧桐路的路灯坏了四天了，请尽快处理"},
        {"经度": 116.9, "纬度": 40.1},
    ],
)
def test_every_column_counts_for_the_content(change: dict[str, Any]) -> None:
    assert prepare(record(**change)).values["content_hash"] != prepare(record()).values[
        "content_hash"
    ]  # fmt: skip


def test_columns_do_not_run_into_each_other() -> None:
    one, other = record(标题="甲乙", 内容="丙"), record(标题="甲", 内容="乙丙")
    assert prepare(one).values["content_hash"] != prepare(other).values["content_hash"]


@given(st.text(" \n\t　甲乙丙丁1", min_size=0, max_size=40))
def test_the_same_words_are_a_repeat_whatever_the_spaces(text: str) -> None:
    spaced = prepare(record(标题="t", 内容=text)).values["text_hash"]
    bare = "".join(text.split())
    if len(bare) < 12:
        assert spaced is None  # short words repeat by chance
    else:
        assert spaced == prepare(record(标题="u", 内容=bare)).values["text_hash"]
        assert spaced != prepare(record(标题="t", 内容=bare + "戊")).values["text_hash"]


async def test_an_original_in_the_database_opens_to_what_came_in(runtime: Runtime) -> None:
    how: Mapping = mapping_named("messages")
    rows: list[dict[str, Any]] = [
        {"留言编号": 1, "留言用户": "U1", "留言主题": f"主题 {MOBILE}", "留言时间": "2019-01-01",
         "留言详情": f"  电话{MOBILE}，𠮷先生。\n第二行 ", "点赞数": 3.0},
        {"留言编号": 2, "留言用户": None, "留言时间": "2019-01-01", "留言详情": "没有什么可藏的"},
    ]  # fmt: skip
    await take_in_rows(runtime, rows, mapping=how)
    async with runtime.database.read(SYSTEM) as session:
        signals = {one.source_key: one for one in (await session.execute(select(Signal))).scalars()}
        items = {one.id: one for one in (await session.execute(select(VaultItem))).scalars()}
    assert set(items) == {signals["1"].id}
    item = items[signals["1"].id]
    assert await opened(runtime, item.id) == {
        "title": f"主题 {MOBILE}",
        "text": f"电话{MOBILE}，𠮷先生。\n第二行",
        "reply": None,
        "place_text": None,
        "channel": None,
        "upstream_category": None,
        "facts": {"点赞数": "3"},
        "reporter": "U1",
    }
    assert signals["1"].text == "电话[手机]，𠮷先生。\n第二行"


async def test_an_imported_file_is_gone_when_it_was_read(runtime: Runtime, tmp_path: Path) -> None:
    """It holds every original once more: nothing that is forgotten may live on in it."""
    path = tmp_path / "x.csv"
    path.write_text(f"编号,渠道,时间,标题,内容,经度,纬度\n1,,2026-05-11 09:30:00,灯,{MOBILE},,\n")
    batch = await accept_file(runtime, SYSTEM, "street-reports", path, path.name)

    def stored() -> list[bytes]:
        return [one.read_bytes() for one in runtime.settings.files_path.rglob("*") if one.is_file()]

    (sealed,) = stored()
    opened_by_the_store = runtime.files.get(batch.file_digest)
    assert MOBILE.encode() not in sealed + opened_by_the_store
    backup = sealed
    await run_import(runtime, batch_id=str(batch.id))
    assert stored() == []
    async with runtime.database.read(SYSTEM) as session:
        done = await repository.batch(session, SYSTEM, batch.id)
        assert (done.state, done.rows_new) == ("done", 1)
        # Even with the file back from a backup there is no key for it.
        with pytest.raises(ValueError, match="destroyed"):
            await kept_key(session, SYSTEM, runtime.keys, batch.id)
    assert backup
