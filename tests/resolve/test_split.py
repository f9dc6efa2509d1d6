"""Where a message is cut, and when it is worth it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streetwise.resolve.understand.split import Part, PartGuess, parts, worth_splitting

LAMP, LANE = ("s", "lamp"), ("s", "lane")


def told(text: str, title: str | None = None) -> list[str]:
    return [text[part.start : part.end] for part in parts(title, text)]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        (
            "您好！1、东门的路灯坏了好几天；2、五号楼消防通道停满了车。请分别答复。",
            ["东门的路灯坏了好几天", "五号楼消防通道停满了车"],
        ),
        (
            "张女士来电反映两个问题：一是东门的路灯坏了好几天；二是五号楼消防通道停满了车。",
            ["东门的路灯坏了好几天", "五号楼消防通道停满了车"],
        ),
        (
            "东门的路灯坏了好几天没人修。另外，五号楼消防通道停满了车，谢谢",
            ["东门的路灯坏了好几天没人修", "五号楼消防通道停满了车"],
        ),
        (
            "第一，东门的路灯坏了好几天。第二，五号楼消防通道停满了车。",
            ["东门的路灯坏了好几天", "五号楼消防通道停满了车"],
        ),
        ("东门的路灯坏了好几天", ["东门的路灯坏了好几天"]),
        ("1、2号楼之间的路灯坏了好几天", ["1、2号楼之间的路灯坏了好几天"]),
        ("修了3.5米的路，第二天又坏了", ["修了3.5米的路，第二天又坏了"]),
    ],
)
def test_where_a_message_is_cut(text: str, spans: list[str]) -> None:
    assert told(text) == spans


def test_nothing_is_told_by_an_empty_text() -> None:
    assert parts("标题", "") == []
    assert parts(None, None) == []
    assert parts(None, " 。") == []


_PIECES = st.sampled_from(
    ["您好，", "1、", "2、", "一是", "二是", "3、", "另外，", "同时反映", "还有", "。", "；", " ",
     "东门路灯坏了好几天没人修", "消防通道停满了车过不去人", "谢谢", "请尽快处理",
     "盼复", "\n", "①", "②"]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=14).map("".join) | st.text(max_size=80))
def test_spans_lie_in_the_text_in_order_and_apart(text: str) -> None:
    found = parts(None, text)
    at = 0
    for part in found:
        assert at <= part.start <= part.end <= len(text)
        at = part.end
    if text.strip(" \t\r\n　。；;，,：:！!？?、"):
        assert found


def guesses(*classes: tuple[str, str] | None, sure: bool = True, **part: bool) -> list[PartGuess]:
    return [
        PartGuess(Part(at * 30, at * 30 + 20, **part), cls, 0.9, sure and cls is not None)
        for at, cls in enumerate(classes)
    ]


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (guesses(LAMP), "one_part"),
        (guesses(LAMP, None, numbered=True), "not_sure"),
        (guesses(LAMP, LANE, sure=False, numbered=True), "not_sure"),
        (guesses(LAMP, LAMP, numbered=True), "same_class"),
        (guesses(LAMP, LANE), "in_passing"),
        (guesses(LAMP, LANE, numbered=True, follows=True), "cause_and_effect"),
        (
            guesses(("urban-management", "E-05-06"), ("urban-management", "E-05-03"), placed=True),
            "cause_and_effect",
        ),
        (
            [
                PartGuess(Part(0, 20, True), LAMP, 0.9, True),
                PartGuess(Part(30, 400, True), LANE, 0.9, True),
            ],
            "long_part",
        ),
    ],
)
def test_in_doubt_a_message_stays_whole(found: list[PartGuess], why: str) -> None:
    verdict = worth_splitting(found)
    assert (verdict.split, verdict.why) == (False, why)


def test_two_sure_classes_of_two_told_problems_are_split() -> None:
    assert worth_splitting(guesses(LAMP, LANE, numbered=True)).split
    assert worth_splitting(guesses(LAMP, LANE, placed=True)).split
    assert worth_splitting(guesses(LAMP, None, LANE, placed=True)).split


def test_what_comes_of_the_rain_is_no_second_problem() -> None:
    found = parts(None, "1、东门口积水有一尺深过不去人；2、导致8号楼地下室的电箱跳闸")
    assert [part.follows for part in found] == [False, True]
