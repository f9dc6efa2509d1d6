"""The three marks of an answer, and what must not stand in it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from streetwise.resolve.understand.answer_check import (
    AnswerFacts,
    check,
    may_go,
    others_data,
)

HERE = Path(__file__).resolve()
REAL = HERE.parents[3] / "shared" / "data" / "text" / "附件4_留言与答复_2816.xlsx"
VERDICTS = HERE.parents[1] / "data" / "answer_marks_attachment4.csv"

MESSAGE = "幸福里小区东门的路灯坏了半个月，晚上出门看不清路"
GOOD = (
    "您好！您反映的幸福里小区东门路灯不亮的问题收悉。经现场核查，该处两盏路灯因电缆破损不亮。"
    "我办已联系路灯管理所更换电缆，已于6月3日修复。如有疑问请致电12345。"
)


def codes(answer: str, message: str = MESSAGE, facts: AnswerFacts = AnswerFacts()) -> set[str]:  # noqa: B008 - frozen
    return {hint.code for hint in check(answer, message, facts) if not hint.met}


def test_a_good_answer_meets_all_three_marks() -> None:
    hints = check(GOOD, MESSAGE, AnswerFacts(place="幸福里小区"))
    assert [(hint.mark, hint.met) for hint in hints] == [
        ("complete", True),
        ("explained", True),
        ("relevant", True),
    ]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("您好，留言已收悉。", "says_nothing"),
        (
            "您好，您反映的幸福里小区东门路灯的问题我们非常重视，感谢您对我们工作的关心与支持！",
            "nothing_done",
        ),
        (
            "您好，您反映的幸福里小区东门路灯的问题我们非常重视，感谢您对我们工作的关心与支持！",
            "nothing_found",
        ),
        (
            "您反映的幸福里小区东门路灯问题，经现场核查路灯电缆破损，将安排更换，请您耐心等待。",
            "no_date",
        ),
        (
            "您好，您反映的幸福里小区东门路灯的问题我们非常重视，感谢您对我们工作的关心与支持！",
            "no_ground",
        ),
        (
            "经现场核查，垃圾清运车由于故障晚到，已于6月3日清理完毕，请监督，电话12345。",
            "matter_not_named",
        ),
    ],
)
def test_what_an_answer_lacks_is_named(answer: str, code: str) -> None:
    assert code in codes(answer)


def test_a_place_that_is_known_should_be_named() -> None:
    answer = "经现场核查，垃圾清运车由于故障晚到，已于6月3日清理完毕，请监督，电话12345。"
    hints = check(answer, MESSAGE, AnswerFacts(place="幸福里"))
    assert ("place_not_named", {"place": "幸福里"}) in [(h.code, h.params) for h in hints]


def test_a_missing_telephone_number_only_advises() -> None:
    hints = check(GOOD.replace("如有疑问请致电12345。", ""), MESSAGE, AnswerFacts())
    assert [(h.mark, h.met) for h in hints if h.code == "no_contact"] == [("complete", True)]


def test_a_question_needs_no_look_on_the_spot() -> None:
    message = "请问居住证怎么办理，需要哪些材料"
    answer = "您好，办理居住证请您携带身份证和租房合同到社区服务大厅办理，依据《居住证暂行条例》。"
    assert not codes(answer, message, AnswerFacts(question=True))
    assert "nothing_found" in codes(answer, message)


def test_a_gap_is_never_complete() -> None:
    assert "to_fill" in codes(GOOD + "〔待填：联系电话〕")
    assert not may_go(GOOD + "〔待填：联系电话〕")
    assert may_go(GOOD)


def test_data_of_others_keep_an_answer_back_but_for_what_the_office_may_say() -> None:
    answer = GOOD + "联系人电话010-66661234，投诉人张伟女士，手机13800138000。"
    kinds = [span.kind for span in others_data(answer, frozenset({"（010）6666 1234"}))]
    assert kinds == ["name", "mobile"]
    assert "landline" in [span.kind for span in others_data(answer, frozenset())]
    assert not may_go(answer, frozenset({"010-66661234"}))
    assert may_go(GOOD + "联系电话010-66661234。", frozenset({"01066661234"}))


@given(st.text(max_size=200), st.text(max_size=100))
def test_every_mark_is_judged_once_and_what_is_not_met_says_why(answer: str, message: str) -> None:
    hints = check(answer, message, AnswerFacts())
    for mark in ("complete", "explained", "relevant"):
        met = [h for h in hints if h.mark == mark and h.code == mark]
        lacking = [h for h in hints if h.mark == mark and not h.met]
        assert len(met) == (0 if lacking else 1)


@given(st.text(max_size=80))
def test_what_is_found_lies_in_the_answer(answer: str) -> None:
    for span in others_data(answer, frozenset()):
        assert 0 <= span.start < span.end <= len(answer)


def test_forty_real_answers_are_judged_mostly_as_a_reader_judges_them() -> None:
    """Rows and verdicts of one reading; row 1 is the line of headings."""
    if not REAL.exists():
        pytest.skip("the real answers (shared/data/text) are not beside this checkout")
    rows = CalamineWorkbook.from_path(str(REAL)).get_sheet_by_index(0).to_python()
    with VERDICTS.open(encoding="utf-8") as file:
        verdicts = list(csv.DictReader(file))
    agree = dict.fromkeys(("complete", "explained", "relevant"), 0)
    for verdict in verdicts:
        row = [str(value) for value in rows[int(verdict["row"]) - 1]]
        facts = AnswerFacts(question="咨询" in row[2])
        met = {h.code for h in check(row[5], f"{row[2]}。{row[4]}", facts) if h.met}
        for mark in agree:
            agree[mark] += (mark in met) == (verdict[mark] == "1")
    assert len(verdicts) >= 40
    assert min(agree.values()) / len(verdicts) > 0.8
