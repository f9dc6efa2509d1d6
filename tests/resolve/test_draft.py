"""Drafts say what the facts say, and leave gaps where they say nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streetwise.resolve.understand.answer_check import AnswerFacts, check, may_go
from streetwise.resolve.understand.draft import (
    SMS_CHARACTERS,
    SMS_LINKED,
    TO_FILL,
    DraftFacts,
    Kind,
    Result,
    draft,
    sms_parts,
)

ALL = DraftFacts(
    number="JD20260601-0007",
    matter="路灯不亮",
    place="幸福里小区东门",
    told_on=date(2026, 6, 1),
    unit="城市管理办公室",
    found="两盏路灯因电缆破损不亮",
    result="fixed",
    done="已更换电缆",
    done_on=date(2026, 6, 3),
    reason="需协调电力部门停电",
    right_body="区路灯管理所",
    planned_by=date(2026, 6, 20),
    phone="010-66661234",
    contacted=True,
    organ="区信访办公室",
    letter="〔2026〕12号",
    review_body="区人民政府",
    channel="晚报",
)
KINDS: tuple[Kind, ...] = get_args(Kind)
WRITTEN = [kind for kind in KINDS if kind != "anonymous"]
RESULTS: tuple[Result, ...] = get_args(Result)
FIELDS = [name for name in DraftFacts.__dataclass_fields__ if name != "result"]


@pytest.mark.parametrize("kind", WRITTEN)
@pytest.mark.parametrize("result", RESULTS)
def test_with_all_facts_nothing_is_left_to_fill(kind: Kind, result: Result) -> None:
    found = draft(kind, replace(ALL, result=result))
    assert found is not None
    assert TO_FILL not in found.text
    assert not found.to_fill
    assert "幸福里小区东门" in found.text
    assert may_go(found.text, frozenset({"010-66661234"}))


def test_nobody_can_be_answered_anonymously() -> None:
    assert draft("anonymous", ALL) is None


@given(
    st.sampled_from(WRITTEN), st.sampled_from([*RESULTS, None]), st.sets(st.sampled_from(FIELDS))
)
def test_a_gap_stands_exactly_for_what_is_named_as_missing(
    kind: Kind, result: Result | None, unknown: set[str]
) -> None:
    facts = replace(ALL, result=result, **dict.fromkeys(unknown))
    found = draft(kind, facts)
    assert found is not None
    assert set(found.to_fill) <= unknown | ({"result"} if result is None else set())
    assert found.text.count(TO_FILL) >= len(found.to_fill)
    assert (TO_FILL in found.text) == bool(found.to_fill)
    assert may_go(found.text, frozenset({"010-66661234"})) == (not found.to_fill)


@given(st.sampled_from(WRITTEN), st.sampled_from(RESULTS), st.sampled_from(FIELDS))
def test_a_draft_says_nothing_that_the_facts_do_not_say(
    kind: Kind, result: Result, field: str
) -> None:
    value = getattr(ALL, field)
    said = f"{value.year}年{value.month}月{value.day}日" if isinstance(value, date) else str(value)
    found = draft(kind, replace(ALL, result=result, **{field: None}))
    assert found is not None
    assert said not in found.text


@pytest.mark.parametrize("result", [*RESULTS, None])
def test_only_what_was_fixed_is_called_done(result: Result | None) -> None:
    for kind in WRITTEN:
        found = draft(kind, replace(ALL, result=result))
        assert found is not None
        assert ("2026年6月3日" in found.text) == (result == "fixed")
        assert ("区路灯管理所" in found.text) == (result == "not_ours")
        assert ("2026年6月20日" in found.text) == (result == "planned")


def test_each_kind_has_its_form() -> None:
    texts = {kind: found.text for kind in WRITTEN if (found := draft(kind, ALL))}
    assert texts["work_order"].startswith("JD20260601-0007号工单：来电人反映")
    assert "已联系来电人" in texts["work_order"]
    assert texts["referral"].startswith("区信访办公室：\n贵单位〔2026〕12号收悉")
    assert texts["referral"].endswith("特此函复。")
    assert "30日内向区人民政府提出复查申请" in texts["petition"]
    assert "是否满意" in texts["call"]
    assert texts["media"].startswith("晚报：")
    contacted = draft("work_order", replace(ALL, contacted=False))
    assert contacted is not None
    assert "尚未联系上来电人" in contacted.text
    unknown = draft("work_order", replace(ALL, contacted=None))
    assert unknown is not None
    assert "联系来电人" not in unknown.text


def test_the_drafts_meet_the_marks_that_they_are_checked_by() -> None:
    message = "幸福里小区东门的路灯坏了半个月"
    facts = AnswerFacts(place="幸福里小区东门", category="路灯不亮")
    for kind in ("work_order", "referral", "petition", "media"):
        found = draft(kind, ALL)
        assert found is not None
        assert [h.code for h in check(found.text, message, facts) if not h.met] == []


@given(st.text(alphabet="路灯已修好。", max_size=400))
def test_short_messages_are_whole_and_short(text: str) -> None:
    found = sms_parts(text)
    assert "".join(found) == text
    assert all(0 < len(part) <= SMS_CHARACTERS for part in found)
    if len(found) > 1:
        assert all(len(part) <= SMS_LINKED for part in found)


def test_a_short_answer_fits_one_message_mostly() -> None:
    found = draft("sms", ALL)
    assert found is not None
    assert found.parts == tuple(sms_parts(found.text))
    assert len(found.parts) == 1
